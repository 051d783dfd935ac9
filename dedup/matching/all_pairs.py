"""Every pair within the window by brute force: the oracle that tells what blocking misses.

rapidfuzz compares each headline with all earlier ones of its window, in blocks. Pairs whose token-sort similarity is
under the floor are left to blocking: two headlines of one event that share so few letters are found by their words or
not at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.core.hashing import true_at
from dedup.core.time_windows import NO_TIME
from dedup.matching.blocking.candidates import Candidates, gathered
from dedup.matching.evidence.similarity import similar_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.matching.features import HeadlineFeatures

FLOOR = 0.5
"""Token-sort similarity from which a pair is compared."""

_ROWS = 512


def all_pairs(board: HeadlineFeatures, candidates: Candidates, *, window: int, since: int) -> Candidates:
    """Add every other pair within the window (microseconds) that reaches the floor, with bucket size 0."""
    found = [_block(board, first, window) for first in range(since, len(board), _ROWS)]
    none = np.empty(0, np.int64)
    left, right = (np.concatenate([none, *(part[side] for part in found)]) for side in (0, 1))
    count = len(board)
    near = Candidates(left.astype(np.int32), right.astype(np.int32), np.zeros(len(left), np.int32), 0)
    new = true_at(~np.isin(near.codes(count), candidates.codes(count)))
    both = gathered([candidates, near.take(new)])
    return both.take(np.lexsort((both.left, both.right)))


def _block(board: HeadlineFeatures, first: int, window: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs whose later headline is one of the block's rows."""
    right = np.arange(first, min(first + _ROWS, len(board)))
    right = right[board.words.length[right] > 0]
    earliest = np.searchsorted(board.time, board.time[first] - window) if board.time[first] != NO_TIME else 0
    undated = np.searchsorted(board.time, NO_TIME, side="right")
    left = np.concatenate([np.arange(min(undated, earliest)), np.arange(earliest, min(first + _ROWS, len(board)))])
    left = left[board.words.length[left] > 0]
    rows, columns = similar_keys(board.key[right], board.key[left], floor=FLOOR)
    right, left = right[rows], left[columns]
    timed = (board.time[left] != NO_TIME) & (board.time[right] != NO_TIME)
    near = ~timed | (np.where(timed, board.time[right] - board.time[left], 0) <= window)
    kept = (left < right) & near
    return left[kept], right[kept]
