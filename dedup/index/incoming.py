"""Headlines on their way into an index: all that can be made of them before the index is asked."""

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

_NEVER = pl.Series("recurs", [0], dtype=pl.Int32)
"""On how many earlier days a title ran, as long as the index has not been asked."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """New headlines, in order of (time, id), those without a time first.

    Attributes:
        keys: KEYS.
        board: their board; ``row``, ``recurs`` and ``standing`` are filled in when the index has been asked.
        titles: a hash of outlet and title each.
        times: of publication in microseconds, None where unknown.
        listed: whether the title is one of the standing ones that the package lists.
    """

    keys: pl.DataFrame
    board: HeadlineFeatures
    titles: list[int]
    times: list[int | None]
    listed: NDArray[np.bool_]

    def without(self, ids: Container[str]) -> Arrival:
        """The same without some of the headlines."""
        kept = true_at(np.array([one not in ids for one in self.keys["headline_id"]], bool))
        titles, times = [self.titles[row] for row in kept], [self.times[row] for row in kept]
        return Arrival(self.keys[kept], self.board.take(kept), titles, times, self.listed[kept])

    def numbered(self, first: int, recurs: list[int]) -> HeadlineFeatures:
        """The board, its rows counted from the first, told on how many earlier days each title ran."""
        counts = np.array(recurs, np.float32)
        rows = np.arange(first, first + len(counts))
        return replace(self.board, row=rows, recurs=counts, standing=self.listed | (counts >= RECURRENT))


def received(data: pl.DataFrame | Feeds | Iterable[object], **reading: object) -> tuple[pl.DataFrame, pl.DataFrame]:
    """HEADLINES and SKIPPED of what a caller gives; a record that cannot be used is named, the others are taken.

    Args:
        data: what ``read_feeds`` returned or a HEADLINES frame, taken as it is; another frame (also one with nulls
            where HEADLINES has none, or times that lie ahead), or an iterable of mappings, dataclasses or strings.
        reading: options of ``records``.
    """
    if isinstance(data, Feeds):
        return data.headlines, data.skipped
    if isinstance(data, pl.DataFrame) and _is_headlines(data):
        headlines = data.select(list(frames.HEADLINES))
        if len(set(headlines["headline_id"])) < len(headlines):
            headlines = headlines.unique("headline_id", keep="first", maintain_order=True)
        return headlines, frames.empty(frames.SKIPPED)
    try:
        return records(data, **reading)  # type: ignore[arg-type]
    except InputError as error:
        skipped = pl.DataFrame([(error.file, error.place, error.reason)], schema=frames.SKIPPED, orient="row")
        return frames.empty(frames.HEADLINES), skipped


def _is_headlines(data: pl.DataFrame) -> bool:
    """Whether a frame is HEADLINES, as a scan gives it."""
    if any(data.schema.get(name) != kind for name, kind in frames.HEADLINES.items()):
        return False
    if any(data[name].null_count() for name in ("headline_id", "outlet", "title", "source")):
        return False
    # One time that cannot be would put all else out of reach, and past any retention.
    latest = data["published"].max()
    return not isinstance(latest, datetime) or latest <= datetime.now(UTC) + AHEAD


def arrive(headlines: pl.DataFrame, settings: Settings) -> Arrival:
    """HEADLINES with their keys, on a board of their own."""
    keys = add_keys(headlines)
    if len(keys) > 1:
        keys = keys.sort("published", "headline_id", nulls_last=False)
    listed = is_standing(keys["fuzzy_key"])
    named = zip(keys["outlet"].to_list(), keys["fuzzy_key"].to_list(), strict=True)
    titles = [title_hash(outlet, key) for outlet, key in named]
    micros = keys["published"].to_numpy().view(np.int64)
    times = [None if time == NO_TIME else time for time in micros.tolist()]
    told = keys.hstack([_NEVER.new_from_index(0, len(keys)), listed])
    return Arrival(keys, headline_features(told, settings), titles, times, listed.to_numpy())
