"""Queries on a stored index: a story, the matches of a headline, statistics."""

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
    """A story in its current state.

    Attributes:
        story_id: the id of the headline that began it, whichever id the query used.
        headlines: HEADLINES of its stored members in order of time, those without a time last.
        outlets: the outlets in order of their first headline; headlines without an outlet do not count.
    """

    story_id: str
    headlines: pl.DataFrame
    outlets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stats:
    """Size and settings of an index.

    Attributes:
        headlines: number of stored headlines.
        stories: number of stories, including those of one headline.
        matches: number of matched pairs.
        undated: number of headlines without a time; these can match any new headline.
        first: the earliest time of publication.
        last: the latest.
        bytes: size of the storage.
        cached: headlines in this process's window cache; None before its first ``add`` or ``check``.
        settings: the settings in use.
        fingerprint: everything that shapes the content, by name.
    """

    headlines: int
    stories: int
    matches: int
    undated: int
    first: datetime | None
    last: datetime | None
    bytes: int
    cached: int | None
    settings: Settings
    fingerprint: dict[str, object]


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of reading a whole index.

    Attributes:
        problems: everything that is damaged or inconsistent, in words; empty for an intact index.
        headlines: number of stored headlines; None if it cannot be determined.
        stories: number of stories.
        matches: number of matched pairs.
    """

    problems: tuple[str, ...]
    headlines: int | None
    stories: int | None
    matches: int | None

    @property
    def is_intact(self) -> bool:
        """Whether there is no problem."""
        return not self.problems


def verify(storage: Storage) -> Verification:
    """Read everything and compare checksums, references and counts; called inside a transaction."""
    problems = tuple(storage.find_problems())
    counts: dict[str, int | None] = {} if problems else storage.counts()
    return Verification(problems, *(counts.get(name) for name in ("headlines", "stories", "matches")))


def query_story(storage: Storage, story_id: str) -> Story:
    """Return a story; called inside a transaction.

    Raises:
        UnknownStoryError: no story has the id.
    """
    location = _find(storage, story_id)
    if location is None:
        raise UnknownStoryError(story_id)
    row, story = location
    stored = storage.load_stories([row])
    members = storage.headlines(member.row for member in stored.members)
    headlines = members.sort("published", "row", nulls_last=True).select(list(frames.HEADLINES))
    outlets = headlines.filter(pl.col("outlet") != "")["outlet"].unique(maintain_order=True)
    return Story(_ids(stored)[story], headlines, tuple(outlets))


def query_matches(storage: Storage, headline_id: str) -> pl.DataFrame:
    """Return the matches of a headline, best first; called inside a transaction.

    Raises:
        UnknownHeadlineError: no headline has the id.
    """
    location = _find(storage, headline_id)
    headline = storage.headlines([] if location is None else [location[0]])
    if location is None or headline.is_empty():
        raise UnknownHeadlineError(headline_id)
    row = location[0]
    match_of = {match.left if match.right == row else match.right: match for match in storage.matches(row)}
    matched = storage.headlines(match_of)
    ids, matches = _ids(storage.load_stories(match_of)), [match_of[matched_row] for matched_row in matched["row"]]
    hours = (pl.col("published") - pl.lit(headline["published"].item(), frames.TIME)).abs() / timedelta(hours=1)
    found = matched.select(
        *frames.HEADLINES,
        story_id=pl.Series([ids[story] for story in matched["story"]], dtype=pl.String),
        score=pl.Series([match.score for match in matches], dtype=pl.Float32),
        relation=pl.Series([match.relation for match in matches], dtype=pl.String),
        hours_apart=hours,
    )
    return found.sort("score", "headline_id", descending=[True, False])


def query_stats(storage: Storage, cached: int | None, settings: Settings) -> Stats:
    """Return the statistics of an index; called inside a transaction."""
    counts = storage.counts()
    numbers = {name: counts[name] or 0 for name in ("headlines", "stories", "matches", "undated", "bytes")}
    return Stats(
        **numbers,
        first=_to_datetime(counts["first"]),
        last=_to_datetime(counts["last"]),
        cached=cached,
        settings=settings,
        fingerprint=storage.fingerprint() or {},
    )


def _find(storage: Storage, headline_id: str) -> tuple[int, int] | None:
    """Return row and story of a headline, None for ids with a lone surrogate, which no stored id has."""
    return storage.find(headline_id) if headline_id == replace_surrogates(headline_id) else None


def _to_datetime(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)


def _ids(stored: StoredStories) -> dict[int, str]:
    """Return the headline id of each row, pruned founders included."""
    return {member.row: member.headline_id for member in (*stored.pruned_founders, *stored.members)}
