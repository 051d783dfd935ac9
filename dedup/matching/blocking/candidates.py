"""Candidate pairs, and the postings of blocking keys that they are joined from.

Two families of keys, all 64-bit integers in one matrix, are joined together (``join``):

* *bands* of the MinHash signature (LSH): retyped, cut and furnished copies, whatever their words;
* *word pairs*: every two of a headline's stems that carry enough information together. Rewritten headlines of one event
  share two informative words within three days, where they share few shingles.
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
"""The value of a missing blocking key; it matches no other."""

ROW_BITS = np.uint64((1 << 22) - 1)
"""The bits of a posting that are its row."""

MAX_ROWS = 1 << 22
"""Maximum number of headlines of one join."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of rows to be compared.

    Attributes:
        left: row of the earlier headline, shape (p,).
        right: row of the later headline, shape (p,).
        bucket_size: size of the smallest bucket that the two share: the earlier headlines within the window with that
            key, shape (p,). A key of very many headlines is a template, not an event.
        left_out: number of pairs that the bucket limit left out, over all buckets.
    """

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    bucket_size: NDArray[np.int32]
    left_out: int

    def take(self, rows: NDArray[np.int64]) -> Candidates:
        """Return the given candidates, in their order."""
        return Candidates(self.left[rows], self.right[rows], self.bucket_size[rows], self.left_out)

    def codes(self, headlines: int) -> NDArray[np.int64]:
        """Return one integer per pair, ``right * headlines + left``, distinct for rows below ``headlines``."""
        return self.right.astype(np.int64) * headlines + self.left


def concat_candidates(parts: list[Candidates]) -> Candidates:
    """Concatenate candidates."""
    if len(parts) == 1:
        return parts[0]
    no_rows = np.empty(0, np.int32)
    columns = zip(*((part.left, part.right, part.bucket_size) for part in parts), strict=True)
    left, right, bucket_size = (np.concatenate(column) for column in columns) if parts else (no_rows, no_rows, no_rows)
    return Candidates(left, right, bucket_size, sum(part.left_out for part in parts))


def key_postings(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return a posting for each blocking key, unsorted: key and row in one integer, ordered as (key, row).

    One integer is sorted several times faster than rows by key: 42 bits of the key (of eight million keys, seven pairs
    collide by chance) and 22 of the row.

    Args:
        keys: shape (n, k); NO_KEY has no posting.

    Raises:
        TooManyHeadlinesError: n exceeds ``MAX_ROWS``.
    """
    if len(keys) > MAX_ROWS:
        raise TooManyHeadlinesError(len(keys), MAX_ROWS)
    entries = np.empty(keys.size, np.uint64)
    return entries[: fill_postings.for_work(keys.size)(keys, entries)]


@Kernel
def fill_postings(keys: NDArray[np.uint64], entries: NDArray[np.uint64]) -> int:
    """Write the posting of each key; return their number."""
    count = 0
    for headline in range(keys.shape[0]):
        own_keys, row = keys[headline], np.uint64(headline)
        for column in range(len(own_keys)):
            key = own_keys[column]
            if key != NO_KEY:
                entries[count] = key & ~ROW_BITS | row
                count += 1
    return count
