"""RELATED: for each story, the closest other stories of its running story.

A story is made of the same news only. A follow-up, a reaction or the next toll is a story of its own, and this table
relates the two: by the highest related score of any two of their headlines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dedup import frames

if TYPE_CHECKING:
    from dedup.matching.pairs import MatchingResult

MAX_RELATED = 5
"""Maximum number of related stories of a story."""

CLOSEST: frames.Schema = {"left": pl.Int64(), "right": pl.Int64(), "related_score": pl.Float32()}
"""Two stories, by the rows of their first headlines, and the highest related score of any two of their headlines; both
ways round."""


def relate(paired: MatchingResult, stories: pl.Series) -> pl.DataFrame:
    """Build RELATED from the related pairs of headlines in different stories.

    Args:
        paired: the pairs of a timeline.
        stories: the row of the first headline of each headline's story, shape (n,).

    Returns:
        RELATED, in order of the first headlines of the stories; see ``list_related``.
    """
    pairs, metadata = paired.related.lazy().collect(), paired.timeline.metadata
    of_pairs = pairs.select(
        "related_score", **{side: stories.gather(pairs[side]).cast(pl.Int64) for side in ("left", "right")}
    )
    return list_related(closest_stories(of_pairs), metadata["published"], metadata["headline_id"])


def closest_stories(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return CLOSEST of pairs of headlines by the rows of their stories; those within one story are left out."""
    pairs = pairs.filter(pl.col("left") != pl.col("right")).select(list(CLOSEST))
    mirrored = pairs.select("related_score", left="right", right="left")
    both = pl.concat([pairs, mirrored.select(list(CLOSEST))])
    return both.group_by("left", "right").agg(pl.col("related_score").max())


def list_related(closest: pl.DataFrame, published: pl.Series, ids: pl.Series) -> pl.DataFrame:
    """Build RELATED: of each story the related ones by score, then the nearest in time, then the earliest.

    Args:
        closest: CLOSEST, each pair once.
        published: times by row, shape (n,).
        ids: headline ids by row, shape (n,).
    """
    time = published.dt.epoch("us")
    hours = (time.gather(closest["right"]) - time.gather(closest["left"])).cast(pl.Float64) / 3.6e9
    closest = closest.with_columns(hours_apart=hours.cast(pl.Float32))
    order = ["left", -pl.col("related_score"), pl.col("hours_apart").abs(), "right"]
    best = closest.sort(order, nulls_last=True).group_by("left", maintain_order=True).head(MAX_RELATED)
    related = best.select(
        "related_score", "hours_apart", story_id=ids.gather(best["left"]), related_id=ids.gather(best["right"])
    )
    return frames.check(related.select(list(frames.RELATED)), frames.RELATED, "RELATED")
