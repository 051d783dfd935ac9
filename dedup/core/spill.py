"""Frames one after another that go to disk when together they take more than they may.

The texts of headlines and the evidence of pairs are needed twice, a slice at a time: when headlines are compared, and
when results are written. Between, they need not be in memory. What a scan holds of a headline all the time are some
numbers, its id and its outlet.

A scan that fits into memory writes nothing. One that does not has all its parts on disk: texts that were taken out of a
column hold on to the whole of it, so that the few parts that there is room for would keep the rest as well.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup.errors import SettingError, SpillError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

MIN_MEMORY = 1 << 30
"""Bytes that a scan may be limited to at least: libraries and slices take so much, however few headlines there are."""

_SHARE = 16
"""What the texts may take of the memory limit, and the pairs again: one part in so many."""


def memory_share(memory_limit: int | None) -> int:
    """The bytes that all parts of one kind may take in memory.

    Args:
        memory_limit: what a scan may take altogether; None for half of the machine's memory, or the least there can be.

    Raises:
        SettingError: too little to scan anything.
    """
    if memory_limit is None:
        memory_limit = max(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2, MIN_MEMORY)
    if memory_limit < MIN_MEMORY:
        raise SettingError("memory_limit", memory_limit, f"at least {MIN_MEMORY:,} bytes")
    return memory_limit // _SHARE


class SpillableFrames:
    """Rows of one schema, in parts.

    Args:
        most: bytes that they may take in memory.
    """

    def __init__(self, most: int) -> None:
        self._most, self._held = most, 0
        self._parts: list[pl.DataFrame | Path] = []
        self._ends = [0]
        self._folder: Path | None = None
        self._read: tuple[int, tuple[str, ...], pl.DataFrame] | None = None

    def __len__(self) -> int:
        return self._ends[-1]

    def add(self, frame: pl.DataFrame) -> None:
        """Put a frame behind the others.

        Raises:
            SpillError: it does not fit into memory, nor on the disk.
        """
        self._held += int(frame.estimated_size())
        self._ends.append(len(self) + len(frame))
        self._parts.append(frame)
        if self._held > self._most:
            for at, part in enumerate(self._parts):
                if isinstance(part, pl.DataFrame):
                    self._parts[at] = self._written(part, at)

    def lazy(self) -> pl.LazyFrame:
        """All rows; this object must live until they are collected."""
        return pl.concat([pl.scan_parquet(part) if isinstance(part, Path) else part.lazy() for part in self._parts])

    def slice(self, start: int, count: int, columns: Sequence[str]) -> pl.DataFrame:
        """Some columns of some rows; quick where one slice comes after another."""
        first = min(int(np.searchsorted(self._ends, start, side="right")), len(self._parts)) - 1
        last = max(int(np.searchsorted(self._ends, start + count)), first + 1)
        found = [
            self._part(at, columns).slice(max(start - self._ends[at], 0), start + count - max(start, self._ends[at]))
            for at in range(first, min(last, len(self._parts)))
        ]
        return found[0] if len(found) == 1 else pl.concat(found)

    def gather(self, column: str, rows: NDArray[np.int64]) -> pl.Series:
        """A column of rows in any order."""
        order = np.argsort(rows, kind="stable")
        bounds = np.searchsorted(rows[order], self._ends)
        found = [
            self._part(at, (column,))[column].gather(rows[order[begin:end]] - self._ends[at])
            for at, (begin, end) in enumerate(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True))
            if begin < end or at == 0
        ]
        place = np.empty(len(rows), np.int64)
        place[order] = np.arange(len(rows))
        return pl.concat(found).gather(place)

    def map(self, change: Callable[[pl.DataFrame], pl.DataFrame]) -> SpillableFrames:
        """The same parts with each changed."""
        parts = SpillableFrames(self._most)
        for part in self._parts:
            parts.add(change(pl.read_parquet(part) if isinstance(part, Path) else part))
        return parts

    def _part(self, at: int, columns: Sequence[str]) -> pl.DataFrame:
        part = self._parts[at]
        if isinstance(part, pl.DataFrame):
            return part.select(columns)
        if self._read is None or self._read[:2] != (at, tuple(columns)):
            self._read = at, tuple(columns), pl.read_parquet(part, columns=list(columns))
        return self._read[2]

    def _written(self, frame: pl.DataFrame, at: int) -> Path:
        try:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="dedup-"))
                weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
            path = self._folder / f"{at}.parquet"
            frame.write_parquet(path, compression="lz4", statistics=False)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise SpillError(tempfile.gettempdir(), str(error)) from error
        return path
