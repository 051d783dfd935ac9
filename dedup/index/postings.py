"""Which remembered headlines hold a blocking key: sorted runs of places, merged as they grow.

A place is a key and a row in one integer (``matching.blocking.places``). New places make a run of their own; runs of
similar size are merged, as in a log-structured merge tree, so that adding is a few sequential passes and a look-up a
binary search in each of few runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.matching.blocking.candidates import ROW

if TYPE_CHECKING:
    from numpy.typing import NDArray

_GROWTH = 8
"""A run is this many times longer than the next: look-ups search one run for each factor of eight in headlines."""


class KeyPostings:
    """The places of the blocking keys of headlines 0, 1, 2, …."""

    def __init__(self) -> None:
        self._runs: list[NDArray[np.uint64]] = []

    def __len__(self) -> int:
        return sum(len(run) for run in self._runs)

    def add(self, places: NDArray[np.uint64]) -> None:
        """Take the places of new headlines, in any order."""
        run = np.sort(places)
        while self._runs and len(self._runs[-1]) < _GROWTH * len(run):
            run = np.sort(np.concatenate([self._runs.pop(), run]), kind="stable")  # stable: it merges sorted stretches
        self._runs.append(run)

    def of(self, keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """The places of these keys (distinct, ascending, their row bits 0), in any order."""
        found = [np.empty(0, np.uint64)]
        for run in filter(len, self._runs):
            first = run.searchsorted(keys)
            held = run.take(first, mode="clip") & ~ROW == keys
            first = first[held]
            if not len(first):
                continue
            counts = run.searchsorted(keys[held] | ROW, side="right") - first
            starts = (first - counts.cumsum() + counts).repeat(counts)
            found.append(run[starts + np.arange(len(starts))])
        return np.concatenate(found)

    def keep(self, rows: NDArray[np.int64], count: int) -> None:
        """Let go of all headlines but these (ascending), of ``count``; they become 0, 1, 2, …."""
        renamed = np.full(count, -1)
        renamed[rows] = np.arange(len(rows))
        merged = np.sort(np.concatenate([np.empty(0, np.uint64), *self._runs]), kind="stable")
        new = renamed[(merged & ROW).astype(np.int64)]
        held = new >= 0
        self._runs = [(merged[held] & ~ROW) | new[held].astype(np.uint64)]
