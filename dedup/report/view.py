"""Choose the content of a report, whatever its format: stories, totals, skipped inputs in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

import polars as pl

from dedup.report.wording import count, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.coverage import Coverage

_LISTED = 25  # skipped inputs that are listed individually


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The part of the results that a report shows.

    Attributes:
        top: maximum number of stories; None for all.
        min_outlets: minimum number of outlets of a story.
        outlet: list the outlets that share stories with this one; None omits the list.
        filters: the filters applied to the coverage, in words.
        index: the index that the headlines come from; None if they were read from files.
        zone: the time zone of displayed times.
        language: the language of the page, ``ar`` or ``en``.
    """

    top: int | None = 10
    min_outlets: int = 2
    outlet: str | None = None
    filters: str = ""
    index: str | None = None
    zone: tzinfo = UTC
    language: str = "ar"

    def stories(self, coverage: Coverage) -> tuple[pl.DataFrame, int]:
        """Return the widest stories, and the number of stories before ``top`` was applied."""
        wide = coverage.stories.filter(pl.col("n_outlets") >= self.min_outlets)
        return wide if self.top is None else wide.head(self.top), wide.height


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


@dataclass(frozen=True, slots=True)
class SkippedGroup:
    """Parts of a file that were skipped for the same reason, with all text escaped.

    Attributes:
        file: the file.
        place: the first of the parts, with the number of the others; "" for the whole file.
        reason: the reason.
    """

    file: str
    place: str
    reason: str


def skipped_groups(skipped: pl.DataFrame) -> tuple[list[SkippedGroup], int]:
    """Group skipped inputs by file and reason; return the first groups, and the number of further files."""
    rows = skipped.group_by("file", "reason", maintain_order=True).agg(pl.col("place").first(), places=pl.len())
    groups = [
        SkippedGroup(
            plain(file), plain(place) + (f" and {places - 1:,} more" if places > 1 and place else ""), plain(reason)
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
