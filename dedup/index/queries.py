"""What an index tells of what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from dedup import frames
from dedup.core.text_arrays import replace_surrogates
from dedup.errors import UnknownHeadlineError, UnknownStoryError

if TYPE_CHECKING:
    from dedup.index.storage.protocol import Storage, StoredStories
    from dedup.settings import Settings


@dataclass(frozen=True, slots=True)
class Story:
    """A story as it stands.

    Attributes:
        story_id: the id of the headline that began it, whatever id it was asked for by.
        headlines: HEADLINES of its members that are remembered, in order of time, those without a time last.
        outlets: who ran it, in order of their first headline; headlines without an outlet count for nobody.
    """

    story_id: str
    headlines: pl.DataFrame
    outlets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stats:
    """What an index holds.

    Attributes:
        headlines: remembered.
        stories: how many they make, those of one headline included.
        matches: pairs of headlines that match.
        undated: headlines without a time; they can match whatever comes.
        first: the earliest time of publication.
        last: the latest.
        bytes: that the storage takes.
        live: headlines that this process holds in memory; None before it has added or checked any.
        settings: what the index works with.
        made_with: all that shapes it, by name.
    """

    headlines: int
    stories: int
    matches: int
    undated: int
    first: datetime | None
    last: datetime | None
    bytes: int
    live: int | None
    settings: Settings
    made_with: dict[str, object]


def story(storage: Storage, story_id: str) -> Story:
    """A story by an id, inside a transaction.

    Raises:
        UnknownStoryError: there is none.
    """
    found = _found(storage, story_id)
    if found is None:
        raise UnknownStoryError(story_id)
    shelved = storage.load_stories([found[0]])
    members = storage.headlines(member.row for member in shelved.members)
    told = members.sort("published", "row", nulls_last=True).select(list(frames.HEADLINES))
    outlets = told.filter(pl.col("outlet") != "")["outlet"].unique(maintain_order=True)
    return Story(_names(shelved)[found[1]], told, tuple(outlets))


def matches(storage: Storage, headline_id: str) -> pl.DataFrame:
    """The matches of a headline, inside a transaction.

    Raises:
        UnknownHeadlineError: no headline has the id.
    """
    found = _found(storage, headline_id)
    asked = storage.headlines([] if found is None else [found[0]])
    if found is None or asked.is_empty():
        raise UnknownHeadlineError(headline_id)
    by_other = {one.left if one.right == found[0] else one.right: one for one in storage.matches(found[0])}
    others = storage.headlines(by_other)
    names, of = _names(storage.load_stories(by_other)), [by_other[row] for row in others["row"]]
    told = others.select(
        *frames.HEADLINES,
        story_id=pl.Series([names[one] for one in others["story"]], dtype=pl.String),
        score=pl.Series([one.score for one in of], dtype=pl.Float32),
        relation=pl.Series([one.relation for one in of], dtype=pl.String),
        hours_apart=(pl.col("published") - pl.lit(asked["published"].item(), frames.TIME)).abs() / timedelta(hours=1),
    )
    return told.sort("score", "headline_id", descending=[True, False])


def _found(storage: Storage, headline_id: str) -> tuple[int, int] | None:
    """Return row and story of a headline, None for ids with a lone surrogate, which no stored id has."""
    return storage.find(headline_id) if headline_id == replace_surrogates(headline_id) else None


def stats(storage: Storage, live: int | None, settings: Settings) -> Stats:
    """What an index holds, inside a transaction."""
    tally = storage.tally()
    counts = {name: tally[name] or 0 for name in ("headlines", "stories", "matches", "undated", "bytes")}
    return Stats(
        **counts,
        first=_moment(tally["first"]),
        last=_moment(tally["last"]),
        live=live,
        settings=settings,
        made_with=storage.passport() or {},
    )


def _moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)


def _names(shelved: StoredStories) -> dict[int, str]:
    return {member.row: member.headline_id for member in (*shelved.former, *shelved.members)}
