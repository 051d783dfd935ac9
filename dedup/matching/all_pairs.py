"""All pairs within the window by brute force: the oracle that measures what blocking misses.

rapidfuzz compares each headline with all earlier ones within its window, block by block. Pairs whose token-sort
similarity is under the floor are left to blocking: two headlines of one event that share so few letters are found by
their words or not at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.core.hashing import true_at
from dedup.core.time_windows import NO_TIME
from dedup.matching.blocking.candidates import Candidates, concat_candidates
from dedup.matching.evidence.similarity import similar_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.matching.features import HeadlineFeatures

FLOOR = 0.5
"""Token-sort similarity from which a pair is added."""

_BLOCK = 512  # later headlines compared at a time


def add_all_pairs(features: HeadlineFeatures, candidates: Candidates, *, window: int, since: int) -> Candidates:
    """Add all other pairs within the window that reach the floor, with bucket size 0.

    Args:
        features: of n headlines.
        candidates: pairs of its rows.
        window: microseconds.
        since: only pairs whose later headline is at this row or after.
    """
    blocks = [_similar_in_block(features, first, window) for first in range(since, len(features), _BLOCK)]
    no_rows = np.empty(0, np.int64)
    left, right = (np.concatenate([no_rows, *(block[side] for block in blocks)]) for side in (0, 1))
    similar = Candidates(left.astype(np.int32), right.astype(np.int32), np.zeros(len(left), np.int32), 0)
    count = len(features)
    new = true_at(~np.isin(similar.codes(count), candidates.codes(count)))
    both = concat_candidates([candidates, similar.take(new)])
    return both.take(np.lexsort((both.left, both.right)))


def _similar_in_block(
    features: HeadlineFeatures, first: int, window: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs whose later headline is one of a block of rows that starts at ``first``."""
    time, has_words = features.time, features.words.length > 0
    right = np.arange(first, min(first + _BLOCK, len(features)))
    right = right[has_words[right]]
    earliest = np.searchsorted(time, time[first] - window) if time[first] != NO_TIME else 0
    undated = np.searchsorted(time, NO_TIME, side="right")
    left = np.concatenate([np.arange(min(undated, earliest)), np.arange(earliest, min(first + _BLOCK, len(features)))])
    left = left[has_words[left]]
    rows, columns = similar_keys(features.key[right], features.key[left], floor=FLOOR)
    right, left = right[rows], left[columns]
    timed = (time[left] != NO_TIME) & (time[right] != NO_TIME)
    near = ~timed | (np.where(timed, time[right] - time[left], 0) <= window)
    kept = (left < right) & near
    return left[kept], right[kept]
