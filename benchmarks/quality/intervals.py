"""Bootstrap intervals by day, and the calibration error.

Pairs of one day are not independent: they share events, templates, and one outlet's mistakes. Resampling pairs would
give intervals that are too narrow, so whole days are resampled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Figures = dict[str, float]

LEVEL = 0.95
"""Confidence level of the intervals."""

_BINS = 10


def bootstrap_by_day(
    days: NDArray[np.int64],
    dup: NDArray[np.bool_],
    figures: Callable[[NDArray[np.int64], NDArray[np.int64]], Figures],
    *,
    repeats: int,
    seed: int = 1,
) -> dict[str, tuple[float, float]]:
    """Return the interval of each figure over resampled days.

    Args:
        days: day number of each pair, shape (p,).
        dup: whether each pair is positive, shape (p,). Resamples without positives are redrawn: no recall.
        figures: function of the rows drawn and the number of times each was drawn.
        repeats: number of resamples.
        seed: seed of the draws; the same for every method, so that all intervals are over the same days.
    """
    _, number = np.unique(days, return_inverse=True)
    count = int(number.max(initial=-1)) + 1
    if not dup.any():
        return {}
    random, drawn = np.random.default_rng(seed), []
    while len(drawn) < repeats:
        times = np.bincount(random.integers(count, size=count), minlength=count)[number]
        rows = np.flatnonzero(times)
        if dup[rows].any():
            drawn.append(figures(rows, times[rows]))
    tail = 50 * (1 - LEVEL)
    names = drawn[0] if drawn else {}
    edges = {name: np.percentile([draw[name] for draw in drawn], [tail, 100 - tail]) for name in names}
    return {name: (float(low), float(high)) for name, (low, high) in edges.items()}


def calibration_error(scores: NDArray[np.float64], dup: NDArray[np.bool_], weights: NDArray[np.float64]) -> float:
    """Return the expected calibration error: mean gap of score and share of positives, over ten equal bins of score.

    Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", 2017; weighted, since a labelled pair
    stands for many.
    """
    bin_of = np.minimum((scores * _BINS).astype(np.int64), _BINS - 1)
    gap = np.bincount(bin_of, weights * (scores - dup), minlength=_BINS)
    return float(np.abs(gap).sum() / weights.sum())
