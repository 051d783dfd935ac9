"""What the neighbourhood says: is each the other's best match so far, and how many others did they meet?

A pair that is the closest of all that either headline has met is more likely the same news than an equally similar
pair inside a crowd of look-alikes (a series, a template, a running story). Both counts look back only: they are taken
at the moment when the pair's later headline arrives, so that batches, slices and streams see the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

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
    events = pl.DataFrame(
        {
            "row": np.stack([left, right], axis=1).ravel(),
            "overlap": np.repeat(overlap, 2),
        }
    ).with_columns(closest=pl.col("overlap").cum_max().over("row"), met=pl.int_range(1, pl.len() + 1).over("row"))
    closest, met = events["closest"].to_numpy().reshape(-1, 2), events["met"].to_numpy().reshape(-1, 2)
    so_far = np.maximum(closest[:, 0], board.closest[left])
    known = board.met[left] + met[:, 0]
    ends = np.flatnonzero(np.diff(right, append=-1))
    starts = np.diff(ends, prepend=-1)
    of_right = np.repeat(closest[ends, 1], starts)
    arrived = np.repeat(met[ends, 1], starts)
    np.maximum.at(board.closest, left, overlap)
    np.maximum.at(board.closest, right, overlap)
    board.met[:] += np.bincount(left, minlength=len(board)) + np.bincount(right, minlength=len(board))
    return {
        "best_left": _of_best(overlap, so_far),
        "best_right": _of_best(overlap, of_right),
        "met": np.log1p(known + arrived).astype(np.float32),
    }


def _of_best(overlap: NDArray[np.float32], best: NDArray[np.float32]) -> NDArray[np.float32]:
    """The overlap as a share of the best; 1 where nothing at all is shared."""
    return np.divide(overlap, best, out=np.ones(len(overlap), np.float32), where=best > 0)
