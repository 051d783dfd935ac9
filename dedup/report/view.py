"""What a report shows, whatever it is rendered as: the choice, the totals, the skipped inputs in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from dedup.report.wording import count, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.coverage import Coverage

_LISTED = 25  # skipped inputs that are listed one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What of the results a report shows.

    Attributes:
        top: how many stories.
        min_outlets: stories that at least this many outlets ran.
        outlet: with whom this outlet shares its stories; None leaves that out.
        filters: how the coverage was narrowed, in words.
        index: the index that remembers the headlines; None where they were read from files.
    """

    top: int = 10
    min_outlets: int = 2
    outlet: str | None = None
    filters: str = ""
    index: str | None = None

    def stories(self, coverage: Coverage) -> tuple[pl.DataFrame, int]:
        """The widest stories, and how many there are to choose from."""
        wide = coverage.stories.filter(pl.col("n_outlets") >= self.min_outlets)
        return wide.head(self.top), wide.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The figures at the head of a report.

    Attributes:
        headlines: read.
        outlets: that ran them.
        first: the earliest known time.
        last: the latest known time.
        undated: headlines without a time.
        covered: stories that two or more outlets ran.
        shared: headlines in those.
        exclusive: headlines that no other outlet has.
        standing: standing titles (weather, cartoons, columns), which are nobody's news.
        copies: headlines of that role, as are the following.
        rewrites: see copies.
        repeats: see copies.
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
        """The totals of a coverage."""
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


def lasted(story: Mapping[str, Any]) -> float | None:
    """The minutes from a story's first to its last known time; None unless two of its headlines have one."""
    if story["n_headlines"] - story["n_undated"] < 2:
        return None
    ran: timedelta = story["last_published"] - story["first_published"]
    return ran / timedelta(minutes=1)


def skipped_lines(skipped: pl.DataFrame) -> list[str]:
    """Each input that was not used, with its reason; places of one file with one reason are summed up."""
    rows = skipped.group_by("file", "reason", maintain_order=True).agg(pl.col("place").first(), places=pl.len())
    lines = [_skipped_line(**row) for row in rows.head(_LISTED).iter_rows(named=True)]
    more = rows.slice(_LISTED)
    if more.height:
        named = count(more["file"].n_unique(), "input")
        lines.append(f"and {named} more; --output DIR writes all of them to the file skipped")
    return lines


def _skipped_line(file: str, reason: str, place: str, places: int) -> str:
    others = f" and {places - 1:,} more" if places > 1 else ""
    return f"{plain(file)}{f' ({plain(place)}{others})' if place else ''}: {plain(reason)}"
