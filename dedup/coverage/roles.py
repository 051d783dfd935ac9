"""Which part each headline plays in its story; the rules stand in `dedup.coverage`.

Headlines and stories are known by the places of headlines in order of time, outlets and roles by numbers that have a
name: these are joined, sorted and counted several times as fast as texts, and take a fraction of their memory.
"""

from __future__ import annotations

import polars as pl

ROLE = pl.Enum(["first", "copy", "rewrite", "repeat", "single", "standing"])
NAMED = pl.col("outlet") != ""


def members(told: pl.DataFrame, stories: pl.DataFrame) -> pl.DataFrame:
    """Headlines with their story, in order of time, and so in order inside each story.

    Of headlines only what roles depend on, and ``place``, their place in order of (time, id).
    """
    placed = (
        told.select("published", "standing", pl.col("outlet").fill_null("")).hstack(stories).with_row_index("place")
    )
    return placed.sort("published", pl.col("matched").is_not_null(), "place", nulls_last=True)


def inside(matches: pl.DataFrame, stories: pl.DataFrame) -> pl.DataFrame:
    """The matches whose two headlines stand in one ``story``."""
    left, right = (stories["story"].gather(matches[side]) for side in ("left", "right"))
    return matches.with_columns(pl.col("relation").cast(stories.schema["relation"]), story=left).filter(left == right)


def with_roles(members: pl.DataFrame, inside: pl.DataFrame) -> pl.DataFrame:
    """Members with their role.

    What founded a story without being its earliest takes its best match.
    """
    leads = pl.col("story").is_first_distinct()
    again = NAMED & ~pl.struct("story", "outlet").is_first_distinct()
    placed = members.lazy().with_columns(leads=leads, alone=pl.col("story").is_unique(), again=again)
    displaced = placed.filter(pl.col("matched").is_null() & ~pl.col("leads")).select("place")
    both_ways = pl.concat(
        inside.lazy().select(place=near, best=far, best_score="score", best_relation="relation")
        for near, far in (("left", "right"), ("right", "left"))
    )
    best = (
        both_ways.join(displaced, on="place", how="semi")
        .sort("best_score", "best", descending=[True, False])
        .unique("place", keep="first", maintain_order=True)
    )
    relation = pl.coalesce("relation", "best_relation")
    standing = pl.col("alone") & pl.col("standing")
    role = pl.when(standing).then(pl.lit("standing")).when("alone").then(pl.lit("single"))
    role = role.when("leads").then(pl.lit("first"))
    role = role.when("again").then(pl.lit("repeat")).when(relation == "copy").then(pl.lit("copy"))
    follows = pl.when(~pl.col("leads"))
    return (
        placed.join(best, on="place", how="left", maintain_order="left")
        .select(
            *("place", "published", "outlet", "story"),
            role=role.otherwise(pl.lit("rewrite")).cast(ROLE),
            matched=follows.then(pl.coalesce("matched", "best")),
            score=follows.then(pl.coalesce("score", "best_score")),
        )
        .collect()
    )
