"""The role of each headline in its story; the rules are in `dedup.coverage`.

Headlines and stories are identified by their row in order of time, outlets and roles by categorical codes: joining,
sorting and counting those is several times as fast as strings, and takes a fraction of the memory.
"""

from __future__ import annotations

import polars as pl

ROLE = pl.Enum(["first", "copy", "rewrite", "repeat", "single", "standing"])

IS_NAMED = pl.col("outlet") != ""
"""Whether the outlet is known."""


def members(metadata: pl.DataFrame, stories: pl.DataFrame) -> pl.DataFrame:
    """Return headlines with their story, sorted so that the front of each story comes first.

    Args:
        metadata: METADATA.
        stories: STORIES.

    Returns:
        The columns that roles depend on, and ``row``, the row of the headline in the metadata.
    """
    known = metadata.select("published", "standing", pl.col("outlet").fill_null(""))
    rows = known.hstack(stories).with_row_index("row")
    return rows.sort("published", pl.col("matched").is_not_null(), "row", nulls_last=True)


def within_stories(matches: pl.DataFrame, stories: pl.DataFrame) -> pl.DataFrame:
    """Return the MATCHES whose two headlines are in one story, with the column ``story``."""
    left, right = (stories["story"].gather(matches[side]) for side in ("left", "right"))
    return matches.with_columns(pl.col("relation").cast(stories.schema["relation"]), story=left).filter(left == right)


def with_roles(members: pl.DataFrame, inside: pl.DataFrame) -> pl.DataFrame:
    """Add the role of each member, and the match that it is reported with.

    A headline that began its story without being its earliest by time is reported with its best match.

    Args:
        members: see ``members``.
        inside: see ``within_stories``.

    Returns:
        ``row``, ``published``, ``outlet``, ``story``, ``role``, ``matched`` (a row) and ``score``.
    """
    members = members.with_columns(
        is_front=pl.col("story").is_first_distinct(),
        is_alone=pl.col("story").is_unique(),
        is_repeat=IS_NAMED & ~pl.struct("story", "outlet").is_first_distinct(),
    )
    without_match = members.lazy().filter(pl.col("matched").is_null() & ~pl.col("is_front")).select("row")
    best = (
        pl.concat(
            inside.lazy().select(row=own, best=match, best_score="score", best_relation="relation")
            for own, match in (("left", "right"), ("right", "left"))
        )
        .join(without_match, on="row", how="semi")
        .sort("best_score", "best", descending=[True, False])
        .unique("row", keep="first", maintain_order=True)
    )
    role = (
        pl.when(pl.col("is_alone") & pl.col("standing"))
        .then(pl.lit("standing"))
        .when("is_alone")
        .then(pl.lit("single"))
        .when("is_front")
        .then(pl.lit("first"))
        .when("is_repeat")
        .then(pl.lit("repeat"))
        .when(pl.coalesce("relation", "best_relation") == "copy")
        .then(pl.lit("copy"))
        .otherwise(pl.lit("rewrite"))
    )
    unless_front = pl.when(~pl.col("is_front"))
    return (
        members.lazy()
        .join(best, on="row", how="left", maintain_order="left")
        .select(
            *("row", "published", "outlet", "story"),
            role=role.cast(ROLE),
            matched=unless_front.then(pl.coalesce("matched", "best")),
            score=unless_front.then(pl.coalesce("score", "best_score")),
        )
        .collect()
    )
