"""Replace several files of a folder at once: all of them, or none.

Files are written to a temporary folder inside the destination, synced to disk and then renamed into place. A run that
fails puts the replaced files back; what a run leaves behind that was killed, the next run finishes or removes:

* killed while it wrote: its temporary folder is removed;
* killed between two renames: the list of files, ``commit.json``, was complete, so the rest is renamed too.

A lock on the temporary folder tells a dead run from one that still works. A destination that is no regular file
(a folder, a FIFO, a device, also behind a symbolic link) is refused before anything is changed.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from dedup.core.folder_locks import abandoned_folders, lock_folder
from dedup.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

PREFIX = ".unfinished-"
_COMMIT, _PREVIOUS = "commit.json", "previous"
_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


@contextmanager
def staged(directory: Path, *, obsolete: Collection[str] = (), last: str = "") -> Iterator[Path]:
    """Create a temporary folder whose files move into ``directory`` if the block succeeds.

    Args:
        directory: the destination, created if it does not exist.
        obsolete: names of files in it that the new ones replace; those that are not written anew are removed.
        last: the file that is renamed last, so that its presence means that all others are there.

    Raises:
        OutputError: a destination is no regular file; nothing was changed.
        OSError: the destination cannot be written to; nothing was changed.
    """
    directory.mkdir(parents=True, exist_ok=True)
    _recover(directory)
    stage = directory / f"{PREFIX}{secrets.token_hex(8)}"
    lock = None
    try:  # from here on, since a signal may raise between any two steps
        stage.mkdir(mode=0o700)
        lock = lock_folder(stage)
        files = stage / "files"
        files.mkdir()
        yield files
        names = sorted((file.name for file in files.iterdir()), key=lambda name: (name == last, name))
        for name in names:
            require_regular(directory / name)
            _sync(files / name)
        removed = sorted(name for name in set(obsolete) - set(names) if _is_file(directory / name))
        _write_commit(stage, names, removed)
        _place(directory, stage, names, removed)
    finally:
        try:
            shutil.rmtree(stage, ignore_errors=True)
        finally:  # a second time, if a signal has interrupted the first
            shutil.rmtree(stage, ignore_errors=True)
            if lock is not None:
                os.close(lock)


def require_regular(path: Path) -> None:
    """Refuse a destination that exists and is no regular file.

    Raises:
        OutputError: it is a folder, a FIFO, a device or a socket, or a link to one.
    """
    with suppress(FileNotFoundError, NotADirectoryError):
        kind = stat.S_IFMT(path.stat().st_mode)
        if kind in _KINDS:
            reason = f"is {_KINDS[kind]}, not a regular file; no file was changed; name another one"
            raise OutputError(str(path), reason)


def _place(directory: Path, stage: Path, names: list[str], removed: list[str]) -> None:
    """Rename the files into place and remove the obsolete ones; put everything back if one of the steps fails."""
    previous = stage / _PREVIOUS
    previous.mkdir(exist_ok=True)
    replaced = {name for name in (*names, *removed) if _is_file(directory / name)}
    try:
        for name in (*names, *removed):
            if name in replaced:
                (directory / name).rename(previous / name)
            if name not in removed:
                (stage / "files" / name).rename(directory / name)
        _sync(directory)
    except BaseException:
        for name in (*names, *removed):
            with suppress(OSError):  # as many as can be
                if name not in replaced:
                    (directory / name).unlink(missing_ok=True)
                elif _is_file(previous / name):
                    (previous / name).replace(directory / name)
        (stage / _COMMIT).unlink(missing_ok=True)
        raise


def _recover(directory: Path) -> None:
    """Finish or remove what runs left behind that were killed."""
    for stage, lock in abandoned_folders(directory, PREFIX):
        try:
            _finish(directory, stage)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
            os.close(lock)


def _finish(directory: Path, stage: Path) -> None:
    """Place the files of a run that was killed after its list of files was complete."""
    try:
        listed = json.loads((stage / _COMMIT).read_text(encoding="utf-8"))
        names, removed = listed["files"], listed["removed"]
    except (OSError, ValueError, KeyError, TypeError):
        return  # killed while it wrote: the files of the run before are all in place
    for name in names:
        staged_file = stage / "files" / name
        if staged_file.is_file() and not (directory / name).is_dir():
            staged_file.replace(directory / name)
    for name in removed:
        with suppress(OSError):
            (directory / name).unlink(missing_ok=True)
    _sync(directory)


def _write_commit(stage: Path, names: list[str], removed: list[str]) -> None:
    """Write the list of files; from here on the run counts, even if it is killed."""
    path = stage / f"{_COMMIT}.part"
    path.write_text(json.dumps({"files": names, "removed": removed}), encoding="utf-8")
    _sync(path)
    path.rename(stage / _COMMIT)
    _sync(stage / "files")
    _sync(stage)


def _is_file(path: Path) -> bool:
    return path.is_symlink() or path.is_file()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
