"""Paths, folders and globs -> the files to read, each once, in a fixed order.

Inside a folder no symbolic link is followed: what it leads to within the folder is read where it stands, what lies
outside was not asked for, and a walk that follows nothing cannot go round in circles. A link named by the caller is
followed: that is what the caller asked for. Hidden files and folders, FIFOs, sockets and devices are passed over; each
is named. ``os.walk`` is not used, since it swallows folders that it may not open.
"""

from __future__ import annotations

import glob
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STDIN = "-"
KINDS = (
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read, or one that will not be read.

    Attributes:
        path: for the operating system; may hold any character.
        name: for people: one line, control characters and undecodable bytes escaped.
        status: "" to be read, else skipped or failed.
        reason: why it is not read.
        size: bytes on disk.
        named: whether the caller named this very file, rather than a folder or pattern that holds it.
    """

    path: str
    name: str
    status: str = ""
    reason: str = ""
    size: int = 0
    named: bool = False


def printable(name: str) -> str:
    r"""The name on one line of a terminal: ``a\nb.xml``; letters of all scripts stay as they are."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def find(paths: Iterable[str | os.PathLike[str]]) -> list[Found]:
    """Every file under the paths: folders recursively, names with ``*?[`` that do not exist as globs, ``-`` stdin."""
    seen: set[str] = set()
    files = []
    for given in paths:
        for found in _expand(os.fspath(given)):
            real = found.path if found.path == STDIN else os.path.realpath(found.path)
            # Links lead to the same real path as their target, and must not hide it.
            key = f"{found.status}:{found.path}" if found.status else real
            if key not in seen:
                seen.add(key)
                files.append(found)
    return files


def _expand(path: str) -> Iterator[Found]:
    if path == STDIN:
        yield Found(STDIN, "<stdin>", named=True)
    elif os.path.lexists(path) or not glob.has_magic(path):
        yield from _named(path)
    else:
        matches = sorted(glob.iglob(path, recursive=True))
        if not matches:
            yield _failed(path, "no file matches this pattern")
        for match in matches:
            yield from _named(match)


def _named(path: str) -> Iterator[Found]:
    """A path that the caller gave: links are followed, and hidden names are read."""
    try:
        status = os.stat(path)
    except OSError as error:
        broken = os.path.islink(path)
        yield _failed(path, f"a link that leads nowhere ({_words(error)})" if broken else _words(error))
        return
    if stat.S_ISDIR(status.st_mode):
        yield from _walk(path)
    else:
        yield _file(path, status, named=True)


def _walk(folder: str) -> Iterator[Found]:
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError as error:
        yield _failed(folder, f"the folder cannot be opened: {_words(error)}")
        return
    for entry in entries:
        try:
            yield from _entry(entry)
        except OSError as error:
            yield _failed(entry.path, _words(error))


def _entry(entry: os.DirEntry[str]) -> Iterator[Found]:
    if entry.is_symlink():
        target = printable(os.readlink(entry.path))
        reason = f"a symbolic link (to {target}); links inside a folder are not followed, name the target to read it"
        yield _skipped(entry.path, reason)
    elif entry.name.startswith("."):
        kind = "folder" if entry.is_dir(follow_symlinks=False) else "file"
        yield _skipped(entry.path, f"a hidden {kind}; name it to read it")
    elif entry.is_dir(follow_symlinks=False):
        yield from _walk(entry.path)
    else:
        yield _file(entry.path, entry.stat(follow_symlinks=False), named=False)


def _file(path: str, status: os.stat_result, *, named: bool) -> Found:
    if stat.S_ISREG(status.st_mode):
        return Found(path, printable(path), size=status.st_size, named=named)
    kind = next((words for test, words in KINDS if test(status.st_mode)), "no regular file")
    reason = f"{kind}, not a file; pipe its content to '-' to read it"
    device = stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode)
    return _failed(path, reason) if named and device else _skipped(path, reason)


def _failed(path: str, reason: str) -> Found:
    return Found(path, printable(path), "failed", reason)


def _skipped(path: str, reason: str) -> Found:
    return Found(path, printable(path), "skipped", reason)


def _words(error: OSError) -> str:
    return error.strerror or str(error)
