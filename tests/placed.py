"""What the steps know by the places of headlines, given by their ids, so that a test can be read."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from dedup import coverage
from dedup.frames import RELATION
from dedup.matching.timeline import build_timeline
from dedup.stories.assemble import assemble as assemble_stories

BY_ID = {
    "headline_id": pl.String,
    "story_id": pl.String,
    "matched_id": pl.String,
    "score": pl.Float32,
    "relation": pl.String,
}
"""STORIES by ids: ``story_id`` is any name, ``matched_id`` is null for the headline that began it."""


def put(keys):
    """KEYS in order; a column ``standing`` says what the titles themselves need not."""
    found = build_timeline(keys, lambda part: part)
    if "standing" not in keys.columns:
        return found
    output = found.metadata.drop("standing").join(keys.select("headline_id", "standing"), on="headline_id")
    return replace(found, metadata=output.select(found.metadata.columns))


def matched(ids, pairs):
    """The matches of PAIRS by the places of their headlines."""
    places = {name: place for place, name in enumerate(ids)}
    rows = [
        (*sorted((places[left], places[right])), score, relation)
        for left, right, score, relation in pairs.filter("is_match")
        .select("left_id", "right_id", "score", "relation")
        .iter_rows()
    ]
    schema = {"left": pl.UInt32, "right": pl.UInt32, "score": pl.Float32, "relation": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("right", "left")


def assemble(keys, pairs, settings):
    """STORIES by ids, in the order of the headlines."""
    output = keys.sort("published", "headline_id", nulls_last=False)
    ids = output["headline_id"]
    found = assemble_stories(output, matched(ids, pairs), settings)
    named = {"headline_id": ids, "story_id": ids.gather(found["story"]), "matched_id": ids.gather(found["matched"])}
    by_id = pl.DataFrame(named).hstack(found.select("score", pl.col("relation").cast(pl.String)))
    return keys.select("headline_id").join(by_id, on="headline_id", maintain_order="left")


def cover(keys, pairs, by_id):
    """The coverage of headlines whose stories are given by ids; a story is named by the headline that began it."""
    found = put(keys)
    ids = found.metadata["headline_id"].to_list()
    places = {name: place for place, name in enumerate(ids)}
    began = {story: places[name] for name, story, matched_id, *_ in by_id.iter_rows() if matched_id is None}
    rows = {
        name: (began[story], places.get(matched_id), score, relation)
        for name, story, matched_id, score, relation in by_id.iter_rows()
    }
    schema = {"story": pl.UInt32, "matched": pl.UInt32, "score": pl.Float32, "relation": RELATION}
    frame = pl.DataFrame([rows[name] for name in ids if name in rows], schema=schema, orient="row")
    return coverage.cover(found, matched(ids, pairs), frame)
