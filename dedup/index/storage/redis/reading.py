"""What an index asks of a Redis server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from dedup.frames import KEYS, TIME
from dedup.index.storage.protocol import STATS_DELTA, Match, News, Position, StoredStories
from dedup.index.storage.redis import layout
from dedup.index.storage.redis.layout import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dedup.index.recurrence import Days
    from dedup.index.storage.redis.connection import Connection, Value
    from dedup.index.storage.redis.storage import View

_BLOCK = 5_000
"""Headlines of one round trip."""

_COLUMNS = {**KEYS, "published": pl.Int64(), "row": pl.Int64(), "story": pl.Int64(), "recurs": pl.Int32()}


class Reading:
    """The reading half of ``RedisStorage``."""

    _connection: Connection
    _view: View
    _written: dict[int, str]
    where: str

    def news(self, known: Position | None, reach: int) -> News:
        """What was added since, or all that is within reach."""
        by = self._written.get(known.batch, "") if known else ""
        if known and known == self._view.position and self._view.last == by:
            return News(known, whole=False, headlines=[], touches=np.empty(0, STATS_DELTA))
        asked = known or Position(0, 0, 0, None)
        head, whole, rows, values, touches = self._connection.run(
            "news", asked.batch, asked.epoch, asked.row, by, reach
        )
        position = self._see(head)
        self._written = {position.batch: self._view.last}
        found = sorted(map(int, rows))
        if whole:
            values = [value for (value,) in self._values(found, "rows")]
        headlines = [layout.recalled(row, value) for row, value in zip(found, values, strict=True) if value]
        return News(position, bool(whole), headlines, np.frombuffer(b"".join(touches), STATS_DELTA))

    def arrivals(self, ids: Sequence[str], titles: Sequence[int]) -> tuple[dict[str, int], dict[int, Days]]:
        """The rows of ids that are remembered, and the days of titles that ran before."""
        asked: list[tuple[Value, ...]] = []
        if ids:
            asked.append(("HMGET", "ids", *ids))
        if titles:
            asked += [("ZMSCORE", "days", *titles), ("HMGET", "recent", *titles)]
        told = self._connection.many(*asked) if asked else []
        rows = zip(ids, told[0], strict=True) if ids else ()
        ran = zip(titles, *told[-2:], strict=True) if titles else ()
        return (
            {one: int(row) for one, row in rows if row is not None and self._seen(int(row))},
            {title: layout.days_of(float(last), more) for title, last, more in ran if last is not None},
        )

    def load_stories(self, rows: Iterable[int]) -> StoredStories:
        """The stories of these headlines."""
        shelved, asked = StoredStories(), list(rows)
        if not asked:
            return shelved
        *told, begun, former = self._connection.run("load_stories", *asked)
        for row, story, value, matches in sorted(
            (int(row), int(story), *more) for row, story, *more in zip(*told, strict=True)
        ):
            if value is not None and self._seen(row):
                shelved.members.append(layout.member(row, story, value))
                shelved.matches.extend(one for one in layout.matches_of(row, matches) if self._seen(one.left))
        for story, value in zip(map(int, begun), former, strict=True):
            if value is not None:
                shelved.former.append(layout.member(story, story, value))
        return shelved

    def matches(self, row: int) -> list[Match]:
        """The matches of a headline."""
        earlier, later = self._connection.many(("HGET", "right", row), ("HGET", "left", row))
        found = list(layout.matches_of(row, earlier))
        if later:
            rights = later.decode().split(",")
            texts = self._connection.call("HMGET", "right", *rights)
            found += [
                one
                for right, text in zip(map(int, rights), texts, strict=True)
                for one in layout.matches_of(right, text)
                if one.left == row
            ]
        return found

    def find(self, headline_id: str) -> tuple[int, int] | None:
        """Row and story of a headline, or of a pruned one whose story is still there."""
        token, row, former = self._connection.many(
            ("HGET", "head", "token"), ("HGET", "ids", headline_id), ("HGET", "former_ids", headline_id)
        )
        self._view.token = (token or b"").decode()
        found = row or former
        return None if found is None else (int(found), int(self._connection.call("HGET", "story", found) or found))

    def headlines(self, rows: Iterable[int] | None = None) -> pl.DataFrame:
        """KEYS with ``row``, ``story`` and ``recurs``, of these rows or of all, in order of rows."""
        if rows is None:
            dated, undated = self._connection.many(("ZRANGE", "published", 0, -1), ("ZRANGE", "undated", 0, -1))
            rows = map(int, dated + undated)
        asked = sorted(filter(self._seen, rows))
        parts, found = [pl.DataFrame(schema=_COLUMNS)], self._values(asked, "rows", "story")
        for first in range(0, len(asked), _BLOCK):
            told = zip(asked[first : first + _BLOCK], found, strict=False)
            block = [layout.columns(row, int(story or row), value) for row, (value, story) in told if value is not None]
            parts.append(pl.DataFrame(block, schema=_COLUMNS, orient="row"))
        return pl.concat(parts).with_columns(pl.col("published").cast(pl.Datetime("us")).cast(TIME))

    def tally(self) -> dict[str, int | None]:
        """How much is remembered, from when to when, and the bytes that it takes (a sample's estimate)."""
        headlines, joined, undated, matches, former, first, last, *sizes = self._connection.many(
            ("HLEN", "rows"),
            ("HLEN", "story"),
            ("ZCARD", "undated"),
            ("HGET", "head", "matches"),
            ("HKEYS", "former"),
            ("ZRANGE", "published", 0, 0, "WITHSCORES"),
            ("ZRANGE", "published", -1, -1, "WITHSCORES"),
            *[("MEMORY USAGE", name) for name in NAMES],
        )
        homes = self._connection.call("HMGET", "story", *former) if former else []
        began = sum(home is None for home in homes)
        return {
            "headlines": headlines,
            "stories": headlines - (joined - (len(former) - began)) + began,
            "matches": int(matches or 0),
            "undated": undated,
            "first": int(first[1]) if first else None,
            "last": int(last[1]) if last else None,
            "bytes": sum(size or 0 for size in sizes),
        }

    def _see(self, head: list[bytes | None]) -> Position:
        """Where the index stands, of what the scripts tell of its head."""
        token, *told, latest, by = (one.decode() if one else "" for one in head)
        self._view.token, self._view.last = token, by
        batch, epoch, row = (int(one or 0) for one in told)
        self._view.position = Position(batch, epoch, row, int(latest) if latest else None)
        return self._view.position

    def _seen(self, row: int) -> bool:
        """Whether a row was there when this transaction first looked."""
        return self._view.position is None or row <= self._view.position.row

    def _values(self, rows: list[int], *keys: str) -> Iterator[tuple[Any, ...]]:
        """The values of rows under these keys."""
        for first in range(0, len(rows), _BLOCK):
            asked: list[list[Value]] = [["HMGET", key, *rows[first : first + _BLOCK]] for key in keys]
            yield from zip(*self._connection.many(*asked), strict=True)
