"""What the neighbourhood says: is each the other's best match so far, and how many others did they meet?

A pair that is the closest of all that either headline has met is more likely the same news than an equally similar
pair inside a crowd of look-alikes (a series, a template, a running story). Both counts look back only: they are taken
at the moment when the pair's later headline arrives, so that batches, slices and streams see the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.matching.blocking import Candidates
    from dedup.matching.board import Board
    from dedup.matching.overlap import Columns


def neighbourhood(board: Board, candidates: Candidates, overlap: NDArray[np.float32]) -> Columns:
    """Neighbourhood evidence of each candidate, in order of (right, left); brings ``met`` and ``closest`` up to date.

    Returns:
        ``best_left`` and ``best_right``: the pair's overlap as a share of the largest that its earlier (later) headline
        has met so far; ``met``: log of one plus how many candidates the two have met.
    """
    left, right = candidates.left, candidates.right
    # Each pair is an event for both its headlines. Pairs are in order of their later headline, so events are in time.
    closest, met = _so_far(np.stack([left, right], axis=1).ravel(), np.repeat(overlap, 2))
    closest, met = closest.reshape(-1, 2), met.reshape(-1, 2)
    of_left = np.maximum(closest[:, 0], board.closest[left])
    known = board.met[left] + met[:, 0]
    # A later headline has met nobody before it arrives, unless the earlier one came late.
    ends = np.flatnonzero(np.diff(right, append=-1))
    starts = np.diff(ends, prepend=-1)
    of_right = np.maximum(np.repeat(closest[ends, 1], starts), board.closest[right])
    arrived = np.repeat(met[ends, 1], starts) + board.met[right]
    np.maximum.at(board.closest, left, overlap)
    np.maximum.at(board.closest, right, overlap)
    board.met[:] += np.bincount(left, minlength=len(board)) + np.bincount(right, minlength=len(board))
    return {
        "best_left": _of_best(overlap, of_left),
        "best_right": _of_best(overlap, of_right),
        "met": np.log1p(known + arrived).astype(np.float32),
    }


def _so_far(row: NDArray[np.int64], overlap: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """For each event, the largest overlap of its headline up to it, and how many events its headline has had."""
    order = np.argsort(row, kind="stable")
    # Floats that are not negative are in the order of their bits: row and overlap are one integer, and one running
    # maximum over all of them is one over each headline.
    bits = overlap[order].view(np.uint32).astype(np.uint64)
    highest = np.maximum.accumulate((row[order].astype(np.uint64) << np.uint64(32)) | bits)
    begins = np.diff(row[order], prepend=-1) != 0
    place = np.arange(len(row))
    closest, met = np.empty(len(row), np.float32), np.empty(len(row), np.int64)
    closest[order] = (highest & np.uint64(0xFFFFFFFF)).astype(np.uint32).view(np.float32)
    met[order] = place - np.maximum.accumulate(np.where(begins, place, 0)) + 1
    return closest, met


def _of_best(overlap: NDArray[np.float32], best: NDArray[np.float32]) -> NDArray[np.float32]:
    """The overlap as a share of the best; 1 where nothing at all is shared."""
    return np.divide(overlap, best, out=np.ones(len(overlap), np.float32), where=best > 0)
