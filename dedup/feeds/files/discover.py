"""List the files under paths, folders and glob patterns, each once, in a fixed order.

Inside a folder no symbolic link is followed: a target within the folder is read at its own path, a target outside was
not requested, and a walk without links cannot loop. A link that the caller names is followed. Hidden files and folders,
FIFOs, sockets and devices are skipped, each with a reason. ``os.walk`` is not used: it ignores folders that it may not
open.
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
SPECIAL_FILES = (
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read, or to skip with a reason.

    Attributes:
        path: as the operating system takes it; may hold any character.
        name: for messages: one line, control characters and undecodable bytes escaped.
        status: "" for a file to read, else "skipped" or "failed".
        reason: why it is not read; "" for a file to read.
        size: in bytes, on disk.
        changed: time of the last change in seconds since 1970, 0 where unknown.
        named: whether the caller named this very file, rather than a folder or pattern that holds it.
    """

    path: str
    name: str
    status: str = ""
    reason: str = ""
    size: int = 0
    changed: float = 0
    named: bool = False
    missing: bool = False


def printable(name: str) -> str:
    r"""Return the name with unprintable characters escaped, letters of all scripts kept.

    Examples:
        >>> printable("a\nb.xml")
        'a\\nb.xml'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def find_files(paths: Iterable[str | os.PathLike[str]]) -> list[Found]:
    """List every file under the paths.

    Folders are walked recursively; a path with ``*?[`` that does not exist is a glob pattern; ``-`` is standard input.
    """
    seen: set[str] = set()
    files = []
    for given in paths:
        for found in _expand(os.fspath(given)):
            real = found.path if found.path == STDIN else os.path.realpath(found.path)
            # A skipped link has the real path of its target and must not hide it.
            key = f"{found.status}:{found.path}" if found.status else real
            if key not in seen:
                seen.add(key)
                files.append(found)
    return files


def _expand(path: str) -> Iterator[Found]:
    """Yield the files that one argument stands for."""
    if path == STDIN:
        yield Found(STDIN, "<stdin>", named=True)
    elif not _is_name(path):
        yield _failed(path, "no name that a file can have", missing=True)
    elif os.path.lexists(path) or not glob.has_magic(path):
        yield from _named(path)
    else:
        matches = sorted(glob.iglob(path, recursive=True))
        if not matches:
            yield _failed(path, "no file matches this pattern", missing=True)
        for match in matches:
            yield from _named(match)


def _is_name(path: str) -> bool:
    """Return whether the file system can have a file of this name."""
    try:
        return "\0" not in path and bool(os.fsencode(path))
    except UnicodeEncodeError:
        return False


def _named(path: str) -> Iterator[Found]:
    """Yield the files of a path that the caller named: links are followed, hidden names are read."""
    try:
        status = os.stat(path)
    except OSError as error:
        broken = os.path.islink(path)
        missing = isinstance(error, FileNotFoundError) and not broken
        yield _failed(
            path, f"a link that leads nowhere ({_reason(error)})" if broken else _reason(error), missing=missing
        )
        return
    if stat.S_ISDIR(status.st_mode):
        files = list(_walk(path))
        yield from files or [_failed(path, "the folder holds no files", missing=True)]
    else:
        yield _file(path, status, named=True)


def _walk(folder: str) -> Iterator[Found]:
    """Yield the files below a folder in order of name."""
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError as error:
        yield _failed(folder, f"the folder cannot be opened: {_reason(error)}")
        return
    for entry in entries:
        try:
            yield from _entry(entry)
        except OSError as error:
            yield _failed(entry.path, _reason(error))


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
        return Found(path, printable(path), size=status.st_size, changed=status.st_mtime, named=named)
    kind = next((words for test, words in SPECIAL_FILES if test(status.st_mode)), "no regular file")
    reason = f"{kind}, not a file; pipe its content to '-' to read it"
    device = stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode)
    return _failed(path, reason) if named and device else _skipped(path, reason)


def _failed(path: str, reason: str, *, missing: bool = False) -> Found:
    return Found(path, printable(path), "failed", reason, missing=missing)


def _skipped(path: str, reason: str) -> Found:
    return Found(path, printable(path), "skipped", reason)


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
