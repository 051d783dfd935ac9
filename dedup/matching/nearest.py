"""One headline against many: the nearest by score, what an aggregator prints under an article.

The headline is put on the board among the others and compared with all within the window by the steps of a scan, but
without blocking: for one headline every comparison is affordable, and none is missed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup import frames
from dedup.arabic.keys import add_keys
from dedup.matching import blocking
from dedup.matching.board import board, in_order
from dedup.matching.evidence import evidence
from dedup.matching.pairs import threshold
from dedup.matching.relation import NONE, relations
from dedup.matching.score import load_model

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from dedup.settings import Settings

_ASKED = "\0"  # an id that no input can hold: control characters are dropped from ids


def nearest(
    keys: pl.DataFrame,
    title: str,
    settings: Settings,
    *,
    outlet: str | None = None,
    published: datetime | None = None,
) -> pl.DataFrame:
    """The headlines that share information with a title, the nearest first.

    Args:
        keys: a KEYS frame of n headlines.
        title: the headline asked about.
        settings: window and threshold.
        outlet: who ran it, None where unknown.
        published: when; without it headlines of all times are compared.

    Returns:
        Rows of ``keys`` with the columns ``score`` (0..1), ``is_match`` and ``relation``.
    """
    asked = pl.DataFrame([(_ASKED, outlet or "", title, None, published, "")], schema=frames.HEADLINES, orient="row")
    columns = list(frames.KEYS)
    rows = in_order(pl.concat([keys.select(columns), add_keys(asked).select(columns)]))
    whole = board(rows, settings)
    place = int(rows["headline_id"].index_of(_ASKED) or 0)
    others = np.flatnonzero(_near(whole.time, place, settings) & (whole.words.length > 0))
    others = others[(others != place) & (whole.words.length[place] > 0)]
    if not others.size:
        return _scored(rows[:0], np.empty(0, np.float32), np.empty(0, np.str_), settings)
    pairs = blocking.Candidates(np.minimum(others, place), np.maximum(others, place), np.ones(len(others), np.int64), 0)
    pairs, told = evidence(whole, pairs)
    found = rows[np.where(pairs.left == place, pairs.right, pairs.left)]
    return _scored(found, load_model().score(told), relations(told), settings)


def _scored(
    rows: pl.DataFrame, score: NDArray[np.float32], relation: NDArray[np.str_], settings: Settings
) -> pl.DataFrame:
    is_match = score >= threshold(settings)
    columns = pl.Series("score", score), pl.Series("is_match", is_match), pl.Series("relation", relation, pl.String)
    found = rows.select(*frames.KEYS, *columns).with_columns(
        pl.when("is_match").then("relation").otherwise(pl.lit(NONE)).alias("relation")
    )
    return found.sort("score", "published", "headline_id", descending=[True, False, False], nulls_last=True)


def _near(times: NDArray[np.int64], place: int, settings: Settings) -> NDArray[np.bool_]:
    """Which rows lie within the window of one row; those without a time do."""
    unknown = times == blocking.NO_TIME
    window = settings.window * blocking.MICROSECONDS_AN_HOUR
    near: NDArray[np.bool_] = unknown | unknown[place] | (np.abs(times - times[place]) <= window)
    return near
