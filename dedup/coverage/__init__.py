"""STORIES to coverage: which outlet published a story first, which followed and how closely, and which was alone.

Everything here is a Polars expression over whole frames. The rules, in order of precedence:

* **The order inside a story** is the order of the known times; headlines without a time come last. Of equal times, the
  headline that began the story comes first, then the smaller id. The front headline has the role ``first`` and names
  the story; the role claims nothing more.
* **First outlets** are a claim, made from known times only: ``first_outlets`` are those with the earliest known time,
  ``first_outlet`` is the outlet if there is exactly one. A tie, or a story without times, gives null, never a guess;
  ``n_undated`` counts the headlines that could not be ordered.
* **Repeats are no coverage.** A second headline of an outlet in one story is a ``repeat``, whatever its words; a story
  that one outlet publishes three times has one outlet.
* **A standing title** (weather, a cartoon, a column's name) reports nothing by itself: it has the role ``standing``, is
  alone in its story, and is nobody's exclusive.
* **A headline without an outlet** (``""``) is a copy or a rewrite as any other, but nobody's coverage: its outlet is
  unknown, so that it is neither counted as an outlet nor taken for a repeat.
* **An outlet whose clock is wrong** looks first or last in every story. Offsets of clocks are estimated
  (``coverage.clocks``) and reported; times are corrected on request only.
* **copy** and **rewrite** relate a headline to the earlier headline that it matches best (``matched_id``), which need
  not be the story's first.

Tried and dropped: the role ``first`` for every headline at the earliest time. Then 1 + copies + rewrites + repeats is
not the size of the story, and the verbatim copies that agencies' subscribers publish in the same minute are missing
from the count of copies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from dedup.coverage import roles, tallies
from dedup.coverage.clocks import estimate_clocks
from dedup.coverage.tallies import OVERLAP_COLUMNS, STORY_COLUMNS, TALLY_COLUMNS
from dedup.errors import FrameError
from dedup.frames import CLOCKS, KEYS, MATCHES, STORIES, check

if TYPE_CHECKING:
    from datetime import datetime

    from dedup.matching.timeline import Timeline

EXCLUSIVE_COLUMNS = ("headline_id", "outlet", "title", "url", "published", "story_id")

__all__ = ["EXCLUSIVE_COLUMNS", "OUTLET_COLUMNS", "OVERLAP_COLUMNS", "STORY_COLUMNS", "Coverage", "cover"]

OUTLET_COLUMNS = (*TALLY_COLUMNS, *(name for name in CLOCKS if name != "outlet"))


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage frames of one run.

    Attributes:
        headlines: KEYS with ``story_id``, ``role`` (first, copy, rewrite, repeat, single, standing), ``matched_id`` and
            ``score``; one row per headline, in order of (time, id), those without a time first. Lazy, because it may be
            large and partly on disk.
        stories: one row per story of two or more headlines, the one with the most outlets first. ``n_outlets >= 2`` is
            coverage.
        outlets: one row per outlet, the most active first.
        overlap: one row per two outlets that share a story, those with the most shared stories first.
    """

    headlines: pl.LazyFrame
    stories: pl.DataFrame
    outlets: pl.DataFrame
    overlap: pl.DataFrame

    def exclusives(self) -> pl.LazyFrame:
        """Return the headlines that no other outlet has, standing titles aside, the latest first.

        Their number per outlet is ``exclusive`` of ``outlets``.
        """
        covered = self.stories.lazy().filter(pl.col("n_outlets") >= 2).select("story_id")
        alone = self.headlines.filter(pl.col("role") != "standing").join(covered, on="story_id", how="anti")
        return alone.select(EXCLUSIVE_COLUMNS).sort(
            "published", "headline_id", descending=[True, False], nulls_last=True
        )

    def narrow(
        self, *, since: datetime | None = None, until: datetime | None = None, outlet: str | None = None
    ) -> Coverage:
        """Return the coverage of some stories only; stories are kept or dropped whole, so that all figures stay valid.

        Args:
            since: keep stories whose first known time is this or later; stories without a time are dropped.
            until: keep stories whose first known time is before this; stories without a time are dropped.
            outlet: keep stories of this outlet.
        """
        start = pl.col("published").min().over("story")
        keep = [start >= since] if since else []
        keep += [start < until] if until else []
        keep += [(pl.col("outlet") == outlet).any().over("story")] if outlet is not None else []
        if not keep:
            return self
        members = self.headlines.select("outlet", "published", "role", story="story_id").collect().filter(keep)
        members = members.sort("published", pl.col("role") != "first", nulls_last=True, maintain_order=True)
        kept = members.select(story_id="story").unique()
        headlines = self.headlines.join(kept.lazy(), on="story_id", how="semi", maintain_order="left")
        stories = self.stories.join(kept, on="story_id", how="semi", maintain_order="left")
        outlets, overlap = tallies.tallies(members, tallies.entries(members))
        return Coverage(headlines, stories, _with_clocks(outlets, self.outlets.select(list(CLOCKS))), overlap)


@dataclass(frozen=True, slots=True)
class StoryCoverage:
    """The coverage of some stories.

    Attributes:
        headlines: ``story``, ``role``, ``matched`` and ``score`` of each headline, in their order; ``story`` and
            ``matched`` are rows.
        stories: as in ``Coverage``.
        counts: of outlets, which can be added to those of other stories.
    """

    headlines: pl.DataFrame
    stories: pl.DataFrame
    counts: tallies.Counts


def cover(
    timeline: Timeline, matches: pl.DataFrame, stories: pl.DataFrame, clocks: pl.DataFrame | None = None
) -> Coverage:
    """Compute the coverage of all headlines.

    Args:
        timeline: n headlines; must live as long as the coverage is read.
        matches: MATCHES; those inside one story count.
        stories: STORIES, one row per headline.
        clocks: CLOCKS by which the times were corrected; None to estimate them.

    Raises:
        FrameError: a frame lacks a column, or a headline has no story.
    """
    covered = cover_stories(timeline, matches, stories)
    clocks = estimate_clocks(timeline.metadata, matches) if clocks is None else clocks
    outlets, overlap = outlet_tables(covered.counts, clocks)
    ids = timeline.metadata["headline_id"]
    by_row = covered.headlines.select(
        "role",
        "score",
        story_id=ids.gather(covered.headlines["story"]),
        matched_id=ids.gather(covered.headlines["matched"]),
    )
    columns = [*KEYS, "story_id", "role", "matched_id", "score"]
    frame = pl.concat([timeline.keys(), by_row.lazy()], how="horizontal").select(columns)
    return Coverage(frame.with_columns(pl.col("outlet").fill_null("")), covered.stories, outlets, overlap)


def cover_stories(timeline: Timeline, matches: pl.DataFrame, stories: pl.DataFrame) -> StoryCoverage:
    """Compute the coverage of some stories, which are independent of all others.

    Args:
        timeline: all headlines of these stories.
        matches: MATCHES among them; those inside one story count.
        stories: STORIES, one row per headline.

    Raises:
        FrameError: a frame lacks a column, or a headline has no story.
    """
    check(stories, STORIES, "STORIES")
    if len(stories) != len(timeline):
        raise FrameError("STORIES", f"{len(stories)} rows for {len(timeline)} headlines")
    inside = roles.within_stories(check(matches, MATCHES, "MATCHES"), stories)
    headlines = roles.with_roles(roles.members(timeline.metadata, stories), inside)
    entries = tallies.entries(headlines)
    counted = tallies.stories(headlines, entries, inside)
    counts = tallies.count_outlets(headlines, entries)
    del entries, inside  # the frames below are as large
    by_row = headlines.select("row", "story", pl.col("role").cast(pl.String), "matched", "score").sort("row")
    titles = timeline.texts.gather("title", counted["front"].to_numpy())
    ids = timeline.metadata["headline_id"]
    named = counted.with_columns(story_id=ids.gather(counted["story"]), title=titles)
    return StoryCoverage(by_row.drop("row"), named.select(STORY_COLUMNS), counts)


def outlet_tables(counts: tallies.Counts, clocks: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the frames outlets and overlap, given the counts and CLOCKS of all stories."""
    outlets, overlap = tallies.summed(counts)
    return _with_clocks(outlets, clocks), overlap


def _with_clocks(outlets: pl.DataFrame, clocks: pl.DataFrame) -> pl.DataFrame:
    """Add the columns of CLOCKS to the outlets, null where no offset was found."""
    return outlets.join(clocks, on="outlet", how="left", maintain_order="left").select(OUTLET_COLUMNS)
