"""Weighted measures of scores and matches against labels.

A labelled pair is drawn from many candidates and stands for ``weight`` of them, so each measure is a ratio of sums of
weights: an estimate for all candidates, not for the sample. All arrays have shape (n,), one element per labelled pair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Truth = NDArray[np.bool_]
    Numbers = NDArray[np.float64]

RESAMPLES, SEED, LEVEL = 500, 7, 0.95
"""Number of bootstrap resamples, their seed, and the confidence level of intervals."""

CALIBRATED_FROM = 0.1
"""Minimum score of the pairs in the calibration error: nearly all other pairs are negative and score about 0."""

_BINS = 10


def precision_recall(truth: Truth, score: Numbers, weight: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return threshold, precision and recall at every distinct score, the highest first.

    Examples:
        >>> truth, score = np.array([True, False, True]), np.array([0.9, 0.8, 0.2])
        >>> _, precision, recall = precision_recall(truth, score, np.ones(3))
        >>> precision.round(2).tolist(), recall.tolist()
        ([1.0, 0.5, 0.67], [0.5, 0.5, 1.0])
    """
    order = np.argsort(-score, kind="stable")
    truth, score, weight = truth[order], score[order], weight[order]
    last = np.append(np.flatnonzero(np.diff(score)), len(score) - 1) if len(score) else np.zeros(0, np.int64)
    hits, total = np.cumsum(weight * truth)[last], np.cumsum(weight)[last]
    return score[last], hits / np.maximum(total, 1e-12), hits / max(float((weight * truth).sum()), 1e-12)


def average_precision(truth: Truth, score: Numbers, weight: Numbers) -> float:
    """Return the average precision: the mean precision over recall, 0..1.

    Examples:
        >>> average_precision(np.array([True, False]), np.array([0.9, 0.2]), np.ones(2))
        1.0
    """
    _, precision, recall = precision_recall(truth, score, weight)
    return float((np.diff(recall, prepend=0.0) * precision).sum())


def recall_at_precision(truth: Truth, score: Numbers, weight: Numbers, precision: float) -> float:
    """Return the highest recall of any threshold with at least the given precision; 0 if there is none."""
    _, precisions, recalls = precision_recall(truth, score, weight)
    return float(recalls[precisions >= precision].max(initial=0.0))


def threshold_at_precision(truth: Truth, score: Numbers, weight: Numbers, precision: float) -> float | None:
    """Return the lowest score at which matches have at least the given precision; None if there is none.

    Examples:
        >>> threshold_at_precision(np.array([True, False, True]), np.array([0.9, 0.8, 0.2]), np.ones(3), 0.9)
        0.9
    """
    thresholds, precisions, _ = precision_recall(truth, score, weight)
    reached = np.flatnonzero(precisions >= precision)
    return float(thresholds[reached[-1]]) if len(reached) else None


def weighted_share(subset: Truth, base: Truth, weight: Numbers) -> float:
    """Return the weight of ``subset`` within ``base``, divided by the weight of ``base``; nan if that is 0.

    Precision is ``weighted_share(truth, is_match, weight)``, recall ``weighted_share(is_match, truth, weight)``.

    Examples:
        >>> weighted_share(np.array([True, False]), np.array([True, True]), np.array([3.0, 1.0]))
        0.75
    """
    total = float(weight[base].sum())
    return float(weight[base & subset].sum()) / total if total else float("nan")


def calibration_error(truth: Truth, score: Numbers, weight: Numbers) -> float:
    """Return the expected calibration error over pairs that score ``CALIBRATED_FROM`` or more; nan if there are none.

    The mean gap between score and share of positives over ten bins of equal width (Guo, Pleiss, Sun, Weinberger, "On
    calibration of modern neural networks", 2017).
    """
    scored = score >= CALIBRATED_FROM
    if not scored.any():
        return float("nan")
    truth, score, weight = truth[scored], score[scored], weight[scored]
    bins = np.minimum((score * _BINS).astype(np.int64), _BINS - 1)
    gaps = np.bincount(bins, weight * (truth - score), minlength=_BINS)
    return float(np.abs(gaps).sum() / weight.sum())


def calibration_by_chance(score: Numbers, weight: Numbers, *, draws: int = RESAMPLES, seed: int = SEED) -> float:
    """Return the mean calibration error that scores would have if they were calibrated; nan if none is high enough.

    Bins of few pairs, or of a few that stand for most, are off by chance. An error near this one shows nothing.

    Args:
        score: of the pairs, shape (n,).
        weight: of the pairs.
        draws: number of times that truth is drawn from the scores.
        seed: seed of the draws.
    """
    drawn = np.random.default_rng(seed).random((draws, len(score))) < score
    return float(np.mean([calibration_error(truth, score, weight) for truth in drawn]))


def interval(
    figure: Callable[..., float], *columns: NDArray[np.generic], resamples: int = RESAMPLES, seed: int = SEED
) -> tuple[float, float]:
    """Return the bootstrap interval (95 %) of a figure of the given columns.

    Rows are resampled as if independent. Pairs of one event are not, so the interval is a little too narrow.

    Args:
        figure: function of the resampled columns; nan where undefined.
        *columns: arrays of shape (n,).
        resamples: number of resamples.
        seed: seed of the draws; equal seeds draw the same rows.

    Returns:
        Lower and upper end; nan without rows or if the figure is undefined in every resample.
    """
    count = len(columns[0])
    if not count:
        return float("nan"), float("nan")
    draws = np.random.default_rng(seed).integers(0, count, (resamples, count))
    values = np.array([figure(*(column[rows] for column in columns)) for rows in draws])
    values = values[~np.isnan(values)]
    if not len(values):
        return float("nan"), float("nan")
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)
