"""A batch meets what is remembered: matches, stories, verdicts.

Everything here works on what it is given and changes nothing that lasts: the same steps answer ``check``, and when a
commit fails there is nothing to take back.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dedup.core.hashing import true_at
from dedup.index.recurrence import recurrences
from dedup.index.storage.protocol import Batch, Match, Member, Position, Remembered
from dedup.index.story_state import Placed, StoryState
from dedup.index.verdict import Verdict, reasons_of
from dedup.matching.pairs import compare

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from dedup.index.incoming import Arrival
    from dedup.index.recurrence import Days
    from dedup.index.storage.protocol import Storage
    from dedup.index.window import CandidateSet, WindowCache
    from dedup.matching.features import HeadlineFeatures
    from dedup.matching.pairs import Compared
    from dedup.settings import Settings

_CIRCLE = 2_500
"""Headlines whose neighbourhood is found anew for a late batch, at most: that takes some tenths of a second. A late
batch that touches more is compared with what they have met by now; smaller batches are told all that a scan tells."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What adding a batch comes to.

    Attributes:
        board: the new headlines.
        batch: what is to be remembered.
        verdicts: by headline id, of the new headlines and of those that were remembered before.
    """

    board: HeadlineFeatures
    batch: Batch
    verdicts: dict[str, Verdict]


def settle(
    arrival: Arrival,
    remembered: Mapping[str, int],
    days: Mapping[int, Days],
    *,
    position: Position,
    live: WindowCache,
    storage: Storage,
    settings: Settings,
) -> Settled:
    """Compare new headlines with what is within reach, and place them in stories.

    Args:
        arrival: the new headlines.
        remembered: the rows of those that came again, by id.
        days: the days of those titles that ran before.
        position: where the index stands.
        live: the headlines within reach.
        storage: inside a transaction.
        settings: of the index.
    """
    recurs, ran = recurrences(arrival.titles, arrival.times, days)
    board = arrival.numbered(position.row + 1, recurs)
    meeting, touches, found = _compared(board, live, settings)
    at = _matches(found, meeting.board.row)
    touched = {row for match in at for row in match[:2] if row <= position.row}.union(remembered.values())
    shelf = StoryState(storage.load_stories(touched), settings)
    # What was pruned since this process looked is still within its reach, but matches nothing any more.
    held = [match for match in at if all(row > position.row or shelf.holds(row) for row in match[:2])]
    matches = [match for match in held if max(match[:2]) > position.row]
    verdicts = {one: shelf.remembered(row).verdict((), known=True) for one, row in remembered.items()}
    placed = _place(_members(arrival, position.row + 1), matches, shelf)
    matches += [match for match in held if max(match[:2]) <= position.row and shelf.join(match)]
    verdicts |= _verdicts(placed, found, at)
    latest = max((one for one in (position.latest, *arrival.times) if one is not None), default=None)
    batch = Batch(
        Position(position.batch + 1, position.epoch, position.row + len(placed), latest),
        _remembered(arrival, placed, recurs, shelf, latest),
        matches,
        shelf.merged(),
        ran,
        touches,
    )
    return Settled(board, batch, verdicts)


def _compared(
    board: HeadlineFeatures, live: WindowCache, settings: Settings
) -> tuple[CandidateSet, NDArray[np.void], Compared]:
    """The batch compared with what it meets: with whom, what that changed about them, and the pairs."""
    meeting = live.meet(board)
    found = compare(meeting.board, meeting.candidates, settings)
    touches = meeting.touches()
    if len(touches) <= _CIRCLE and live.is_late(board):
        meeting = live.meet_late(board, touches)
        found = compare(meeting.board, meeting.candidates, settings, is_query=meeting.chosen)
    return meeting, touches, found


def _matches(found: Compared, rows: NDArray[np.int64]) -> dict[Match, int]:
    """The matches, and the place of each in what was found."""
    at = true_at(found.is_match)
    if not len(at):
        return {}
    columns = (rows[found.right[at]], rows[found.left[at]], found.score[at], found.relation[at])
    matches = (Match(*match) for match in zip(*(column.tolist() for column in columns), strict=True))
    return dict(zip(matches, at.tolist(), strict=True))


def _members(arrival: Arrival, first: int) -> list[Member]:
    """The new headlines, each a story of its own so far."""
    rows = range(first, first + len(arrival.times))
    ids, outlets = (arrival.keys[name].to_list() for name in ("headline_id", "outlet"))
    return [Member(*told) for told in zip(rows, rows, ids, outlets, arrival.times, strict=True)]


def _place(members: list[Member], matches: list[Match], shelf: StoryState) -> list[Placed]:
    """Place new headlines one by one; a match counts for the one that is placed later."""
    of_row: dict[int, list[Match]] = defaultdict(list)
    for match in matches:
        of_row[max(match.right, match.left)].append(match)
    return [shelf.place(member, of_row[member.row]) for member in members]


def _verdicts(placed: list[Placed], found: Compared, at: Mapping[Match, int]) -> dict[str, Verdict]:
    best = [at[one.best] for one in placed if one.best]
    reasons = reasons_of(found.evidence, np.array(best, np.int64)) if best else {}
    return {
        one.member.headline_id: one.verdict(reasons[at[one.best]] if one.best else (), known=False) for one in placed
    }


def _remembered(
    arrival: Arrival, placed: list[Placed], recurs: list[int], shelf: StoryState, latest: int | None
) -> Iterator[Remembered]:
    """What is remembered of new headlines, made when it is written: a check needs none of it."""
    seen = time.time_ns() // 1000 if latest is None else latest
    names = ("title", "url", "source", "exact_key", "fuzzy_key", "tag")
    columns = (arrival.keys[name].to_list() for name in names)
    for (one, *_), ran, title, url, source, exact, fuzzy, tag in zip(placed, recurs, *columns, strict=True):
        yield Remembered(
            one.row, one.headline_id, one.outlet, title, url, one.published, source, exact, fuzzy, tag, ran,
            shelf.story(one.row), seen if one.published is None else None,
        )  # fmt: skip
