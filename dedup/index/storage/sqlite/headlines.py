"""Headlines in an SQLite file: insertion, look-up, removal."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import orjson
import polars as pl

from dedup.frames import KEYS, TIME
from dedup.index.recurrence import text_hash
from dedup.index.storage.protocol import WindowHeadline
from dedup.index.storage.sqlite.checksums import story_row_checksum, verified

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from dedup.index.storage.protocol import StoredHeadline
    from dedup.index.storage.sqlite.checksums import Row

IN_LIST = "(SELECT value FROM json_each(?))"
"""Condition on integers that are bound as one argument, see ``as_list``."""

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
        query = f"SELECT * FROM {table} WHERE id_hash = ? AND headline_id = ?"
        for row, *_, story in verified(table, connection.execute(query, (text_hash(headline_id), headline_id))):
            return row, story
    return None


def load_after(connection: sqlite3.Connection, row: int) -> list[WindowHeadline]:
    """Return the headlines added after a row."""
    return _window_headlines(connection, "row > ?", row)


def load_within(connection: sqlite3.Connection, earliest: int) -> list[WindowHeadline]:
    """Return the headlines published since ``earliest``, microseconds, and those without a time."""
    # SQLite answers one condition with OR by a scan of the table, two sub-queries by the index.
    within = "SELECT row FROM headlines WHERE published >= ? UNION ALL SELECT row FROM headlines WHERE published"
    return _window_headlines(connection, f"row IN ({within} IS NULL)", earliest)


def load_rows(connection: sqlite3.Connection, condition: str = "TRUE", values: Sequence[object] = ()) -> Iterator[Row]:
    """Yield the rows of ``headlines`` that fulfil a condition, without checksums, in order of row.

    Raises:
        ChecksumError: a row is damaged.
    """
    query = f"SELECT * FROM headlines WHERE {condition} ORDER BY row"
    return verified("headlines", connection.execute(query, values))


def load_frame(connection: sqlite3.Connection, rows: Iterable[int] | None) -> pl.DataFrame:
    """Return KEYS with ``row``, ``story`` and ``recurs`` of these rows, or of all, in order of row."""
    stored = load_rows(connection) if rows is None else load_rows(connection, f"row IN {IN_LIST}", (as_list(rows),))
    blocks = [pl.DataFrame(schema=_SCHEMA)]
    while block := list(map(_keys_row, islice(stored, _FETCHED))):
        blocks.append(pl.DataFrame(block, schema=_SCHEMA, orient="row"))
    return pl.concat(blocks).with_columns(pl.col("published").cast(pl.Datetime("us")).cast(TIME))


def replace_keys(connection: sqlite3.Connection, keys: pl.DataFrame) -> None:
    """Replace keys, recurrence and story of all headlines."""
    query = (
        "UPDATE headlines SET exact_key = ?, fuzzy_key = ?, tag = ?, recurs = ?, story = ?, checksum = ? WHERE row = ?"
    )
    changed = keys.select("row", "exact_key", "fuzzy_key", "tag", "recurs", "story").sort("row")
    for block in changed.iter_slices(_FETCHED):
        updates = []
        stored = list(load_rows(connection, f"row IN {IN_LIST}", (as_list(block["row"]),)))
        for (row, exact, fuzzy, tag, recurs, story), values in zip(block.iter_rows(), stored, strict=True):
            *item, _, _, _, _, seen, _ = values
            title = values[4]
            exact_key, fuzzy_key = _without_repetition(title, exact, fuzzy)
            checksum = story_row_checksum((*item, exact_key, fuzzy_key, tag, recurs, seen), story)
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
    headlines = []
    for values in load_rows(connection, condition, (value,)):
        row, _, _, outlet, title, _, published, _, exact, fuzzy, _, recurs, _, _ = values
        key = next((key for key in (fuzzy, exact) if key is not None), title)
        headlines.append(WindowHeadline(row, published, outlet, key, recurs))
    return headlines


def _keys_row(values: Row) -> Row:
    """Return KEYS, row, story and recurs of a row of ``headlines``."""
    row, _, headline_id, outlet, title, url, published, source, exact, fuzzy, tag, recurs, _, story = values
    exact = title if exact is None else exact
    fuzzy = exact if fuzzy is None else fuzzy
    return headline_id, outlet, title, url, published, source, exact, fuzzy, tag, row, story, recurs


def _table_row(headline: StoredHeadline) -> Row:
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
