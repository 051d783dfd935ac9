"""What an index writes to its SQLite file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup.index.recurrence import DAY, text_hash

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from dedup.index.recurrence import Days
    from dedup.index.storage.protocol import Batch, Match, Remembered

_MATCH = "INSERT INTO matches VALUES (?, ?, ?, ?)"
_BATCH = "INSERT INTO batches (batch, epoch, row, latest, touches) VALUES (?, ?, ?, ?, ?)"


class Writing:
    """The writing half of ``SqliteStorage``."""

    _connection: sqlite3.Connection

    def append(self, batch: Batch) -> None:
        """Remember a batch."""
        execute, many, position = self._connection.execute, self._connection.executemany, batch.position
        many(f"INSERT INTO headlines VALUES ({', '.join('?' * 14)})", map(_row, batch.headlines))
        many(_MATCH, batch.matches)
        merged = [(older, younger) for younger, older in batch.merged.items()]
        many("UPDATE headlines SET story = ? WHERE row = ?", merged)
        many("UPDATE headlines SET story = ? WHERE story = ? AND story <> row", merged)
        many("UPDATE former SET story = ? WHERE story = ?", merged)
        self._remember(batch.days)
        if batch.snapshot is not None:
            # The touches since the last snapshot stay, so that who knows that much need not begin anew.
            execute("DELETE FROM batches WHERE batch <= (SELECT max(batch) FROM snapshots)")
            execute("DELETE FROM snapshots WHERE batch < (SELECT max(batch) FROM snapshots)")
            execute("INSERT INTO snapshots VALUES (?, ?)", (position.batch - 1, batch.snapshot.tobytes()))
        execute(_BATCH, (*position, batch.touches.tobytes()))

    def replace(
        self, keys: pl.DataFrame, matches: Iterable[Match], days: Mapping[int, Days], became: Mapping[int, int]
    ) -> None:
        """Put other keys, stories and matches in the place of all there are, under a new epoch."""
        execute, many = self._connection.execute, self._connection.executemany
        changed = keys.select("title", "exact_key", "fuzzy_key", "tag", "recurs", "story", "row").iter_rows()
        query = "UPDATE headlines SET exact_key = ?, fuzzy_key = ?, tag = ?, recurs = ?, story = ? WHERE row = ?"
        many(query, ((*_keys(title, exact, fuzzy), *rest) for title, exact, fuzzy, *rest in changed))
        execute("DELETE FROM matches")
        many(_MATCH, matches)
        execute("DELETE FROM days")
        self._remember(days)
        former = execute("SELECT DISTINCT story FROM former").fetchall()
        many("UPDATE former SET story = -? WHERE story = ?", ((became[story], story) for (story,) in former))
        execute("UPDATE former SET story = -story")  # by way of numbers that are no stories: names may change places

    def prune(self, before: int, most: int | None = None) -> tuple[int, int]:
        """Forget headlines published (or, without a time, seen) before a moment; how many of each."""
        execute, limit = self._connection.execute, -1 if most is None else most
        execute("CREATE TEMP TABLE IF NOT EXISTS gone (row INTEGER PRIMARY KEY)")
        execute("DELETE FROM gone")
        dated = "INSERT INTO gone SELECT row FROM headlines WHERE published < ? ORDER BY published LIMIT ?"
        undated = "INSERT INTO gone SELECT row FROM headlines WHERE published IS NULL AND seen < ? LIMIT ?"
        pruned = execute(dated, (before, limit)).rowcount, execute(undated, (before, limit)).rowcount
        if any(pruned):
            columns = "row, mark, headline_id, outlet, published, story"
            execute(f"INSERT INTO former SELECT {columns} FROM headlines WHERE row IN gone")
            execute("DELETE FROM matches WHERE right IN gone")
            execute("DELETE FROM matches WHERE left IN gone")
            execute("DELETE FROM headlines WHERE row IN gone")
            execute(
                "DELETE FROM former WHERE "
                "NOT EXISTS (SELECT 1 FROM headlines AS one WHERE one.row = former.story AND one.story = one.row) AND "
                "NOT EXISTS (SELECT 1 FROM headlines AS one WHERE one.story = former.story AND one.story <> one.row)"
            )
            execute("DELETE FROM days WHERE last < ?", (before // DAY,))
        return pruned

    def renew(self, touches: NDArray[np.void]) -> None:
        """Begin a new epoch: what processes know of the index is no longer so."""
        execute = self._connection.execute
        last = execute("SELECT batch, epoch, row, latest FROM batches ORDER BY batch DESC LIMIT 1").fetchone()
        if last:
            batch, epoch, row, latest = last
            execute("DELETE FROM batches")
            execute("DELETE FROM snapshots")
            execute("INSERT INTO snapshots VALUES (?, ?)", (batch + 1, touches.tobytes()))
            execute(_BATCH, (batch + 1, epoch + 1, row, latest, b""))

    def _remember(self, days: Mapping[int, Days]) -> None:
        rows = ((title, ran.last, _signed(ran.recent)) for title, ran in days.items())
        self._connection.executemany("INSERT OR REPLACE INTO days VALUES (?, ?, ?)", rows)


def _row(headline: Remembered) -> tuple[object, ...]:
    row, headline_id, outlet, title, url, published, source, exact, fuzzy, *rest = headline
    exact_key, fuzzy_key = _keys(title, exact, fuzzy)
    mark = text_hash(headline_id)
    return (row, mark, headline_id, outlet, title, url, published, source, exact_key, fuzzy_key, *rest)


def _keys(title: str, exact: str, fuzzy: str) -> tuple[str | None, str | None]:
    """The keys, None where the one before says the same."""
    return None if exact == title else exact, None if fuzzy == exact else fuzzy


def _signed(bits: int) -> int:
    return bits - (1 << 64) if bits >> 63 else bits
