"""An index in one SQLite file: the embedded default, and what ``:memory:`` is.

The file is in WAL mode: readers see one unchanging view and are never blocked, writers wait for each other (they take
the write lock before they look, so that what they compare with is all that is committed). ``synchronous`` is FULL: each
commit is one fsync of the log, and what a call returned survives a power cut, not only a killed process, which NORMAL
would give too. Checkpoints come every 64 MB of log instead of every 4: they cost tens of milliseconds, and
so they fall on fewer than one call in a hundred. Ids and titles are found by hashes, so that a batch of 1,000 touches
2,000 pages of a large index; with the usual 2 MB of cache these are written and read more than once (32 ms of a batch
with a million remembered, and 16 with 32 MB).
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import orjson

from dedup.errors import HeadlineIndexError
from dedup.index.storage.sqlite.reading import Reading
from dedup.index.storage.sqlite.writing import Writing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PATIENCE = 60.0
"""Seconds that a writer waits for another."""

_CHECKPOINT = 16_000
"""Pages of 4 kB that the log grows to before it is written back."""

_CACHE = 32_768
"""Kilobytes of pages held, at most; they are taken as they are needed."""

_APPLICATION = 0x64656475
"""Stands in the header of every index file ("dedu"), so that another program's database is not taken for one."""

_ADVICE = {
    "SQLITE_FULL": "the disk is full; make room and call again",
    "SQLITE_READONLY": 'it is read-only; make it writable, or open it with mode="r"',
    "SQLITE_BUSY": f"another process has been writing for {_PATIENCE:.0f} seconds; call again",
    "SQLITE_NOTADB": "it is no index of dedup; name another file",
    "SQLITE_CORRUPT": "the file is damaged; restore a copy, or add its feeds to a new index",
    "SQLITE_CANTOPEN": "it cannot be opened; make its folder, and see who may read and write there",
    "SQLITE_IOERR": "the disk failed; what was returned before is kept, call again",
}


class SqliteStorage(Reading, Writing):
    """See ``dedup.index.storage.protocol.Storage``; used by one thread at a time."""

    def __init__(self, where: str, mode: Literal["r", "rw"]) -> None:
        """Open a file, and make it if need be.

        Args:
            where: a path, or ``:memory:``.
            mode: r to read only, rw to write too.

        Raises:
            HeadlineIndexError: it cannot be opened, or is no index.
        """
        self.where, self._mode = where, mode
        self._path = Path(where).absolute()  # whatever the working directory is later
        self._file: tuple[int, int] | None = None
        with self._told():
            self._connection = self._connect()
            self._connection.execute("PRAGMA temp_store = MEMORY")
            self._connection.execute(f"PRAGMA cache_size = -{_CACHE}")
            application = self._connection.execute("PRAGMA application_id").fetchone()[0]
            empty = self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
        if application != _APPLICATION and not empty:
            self.close()
            raise HeadlineIndexError(where, "it is another program's database; name another file")
        if mode == "rw":
            with self._told():
                self._prepare(new=application != _APPLICATION)
        elif empty:
            self.close()
            raise HeadlineIndexError(where, "it is empty, no index; add headlines to it first")
        if where != ":memory:":
            self._file = _file(self._path)

    def _connect(self) -> sqlite3.Connection:
        path = self._path
        if "\0" in self.where:
            raise HeadlineIndexError(self.where, _ADVICE["SQLITE_CANTOPEN"])
        if self.where == ":memory:":
            address = ":memory:"
        elif self._mode == "rw":
            address = f"{path.as_uri()}?mode=rwc"
        elif not path.is_file():
            raise HeadlineIndexError(self.where, "there is no such file; add headlines first, or name another")
        else:
            # A log beside the file needs to be shared with its writers; without one the file may lie where nothing can
            # be written, and nobody is writing.
            shared = Path(f"{path}-wal").exists()
            address = f"{path.as_uri()}?mode=ro{'' if shared else _unshared(path)}"
        return sqlite3.connect(address, uri=True, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)

    def _prepare(self, *, new: bool) -> None:
        execute = self._connection.execute
        if new:
            execute("PRAGMA auto_vacuum = INCREMENTAL")  # before WAL, which writes the first page
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = FULL")
        execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT}")
        execute("PRAGMA journal_size_limit = 67108864")
        if new:
            with self.writing():
                if execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:  # another process was no faster
                    for statement in _statements():
                        execute(statement)
                    execute(f"PRAGMA application_id = {_APPLICATION}")

    def retain(self, reach: int, retention: int | None) -> int | None:  # noqa: ARG002 - a file keeps what it is not told to forget
        """For how long headlines are kept: as asked, else for ever."""
        return retention

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One unchanging view of the index."""
        with self._told():
            self._insist()
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._leave()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of it or nothing."""
        if self._mode == "r":
            raise HeadlineIndexError(self.where, 'it was opened with mode="r"; open it with mode="rw" to add or change')
        with self._told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._insist()
                self._connection.execute("COMMIT")
            finally:
                self._leave()

    def _leave(self) -> None:
        """Roll back what is not committed; an error may have done so."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _insist(self) -> None:
        """Make sure that the file is still the one that was opened: what goes to one without a name is lost.

        Raises:
            HeadlineIndexError: it was moved, removed or replaced.
        """
        if self._file is not None and self._file != _file(self._path):
            raise HeadlineIndexError(self.where, "the file was moved, removed or replaced meanwhile; open it again")

    def passport(self) -> dict[str, object] | None:
        """What the index was made with; None for a new one."""
        found = self._connection.execute("SELECT value FROM passport WHERE name = 'made with'").fetchone()
        try:
            made: dict[str, object] | None = orjson.loads(found[0]) if found else None
        except orjson.JSONDecodeError as error:
            raise HeadlineIndexError(self.where, f"{_ADVICE['SQLITE_CORRUPT']} (what it was made with)") from error
        return made

    def stamp(self, passport: Mapping[str, object]) -> None:
        """Remember what the index is made with."""
        text = orjson.dumps(passport).decode()
        self._connection.execute("INSERT OR REPLACE INTO passport VALUES ('made with', ?)", (text,))

    def shrink(self) -> None:
        """Give free pages back to the file system."""
        with self._told():
            # As a script, since it gives a row without columns for each page, and execute() stops at the first.
            self._connection.executescript("PRAGMA incremental_vacuum")
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()  # waits for no reader

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """SQLite's errors as ours, with what to do."""
        try:
            yield
        except sqlite3.Error as error:
            raise HeadlineIndexError(self.where, _reason(error)) from error


def _reason(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", "")
    known = next((advice for code, advice in _ADVICE.items() if name.startswith(code)), None)
    return f"{known} ({error})" if known else f"{error} ({name or type(error).__name__})"


def _file(path: Path) -> tuple[int, int] | None:
    """Which file stands there, None where none does."""
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_dev, told.st_ino


def _unshared(path: Path) -> str:
    """The option that reads a file which nobody writes and where nothing can be written beside."""
    return "" if os.access(path.parent, os.W_OK) else "&immutable=1"


def _statements() -> Iterator[str]:
    text = (resources.files("dedup.index.storage.sqlite") / "schema.sql").read_text(encoding="utf-8")
    lines = (line.partition("--")[0] for line in text.splitlines())
    return (statement for statement in "\n".join(lines).split(";") if statement.strip())
