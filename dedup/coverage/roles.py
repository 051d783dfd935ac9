"""Which part each headline plays in its story; the rules stand in `dedup.coverage`."""

from __future__ import annotations

import polars as pl

from dedup.errors import FrameError
from dedup.frames import KEYS, STORIES

NAMED = pl.col("outlet") != ""


def members(keys: pl.DataFrame, stories: pl.DataFrame) -> pl.DataFrame:
    """Headlines with their story, in order of time, and so in order inside each story.

    Of KEYS only what roles depend on, and ``place``, the place in KEYS.
    """
    if "standing" not in keys.columns:
        keys = keys.with_columns(standing=pl.lit(value=False))
    placed = (
        keys.lazy()
        .select("headline_id", "published", "standing", outlet=pl.col("outlet").fill_null(""))
        .with_row_index("place")
        .join(stories.lazy().select(list(STORIES)), on="headline_id", how="left")
        .sort("published", pl.col("matched_id").is_not_null(), "headline_id", nulls_last=True)
        .collect()
    )
    lost = placed.filter(pl.col("story_id").is_null())
    if lost.height:
        raise FrameError("STORIES", f"no row for the headline {lost['headline_id'][0]!r}")
    return placed


def inside(pairs: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
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


def with_roles(keys: pl.DataFrame, members: pl.DataFrame, inside: pl.DataFrame) -> pl.DataFrame:
    """KEYS in the order of their members, with story and role.

    What founded a story without being its earliest takes its best match.
    """
    leads = pl.col("story_id").is_first_distinct()
    again = NAMED & ~pl.struct("story_id", "outlet").is_first_distinct()
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
    standing = pl.col("alone") & pl.col("standing")
    role = pl.when(standing).then(pl.lit("standing")).when("alone").then(pl.lit("single"))
    role = role.when("leads").then(pl.lit("first"))
    role = role.when("again").then(pl.lit("repeat")).when(relation == "copy").then(pl.lit("copy"))
    follows = pl.when(~pl.col("leads"))
    told = (
        placed.join(best, on="headline_id", how="left", maintain_order="left")
        .select(
            *("place", "outlet", "story_id"),
            role=role.otherwise(pl.lit("rewrite")),
            matched_id=follows.then(pl.coalesce("matched_id", "best_id")),
            score=follows.then(pl.coalesce("score", "best_score")),
        )
        .collect()
    )
    return keys.select(list(KEYS))[told["place"]].with_columns(told.drop("place"))
