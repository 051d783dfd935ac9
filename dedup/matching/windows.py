"""Slices of time: the headlines to be compared, some at a time, each with all that it can still meet.

A slice of headlines is put on the board behind those that the window still reaches; then the board is cut to what the
next slice can reach. Whatever the slices, the candidates are the same. Slices, and the candidates of each, are made
ahead of what compares them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.core import time_windows
from dedup.core.parallel import prefetch
from dedup.matching import all_pairs
from dedup.matching.blocking import candidates
from dedup.matching.blocking.join import Buckets
from dedup.matching.features import HeadlineFeatures, headline_features

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dedup.matching.blocking.candidates import Candidates
    from dedup.matching.timeline import Ordered
    from dedup.settings import Settings

SLICE = 25_000
"""Headlines put on the board at a time, at least. Any number gives the same pairs; this one bounds memory."""


class Slice(NamedTuple):
    """A slice of headlines behind those that it can still meet.

    Attributes:
        board: both; what those before have met is not on it yet.
        held: rows of those on the board of the slice before.
        candidates: those whose later headline is in the slice.
        done: headlines of all slices so far.
    """

    board: HeadlineFeatures
    held: NDArray[np.int64]
    candidates: Iterator[Candidates]
    done: int


def proposals(ordered: Ordered, settings: Settings) -> Iterator[tuple[Slice, Candidates]]:
    """The candidates of all slices, in order."""
    for part in prefetch(_slices(ordered, settings)):
        for proposed in part.candidates:
            yield part, proposed


def _slices(ordered: Ordered, settings: Settings) -> Iterator[Slice]:
    """All slices; nothing about them depends on what has been compared.

    A slice is as long as what it can meet, so that a long window, or headlines without a time, are not put on a board
    again and again.
    """
    whole, done = headline_features(ordered.slice(0, 0), settings), 0
    while True:
        held = _reachable(whole, settings)
        coming = ordered.slice(done, max(SLICE, len(held)))
        whole = whole.take(held).concat(headline_features(coming, settings, first_row=done))
        done += len(coming)
        yield Slice(whole, held, propose(whole, settings, since=len(held)), done)
        if done == len(ordered):
            return


def propose(whole: HeadlineFeatures, settings: Settings, *, since: int = 0) -> Iterator[Candidates]:
    """The candidates of a board whose later headline is at place ``since`` or after, some million at a time.

    They come in order of the later headline; ``exact`` needs them all at once. The buckets are filled by the call.
    """
    window = int(settings.window * time_windows.MICROSECONDS_AN_HOUR)
    placed = np.sort(candidates.places(whole.blocking_keys))
    buckets = Buckets.of(placed, whole.time, window=window, limit=settings.bucket_limit, since=since)
    if settings.exact:
        found = candidates.gathered(list(buckets.candidates()))
        return iter([all_pairs.all_pairs(whole, found, window=window, since=since)])
    return buckets.candidates()


def _reachable(whole: HeadlineFeatures, settings: Settings) -> NDArray[np.int64]:
    """The rows that a later headline can still meet: within the window of the latest, or without a time."""
    window = int(settings.window * time_windows.MICROSECONDS_AN_HOUR)
    undated = int(np.searchsorted(whole.time, time_windows.NO_TIME, side="right"))
    latest = whole.time[-1] if len(whole) > undated else time_windows.NO_TIME + window
    recent = max(undated, int(np.searchsorted(whole.time, latest - window)))
    return np.concatenate([np.arange(undated), np.arange(recent, len(whole))])
