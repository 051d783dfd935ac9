"""Batches, neighbour statistics and recurring titles on a Redis server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.index.storage.protocol import NO_DELTAS, STATS_DELTA, Changes, Position
from dedup.index.storage.redis import layout
from dedup.index.storage.redis.headlines import decode_window, load_window
from dedup.index.storage.redis.layout import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from dedup.index.recurrence import RunDays
    from dedup.index.storage.redis.transaction import Transaction


def load_changes(transaction: Transaction, since: Position | None, batch_token: str, reach: int) -> Changes:
    """Return the batches added since a position, or everything within reach if that position is None or invalid.

    Args:
        transaction: a transaction.
        since: the position up to which the caller has read.
        batch_token: the token that wrote the batch of that position.
        reach: microseconds before the latest time.
    """
    if since and since == transaction.position and transaction.batch_token == batch_token:
        return Changes(since, is_reset=False, headlines=[], deltas=NO_DELTAS)
    batch, epoch, row, _ = since or Position(0, 0, 0, None)
    head, is_reset, row_texts, values, deltas = transaction.connection.run_script(
        "load_changes", batch, epoch, row, batch_token, reach
    )
    position, rows = transaction.observe(head), list(map(int, row_texts))
    headlines = load_window(transaction, rows) if is_reset else decode_window(rows, values)
    return Changes(position, bool(is_reset), headlines, np.frombuffer(b"".join(deltas), STATS_DELTA))


def append_batch(
    transaction: Transaction, position: Position, deltas: NDArray[np.void], snapshot: NDArray[np.void] | None
) -> None:
    """Queue the position and the deltas of a batch, and the sum of those of all earlier batches if there is one."""
    if snapshot is not None:
        # Deltas since the last snapshot are kept, so that processes that have read up to it need not reload.
        stored = sorted(map(int, transaction.connection.execute("HKEYS", "snapshots")))
        for batch in stored[:-1]:
            transaction.queue_command("HDEL", "snapshots", batch)
        if stored:
            transaction.queue_command("XTRIM", "batches", "MINID", stored[-1])
        transaction.queue_command("HSET", "snapshots", position.batch - 1, snapshot.tobytes())
    write_position(transaction, position, deltas.tobytes())


def begin_epoch(transaction: Transaction, deltas: NDArray[np.void]) -> None:
    """Queue the beginning of a new epoch with these statistics; nothing happens in an empty index."""
    position = transaction.position
    if position is not None and position.batch:
        batch = position.batch + 1
        transaction.queue_command("DEL", "batches")
        transaction.queue_command("DEL", "snapshots")
        transaction.queue_command("HSET", "snapshots", batch, deltas.tobytes())
        write_position(transaction, position._replace(batch=batch, epoch=position.epoch + 1))


def write_position(transaction: Transaction, position: Position, deltas: bytes = b"") -> None:
    """Queue the position after this transaction, and the entry of its batch."""
    transaction.position = position
    batch, epoch, row, latest = position
    token = transaction.token
    fields = ("batch", batch, "epoch", epoch, "row", row, "latest", "" if latest is None else latest, "by", token)
    transaction.queue_command("HSET", "head", *fields)
    if batch:
        transaction.queue_command("XADD", "batches", f"{batch}-0", "by", token, "deltas", deltas)


def write_days(transaction: Transaction, days: Mapping[int, RunDays]) -> None:
    """Queue the insertion or replacement of the days of titles."""
    transaction.queue_fields("ZADD", "days", ((run.last, title) for title, run in days.items()))
    masks = ((title, run.mask) for title, run in days.items() if run.mask > 1)
    transaction.queue_fields("HSET", "masks", masks)


def replace_days(transaction: Transaction, days: Mapping[int, RunDays]) -> None:
    """Queue the replacement of the days of all titles."""
    transaction.queue_command("DEL", "days")
    transaction.queue_command("DEL", "masks")
    write_days(transaction, days)


def count_all(transaction: Transaction) -> dict[str, int | None]:
    """Return ``headlines``, ``stories``, ``matches``, ``undated``, ``first``, ``last`` and ``bytes`` (estimated)."""
    execute, execute_many = transaction.connection.execute, transaction.connection.execute_many
    headlines, joined, undated, matches, pruned, first, last, *sizes = execute_many(
        ("HLEN", "rows"),
        ("HLEN", "story"),
        ("ZCARD", "undated"),
        ("HGET", "head", "matches"),
        ("HKEYS", "pruned"),
        ("ZRANGE", "published", 0, 0, "WITHSCORES"),
        ("ZRANGE", "published", -1, -1, "WITHSCORES"),
        *[("MEMORY USAGE", name) for name in NAMES],
    )
    stories_of_pruned = execute("HMGET", "story", *pruned) if pruned else []
    pruned_founders = sum(story is None for story in stories_of_pruned)
    return {
        "headlines": headlines,
        "stories": headlines - (joined - (len(pruned) - pruned_founders)) + pruned_founders,
        "matches": int(matches or 0),
        "undated": undated,
        "first": int(first[1]) if first else None,
        "last": int(last[1]) if last else None,
        "bytes": sum(size or 0 for size in sizes),
    }


def decode_days(
    titles: Sequence[int], last_days: Sequence[bytes | None], masks: Sequence[bytes | None]
) -> dict[int, RunDays]:
    """Return the days of those titles that ran before, from the answers of the server."""
    stored = zip(titles, last_days, masks, strict=True)
    return {title: layout.decode_days(float(last), mask) for title, last, mask in stored if last is not None}
