"""KEYS in order of time, with recurring and standing titles marked.

Headlines are sorted before their keys are computed: so keys are computed a part at a time, and the texts of a part can
go to disk at once (``core.spill``). Slices of the timeline are compared, and results are written from it.
"""

from __future__ import annotations

import sys
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
"""Earlier days with the same title in its outlet from which it is a standing title. Of the silver pairs with such a
title, 1 % have bodies that agree; with one earlier day, 12 %."""

RECURS_WITHIN = 30
"""Days back over which those days are counted, so that the count does not depend on how long an outlet was observed:
four issues of a weekly column. Without a limit, twice as many titles of a generated year are taken for standing, most
of them plain news worded alike months apart (docs/decisions.md); on both real corpora the counts are the same."""

PART = 1 << 17
"""Headlines whose keys are computed at a time."""

IN_MEMORY = ("headline_id", "outlet", "published")
"""The columns of KEYS that stay in memory."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """KEYS of n headlines in order of (time, id), those without a time first.

    Attributes:
        metadata: METADATA.
        texts: the other columns of KEYS.
        empty_keys: number of headlines without a key, which match nothing.
    """

    metadata: pl.DataFrame
    texts: SpillableFrames
    empty_keys: int

    def __len__(self) -> int:
        return len(self.metadata)

    def slice(self, start: int, count: int) -> pl.DataFrame:
        """Return TIMELINE of ``count`` headlines from ``start`` on."""
        return self.metadata[start : start + count].hstack(self.texts.slice(start, count, ["fuzzy_key"]))

    def keys(self) -> pl.LazyFrame:
        """Return KEYS of all headlines; this object must live until they are collected."""
        in_memory = self.metadata.lazy().select(IN_MEMORY)
        return pl.concat([in_memory, self.texts.lazy()], how="horizontal").select(list(frames.KEYS))


def timeline_of(frame: pl.DataFrame) -> Timeline:
    """Return the timeline of headlines that are sorted and marked already.

    Args:
        frame: METADATA and some texts (``fuzzy_key`` to match, ``title`` to cover), in order of (time, id), those
            without a time first.
    """
    metadata = frame.select(list(frames.METADATA))
    texts = SpillableFrames(sys.maxsize)
    texts.add(frame.drop(metadata.columns))
    empty = int((frame["fuzzy_key"] == "").sum()) if "fuzzy_key" in frame.columns else 0
    return Timeline(frames.check(metadata, frames.METADATA, "METADATA"), texts, empty)


def build_timeline(
    headlines: pl.DataFrame,
    make_keys: Callable[[pl.DataFrame], pl.DataFrame],
    *,
    memory_limit: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Timeline:
    """Sort headlines by time and compute their keys.

    Args:
        headlines: HEADLINES.
        make_keys: returns KEYS of some HEADLINES.
        memory_limit: see ``spill.memory_share``.
        progress: called with the number of headlines done and of all.
    """
    order = headlines.select(pl.arg_sort_by("published", "headline_id", nulls_last=False)).to_series()
    texts = SpillableFrames(memory_share(memory_limit))
    metadata, titles = list[pl.DataFrame](), list[pl.DataFrame]()
    for first in range(0, max(len(headlines), 1), PART):
        keys = frames.check(make_keys(headlines[order[first : first + PART]]), frames.KEYS, "KEYS")
        metadata.append(keys.select(*IN_MEMORY, standing=is_standing(keys["fuzzy_key"])))
        titles.append(keys.select(title=pl.when(pl.col("fuzzy_key") != "").then(pl.col("fuzzy_key").hash())))
        texts.add(keys.drop(IN_MEMORY))
        if progress is not None:
            progress(min(first + PART, len(headlines)), len(headlines))
    title = pl.concat(titles).to_series()
    marked = frames.check(_mark_recurrent(pl.concat(metadata), title), frames.METADATA, "METADATA")
    return Timeline(marked, texts, title.null_count())


def with_recurrence(keys: pl.DataFrame) -> pl.DataFrame:
    """Sort KEYS by (time, id), those without a time first, and add ``recurs`` and ``standing``.

    ``recurs`` is the number of the ``RECURS_WITHIN`` days before on which the outlet ran the same title: 0 for news,
    more for a column's name or a daily bulletin. It looks back only, so that evidence never depends on later headlines.
    A title is ``standing`` if it has one of the shipped patterns, or from the second earlier day on.
    """
    timeline = build_timeline(keys, lambda part: part)
    frame = pl.concat([timeline.metadata, timeline.texts.lazy().collect()], how="horizontal")
    return frame.select(*keys.columns, "recurs", "standing")


def _mark_recurrent(metadata: pl.DataFrame, title: pl.Series) -> pl.DataFrame:
    """Add ``recurs`` to the metadata and mark recurring titles as standing."""
    metadata = metadata.with_columns(recurs=pl.Series(_earlier_days(metadata, title)))
    return metadata.with_columns(standing=pl.col("standing") | (pl.col("recurs") >= RECURRENT))


def _earlier_days(metadata: pl.DataFrame, title: pl.Series) -> NDArray[np.int32]:
    """Count the days before on which the outlet ran the title of each headline, shape (n,).

    Args:
        metadata: of n headlines, in order of time.
        title: a 64-bit hash of each title, null for empty ones. Of five million, two collide with probability 1e-6.
    """
    days = metadata.select("outlet", title.alias("title"), day=pl.col("published").dt.epoch("d").cast(pl.Int64))
    # Nearly all titles are unique. Testing that alone is faster than together with the outlets.
    days = days.with_row_index("row").filter(pl.col("title").is_duplicated())
    days = days.filter((pl.col("outlet") != "") & pl.col("title").is_not_null() & pl.col("day").is_not_null())
    group = days.select(pl.struct("outlet", "title").rank("dense").cast(pl.Int64)).to_series().to_numpy()
    first = group << 32
    codes = first + (days["day"].to_numpy() + (1 << 31))
    published = distinct(codes)
    earlier = np.searchsorted(published, codes)
    earlier -= np.searchsorted(published, np.maximum(codes - RECURS_WITHIN, first))
    counts = np.zeros(len(metadata), np.int32)
    counts[days["row"].to_numpy()] = earlier
    return counts
