"""Read the documents of one file: the task of a worker process. Only formats read in the parent use Polars."""

from __future__ import annotations

import os
import stat
import sys
import time
from typing import TYPE_CHECKING

from dedup.feeds.document import Document, Unusable, unexpected
from dedup.feeds.files.archives import open_container
from dedup.feeds.files.discover import STDIN
from dedup.feeds.files.limits import Stopped
from dedup.feeds.formats.content import Content
from dedup.feeds.formats.registry import detect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.feeds.files.archives import Member
    from dedup.feeds.files.limits import Limits


HANDED_BACK = "handed back"
"""The format of a document that a worker leaves to the parent process, which may use Polars."""


def read_file(
    path: str, limits: Limits, columns: Mapping[str, str] | None, *, in_worker: bool = False
) -> list[Document]:
    """Read the documents in a file (several in an archive or workbook); unusable ones have a ``reason``.

    In a worker, a document whose format is read in the parent is handed back unread.
    """
    name, started = "stdin.jsonl" if path == STDIN else path, time.thread_time()

    def content_of(member: Member) -> Content:
        return Content(member.data, member.name or name, limits, columns or {}, started)

    try:
        data, changed = _bytes(path, limits)
        members = open_container(data, limits)
        documents = [document for member in members for document in _documents(member, content_of(member), in_worker)]
    except Unusable as fault:
        return [Document("", reason=str(fault))]
    except OSError as error:
        return [Document("", reason=error.strerror or str(error))]
    except MemoryError:
        return [Document("", reason="not enough memory to read this file")]
    except Exception as error:
        return [Document("", reason=unexpected(error))]
    if changed and documents:
        documents[0].notes.add("", changed)
    return documents or [Document("zip", reason="the zip archive holds no files")]


def _bytes(path: str, limits: Limits) -> tuple[bytes, str]:
    """Return the bytes of a file, and a note if it changed while it was read."""
    if path == STDIN:
        if sys.stdin is None:
            raise Unusable("standard input is closed")
        data = sys.stdin.buffer.read(limits.file_bytes + 1)
        if len(data) > limits.file_bytes:
            raise Unusable(f"standard input is over the limit of {limits.file_bytes:,} bytes")
        return data, ""
    # O_NONBLOCK: a FIFO that replaced the file after the listing must not block the reader.
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise Unusable("no regular file any more")
        if before.st_size > limits.file_bytes:
            raise Unusable(
                f"{before.st_size:,} bytes, over the limit of {limits.file_bytes:,} (file_bytes); split the file"
            )
        data = file.read(limits.file_bytes)
        after = os.fstat(file.fileno()).st_size
    if before.st_size != after or len(data) != after:
        return (
            data,
            f"the file changed while it was read ({before.st_size:,} bytes, then {after:,}); read {len(data):,}",
        )
    return data, ""


def _documents(member: Member, content: Content, in_worker: bool) -> list[Document]:
    """Read the documents in one member of a file (or in the file itself)."""
    if member.reason:
        documents = [Document("", reason=member.reason)]
    else:
        try:
            content.watch.check_time()
            documents = _read(content, in_worker)
        except Stopped as stop:
            documents = [Document("", reason=str(stop))]
        except Unusable as fault:
            documents = [Document("", reason=str(fault))]
            if member.notes:
                documents[0].reason += f" ({member.notes[0].reason})"
        except MemoryError:
            documents = [Document("", reason="not enough memory to read it")]
        except Exception as error:
            documents = [Document("", reason=unexpected(error))]
        documents[0].notes.extend(member.notes)
    for document in documents:
        document.member = "!".join(name for name in (member.name, document.member) if name)
    return documents


def _read(content: Content, in_worker: bool) -> list[Document]:
    """Detect the format and read it."""
    form = detect(content)
    if form.in_parent and in_worker:
        return [Document(HANDED_BACK)]
    read = form.read(content)
    return read if isinstance(read, list) else [read]
