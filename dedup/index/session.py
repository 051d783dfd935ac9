"""The session of a process: its window cache, brought up to date by every call."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from dedup.arabic.standing import is_standing
from dedup.core.time_windows import MICROSECONDS_AN_HOUR
from dedup.frames import TIME
from dedup.index.compatibility import fingerprint, require_equal
from dedup.index.incoming import prepare
from dedup.index.resolve import Resolution, resolve
from dedup.index.storage.protocol import NO_DELTAS
from dedup.index.warmup import postponed_warmup, start_warmup
from dedup.index.window import WindowCache, reach
from dedup.matching.features import headline_features
from dedup.matching.timeline import RECURRENT

if TYPE_CHECKING:
    from dedup.index.incoming import PreparedHeadlines
    from dedup.index.storage.protocol import Position, Storage, WindowHeadline
    from dedup.index.verdict import Verdict
    from dedup.matching.features import HeadlineFeatures
    from dedup.settings import Settings

SNAPSHOT_AFTER = 50_000
"""Write a snapshot of the neighbour statistics once more than max(50,000, 2 × window size) deltas have accumulated."""

_LOADED_AT_ONCE = 4_000
"""Headlines whose features are computed at a time when an index is opened: that takes several times their memory."""

_CATCH_UP_SECONDS = 1.0
"""A session that has not read other processes' commits for longer does so before it takes the write lock, and not while
other writers wait: there may be thousands, and the first call of a process loads the whole window."""

_PRUNED_PER_CALL = 500
"""Maximum number of headlines that a call prunes, or twice the batch size if that is more: pruning keeps up with
additions, and a single addition waits for tens of milliseconds at most."""

_PRUNINGS_PER_RETENTION = 100
"""Headlines are pruned when a hundredth of the retention has passed."""


class Session:
    """The window cache, and the position of the index that it corresponds to.

    The state only changes to reflect commits: a call that fails leaves it unchanged, or ahead by other processes'
    commits.
    """

    def __init__(self, storage: Storage, settings: Settings, *, retention: float | None) -> None:
        self._storage, self._settings = storage, settings
        self._window = int(settings.window * MICROSECONDS_AN_HOUR)
        requested = None if retention is None else int(retention * MICROSECONDS_AN_HOUR)
        self._retention = storage.set_retention(self.reach, requested)
        self._pruned_before: int | None = None
        self._position: Position | None = None
        self._cache = WindowCache(settings, load_features([], settings))
        self._delta_count, self._caught_up_at = 0, -math.inf

    @property
    def cached(self) -> int | None:
        """Number of cached headlines, None before the first call."""
        return None if self._position is None else len(self._cache)

    @property
    def reach(self) -> int:
        """Microseconds before the latest time from which headlines are cached."""
        return reach(self._settings.window)

    def kept_since(self) -> datetime | None:
        """Return the time before which headlines are pruned, None for never; called inside a transaction."""
        latest = self.catch_up().latest
        if self._retention is None or latest is None:
            return None
        return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=latest - self._retention)

    def add(self, headlines: pl.DataFrame) -> tuple[Verdict, ...]:
        """Store HEADLINES with distinct ids; return the verdicts in their order."""
        ids = headlines["headline_id"].to_list()
        with self._storage.reading():
            if time.monotonic() - self._caught_up_at > _CATCH_UP_SECONDS:
                self.catch_up()
            known, _ = self._storage.look_up(ids, [])
        new = headlines.filter(~pl.col("headline_id").is_in(list(known))) if known else headlines
        if new.is_empty():
            return self.check(headlines)
        with postponed_warmup():
            resolution, is_pruned = self._write(new, ids)
        start_warmup()
        self._take_over(resolution)
        if is_pruned:
            self._storage.shrink()
        return tuple(resolution.verdicts[headline_id] for headline_id in ids)

    def check(self, headlines: pl.DataFrame) -> tuple[Verdict, ...]:
        """Return the verdicts that ``add`` would return."""
        ids = headlines["headline_id"].to_list()
        prepared = prepare(headlines, self._settings)
        with self._storage.reading():
            resolution = self._resolve(prepared, ids)
        return tuple(resolution.verdicts[headline_id] for headline_id in ids)

    def catch_up(self) -> Position:
        """Read the commits of other processes, inside a transaction; return the current position."""
        changes = self._storage.changes(self._position, self.reach)
        if changes.is_reset:
            require_equal(self._storage.fingerprint() or {}, fingerprint(self._settings), self._storage.where)
            self._cache, self._delta_count = WindowCache(self._settings, load_features([], self._settings)), 0
        for start in range(0, len(changes.headlines), _LOADED_AT_ONCE):
            features = load_features(changes.headlines[start : start + _LOADED_AT_ONCE], self._settings)
            features = self._cache.with_recent_words(features)
            self._cache.add(features, NO_DELTAS, changes.position.latest)
        if len(changes.deltas):
            self._cache.apply(changes.deltas)
            self._delta_count += len(changes.deltas)
        self._position, self._caught_up_at = changes.position, time.monotonic()
        return changes.position

    def prune(self, before: int) -> int:
        """Remove headlines published before a time, inside a transaction; return their number."""
        position = self.catch_up()
        dated, undated = self._storage.prune(before)
        if undated or (dated and position.latest is not None and before > position.latest - self.reach):
            self._storage.begin_epoch(self._cache.snapshot())
        return dated + undated

    def _write(self, new: pl.DataFrame, ids: list[str]) -> tuple[Resolution, bool]:
        """Write a batch in one transaction; return its resolution, and whether a pruning was completed.

        Args:
            new: headlines that were not stored at a first look.
            ids: the ids of the whole batch.
        """
        prepared = prepare(new, self._settings)
        with self._storage.writing():
            resolution = self._with_snapshot(self._resolve(prepared, ids))
            self._storage.append(resolution.batch)
            is_pruned = self._prune_expired(resolution.batch.position.latest, max(_PRUNED_PER_CALL, 2 * len(new)))
        return resolution, is_pruned

    def _resolve(self, prepared: PreparedHeadlines, ids: list[str]) -> Resolution:
        """Resolve prepared headlines, inside a transaction, without those that were stored meanwhile."""
        position = self.catch_up()
        known, days = self._storage.look_up(ids, prepared.titles)
        if known:
            prepared = prepared.without(known.keys())
        return resolve(
            prepared, known, days, position=position, cache=self._cache, storage=self._storage,
            settings=self._settings,
        )  # fmt: skip

    def _with_snapshot(self, resolution: Resolution) -> Resolution:
        """Add a snapshot of all earlier deltas if these have become many."""
        if self._delta_count <= max(SNAPSHOT_AFTER, 2 * len(self._cache)):
            return resolution
        return replace(resolution, batch=replace(resolution.batch, snapshot=self._cache.snapshot()))

    def _take_over(self, resolution: Resolution) -> None:
        """Cache the headlines of a resolution that was committed."""
        batch = resolution.batch
        self._cache.add(resolution.features, batch.deltas, batch.position.latest)
        self._delta_count = len(batch.deltas) + (self._delta_count if batch.snapshot is None else 0)
        self._position = batch.position

    def _prune_expired(self, latest: int | None, limit: int) -> bool:
        """Prune headlines older than the retention, up to a limit; return whether that completed a pruning."""
        if self._retention is None or latest is None:
            return False
        before = latest - self._retention
        step = self._retention // _PRUNINGS_PER_RETENTION
        if self._pruned_before is not None and before - self._pruned_before <= step:
            return False
        if max(self._storage.prune(before, limit)) == limit:
            return False
        self._pruned_before = before
        return True


def load_features(headlines: list[WindowHeadline], settings: Settings) -> HeadlineFeatures:
    """Compute the features of stored headlines, in order of row."""
    schema = {"row": pl.Int64(), "published": pl.Int64(), "outlet": pl.String(), "fuzzy_key": pl.String()}
    keys = pl.DataFrame(headlines, schema=schema | {"recurs": pl.Int32()}, orient="row")
    standing = is_standing(keys["fuzzy_key"]) | (keys["recurs"] >= RECURRENT)
    published = pl.col("published").cast(pl.Datetime("us")).cast(TIME)
    features = headline_features(keys.with_columns(published, standing=standing), settings)
    features.row[:] = keys["row"].to_numpy()
    return features
