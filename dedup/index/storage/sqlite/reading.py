"""What an index asks of its SQLite file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import orjson
import polars as pl

from dedup.frames import KEYS, TIME
from dedup.index.recurrence import Days, text_hash
from dedup.index.storage.protocol import STATS_DELTA, Match, Member, News, Position, Recalled, StoredStories

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

_LISTED = "(SELECT value FROM json_each(?))"
_FUZZY = "coalesce(fuzzy_key, exact_key, title)"
_BLOCK = 50_000
"""Rows held as Python objects at once."""

_COLUMNS = {**KEYS, "published": pl.Int64(), "row": pl.Int64(), "story": pl.Int64(), "recurs": pl.Int32()}


class Reading:
    """The reading half of ``SqliteStorage``."""

    _connection: sqlite3.Connection
    where: str

    def news(self, known: Position | None, reach: int) -> News:
        """What was added since, or all that is within reach."""
        execute = self._connection.execute
        last = execute("SELECT batch, epoch, row, latest FROM batches ORDER BY batch DESC LIMIT 1").fetchone()
        position = Position(*last) if last else Position(0, 0, 0, None)
        if position == known:
            return News(position, whole=False, headlines=[], touches=np.empty(0, STATS_DELTA))
        since = known if known and known.epoch == position.epoch and self._reaches(known.batch) else None
        columns = f"SELECT row, published, outlet, {_FUZZY}, recurs FROM headlines"
        if since:
            found = execute(f"{columns} WHERE row > ? ORDER BY row", (since.row,))
        else:
            earliest = (position.latest or 0) - reach
            # One question for both would be answered by a look at every row.
            near = "SELECT row FROM headlines WHERE published >= ? UNION ALL SELECT row FROM headlines WHERE published"
            found = execute(f"{columns} WHERE row IN ({near} IS NULL) ORDER BY row", (earliest,))
        return News(position, since is None, [Recalled(*row) for row in found], self._touches(since))

    def _reaches(self, batch: int) -> bool:
        """Whether the touches of all later batches are still told one by one."""
        snapshots = [row[0] for row in self._connection.execute("SELECT batch FROM snapshots ORDER BY batch")]
        return len(snapshots) < 2 or batch >= snapshots[0]

    def _touches(self, known: Position | None) -> NDArray[np.void]:
        parts, since = [b""], known.batch if known else 0
        if known is None:
            snapshot = self._connection.execute("SELECT batch, touches FROM snapshots ORDER BY batch DESC LIMIT 1")
            for batch, touches in snapshot.fetchall():
                since = batch
                parts.append(touches)
        later = self._connection.execute("SELECT touches FROM batches WHERE batch > ?", (since,))
        return np.frombuffer(b"".join([*parts, *(touches for (touches,) in later)]), STATS_DELTA)

    def arrivals(self, ids: Sequence[str], titles: Sequence[int]) -> tuple[dict[str, int], dict[int, Days]]:
        """The rows of ids that are remembered, and the days of titles that ran before."""
        execute = self._connection.execute
        marks = _listed(text_hash(one) for one in ids)
        found = execute(f"SELECT headline_id, row FROM headlines WHERE mark IN {_LISTED}", (marks,))
        asked = set(ids)
        rows = {headline_id: row for headline_id, row in found if headline_id in asked}
        if not titles:
            return rows, {}
        ran = execute(f"SELECT title, last, recent FROM days WHERE title IN {_LISTED}", (_listed(titles),))
        return rows, {title: Days(last, recent & (1 << 64) - 1) for title, last, recent in ran}

    def load_stories(self, rows: Iterable[int]) -> StoredStories:
        """The stories of these headlines."""
        asked = _listed(rows)
        if asked == "[]":
            return StoredStories()
        execute = self._connection.execute
        columns = "row, story, headline_id, outlet, published"
        named = (
            f"SELECT story FROM headlines WHERE row IN {_LISTED} UNION SELECT story FROM former WHERE row IN {_LISTED}"
        )
        stories = _listed(story for (story,) in execute(named, (asked, asked)))
        members = execute(
            f"SELECT {columns} FROM headlines WHERE row IN {_LISTED} AND story = row UNION ALL "
            f"SELECT {columns} FROM headlines WHERE story IN {_LISTED} AND story <> row ORDER BY row",
            (stories, stories),
        ).fetchall()
        theirs = _listed(member[0] for member in members)
        matches = execute(f"SELECT * FROM matches WHERE right IN {_LISTED}", (theirs,)).fetchall()
        former = execute(f"SELECT {columns} FROM former WHERE row IN {_LISTED}", (stories,)).fetchall()
        return StoredStories(
            list(map(Member._make, members)), list(map(Match._make, matches)), list(map(Member._make, former))
        )

    def matches(self, row: int) -> list[Match]:
        """The matches of a headline."""
        found = self._connection.execute(
            "SELECT * FROM matches WHERE right = ? UNION ALL SELECT * FROM matches WHERE left = ?", (row, row)
        )
        return [Match(*match) for match in found]

    def find(self, headline_id: str) -> tuple[int, int] | None:
        """Row and story of a headline, or of a pruned one whose story is still there."""
        for table in ("headlines", "former"):
            found = self._connection.execute(
                f"SELECT row, story FROM {table} WHERE mark = ? AND headline_id = ?",
                (text_hash(headline_id), headline_id),
            ).fetchone()
            if found:
                return int(found[0]), int(found[1])
        return None

    def headlines(self, rows: Iterable[int] | None = None) -> pl.DataFrame:
        """KEYS with ``row``, ``story`` and ``recurs``, of these rows or of all, in order of rows."""
        columns = (
            "headline_id, outlet, title, url, published, source, coalesce(exact_key, title), "
            f"{_FUZZY}, tag, row, story, recurs"
        )
        if rows is None:
            found = self._connection.execute(f"SELECT {columns} FROM headlines ORDER BY row")
        else:
            query = f"SELECT {columns} FROM headlines WHERE row IN {_LISTED} ORDER BY row"
            found = self._connection.execute(query, (_listed(rows),))
        parts = [pl.DataFrame(schema=_COLUMNS)]
        while block := found.fetchmany(_BLOCK):
            parts.append(pl.DataFrame(block, schema=_COLUMNS, orient="row"))
        return pl.concat(parts).with_columns(pl.col("published").cast(pl.Datetime("us")).cast(TIME))

    def tally(self) -> dict[str, int | None]:
        """How much is remembered, from when to when, and the bytes that it takes."""
        joined = "SELECT story FROM headlines WHERE story <> row"  # an index holds these, and no others
        questions = {
            "headlines": "SELECT count(*) FROM headlines",
            "stories": "SELECT (SELECT count(*) FROM headlines)"
            f" - (SELECT count(*) FROM ({joined})) + (SELECT count(DISTINCT story) FROM ({joined}))"
            f" - (SELECT count(*) FROM headlines WHERE row IN ({joined}))",
            "matches": "SELECT count(*) FROM matches",
            "undated": "SELECT count(*) FROM headlines WHERE published IS NULL",
            "first": "SELECT min(published) FROM headlines",
            "last": "SELECT max(published) FROM headlines",
            "bytes": "SELECT (SELECT * FROM pragma_page_count) * (SELECT * FROM pragma_page_size)",
        }
        return {name: self._connection.execute(question).fetchone()[0] for name, question in questions.items()}


def _listed(values: Iterable[int]) -> str:
    """Whole numbers as one argument of a query."""
    return orjson.dumps(list(values)).decode()
