"""A first-come, first-served queue of the processes that write one SQLite file.

SQLite's own waiting writers poll for its lock with pauses of up to 100 ms: with eight workers some waited for seconds
while others wrote again and again. Here they wait in the kernel for a lock on an empty file beside the database
(``news.db-queue``), which is granted in order of arrival, without pauses. It only arranges the order; SQLite's own lock
still guarantees that one process writes. Where the file cannot be created or locked, SQLite's lock is all there is.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class WriteQueue:
    """The queue of one database file; None stands for a database that no other process can open."""

    def __init__(self, database: Path | None) -> None:
        # SQLite follows symbolic links too: all names of a database share one queue.
        self._path = None if database is None else f"{os.path.realpath(database)}-queue"

    @contextmanager
    def turn(self, timeout: float) -> Iterator[None]:
        """Wait for a turn, and keep it until the context is left.

        Args:
            timeout: seconds to wait at most.

        Raises:
            TimeoutError: other processes kept their turns for longer.
        """
        ticket = _Ticket(self._path)
        try:
            ticket.wait(timeout)
            yield
        finally:
            ticket.give_back()


class _Ticket:
    """A place in the queue: an open file, and the lock on it once it is granted."""

    def __init__(self, path: str | None) -> None:
        self._descriptor: int | None = None
        self._state, self._granted, self._is_returned = threading.Lock(), threading.Event(), False
        self._is_waiting = False
        if fcntl is not None and path is not None:
            try:
                self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            except OSError:
                self._descriptor = None

    def wait(self, timeout: float) -> None:
        """Wait until the lock is granted.

        Raises:
            TimeoutError: it was not.
        """
        if self._descriptor is None:
            return
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # flock() has no timeout: a thread waits in it, and this one for the thread, interruptible by signals.
            self._is_waiting = True
            threading.Thread(target=self._block, daemon=True).start()
            if not self._granted.wait(timeout):
                raise TimeoutError from None
        except OSError:
            return  # a file system without locks

    def give_back(self) -> None:
        """Release the lock, or stop waiting for it."""
        with self._state:
            self._is_returned = True
            if not self._is_waiting:
                self._close()

    def _block(self) -> None:
        """Wait for the lock in a thread; release it at once if the ticket was given back meanwhile."""
        descriptor = self._descriptor
        try:
            if descriptor is not None:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:
            pass  # SQLite's lock decides
        with self._state:
            self._is_waiting = False
            if self._is_returned:
                self._close()
            else:
                self._granted.set()

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)  # releases the lock
            self._descriptor = None
