"""Verification of an index in SQLite: structure, checksums and references of all that is stored."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from dedup.index.storage.sqlite.checksums import is_intact
from dedup.index.storage.sqlite.statistics import load_position

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES = ("fingerprint", "headlines", "matches", "days", "batches", "snapshots", "pruned")

_LISTED = 5
"""Damaged rows that are listed per table."""

_MAX_STRUCTURAL = 20
"""Structural problems that are listed."""

_REFERENCES = {
    "headlines belong to a story that does not exist": (
        "SELECT count(*) FROM headlines AS member WHERE story NOT IN (SELECT row FROM headlines) "
        "AND story NOT IN (SELECT row FROM pruned)"
    ),
    "headlines belong to a story that belongs to another one": (
        "SELECT count(*) FROM headlines AS member JOIN headlines AS founder ON founder.row = member.story "
        "WHERE founder.story <> founder.row"
    ),
    "headlines have the id of another one": "SELECT count(*) - count(DISTINCT headline_id) FROM headlines",
    "matches have a headline that does not exist": (
        "SELECT count(*) FROM matches WHERE right NOT IN (SELECT row FROM headlines) "
        "OR left NOT IN (SELECT row FROM headlines)"
    ),
    "batches are missing": (
        "SELECT CASE WHEN count(*) THEN max(batch) - min(batch) + 1 - count(*) + "
        "max(0, min(batch) - 1 - coalesce((SELECT max(batch) FROM snapshots), 0)) ELSE 0 END FROM batches"
    ),
}
"""Queries that count violations."""


def find_problems(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield the problems of an index in words, none for an intact one; called inside a transaction."""
    yield from _structural_problems(connection)
    for table in TABLES:
        yield from _damaged_rows(connection, table)
    try:
        for problem, query in _REFERENCES.items():
            count = connection.execute(query).fetchone()[0]
            if count:
                yield f"{count:,} {problem}"
        position, last = load_position(connection), connection.execute("SELECT max(row) FROM headlines").fetchone()[0]
        if last is not None and last > position.row:
            yield f"headlines were added up to row {last:,}, batches up to row {position.row:,}"
    except (sqlite3.Error, ValueError, TypeError) as error:
        yield f"references cannot be compared ({error})"


def _structural_problems(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield the problems that SQLite finds in pages, tables and look-up structures."""
    try:
        found = [row[0] for row in connection.execute(f"PRAGMA integrity_check({_MAX_STRUCTURAL})")]
    except (sqlite3.Error, ValueError) as error:
        found = [str(error)]
    if found != ["ok"]:
        yield from (f"structure: {line}" for text in found for line in str(text).splitlines())


def _damaged_rows(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    count, keys = 0, list[str]()
    try:
        for row in connection.execute(f"SELECT * FROM {table}"):
            if not is_intact(table, row):
                count += 1
                if len(keys) < _LISTED:
                    keys.append(repr(row[0]))
    except (sqlite3.Error, ValueError) as error:  # ValueError: text that is not UTF-8
        yield f"{table}: cannot be read to its end ({error})"
    if count:
        yield f"{table}: {count:,} rows with a wrong checksum ({', '.join(keys)}{', …' if count > len(keys) else ''})"
