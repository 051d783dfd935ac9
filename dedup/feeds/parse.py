"""One file -> its documents. This is what a worker process does; it touches no Polars but for Parquet."""

from __future__ import annotations

import io
import os
import stat
import sys
from typing import TYPE_CHECKING

from dedup.feeds.document import Document, Unusable, unexpected
from dedup.feeds.files.archives import open_container
from dedup.feeds.files.discover import STDIN
from dedup.feeds.files.encoding import decode
from dedup.feeds.formats.detect import HEAD, sniff
from dedup.feeds.formats.html_pages import read_page
from dedup.feeds.formats.json import read_json, read_lines
from dedup.feeds.formats.markup import read_markup
from dedup.feeds.formats.tables import read_parquet, read_table, read_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.feeds.files.archives import Data, Member
    from dedup.feeds.files.limits import Limits


HANDED_BACK = "handed back"
"""The format of a document left to a process that may use Polars."""


def read_file(path: str, limits: Limits, columns: Mapping[str, str] | None, *, parquet: bool = True) -> list[Document]:
    """The documents in a file (several in an archive); one that cannot be used has a ``reason``.

    Without ``parquet``, a document in that form is handed back unread.
    """
    try:
        data, changed = _bytes(path, limits)
        members = open_container(data, limits)
        documents = [_document(member, path, limits, columns, parquet) for member in members]
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
    """A file's bytes, and a remark when it changed meanwhile."""
    if path == STDIN:
        if sys.stdin is None:
            raise Unusable("standard input is closed")
        data = sys.stdin.buffer.read(limits.file_bytes + 1)
        if len(data) > limits.file_bytes:
            raise Unusable(f"standard input is over the limit of {limits.file_bytes:,} bytes")
        return data, ""
    # O_NONBLOCK: a FIFO put in the file's place after the listing must not hold the reader up.
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


def _document(member: Member, path: str, limits: Limits, columns: Mapping[str, str] | None, parquet: bool) -> Document:
    """The document in one member of a file (or in the file itself)."""
    if member.reason:
        document = Document("", reason=member.reason)
    else:
        try:
            document = _parsed(member.data, member.name or path, limits, columns, parquet)
        except Unusable as fault:
            document = Document("", reason=str(fault))
            if member.notes:
                document.reason += f" ({member.notes[0].reason})"
        except MemoryError:
            document = Document("", reason="not enough memory to read it")
        except Exception as error:
            document = Document("", reason=unexpected(error))
        for note in member.notes:
            document.notes.add(note.place, note.reason)
    document.member = member.name
    return document


def _parsed(data: Data, name: str, limits: Limits, columns: Mapping[str, str] | None, parquet: bool) -> Document:
    form = sniff(data, "stdin.jsonl" if name == STDIN else name, columns)
    if form == "markup":
        return read_markup(data, limits)
    if form == "parquet":
        return read_parquet(data, limits, columns) if parquet else Document(HANDED_BACK)
    if form == "lines" and decode(data[:HEAD]).encoding == "utf-8":
        return read_lines(io.BytesIO(data), limits, columns)
    decoded = decode(data)
    text = decoded.text
    if form == "lines":
        document = read_lines((line.encode() for line in io.StringIO(text)), limits, columns)
    elif form == "json":
        document = read_json(text, limits, columns)
    elif form == "table":
        document = read_table(text, limits, columns)
    elif form == "page":
        document = read_page(text)
    else:
        document = read_text(text, limits)
    for note in decoded.notes:
        document.notes.add(*note)
    document.damaged = document.damaged or decoded.damaged
    return document
