"""Verification of an index on a Redis server: the references between its keys.

The server itself protects its files by checksums (``rdbchecksum``, and those of an append-only file's preamble).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup.index.storage.redis import layout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedup.index.storage.redis.connection import Connection

_FETCHED = 5_000


def find_problems(connection: Connection) -> Iterator[str]:
    """Yield the problems of an index in words, none for an intact one."""
    names = ("rows", "ids", "story", "members", "right", "left", "pruned")
    raw_rows, raw_ids, raw_story, raw_members, raw_right, raw_left, raw_pruned = (
        dict(_pairs(connection, name)) for name in names
    )
    dated, undated = connection.execute_many(("ZRANGE", "published", 0, -1), ("ZRANGE", "undated", 0, -1))
    rows = {int(row) for row in raw_rows}
    pruned = {int(row) for row in raw_pruned}
    yield from _counted(_undecodable(raw_rows), "headlines cannot be decoded")
    yield from _counted(sum(int(row) not in rows for row in raw_ids.values()), "ids have no headline")
    yield from _counted(abs(len(rows) - len(raw_ids)), "headlines have no id")
    yield from _counted(
        len(rows ^ {int(row) for row in dated + undated}), "headlines have no time, or times no headline"
    )
    stories = {int(story) for story in raw_story.values()} | {int(story) for story in raw_members}
    yield from _counted(len(stories - rows - pruned), "stories have no founder")
    listed = {int(row): int(story) for story, text in raw_members.items() for row in text.decode().split(",")}
    stored = {int(row): int(story) for row, story in raw_story.items()}
    yield from _counted(len(listed.items() ^ stored.items()), "headlines are assigned to a story on one side only")
    forward = {
        (match.right, match.left)
        for right, text in raw_right.items()
        for match in layout.decode_matches(int(right), text)
    }
    backward = {(int(right), int(left)) for left, text in raw_left.items() for right in text.decode().split(",")}
    yield from _counted(len(forward ^ backward), "matches are stored on one side only")
    yield from _counted(sum(not {*match} <= rows for match in forward), "matches have a headline that does not exist")
    count = int(connection.execute("HGET", "head", "matches") or 0)
    yield from _counted(abs(count - len(forward)), "matches are miscounted")


def _pairs(connection: Connection, name: str) -> Iterator[tuple[bytes, bytes]]:
    """Yield fields and values of a hash, some thousands per round trip."""
    cursor = 0
    while True:
        cursor, found = connection.execute("HSCAN", name, cursor, "COUNT", _FETCHED)
        yield from (found.items() if isinstance(found, dict) else zip(found[::2], found[1::2], strict=True))
        if int(cursor) == 0:
            return


def _undecodable(rows: dict[bytes, bytes]) -> int:
    count = 0
    for row, value in rows.items():
        try:
            layout.decode_window_headline(int(row), value)
        except ValueError:
            count += 1
    return count


def _counted(count: int, problem: str) -> Iterator[str]:
    if count:
        yield f"{count:,} {problem}"
