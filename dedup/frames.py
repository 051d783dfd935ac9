"""The schemas of the Polars frames that cross modules, and the check made where they cross.

A frame may carry more columns than its schema names; it must carry these, with these types. ``published`` is in UTC,
null where the time is unknown.
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
"""One row per headline read. ``source`` is the file and the place in it; ``url`` and ``published`` may be null."""

KEYS: Schema = HEADLINES | {
    "exact_key": pl.String(),
    "fuzzy_key": pl.String(),
    "tag": pl.String(),
}
"""HEADLINES with the keys of each title, in the same order. Both keys are "" for a title without letters or digits,
which never matches anything. ``tag`` is the furniture that was stripped («عاجل», «بالفيديو», an outlet's name),
null where there was none."""

PAIRS: Schema = {
    "left_id": pl.String(),
    "right_id": pl.String(),
    "score": pl.Float32(),
    "is_match": pl.Boolean(),
    "relation": pl.String(),
    "hours_apart": pl.Float32(),
}
"""Two headlines compared, left the earlier. The evidence follows as further columns. ``relation`` is copy, same-news
or none; ``hours_apart`` is null where a time is unknown."""

RELATION = pl.Enum(["copy", "same-news"])
"""The relation of a match."""

STORIES: Schema = {"story": pl.UInt32(), "matched": pl.UInt32(), "score": pl.Float32(), "relation": RELATION}
"""Where each headline belongs, one row for each, in order of time: every headline has a story, alone in it or not.
``story`` is the place of the headline that began it, ``matched`` that of the earlier headline of the same story that it
matches best (null for a story's first), ``score`` and ``relation`` are that pair's."""

SKIPPED: Schema = {"file": pl.String(), "place": pl.String(), "reason": pl.String()}
"""An input not used, or used only in part: the file, the place in it ("" for all of it), and why."""

FILES: Schema = {
    "file": pl.String(),
    "format": pl.String(),
    "status": pl.String(),
    "items": pl.Int64(),
    "headlines": pl.Int64(),
}
"""A file found. ``status`` is read, warned, failed or skipped; ``items`` is how many entries it holds as far as that
is known, ``headlines`` how many of them became rows of HEADLINES before the same item seen twice was counted once."""


def check(frame: pl.DataFrame, schema: Mapping[str, pl.DataType], name: str) -> pl.DataFrame:
    """Return the frame, having made sure that it has the columns and types of the schema.

    Raises:
        FrameError: naming each column that is missing or has another type.
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
    """A frame of the schema with no rows."""
    return pl.DataFrame(schema=dict(schema))
