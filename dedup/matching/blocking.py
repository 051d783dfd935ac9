"""Candidate pairs: headlines that share a blocking key within the window of time.

Two families of keys, all 64-bit integers in one matrix, met by one join:

* *bands* of the MinHash signature (LSH): re-typed, cut and furnished copies, whatever their words;
* *word pairs*: every two of a headline's stems that carry enough information together. Sharing two informative words
  within three days is what rewritten headlines of one event have in common when they share few shingles.

The join sorts (key, time) once and looks back from each headline over its bucket, as far as the window reaches and
over at most ``bucket_limit`` of the latest headlines. The window is therefore part of the join: a join that filtered by
time afterwards held every pair of a bucket at once (out of 24 GB at 63 bands × 2 rows on 86 k headlines). The limit is
what keeps a standing title from flooding its bucket; how many meetings it left out is counted and told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dedup.errors import TooManyHeadlinesError
from dedup.hashing import mix64

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.matching.words import Words

NO_KEY = np.uint64(0)
"""Stands where a headline has no key; it meets nobody."""

NO_TIME = np.iinfo(np.int64).min
"""The time of a headline without one; such a headline meets all."""

MICROSECONDS_AN_HOUR = 3_600_000_000

INFORMATIVE = 12
"""Word pairs are drawn from this many of a headline's most informative stems."""

PAIR_INFORMATION = 8.5
"""Nats that two stems must carry together to be a blocking key: they meet by chance in one headline of 5,000."""

_ROW_BITS = np.uint64(22)
ROW = np.uint64((1 << 22) - 1)
"""The bits of a place that are its row."""

MOST_ROWS = 1 << 22
"""Headlines that one join takes."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of rows to be compared.

    Attributes:
        left: row of the earlier headline, shape (p,).
        right: row of the later one, shape (p,).
        crowd: the smallest bucket that the two share: how many earlier headlines within the window hold that key,
            shape (p,). A key that the window is full of is a template, not an event.
        left_out: meetings that the bucket limit left out, over all buckets.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    crowd: NDArray[np.int64]
    left_out: int

    def take(self, rows: NDArray[np.int64]) -> Candidates:
        """Some of the candidates, in the order asked for."""
        return Candidates(self.left[rows], self.right[rows], self.crowd[rows], self.left_out)


def word_pair_keys(words: Words) -> NDArray[np.uint64]:
    """A key for every two of each headline's informative distinct stems, shape (n, INFORMATIVE choose 2)."""
    weight = words.weight.copy()
    for place in range(1, weight.shape[1]):
        repeated = (words.stem[:, :place] == words.stem[:, place : place + 1]).any(axis=1)
        weight[repeated, place] = 0
    best = np.argsort(-weight, axis=1, kind="stable")[:, :INFORMATIVE]
    stems = np.take_along_axis(words.stem, best, axis=1).astype(np.uint64)
    weight = np.take_along_axis(weight, best, axis=1)
    first, second = np.triu_indices(INFORMATIVE, k=1)
    one, other = stems[:, first], stems[:, second]
    low, high = np.minimum(one, other), np.maximum(one, other)
    tells = (weight[:, second] > 0) & (weight[:, first] + weight[:, second] >= PAIR_INFORMATION)
    keys = np.full(tells.shape, NO_KEY)
    keys[tells] = mix64((high[tells] << np.uint64(32) | low[tells]) * _GOLDEN)
    return keys


def join(keys: NDArray[np.uint64], times: NDArray[np.int64], *, window: int, limit: int, since: int = 0) -> Candidates:
    """All pairs of headlines that share a key within the window: ``meetings`` of their places.

    Args:
        keys: shape (n, k), those of one row distinct; rows in order of time, those without a time first; NO_KEY where
            there is none.
        times: as the rest, see ``meetings``.
        window: see there.
        limit: see there.
        since: see there.
    """
    return meetings(np.sort(places(keys)), times, window=window, limit=limit, since=since)


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
    row = np.repeat(np.arange(len(keys), dtype=np.uint64), keys.shape[1])
    flat = keys.ravel()
    held = flat != NO_KEY
    found: NDArray[np.uint64] = (flat[held] & ~ROW) | row[held]
    return found


def meetings(
    placed: NDArray[np.uint64], times: NDArray[np.int64], *, window: int, limit: int, since: int = 0
) -> Candidates:
    """All pairs of headlines that share a key within the window.

    Args:
        placed: the places of all keys, ascending.
        times: microseconds, ascending, shape (n,); NO_TIME where unknown.
        window: microseconds that two headlines may be apart.
        limit: how many of the latest earlier headlines of a bucket a headline meets.
        since: only pairs whose later headline is at this row or after it.

    Returns:
        Each pair once, in order of (right, left).
    """
    rows = len(times)
    row, bucket, first = _buckets(placed)
    looking = np.flatnonzero(row >= since)
    start = first[bucket[looking]]
    # Rows are in order of time, so a moment is a row, and (bucket, row) ascends: a bound is one binary search.
    place, base = bucket * rows + row, bucket[looking] * rows
    undated = int(np.searchsorted(times, NO_TIME, side="right"))
    earliest = np.zeros(rows, np.int64)
    earliest[undated:] = np.searchsorted(times, times[undated:] - window)
    reach = np.searchsorted(place, base + earliest[row[looking]])
    dated = np.where(row[looking] < undated, start, np.searchsorted(place, base + undated))
    # The dated of the window lie just before the headline, the undated at the start of its bucket.
    near, far = looking - np.maximum(reach, dated), dated - start
    met_near = np.minimum(near, limit)
    met_far = np.minimum(far, limit - met_near)
    left = np.concatenate([row[_before(looking, met_near)], row[_before(dated, met_far)]])
    right = np.concatenate([np.repeat(row[looking], met_near), np.repeat(row[looking], met_far)])
    crowd = np.concatenate([np.repeat(near + far, met_near), np.repeat(near + far, met_far)])
    left_out = int((near + far - met_near - met_far).sum())
    return Candidates(*_once(left, right, crowd), left_out)


def _buckets(placed: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The rows that share a key with another: row and bucket number of each place, and each bucket's first place."""
    flat, rows = placed >> _ROW_BITS, (placed & ROW).astype(np.int64)
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    sizes = np.diff(np.concatenate([[0], changes, [len(flat)]]))
    shared = np.repeat(sizes > 1, sizes)
    sizes = sizes[sizes > 1]
    first: NDArray[np.int64] = np.cumsum(sizes) - sizes
    return rows[shared], np.repeat(np.arange(len(sizes)), sizes), first


def _before(ends: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The `counts` places just before each of `ends`, nearest first."""
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    before: NDArray[np.int64] = np.repeat(ends, counts) - 1 - within
    return before


def _once(
    left: NDArray[np.int64], right: NDArray[np.int64], crowd: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Each pair once, with its smallest crowd, in order of (right, left); sorted as in _buckets."""
    code = (right << 42 | left << 20 | np.minimum(crowd, (1 << 20) - 1)).astype(np.uint64)
    code = np.sort(code)
    code = code[np.diff(code >> np.uint64(20), prepend=np.uint64(0xFFFFFFFFFFFFFFFF)) != 0].astype(np.int64)
    return (code >> 20) & int(ROW), (code >> 42) & int(ROW), code & ((1 << 20) - 1)
