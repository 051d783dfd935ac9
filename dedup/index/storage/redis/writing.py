"""What an index writes to a Redis server: operations, collected for one commit.

An operation is a command on a key, or one of the functions of ``commit.lua``.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from dedup.index.recurrence import DAY
from dedup.index.storage.redis import layout
from dedup.index.storage.redis.layout import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from dedup.index.recurrence import Days
    from dedup.index.storage.protocol import Batch, Match, Position
    from dedup.index.storage.redis.connection import Connection, Value
    from dedup.index.storage.redis.storage import View

_MOST = 4_000
"""Arguments of one command; a script cannot hand on more than about 8,000."""


class Writing:
    """The writing half of ``RedisStorage``."""

    _connection: Connection
    _view: View
    _written: dict[int, str]

    def append(self, batch: Batch) -> None:
        """Remember a batch."""
        rows, ids = dict[int, bytes](), dict[str, int]()
        published, undated = dict[int, int](), dict[int, int]()
        joined = defaultdict[int, list[int]](list)
        for one in batch.headlines:
            rows[one.row], ids[one.headline_id] = layout.packed(one), one.row
            if one.published is not None:
                published[one.row] = one.published
            else:
                undated[one.row] = one.seen or 0
            if one.story != one.row:
                joined[one.story].append(one.row)
        self._fill("HSET", "rows", rows.items())
        self._fill("HSET", "ids", ids.items())
        self._fill("ZADD", "published", ((time, row) for row, time in published.items()))
        self._fill("ZADD", "undated", ((time, row) for row, time in undated.items()))
        self._join(joined)
        self._pair("merge", batch.merged.items())
        self._match(batch.matches)
        self._run(batch.days)
        if batch.snapshot is not None:
            # The touches since the last snapshot stay, so that who knows that much need not begin anew.
            kept = sorted(map(int, self._connection.call("HKEYS", "snapshots")))
            for old in kept[:-1]:
                self._write("HDEL", "snapshots", old)
            if kept:
                self._write("XTRIM", "batches", "MINID", kept[-1])
            self._write("HSET", "snapshots", batch.position.batch - 1, batch.snapshot.tobytes())
        self._stand(batch.position, batch.touches.tobytes())

    def replace(
        self, keys: pl.DataFrame, matches: Iterable[Match], days: Mapping[int, Days], became: Mapping[int, int]
    ) -> None:
        """Put other keys, stories and matches in the place of all there are, under a new epoch."""
        former = [int(row) for row in self._connection.call("HKEYS", "former")]
        homes = self._connection.call("HMGET", "story", *former) if former else []
        for name in ("story", "members", "right", "left", "days", "recent"):
            self._write("DEL", name)
        self._write("HSET", "head", "matches", 0)
        told = keys.sort("row").select(
            "headline_id", "outlet", "title", "url", "published", "source", "exact_key", "fuzzy_key", "tag", "recurs"
        )
        told = told.with_columns(told["published"].to_physical())
        rows, stories = keys.sort("row").select("row", "story").get_columns()
        values = (layout.repacked(list(one[:6]), *one[6:]) for one in told.iter_rows())
        self._fill("HSET", "rows", zip(rows, values, strict=True))
        joined = defaultdict[int, list[int]](list)
        for row, story in zip(rows, stories, strict=True):
            if row != story:
                joined[story].append(row)
        for row, home in zip(former, homes, strict=True):
            if became[int(home or row)] != row:
                joined[became[int(home or row)]].append(row)
        self._join(joined)
        self._match(matches)
        self._run(days)

    def prune(self, before: int, most: int | None = None) -> tuple[int, int]:
        """Forget headlines published (or, without a time, seen) before a moment; how many of each.

        Those that the same transaction adds are forgotten with the others, but not counted.
        """
        dated, undated = self._connection.many(
            ("ZCOUNT", "published", "-inf", f"({before}"), ("ZCOUNT", "undated", "-inf", f"({before}")
        )
        if dated or undated:
            self._do("prune", before, -1 if most is None else most, before // DAY)
        return (dated, undated) if most is None else (min(dated, most), min(undated, most))

    def renew(self, touches: NDArray[np.void]) -> None:
        """Begin a new epoch: what processes know of the index is no longer so."""
        position = self._view.position
        if position is not None and position.batch:
            self._write("DEL", "batches")
            self._write("DEL", "snapshots")
            self._write("HSET", "snapshots", position.batch + 1, touches.tobytes())
            self._stand(position._replace(batch=position.batch + 1, epoch=position.epoch + 1))

    def _stand(self, position: Position, touches: bytes = b"") -> None:
        """Where the index stands after this transaction."""
        view = self._view
        view.position, self._written[position.batch] = position, view.by
        batch, epoch, row, latest = position
        told = ("batch", batch, "epoch", epoch, "row", row, "latest", "" if latest is None else latest, "by", view.by)
        self._write("HSET", "head", *told)
        if batch:
            self._write("XADD", "batches", f"{batch}-0", "by", view.by, "touches", touches)

    def _join(self, joined: Mapping[int, Sequence[int]]) -> None:
        self._pair("join", ((story, layout.listed(rows)) for story, rows in joined.items()))

    def _match(self, matches: Iterable[Match]) -> None:
        texts = defaultdict[int, list[str]](list)
        for match in matches:
            texts[match.right].append(layout.match_text(match))
        self._pair("match", ((right, ";".join(several)) for right, several in texts.items()))

    def _run(self, days: Mapping[int, Days]) -> None:
        self._fill("ZADD", "days", ((ran.last, title) for title, ran in days.items()))
        more = ((title, ran.recent) for title, ran in days.items() if ran.recent > 1)
        self._fill("HSET", "recent", more)

    def _fill(self, command: str, name: str, pairs: Iterable[tuple[Value, Value]]) -> None:
        """A command that takes pairs."""
        self._pair(command, pairs, NAMES.index(name) + 1)

    def _pair(self, operation: str, pairs: Iterable[tuple[Value, Value]], *first: Value) -> None:
        """An operation on pairs, in parts of a bounded length."""
        flat: list[Value] = [value for pair in pairs for value in pair]
        for at in range(0, len(flat), _MOST):
            self._do(operation, *first, *flat[at : at + _MOST])

    def _write(self, command: str, name: str, *arguments: Value) -> None:
        self._do(command, NAMES.index(name) + 1, *arguments)

    def _do(self, operation: str, *arguments: Value) -> None:
        self._view.writes.append((operation, len(arguments), *arguments))
