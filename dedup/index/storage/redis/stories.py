"""Stories and matches on a Redis server."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from dedup.index.storage.protocol import StoredStories
from dedup.index.storage.redis import layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dedup.index.storage.protocol import Match
    from dedup.index.storage.redis.transaction import Transaction


def load_stories(transaction: Transaction, rows: Iterable[int]) -> StoredStories:
    """Return the stories of these headlines."""
    stories, wanted = StoredStories(), list(rows)
    if not wanted:
        return stories
    *columns, founders, values = transaction.connection.run_script("load_stories", *wanted)
    members = ((int(row), int(story), *stored) for row, story, *stored in zip(*columns, strict=True))
    for row, story, value, matches in sorted(members):
        if value is not None and transaction.is_visible(row):
            stories.members.append(layout.decode_member(row, story, value))
            decoded = layout.decode_matches(row, matches)
            stories.matches.extend(match for match in decoded if transaction.is_visible(match.left))
    for story, value in zip(map(int, founders), values, strict=True):
        if value is not None:
            stories.pruned_founders.append(layout.decode_member(story, story, value))
    return stories


def load_matches(transaction: Transaction, row: int) -> list[Match]:
    """Return all matches of a headline, on either side."""
    earlier, later = transaction.connection.execute_many(("HGET", "right", row), ("HGET", "left", row))
    matches = list(layout.decode_matches(row, earlier))
    if later:
        rights = later.decode().split(",")
        texts = transaction.connection.execute("HMGET", "right", *rights)
        decoded = (layout.decode_matches(int(right), text) for right, text in zip(rights, texts, strict=True))
        matches += [match for of_right in decoded for match in of_right if match.left == row]
    return matches


def insert_members(transaction: Transaction, members: Iterable[tuple[int, int]]) -> None:
    """Queue the insertion of headlines, as (row, story), into the stories of others."""
    joined = defaultdict[int, list[int]](list)
    for row, story in members:
        if row != story:
            joined[story].append(row)
    transaction.queue_pairs("add_members", ((story, layout.join_rows(rows)) for story, rows in joined.items()))


def insert_matches(transaction: Transaction, matches: Iterable[Match]) -> None:
    """Queue the insertion of matches."""
    items = defaultdict[int, list[str]](list)
    for match in matches:
        items[match.right].append(layout.encode_match(match))
    transaction.queue_pairs("add_matches", ((right, ";".join(of_right)) for right, of_right in items.items()))


def merge_stories(transaction: Transaction, merged: Mapping[int, int]) -> None:
    """Queue the move of each merged story's headlines to the story that absorbed it."""
    transaction.queue_pairs("merge_stories", merged.items())


def replace_stories(
    transaction: Transaction,
    members: Iterable[tuple[int, int]],
    matches: Iterable[Match],
    successors: Mapping[int, int],
) -> None:
    """Queue the replacement of all stories and matches.

    Args:
        transaction: a write transaction.
        members: row and story of all headlines.
        matches: all matches.
        successors: for each earlier story, the story that its pruned headlines belong to now.
    """
    pruned = [int(row) for row in transaction.connection.execute("HKEYS", "pruned")]
    earlier = transaction.connection.execute("HMGET", "story", *pruned) if pruned else []
    for name in ("story", "members", "right", "left"):
        transaction.queue_command("DEL", name)
    transaction.queue_command("HSET", "head", "matches", 0)
    of_pruned = ((row, successors[int(story or row)]) for row, story in zip(pruned, earlier, strict=True))
    insert_members(transaction, [*members, *of_pruned])
    insert_matches(transaction, matches)
