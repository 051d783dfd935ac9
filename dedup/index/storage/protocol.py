"""The storage protocol: everything an index reads and writes, in few large calls.

Each call of an index is one transaction. A transaction calls its storage at most four times, whatever the size of the
batch, so that a storage behind a network needs few round trips:

1. ``changes``: batches that other processes have committed since this process last looked;
2. ``look_up``: rows of the ids that are already stored, and the days on which the titles ran before;
3. ``load_stories``: the stories of the headlines that the batch matches;
4. ``append``: everything that the batch adds or changes.

Headlines are identified by row: integers that grow in the order of insertion and are never reused. A story is
identified by the row of the headline that began it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    import polars as pl
    from numpy.typing import NDArray

    from dedup.index.recurrence import RunDays

FORMAT = 2
"""Version of the stored layout; raised whenever a storage changes it."""

STATS_DELTA = np.dtype([("row", "<i8"), ("candidate_count", "<i4"), ("largest_overlap", "<f4")])
"""A change of a headline's neighbour statistics: candidates to add to its count, and an overlap to maximize with. The
order in which deltas are applied is irrelevant."""

NO_DELTAS = np.empty(0, STATS_DELTA)


class Position(NamedTuple):
    """A point in the history of an index, as far as a process has read it.

    Attributes:
        batch: number of the last batch; grows with every call that adds headlines.
        epoch: grows when headlines within reach are removed or rewritten, which invalidates every window cache.
        row: the last row assigned.
        latest: the latest time of publication, microseconds since 1970 UTC; None while no time is known.
    """

    batch: int
    epoch: int
    row: int
    latest: int | None


class WindowHeadline(NamedTuple):
    """The columns of a stored headline that its features are computed from; ``published`` in microseconds."""

    row: int
    published: int | None
    outlet: str
    fuzzy_key: str
    recurs: int


@dataclass(frozen=True, slots=True)
class Changes:
    """Batches that other processes have committed since a position.

    Attributes:
        position: the current position.
        is_reset: True if the known position is invalid: the changes are then all headlines within reach.
        headlines: headlines to add to the window cache, in order of row.
        deltas: dtype STATS_DELTA, shape (d,).
    """

    position: Position
    is_reset: bool
    headlines: list[WindowHeadline]
    deltas: NDArray[np.void]


class StoredHeadline(NamedTuple):
    """A headline to store; times in microseconds since 1970 UTC.

    ``seen`` is set for headlines without a time: the latest time of publication known when they were added, from which
    their retention counts.
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
    """A matched pair of rows; ``left`` was published first."""

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
    """Stories read from the storage.

    Attributes:
        members: their headlines, in order of row.
        matches: matches whose ``right`` headline is one of the members.
        pruned_founders: the headlines that began these stories and have been pruned since.
    """

    members: list[Member] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    pruned_founders: list[Member] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything that one call adds or changes.

    Attributes:
        position: the position after the call.
        headlines: new headlines in order of row; an iterator, to be consumed once.
        matches: new matches.
        merged: for each story that was merged into another one, the story that absorbed it.
        days: the days on which titles ran, by title hash.
        deltas: dtype STATS_DELTA, shape (d,).
        snapshot: dtype STATS_DELTA: the sum of the deltas of all earlier batches, for the headlines within reach. None
            while the deltas are still few enough to be read one batch at a time.
    """

    position: Position
    headlines: Iterable[StoredHeadline]
    matches: list[Match]
    merged: dict[int, int]
    days: Mapping[int, RunDays]
    deltas: NDArray[np.void]
    snapshot: NDArray[np.void] | None = None


class Storage(Protocol):
    """Persistent state of an index.

    Every method but ``close`` raises ``HeadlineIndexError`` on failure. All methods from ``fingerprint`` to ``counts``
    are called inside ``reading()`` or ``writing()``.
    """

    where: str
    """The address of the index for messages, without secrets."""

    def set_retention(self, reach: int, retention: int | None) -> int | None:
        """Set how long headlines are kept; called once, before anything is added.

        Args:
            reach: microseconds that the window cache reaches back.
            retention: microseconds requested; None for the default of the storage.

        Returns:
            Microseconds before the latest time from which headlines are kept; None for ever.
        """

    def reading(self) -> AbstractContextManager[object]:
        """Open a consistent view of the index; never waits for a writer.

        A storage without snapshots hides headlines that are added meanwhile, and raises ``WriteConflictError`` when
        something read was removed.
        """

    def writing(self) -> AbstractContextManager[object]:
        """Open a write transaction: committed as a whole, or rolled back when an exception leaves it.

        Writers wait for each other. Raises ``WriteConflictError``, with nothing written, when another one committed
        first all the same.
        """

    def fingerprint(self) -> dict[str, object] | None:
        """Return the fingerprint that the index was made with; None for a new one."""

    def write_fingerprint(self, fingerprint: Mapping[str, object]) -> None:
        """Store the fingerprint."""

    def changes(self, since: Position | None, reach: int) -> Changes:
        """Return the batches added since a position, or everything within reach if that position is None or invalid.

        Args:
            since: the position up to which the caller has read.
            reach: microseconds before the latest time; headlines without a time are always within reach.
        """

    def look_up(self, ids: Sequence[str], titles: Sequence[int]) -> tuple[dict[str, int], dict[int, RunDays]]:
        """Return the rows of those ids that are stored, and the days of those titles that ran before."""

    def load_stories(self, rows: Iterable[int]) -> StoredStories:
        """Return the stories of these headlines."""

    def append(self, batch: Batch) -> None:
        """Write a batch."""

    def matches(self, row: int) -> list[Match]:
        """Return all matches of a headline, on either side."""

    def find(self, headline_id: str) -> tuple[int, int] | None:
        """Return row and story of a headline, also of a pruned one whose story still exists; None if unknown."""

    def headlines(self, rows: Iterable[int] | None = None) -> pl.DataFrame:
        """Return KEYS with ``row``, ``story`` and ``recurs`` of these rows, or of all, in order of row."""

    def replace(
        self, keys: pl.DataFrame, matches: Iterable[Match], days: Mapping[int, RunDays], successors: Mapping[int, int]
    ) -> None:
        """Replace all keys, stories and matches; ``begin_epoch`` must follow.

        Args:
            keys: columns ``row``, ``title``, ``exact_key``, ``fuzzy_key``, ``tag``, ``recurs``, ``story`` of all
                headlines.
            matches: all matches.
            days: the days of all titles.
            successors: for each earlier story, the story that its first remaining headline belongs to now; pruned
                headlines follow it.
        """

    def prune(self, before: int, limit: int | None = None) -> tuple[int, int]:
        """Remove headlines published before a time, oldest first, and undated ones last seen before it.

        Args:
            before: microseconds since 1970 UTC.
            limit: remove at most this many dated and this many undated ones.

        Returns:
            The number of dated and of undated headlines removed.
        """

    def begin_epoch(self, deltas: NDArray[np.void]) -> None:
        """Begin a new epoch, so that all processes reload; ``deltas`` are the sum of all statistics so far."""

    def counts(self) -> dict[str, int | None]:
        """Return the fields of ``Stats`` that are numbers or times, by name; times in microseconds or None."""

    def find_problems(self) -> Iterator[str]:
        """Yield everything that is damaged or inconsistent, in words; reads the whole index."""

    def shrink(self) -> None:
        """Return the space of pruned headlines to the system; called outside of a transaction."""

    def close(self) -> None:
        """Close the storage; calling it twice is allowed."""
