"""What a process holds of an index, brought up to date with each call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup.arabic.standing import is_standing
from dedup.core.time_windows import MICROSECONDS_AN_HOUR
from dedup.frames import TIME
from dedup.index.compatibility import passport, require_equal
from dedup.index.incoming import arrive
from dedup.index.resolve import Settled, settle
from dedup.index.storage.protocol import STATS_DELTA
from dedup.index.window import WINDOWS, WindowCache
from dedup.matching.features import headline_features
from dedup.matching.timeline import RECURRENT

if TYPE_CHECKING:
    from dedup.index.incoming import Arrival
    from dedup.index.storage.protocol import Position, Recalled, Storage
    from dedup.index.verdict import Verdict
    from dedup.matching.features import HeadlineFeatures
    from dedup.settings import Settings

_TOUCHES = 50_000
"""Touches that are told one by one, at least; more are summed up when they are twice the headlines within reach."""

_BLOCK = 4_000
"""Headlines whose board is made at once when an index is opened: making it takes several times what it holds."""

_AT_ONCE = 500
"""Headlines that one call forgets at most, or twice as many as it brings: never more is left to forget than comes, and
a single one waits for tens of milliseconds at most."""

_EVERY = 100
"""Headlines are forgotten when a hundredth of the retention has passed."""


class Session:
    """The headlines within reach, and how much of the index they stand for.

    Nothing here changes but by what is committed: a call that fails leaves it as it was, or knowing more of what others
    have added.
    """

    def __init__(self, storage: Storage, settings: Settings, *, retention: float | None) -> None:
        self._storage, self._settings = storage, settings
        self._window = int(settings.window * MICROSECONDS_AN_HOUR)
        asked = None if retention is None else int(retention * MICROSECONDS_AN_HOUR)
        self._retention = storage.retain(self.reach, asked)
        self._pruned: int | None = None
        self._position: Position | None = None
        self._live = WindowCache(settings, recalled([], settings))
        self._touches = 0

    @property
    def live(self) -> int | None:
        """Headlines held, None before the first call."""
        return None if self._position is None else len(self._live)

    @property
    def reach(self) -> int:
        """Microseconds before the latest time from which headlines are held."""
        return WINDOWS * self._window

    def kept_since(self) -> datetime | None:
        """The time before which nothing is kept, inside a transaction; None where all is kept."""
        latest = self.catch_up().latest
        if self._retention is None or latest is None:
            return None
        return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=latest - self._retention)

    def add(self, headlines: pl.DataFrame) -> tuple[Verdict, ...]:
        """Remember HEADLINES, their ids distinct; the verdicts in their order."""
        ids = headlines["headline_id"].to_list()
        with self._storage.reading():
            remembered, _ = self._storage.arrivals(ids, [])
        new = headlines.filter(~pl.col("headline_id").is_in(list(remembered))) if remembered else headlines
        if new.is_empty():
            return self.check(headlines)
        arrival = arrive(new, self._settings)
        with self._storage.writing():
            settled = self._summed_up(self._settle(arrival, ids))
            self._storage.append(settled.batch)
            forgotten = self._forget(settled.batch.position.latest, max(_AT_ONCE, 2 * len(new)))
        self._take_in(settled)
        if forgotten:
            self._storage.shrink()
        return tuple(settled.verdicts[one] for one in ids)

    def check(self, headlines: pl.DataFrame) -> tuple[Verdict, ...]:
        """What adding HEADLINES would answer."""
        ids = headlines["headline_id"].to_list()
        arrival = arrive(headlines, self._settings)
        with self._storage.reading():
            settled = self._settle(arrival, ids)
        return tuple(settled.verdicts[one] for one in ids)

    def catch_up(self) -> Position:
        """Learn what others have committed, inside a transaction; where the index stands."""
        news = self._storage.news(self._position, self.reach)
        if news.whole:
            require_equal(self._storage.passport() or {}, passport(self._settings), self._storage.where)
            self._live, self._touches = WindowCache(self._settings, recalled([], self._settings)), 0
        for first in range(0, len(news.headlines), _BLOCK):
            part = recalled(news.headlines[first : first + _BLOCK], self._settings)
            self._live.add(part, np.empty(0, STATS_DELTA), news.position.latest)
        if len(news.touches):
            self._live.touch(news.touches)
            self._touches += len(news.touches)
        self._position = news.position
        return news.position

    def prune(self, before: int) -> int:
        """Forget headlines published before a moment, inside a transaction; how many."""
        position = self.catch_up()
        dated, undated = self._storage.prune(before)
        if undated or (dated and position.latest is not None and before > position.latest - self.reach):
            self._storage.renew(self._live.touched())
        return dated + undated

    def _settle(self, arrival: Arrival, ids: list[str]) -> Settled:
        """What adding an arrival comes to, inside a transaction; those of it that are known by now are left out."""
        position = self.catch_up()
        remembered, days = self._storage.arrivals(ids, arrival.titles)
        if remembered:
            arrival = arrival.without(remembered.keys())
        return settle(
            arrival, remembered, days, position=position, live=self._live, storage=self._storage,
            settings=self._settings,
        )  # fmt: skip

    def _summed_up(self, settled: Settled) -> Settled:
        """The same, and what all touches before it come to where these have become many."""
        if self._touches <= max(_TOUCHES, 2 * len(self._live)):
            return settled
        return replace(settled, batch=replace(settled.batch, snapshot=self._live.touched()))

    def _take_in(self, settled: Settled) -> None:
        """Hold what was just committed."""
        batch = settled.batch
        self._live.add(settled.board, batch.touches, batch.position.latest)
        self._touches = len(batch.touches) + (self._touches if batch.snapshot is None else 0)
        self._position = batch.position

    def _forget(self, latest: int | None, most: int) -> bool:
        """Forget what is older than the retention, so many at most; whether that was the last of it for a while."""
        if self._retention is None or latest is None:
            return False
        before = latest - self._retention
        if self._pruned is not None and before - self._pruned <= self._retention // _EVERY:
            return False
        if max(self._storage.prune(before, most)) == most:
            return False
        self._pruned = before
        return True


def recalled(headlines: list[Recalled], settings: Settings) -> HeadlineFeatures:
    """The board of remembered headlines, in order of their rows."""
    schema = {"row": pl.Int64(), "published": pl.Int64(), "outlet": pl.String(), "fuzzy_key": pl.String()}
    keys = pl.DataFrame(headlines, schema=schema | {"recurs": pl.Int32()}, orient="row")
    standing = is_standing(keys["fuzzy_key"]) | (keys["recurs"] >= RECURRENT)
    told = headline_features(
        keys.with_columns(pl.col("published").cast(pl.Datetime("us")).cast(TIME), standing=standing), settings
    )
    told.row[:] = keys["row"].to_numpy()
    return told
