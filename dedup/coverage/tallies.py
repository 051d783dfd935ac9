"""What stories and outlets amount to: the frames stories, outlets and overlap; the rules stand in `dedup.coverage`.

All take headlines in the order of their stories: ``outlet``, ``published``, ``role`` and ``story``, any name of it.
"""

from __future__ import annotations

import polars as pl

from dedup.coverage.roles import NAMED

_COVERED = pl.col("n_outlets") >= 2
_MINUTE = 60_000_000  # microseconds
ALONE = ("single", "standing")
"""The roles of headlines that stand in no story with others."""

_ROLES = {"copies": "copy", "rewrites": "rewrite", "repeats": "repeat"}

STORY_COLUMNS = (
    *("story_id", "title", "n_headlines", "n_outlets", "outlets", "first_outlet", "first_outlets"),
    *("first_published", "last_published", "n_undated", "n_copies", "n_rewrites", "n_repeats"),
    *("weakest_score", "cohesion"),
)
OUTLET_COLUMNS = (
    *("outlet", "headlines", "shared", "exclusive", "stories", "shared_stories", "first", "tied"),
    *("copies", "rewrites", "repeats", "standing", "undated", "median_lag_minutes"),
)
OVERLAP_COLUMNS = (
    *("outlet_a", "outlet_b", "stories", "jaccard", "a_first", "b_first", "tied", "unknown"),
    "median_lag_minutes",
)


def entries(headlines: pl.DataFrame) -> pl.DataFrame:
    """One row per outlet of a story of two or more headlines: when it entered, in the order in which they did.

    ``leads`` says that it entered at the earliest known time, ``leaders`` how many did; ``lag`` is in minutes.
    """
    entered = headlines.lazy().filter(NAMED & ~pl.col("role").is_in([*ALONE, "repeat"]))
    return (
        entered.select("story", "outlet", at="published")
        .with_columns(n_outlets=pl.len().over("story"), lag=_minutes(pl.col("at") - pl.col("at").min().over("story")))
        .with_columns(leads=(pl.col("lag") == 0).fill_null(value=False))
        .with_columns(leaders=pl.col("leads").sum().over("story"))
        .collect()
    )


def stories(headlines: pl.DataFrame, entries: pl.DataFrame, inside: pl.DataFrame) -> pl.DataFrame:
    """One row per story of two or more headlines, the widest first: all but its id and title.

    ``leads`` is the ``place`` of the headline at its front.
    """
    rows = headlines.lazy().filter(~pl.col("role").is_in(ALONE)).group_by("story", maintain_order=True)
    told = rows.agg(
        leads=pl.col("place").first(),
        n_headlines=pl.len(),
        first_published=pl.col("published").min(),
        last_published=pl.col("published").max(),
        n_undated=pl.col("published").null_count(),
        **{f"n_{name}": (pl.col("role") == role).sum() for name, role in _ROLES.items()},
    )
    by_story = entries.lazy().group_by("story", maintain_order=True)
    ran = by_story.agg("outlet", n_outlets=pl.len(), first_outlets=pl.col("outlet").filter("leads"))
    bound = inside.lazy().group_by("story").agg(weakest_score=pl.col("score").min(), matches=pl.len())
    firsts, size = pl.col("first_outlets"), pl.col("n_headlines").cast(pl.Float64)
    order = {"n_outlets": True, "n_headlines": True, "first_published": False, "story": False}
    return (
        told.join(ran.rename({"outlet": "outlets"}), on="story", how="left")
        .join(bound, on="story", how="left")
        .with_columns(
            pl.col("n_outlets").fill_null(0),
            _in_words(pl.col("outlets", "first_outlets")),
            cohesion=pl.col("matches").fill_null(0) / (size * (size - 1) / 2),
        )
        .with_columns(first_outlet=pl.when(firsts.list.len() == 1).then(firsts.list.first()))
        .sort(*order, descending=list(order.values()), nulls_last=True)
        .collect()
    )


def tallies(headlines: pl.DataFrame, entries: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The frames outlets and overlap."""
    tables = _outlets(headlines.lazy(), entries.lazy()), _overlap(headlines.lazy(), entries.lazy())
    # Streaming: the stories that two outlets share are counted as they are joined, never held together.
    outlets, overlap = pl.collect_all(tables, engine="streaming")
    return outlets, overlap


def _told() -> pl.Expr:
    """How many stories an outlet ran: each but its repeats and standing titles, as far as it has a name."""
    return (NAMED & ~pl.col("role").is_in(["repeat", "standing"])).sum()


def _outlets(headlines: pl.LazyFrame, entries: pl.LazyFrame) -> pl.LazyFrame:
    covered = entries.filter(_COVERED).select("story", shared=True).unique("story")
    counts = {name: (pl.col("role") == role).sum() for name, role in _ROLES.items()}
    ran = (
        headlines.join(covered, on="story", how="left")
        .group_by("outlet")
        .agg(
            pl.col("shared").count(),
            standing=(pl.col("role") == "standing").sum(),
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
            pl.col("shared_stories", "first", "tied").fill_null(0),
            exclusive=pl.col("headlines") - pl.col("shared") - pl.col("standing"),
        )
        .select(OUTLET_COLUMNS)
        .with_columns(pl.col("outlet").cast(pl.String))
        .sort("headlines", "outlet", descending=[True, False])
    )


def _overlap(headlines: pl.LazyFrame, entries: pl.LazyFrame) -> pl.LazyFrame:
    told = headlines.group_by("outlet").agg(told=_told())
    shared = entries.filter(_COVERED).select("story", "outlet", "at")
    ahead, union = pl.col("ahead"), pl.col("told") + pl.col("told_b") - pl.col("stories")
    order = {"stories": True, "jaccard": True, "outlet_a": False, "outlet_b": False}
    return (
        shared.join(shared, on="story", suffix="_b")
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
        .with_columns(pl.col("outlet_a", "outlet_b").cast(pl.String))
        .sort(*order, descending=list(order.values()))
    )


def _in_words(outlets: pl.Expr) -> pl.Expr:
    return outlets.cast(pl.List(pl.String)).fill_null(pl.lit([], dtype=pl.List(pl.String)))


def _minutes(span: pl.Expr) -> pl.Expr:
    return span.dt.total_microseconds() / _MINUTE
