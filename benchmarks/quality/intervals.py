"""Bootstrap intervals by day, and the calibration error.

News comes in days: the pairs of one event, one template, one outlet's bad day stand or fall together. Resampling pairs
would take them for independent and give intervals that are too narrow, so whole days are drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Figures = dict[str, float]

LEVEL = 0.95
"""Of the intervals."""

_BINS = 10


def by_day(
    days: NDArray[np.int64],
    dup: NDArray[np.bool_],
    figures: Callable[[NDArray[np.int64], NDArray[np.int64]], Figures],
    *,
    repeats: int,
    seed: int = 1,
) -> dict[str, tuple[float, float]]:
    """The interval of each figure over resampled days.

    Args:
        days: a number for the day of each pair, shape (p,).
        dup: which pairs are positive; a draw without any is drawn again, since recall has no meaning in it.
        figures: from the pairs drawn (their places) and how often each was drawn to the figures.
        repeats: resamples.
        seed: of the draws; the same for every method, so that their intervals are of the same days.
    """
    _, number = np.unique(days, return_inverse=True)
    count = int(number.max(initial=-1)) + 1
    if not dup.any():
        return {}
    random, drawn = np.random.default_rng(seed), []
    while len(drawn) < repeats:
        times = np.bincount(random.integers(count, size=count), minlength=count)[number]
        places = np.flatnonzero(times)
        if dup[places].any():
            drawn.append(figures(places, times[places]))
    tail = 50 * (1 - LEVEL)
    names = drawn[0] if drawn else {}
    found = {name: np.percentile([one[name] for one in drawn], [tail, 100 - tail]) for name in names}
    return {name: (float(low), float(high)) for name, (low, high) in found.items()}


def calibration_error(scores: NDArray[np.float64], dup: NDArray[np.bool_], weights: NDArray[np.float64]) -> float:
    """Expected calibration error: how far the mean score is from the share of positives, over ten equal bins of score.

    Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", 2017; weighted here, since a labelled
    pair stands for many.
    """
    place = np.minimum((scores * _BINS).astype(np.int64), _BINS - 1)
    gap = np.bincount(place, weights * (scores - dup), minlength=_BINS)
    return float(np.abs(gap).sum() / weights.sum())
