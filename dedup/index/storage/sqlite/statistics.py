"""Batches, neighbour statistics and recurring titles in an SQLite file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.index.recurrence import DAY, RunDays
from dedup.index.storage.protocol import NO_DELTAS, STATS_DELTA, Changes, Position
from dedup.index.storage.sqlite.checksums import row_checksum, verified
from dedup.index.storage.sqlite.headlines import IN_LIST, as_list, load_after, load_within

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

_BATCH = "INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?)"
_SNAPSHOT = "INSERT INTO snapshots VALUES (?, ?, ?)"
_UINT64 = (1 << 64) - 1


def load_changes(connection: sqlite3.Connection, since: Position | None, reach: int) -> Changes:
    """Return the batches added since a position, or everything within reach if that position is None or invalid."""
    position = load_position(connection)
    if position == since:
        return Changes(position, is_reset=False, headlines=[], deltas=NO_DELTAS)
    if since and since.epoch == position.epoch and _has_batches_after(connection, since.batch):
        headlines, deltas = load_after(connection, since.row), _deltas_after(connection, since.batch)
        return Changes(position, is_reset=False, headlines=headlines, deltas=_joined(deltas))
    last_snapshot = connection.execute("SELECT * FROM snapshots ORDER BY batch DESC LIMIT 1")
    snapshots = list(verified("snapshots", last_snapshot))
    summed = [deltas for _, deltas in snapshots]
    later = _deltas_after(connection, snapshots[0][0] if snapshots else 0)
    headlines = load_within(connection, (position.latest or 0) - reach)
    return Changes(position, is_reset=True, headlines=headlines, deltas=_joined([*summed, *later]))


def load_position(connection: sqlite3.Connection) -> Position:
    """Return the current position."""
    last = connection.execute("SELECT * FROM batches ORDER BY batch DESC LIMIT 1")
    for *position, _ in verified("batches", last):
        return Position(*position)
    return Position(0, 0, 0, None)


def append_batch(
    connection: sqlite3.Connection, position: Position, deltas: NDArray[np.void], snapshot: NDArray[np.void] | None
) -> None:
    """Write the position and the deltas of a batch, and the sum of those of all earlier batches if there is one."""
    execute = connection.execute
    if snapshot is not None:
        # Deltas since the last snapshot are kept, so that processes that have read up to it need not reload.
        execute("DELETE FROM batches WHERE batch <= (SELECT max(batch) FROM snapshots)")
        execute("DELETE FROM snapshots WHERE batch < (SELECT max(batch) FROM snapshots)")
        _insert_snapshot(connection, position.batch - 1, snapshot)
    _insert_batch(connection, position, deltas.tobytes())


def begin_epoch(connection: sqlite3.Connection, deltas: NDArray[np.void]) -> None:
    """Begin a new epoch with these statistics; nothing happens in an empty index."""
    batch, epoch, row, latest = load_position(connection)
    if batch:
        connection.execute("DELETE FROM batches")
        connection.execute("DELETE FROM snapshots")
        _insert_snapshot(connection, batch + 1, deltas)
        _insert_batch(connection, Position(batch + 1, epoch + 1, row, latest), b"")


def load_days(connection: sqlite3.Connection, titles: Sequence[int]) -> dict[int, RunDays]:
    """Return the days of those titles that ran before."""
    if not titles:
        return {}
    stored = connection.execute(f"SELECT * FROM days WHERE title IN {IN_LIST}", (as_list(titles),))
    return {title: RunDays(last, mask & _UINT64) for title, last, mask in verified("days", stored)}


def write_days(connection: sqlite3.Connection, days: Mapping[int, RunDays]) -> None:
    """Insert or replace the days of titles."""
    rows = ((title, run.last, _signed(run.mask)) for title, run in days.items())
    connection.executemany(
        "INSERT OR REPLACE INTO days VALUES (?, ?, ?, ?)", ((*row, row_checksum(row)) for row in rows)
    )


def replace_days(connection: sqlite3.Connection, days: Mapping[int, RunDays]) -> None:
    """Delete the days of all titles and write these."""
    connection.execute("DELETE FROM days")
    write_days(connection, days)


def prune_days(connection: sqlite3.Connection, before: int) -> None:
    """Delete titles that last ran before a time, microseconds since 1970 UTC."""
    connection.execute("DELETE FROM days WHERE last < ?", (before // DAY,))


def count_all(connection: sqlite3.Connection) -> dict[str, int | None]:
    """Return ``headlines``, ``stories``, ``matches``, ``undated``, ``first``, ``last`` and ``bytes``."""
    joined = "SELECT story FROM headlines WHERE story <> row"  # answered by the partial index alone
    queries = {
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
    return {name: connection.execute(query).fetchone()[0] for name, query in queries.items()}


def _has_batches_after(connection: sqlite3.Connection, batch: int) -> bool:
    """Return whether the deltas of all later batches are still stored batch by batch."""
    snapshots = [row[0] for row in connection.execute("SELECT batch FROM snapshots ORDER BY batch")]
    return len(snapshots) < 2 or batch >= snapshots[0]


def _deltas_after(connection: sqlite3.Connection, batch: int) -> list[bytes]:
    stored = connection.execute("SELECT * FROM batches WHERE batch > ?", (batch,))
    return [deltas for *_, deltas in verified("batches", stored)]


def _insert_snapshot(connection: sqlite3.Connection, batch: int, deltas: NDArray[np.void]) -> None:
    blob = deltas.tobytes()
    connection.execute(_SNAPSHOT, (batch, blob, row_checksum([batch], blob)))


def _insert_batch(connection: sqlite3.Connection, position: Position, deltas: bytes) -> None:
    connection.execute(_BATCH, (*position, deltas, row_checksum(tuple(position), deltas)))


def _joined(parts: Iterable[bytes]) -> NDArray[np.void]:
    return np.frombuffer(b"".join(parts), STATS_DELTA)


def _signed(bits: int) -> int:
    return bits - (1 << 64) if bits >> 63 else bits
