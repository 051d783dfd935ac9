"""Stories and matches in an SQLite file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup.index.storage.protocol import Match, Member, StoredStories
from dedup.index.storage.sqlite.checksums import row_checksum, story_row_checksum, verified
from dedup.index.storage.sqlite.headlines import IN_LIST, as_list

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from dedup.index.storage.sqlite.checksums import Row

_FOUNDERS = f"SELECT * FROM headlines WHERE row IN {IN_LIST} AND story = row"
_OTHER_MEMBERS = f"SELECT * FROM headlines WHERE story IN {IN_LIST} AND story <> row"
_PRUNED_COLUMNS = "row, id_hash, headline_id, outlet, published"


def load_stories(connection: sqlite3.Connection, rows: Iterable[int]) -> StoredStories:
    """Return the stories of these headlines."""
    wanted = as_list(rows)
    if wanted == "[]":
        return StoredStories()
    of_rows = " UNION ".join(f"SELECT story FROM {table} WHERE row IN {IN_LIST}" for table in ("headlines", "pruned"))
    stories = as_list(story for (story,) in connection.execute(of_rows, (wanted, wanted)))
    founders = verified("headlines", connection.execute(_FOUNDERS, (stories,)))
    others = verified("headlines", connection.execute(_OTHER_MEMBERS, (stories,)))
    members = sorted(map(_member, (*founders, *others)))
    member_rows = as_list(member.row for member in members)
    matches = verified("matches", connection.execute(f"SELECT * FROM matches WHERE right IN {IN_LIST}", (member_rows,)))
    pruned = verified("pruned", connection.execute(f"SELECT * FROM pruned WHERE row IN {IN_LIST}", (stories,)))
    pruned_founders = [
        Member(row, story, headline_id, outlet, published) for row, _, headline_id, outlet, published, story in pruned
    ]
    return StoredStories(members, list(map(Match._make, matches)), pruned_founders)


def load_matches(connection: sqlite3.Connection, row: int) -> list[Match]:
    """Return all matches of a headline, on either side."""
    query = "SELECT * FROM matches WHERE right = ? UNION ALL SELECT * FROM matches WHERE left = ?"
    return list(map(Match._make, verified("matches", connection.execute(query, (row, row)))))


def insert_matches(connection: sqlite3.Connection, matches: Iterable[Match]) -> None:
    """Insert matches."""
    connection.executemany(
        "INSERT INTO matches VALUES (?, ?, ?, ?, ?)", ((*match, row_checksum(tuple(match))) for match in matches)
    )


def replace_matches(connection: sqlite3.Connection, matches: Iterable[Match]) -> None:
    """Delete all matches and insert these."""
    connection.execute("DELETE FROM matches")
    insert_matches(connection, matches)


def merge_stories(connection: sqlite3.Connection, merged: Mapping[int, int]) -> None:
    """Move the headlines of each merged story to the story that absorbed it."""
    if not merged:
        return
    pairs = [{"old": absorbed, "new": story} for absorbed, story in merged.items()]
    move = "SET checksum = checksum - story + :new, story = :new"
    connection.executemany(f"UPDATE headlines {move} WHERE row = :old", pairs)
    connection.executemany(f"UPDATE headlines {move} WHERE story = :old AND story <> row", pairs)
    connection.executemany(f"UPDATE pruned {move} WHERE story = :old", pairs)


def replace_stories_of_pruned(connection: sqlite3.Connection, successors: Mapping[int, int]) -> None:
    """Move the pruned headlines of each story to its successor."""
    stored = connection.execute("SELECT DISTINCT story FROM pruned").fetchall()
    # By way of negative numbers, which are no stories: two stories may exchange their rows.
    connection.executemany(
        "UPDATE pruned SET checksum = checksum - story + :new, story = -:new WHERE story = :old",
        [{"old": story, "new": successors[story]} for (story,) in stored],
    )
    connection.execute("UPDATE pruned SET story = -story")


def prune_selected(connection: sqlite3.Connection) -> None:
    """Delete the headlines listed in ``to_prune`` with their matches; keep their ids while their story exists."""
    execute = connection.execute
    stored = execute(f"SELECT {_PRUNED_COLUMNS}, story FROM headlines WHERE row IN to_prune")
    connection.executemany(
        "INSERT INTO pruned VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((*values, story, story_row_checksum(values, story)) for *values, story in stored),
    )
    execute("DELETE FROM matches WHERE right IN to_prune")
    execute("DELETE FROM matches WHERE left IN to_prune")
    execute("DELETE FROM headlines WHERE row IN to_prune")
    execute(
        "DELETE FROM pruned WHERE "
        "NOT EXISTS (SELECT 1 FROM headlines AS kept WHERE kept.row = pruned.story AND kept.story = kept.row) AND "
        "NOT EXISTS (SELECT 1 FROM headlines AS kept WHERE kept.story = pruned.story AND kept.story <> kept.row)"
    )


def _member(values: Row) -> Member:
    """Return the member of a row of ``headlines``."""
    row, _, headline_id, outlet, _, _, published, *_, story = values
    return Member(row, story, headline_id, outlet, published)
