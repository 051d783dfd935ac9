"""Locks on temporary folders: a folder that a killed run left behind has none, one that is in use has."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

try:
    import fcntl
except ImportError:  # Windows: leftovers of dead runs stay
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK = "lock"
"""Name of the file that is locked."""
_STARTING = 60
"""Seconds in which a run has locked its folder."""


def lock_folder(folder: Path) -> int | None:
    """Lock a temporary folder; None if another run uses it, or it cannot be locked.

    Returns:
        A descriptor; the lock ends when it is closed, or with this process.
    """
    if fcntl is None:
        return None
    try:
        lock = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def abandoned_folders(parent: Path, prefix: str) -> Iterator[tuple[Path, int]]:
    """Yield the folders of this prefix whose runs were killed, each with a lock to close."""
    for folder in sorted(parent.glob(f"{prefix}*")):
        if not (folder / LOCK).exists() and time.time() - folder.stat().st_mtime < _STARTING:
            continue
        lock = lock_folder(folder)
        if lock is not None:
            yield folder, lock
