"""Blocking: the keys that headlines meet by, and the candidate pairs that come of it.

Two families of keys, all 64-bit integers in one matrix, met by one join (``buckets``):

* *bands* of the MinHash signature (LSH): re-typed, cut and furnished copies, whatever their words;
* *word pairs*: every two of a headline's stems that carry enough information together. Sharing two informative words
  within three days is what rewritten headlines of one event have in common when they share few shingles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dedup.core.kernels import Kernel
from dedup.errors import TooManyHeadlinesError

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_KEY = np.uint64(0)
"""Stands where a headline has no key; it meets nobody."""

ROW = np.uint64((1 << 22) - 1)
"""The bits of a place that are its row."""

MOST_ROWS = 1 << 22
"""Headlines that one join takes."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of rows to be compared.

    Attributes:
        left: row of the earlier headline, shape (p,).
        right: row of the later one, shape (p,).
        bucket_size: size of the smallest bucket that the two share: the earlier headlines within the window with that
            key, shape (p,). A key of very many headlines is a template, not an event.
        left_out: meetings that the bucket limit left out, over all buckets.
    """

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    bucket_size: NDArray[np.int32]
    left_out: int

    def take(self, rows: NDArray[np.int64]) -> Candidates:
        """Some of the candidates, in the order asked for."""
        return Candidates(self.left[rows], self.right[rows], self.bucket_size[rows], self.left_out)

    def columns(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        """Return ``left``, ``right`` and ``bucket_size``."""
        return self.left, self.right, self.bucket_size

    def codes(self, headlines: int) -> NDArray[np.int64]:
        """Each pair of a board of so many headlines as one integer: ``right * headlines + left``."""
        return self.right.astype(np.int64) * headlines + self.left


def gathered(parts: list[Candidates]) -> Candidates:
    """The candidates of all parts, in their order."""
    if len(parts) == 1:
        return parts[0]
    none = np.empty(0, np.int32)
    columns = zip(*(part.columns() for part in parts), strict=True)
    left, right, bucket_size = (np.concatenate(column) for column in columns) if parts else (none, none, none)
    return Candidates(left, right, bucket_size, sum(part.left_out for part in parts))


def places(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Where each key stands, unsorted: key and row in one integer, whose order is that of (key, row).

    One integer is sorted several times faster than rows by key: 42 bits of the key (two of eight million keys fall
    together by chance seven times) and 22 of the row.

    Args:
        keys: shape (n, k); NO_KEY has no place.

    Raises:
        TooManyHeadlinesError: more headlines than can meet at once.
    """
    if len(keys) > MOST_ROWS:
        raise TooManyHeadlinesError(len(keys), MOST_ROWS)
    found = np.empty(keys.size, np.uint64)
    return found[: place_keys.for_work(keys.size)(keys, found)]


@Kernel
def place_keys(keys: NDArray[np.uint64], found: NDArray[np.uint64]) -> int:
    """Fill in where each key stands; returns how many do."""
    count = 0
    for headline in range(keys.shape[0]):
        of_row, row = keys[headline], np.uint64(headline)
        for column in range(len(of_row)):
            key = of_row[column]
            if key != NO_KEY:
                found[count] = key & ~ROW | row
                count += 1
    return count
