"""Slices of time: some headlines at a time, each with all earlier headlines that they can still match.

The features of a slice are appended to those of the headlines that the window still reaches; then all that the next
slice cannot reach is dropped. The candidates do not depend on the slices. Slices and their candidates are prefetched
while earlier ones are compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.core import time_windows
from dedup.core.parallel import prefetch
from dedup.matching.all_pairs import add_all_pairs
from dedup.matching.blocking.candidates import concat_candidates, key_postings
from dedup.matching.blocking.join import Buckets
from dedup.matching.features import HeadlineFeatures, headline_features

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dedup.matching.blocking.candidates import Candidates
    from dedup.matching.timeline import Timeline
    from dedup.settings import Settings

SLICE = 25_000
"""Minimum number of headlines of a slice. Any number gives the same pairs; this one bounds memory."""


class Slice(NamedTuple):
    """A slice of headlines after the earlier ones that they can match.

    Attributes:
        features: of both; the earlier ones' neighbour statistics are not filled in yet.
        kept: rows of the earlier ones in the features of the previous slice.
        candidates: those whose later headline is in the slice.
        done: number of headlines of this and all earlier slices.
    """

    features: HeadlineFeatures
    kept: NDArray[np.int64]
    candidates: Iterator[Candidates]
    done: int


def sliced_candidates(timeline: Timeline, settings: Settings) -> Iterator[tuple[Slice, Candidates]]:
    """Yield the candidates of all slices, in order."""
    for part in prefetch(_slices(timeline, settings)):
        for candidates in part.candidates:
            yield part, candidates


def _slices(timeline: Timeline, settings: Settings) -> Iterator[Slice]:
    """Yield all slices; none depends on the comparison of another.

    A slice is at least as long as the earlier headlines that it can match: otherwise a long window, or many headlines
    without a time, would be copied again and again.
    """
    features, done = headline_features(timeline.slice(0, 0), settings), 0
    while True:
        kept = _reachable(features, settings)
        new = timeline.slice(done, max(SLICE, len(kept)))
        features = features.take(kept).concat(headline_features(new, settings, first_row=done))
        done += len(new)
        yield Slice(features, kept, find_candidates(features, settings, since=len(kept)), done)
        if done == len(timeline):
            return


def find_candidates(features: HeadlineFeatures, settings: Settings, *, since: int = 0) -> Iterator[Candidates]:
    """Yield the candidates whose later headline is at row ``since`` or after, in order of that row.

    They come some million at a time; ``Settings.exact`` needs them all at once. The buckets are built by the call.
    """
    window = int(settings.window * time_windows.MICROSECONDS_AN_HOUR)
    entries = np.sort(key_postings(features.blocking_keys))
    buckets = Buckets.of(entries, features.time, window=window, limit=settings.bucket_limit, since=since)
    if settings.exact:
        candidates = concat_candidates(list(buckets.candidates()))
        return iter([add_all_pairs(features, candidates, window=window, since=since)])
    return buckets.candidates()


def _reachable(features: HeadlineFeatures, settings: Settings) -> NDArray[np.int64]:
    """Return the rows that later headlines can match: within the window of the latest time, or without a time."""
    window = int(settings.window * time_windows.MICROSECONDS_AN_HOUR)
    undated = int(np.searchsorted(features.time, time_windows.NO_TIME, side="right"))
    latest = features.time[-1] if len(features) > undated else time_windows.NO_TIME + window
    recent = max(undated, int(np.searchsorted(features.time, latest - window)))
    return np.concatenate([np.arange(undated), np.arange(recent, len(features))])
