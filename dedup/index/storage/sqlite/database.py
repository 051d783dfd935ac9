"""The connection to an SQLite file: opening, transactions, errors.

The file is in WAL mode: a reader sees one unchanging view and is never blocked; writers wait for each other, and take
the write lock before they read, so that they compare with everything that is committed.

Each commit is followed by one fsync of the log, so that a call that returned survives a power cut. SQLite would do
that itself (``synchronous = FULL``), but before it admits the next writer; here the next one begins while the disk
works, and the fsyncs of several workers overlap. A commit that is visible but not yet on disk does no harm: in the log
the checksum of each frame continues that of the frame before, so that a later commit is never on disk without it.

Checkpoints run every 64 MB of log instead of every 4: they take tens of milliseconds, and thus fall on fewer than one
call in a hundred. A batch of 1,000 touches 2,000 pages of a large index, which the usual 2 MB of cache would write and
read more than once (32 ms of a batch with a million headlines stored, 16 ms with 32 MB).
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dedup.errors import DedupError, HeadlineIndexError
from dedup.index.storage.protocol import FORMAT
from dedup.index.storage.sqlite.checksums import ChecksumError
from dedup.index.storage.sqlite.verification import find_problems
from dedup.index.storage.sqlite.write_queue import WriteQueue

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCK_TIMEOUT = 60.0
"""Seconds that a writer waits for another one."""

_CHECKPOINT_PAGES = 16_000
"""Pages of 4 kB that the log grows to before a checkpoint."""

_CACHE_KB = 32_768
"""Page cache, at most; pages are allocated as they are read."""

_APPLICATION_ID = 0x64656475
"""In the header of every index file ("dedu"), to recognize the databases of other programs."""

_ADVICE = {
    "SQLITE_FULL": "the disk is full; make room and call again",
    "SQLITE_READONLY": 'it is read-only; make it writable, or open it with mode="r"',
    "SQLITE_BUSY": f"another process has been writing for {LOCK_TIMEOUT:.0f} seconds; call again",
    "SQLITE_NOTADB": "it is no index of dedup; name another file",
    "SQLITE_CANTOPEN": "it cannot be opened; create its folder, and check who may read and write there",
    "SQLITE_IOERR": "the disk failed; everything returned before is stored, call again: nothing is added twice",
}

_DAMAGED = "the file is damaged; restore a copy, or add its feeds to a new index"

_OF_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_MISMATCH", "SQLITE_CONSTRAINT", "SQLITE_TOOBIG", "SQLITE_FORMAT")


class Database:
    """One connection to the file of an index; used by one thread at a time."""

    def __init__(self, where: str, mode: Literal["r", "rw"]) -> None:
        """Open a file; create it in mode ``rw`` if there is none.

        Args:
            where: a path, or ``:memory:``.
            mode: ``r`` to read only, ``rw`` to write too.

        Raises:
            HeadlineIndexError: the file cannot be opened, or is no index.
        """
        self.where, self.mode = where, mode
        self._path = Path(where).absolute()  # independent of later changes of the working directory
        self._identity: tuple[int, int] | None = None
        with self.translated_errors():
            self.connection = self._connect()
        self._queue = WriteQueue(None if where == ":memory:" else self._path)
        try:
            with self.translated_errors():
                self._prepare()
        except BaseException:
            self.connection.close()
            raise
        if where != ":memory:":
            self._identity = _file_identity(self._path)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Open one unchanging view of the file."""
        with self.translated_errors():
            self._require_same_file()
            self.connection.execute("BEGIN")
            try:
                yield
            finally:
                self._roll_back()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Open a write transaction: committed as a whole, or rolled back when an exception leaves it."""
        if self.mode == "r":
            raise HeadlineIndexError(self.where, 'it was opened with mode="r"; open it with mode="rw" to add or change')
        with self.translated_errors():
            before = self.connection.total_changes
            with self._queue.turn(LOCK_TIMEOUT):
                self.connection.execute("BEGIN IMMEDIATE")
                try:
                    yield
                    self._require_same_file()
                    self.connection.execute("COMMIT")
                finally:
                    self._roll_back()
            if self.connection.total_changes != before:
                self._sync()

    def shrink(self) -> None:
        """Return free pages to the file system."""
        with self.translated_errors():
            # As a script: the statement yields one row without columns per page, and execute() stops at the first.
            self.connection.executescript("PRAGMA incremental_vacuum")
            self.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()  # waits for no reader

    @contextmanager
    def translated_errors(self) -> Iterator[None]:
        """Raise ``HeadlineIndexError`` with advice in place of errors of SQLite and of damaged values."""
        try:
            yield
        except DedupError:
            raise
        except sqlite3.Error as error:
            raise HeadlineIndexError(self.where, _reason(error)) from error
        except TimeoutError as error:  # of the queue
            raise HeadlineIndexError(self.where, _ADVICE["SQLITE_BUSY"]) from error
        except (ChecksumError, UnicodeDecodeError) as error:
            raise HeadlineIndexError(self.where, f"{_DAMAGED} ({error})") from error
        except Exception as error:
            # A value that no checksum covers, or a fault of this package: only the former is the file's.
            problem = next(find_problems(self.connection), None)
            if problem is None:
                raise
            raise HeadlineIndexError(self.where, f"{_DAMAGED} ({problem})") from error

    def _connect(self) -> sqlite3.Connection:
        path = self._path
        if "\0" in self.where:
            raise HeadlineIndexError(self.where, _ADVICE["SQLITE_CANTOPEN"])
        if self.where == ":memory:":
            uri = ":memory:"
        elif self.mode == "rw":
            uri = f"{path.as_uri()}?mode=rwc"
        elif not path.is_file():
            raise HeadlineIndexError(self.where, "there is no such file; add headlines first, or name another")
        else:
            # A log beside the file must be shared with its writers. Without a log nobody is writing, and the file may
            # be in a directory that is read-only.
            has_log = Path(f"{path}-wal").exists()
            uri = f"{path.as_uri()}?mode=ro{'' if has_log else _immutable_option(path)}"
        return sqlite3.connect(uri, uri=True, timeout=LOCK_TIMEOUT, isolation_level=None, check_same_thread=False)

    def _prepare(self) -> None:
        """Check that the file is an index of this format, and set it up for writing."""
        self.connection.execute("PRAGMA temp_store = MEMORY")
        self.connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        is_index = self._pragma("application_id") == _APPLICATION_ID
        is_empty = self.connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
        if not is_index and not is_empty:
            raise HeadlineIndexError(self.where, "it is another program's database; name another")
        if is_index:
            self._require_format()
        if self.mode == "rw":
            self._prepare_for_writing(is_new=not is_index)
        elif is_empty:
            raise HeadlineIndexError(self.where, "it is empty, no index; add headlines to it first")

    def _prepare_for_writing(self, *, is_new: bool) -> None:
        execute = self.connection.execute
        if is_new:
            execute("PRAGMA auto_vacuum = INCREMENTAL")  # before WAL, which writes the first page
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = NORMAL")  # see _sync
        execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        execute("PRAGMA journal_size_limit = 67108864")
        if not is_new:
            return
        with self.writing():
            if self._pragma("application_id") == _APPLICATION_ID:  # another process has created it meanwhile
                self._require_format()
                return
            for statement in _schema_statements():
                execute(statement)
            execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            execute(f"PRAGMA user_version = {FORMAT}")

    def _require_format(self) -> None:
        """Refuse a file of another version.

        Raises:
            HeadlineIndexError: naming both formats.
        """
        stored = self._pragma("user_version") or 1  # the first format wrote none
        if stored != FORMAT:
            advice = "use the version that made it, or add its feeds to a new index"
            raise HeadlineIndexError(self.where, f"its format is {stored}, this dedup reads {FORMAT}; {advice}")

    def _pragma(self, name: str) -> int:
        value: int = self.connection.execute(f"PRAGMA {name}").fetchone()[0]
        return value

    def _sync(self) -> None:
        """Write the log to disk: after a commit, outside of the lock.

        Raises:
            HeadlineIndexError: the disk failed; the commit may not survive a power cut.
        """
        if self.where == ":memory:":
            return
        try:
            descriptor = os.open(f"{self._path}-wal", os.O_RDWR | getattr(os, "O_BINARY", 0))
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise HeadlineIndexError(self.where, f"{_ADVICE['SQLITE_IOERR']} ({error})") from error

    def _roll_back(self) -> None:
        """Roll back an uncommitted transaction; an error may have done so already."""
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    def _require_same_file(self) -> None:
        """Check that the path still names the file that was opened: writes to an unlinked file would be lost.

        Raises:
            HeadlineIndexError: it was moved, removed or replaced.
        """
        if self._identity is not None and self._identity != _file_identity(self._path):
            raise HeadlineIndexError(self.where, "the file was moved, removed or replaced meanwhile; open it again")


def _reason(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", "") or ""
    advice = next((advice for code, advice in _ADVICE.items() if name.startswith(code)), None)
    if name.startswith(_OF_DAMAGE) or "decode to UTF-8" in str(error):
        advice = _DAMAGED
    return f"{advice} ({error})" if advice else f"{error} ({name or type(error).__name__})"


def _file_identity(path: Path) -> tuple[int, int] | None:
    """Return device and inode of a file; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _immutable_option(path: Path) -> str:
    """Return ``&immutable=1`` for a database in a read-only directory: SQLite then creates no files beside it."""
    return "" if os.access(path.parent, os.W_OK) else "&immutable=1"


def _schema_statements() -> Iterator[str]:
    text = (resources.files("dedup.index.storage.sqlite") / "schema.sql").read_text(encoding="utf-8")
    lines = (line.partition("--")[0] for line in text.splitlines())
    return (statement for statement in "\n".join(lines).split(";") if statement.strip())
