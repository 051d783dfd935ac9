"""A sequence of frames that moves to disk when it outgrows its share of memory.

The texts of headlines and the evidence of pairs are needed twice, a slice at a time: when headlines are compared, and
when results are written. In between they need not be in memory; of a headline, a scan always keeps some numbers, its id
and its outlet.

A scan that fits into memory writes nothing. A larger one has all its frames on disk: texts that were taken out of a
column keep the whole column alive, so a few frames left in memory would keep the others as well.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup.core.arguments import require_type
from dedup.core.folder_locks import abandoned_folders, lock_folder
from dedup.errors import SettingError, SpillError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

MIN_MEMORY = 1 << 30
"""Smallest memory limit of a scan in bytes: libraries and slices take this much however few headlines there are."""

PREFIX = "dedup-spill-"
"""Begins the names of temporary folders."""

_SHARE = 1 / 16
"""Fraction of the memory limit for the texts, and the same again for the pairs."""


def memory_share(memory_limit: int | None) -> int:
    """Return the bytes of memory that the frames of one kind may take together.

    Args:
        memory_limit: limit of the whole scan in bytes; None for half of the machine's memory, at least ``MIN_MEMORY``.

    Raises:
        SettingError: the limit is below ``MIN_MEMORY``.
    """
    if memory_limit is None:
        memory_limit = max(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2, MIN_MEMORY)
    require_type("memory_limit", memory_limit, int, f"a whole number of bytes, at least {MIN_MEMORY:,}, or None")
    if memory_limit < MIN_MEMORY:
        raise SettingError("memory_limit", memory_limit, f"at least {MIN_MEMORY:,} bytes")
    return int(min(memory_limit, 1 << 62) * _SHARE)


class SpillableFrames:
    """Frames of one schema, addressed by row.

    Args:
        max_bytes: bytes that they may take in memory.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes, self._bytes = max_bytes, 0
        self._frames: list[pl.DataFrame | Path] = []
        self._ends = [0]
        self._folder: Path | None = None
        self._last_read: tuple[int, tuple[str, ...], pl.DataFrame] | None = None

    def __len__(self) -> int:
        return self._ends[-1]

    def add(self, frame: pl.DataFrame) -> None:
        """Append a frame.

        Raises:
            SpillError: it fits neither into memory nor on the disk.
        """
        self._bytes += int(frame.estimated_size())
        self._ends.append(len(self) + len(frame))
        self._frames.append(frame)
        if self._bytes > self._max_bytes:
            for index, in_memory in enumerate(self._frames):
                if isinstance(in_memory, pl.DataFrame):
                    self._frames[index] = self._write(in_memory, index)

    def lazy(self) -> pl.LazyFrame:
        """Return all rows lazily; this object must live until they are collected."""
        return pl.concat([pl.scan_parquet(part) if isinstance(part, Path) else part.lazy() for part in self._frames])

    def slice(self, start: int, count: int, columns: Sequence[str]) -> pl.DataFrame:
        """Return columns of ``count`` rows from ``start`` on; quick where slices follow one another."""
        first = min(int(np.searchsorted(self._ends, start, side="right")), len(self._frames)) - 1
        last = max(int(np.searchsorted(self._ends, start + count)), first + 1)
        slices = []
        for index in range(first, min(last, len(self._frames))):
            begin = self._ends[index]
            slices.append(self._read(index, columns).slice(max(start - begin, 0), start + count - max(start, begin)))
        return slices[0] if len(slices) == 1 else pl.concat(slices)

    def gather(self, column: str, rows: NDArray[np.int64]) -> pl.Series:
        """Return a column of the given rows, in their order."""
        order = np.argsort(rows, kind="stable")
        bounds = np.searchsorted(rows[order], self._ends)
        gathered = [
            self._read(index, (column,))[column].gather(rows[order[begin:end]] - self._ends[index])
            for index, (begin, end) in enumerate(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True))
            if begin < end or index == 0
        ]
        rank = np.empty(len(rows), np.int64)
        rank[order] = np.arange(len(rows))
        return pl.concat(gathered).gather(rank)

    def map(self, change: Callable[[pl.DataFrame], pl.DataFrame]) -> SpillableFrames:
        """Return the frames with ``change`` applied to each."""
        changed = SpillableFrames(self._max_bytes)
        for part in self._frames:
            changed.add(change(pl.read_parquet(part) if isinstance(part, Path) else part))
        return changed

    def _read(self, index: int, columns: Sequence[str]) -> pl.DataFrame:
        part = self._frames[index]
        if isinstance(part, pl.DataFrame):
            return part.select(columns)
        if self._last_read is None or self._last_read[:2] != (index, tuple(columns)):
            self._last_read = index, tuple(columns), pl.read_parquet(part, columns=list(columns))
        return self._last_read[2]

    def _new_folder(self) -> Path:
        """Make a folder that is removed with this object, and remove those of runs that were killed."""
        parent = Path(tempfile.gettempdir())
        for abandoned, lock in abandoned_folders(parent, PREFIX):
            _remove(abandoned, [lock])
        folder, locks = parent / f"{PREFIX}{secrets.token_hex(8)}", list[int | None]()
        weakref.finalize(self, _remove, folder, locks)  # first, since a signal may raise between any two steps
        folder.mkdir(mode=0o700)
        locks.append(lock_folder(folder))
        return folder

    def _write(self, frame: pl.DataFrame, index: int) -> Path:
        try:
            if self._folder is None:
                self._folder = self._new_folder()
            path = self._folder / f"{index}.parquet"
            frame.write_parquet(path, compression="lz4", statistics=False)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise SpillError(tempfile.gettempdir(), str(error)) from error
        return path


def _remove(folder: Path, locks: Sequence[int | None]) -> None:
    """Remove a folder, also if a signal interrupts this once, and release its lock."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        for lock in locks:
            if lock is not None:
                os.close(lock)
