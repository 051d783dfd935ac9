"""Incoming headlines: everything that is computed before the index is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup import frames
from dedup.arabic.keys import add_keys
from dedup.arabic.standing import is_standing
from dedup.core.hashing import true_at
from dedup.core.time_windows import NO_TIME
from dedup.errors import InputError
from dedup.feeds import Feeds, records
from dedup.feeds.fields.implausible_dates import AHEAD
from dedup.index.recurrence import title_hash
from dedup.matching.features import HeadlineFeatures, headline_features
from dedup.matching.timeline import RECURRENT

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from numpy.typing import NDArray

    from dedup.settings import Settings

_NO_RECURRENCE = pl.Series("recurs", [0], dtype=pl.Int32)
"""Placeholder until the index was read."""


@dataclass(frozen=True, slots=True)
class PreparedHeadlines:
    """New headlines in order of (time, id), those without a time first.

    Attributes:
        keys: KEYS.
        features: their features; ``row``, ``recurs`` and ``standing`` are set by ``number``.
        titles: hashes of outlet and title.
        times: times of publication in microseconds, None where unknown.
        listed: whether the package lists the title as a standing one, shape (n,).
    """

    keys: pl.DataFrame
    features: HeadlineFeatures
    titles: list[int]
    times: list[int | None]
    listed: NDArray[np.bool_]

    def without(self, ids: Container[str]) -> PreparedHeadlines:
        """Return the headlines that do not have one of these ids."""
        rows = true_at(np.array([headline_id not in ids for headline_id in self.keys["headline_id"]], bool))
        titles, times = [self.titles[row] for row in rows], [self.times[row] for row in rows]
        return PreparedHeadlines(self.keys[rows], self.features.take(rows), titles, times, self.listed[rows])

    def number(self, first_row: int, recurs: list[int]) -> HeadlineFeatures:
        """Return the features with rows counted from ``first_row`` and the recurrence of each title."""
        counts = np.array(recurs, np.float32)
        rows = np.arange(first_row, first_row + len(counts))
        return replace(self.features, row=rows, recurs=counts, standing=self.listed | (counts >= RECURRENT))


def parse_records(
    data: pl.DataFrame | Feeds | Iterable[object], **options: object
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return HEADLINES and SKIPPED of a caller's data; an unusable record is listed, the others are taken.

    Args:
        data: the value of ``read_feeds`` or a HEADLINES frame, taken as they are; any other frame (also one with nulls
            where HEADLINES has none, or times in the future), or an iterable of mappings, dataclasses or strings.
        options: options of ``records``.
    """
    if isinstance(data, Feeds):
        return data.headlines, data.skipped
    if isinstance(data, pl.DataFrame) and _is_headlines(data):
        headlines = data.select(list(frames.HEADLINES))
        if len(set(headlines["headline_id"])) < len(headlines):
            headlines = headlines.unique("headline_id", keep="first", maintain_order=True)
        return headlines, frames.empty(frames.SKIPPED)
    try:
        return records(data, **options)  # type: ignore[arg-type]
    except InputError as error:
        skipped = pl.DataFrame([(error.file, error.place, error.reason)], schema=frames.SKIPPED, orient="row")
        return frames.empty(frames.HEADLINES), skipped


def _is_headlines(data: pl.DataFrame) -> bool:
    """Return whether a frame is HEADLINES as a scan returns it."""
    if any(data.schema.get(name) != dtype for name, dtype in frames.HEADLINES.items()):
        return False
    if any(data[name].null_count() for name in ("headline_id", "outlet", "title", "source")):
        return False
    # One implausible time would put everything else out of reach, and past any retention.
    latest = data["published"].max()
    return not isinstance(latest, datetime) or latest <= datetime.now(UTC) + AHEAD


def prepare(headlines: pl.DataFrame, settings: Settings) -> PreparedHeadlines:
    """Compute keys and features of HEADLINES."""
    keys = add_keys(headlines)
    if len(keys) > 1:
        keys = keys.sort("published", "headline_id", nulls_last=False)
    listed = is_standing(keys["fuzzy_key"])
    outlets_and_keys = zip(keys["outlet"].to_list(), keys["fuzzy_key"].to_list(), strict=True)
    titles = [title_hash(outlet, key) for outlet, key in outlets_and_keys]
    microseconds = keys["published"].to_numpy().view(np.int64)
    times = [None if time == NO_TIME else time for time in microseconds.tolist()]
    metadata = keys.hstack([_NO_RECURRENCE.new_from_index(0, len(keys)), listed])
    return PreparedHeadlines(keys, headline_features(metadata, settings), titles, times, listed.to_numpy())
