"""Headlines on a Redis server: insertion, look-up, removal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from dedup.frames import KEYS, TIME
from dedup.index.recurrence import DAY
from dedup.index.storage.redis import layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dedup.index.storage.protocol import StoredHeadline, WindowHeadline
    from dedup.index.storage.redis.connection import Value
    from dedup.index.storage.redis.transaction import Transaction

_FETCHED = 5_000
"""Headlines per round trip."""

_SCHEMA = {**KEYS, "published": pl.Int64(), "row": pl.Int64(), "story": pl.Int64(), "recurs": pl.Int32()}
_STORED_COLUMNS = (
    "headline_id", "outlet", "title", "url", "published", "source", "exact_key", "fuzzy_key", "tag", "recurs",
)  # fmt: skip


def insert_headlines(transaction: Transaction, headlines: Sequence[StoredHeadline]) -> None:
    """Queue the insertion of new headlines."""
    dated = [(headline.published, headline.row) for headline in headlines if headline.published is not None]
    undated = [(headline.seen or 0, headline.row) for headline in headlines if headline.published is None]
    values = ((headline.row, layout.encode_headline(headline)) for headline in headlines)
    transaction.queue_fields("HSET", "rows", values)
    transaction.queue_fields("HSET", "ids", ((headline.headline_id, headline.row) for headline in headlines))
    transaction.queue_fields("ZADD", "published", dated)
    transaction.queue_fields("ZADD", "undated", undated)


def find_headline(transaction: Transaction, headline_id: str) -> tuple[int, int] | None:
    """Return row and story of a headline, also of a pruned one whose story still exists; None if unknown."""
    row, pruned = transaction.connection.execute_many(("HGET", "ids", headline_id), ("HGET", "pruned_ids", headline_id))
    stored = row or pruned
    if stored is None:
        return None
    return int(stored), int(transaction.connection.execute("HGET", "story", stored) or stored)


def load_window(transaction: Transaction, rows: Iterable[int]) -> list[WindowHeadline]:
    """Return the headlines of these rows, without those removed meanwhile, in order of row."""
    wanted = sorted(rows)
    values = (value for (value,) in _load_values(transaction, wanted, "rows"))
    return decode_window(wanted, values)


def decode_window(rows: Iterable[int], values: Iterable[bytes | None]) -> list[WindowHeadline]:
    """Return the headlines with these values; None stands for a removed one."""
    return [layout.decode_window_headline(row, value) for row, value in zip(rows, values, strict=True) if value]


def load_frame(transaction: Transaction, rows: Iterable[int] | None) -> pl.DataFrame:
    """Return KEYS with ``row``, ``story`` and ``recurs`` of these rows, or of all, in order of row."""
    if rows is None:
        dated, undated = transaction.connection.execute_many(
            ("ZRANGE", "published", 0, -1), ("ZRANGE", "undated", 0, -1)
        )
        rows = map(int, dated + undated)
    wanted = sorted(filter(transaction.is_visible, rows))
    blocks = [pl.DataFrame(schema=_SCHEMA)]
    values = _load_values(transaction, wanted, "rows", "story")
    for start in range(0, len(wanted), _FETCHED):
        block = [
            layout.decode_keys(row, int(story or row), value)
            for row, (value, story) in zip(wanted[start : start + _FETCHED], values, strict=False)
            if value is not None
        ]
        blocks.append(pl.DataFrame(block, schema=_SCHEMA, orient="row"))
    return pl.concat(blocks).with_columns(pl.col("published").cast(pl.Datetime("us")).cast(TIME))


def replace_keys(transaction: Transaction, keys: pl.DataFrame) -> None:
    """Queue the replacement of keys and recurrence of all headlines."""
    stored = keys.sort("row").select("row", *_STORED_COLUMNS).with_columns(pl.col("published").to_physical())
    values = ((row, layout.encode_item(fields[:6], *fields[6:])) for row, *fields in stored.iter_rows())
    transaction.queue_fields("HSET", "rows", values)


def prune_headlines(transaction: Transaction, before: int, limit: int | None) -> tuple[int, int]:
    """Queue the removal of headlines published, or last seen, before a time.

    Those that the same transaction adds are removed as well, but not counted.

    Returns:
        The number of dated and of undated headlines.
    """
    dated, undated = transaction.connection.execute_many(
        ("ZCOUNT", "published", "-inf", f"({before}"), ("ZCOUNT", "undated", "-inf", f"({before}")
    )
    if dated or undated:
        transaction.queue("prune_headlines", before, -1 if limit is None else limit, before // DAY)
    return (dated, undated) if limit is None else (min(dated, limit), min(undated, limit))


def _load_values(transaction: Transaction, rows: list[int], *names: str) -> Iterator[tuple[Any, ...]]:
    """Yield the values of rows under these keys."""
    for start in range(0, len(rows), _FETCHED):
        block = rows[start : start + _FETCHED]
        commands: list[list[Value]] = [["HMGET", name, *block] for name in names]
        yield from zip(*transaction.connection.execute_many(*commands), strict=True)
