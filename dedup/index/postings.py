"""Postings of blocking keys: sorted runs that are merged as they grow.

A posting is a key and a row in one integer (``matching.blocking.candidates``). New postings form a run of their own;
runs of similar size are merged, as in a log-structured merge tree. Insertion is thus a few sequential passes, a look-up
a binary search in each of few runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.matching.blocking.candidates import ROW_BITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_GROWTH = 8
"""Minimum ratio of the lengths of two successive runs: look-ups search one run per factor of eight in headlines."""


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
        for run in filter(len, self._runs):
            first = run.searchsorted(keys)
            is_present = run.take(first, mode="clip") & ~ROW_BITS == keys
            first = first[is_present]
            if not len(first):
                continue
            counts = run.searchsorted(keys[is_present] | ROW_BITS, side="right") - first
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
