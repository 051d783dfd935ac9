"""The window cache: features of the headlines that a new one can still match, and its candidates among them.

Cached are the headlines of three windows before the latest time, and those without a time: the first window can match a
new headline, the second counts for the information of its words and is for late headlines, the third tells which of
those repeat a title. Their number depends on the window, not on the age of the index. For a batch, the cached headlines
that share a blocking key with it are combined with it in order of time; this small set goes through the same comparison
as the slices of a scan. The look-up only leaves out headlines that cannot become candidates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dedup.core import time_windows
from dedup.core.hashing import distinct, true_at
from dedup.errors import TooManyHeadlinesError
from dedup.index.postings import KeyPostings
from dedup.index.recent_words import RecentWords
from dedup.index.storage.protocol import STATS_DELTA
from dedup.matching.blocking.candidates import MAX_ROWS, ROW_BITS, key_postings
from dedup.matching.blocking.join import join_postings
from dedup.matching.blocking.shingles import code_points
from dedup.matching.features import HeadlineFeatures, blocking_keys
from dedup.matching.word_information import counted_hours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.matching.blocking.candidates import Candidates
    from dedup.settings import Settings

WINDOWS = 3
"""Windows that the cache reaches back from the latest time, each an hour longer: words are counted in whole hours."""

_MIN_CAPACITY = 4096
"""Minimum capacity of the cache, and minimum number of expired headlines before they are evicted."""

LATE_FRACTION = 1 / 100
"""A batch counts as late when over 1 % of the window's headlines were published after its earliest one. Below that,
recomputing candidate counts changes almost no score."""

_SWEEPS_PER_WINDOW = 16
"""How often per window the times of all cached headlines are compared to find expired ones."""


def reach(window: float) -> int:
    """Return the microseconds that the cache reaches back from the latest time, for a window in hours."""
    return WINDOWS * (counted_hours(window) + 1) * time_windows.MICROSECONDS_AN_HOUR


@dataclass(frozen=True, slots=True)
class CandidateSet:
    """A batch, the cached headlines that share a blocking key with it, and their candidate pairs.

    Attributes:
        features: both, in order of time, without blocking keys.
        is_query: True for headlines of the batch and for those being recomputed, shape (n,).
        candidates: pairs of rows of ``features``, at least one of them a query.
        earlier_counts: candidate counts before these candidates, shape (n,).
    """

    features: HeadlineFeatures
    is_query: NDArray[np.bool_]
    candidates: Candidates
    earlier_counts: NDArray[np.int64]

    def deltas(self) -> NDArray[np.void]:
        """Return how comparing the candidates changed the neighbour statistics, of dtype STATS_DELTA."""
        features = self.features
        changed = true_at(features.candidate_count > self.earlier_counts)
        counts = features.candidate_count[changed] - self.earlier_counts[changed]
        return _to_deltas(features.row[changed], counts, features.largest_overlap[changed])


class WindowCache:
    """Features of the headlines within reach, in order of row, in arrays with spare capacity."""

    def __init__(self, settings: Settings, empty: HeadlineFeatures) -> None:
        self._settings = settings
        self._window = int(settings.window * time_windows.MICROSECONDS_AN_HOUR)
        self._count, self._latest, self._swept_until = 0, time_windows.NO_TIME, time_windows.NO_TIME
        self._features = _without_keys(empty).grow(_MIN_CAPACITY)
        self._postings = KeyPostings()
        self._recent = RecentWords(settings.window)

    def __len__(self) -> int:
        return self._count

    def with_recent_words(self, batch: HeadlineFeatures) -> HeadlineFeatures:
        """Return new headlines with the information of their words corrected by cached ones."""
        batch = replace(batch, is_new=self._recent.are_new(batch))
        return replace(batch, information=self._recent.weigh(batch, batch))

    def find_candidates(self, batch: HeadlineFeatures) -> CandidateSet:
        """Return the candidates of a batch in order of time.

        Raises:
            TooManyHeadlinesError: the window and the batch are more headlines than one join takes.
        """
        if self._count + len(batch) > MAX_ROWS:
            raise TooManyHeadlinesError(self._count + len(batch), MAX_ROWS)
        return self._find(batch, np.empty(0, np.int64))

    def find_candidates_again(self, batch: HeadlineFeatures, deltas: NDArray[np.void]) -> CandidateSet:
        """Return the candidates of a late batch and, recomputed, of the cached headlines that it affects.

        The statistics of those headlines include candidates published after the batch, and their pairs were compared
        without it. Computing all their candidates again gives them the neighbourhood that a scan would see.

        Args:
            batch: the late batch.
            deltas: the deltas of its own candidates.
        """
        rows = self._features.row[: self._count]
        found = self._find(batch, rows.searchsorted(deltas["row"][deltas["row"] < batch.row[0]]))
        features = found.features
        features.candidate_count[:], features.largest_overlap[:] = 0, 0
        # The words of headlines published after the batch are weighed again, with the batch counted.
        dated = batch.time[batch.time != time_windows.NO_TIME]
        later = true_at((features.time > dated.min()) & ~np.isin(features.row, batch.row))
        features.information[later] = self._recent.weigh(features.take(later), batch)
        return found

    def is_late(self, batch: HeadlineFeatures) -> bool:
        """Return whether over ``LATE_FRACTION`` of the window was published after the batch's earliest headline."""
        dated = batch.time[batch.time != time_windows.NO_TIME]
        if not len(dated) or dated[0] >= self._latest:  # most batches
            return False
        return bool((self._features.time[: self._count] > dated[0]).sum() > int(self._count * LATE_FRACTION))

    def add(self, batch: HeadlineFeatures, deltas: NDArray[np.void], latest: int | None) -> None:
        """Append a batch, apply the deltas of its candidates, and evict expired headlines.

        Args:
            batch: features whose rows follow the cached ones.
            deltas: dtype STATS_DELTA, shape (d,).
            latest: the latest time known, microseconds.
        """
        self._append(batch)
        self.apply(deltas)
        if latest is not None:
            self._evict(latest - reach(self._settings.window))

    def apply(self, deltas: NDArray[np.void]) -> None:
        """Apply deltas of other processes; those of evicted headlines are ignored."""
        rows = self._features.row[: self._count]
        index = rows.searchsorted(deltas["row"])
        is_cached = index < self._count
        is_cached[is_cached] = rows[index[is_cached]] == deltas["row"][is_cached]
        index, deltas = index[is_cached], deltas[is_cached]
        np.add.at(self._features.candidate_count, index, deltas["candidate_count"])
        np.maximum.at(self._features.largest_overlap, index, deltas["largest_overlap"])

    def snapshot(self) -> NDArray[np.void]:
        """Return the sum of all deltas so far, of dtype STATS_DELTA."""
        features = self._features
        rows = true_at(features.candidate_count[: self._count])
        return _to_deltas(features.row[rows], features.candidate_count[rows], features.largest_overlap[rows])

    def _find(self, batch: HeadlineFeatures, recomputed: NDArray[np.int64]) -> CandidateSet:
        """Return the candidates of a batch and of the cached headlines at these indices."""
        batch_postings = query_postings = key_postings(batch.blocking_keys)
        times = batch.time
        if len(recomputed):
            cached = self._features.take(recomputed)
            cached_keys = blocking_keys(cached.words, *code_points(cached.key.tolist()), self._settings)
            query_postings = np.concatenate([batch_postings, key_postings(cached_keys)])
            times = np.concatenate([times, cached.time])
        postings = self._postings.find(distinct(query_postings & ~ROW_BITS))
        posting_index = (postings & ROW_BITS).astype(np.int64)
        nearby = self._within_window(distinct(posting_index), times)
        self._write(batch)
        rows = np.concatenate([nearby, np.arange(self._count, self._count + len(batch))])
        time = self._features.time[rows]
        order = rank = np.arange(len(rows))
        if (time[1:] < time[:-1]).any():  # few batches are out of order
            order, rank = time.argsort(kind="stable"), np.empty(len(rows), np.int64)
            rank[order] = np.arange(len(rows))
        features = self._features.take(rows[order])
        # Postings of cached headlines outside the window have no rank.
        slot = nearby.searchsorted(posting_index)
        rows = true_at(nearby.take(slot, mode="clip") == posting_index) if len(nearby) else nearby
        ranked = [
            (postings[rows] & ~ROW_BITS) | rank[slot[rows]].astype(np.uint64),
            (batch_postings & ~ROW_BITS)
            | rank[len(nearby) + (batch_postings & ROW_BITS).astype(np.int64)].astype(np.uint64),
        ]
        is_query = order >= len(nearby)
        if len(recomputed):
            is_query[rank[nearby.searchsorted(recomputed)]] = True
        candidates = join_postings(
            np.sort(np.concatenate(ranked)),
            features.time,
            window=self._window,
            limit=self._settings.bucket_limit,
            since=int(is_query.argmax()) if len(is_query) else 0,
        )
        kept = true_at(is_query[candidates.left] | is_query[candidates.right])
        if len(kept) < len(candidates.left):
            candidates = candidates.take(kept)
        return CandidateSet(features, is_query, candidates, features.candidate_count.copy())

    def _within_window(self, rows: NDArray[np.int64], times: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows within the window of any of the times, or without a time."""
        time = self._features.time[rows]
        if not len(times) or times.min() == time_windows.NO_TIME:
            return rows
        is_near = (time >= times.min() - self._window) & (time <= times.max() + self._window)
        nearby: NDArray[np.int64] = rows[is_near | (time == time_windows.NO_TIME)]
        return nearby

    def _append(self, batch: HeadlineFeatures) -> None:
        self._postings.add(key_postings(batch.blocking_keys) + np.uint64(self._count))
        self._write(batch)
        self._recent.add(batch)
        self._count += len(batch)
        self._latest = max(self._latest, int(batch.time.max(initial=time_windows.NO_TIME)))

    def _write(self, batch: HeadlineFeatures) -> None:
        """Write a batch behind the cached headlines; it is cached only once it is counted."""
        count = self._count + len(batch)
        if count > len(self._features):
            self._features = self._features.grow(count + count // 2)
        self._features.write(self._count, _without_keys(batch))

    def _evict(self, earliest: int) -> None:
        """Remove headlines published before ``earliest`` if they are many."""
        if earliest - self._swept_until < self._window // _SWEEPS_PER_WINDOW:
            return
        self._swept_until = earliest
        self._recent.forget_before(earliest)
        time = self._features.time[: self._count]
        is_expired = (time < earliest) & (time != time_windows.NO_TIME)
        expired = int(np.count_nonzero(is_expired))
        if expired < _MIN_CAPACITY or expired < self._count // 4:
            return
        kept = true_at(~is_expired)
        self._postings.keep(kept, self._count)
        self._features = self._features.take(kept).grow(len(kept) + max(len(kept) // 2, _MIN_CAPACITY))
        self._count = len(kept)


def _to_deltas(rows: NDArray[np.int64], counts: NDArray[np.int64], overlaps: NDArray[np.float32]) -> NDArray[np.void]:
    deltas = np.empty(len(rows), STATS_DELTA)
    deltas["row"], deltas["candidate_count"], deltas["largest_overlap"] = rows, counts, overlaps
    return deltas


def _without_keys(features: HeadlineFeatures) -> HeadlineFeatures:
    """Return the features without blocking keys, which ``KeyPostings`` holds."""
    return replace(features, blocking_keys=features.blocking_keys[:, :0])
