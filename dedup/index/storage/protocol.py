"""What an index asks of its storage: one small interface, in few large calls.

A call of the index is one transaction. In it the storage is asked at most four times, whatever the size of the batch,
so that a storage at the other end of a network needs few round trips:

1. ``news``: what others have committed since this process last looked;
2. ``arrivals``: which ids are remembered, and on which days the titles ran before;
3. ``load_stories``: the stories of the headlines that the batch matches;
4. ``append``: all that the batch adds or changes.

Headlines are named by their rows: whole numbers that grow in the order in which headlines were added, and are never
given twice. A story is named by the row of the headline that began it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    import polars as pl
    from numpy.typing import NDArray

    from dedup.index.recurrence import Days

STATS_DELTA = np.dtype([("row", "<i8"), ("met", "<i4"), ("closest", "<f4")])
"""What comparing changed about a headline: how many more candidates it met, and the largest overlap met. Touches can be
applied in any order: the first adds up, of the second the largest stays."""


class Position(NamedTuple):
    """How much of an index a process knows.

    Attributes:
        batch: the last call that added something; it grows.
        epoch: grows when headlines within reach are taken away or changed: what was known is void.
        row: the last row given.
        latest: the latest time of publication, microseconds; None while no time is known.
    """

    batch: int
    epoch: int
    row: int
    latest: int | None


class Recalled(NamedTuple):
    """A remembered headline as the board needs it; the time is in microseconds, None where unknown."""

    row: int
    published: int | None
    outlet: str
    fuzzy_key: str
    recurs: int


@dataclass(frozen=True, slots=True)
class News:
    """What others have added.

    Attributes:
        position: how much is known with this.
        whole: whether it is all that the window reaches, instead of what came since: what was known is void.
        headlines: the headlines, in order of their rows.
        touches: of dtype STATS_DELTA, shape (t,).
    """

    position: Position
    whole: bool
    headlines: list[Recalled]
    touches: NDArray[np.void]


class Remembered(NamedTuple):
    """A headline to be remembered; times in microseconds.

    ``seen`` is the latest time that was known when a headline without a time came: its retention counts from there.
    """

    row: int
    headline_id: str
    outlet: str
    title: str
    url: str | None
    published: int | None
    source: str
    exact_key: str
    fuzzy_key: str
    tag: str | None
    recurs: int
    story: int
    seen: int | None


class Match(NamedTuple):
    """A matched pair of rows, ``left`` the earlier published."""

    right: int
    left: int
    score: float
    relation: str


class Member(NamedTuple):
    """A headline of a story; ``published`` in microseconds."""

    row: int
    story: int
    headline_id: str
    outlet: str
    published: int | None


@dataclass(frozen=True, slots=True)
class StoredStories:
    """Stories that exist.

    Attributes:
        members: all their headlines, in order of rows.
        matches: the matches whose later published headline is one of them.
        former: the headlines that began them and were pruned.
    """

    members: list[Member] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    former: list[Member] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Batch:
    """All that one call adds or changes.

    Attributes:
        position: where the index stands after it.
        headlines: the new ones, in order of rows; to be gone through once.
        matches: those found with them.
        merged: the stories that became part of another, and which: their headlines, also those that were pruned, now
            belong there.
        days: the days on which titles ran, by title.
        touches: of dtype STATS_DELTA, shape (t,).
        snapshot: of dtype STATS_DELTA, for all headlines within reach: what the touches of all earlier batches come to.
            None while these are few enough to be told one by one.
    """

    position: Position
    headlines: Iterable[Remembered]
    matches: list[Match]
    merged: dict[int, int]
    days: Mapping[int, Days]
    touches: NDArray[np.void]
    snapshot: NDArray[np.void] | None = None


class Storage(Protocol):
    """Where an index is remembered.

    Every method but ``close`` raises ``HeadlineIndexError`` when the storage cannot do it. All but the context managers
    are called inside one of them.
    """

    where: str
    """The index in messages, as the user named it."""

    def retain(self, reach: int, retention: int | None) -> int | None:
        """Say for how long headlines are kept; called once, before anything is added.

        Args:
            reach: microseconds that the windows reach back.
            retention: microseconds asked for; None for what suits the storage.

        Returns:
            Microseconds before the latest time from which headlines are kept; None for ever.
        """

    def reading(self) -> AbstractContextManager[object]:
        """One unchanging view of the index; never waits for a writer.

        A storage that cannot hold a view still leaves out headlines that come meanwhile, and raises
        ``WriteConflictError`` when what was read is gone.
        """

    def writing(self) -> AbstractContextManager[object]:
        """One transaction: all of it or, when an exception leaves it, nothing. Writers wait for each other.

        Raises ``WriteConflictError`` when another wrote all the same: nothing of this one was written.
        """

    def passport(self) -> dict[str, object] | None:
        """What the index was made with; None for a new one."""

    def stamp(self, passport: Mapping[str, object]) -> None:
        """Remember what the index is made with."""

    def news(self, known: Position | None, reach: int) -> News:
        """What was added since, or all that lies within ``reach`` microseconds of the latest time, or has no time."""

    def arrivals(self, ids: Sequence[str], titles: Sequence[int]) -> tuple[dict[str, int], dict[int, Days]]:
        """The rows of those ids that are remembered, and the days of those titles that ran before."""

    def load_stories(self, rows: Iterable[int]) -> StoredStories:
        """The stories of these headlines."""

    def append(self, batch: Batch) -> None:
        """Remember a batch."""

    def matches(self, row: int) -> list[Match]:
        """The matches of a headline, with earlier and with later ones."""

    def find(self, headline_id: str) -> tuple[int, int] | None:
        """Row and story of a headline, or of a pruned one whose story is still there."""

    def headlines(self, rows: Iterable[int] | None = None) -> pl.DataFrame:
        """KEYS with ``row``, ``story`` and ``recurs``, of these rows or of all, in order of rows."""

    def replace(
        self, keys: pl.DataFrame, matches: Iterable[Match], days: Mapping[int, Days], became: Mapping[int, int]
    ) -> None:
        """Put other keys, stories and matches in the place of all there are; ``renew`` must follow.

        Args:
            keys: columns ``row``, ``title``, ``exact_key``, ``fuzzy_key``, ``tag``, ``recurs``, ``story`` of all
                headlines.
            matches: all matches.
            days: the days of all titles.
            became: for each story that there was, a story where its headlines went: the pruned ones go there too.
        """

    def prune(self, before: int, most: int | None = None) -> tuple[int, int]:
        """Forget headlines published before a moment, the oldest first, and those without a time seen before it.

        Args:
            before: microseconds.
            most: forget so many of each at most.

        Returns:
            How many of each were forgotten.
        """

    def renew(self, touches: NDArray[np.void]) -> None:
        """Begin a new epoch: what processes know of the index is no longer so. All touches so far come to these."""

    def tally(self) -> dict[str, int | None]:
        """``headlines``, ``stories``, ``matches``, ``undated``, ``first``, ``last`` (microseconds) and ``bytes``."""

    def shrink(self) -> None:
        """Give the space of what was pruned back; called outside of a transaction."""

    def close(self) -> None:
        """Let go of it; more than once is fine."""
