"""Postings of blocking keys: sorted runs that are merged as they grow.

A posting is a key and a row in one integer (``matching.blocking.candidates``). New postings form a run of their own;
runs of similar size are merged, as in a log-structured merge tree. Insertion is thus a few sequential passes, a look-up
a search in each of few runs. Keys are hashes and spread evenly, so the value of a key tells nearly where in a run it
stands: the search begins there, and touches a few lines of memory instead of twenty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.core.kernels import Kernel
from dedup.matching.blocking.candidates import ROW_BITS
from dedup.matching.blocking.join import bisect

if TYPE_CHECKING:
    from numpy.typing import NDArray

_GROWTH = 8
"""Minimum ratio of the lengths of two successive runs: look-ups search one run per factor of eight in headlines."""

NEAR = 32
"""Postings by which a search goes on at first from where a key should stand."""


class KeyPostings:
    """The postings of the blocking keys of headlines 0, 1, 2, …."""

    def __init__(self) -> None:
        self._runs: list[NDArray[np.uint64]] = []

    def __len__(self) -> int:
        return sum(len(run) for run in self._runs)

    def add(self, postings: NDArray[np.uint64]) -> None:
        """Insert the postings of new headlines, in any order."""
        run = np.sort(postings)
        while self._runs and len(self._runs[-1]) < _GROWTH * len(run):
            run = np.sort(np.concatenate([self._runs.pop(), run]), kind="stable")  # stable: it merges sorted runs
        self._runs.append(run)

    def find(self, keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return the postings of these keys (distinct, ascending, row bits 0), in any order."""
        parts = [np.empty(0, np.uint64)]
        for run in self._runs:
            first, counts = np.empty((2, len(keys)), np.int64)
            find_keys.for_work(20 * len(keys))(run, keys, first, counts)
            starts = (first - counts.cumsum() + counts).repeat(counts)
            parts.append(run[starts + np.arange(len(starts))])
        return np.concatenate(parts)

    def keep(self, rows: NDArray[np.int64], count: int) -> None:
        """Remove all headlines but these, and renumber them 0, 1, 2, ….

        Args:
            rows: the rows to keep, ascending.
            count: the number of headlines before.
        """
        new_rows = np.full(count, -1)
        new_rows[rows] = np.arange(len(rows))
        merged = np.sort(np.concatenate([np.empty(0, np.uint64), *self._runs]), kind="stable")
        renumbered = new_rows[(merged & ROW_BITS).astype(np.int64)]
        is_kept = renumbered >= 0
        self._runs = [(merged[is_kept] & ~ROW_BITS) | renumbered[is_kept].astype(np.uint64)]


@Kernel
def find_keys(
    run: NDArray[np.uint64], keys: NDArray[np.uint64], first: NDArray[np.int64], counts: NDArray[np.int64]
) -> None:
    """Write the first posting of each key in a run, and the number of its postings."""
    size = len(run)
    per_key = size / 2.0**64
    for index in range(len(keys)):
        key = keys[index]
        low = min(int(np.float64(key) * per_key), size)
        high, step = low, NEAR
        while high < size and run[high] < key:
            low, high, step = high, high + step, step + step
        high = min(high, size)
        while low > 0 and run[low - 1] >= key:
            low, high, step = max(low - step, 0), low, step + step
        low = bisect(run, low, high, key)
        first[index] = low
        while low < size and run[low] <= key | ROW_BITS:
            low += 1
        counts[index] = low - first[index]
