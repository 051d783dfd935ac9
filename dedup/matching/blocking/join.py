"""The join of headlines by their blocking keys within the window of time.

It sorts postings by (key, time) once, and looks back from each headline over its buckets, as far as the window reaches.
So the window is part of the join: filtering by time after a join held all pairs of a bucket at once (more than 24 GB at
63 bands × 2 rows on 86 k headlines).

In a flood of news, buckets hold hundreds of headlines of other news. So a headline is paired with the ``limit`` latest
of each bucket, and beyond them only with those that share two of its keys: among the ``DEPTH`` × ``limit`` latest of
both buckets, and at most ``BEYOND`` × ``limit`` of them, so that a standing title does not flood its buckets. The pairs
that are left out are counted and reported. docs/decisions.md compares this rule with others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup.core import parallel
from dedup.core.hashing import distinct
from dedup.core.kernels import Kernel
from dedup.core.parallel import map_in_threads
from dedup.core.time_windows import NO_TIME
from dedup.matching.blocking.candidates import ROW_BITS, Candidates, concat_candidates, key_postings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

DEPTH = 10
"""Times the limit of a bucket: so far a headline looks back in it for those that share another key with it too."""

BEYOND = 4
"""Times the limit of a bucket: the number of headlines beyond the limit that a headline is paired with at most."""

_MAX_PAIRS = 1 << 21
"""Maximum number of pairs, before duplicates are dropped, that a thread holds at once."""


def join(keys: NDArray[np.uint64], times: NDArray[np.int64], *, window: int, limit: int, since: int = 0) -> Candidates:
    """Return all pairs of headlines that share a key within the window; see ``join_postings``.

    Args:
        keys: shape (n, k), those of a row distinct; rows in order of time, those without a time first; NO_KEY where
            there is none.
        times: microseconds, ascending, shape (n,); NO_TIME where unknown.
        window: microseconds that two headlines may be apart.
        limit: number of earlier headlines of a bucket, the latest ones, that a headline is paired with whether or not
            they share another key.
        since: only pairs whose later headline is at this row or after.
    """
    return join_postings(np.sort(key_postings(keys)), times, window=window, limit=limit, since=since)


def join_postings(
    entries: NDArray[np.uint64], times: NDArray[np.int64], *, window: int, limit: int, since: int = 0
) -> Candidates:
    """Return all pairs of headlines that share a key within the window, each once, in order of (right, left).

    Args:
        entries: the postings of all keys, ascending.
        times: as for ``join``.
        window: as for ``join``.
        limit: as for ``join``.
        since: as for ``join``.
    """
    buckets = Buckets.of(entries, times, window=window, limit=limit, since=since)
    return concat_candidates(list(buckets.candidates()))


class Buckets(NamedTuple):
    """The postings of shared keys, by bucket, and those of each headline.

    Attributes:
        row: the headline of each posting, shape (s,), in order of (key, headline).
        bucket_start: the first posting of the bucket of each posting, shape (s,).
        own: the postings at which each headline has a predecessor, one headline after the other.
        own_start: the first of each headline in ``own``, shape (n + 1,).
        earliest: the first dated headline within the window of each headline, shape (n,).
        undated: number of headlines without a time, which come first.
        limit: number of headlines of a bucket that a headline is paired with by this key alone.
        depth: number of headlines of a bucket that it looks back over for those that share two keys.
        beyond: maximum number of these that it is paired with.
        max_pairs: upper bound of the pairs of all headlines before each, shape (n + 1,).
    """

    row: NDArray[np.int32]
    bucket_start: NDArray[np.int32]
    own: NDArray[np.int32]
    own_start: NDArray[np.int64]
    earliest: NDArray[np.int64]
    undated: int
    limit: int
    depth: int
    beyond: int
    max_pairs: NDArray[np.int64]

    @classmethod
    def of(
        cls, entries: NDArray[np.uint64], times: NDArray[np.int64], *, window: int, limit: int, since: int
    ) -> Buckets:
        """Build the buckets of sorted postings; see ``join_postings`` for the arguments."""
        headlines = len(times)
        undated = int(times.searchsorted(NO_TIME, side="right"))
        earliest = np.zeros(headlines, np.int64)
        earliest[undated:] = times.searchsorted(times[undated:] - window)
        row, bucket_start = np.empty(len(entries), np.int32), np.empty(len(entries), np.int32)
        shared = keep_shared.for_work(len(entries))(entries, row, bucket_start)
        row, bucket_start = row[:shared], bucket_start[:shared]
        own_start, max_pairs = np.zeros(headlines + 1, np.int64), np.zeros(headlines + 1, np.int64)
        own = np.empty(shared, np.int32)
        limits = limit, DEPTH * limit, BEYOND * limit
        own = own[: list_own.for_work(shared)(row, bucket_start, since, *limits, own_start, max_pairs, own)]
        return cls(row, bucket_start, own, own_start, earliest, undated, *limits, max_pairs.cumsum())

    def candidates(self) -> Iterator[Candidates]:
        """Yield all candidates in order of (right, left), some million pairs at a time."""
        runs = self._runs()
        for first in range(0, max(len(runs), 1), parallel.PROCESSORS):
            yield concat_candidates(map_in_threads(self.pairs_of, runs[first : first + parallel.PROCESSORS]))

    def _runs(self) -> list[tuple[int, int]]:
        """Return runs of headlines, (first, last + 1), each with at most about ``_MAX_PAIRS`` pairs."""
        total, headlines = self.max_pairs[-1], len(self.earliest)
        if total <= _MAX_PAIRS:
            return [(0, headlines)]
        ends = self.max_pairs.searchsorted(np.arange(_MAX_PAIRS, total + _MAX_PAIRS, _MAX_PAIRS), side="right") - 1
        bounds = distinct(np.concatenate([[0], ends, [headlines]])) if headlines else np.zeros(2, int)
        return list(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True))

    def pairs_of(self, run: tuple[int, int]) -> Candidates:
        """Return the candidates whose later headline is in a run (first, last + 1), in order of (right, left)."""
        first, last = run
        room = int(self.max_pairs[last] - self.max_pairs[first])
        left, right, bucket_size = (np.empty(room, np.int32) for _ in range(3))
        seen, smallest = np.full(len(self.earliest), -1, np.int32), np.empty(len(self.earliest), np.int32)
        fill = fill_pairs.for_work(room)
        count, left_out = fill(self, first, last, seen, smallest, left, right, bucket_size)
        return Candidates(left[:count], right[:count], bucket_size[:count], int(left_out))


@Kernel
def keep_shared(entries: NDArray[np.uint64], row: NDArray[np.int32], bucket_start: NDArray[np.int32]) -> int:
    """Keep the postings whose key another posting has too; return their number."""
    count, first, last, follows = 0, 0, len(entries), False
    for index in range(last):
        # Two postings of one key differ in the bits of their rows only.
        leads = index + 1 < last and entries[index] ^ entries[index + 1] <= ROW_BITS
        if follows or leads:
            first = first if follows else count
            row[count] = entries[index] & ROW_BITS
            bucket_start[count] = first
            count += 1
        follows = leads
    return count


@Kernel
def list_own(
    row: NDArray[np.int32], bucket_start: NDArray[np.int32], since: int, limit: int, depth: int, beyond: int,
    own_start: NDArray[np.int64], max_pairs: NDArray[np.int64], own: NDArray[np.int32],
) -> int:  # fmt: skip
    """List, for each headline from ``since`` on, the postings that have a predecessor; return their number."""
    reached = np.zeros(len(own_start), np.int64)
    for index in range(len(row)):
        headline, before = int(row[index]), index - int(bucket_start[index])
        if headline >= since and before > 0:
            own_start[headline + 1] += 1
            max_pairs[headline + 1] += min(before, limit)
            reached[headline + 1] += max(0, min(before, depth) - limit)
    for headline in range(1, len(own_start)):
        own_start[headline] += own_start[headline - 1]
        max_pairs[headline] += min(reached[headline] // 2, beyond)  # each is in two buckets
    filled = own_start[:-1].copy()
    for index in range(len(row)):
        headline = int(row[index])
        if headline >= since and bucket_start[index] < index:
            own[filled[headline]] = index
            filled[headline] += 1
    return int(own_start[-1])


@Kernel
def fill_pairs(
    buckets: Buckets, first: int, last: int, seen: NDArray[np.int32], smallest: NDArray[np.int32],
    left: NDArray[np.int32], right: NDArray[np.int32], bucket_size: NDArray[np.int32],
) -> tuple[int, int]:  # fmt: skip
    """Pair each headline with others of its buckets within the window; return the numbers of pairs and left out.

    ``seen`` is 2 · later + 1 for headlines that are paired with ``later``, 2 · later for those that are only beyond the
    limit of buckets, and less at first. ``smallest`` is the size of the smallest bucket of these.
    """
    count, left_out = 0, 0
    for later in range(first, last):
        begin_pairs = count
        count, is_any_full = pair_latest(buckets, later, seen, smallest, left, count)
        if is_any_full:
            count, beyond_left_out = pair_beyond(buckets, later, seen, smallest, left, count)
            left_out += beyond_left_out
        left[begin_pairs:count].sort()
        for pair in range(begin_pairs, count):
            right[pair] = later
            bucket_size[pair] = smallest[int(left[pair])]
    return count, left_out


@Kernel
def pair_latest(
    buckets: Buckets, later: int, seen: NDArray[np.int32], smallest: NDArray[np.int32], left: NDArray[np.int32],
    count: int,
) -> tuple[int, bool]:  # fmt: skip
    """Pair a headline with the latest of its buckets; return the number of pairs, and whether any bucket holds more."""
    paired, is_any_full = 2 * later + 1, False
    for own in range(buckets.own_start[later], buckets.own_start[later + 1]):
        index = int(buckets.own[own])
        near, dated, size = within_window(buckets, later, index)
        is_any_full |= size > buckets.limit
        for back in range(min(size, buckets.limit)):
            earlier = int(buckets.row[index - 1 - back] if back < near else buckets.row[dated - 1 - (back - near)])
            if seen[earlier] == paired:
                smallest[earlier] = min(smallest[earlier], size)
            else:
                seen[earlier], smallest[earlier], left[count] = paired, size, earlier
                count += 1
    return count, is_any_full


@Kernel
def pair_beyond(
    buckets: Buckets, later: int, seen: NDArray[np.int32], smallest: NDArray[np.int32], left: NDArray[np.int32],
    count: int,
) -> tuple[int, int]:  # fmt: skip
    """Pair a headline with those that are beyond the limit of two buckets; return the numbers of pairs and left out."""
    paired, found, left_out, most = 2 * later + 1, 2 * later, 0, count + buckets.beyond
    for own in range(buckets.own_start[later], buckets.own_start[later + 1]):
        index = int(buckets.own[own])
        near, dated, size = within_window(buckets, later, index)
        end = min(size, buckets.depth)
        left_out += size - end
        for back in range(buckets.limit, end):
            earlier = int(buckets.row[index - 1 - back] if back < near else buckets.row[dated - 1 - (back - near)])
            if seen[earlier] < found:
                seen[earlier], smallest[earlier] = found, size
                left_out += 1
                continue
            smallest[earlier] = min(smallest[earlier], size)
            if seen[earlier] == found and count < most:
                seen[earlier], left[count] = paired, earlier
                count += 1
                left_out -= 1
    return count, left_out


@Kernel
def within_window(buckets: Buckets, later: int, index: int) -> tuple[int, int, int]:
    """Return which headlines of the bucket of a posting are within the window of its headline.

    Returns:
        The number of dated ones, which come just before the posting; the posting after the undated ones, which come at
        the start of the bucket; and the number of both.
    """
    begin = dated = reach = int(buckets.bucket_start[index])
    if later >= buckets.undated:
        dated = bisect(buckets.row, begin, index, buckets.undated)
        reach = bisect(buckets.row, dated, index, int(buckets.earliest[later]))
    return index - reach, dated, index - reach + dated - begin


@Kernel
def bisect(ordered: NDArray[Any], low: int, high: int, value: int) -> int:
    """Return the first place from low to high - 1 whose value is at least this; high where there is none."""
    while low < high and ordered[low] < value:
        middle = (low + high) >> 1
        if ordered[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low
