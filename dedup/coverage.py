"""STORIES -> coverage: who ran a story first, who followed and how closely, and what nobody else has.

Everything here is a lazy Polars expression over whole frames. The rules, in the order in which they bind:

* **The order inside a story** is the order of the known times; headlines without a time stand after those that have
  one. Among equal times the headline that founded the story stands first, then the smaller id. The headline at the
  front has the role ``first``; it names the story, and nothing more is claimed by it.
* **Who was first** is a claim about outlets, so it is made from known times only: ``first_outlets`` are those with
  the earliest known time, ``first_outlet`` is the one if there is exactly one. A tie or a story without times gives
  null, never a guess; ``n_undated`` says how many headlines could not be placed.
* **An outlet's own repeats are no coverage.** A headline of an outlet that already stands in the story is a
  ``repeat``, whatever its words; a story that one outlet runs three times has one outlet.
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

from dedup.errors import FrameError
from dedup.frames import KEYS, PAIRS, STORIES, check

if TYPE_CHECKING:
    from datetime import datetime

_NAMED = pl.col("outlet") != ""
_COVERED = pl.col("n_outlets") >= 2
_MINUTE = 60_000_000  # microseconds
_ROLES = {"copies": "copy", "rewrites": "rewrite", "repeats": "repeat"}

STORY_COLUMNS = (
    *("story_id", "title", "n_headlines", "n_outlets", "outlets", "first_outlet", "first_outlets"),
    *("first_published", "last_published", "n_undated", "n_copies", "n_rewrites", "n_repeats"),
    *("weakest_score", "cohesion"),
)
OUTLET_COLUMNS = (
    *("outlet", "headlines", "shared", "exclusive", "stories", "shared_stories", "first", "tied"),
    *("copies", "rewrites", "repeats", "undated", "median_lag_minutes"),
)
OVERLAP_COLUMNS = (
    *("outlet_a", "outlet_b", "stories", "jaccard", "a_first", "b_first", "tied", "unknown"),
    "median_lag_minutes",
)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage frames of one run.

    Attributes:
        headlines: KEYS with ``story_id``, ``role`` (first, copy, rewrite, repeat, single), ``matched_id`` and
            ``score``; one row per headline, in order of time.
        stories: one row per story of two or more headlines, the widest first. ``n_outlets >= 2`` is coverage.
        outlets: one row per outlet, the most active first.
        overlap: one row per two outlets that share a story, the closest first.
    """

    headlines: pl.DataFrame
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
        start = pl.col("published").min().over("story_id")
        keep = [start >= since] if since else []
        keep += [start < until] if until else []
        keep += [(pl.col("outlet") == outlet).any().over("story_id")] if outlet is not None else []
        if not keep:
            return self
        headlines = self.headlines.filter(keep)
        stories = self.stories.join(headlines, on="story_id", how="semi", maintain_order="left")
        return Coverage(headlines, stories, *_tallies(headlines, _entries(headlines)))


def cover(keys: pl.DataFrame, pairs: pl.DataFrame, stories: pl.DataFrame) -> Coverage:
    """Who ran what, first, after whom, and alone.

    Args:
        keys: KEYS, one row per headline.
        pairs: PAIRS; only matches inside one story count.
        stories: STORIES, one row per headline.

    Raises:
        FrameError: a frame lacks a column, or a headline has no story.
    """
    for frame, schema, name in ((keys, KEYS, "KEYS"), (pairs, PAIRS, "PAIRS"), (stories, STORIES, "STORIES")):
        check(frame, schema, name)
    members = _members(keys, stories)
    inside = _inside(pairs, members)
    headlines = _headlines(members, inside)
    entries = _entries(headlines)
    return Coverage(headlines, _stories(headlines, entries, inside), *_tallies(headlines, entries))


def _members(keys: pl.DataFrame, stories: pl.DataFrame) -> pl.DataFrame:
    """Headlines with their story, in order of time, and so in order inside each story."""
    members = (
        keys.lazy()
        .with_columns(pl.col("outlet").fill_null(""))
        .join(stories.lazy().select(list(STORIES)), on="headline_id", how="left")
        .sort("published", pl.col("matched_id").is_not_null(), "headline_id", nulls_last=True)
        .collect()
    )
    lost = members.filter(pl.col("story_id").is_null())
    if lost.height:
        raise FrameError("STORIES", f"no row for the headline {lost['headline_id'][0]!r}")
    return members


def _inside(pairs: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """The matches whose two headlines stand in one story."""
    home = members.lazy().filter(pl.col("story_id").is_duplicated()).select("headline_id", "story_id")
    return (
        pairs.lazy()
        .filter("is_match")
        .select("left_id", "right_id", "score", "relation")
        .join(home, left_on="left_id", right_on="headline_id")
        .join(home, left_on=["right_id", "story_id"], right_on=["headline_id", "story_id"])
        .collect()
    )


def _headlines(members: pl.DataFrame, inside: pl.DataFrame) -> pl.DataFrame:
    """The members with their roles; what founded a story without being its earliest takes its best match."""
    leads = pl.col("story_id").is_first_distinct()
    again = _NAMED & ~pl.struct("story_id", "outlet").is_first_distinct()
    placed = members.lazy().with_columns(leads=leads, alone=pl.col("story_id").is_unique(), again=again)
    displaced = placed.filter(pl.col("matched_id").is_null() & ~pl.col("leads")).select("headline_id")
    both_ways = pl.concat(
        inside.lazy().select(headline_id=near, best_id=far, best_score="score", best_relation="relation")
        for near, far in (("left_id", "right_id"), ("right_id", "left_id"))
    )
    best = (
        both_ways.join(displaced, on="headline_id", how="semi")
        .sort("best_score", "best_id", descending=[True, False])
        .unique("headline_id", keep="first", maintain_order=True)
    )
    relation = pl.coalesce("relation", "best_relation")
    role = pl.when("alone").then(pl.lit("single")).when("leads").then(pl.lit("first"))
    role = role.when("again").then(pl.lit("repeat")).when(relation == "copy").then(pl.lit("copy"))
    follows = pl.when(~pl.col("leads"))
    return (
        placed.join(best, on="headline_id", how="left", maintain_order="left")
        .with_columns(
            role=role.otherwise(pl.lit("rewrite")),
            matched_id=follows.then(pl.coalesce("matched_id", "best_id")),
            score=follows.then(pl.coalesce("score", "best_score")),
        )
        .select(*KEYS, "story_id", "role", "matched_id", "score")
        .collect()
    )


def _entries(headlines: pl.DataFrame) -> pl.DataFrame:
    """One row per outlet of a story of two or more headlines: when it entered, in the order in which they did.

    ``leads`` says that it entered at the earliest known time, ``leaders`` how many did; ``lag`` is in minutes.
    """
    entered = headlines.lazy().filter(_NAMED & ~pl.col("role").is_in(["single", "repeat"]))
    return (
        entered.select("story_id", "outlet", at="published")
        .with_columns(
            n_outlets=pl.len().over("story_id"), lag=_minutes(pl.col("at") - pl.col("at").min().over("story_id"))
        )
        .with_columns(leads=(pl.col("lag") == 0).fill_null(value=False))
        .with_columns(leaders=pl.col("leads").sum().over("story_id"))
        .collect()
    )


def _stories(headlines: pl.DataFrame, entries: pl.DataFrame, inside: pl.DataFrame) -> pl.DataFrame:
    """One row per story of two or more headlines."""
    rows = headlines.lazy().filter(pl.col("role") != "single").group_by("story_id", maintain_order=True)
    told = rows.agg(
        title=pl.col("title").first(),
        n_headlines=pl.len(),
        first_published=pl.col("published").min(),
        last_published=pl.col("published").max(),
        n_undated=pl.col("published").null_count(),
        **{f"n_{name}": (pl.col("role") == role).sum() for name, role in _ROLES.items()},
    )
    by_story = entries.lazy().group_by("story_id", maintain_order=True)
    ran = by_story.agg("outlet", n_outlets=pl.len(), first_outlets=pl.col("outlet").filter("leads"))
    bound = inside.lazy().group_by("story_id").agg(weakest_score=pl.col("score").min(), matches=pl.len())
    firsts, size = pl.col("first_outlets"), pl.col("n_headlines").cast(pl.Float64)
    order = {"n_outlets": True, "n_headlines": True, "first_published": False, "story_id": False}
    return (
        told.join(ran.rename({"outlet": "outlets"}), on="story_id", how="left")
        .join(bound, on="story_id", how="left")
        .with_columns(
            pl.col("n_outlets").fill_null(0),
            pl.col("outlets", "first_outlets").fill_null(pl.lit([], dtype=pl.List(pl.String))),
            first_outlet=pl.when(firsts.list.len() == 1).then(firsts.list.first()),
            cohesion=pl.col("matches").fill_null(0) / (size * (size - 1) / 2),
        )
        .select(STORY_COLUMNS)
        .sort(*order, descending=list(order.values()), nulls_last=True)
        .collect()
    )


def _tallies(headlines: pl.DataFrame, entries: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The frames outlets and overlap."""
    tables = _outlets(headlines.lazy(), entries.lazy()), _overlap(headlines.lazy(), entries.lazy())
    outlets, overlap = pl.collect_all(tables)
    return outlets, overlap


def _told() -> pl.Expr:
    """How many stories an outlet ran: each but its repeats, as far as it has a name."""
    return (_NAMED & (pl.col("role") != "repeat")).sum()


def _outlets(headlines: pl.LazyFrame, entries: pl.LazyFrame) -> pl.LazyFrame:
    covered = entries.filter(_COVERED).select("story_id", shared=True).unique("story_id")
    counts = {name: (pl.col("role") == role).sum() for name, role in _ROLES.items()}
    ran = (
        headlines.join(covered, on="story_id", how="left")
        .group_by("outlet")
        .agg(
            pl.col("shared").count(),
            headlines=pl.len(),
            undated=pl.col("published").null_count(),
            stories=_told(),
            **counts,
        )
    )
    shared = (
        entries.filter(_COVERED)
        .group_by("outlet")
        .agg(
            shared_stories=pl.len(),
            first=(pl.col("leads") & (pl.col("leaders") == 1)).sum(),
            tied=(pl.col("leads") & (pl.col("leaders") > 1)).sum(),
            median_lag_minutes=pl.col("lag").filter(pl.col("lag") > 0).median(),
        )
    )
    return (
        ran.join(shared, on="outlet", how="left")
        .with_columns(
            pl.col("shared_stories", "first", "tied").fill_null(0), exclusive=pl.col("headlines") - pl.col("shared")
        )
        .select(OUTLET_COLUMNS)
        .sort("headlines", "outlet", descending=[True, False])
    )


def _overlap(headlines: pl.LazyFrame, entries: pl.LazyFrame) -> pl.LazyFrame:
    told = headlines.group_by("outlet").agg(told=_told())
    shared = entries.filter(_COVERED).select("story_id", "outlet", "at")
    ahead, union = pl.col("ahead"), pl.col("told") + pl.col("told_b") - pl.col("stories")
    order = {"stories": True, "jaccard": True, "outlet_a": False, "outlet_b": False}
    return (
        shared.join(shared, on="story_id", suffix="_b")
        .filter(pl.col("outlet") < pl.col("outlet_b"))
        .with_columns(ahead=_minutes(pl.col("at_b") - pl.col("at")))
        .group_by(outlet_a="outlet", outlet_b="outlet_b")
        .agg(
            stories=pl.len(),
            a_first=(ahead > 0).sum(),
            b_first=(ahead < 0).sum(),
            tied=(ahead == 0).sum(),
            unknown=ahead.null_count(),
            median_lag_minutes=ahead.median(),
        )
        .join(told, left_on="outlet_a", right_on="outlet")
        .join(told, left_on="outlet_b", right_on="outlet", suffix="_b")
        .with_columns(jaccard=pl.col("stories") / union)
        .select(OVERLAP_COLUMNS)
        .sort(*order, descending=list(order.values()))
    )


def _minutes(span: pl.Expr) -> pl.Expr:
    return span.dt.total_microseconds() / _MINUTE
