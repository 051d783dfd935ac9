"""An index in one SQLite file: the embedded default, and the storage of ``:memory:``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import orjson

from dedup.index.storage.sqlite import headlines, statistics, stories
from dedup.index.storage.sqlite.checksums import row_checksum, verified
from dedup.index.storage.sqlite.database import Database
from dedup.index.storage.sqlite.verification import find_problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from dedup.index.recurrence import RunDays
    from dedup.index.storage.protocol import Batch, Changes, Match, Position, StoredStories


class SqliteStorage:
    """See ``dedup.index.storage.protocol.Storage``; used by one thread at a time."""

    def __init__(self, where: str, mode: Literal["r", "rw"]) -> None:
        """Open a file, see ``Database``.

        Raises:
            HeadlineIndexError: the file cannot be opened, or is no index.
        """
        self.where = where
        self._database = Database(where, mode)
        self._connection = self._database.connection

    def set_retention(self, reach: int, retention: int | None) -> int | None:  # noqa: ARG002 - the protocol's
        """Keep headlines as long as requested, otherwise for ever."""
        return retention

    def reading(self) -> AbstractContextManager[None]:
        """Open one unchanging view of the index."""
        return self._database.reading()

    def writing(self) -> AbstractContextManager[None]:
        """Open a write transaction."""
        return self._database.writing()

    def fingerprint(self) -> dict[str, object] | None:
        """Return the fingerprint that the index was made with; None for a new one."""
        for _, value in verified("fingerprint", self._connection.execute("SELECT * FROM fingerprint")):
            fingerprint: dict[str, object] = orjson.loads(value)
            return fingerprint
        return None

    def write_fingerprint(self, fingerprint: Mapping[str, object]) -> None:
        """Store the fingerprint."""
        row = (1, orjson.dumps(fingerprint).decode())
        self._connection.execute("INSERT OR REPLACE INTO fingerprint VALUES (?, ?, ?)", (*row, row_checksum(row)))

    def changes(self, since: Position | None, reach: int) -> Changes:
        """Return the batches added since a position, or everything within reach if that position is None or invalid."""
        return statistics.load_changes(self._connection, since, reach)

    def look_up(self, ids: Sequence[str], titles: Sequence[int]) -> tuple[dict[str, int], dict[int, RunDays]]:
        """Return the rows of those ids that are stored, and the days of those titles that ran before."""
        return headlines.find_rows(self._connection, ids), statistics.load_days(self._connection, titles)

    def load_stories(self, rows: Iterable[int]) -> StoredStories:
        """Return the stories of these headlines."""
        return stories.load_stories(self._connection, rows)

    def append(self, batch: Batch) -> None:
        """Write a batch."""
        headlines.insert_headlines(self._connection, batch.headlines)
        stories.insert_matches(self._connection, batch.matches)
        stories.merge_stories(self._connection, batch.merged)
        statistics.write_days(self._connection, batch.days)
        statistics.append_batch(self._connection, batch.position, batch.deltas, batch.snapshot)

    def matches(self, row: int) -> list[Match]:
        """Return all matches of a headline, on either side."""
        return stories.load_matches(self._connection, row)

    def find(self, headline_id: str) -> tuple[int, int] | None:
        """Return row and story of a headline, also of a pruned one whose story still exists; None if unknown."""
        return headlines.find_headline(self._connection, headline_id)

    def headlines(self, rows: Iterable[int] | None = None) -> pl.DataFrame:
        """Return KEYS with ``row``, ``story`` and ``recurs`` of these rows, or of all, in order of row."""
        return headlines.load_frame(self._connection, rows)

    def replace(
        self, keys: pl.DataFrame, matches: Iterable[Match], days: Mapping[int, RunDays], successors: Mapping[int, int]
    ) -> None:
        """Replace all keys, stories and matches; ``begin_epoch`` must follow."""
        headlines.replace_keys(self._connection, keys)
        stories.replace_matches(self._connection, matches)
        stories.replace_stories_of_pruned(self._connection, successors)
        statistics.replace_days(self._connection, days)

    def prune(self, before: int, limit: int | None = None) -> tuple[int, int]:
        """Remove headlines published, or last seen, before a time; return how many dated and undated ones."""
        removed = headlines.select_for_pruning(self._connection, before, -1 if limit is None else limit)
        if any(removed):
            stories.prune_selected(self._connection)
            statistics.prune_days(self._connection, before)
        return removed

    def begin_epoch(self, deltas: NDArray[np.void]) -> None:
        """Begin a new epoch, so that all processes reload."""
        statistics.begin_epoch(self._connection, deltas)

    def counts(self) -> dict[str, int | None]:
        """Return the fields of ``Stats`` that are numbers or times, by name; times in microseconds or None."""
        return statistics.count_all(self._connection)

    def find_problems(self) -> Iterator[str]:
        """Yield everything that is damaged or inconsistent, in words."""
        return find_problems(self._connection)

    def shrink(self) -> None:
        """Return the space of pruned headlines to the file system."""
        self._database.shrink()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
