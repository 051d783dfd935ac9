"""Slices of time: some headlines at a time, each with all earlier headlines that they can still match.

The features of a slice are appended to those of the headlines that the window still reaches; then all that the next
slice cannot reach is dropped. The candidates do not depend on the slices. Slices and their candidates are prefetched
while earlier ones are compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.core import time_windows
from dedup.core.parallel import prefetch
from dedup.matching.all_pairs import add_all_pairs
from dedup.matching.blocking.candidates import MAX_ROWS, concat_candidates, key_postings
from dedup.matching.blocking.join import Buckets
from dedup.matching.features import HeadlineFeatures, headline_features, words_to_count
from dedup.matching.word_information import counted_hours

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dedup.matching.blocking.candidates import Candidates
    from dedup.matching.timeline import Timeline
    from dedup.settings import Settings

SLICE = 25_000
"""Minimum number of headlines of a slice. Any number gives the same pairs; this one bounds memory."""

HALO_WINDOWS = 4
"""Windows before a headline on which the scores of its pairs depend: the first holds the headlines that it is paired
with, the second those that they are paired with, which their neighbour statistics count, the third the headlines that
count for the information of words in the second, and the fourth those whose keys ran before them."""


def halo_hours(window: float) -> int:
    """Return the number of hours before a headline on which the scores of its pairs depend, for a window in hours."""
    return HALO_WINDOWS * (counted_hours(window) + 1)  # words are counted in whole hours


@dataclass(frozen=True, slots=True)
class Span:
    """The rows of a timeline whose pairs are wanted, where it also holds the headlines before them.

    Attributes:
        counted_from: first row whose candidates are counted in the neighbour statistics.
        scored_from: first row whose candidates are scored.
        undated: candidate counts and largest overlaps of the headlines without a time when ``scored_from`` is reached,
            each of shape (u,); None where the timeline holds all headlines before.
    """

    counted_from: int = 0
    scored_from: int = 0
    undated: tuple[NDArray[np.int64], NDArray[np.float32]] | None = None


WHOLE = Span()
"""All rows of a timeline."""


def find_span(times: NDArray[np.int64], start: int, settings: Settings) -> Span:
    """Return the span of the headlines from a time on.

    Args:
        times: of a timeline that reaches ``halo_hours`` before ``start``.
        start: microseconds.
        settings: for the window.
    """
    window = int(settings.window * time_windows.MICROSECONDS_AN_HOUR)
    undated = int(np.searchsorted(times, time_windows.NO_TIME, side="right"))
    counted, scored = (max(undated, int(np.searchsorted(times, time))) for time in (start - window, start))
    return Span(counted, scored)


class Slice(NamedTuple):
    """A slice of headlines after the earlier ones that they can match.

    Attributes:
        first: row of its first headline in the timeline.
        features: of both; the earlier ones' neighbour statistics are not filled in yet.
        kept: rows of the earlier ones in the features of the previous slice.
        candidates: those whose later headline is in the slice.
        done: number of headlines of this and all earlier slices.
    """

    first: int
    features: HeadlineFeatures
    kept: NDArray[np.int64]
    candidates: Iterator[Candidates]
    done: int


def sliced_candidates(timeline: Timeline, settings: Settings, span: Span = WHOLE) -> Iterator[tuple[Slice, Candidates]]:
    """Yield the candidates of all slices from ``span.counted_from`` on, in order."""
    for part in prefetch(_slices(timeline, settings, span)):
        for candidates in part.candidates:
            yield part, candidates


def _slices(timeline: Timeline, settings: Settings, span: Span) -> Iterator[Slice]:
    """Yield all slices; none depends on the comparison of another, and one begins at ``span.scored_from``.

    A slice is at least as long as the earlier headlines that it can match: otherwise a long window, or many headlines
    without a time, would be copied again and again. It is shorter where both would be too many for one join.
    """
    features, done = _features_before(timeline, settings, span.counted_from), span.counted_from
    while True:
        undated, recent = _reachable(features.time, settings)
        kept = np.concatenate([np.arange(undated), np.arange(recent, len(features))])
        count = min(max(SLICE, len(kept)), max(MAX_ROWS - len(kept), SLICE))
        if done < span.scored_from:
            count = min(count, span.scored_from - done)
        new = timeline.slice(done, count)
        own = headline_features(new, settings, first_row=done)
        features = features.slice(0, undated).concat(features.slice(recent, len(features)), own)
        features = features.with_recent_words(settings, since=len(kept))
        first, done = done, done + len(new)
        yield Slice(first, features, kept, find_candidates(features, settings, since=len(kept)), done)
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


def _features_before(timeline: Timeline, settings: Settings, end: int) -> HeadlineFeatures:
    """Return the features of the headlines before a row that later ones can match.

    Of the headlines before those, only their words are needed, as counted for the information of words: in dense news,
    all features of a halo would be most of the memory of a task.
    """
    time = timeline.metadata["published"][:end].to_numpy().view(np.int64)
    undated, recent = _reachable(time, settings)
    features = headline_features(timeline.slice(recent, end - recent), settings, first_row=recent)
    starts = range(undated, max(recent, undated + 1), SLICE)
    first, *others = (words_to_count(timeline.slice(start, min(SLICE, recent - start))) for start in starts)
    features = features.with_recent_words(settings, earlier=first.concat(*others))
    return headline_features(timeline.slice(0, undated), settings).concat(features)


def _reachable(time: NDArray[np.int64], settings: Settings) -> tuple[int, int]:
    """Return the rows that matter to later headlines: those before the first number, and from the second on.

    The first have no time, the others are within the window of the latest time. The words of later headlines are
    counted in whole hours (``word_information``), which reach a little further back.

    Args:
        time: of n headlines, in order, ``time_windows.NO_TIME`` where unknown, shape (n,).
        settings: for the window.
    """
    window = counted_hours(settings.window) * time_windows.MICROSECONDS_AN_HOUR
    undated = int(np.searchsorted(time, time_windows.NO_TIME, side="right"))
    latest = time[-1] if len(time) > undated else time_windows.NO_TIME + window
    hour = latest // time_windows.MICROSECONDS_AN_HOUR * time_windows.MICROSECONDS_AN_HOUR
    return undated, max(undated, int(np.searchsorted(time, hour - window)))
