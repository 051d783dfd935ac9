"""STORIES -> coverage: who ran a story first, who followed and how closely, and what nobody else has.

Everything here is a Polars expression over whole frames. The rules, in the order in which they bind:

* **The order inside a story** is the order of the known times; headlines without a time stand after those that have
  one. Among equal times the headline that founded the story stands first, then the smaller id. The headline at the
  front has the role ``first``; it names the story, and nothing more is claimed by it.
* **Who was first** is a claim about outlets, so it is made from known times only: ``first_outlets`` are those with
  the earliest known time, ``first_outlet`` is the one if there is exactly one. A tie or a story without times gives
  null, never a guess; ``n_undated`` says how many headlines could not be placed.
* **An outlet's own repeats are no coverage.** A headline of an outlet that already stands in the story is a
  ``repeat``, whatever its words; a story that one outlet runs three times has one outlet.
* **A standing title** (weather, a cartoon, a column's name; the column ``standing`` of KEYS, where it is there) reports
  nothing by itself: it has the role ``standing``, stands in no story, and is nobody's exclusive.
* **A headline without an outlet** (``""``) is a copy or a rewrite like another, but it is nobody's coverage: who ran it
  is unknown, so that it is neither counted as an outlet nor taken for a repeat.
* **copy** and **rewrite** say how a headline relates to the earlier headline that it matches best (``matched_id``),
  which need not be the story's first.

Tried and dropped: letting every headline at the earliest time be ``first``. Then 1 + copies + rewrites + repeats is no
longer the size of the story, and the verbatim copies that agencies' subscribers publish in the same minute vanish from
the count of copies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from dedup.coverage import roles, tallies
from dedup.coverage.tallies import OUTLET_COLUMNS, OVERLAP_COLUMNS, STORY_COLUMNS
from dedup.errors import FrameError
from dedup.frames import KEYS, STORIES, check

if TYPE_CHECKING:
    from datetime import datetime

    from dedup.matching.timeline import Timeline

__all__ = ["OUTLET_COLUMNS", "OVERLAP_COLUMNS", "STORY_COLUMNS", "Coverage", "cover"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage frames of one run.

    Attributes:
        headlines: KEYS with ``story_id``, ``role`` (first, copy, rewrite, repeat, single, standing), ``matched_id`` and
            ``score``; one row per headline, in order of (time, id), those without a time first. Lazy, since it may be
            large: what is asked of it is read from where it stands.
        stories: one row per story of two or more headlines, the widest first. ``n_outlets >= 2`` is coverage.
        outlets: one row per outlet, the most active first.
        overlap: one row per two outlets that share a story, the closest first.
    """

    headlines: pl.LazyFrame
    stories: pl.DataFrame
    outlets: pl.DataFrame
    overlap: pl.DataFrame

    def narrow(
        self, *, since: datetime | None = None, until: datetime | None = None, outlet: str | None = None
    ) -> Coverage:
        """The coverage of some stories only; whole stories stay or go, so that every figure keeps its meaning.

        Args:
            since: keep stories whose first known time is this or later. Stories without a time go.
            until: keep stories whose first known time is before this. Stories without a time go.
            outlet: keep stories that this outlet ran.
        """
        start = pl.col("published").min().over("story")
        keep = [start >= since] if since else []
        keep += [start < until] if until else []
        keep += [(pl.col("outlet") == outlet).any().over("story")] if outlet is not None else []
        if not keep:
            return self
        told = self.headlines.select("outlet", "published", "role", story="story_id").collect().filter(keep)
        told = told.sort("published", pl.col("role") != "first", nulls_last=True, maintain_order=True)
        kept = told.select(story_id="story").unique()
        headlines = self.headlines.join(kept.lazy(), on="story_id", how="semi", maintain_order="left")
        stories = self.stories.join(kept, on="story_id", how="semi", maintain_order="left")
        return Coverage(headlines, stories, *tallies.tallies(told, tallies.entries(told)))


def cover(ordered: Timeline, matches: pl.DataFrame, stories: pl.DataFrame) -> Coverage:
    """Who ran what, first, after whom, and alone.

    Args:
        ordered: the headlines; they must live as long as the coverage is asked for any.
        matches: the places of two that match, ``left`` and ``right``, with ``score`` and ``relation``; those inside one
            story count.
        stories: STORIES, one row per headline.

    Raises:
        FrameError: the frame lacks a column, or a headline has no story.
    """
    check(stories, STORIES, "STORIES")
    if len(stories) != len(ordered):
        raise FrameError("STORIES", f"{len(stories)} rows for {len(ordered)} headlines")
    inside = roles.inside(matches, stories)
    headlines = roles.with_roles(roles.members(ordered.metadata, stories), inside)
    entries = tallies.entries(headlines)
    told = tallies.stories(headlines, entries, inside)
    outlets, overlap = tallies.tallies(headlines, entries)
    del entries, inside  # what follows is as large, for results that are
    ids = ordered.metadata["headline_id"]
    played = headlines.select("place", "story", "role", "matched", "score").sort("place")
    del headlines
    played = played.select(
        pl.col("role").cast(pl.String),
        "score",
        story_id=ids.gather(played["story"]),
        matched_id=ids.gather(played["matched"]),
    )
    columns = [*KEYS, "story_id", "role", "matched_id", "score"]
    every = pl.concat([ordered.keys(), played.lazy()], how="horizontal").select(columns)
    titles = ordered.texts.gather("title", told["leads"].to_numpy())
    named = told.with_columns(story_id=ids.gather(told["story"]), title=titles)
    return Coverage(every.with_columns(pl.col("outlet").fill_null("")), named.select(STORY_COLUMNS), outlets, overlap)
