"""Schemas of the Polars frames that cross modules, and the check applied where they do.

A frame may have more columns than its schema, never fewer or other types. ``published`` is in UTC and null where the
time is unknown.

Examples:
    >>> check(empty(SKIPPED), SKIPPED, "SKIPPED").columns
    ['file', 'place', 'reason']
    >>> check(empty(SKIPPED), FILES, "FILES")
    Traceback (most recent call last):
        ...
    dedup.errors.FrameError: FILES: 'format' is missing; 'status' is missing; 'items' is missing; 'headlines' is missing
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dedup.errors import FrameError

if TYPE_CHECKING:
    from collections.abc import Mapping

Schema = dict[str, pl.DataType]

TIME = pl.Datetime("us", "UTC")

HEADLINES: Schema = {
    "headline_id": pl.String(),
    "outlet": pl.String(),
    "title": pl.String(),
    "url": pl.String(),
    "published": TIME,
    "source": pl.String(),
}
"""One row per headline. ``source`` is the file and the line, row or item; ``url`` and ``published`` may be null."""

RAW: Schema = {
    "document": pl.Int32(),
    "place": pl.Int64(),
    "title": pl.String(),
    "text": pl.String(),
    "url": pl.String(),
    "date": pl.String(),
    "date_detail": pl.String(),
    "date_fallback": pl.String(),
    "time": TIME,
    "outlet": pl.String(),
    "own_id": pl.String(),
}
"""One row per item as its document spells it: the number of the document, the place in it, and fields that may be null.
``date`` is a text or ``time`` a typed time; ``date_detail`` is another text on the same moment (a time of day), and
``date_fallback`` is used where the first date cannot be read or is implausible. ``text`` is given for items without a
title."""

KEYS: Schema = HEADLINES | {
    "exact_key": pl.String(),
    "fuzzy_key": pl.String(),
    "tag": pl.String(),
}
"""HEADLINES with the keys of each title, in the same order. Titles without letters or digits have empty keys and match
nothing. ``tag`` is the furniture stripped from the title («عاجل», «بالفيديو», an outlet's name), null if there was
none."""

PAIRS: Schema = {
    "left_id": pl.String(),
    "right_id": pl.String(),
    "score": pl.Float32(),
    "related_score": pl.Float32(),
    "is_match": pl.Boolean(),
    "relation": pl.String(),
    "hours_apart": pl.Float32(),
}
"""One row per compared pair, the earlier headline on the left; the evidence follows as further columns. ``relation`` is
copy, same-news, related or none; ``score`` is the probability of the same news, ``related_score`` of the same or
related news; ``hours_apart`` is null where a time is unknown."""

RELATION = pl.Enum(["copy", "same-news"])
"""The relation of two headlines that match."""

STORIES: Schema = {"story": pl.UInt32(), "matched": pl.UInt32(), "score": pl.Float32(), "relation": RELATION}
"""The story of each headline, one row per headline in order of time; a headline without matches is a story of its own.
``story`` is the row number of the story's first headline, ``matched`` the row number of the best match among the
earlier headlines of the story (null for the first), ``score`` and ``relation`` belong to that match."""

MATCHES: Schema = {
    "left": pl.UInt32(),
    "right": pl.UInt32(),
    "score": pl.Float32(),
    "relation": pl.String(),
}
"""The matched pairs, by the rows of their headlines in order of time, the earlier left; in order of (right, left)."""

RELATED_PAIRS: Schema = {"left": pl.UInt32(), "right": pl.UInt32(), "related_score": pl.Float32()}
"""The pairs whose related score makes them related, whatever the threshold of the score, by the rows of their headlines
in order of time, the earlier left."""

RELATED: Schema = {
    "story_id": pl.String(),
    "related_id": pl.String(),
    "related_score": pl.Float32(),
    "hours_apart": pl.Float32(),
}
"""Stories of one running story, at most five for each: ``related_score`` is that of their closest headlines,
``hours_apart`` the time from the beginning of ``story_id`` to that of ``related_id``, null where unknown."""

METADATA: Schema = {
    "headline_id": pl.String(),
    "outlet": pl.String(),
    "published": TIME,
    "standing": pl.Boolean(),
    "recurs": pl.Int32(),
}
"""What stays in memory of each headline, in order of (time, id), those without a time first: ``recurs`` is the number
of earlier days of the last 30 on which the outlet ran the title, ``standing`` whether it is a standing title."""

TIMELINE: Schema = METADATA | {"fuzzy_key": pl.String()}
"""What the features of headlines are computed from, in the same order."""

CLOCKS: Schema = {
    "outlet": pl.String(),
    "clock_offset_hours": pl.Float64(),
    "clock_offset_low": pl.Float64(),
    "clock_offset_high": pl.Float64(),
    "clock_support": pl.Int64(),
    "clock_partners": pl.Int64(),
    "clock_fixed": pl.Boolean(),
}
"""One row per outlet whose times are off by whole or half hours: the offset (positive: its times are late), the 95 %
interval of the estimate before rounding, the number of its copies that show it, the number of outlets they are shared
with, and whether its times were corrected."""

SKIPPED: Schema = {"file": pl.String(), "place": pl.String(), "reason": pl.String()}
"""One row per input that was not used, or only in part: the file, the line, row, item or member in it ("" for the whole
file), and the reason."""

REMARKS: Schema = {"file": pl.String(), "remark": pl.String()}
"""How an input was read where that was not plain: another encoding than declared, lines before the header, columns that
were not used. Nothing was lost."""

FILES: Schema = {
    "file": pl.String(),
    "format": pl.String(),
    "status": pl.String(),
    "items": pl.Int64(),
    "headlines": pl.Int64(),
}
"""One row per file. ``status`` is read, warned (with rows in SKIPPED or REMARKS), failed or skipped; ``items`` is the
number of entries in the file (null if unknown), ``headlines`` the number of rows of HEADLINES made from them, before
repeated items are merged."""


def check(frame: pl.DataFrame, schema: Mapping[str, pl.DataType], name: str) -> pl.DataFrame:
    """Return the frame if it has the columns and types of the schema.

    Args:
        frame: the frame to check.
        schema: the required columns and their types.
        name: the name of the schema, for the error message.

    Raises:
        FrameError: a column is missing or has another type; the message lists all of them.
    """
    given = dict(zip(frame.columns, frame.dtypes, strict=True))
    problems = [
        f"{column!r} is {given[column]}, not {dtype}" if column in given else f"{column!r} is missing"
        for column, dtype in schema.items()
        if given.get(column) != dtype
    ]
    if problems:
        raise FrameError(name, "; ".join(problems))
    return frame


def empty(schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Build a frame of the schema without rows."""
    return pl.DataFrame(schema=dict(schema))


AUDIT_PAIRS: Schema = {
    "pair": pl.UInt32(),
    "label": pl.String(),
    "note": pl.String(),
    "left_outlet": pl.String(),
    "left_published": pl.Datetime("us", "UTC"),
    "left_title": pl.String(),
    "right_outlet": pl.String(),
    "right_published": pl.Datetime("us", "UTC"),
    "right_title": pl.String(),
    "score": pl.Float32(),
    "related_score": pl.Float32(),
    "is_match": pl.Boolean(),
    "relation": pl.String(),
    "kind": pl.String(),
    "weight": pl.Float64(),
    "left_id": pl.String(),
    "right_id": pl.String(),
}
"""Pairs drawn for an audit: the number of the pair, its label (null until it is read), both headlines, the scores, the
kind of pair by its evidence, and the number of candidate pairs that it stands for."""
