"""Headlines in an SQLite file: insertion, look-up, removal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import polars as pl

from dedup.frames import KEYS, TIME
from dedup.index.recurrence import text_hash
from dedup.index.storage.protocol import WindowHeadline
from dedup.index.storage.sqlite.checksums import story_row_checksum

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from dedup.index.storage.protocol import StoredHeadline

IN_LIST = "(SELECT value FROM json_each(?))"
"""Condition on integers that are bound as one argument, see ``as_list``."""

_FUZZY_KEY = "coalesce(fuzzy_key, exact_key, title)"
_FETCHED = 50_000
"""Rows that exist as Python objects at a time."""

_SCHEMA = {**KEYS, "published": pl.Int64(), "row": pl.Int64(), "story": pl.Int64(), "recurs": pl.Int32()}
_INSERT = f"INSERT INTO headlines VALUES ({', '.join('?' * 15)})"


def as_list(values: Iterable[int]) -> str:
    """Return integers as one argument for ``IN_LIST``."""
    return orjson.dumps(list(values)).decode()


def insert_headlines(connection: sqlite3.Connection, headlines: Iterable[StoredHeadline]) -> None:
    """Insert new headlines."""
    connection.executemany(_INSERT, map(_table_row, headlines))


def find_rows(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, int]:
    """Return the rows of those ids that are stored."""
    hashes, wanted = as_list(map(text_hash, ids)), set(ids)
    stored = connection.execute(f"SELECT headline_id, row FROM headlines WHERE id_hash IN {IN_LIST}", (hashes,))
    return {headline_id: row for headline_id, row in stored if headline_id in wanted}


def find_headline(connection: sqlite3.Connection, headline_id: str) -> tuple[int, int] | None:
    """Return row and story of a headline, also of a pruned one whose story still exists."""
    for table in ("headlines", "pruned"):
        query = f"SELECT row, story FROM {table} WHERE id_hash = ? AND headline_id = ?"
        stored = connection.execute(query, (text_hash(headline_id), headline_id)).fetchone()
        if stored:
            return int(stored[0]), int(stored[1])
    return None


def load_after(connection: sqlite3.Connection, row: int) -> list[WindowHeadline]:
    """Return the headlines added after a row."""
    return _window_headlines(connection, "row > ?", row)


def load_within(connection: sqlite3.Connection, earliest: int) -> list[WindowHeadline]:
    """Return the headlines published since ``earliest``, microseconds, and those without a time."""
    # SQLite answers one condition with OR by a scan of the table, two sub-queries by the index.
    within = "SELECT row FROM headlines WHERE published >= ? UNION ALL SELECT row FROM headlines WHERE published"
    return _window_headlines(connection, f"row IN ({within} IS NULL)", earliest)


def load_frame(connection: sqlite3.Connection, rows: Iterable[int] | None) -> pl.DataFrame:
    """Return KEYS with ``row``, ``story`` and ``recurs`` of these rows, or of all, in order of row."""
    columns = (
        "headline_id, outlet, title, url, published, source, coalesce(exact_key, title), "
        f"{_FUZZY_KEY}, tag, row, story, recurs"
    )
    if rows is None:
        cursor = connection.execute(f"SELECT {columns} FROM headlines ORDER BY row")
    else:
        query = f"SELECT {columns} FROM headlines WHERE row IN {IN_LIST} ORDER BY row"
        cursor = connection.execute(query, (as_list(rows),))
    blocks = [pl.DataFrame(schema=_SCHEMA)]
    while fetched := cursor.fetchmany(_FETCHED):
        blocks.append(pl.DataFrame(fetched, schema=_SCHEMA, orient="row"))
    return pl.concat(blocks).with_columns(pl.col("published").cast(pl.Datetime("us")).cast(TIME))


def replace_keys(connection: sqlite3.Connection, keys: pl.DataFrame) -> None:
    """Replace keys, recurrence and story of all headlines."""
    columns = "id_hash, headline_id, outlet, title, url, published, source, seen"
    query = (
        "UPDATE headlines SET exact_key = ?, fuzzy_key = ?, tag = ?, recurs = ?, story = ?, checksum = ? WHERE row = ?"
    )
    changed = keys.select("row", "exact_key", "fuzzy_key", "tag", "recurs", "story").sort("row")
    for block in changed.iter_slices(_FETCHED):
        select = f"SELECT row, {columns} FROM headlines WHERE row IN {IN_LIST} ORDER BY row"
        stored = connection.execute(select, (as_list(block["row"]),)).fetchall()
        updates = []
        for (row, exact, fuzzy, tag, recurs, story), values in zip(block.iter_rows(), stored, strict=True):
            *_, title, _, _, _, seen = values
            exact_key, fuzzy_key = _without_repetition(title, exact, fuzzy)
            checksum = story_row_checksum((*values[:-1], exact_key, fuzzy_key, tag, recurs, seen), story)
            updates.append((exact_key, fuzzy_key, tag, recurs, story, checksum, row))
        connection.executemany(query, updates)


def select_for_pruning(connection: sqlite3.Connection, before: int, limit: int) -> tuple[int, int]:
    """Fill the temporary table ``to_prune`` with rows published, or last seen, before a time; return their numbers."""
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS to_prune (row INTEGER PRIMARY KEY)")
    connection.execute("DELETE FROM to_prune")
    dated = "INSERT INTO to_prune SELECT row FROM headlines WHERE published < ? ORDER BY published LIMIT ?"
    undated = "INSERT INTO to_prune SELECT row FROM headlines WHERE published IS NULL AND seen < ? LIMIT ?"
    return connection.execute(dated, (before, limit)).rowcount, connection.execute(undated, (before, limit)).rowcount


def _window_headlines(connection: sqlite3.Connection, condition: str, value: int) -> list[WindowHeadline]:
    query = f"SELECT row, published, outlet, {_FUZZY_KEY}, recurs FROM headlines WHERE {condition} ORDER BY row"
    return [WindowHeadline(*values) for values in connection.execute(query, (value,))]


def _table_row(headline: StoredHeadline) -> tuple[object, ...]:
    row, headline_id, outlet, title, url, published, source, exact, fuzzy, tag, recurs, story, seen = headline
    exact_key, fuzzy_key = _without_repetition(title, exact, fuzzy)
    values = (
        row, text_hash(headline_id), headline_id, outlet, title, url, published, source, exact_key, fuzzy_key, tag,
        recurs, seen,
    )  # fmt: skip
    return (*values, story, story_row_checksum(values, story))


def _without_repetition(title: str, exact: str, fuzzy: str) -> tuple[str | None, str | None]:
    """Return the keys, None where one repeats its predecessor (title, exact key)."""
    return None if exact == title else exact, None if fuzzy == exact else fuzzy
