"""Transactions on a Redis server: a lock, a view, and operations that one script commits.

A write transaction takes the lock, reads, and sends everything that it adds or changes to ``commit_transaction.lua``,
which the server executes as a whole or not at all. The lock only saves work: the script first compares the token in
the head with the one that the transaction began with, so that a worker that stalled and lost its lock writes nothing;
the call is then retried. The script stores this transaction's token, so that a commit whose answer was lost is not
executed twice when the client sends it again.

A read transaction takes no lock. Its view is the state at its first look: headlines added meanwhile are hidden.
"""

from __future__ import annotations

import math
import threading
import time
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dedup.errors import DedupError, HeadlineIndexError, WriteConflictError
from dedup.index.storage.protocol import Position
from dedup.index.storage.redis.layout import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dedup.index.storage.redis.connection import Connection, Value

_LOCK_TIMEOUT = 60.0
"""Seconds that a writer waits for another one."""

_LOCK_LIFETIME = 15.0
"""Seconds after which the lock of a worker that died is free; a live worker renews it."""

_POLL_SECONDS = (0.001, 0.01)
"""Seconds between two attempts to take the lock, at first and at most."""

_EXPIRY_TOLERANCE = 1.0
"""Seconds before the end of its lifetime from which an index that is gone has expired."""

_SCRIPT_ARGUMENTS = 500_000
"""Arguments of one script; the server accepts about a million."""

_COMMAND_ARGUMENTS = 4_000
"""Arguments of one command; a script can pass on no more than about 8,000."""


class History:
    """The index that a process has read: to notice when the server no longer has it."""

    def __init__(self, where: str) -> None:
        self._where, self._created, self._expires = where, "", math.inf
        self._last: tuple[int, int, str] = (0, 0, "")

    def follow(self, created: str, lifetime: int, last: tuple[int, int, str]) -> None:
        """Compare the index on the server with the one read before.

        Args:
            created: identifies the index on the server; empty if there is none.
            lifetime: milliseconds until it expires.
            last: epoch and batch, which only grow, and the token of the last batch.

        Raises:
            HeadlineIndexError: the index is gone or replaced before it could expire, or the server went back to an
                earlier state of it; raised once, then forgotten.
        """
        is_older = self._created == created != "" and (
            last[:2] < self._last[:2] or (last[:2] == self._last[:2] and last[2] != self._last[2])
        )
        batches, self._last = self._last[1] - last[1], last
        is_lost = self._created not in ("", created) and time.monotonic() < self._expires
        self._created, self._expires = created, time.monotonic() + lifetime / 1000 - _EXPIRY_TOLERANCE
        if is_lost:
            raise HeadlineIndexError(
                self._where,
                "the server has lost this index: it was restarted without its data, evicted keys, or another program "
                "deleted them; call again to begin a new index, and check its appendonly and maxmemory-policy",
            )
        if is_older:
            lost = (
                f"the last {batches:,} of the batches that this process has seen are gone"
                if batches > 0
                else "batches are gone"
            )
            raise HeadlineIndexError(
                self._where,
                f"the server went back to an earlier state of this index: {lost}; it was restarted or restored from an "
                "older snapshot; call again to go on from there, add what was added since, and check its appendonly",
            )

    def advance(self, last: tuple[int, int, str]) -> None:
        """Take the position that this process has written itself, as ``follow`` does."""
        self._last = last


class Transaction:
    """The view of a call, and the operations that it will commit.

    Attributes:
        connection: the connection.
        token: this transaction's token; empty for a reader.
        head_token: the token in the head at the first look; None before.
        position: the position at the first look, or after the operations queued; None before.
        batch_token: the token that wrote the last batch.
        operations: queued operations: name, number of arguments, arguments.
    """

    def __init__(self, connection: Connection, history: History, *, token: str = "") -> None:
        self.connection, self.token, self._history = connection, token, history
        self.head_token: str | None = None
        self.position: Position | None = None
        self._observed: Position | None = None
        self.batch_token = ""
        self.operations: list[tuple[Value, ...]] = []
        self._is_committed = False

    def observe(self, head: list[Any]) -> Position:
        """Take the head as a script returns it; return the position.

        Raises:
            HeadlineIndexError: the index that this process has read is gone before its time.
        """
        *fields, _, lifetime = head
        self.head_token, *numbers, latest, self.batch_token, created = (
            value.decode() if value else "" for value in fields
        )
        batch, epoch, row = (int(number or 0) for number in numbers)
        self._history.follow(created, lifetime, (epoch, batch, self.batch_token))
        self.position = self._observed = Position(batch, epoch, row, int(latest) if latest else None)
        return self.position

    def is_visible(self, row: int) -> bool:
        """Return whether a row existed at the transaction's first look."""
        return self.position is None or row <= self.position.row

    def queue(self, operation: str, *arguments: Value) -> None:
        """Queue a function of ``commit_transaction.lua``."""
        self.operations.append((operation, len(arguments), *arguments))

    def queue_command(self, command: str, name: str, *arguments: Value) -> None:
        """Queue a command on a key."""
        self.queue(command, NAMES.index(name) + 1, *arguments)

    def queue_pairs(self, operation: str, pairs: Iterable[tuple[Value, Value]], *first: Value) -> None:
        """Queue an operation on pairs, in parts of a bounded length."""
        flat: list[Value] = [value for pair in pairs for value in pair]
        for start in range(0, len(flat), _COMMAND_ARGUMENTS):
            self.queue(operation, *first, *flat[start : start + _COMMAND_ARGUMENTS])

    def queue_fields(self, command: str, name: str, pairs: Iterable[tuple[Value, Value]]) -> None:
        """Queue a command on a key that takes pairs, as HSET."""
        self.queue_pairs(command, pairs, NAMES.index(name) + 1)

    def commit(self, lifetime: int) -> None:
        """Write the queued operations, and keep the index for at least ``lifetime`` microseconds.

        Raises:
            WriteConflictError: another transaction committed first; nothing was written.
        """
        parts: list[list[Value]] = [[]]
        for operation in self.operations:
            if len(parts[-1]) + len(operation) > _SCRIPT_ARGUMENTS:
                parts.append([])
            parts[-1] += operation
        last = len(parts) - 1
        arguments = [
            (self.head_token or "", self.token, lifetime // 1000, int(index == last), *part)
            for index, part in enumerate(parts)
        ]
        run, script = self.connection.run_script, "commit_transaction"
        done = self.connection.run_script_in_parts(script, arguments) if last else [run(script, *arguments[0])]
        if not all(done):
            raise WriteConflictError(self.connection.where)
        self._is_committed = True  # the script has released the lock
        if self.position is not None and self.position is not self._observed:
            self._history.advance((self.position.epoch, self.position.batch, self.token))

    @contextmanager
    def translated_conflicts(self) -> Iterator[None]:
        """Raise ``WriteConflictError`` if a read failed because another process changed the index."""
        try:
            yield
        except DedupError:
            raise
        except (LookupError, ValueError) as error:
            token = self.connection.execute("HGET", "head", "token")
            if self.head_token is not None and self.head_token != (token or b"").decode():
                raise WriteConflictError(self.connection.where) from error
            raise

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock, renewing it in a thread; observe the head after taking it."""
        released = threading.Event()
        try:
            self._acquire_lock()
            threading.Thread(target=self._renew_lock, args=(released,), daemon=True).start()
            yield
        finally:
            released.set()
            if not self._is_committed:
                self.connection.run_script("renew_lock", self.token, 0)

    def _acquire_lock(self) -> None:
        pause, longest = _POLL_SECONDS
        since, lifetime = time.monotonic(), int(_LOCK_LIFETIME * 1000)
        while (head := self.connection.run_script("acquire_lock", self.token, lifetime)) is None:
            if time.monotonic() - since > _LOCK_TIMEOUT:
                reason = f"another worker has been writing for {_LOCK_TIMEOUT:.0f} seconds; call again"
                raise HeadlineIndexError(self.connection.where, reason)
            time.sleep(pause)
            pause = min(pause * 1.5, longest)
        self.observe(head)

    def _renew_lock(self, released: threading.Event) -> None:
        while not released.wait(_LOCK_LIFETIME / 3):
            try:
                self.connection.run_script("renew_lock", self.token, int(_LOCK_LIFETIME * 1000))
            except HeadlineIndexError:
                return  # the commit will fail with the reason


def write_transaction(connection: Connection, history: History) -> Transaction:
    """Return a transaction with a token of its own."""
    return Transaction(connection, history, token=uuid.uuid4().hex)
