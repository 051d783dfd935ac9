"""Counts of stories and outlets: the frames stories, outlets and overlap; the rules are in `dedup.coverage`.

All functions take headlines with the front of each story first: ``outlet``, ``published``, ``role`` and ``story``, in
any form that identifies it.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl
import polars.selectors as cs

from dedup.coverage.roles import IS_NAMED

_IS_SHARED = pl.col("n_outlets") >= 2
_MINUTE = 60_000_000  # microseconds
ALONE = ("single", "standing")
"""The roles of headlines that are alone in their story."""

_ROLES = {"copies": "copy", "rewrites": "rewrite", "repeats": "repeat"}

STORY_COLUMNS = (
    *("story_id", "title", "n_headlines", "n_outlets", "outlets", "first_outlet", "first_outlets"),
    *("first_published", "last_published", "n_undated", "n_copies", "n_rewrites", "n_repeats"),
    *("weakest_score", "cohesion"),
)
TALLY_COLUMNS = (
    *("outlet", "headlines", "shared", "exclusive", "stories", "shared_stories", "first", "tied"),
    *("copies", "rewrites", "repeats", "standing", "undated", "median_lag_minutes"),
)

OVERLAP_COLUMNS = (
    *("outlet_a", "outlet_b", "stories", "jaccard", "a_first", "b_first", "tied", "unknown"),
    "median_lag_minutes",
)


def entries(headlines: pl.DataFrame) -> pl.DataFrame:
    """Return one row per outlet of a story of two or more headlines, in the order in which the outlets published it.

    ``published`` is the time of its first headline, ``lag`` the minutes since the story's earliest known time,
    ``is_earliest`` whether that is 0, and ``earliest_outlets`` the number of outlets for which it is.
    """
    entered = headlines.lazy().filter(IS_NAMED & ~pl.col("role").is_in([*ALONE, "repeat"]))
    return (
        entered.select("story", "outlet", "published")
        .with_columns(
            n_outlets=pl.len().over("story"),
            lag=_minutes(pl.col("published") - pl.col("published").min().over("story")),
        )
        .with_columns(is_earliest=(pl.col("lag") == 0).fill_null(value=False))
        .with_columns(earliest_outlets=pl.col("is_earliest").sum().over("story"))
        .collect()
    )


def stories(headlines: pl.DataFrame, entries: pl.DataFrame, inside: pl.DataFrame) -> pl.DataFrame:
    """Return one row per story of two or more headlines, the one with the most outlets first, without id and title.

    Args:
        headlines: see ``roles.with_roles``.
        entries: see ``entries``.
        inside: see ``roles.within_stories``.

    Returns:
        STORY_COLUMNS but the id and the title, ``story``, and ``front``, the row of the story's first headline.
    """
    rows = headlines.lazy().filter(~pl.col("role").is_in(ALONE)).group_by("story", maintain_order=True)
    counts = rows.agg(
        front=pl.col("row").first(),
        n_headlines=pl.len(),
        first_published=pl.col("published").min(),
        last_published=pl.col("published").max(),
        n_undated=pl.col("published").null_count(),
        **{f"n_{name}": (pl.col("role") == role).sum() for name, role in _ROLES.items()},
    )
    by_story = entries.lazy().group_by("story", maintain_order=True)
    outlets = by_story.agg("outlet", n_outlets=pl.len(), first_outlets=pl.col("outlet").filter("is_earliest"))
    scores = inside.lazy().group_by("story").agg(weakest_score=pl.col("score").min(), matches=pl.len())
    firsts, size = pl.col("first_outlets"), pl.col("n_headlines").cast(pl.Float64)
    order = {"n_outlets": True, "n_headlines": True, "first_published": False, "story": False}
    return (
        counts.join(outlets.rename({"outlet": "outlets"}), on="story", how="left")
        .join(scores, on="story", how="left")
        .with_columns(
            pl.col("n_outlets").fill_null(0),
            _as_strings(pl.col("outlets", "first_outlets")),
            cohesion=pl.col("matches").fill_null(0) / (size * (size - 1) / 2),
        )
        .with_columns(first_outlet=pl.when(firsts.list.len() == 1).then(firsts.list.first()))
        .sort(*order, descending=list(order.values()), nulls_last=True)
        .collect()
    )


class Counts(NamedTuple):
    """Counts of stories that can be added up: concatenate those of several parts of the stories for all of them.

    Attributes:
        outlets: counts by outlet.
        lags: numbers of headlines by outlet and lag behind the first, in minutes.
        leads: numbers of shared stories by two outlets and lead of the first, in minutes (null where a time is
            unknown).
    """

    outlets: pl.DataFrame
    lags: pl.DataFrame
    leads: pl.DataFrame


def tallies(headlines: pl.DataFrame, entries: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the frames outlets and overlap."""
    return summed(count_outlets(headlines, entries))


def count_outlets(headlines: pl.DataFrame, entries: pl.DataFrame) -> Counts:
    """Count the stories of some outlets; every story must be complete."""
    tables = _outlets(headlines.lazy(), entries.lazy()), _lags(entries.lazy()), _leads(entries.lazy())
    # Streaming: pairs of outlets are counted as they are joined, never all held in memory.
    outlets, lags, leads = (
        table.with_columns(cs.categorical().cast(pl.String)) for table in pl.collect_all(tables, engine="streaming")
    )
    return Counts(outlets, lags, leads)


def summed(counts: Counts) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the frames outlets and overlap, given the counts of all stories."""
    outlets = counts.outlets.lazy().group_by("outlet").agg(pl.all().sum())
    median = pl.col("lag").repeat_by("n").explode().median()
    lags = counts.lags.lazy().group_by("outlet").agg(median_lag_minutes=median)
    outlets = outlets.join(lags, on="outlet", how="left").select(TALLY_COLUMNS)
    outlets = outlets.sort("headlines", "outlet", descending=[True, False])
    tables = pl.collect_all((outlets, _overlap(counts.outlets.lazy(), counts.leads.lazy())), engine="streaming")
    return tables[0], tables[1]


def _story_count() -> pl.Expr:
    """Count the stories of a named outlet: its headlines but repeats and standing titles."""
    return (IS_NAMED & ~pl.col("role").is_in(["repeat", "standing"])).sum()


def _outlets(headlines: pl.LazyFrame, entries: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row per outlet."""
    is_shared = entries.filter(_IS_SHARED).select("story", shared=True).unique("story")
    counts = {name: (pl.col("role") == role).sum() for name, role in _ROLES.items()}
    own = (
        headlines.join(is_shared, on="story", how="left")
        .group_by("outlet")
        .agg(
            pl.col("shared").count(),
            standing=(pl.col("role") == "standing").sum(),
            headlines=pl.len(),
            undated=pl.col("published").null_count(),
            stories=_story_count(),
            **counts,
        )
    )
    shared = (
        entries.filter(_IS_SHARED)
        .group_by("outlet")
        .agg(
            shared_stories=pl.len(),
            first=(pl.col("is_earliest") & (pl.col("earliest_outlets") == 1)).sum(),
            tied=(pl.col("is_earliest") & (pl.col("earliest_outlets") > 1)).sum(),
        )
    )
    return (
        own.join(shared, on="outlet", how="left")
        .with_columns(
            pl.col("shared_stories", "first", "tied").fill_null(0),
            exclusive=pl.col("headlines") - pl.col("shared") - pl.col("standing"),
        )
        .select(name for name in TALLY_COLUMNS if name != "median_lag_minutes")
    )


def _lags(entries: pl.LazyFrame) -> pl.LazyFrame:
    """Return the number of headlines by outlet and lag."""
    return entries.filter(_IS_SHARED & (pl.col("lag") > 0)).group_by("outlet", "lag").agg(n=pl.len())


def _leads(entries: pl.LazyFrame) -> pl.LazyFrame:
    """Return the number of shared stories by two outlets and lead of the first."""
    shared = entries.filter(_IS_SHARED).select("story", "outlet", "published")
    return (
        shared.join(shared, on="story", suffix="_b")
        .filter(pl.col("outlet") < pl.col("outlet_b"))
        .with_columns(lead=_minutes(pl.col("published_b") - pl.col("published")))
        .group_by("lead", outlet_a="outlet", outlet_b="outlet_b")
        .agg(n=pl.len())
    )


def _overlap(outlets: pl.LazyFrame, leads: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row per two outlets with a story in common."""
    total = outlets.group_by("outlet").agg(total=pl.col("stories").sum())
    lead, n, union = pl.col("lead"), pl.col("n"), pl.col("total") + pl.col("total_b") - pl.col("stories")
    order = {"stories": True, "jaccard": True, "outlet_a": False, "outlet_b": False}
    return (
        leads.group_by("outlet_a", "outlet_b")
        .agg(
            stories=n.sum(),
            a_first=n.filter(lead > 0).sum(),
            b_first=n.filter(lead < 0).sum(),
            tied=n.filter(lead == 0).sum(),
            unknown=n.filter(lead.is_null()).sum(),
            median_lag_minutes=lead.repeat_by("n").explode().median(),
        )
        .join(total, left_on="outlet_a", right_on="outlet")
        .join(total, left_on="outlet_b", right_on="outlet", suffix="_b")
        .with_columns(jaccard=pl.col("stories") / union)
        .select(OVERLAP_COLUMNS)
        .sort(*order, descending=list(order.values()))
    )


def _as_strings(outlets: pl.Expr) -> pl.Expr:
    """Convert lists of categorical outlets to lists of strings, null to the empty list."""
    return outlets.cast(pl.List(pl.String)).fill_null(pl.lit([], dtype=pl.List(pl.String)))


def _minutes(duration: pl.Expr) -> pl.Expr:
    """Convert a duration to minutes."""
    return duration.dt.total_microseconds() / _MINUTE
