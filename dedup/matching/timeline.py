"""KEYS in order of time, with what recurs and what stands: what slices are cut from, and results are written from.

Headlines are put in order before they get their keys: so these are made a part at a time, and the texts of a part can
go to disk as soon as it is made (``dedup.core.spill``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup import frames
from dedup.arabic.standing import is_standing
from dedup.core.hashing import distinct
from dedup.core.spill import SpillableFrames, memory_share

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

RECURRENT = 2
"""Earlier days with the same title in its outlet that make it standing. Of the silver pairs with such a title, 1 % have
bodies that agree; with one earlier day it is 12 %."""

RECURS_WITHIN = 30
"""Days back over which those days are counted, so that it means the same however long one has watched: four issues of a
weekly column. Without a limit, twice as many titles of a generated year are taken for standing, most of them plain news
that was worded alike months apart (docs/decisions.md); both real corpora count the same either way."""

PART = 1 << 17
"""Headlines that get their keys at a time."""

METADATA = ("headline_id", "outlet", "published")
"""The columns of KEYS that stay in memory."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """KEYS of n headlines in order of (time, id), those without a time first.

    Attributes:
        metadata: ``headline_id``, ``outlet``, ``published``, and for each headline ``recurs`` and ``standing`` (see
            ``in_order``).
        texts: their other columns.
        empty: how many have no key, and meet nobody.
    """

    metadata: pl.DataFrame
    texts: SpillableFrames
    empty: int

    def __len__(self) -> int:
        return len(self.metadata)

    def slice(self, start: int, count: int) -> pl.DataFrame:
        """What a board is made from, of some of the headlines."""
        return self.metadata[start : start + count].hstack(self.texts.slice(start, count, ["fuzzy_key"]))

    def keys(self) -> pl.LazyFrame:
        """KEYS of all of them; this object must live until they are collected."""
        told = self.metadata.lazy().select(METADATA)
        return pl.concat([told, self.texts.lazy()], how="horizontal").select(list(frames.KEYS))


def ordered(
    headlines: pl.DataFrame,
    make: Callable[[pl.DataFrame], pl.DataFrame],
    *,
    memory_limit: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Ordered:
    """Put headlines in order, and give them their keys.

    Args:
        headlines: HEADLINES.
        make: what gives some of them their keys.
        memory_limit: see ``spill.memory_share``.
        progress: called with the headlines done and how many there are.
    """
    order = headlines.select(pl.arg_sort_by("published", "headline_id", nulls_last=False)).to_series()
    texts, told, titles = SpillableFrames(memory_share(memory_limit)), list[pl.DataFrame](), list[pl.DataFrame]()
    for at in range(0, max(len(headlines), 1), PART):
        keys = frames.check(make(headlines[order[at : at + PART]]), frames.KEYS, "KEYS")
        told.append(keys.select(*METADATA, standing=is_standing(keys["fuzzy_key"])))
        titles.append(keys.select(title=pl.when(pl.col("fuzzy_key") != "").then(pl.col("fuzzy_key").hash())))
        texts.add(keys.drop(METADATA))
        if progress is not None:
            progress(min(at + PART, len(headlines)), len(headlines))
    hashed = pl.concat(titles).to_series()
    return Ordered(_with_recurrence(pl.concat(told), hashed), texts, hashed.null_count())


def in_order(keys: pl.DataFrame) -> pl.DataFrame:
    """KEYS in order of (time, id), those without a time first, with the columns ``recurs`` and ``standing``.

    ``recurs`` counts the days of the month before (``RECURS_WITHIN``) on which the outlet ran the same title: 0 for
    news, more for a column's name or a daily bulletin. It looks back only, so that a headline's evidence never depends
    on what comes after it. A title is ``standing`` when it is one of the shipped patterns, or recurs for the second
    day.
    """
    put = ordered(keys, lambda part: part)
    return pl.concat([put.metadata, put.texts.lazy().collect()], how="horizontal").select(
        *keys.columns, "recurs", "standing"
    )


def _with_recurrence(told: pl.DataFrame, titles: pl.Series) -> pl.DataFrame:
    """What is told of headlines, with ``recurs``, and what recurs is ``standing`` too."""
    told = told.with_columns(recurs=pl.Series(_earlier_days(told, titles)))
    return told.with_columns(standing=pl.col("standing") | (pl.col("recurs") >= RECURRENT))


def _earlier_days(told: pl.DataFrame, titles: pl.Series) -> NDArray[np.int32]:
    """On how many days of the month before the outlet ran the title of each headline.

    Titles are told apart by hashes of 64 bits: of five million, two fall together with probability 1e-6.
    """
    days = told.select("outlet", titles.alias("title"), day=pl.col("published").dt.epoch("d").cast(pl.Int64))
    # Nearly all titles are there once. They alone say so faster than together with the outlets.
    days = days.with_row_index("row").filter(pl.col("title").is_duplicated())
    days = days.filter((pl.col("outlet") != "") & pl.col("title").is_not_null() & pl.col("day").is_not_null())
    title = days.select(pl.struct("outlet", "title").rank("dense").cast(pl.Int64)).to_series().to_numpy()
    first = title << 32
    own = first + (days["day"].to_numpy() + (1 << 31))
    ran = distinct(own)
    earlier = np.searchsorted(ran, own) - np.searchsorted(ran, np.maximum(own - RECURS_WITHIN, first))
    counts = np.zeros(len(told), np.int32)
    counts[days["row"].to_numpy()] = earlier
    return counts
