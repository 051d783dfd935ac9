"""The headlines that a new one can still match, kept ready for comparison.

They are those that two windows reach back from the latest time (the second is for headlines that come late, and what
they match), and those without a time. Their number depends on the window, not on the age of the index. For a batch,
those that share a blocking key with any of it are taken out and put, with the batch and in order of time, on one small
board, which goes through the same comparison as the slices of a scan: the look-up only spares what would not meet.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from dedup.errors import TooManyHeadlinesError
from dedup.index.places import Places
from dedup.index.storage import TOUCH
from dedup.matching import blocking
from dedup.matching.board import Board
from dedup.matching.words import Words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.settings import Settings

WINDOWS = 2
"""How many windows the board reaches back from the latest time."""

_LEAST = 4096
"""Headlines that a board has room for at least, and out of reach at least before they are let go of."""

Part = TypeVar("Part", Board, Words)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A batch and the remembered headlines that share a blocking key with it.

    Attributes:
        board: both, in order of time; its blocking keys stand in the candidates.
        candidates: pairs of the board of which at least one is of the batch.
        met: how many candidates each headline had met before.
    """

    board: Board
    candidates: blocking.Candidates
    met: NDArray[np.int64]

    def touches(self) -> NDArray[np.void]:
        """What comparing the candidates changed, of dtype TOUCH."""
        changed = np.flatnonzero(self.board.met > self.met)
        touches = np.empty(len(changed), TOUCH)
        touches["row"], touches["closest"] = self.board.row[changed], self.board.closest[changed]
        touches["met"] = self.board.met[changed] - self.met[changed]
        return touches


class Live:
    """The headlines within reach, in order of rows; arrays with room to grow."""

    def __init__(self, settings: Settings, empty: Board) -> None:
        self._settings = settings
        self._window = int(settings.window * blocking.MICROSECONDS_AN_HOUR)
        self._count = 0
        self._board = _with_room(_without_keys(empty), _LEAST)
        self._places = Places()

    def __len__(self) -> int:
        return self._count

    def meet(self, fresh: Board) -> Meeting:
        """The candidates of a batch, which is in order of time.

        Raises:
            TooManyHeadlinesError: more headlines than can meet at once.
        """
        if self._count + len(fresh) > blocking.MOST_ROWS:
            raise TooManyHeadlinesError(self._count + len(fresh), blocking.MOST_ROWS)
        placed = blocking.places(fresh.blocks)
        found = self._places.of(np.unique(placed & ~blocking.ROW))
        rows = self._near(np.unique((found & blocking.ROW).astype(np.int64)), fresh)
        both = self._board.take(rows).then(_without_keys(fresh))
        order = np.argsort(both.time, kind="stable")
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        # Places of remembered headlines too far in time have no rank.
        at = (found & blocking.ROW).astype(np.int64)
        place = np.minimum(np.searchsorted(rows, at), max(len(rows) - 1, 0))
        near = rows[place] == at if len(rows) else np.zeros(len(at), bool)
        ranked = [
            (found[near] & ~blocking.ROW) | rank[place[near]].astype(np.uint64),
            (placed & ~blocking.ROW) | rank[len(rows) + (placed & blocking.ROW).astype(np.int64)].astype(np.uint64),
        ]
        board, new = both.take(order), order >= len(rows)
        first = int(np.argmax(new)) if len(new) else 0
        limit = self._settings.bucket_limit
        candidates = blocking.meetings(
            np.sort(np.concatenate(ranked)), board.time, window=self._window, limit=limit, since=first
        )
        kept = np.flatnonzero(new[candidates.left] | new[candidates.right])
        return Meeting(board, candidates.take(kept), board.met.copy())

    def add(self, fresh: Board, touches: NDArray[np.void], latest: int | None) -> None:
        """Take a batch whose rows follow those held, and what comparing it changed; let go of what is out of reach."""
        self._take_in(fresh)
        self._touch(touches)
        if latest is not None:
            self._let_go(latest - WINDOWS * self._window)

    def touched(self) -> NDArray[np.void]:
        """What all touches so far come to, of dtype TOUCH."""
        met = np.flatnonzero(self._board.met[: self._count])
        touches = np.empty(len(met), TOUCH)
        touches["row"], touches["met"] = self._board.row[met], self._board.met[met]
        touches["closest"] = self._board.closest[met]
        return touches

    def _near(self, rows: NDArray[np.int64], fresh: Board) -> NDArray[np.int64]:
        """Those of the rows that are within the window of the batch, or without a time."""
        time = self._board.time[rows]
        if not len(fresh) or fresh.time[0] == blocking.NO_TIME:
            return rows
        within = (time >= fresh.time[0] - self._window) & (time <= fresh.time[-1] + self._window)
        near: NDArray[np.int64] = rows[within | (time == blocking.NO_TIME)]
        return near

    def _take_in(self, fresh: Board) -> None:
        places = blocking.places(fresh.blocks)
        self._places.add(places + np.uint64(self._count))
        count = self._count + len(fresh)
        if count > len(self._board):
            self._board = _with_room(self._board, count + count // 2)
        _write(self._board, self._count, _without_keys(fresh))
        self._count = count

    def _touch(self, touches: NDArray[np.void]) -> None:
        rows = self._board.row[: self._count]
        at = np.searchsorted(rows, touches["row"])
        held = at < self._count
        held[held] = rows[at[held]] == touches["row"][held]  # what was touched may be out of reach by now
        np.add.at(self._board.met, at[held], touches["met"][held])
        np.maximum.at(self._board.closest, at[held], touches["closest"][held])

    def _let_go(self, earliest: int) -> None:
        time = self._board.time[: self._count]
        gone = (time < earliest) & (time != blocking.NO_TIME)
        many = int(np.count_nonzero(gone))
        if many < _LEAST or many < self._count // 4:
            return
        kept = np.flatnonzero(~gone)
        self._places.keep(kept, self._count)
        self._board = _with_room(self._board.take(kept), len(kept) + max(len(kept) // 2, _LEAST))
        self._count = len(kept)


def _without_keys(board: Board) -> Board:
    """The board without its blocking keys, which stand in ``Places``."""
    return replace(board, blocks=board.blocks[:, :0])


def _with_room(part: Part, room: int) -> Part:
    """The same arrays, longer."""
    longer: list[Any] = []
    held: list[Any] = [getattr(part, field.name) for field in fields(part)]
    for values in held:
        if isinstance(values, Words):
            longer.append(_with_room(values, room))
            continue
        roomy = np.zeros((room, *values.shape[1:]), values.dtype)
        roomy[: len(values)] = values[:room]
        longer.append(roomy)
    return type(part)(*longer)


def _write(part: Part, at: int, new: Part) -> None:
    """Write arrays into longer ones."""
    both: list[tuple[Any, Any]] = [(getattr(part, field.name), getattr(new, field.name)) for field in fields(part)]
    for mine, others in both:
        if isinstance(mine, Words):
            _write(mine, at, others)
        else:
            mine[at : at + len(others)] = others
