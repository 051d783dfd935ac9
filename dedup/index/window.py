"""The headlines that a new one can still match, kept ready for comparison.

They are those that two windows reach back from the latest time (the second is for headlines that come late, and what
they match), and those without a time. Their number depends on the window, not on the age of the index. For a batch,
those that share a blocking key with any of it are taken out and put, with the batch and in order of time, on one small
board, which goes through the same comparison as the slices of a scan: the look-up only spares what would not meet.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dedup.core import time_windows
from dedup.core.hashing import distinct, true_at
from dedup.errors import TooManyHeadlinesError
from dedup.index.postings import KeyPostings
from dedup.index.storage.protocol import STATS_DELTA
from dedup.matching.blocking.candidates import MOST_ROWS, ROW, places
from dedup.matching.blocking.join import meetings
from dedup.matching.features import HeadlineFeatures, blocking_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.matching.blocking.candidates import Candidates
    from dedup.settings import Settings

WINDOWS = 2
"""How many windows the board reaches back from the latest time."""

_LEAST = 4096
"""Headlines that a board has room for at least, and out of reach at least before they are let go of."""

_NEARLY = 100
"""A batch is late when more than one in so many of the headlines within reach was published after any of it. What its
pairs' headlines met meanwhile would else count as met before; up to here that changes next to nothing."""

_SWEEPS = 16
"""How often in a window it is looked whether enough is out of reach: all times are looked at for it."""


@dataclass(frozen=True, slots=True)
class CandidateSet:
    """A batch and the remembered headlines that share a blocking key with it.

    Attributes:
        board: both, in order of time; its blocking keys stand in the candidates.
        chosen: whether a headline is of the batch, or of the circle that was asked for.
        candidates: pairs of the board of which at least one is chosen.
        met: how many candidates each headline had met before.
    """

    board: HeadlineFeatures
    chosen: NDArray[np.bool_]
    candidates: Candidates
    met: NDArray[np.int64]

    def touches(self) -> NDArray[np.void]:
        """What comparing the candidates changed, of dtype STATS_DELTA."""
        changed = true_at(self.board.candidate_count > self.met)
        touches = np.empty(len(changed), STATS_DELTA)
        touches["row"], touches["closest"] = self.board.row[changed], self.board.largest_overlap[changed]
        touches["met"] = self.board.candidate_count[changed] - self.met[changed]
        return touches


class WindowCache:
    """The headlines within reach, in order of rows; arrays with room to grow."""

    def __init__(self, settings: Settings, empty: HeadlineFeatures) -> None:
        self._settings = settings
        self._window = int(settings.window * time_windows.MICROSECONDS_AN_HOUR)
        self._count, self._latest, self._swept = 0, time_windows.NO_TIME, time_windows.NO_TIME
        self._board = _without_keys(empty).grow(_LEAST)
        self._places = KeyPostings()

    def __len__(self) -> int:
        return self._count

    def meet(self, fresh: HeadlineFeatures) -> CandidateSet:
        """The candidates of a batch, which is in order of time.

        Raises:
            TooManyHeadlinesError: more headlines than can meet at once.
        """
        if self._count + len(fresh) > MOST_ROWS:
            raise TooManyHeadlinesError(self._count + len(fresh), MOST_ROWS)
        return self._met(fresh, np.empty(0, np.int64))

    def meet_late(self, fresh: HeadlineFeatures, touched: NDArray[np.void]) -> CandidateSet:
        """The candidates of a batch and of its circle: the remembered headlines that comparing it touched.

        What these have met by now is more than they had met when the batch was published, and what was found between
        them was found without it. Here all that they meet is found anew, so that their neighbourhood is that of a scan.
        """
        rows = self._board.row[: self._count]
        found = self._met(fresh, rows.searchsorted(touched["row"][touched["row"] < fresh.row[0]]))
        found.board.candidate_count[:], found.board.largest_overlap[:] = 0, 0
        return found

    def is_late(self, fresh: HeadlineFeatures) -> bool:
        """Whether more was published after any of the batch than is left out of account (see ``_NEARLY``)."""
        dated = fresh.time[fresh.time != time_windows.NO_TIME]
        if not len(dated) or dated[0] >= self._latest:  # most batches
            return False
        return int((self._board.time[: self._count] > dated[0]).sum()) > self._count // _NEARLY

    def _met(self, fresh: HeadlineFeatures, circle: NDArray[np.int64]) -> CandidateSet:
        """The candidates of a batch and of those at some places of the board."""
        asked = placed = places(fresh.blocking_keys)
        times = fresh.time
        if len(circle):
            known = self._board.take(circle)
            asked = np.concatenate([placed, places(blocking_keys(known.words, known.signature, self._settings))])
            times = np.concatenate([times, known.time])
        found = self._places.of(distinct(asked & ~ROW))
        at = (found & ROW).astype(np.int64)
        rows = self._near(distinct(at), times)
        both = self._board.take(rows).concat(_without_keys(fresh))
        if (both.time[1:] >= both.time[:-1]).all():  # most batches come in order
            board, order = both, np.arange(len(both))
            rank = order
        else:
            order, rank = both.time.argsort(kind="stable"), np.empty(len(both), np.int64)
            rank[order] = np.arange(len(order))
            board = both.take(order)
        # KeyPostings of remembered headlines too far in time have no rank.
        place = rows.searchsorted(at)
        near = true_at(rows.take(place, mode="clip") == at) if len(rows) else rows
        ranked = [
            (found[near] & ~ROW) | rank[place[near]].astype(np.uint64),
            (placed & ~ROW) | rank[len(rows) + (placed & ROW).astype(np.int64)].astype(np.uint64),
        ]
        chosen = order >= len(rows)
        if len(circle):
            chosen[rank[rows.searchsorted(circle)]] = True
        candidates = meetings(
            np.sort(np.concatenate(ranked)),
            board.time,
            window=self._window,
            limit=self._settings.bucket_limit,
            since=int(chosen.argmax()) if len(chosen) else 0,
        )
        kept = true_at(chosen[candidates.left] | chosen[candidates.right])
        if len(kept) < len(candidates.left):
            candidates = candidates.take(kept)
        return CandidateSet(board, chosen, candidates, board.candidate_count.copy())

    def add(self, fresh: HeadlineFeatures, touches: NDArray[np.void], latest: int | None) -> None:
        """Take a batch whose rows follow those held, and what comparing it changed; let go of what is out of reach."""
        self._take_in(fresh)
        self.touch(touches)
        if latest is not None:
            self._let_go(latest - WINDOWS * self._window)

    def touch(self, touches: NDArray[np.void]) -> None:
        """Take what comparing others changed."""
        rows = self._board.row[: self._count]
        at = rows.searchsorted(touches["row"])
        held = at < self._count
        held[held] = rows[at[held]] == touches["row"][held]  # what was touched may be out of reach by now
        np.add.at(self._board.candidate_count, at[held], touches["met"][held])
        np.maximum.at(self._board.largest_overlap, at[held], touches["closest"][held])

    def touched(self) -> NDArray[np.void]:
        """What all touches so far come to, of dtype STATS_DELTA."""
        met = true_at(self._board.candidate_count[: self._count])
        touches = np.empty(len(met), STATS_DELTA)
        touches["row"], touches["met"] = self._board.row[met], self._board.candidate_count[met]
        touches["closest"] = self._board.largest_overlap[met]
        return touches

    def _near(self, rows: NDArray[np.int64], times: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of the rows that are within the window of some times, or without a time."""
        time = self._board.time[rows]
        if not len(times) or times.min() == time_windows.NO_TIME:
            return rows
        within = (time >= times.min() - self._window) & (time <= times.max() + self._window)
        near: NDArray[np.int64] = rows[within | (time == time_windows.NO_TIME)]
        return near

    def _take_in(self, fresh: HeadlineFeatures) -> None:
        postings = places(fresh.blocking_keys)
        self._places.add(postings + np.uint64(self._count))
        count = self._count + len(fresh)
        if count > len(self._board):
            self._board = self._board.grow(count + count // 2)
        self._board.write(self._count, _without_keys(fresh))
        self._count = count
        self._latest = max(self._latest, int(fresh.time.max(initial=time_windows.NO_TIME)))

    def _let_go(self, earliest: int) -> None:
        if earliest - self._swept < self._window // _SWEEPS:
            return
        self._swept = earliest
        time = self._board.time[: self._count]
        gone = (time < earliest) & (time != time_windows.NO_TIME)
        many = int(np.count_nonzero(gone))
        if many < _LEAST or many < self._count // 4:
            return
        kept = true_at(~gone)
        self._places.keep(kept, self._count)
        self._board = self._board.take(kept).grow(len(kept) + max(len(kept) // 2, _LEAST))
        self._count = len(kept)


def _without_keys(board: HeadlineFeatures) -> HeadlineFeatures:
    """The board without its blocking keys, which stand in ``KeyPostings``."""
    return replace(board, blocking_keys=board.blocking_keys[:, :0])
