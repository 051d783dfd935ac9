"""The join of headlines by their blocking keys within the window of time.

It sorts (key, time) once and looks back from each headline over its bucket, as far as the window reaches and over at
most ``limit`` of the latest headlines. The window is therefore part of the join: a join that filtered by time
afterwards held every pair of a bucket at once (out of 24 GB at 63 bands × 2 rows on 86 k headlines). The limit is what
keeps a standing title from flooding its bucket; how many meetings it left out is counted and told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.core import parallel
from dedup.core.hashing import distinct
from dedup.core.kernels import Kernel
from dedup.core.parallel import map_in_threads
from dedup.core.time_windows import NO_TIME
from dedup.matching.blocking.candidates import ROW, Candidates, gathered, places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_MEETINGS = 1 << 21
"""Meetings held at once by one thread."""


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
    buckets = Buckets.of(placed, times, window=window, limit=limit, since=since)
    return gathered(list(buckets.candidates()))


class Buckets(NamedTuple):
    """Places that share a key, and what each headline may meet there.

    Attributes:
        row: the headline of each place, shape (s,), places in order of (key, headline).
        start: where the bucket of each place starts, shape (s,).
        own: the places of the headlines that look back, one headline after the other.
        owns: where those of each headline start, shape (n + 1,).
        earliest: the first dated headline that the window of each reaches, shape (n,).
        undated: how many headlines have no time; they stand first.
        limit: how many of a bucket a headline meets.
        most: at most how many meetings each headline and those before it have, shape (n + 1,).
    """

    row: NDArray[np.int32]
    start: NDArray[np.int32]
    own: NDArray[np.int32]
    owns: NDArray[np.int64]
    earliest: NDArray[np.int64]
    undated: int
    limit: int
    most: NDArray[np.int64]

    @classmethod
    def of(
        cls, placed: NDArray[np.uint64], times: NDArray[np.int64], *, window: int, limit: int, since: int
    ) -> Buckets:
        """The buckets of sorted places; see ``meetings``."""
        rows = len(times)
        undated = int(times.searchsorted(NO_TIME, side="right"))
        earliest = np.zeros(rows, np.int64)
        earliest[undated:] = times.searchsorted(times[undated:] - window)
        row, start = np.empty(len(placed), np.int32), np.empty(len(placed), np.int32)
        shared = share.for_work(len(placed))(placed, row, start)
        row, start = row[:shared], start[:shared]
        owns, most = np.zeros(rows + 1, np.int64), np.zeros(rows + 1, np.int64)
        own = np.empty(shared, np.int32)
        own = own[: list_own.for_work(shared)(row, start, since, limit, owns, most, own)]
        return cls(row, start, own, owns, earliest, undated, limit, most.cumsum())

    def candidates(self) -> Iterator[Candidates]:
        """All candidates in order of (right, left), no more at a time than some million meetings come to."""
        runs = self._runs()
        for first in range(0, max(len(runs), 1), parallel.PROCESSORS):
            yield gathered(map_in_threads(self.meet, runs[first : first + parallel.PROCESSORS]))

    def _runs(self) -> list[tuple[int, int]]:
        """Runs of headlines with at most so many meetings together that they are held at once."""
        if self.most[-1] <= _MEETINGS:
            return [(0, len(self.earliest))]
        ends = self.most.searchsorted(np.arange(_MEETINGS, self.most[-1] + _MEETINGS, _MEETINGS), side="right") - 1
        last = len(self.earliest)
        bounds = distinct(np.concatenate([[0], ends, [last]])) if last else np.zeros(2, int)
        return list(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True))

    def meet(self, run: tuple[int, int]) -> Candidates:
        """The candidates whose later headline is in a run (first, last + 1), in order of (right, left)."""
        first, last = run
        many = int(self.most[last] - self.most[first])
        left, right, bucket_size = (np.empty(many, np.int32) for _ in range(3))
        seen, least = np.full(len(self.earliest), -1, np.int32), np.empty(len(self.earliest), np.int32)
        count, left_out = look_back.for_work(many)(self, first, last, seen, least, left, right, bucket_size)
        return Candidates(left[:count], right[:count], bucket_size[:count], int(left_out))


@Kernel
def share(placed: NDArray[np.uint64], row: NDArray[np.int32], start: NDArray[np.int32]) -> int:
    """Keep the places whose key another place has too; returns how many."""
    count, first, last, follows = 0, 0, len(placed), False
    for at in range(last):
        # Two of one key differ in the bits of their rows alone.
        leads = at + 1 < last and placed[at] ^ placed[at + 1] <= ROW
        if follows or leads:
            first = first if follows else count
            row[count] = placed[at] & ROW
            start[count] = first
            count += 1
        follows = leads
    return count


@Kernel
def list_own(
    row: NDArray[np.int32], start: NDArray[np.int32], since: int, limit: int, owns: NDArray[np.int64],
    most: NDArray[np.int64], own: NDArray[np.int32],
) -> int:  # fmt: skip
    """List the places of each headline from ``since`` on at which there is somebody before it; returns how many."""
    for at in range(len(row)):
        headline, first = int(row[at]), int(start[at])
        if headline >= since and first < at:
            owns[headline + 1] += 1
            most[headline + 1] += min(at - first, limit)
    for headline in range(1, len(owns)):
        owns[headline] += owns[headline - 1]
    filled = owns[:-1].copy()
    for at in range(len(row)):
        headline = int(row[at])
        if headline >= since and start[at] < at:
            own[filled[headline]] = at
            filled[headline] += 1
    return int(owns[-1])


@Kernel
def look_back(
    buckets: Buckets, first: int, last: int, seen: NDArray[np.int32], least: NDArray[np.int32],
    left: NDArray[np.int32], right: NDArray[np.int32], bucket_size: NDArray[np.int32],
) -> tuple[int, int]:  # fmt: skip
    """Each headline meets the latest of its buckets within the window; returns how many pairs, and meetings left out.

    The dated of the window lie just before the headline, the undated at the start of its bucket.
    """
    row, count, left_out = buckets.row, 0, 0
    for later in range(first, last):
        begun = count
        for place in range(buckets.owns[later], buckets.owns[later + 1]):
            at = int(buckets.own[place])
            begin = dated = reach = int(buckets.start[at])
            if later >= buckets.undated:
                dated = bisect(row, begin, at, buckets.undated)
                reach = bisect(row, dated, at, int(buckets.earliest[later]))
            near, far = at - reach, dated - begin
            met_near = min(near, buckets.limit)
            met_far = min(far, buckets.limit - met_near)
            left_out += near + far - met_near - met_far
            for back in range(met_near + met_far):
                earlier = int(row[at - 1 - back] if back < met_near else row[dated - 1 - (back - met_near)])
                if seen[earlier] != later:
                    seen[earlier] = later
                    least[earlier] = near + far
                    left[count], right[count] = earlier, later
                    count += 1
                else:
                    least[earlier] = min(least[earlier], near + far)
        left[begun:count].sort()
        for met in range(begun, count):
            bucket_size[met] = least[int(left[met])]
    return count, left_out


@Kernel
def bisect(row: NDArray[np.int32], low: int, high: int, headline: int) -> int:
    """The first of the places low to high - 1 whose headline is this or later; high where there is none."""
    while low < high and row[low] < headline:
        middle = (low + high) >> 1
        if row[middle] < headline:
            low = middle + 1
        else:
            high = middle
    return low
