"""An index on a Redis or Valkey server: transactions, and how long keys live.

A call is a transaction: it takes a lock, reads, and sends all that it adds or changes as one script (``commit.lua``),
which the server does whole or not at all. The lock only spares work: the script first looks whether the head of the
index still bears the token of the transaction that was the last when this one began, so that a worker that was stalled
and lost the lock writes nothing; the call is then made again. The script leaves this transaction's token there, so that
a commit whose answer was lost is not done twice when the client sends it again.

Readers take no lock. What they see is no older than the beginning of the call; headlines that come meanwhile are left
out. If what they read was pruned or rebuilt meanwhile, the call is made again.

Whatever the batch, adding takes six round trips: which items are known; lock and position; which ids and titles are
known by now; the stories matched; commit; and, if others added meanwhile, what. Checking takes three. The first
call of a process brings the headlines within reach, 5,000 a round trip.

Every key expires when nothing was added for as long as headlines are kept (the retention, or what the window reaches):
an index that nobody feeds any more leaves the server by itself. What survives a crash of the server is what its own
persistence kept: with ``appendonly yes`` and ``appendfsync always`` all that was returned, with ``everysec`` all but
the last second, with neither what the last snapshot held, or nothing. Workers notice that the index is not the one
that they knew, and take what there is.
"""

from __future__ import annotations

import threading
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import orjson

from dedup.errors import DedupError, HeadlineIndexError, WriteConflictError
from dedup.index.storage.protocol import Position
from dedup.index.storage.redis.connection import Connection
from dedup.index.storage.redis.reading import Reading
from dedup.index.storage.redis.writing import Writing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PATIENCE = 60.0
"""Seconds that a writer waits for another."""

_HELD = 15.0
"""Seconds after which the lock of a worker that died is free; one that works renews it."""

_POLL = (0.001, 0.01)
"""Seconds between two looks whether the lock is free, at first and at most."""

_DAY = 86_400_000_000

_ARGUMENTS = 500_000
"""Arguments of one script; the server takes about a million."""


@dataclass(slots=True)
class View:
    """What a transaction knows of the index, and what it wants written.

    Attributes:
        token: that the head bore when the transaction first looked; None before.
        position: where the index stood then; None before.
        last: the token that wrote the last batch.
        writes: operations of the commit: name, number of arguments, arguments.
        by: the token of this transaction.
    """

    token: str | None = None
    position: Position | None = None
    last: str = ""
    writes: list[tuple[str | bytes | int | float, ...]] = field(default_factory=list)
    by: str = ""


class RedisStorage(Reading, Writing):
    """See ``dedup.index.storage.protocol.Storage``; used by one thread at a time."""

    def __init__(self, where: str, mode: Literal["r", "rw"]) -> None:
        """Connect to a server.

        Args:
            where: see ``Connection``.
            mode: r to read only, rw to write too.

        Raises:
            HeadlineIndexError: the server cannot be used, or there is nothing to read.
            SettingError: it is no address of a server.
        """
        self._connection, self._mode = Connection(where), mode
        self.where = self._connection.where
        self._view = View()
        self._written: dict[int, str] = {}
        """Which token wrote the batches that this process knows."""
        self._kept = _DAY
        self._passport = self._connection.call("HGET", "head", "passport")
        if mode == "r" and self._passport is None:
            self.close()
            raise HeadlineIndexError(self.where, "there is no index; add headlines first, or name another prefix")
        if mode == "rw":
            self._refuse_eviction()

    def retain(self, reach: int, retention: int | None) -> int:
        """How long headlines are kept: as long as asked, or as the window reaches."""
        self._kept = reach if retention is None else retention
        return self._kept

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One view of the index, without headlines that come meanwhile."""
        self._view = view = View()
        with self._steady(view):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of it or nothing."""
        if self._mode == "r":
            raise HeadlineIndexError(self.where, 'it was opened with mode="r"; open it with mode="rw" to add or change')
        self._view = view = View(by=uuid.uuid4().hex)
        self._lock(view)
        over = threading.Event()
        threading.Thread(target=self._hold, args=(view.by, over), daemon=True).start()
        committed = False
        try:
            with self._steady(view):
                if view.position is not None and not view.position.epoch and self._passport:
                    self.stamp(orjson.loads(self._passport))  # it expired: it goes on with what it was made with
                yield
                if view.writes:
                    self._commit(view)
                    committed = True
        finally:
            over.set()
            if not committed:
                self._connection.run("hold", view.by, 0)

    def passport(self) -> dict[str, object] | None:
        """What the index was made with; None for a new one."""
        self._passport = self._connection.call("HGET", "head", "passport") or self._passport
        made: dict[str, object] | None = orjson.loads(self._passport) if self._passport else None
        return made

    def stamp(self, passport: Mapping[str, object]) -> None:
        """Remember what the index is made with."""
        self._passport = orjson.dumps(passport)
        self._write("HSET", "head", "passport", self._passport)
        if self._view.position is None or not self._view.position.epoch:
            # An epoch that no other index had here: what processes know of one that expired is void.
            self._stand(Position(0, time.time_ns() // 1000, 0, None))

    def shrink(self) -> None:
        """Nothing: the server has the space of what was pruned at once."""

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _lock(self, view: View) -> None:
        """Wait for the lock, and see where the index stands."""
        pause, last = _POLL
        since = time.monotonic()
        while (head := self._connection.run("begin", view.by, int(_HELD * 1000))) is None:
            if time.monotonic() - since > _PATIENCE:
                reason = f"another worker has been writing for {_PATIENCE:.0f} seconds; call again"
                raise HeadlineIndexError(self.where, reason)
            time.sleep(pause)
            pause = min(pause * 1.5, last)
        self._see(head)

    def _hold(self, token: str, over: threading.Event) -> None:
        """Renew the lock for as long as the transaction lasts."""
        while not over.wait(_HELD / 3):
            try:
                self._connection.run("hold", token, int(_HELD * 1000))
            except HeadlineIndexError:
                return  # the commit will tell

    def _commit(self, view: View) -> None:
        parts: list[list[str | bytes | int | float]] = [[]]
        for write in view.writes:
            if len(parts[-1]) + len(write) > _ARGUMENTS:
                parts.append([])
            parts[-1] += write
        lasts, final = self._kept // 1000, len(parts) - 1
        told = [(view.token or "", view.by, lasts, int(at == final), *part) for at, part in enumerate(parts)]
        done = self._connection.run_all("commit", told) if final else [self._connection.run("commit", *told[0])]
        if not all(done):
            raise WriteConflictError(self.where)

    @contextmanager
    def _steady(self, view: View) -> Iterator[None]:
        """A failure that comes of what another changed meanwhile, told as that."""
        try:
            yield
        except DedupError:
            raise
        except (LookupError, ValueError) as error:
            token = self._connection.call("HGET", "head", "token")
            if view.token is not None and view.token != (token or b"").decode():
                raise WriteConflictError(self.where) from error
            raise

    def _refuse_eviction(self) -> None:
        """A server that evicts keys when its memory is full would take parts of an index, unseen.

        Raises:
            HeadlineIndexError: this one would.
        """
        memory = self._connection.memory()
        policy = memory.get("maxmemory_policy", "noeviction")
        if memory.get("maxmemory", 0) and policy != "noeviction":
            self.close()
            raise HeadlineIndexError(
                self.where,
                f"the server evicts keys when its memory is full (maxmemory-policy {policy}), which would take parts "
                "of an index, unseen; set maxmemory-policy noeviction, or use another server",
            )
