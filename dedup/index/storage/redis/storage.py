"""An index on a Redis or Valkey server.

Adding takes six round trips, whatever the batch: known items; lock and position; known ids and titles; the matched
stories; commit; and, if others added meanwhile, their changes. Checking takes three. The first call of a process loads
the headlines within reach, 5,000 per round trip.

Every key expires when nothing was added for as long as headlines are kept (the retention, or the reach of the window):
an index that is no longer fed leaves the server by itself. After a crash of the server the index is what the server's
own persistence restores: with ``appendonly yes`` and ``appendfsync always`` everything that was returned, with
``everysec`` everything but the last second, with neither the last snapshot, or nothing. Workers notice that the index
is not the one that they read, or an earlier state of it: the next call says so, and the ones after it go on from there.
"""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import orjson

from dedup.errors import HeadlineIndexError
from dedup.index.storage.protocol import FORMAT, Position
from dedup.index.storage.redis import headlines, statistics, stories
from dedup.index.storage.redis.connection import Connection
from dedup.index.storage.redis.transaction import History, Transaction, write_transaction
from dedup.index.storage.redis.verification import find_problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from dedup.index.recurrence import RunDays
    from dedup.index.storage.protocol import Batch, Changes, Match, StoredStories
    from dedup.index.storage.redis.connection import Value

_DAY = 86_400_000_000

_POLICY_SECONDS = 10.0
"""How often a writer looks whether the server evicts keys by now."""


class RedisStorage:
    """See ``dedup.index.storage.protocol.Storage``; used by one thread at a time."""

    def __init__(self, where: str, mode: Literal["r", "rw"]) -> None:
        """Connect to a server.

        Args:
            where: see ``Connection``.
            mode: ``r`` to read only, ``rw`` to write too.

        Raises:
            HeadlineIndexError: the server cannot be used, or there is nothing to read.
            SettingError: it is no address of a server.
        """
        self._connection, self._mode = Connection(where), mode
        self.where = self._connection.where
        self._history = History(self.where)
        self._transaction = Transaction(self._connection, self._history)
        self._policy_checked = -math.inf
        self._batch_tokens: dict[int, str] = {}
        """Tokens of the transactions that wrote the batches that this process has read."""
        self._lifetime = _DAY
        self._fingerprint: bytes | None = None
        try:
            self._require_usable()
        except BaseException:
            self.close()
            raise

    def set_retention(self, reach: int, retention: int | None) -> int:
        """Keep headlines as long as requested, otherwise as long as the window cache reaches."""
        self._lifetime = reach if retention is None else retention
        return self._lifetime

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Open a view of the index that hides headlines added meanwhile."""
        self._transaction = transaction = Transaction(self._connection, self._history)
        with transaction.translated_conflicts():
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Open a write transaction."""
        if self._mode == "r":
            raise HeadlineIndexError(self.where, 'it was opened with mode="r"; open it with mode="rw" to add or change')
        if time.monotonic() - self._policy_checked > _POLICY_SECONDS:
            self._refuse_eviction()
        self._transaction = transaction = write_transaction(self._connection, self._history)
        with transaction.locked(), transaction.translated_conflicts():
            if transaction.position is not None and not transaction.position.epoch and self._fingerprint:
                self.write_fingerprint(orjson.loads(self._fingerprint))  # it expired: begin anew with the same settings
            yield
            if transaction.operations:
                transaction.commit(self._lifetime)

    def fingerprint(self) -> dict[str, object] | None:
        """Return the fingerprint that the index was made with; None for a new one."""
        self._fingerprint = self._connection.execute("HGET", "head", "fingerprint") or self._fingerprint
        fingerprint: dict[str, object] | None = orjson.loads(self._fingerprint) if self._fingerprint else None
        return fingerprint

    def write_fingerprint(self, fingerprint: Mapping[str, object]) -> None:
        """Store the fingerprint."""
        self._fingerprint = orjson.dumps(fingerprint)
        self._transaction.queue_command("HSET", "head", "fingerprint", self._fingerprint)
        if self._transaction.position is None or not self._transaction.position.epoch:
            # An epoch that no earlier index of this name had invalidates the caches of processes that have read that.
            created = time.time_ns() // 1000
            self._transaction.queue_command("HSET", "head", "created", created)
            self._write_position(Position(0, created, 0, None))

    def changes(self, since: Position | None, reach: int) -> Changes:
        """Return the batches added since a position, or everything within reach if that position is None or invalid."""
        batch_token = self._batch_tokens.get(since.batch, "") if since else ""
        changes = statistics.load_changes(self._transaction, since, batch_token, reach)
        self._batch_tokens = {changes.position.batch: self._transaction.batch_token}
        return changes

    def look_up(self, ids: Sequence[str], titles: Sequence[int]) -> tuple[dict[str, int], dict[int, RunDays]]:
        """Return the rows of those ids that are stored, and the days of those titles that ran before."""
        commands: list[tuple[Value, ...]] = []
        if ids:
            commands.append(("HMGET", "ids", *ids))
        if titles:
            commands += [("ZMSCORE", "days", *titles), ("HMGET", "masks", *titles)]
        answers = self._connection.execute_many(*commands) if commands else []
        rows = zip(ids, answers[0], strict=True) if ids else ()
        is_visible = self._transaction.is_visible
        stored = {headline_id: int(row) for headline_id, row in rows if row is not None and is_visible(int(row))}
        return stored, statistics.decode_days(titles, *answers[-2:]) if titles else {}

    def load_stories(self, rows: Iterable[int]) -> StoredStories:
        """Return the stories of these headlines."""
        return stories.load_stories(self._transaction, rows)

    def append(self, batch: Batch) -> None:
        """Write a batch."""
        added = list(batch.headlines)
        headlines.insert_headlines(self._transaction, added)
        stories.insert_members(self._transaction, ((headline.row, headline.story) for headline in added))
        stories.merge_stories(self._transaction, batch.merged)
        stories.insert_matches(self._transaction, batch.matches)
        statistics.write_days(self._transaction, batch.days)
        statistics.append_batch(self._transaction, batch.position, batch.deltas, batch.snapshot)
        self._batch_tokens[batch.position.batch] = self._transaction.token

    def matches(self, row: int) -> list[Match]:
        """Return all matches of a headline, on either side."""
        return stories.load_matches(self._transaction, row)

    def find(self, headline_id: str) -> tuple[int, int] | None:
        """Return row and story of a headline, also of a pruned one whose story still exists; None if unknown."""
        self._require_complete()
        return headlines.find_headline(self._transaction, headline_id)

    def headlines(self, rows: Iterable[int] | None = None) -> pl.DataFrame:
        """Return KEYS with ``row``, ``story`` and ``recurs`` of these rows, or of all, in order of row."""
        self._require_complete()
        return headlines.load_frame(self._transaction, rows)

    def replace(
        self, keys: pl.DataFrame, matches: Iterable[Match], days: Mapping[int, RunDays], successors: Mapping[int, int]
    ) -> None:
        """Replace all keys, stories and matches; ``begin_epoch`` must follow."""
        headlines.replace_keys(self._transaction, keys)
        members = keys.select("row", "story").sort("row").iter_rows()
        stories.replace_stories(self._transaction, members, matches, successors)
        statistics.replace_days(self._transaction, days)

    def prune(self, before: int, limit: int | None = None) -> tuple[int, int]:
        """Remove headlines published, or last seen, before a time; return how many dated and undated ones."""
        return headlines.prune_headlines(self._transaction, before, limit)

    def begin_epoch(self, deltas: NDArray[np.void]) -> None:
        """Begin a new epoch, so that all processes reload."""
        statistics.begin_epoch(self._transaction, deltas)

    def counts(self) -> dict[str, int | None]:
        """Return the fields of ``Stats`` that are numbers or times, by name; times in microseconds or None."""
        self._require_complete()
        return statistics.count_all(self._transaction)

    def find_problems(self) -> Iterator[str]:
        """Yield everything that is inconsistent, in words."""
        self._require_complete()
        return find_problems(self._connection)

    def shrink(self) -> None:
        """Do nothing: the server frees the space of pruned headlines at once."""

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _require_complete(self) -> None:
        """Observe the head, unless this transaction has done so.

        Raises:
            HeadlineIndexError: keys of the index, or all of it, are missing.
        """
        if self._transaction.position is None:
            self._transaction.observe(self._connection.run_script("read_head"))

    def _write_position(self, position: Position) -> None:
        statistics.write_position(self._transaction, position)
        self._batch_tokens[position.batch] = self._transaction.token

    def _require_usable(self) -> None:
        """Check format and settings of the server.

        Raises:
            HeadlineIndexError: the index has another format, there is none to read, or the server evicts keys.
        """
        size, self._fingerprint = self._connection.execute_many(("HLEN", "head"), ("HGET", "head", "fingerprint"))
        if size and self._fingerprint is None:
            reason = f"its format is older than {FORMAT}, which this dedup reads; use the version that made it"
            raise HeadlineIndexError(self.where, f"{reason}, or another prefix")
        if self._fingerprint is None and self._mode == "r":
            raise HeadlineIndexError(self.where, "there is no index; add headlines first, or name another prefix")
        if self._mode == "rw":
            self._refuse_eviction()

    def _refuse_eviction(self) -> None:
        """Refuse a server that evicts keys when its memory is full, which would remove parts of an index unnoticed.

        Raises:
            HeadlineIndexError: this server would.
        """
        memory, self._policy_checked = self._connection.memory_info(), time.monotonic()
        policy = memory.get("maxmemory_policy", "noeviction")
        if memory.get("maxmemory", 0) and policy != "noeviction":
            raise HeadlineIndexError(
                self.where,
                f"the server evicts keys when its memory is full (maxmemory-policy {policy}), which would remove parts "
                "of an index unnoticed; set maxmemory-policy noeviction, or use another server",
            )
