"""Choose the content of a report, whatever its format: stories, totals, skipped inputs in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

import polars as pl

from dedup.report.texts import date_and_time, kind_of_reason, load_texts
from dedup.report.wording import count, moment, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.coverage import Coverage
    from dedup.report.content import Content

IS_FIRST = pl.col("role").is_in(["first", "single", "standing"])
"""Exactly one headline of each story, which gives the story its title; single and standing ones are stories alone."""

_LISTED = 25  # skipped inputs that are listed individually


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The part of the results that a report shows.

    Attributes:
        top: maximum number of stories; None for all.
        min_outlets: minimum number of outlets of a story.
        outlet: the coverage was narrowed to stories of this outlet; the outlets that share them are listed. None for
            all.
        since: the coverage was narrowed to stories that began at this time or later; None for no bound.
        until: the coverage was narrowed to stories that began before this time; None for no bound.
        index: the index that the headlines come from; None if they were read from files.
        zone: the time zone of displayed times.
        language: the language of the report, ``ar`` or ``en``.
    """

    top: int | None = 10
    min_outlets: int = 2
    outlet: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    index: str | None = None
    zone: tzinfo = UTC
    language: str = "ar"

    def stories(self, coverage: Coverage) -> tuple[pl.DataFrame, int]:
        """Return the widest stories, and the number of stories before ``top`` was applied."""
        wide = coverage.stories.filter(pl.col("n_outlets") >= self.min_outlets)
        return wide if self.top is None else wide.head(self.top), wide.height

    @property
    def filters(self) -> str:
        """The filters applied to the coverage, in words; "" if there are none."""
        texts = load_texts(self.language)
        since, until = (self._bound(time) for time in (self.since, self.until))
        if since and until:
            parts = [texts["filter_between"].format(since=since, until=until)]
        elif since or until:
            parts = [texts["filter_from" if since else "filter_before"].format(time=since or until)]
        else:
            parts = []
        if self.outlet is not None:
            parts.append(texts["filter_outlet"].format(outlet=self.outlet))
        return str(texts["comma"].join(parts))

    def _bound(self, time: datetime | None) -> str:
        """Format a bound with its zone, which may be another than that of the report."""
        if time is None:
            return ""
        zone = time.tzinfo or UTC
        if self.language == "ar":
            return f"{date_and_time(time, zone, self.language)} ({zone})"
        return f"{moment(time, zone)} {zone}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The figures at the head of a report.

    Attributes:
        headlines: number of headlines.
        outlets: number of outlets.
        first: the earliest known time.
        last: the latest known time.
        undated: headlines without a time.
        covered: stories that two or more outlets ran.
        shared: headlines in those stories.
        exclusive: headlines that no other outlet has.
        standing: standing titles (weather, cartoons, columns).
        copies: headlines with the role ``copy``.
        rewrites: headlines with the role ``rewrite``.
        repeats: headlines with the role ``repeat``.
    """

    headlines: int
    outlets: int
    first: datetime | None
    last: datetime | None
    undated: int
    covered: int
    shared: int
    exclusive: int
    standing: int
    copies: int
    rewrites: int
    repeats: int

    @classmethod
    def of(cls, coverage: Coverage) -> Totals:
        """Count the totals of a coverage."""
        outlets, times = coverage.outlets, coverage.headlines.select("published").collect().to_series()
        first, last = times.min(), times.max()
        names = ("shared", "exclusive", "standing", "copies", "rewrites", "repeats")
        sums = outlets.select(names).sum().row(0, named=True)
        return cls(
            headlines=len(times),
            outlets=outlets.height,
            first=first if isinstance(first, datetime) else None,
            last=last if isinstance(last, datetime) else None,
            undated=times.null_count(),
            covered=coverage.stories.filter(pl.col("n_outlets") >= 2).height,
            **sums,
        )


def duration(story: Mapping[str, Any]) -> float | None:
    """Return the minutes from the first to the last known time of a story; None if fewer than two are known."""
    if story["n_headlines"] - story["n_undated"] < 2:
        return None
    ran: timedelta = story["last_published"] - story["first_published"]
    return ran / timedelta(minutes=1)


def related_stories(content: Content, stories: pl.DataFrame) -> pl.DataFrame:
    """Return the related stories of stories, the closest first.

    Args:
        content: the frames; without ``related``, or where the coverage was narrowed, stories may be missing.
        stories: frame with ``story_id``.

    Returns:
        The columns of ``related``, and of the headline that is first in the related story ``title``, ``outlet`` and
        ``published``.
    """
    if content.related is None:
        return pl.DataFrame(schema=_RELATED_STORIES)
    first = (
        content.coverage.headlines.filter(IS_FIRST)
        .join(content.related.lazy().select(story_id="related_id"), on="story_id", how="semi")
        .select("title", "outlet", "published", related_id="story_id")
        .collect()
    )
    related = content.related.join(stories.select("story_id"), on="story_id", how="semi", maintain_order="left")
    return related.join(first, on="related_id", maintain_order="left").select(list(_RELATED_STORIES))


_RELATED_STORIES: dict[str, pl.DataType] = {
    "story_id": pl.String(),
    "related_id": pl.String(),
    "related_score": pl.Float32(),
    "hours_apart": pl.Float32(),
    "title": pl.String(),
    "outlet": pl.String(),
    "published": pl.Datetime("us", "UTC"),
}
_MAX_RELATED_TITLES = 2  # related stories named below a story in a terminal


def related_titles(content: Content, stories: pl.DataFrame) -> dict[str, list[str]]:
    """Return the titles of the closest related stories by story, for a terminal."""
    related = related_stories(content, stories).group_by("story_id", maintain_order=True)
    return dict(related.agg(pl.col("title").head(_MAX_RELATED_TITLES)).iter_rows())


def partners(overlap: pl.DataFrame, outlet: str) -> pl.DataFrame:
    """Return the outlets that share stories with an outlet, from its point of view, those that share most first.

    Returns:
        ``other``, ``stories``, ``ahead`` and ``behind`` (stories that the outlet ran earlier or later), ``tied``,
        ``unknown``, ``lag`` (median minutes by which it was ahead; below 0, behind).
    """
    sides = (("outlet_a", "outlet_b", "a_first", "b_first", 1), ("outlet_b", "outlet_a", "b_first", "a_first", -1))
    lag = pl.col("median_lag_minutes")
    return pl.concat(
        overlap.filter(pl.col(own) == outlet).select(
            "stories", "tied", "unknown", other=other, ahead=ahead, behind=behind, lag=lag * sign
        )
        for own, other, ahead, behind, sign in sides
    ).sort("stories", "other", descending=[True, False])


@dataclass(frozen=True, slots=True)
class SkippedGroup:
    """Parts of a file that were skipped for the same reason, with all text escaped.

    Attributes:
        file: the file.
        place: the first of the parts, with the number of the others; "" for the whole file.
        reason: the reason, in English.
        kind: the kind of the reason in Arabic; "" if it has none.
    """

    file: str
    place: str
    reason: str
    kind: str


def skipped_groups(skipped: pl.DataFrame) -> tuple[list[SkippedGroup], int]:
    """Group skipped inputs by file and reason; return the first groups, and the number of further files."""
    rows = skipped.group_by("file", "reason", maintain_order=True).agg(pl.col("place").first(), places=pl.len())
    groups = [
        SkippedGroup(
            plain(file),
            plain(place) + (f" and {places - 1:,} more" if places > 1 and place else ""),
            plain(reason),
            kind_of_reason(reason),
        )
        for file, place, places, reason in rows.head(_LISTED).select("file", "place", "places", "reason").iter_rows()
    ]
    return groups, rows.slice(_LISTED)["file"].n_unique()


def skipped_lines(skipped: pl.DataFrame) -> list[str]:
    """Describe each skipped input with its reason; parts of a file with the same reason share a line."""
    groups, more = skipped_groups(skipped)
    lines = [f"{group.file}{f' ({group.place})' if group.place else ''}: {group.reason}" for group in groups]
    if more:
        lines.append(f"and {count(more, 'input')} more; --output DIR writes all of them to the file skipped")
    return lines
