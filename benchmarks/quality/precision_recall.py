"""Weighted precision and recall of scores and of matches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def steps(
    scores: NDArray[np.float64], dup: NDArray[np.bool_], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return threshold, precision and recall at each distinct score above 0, the highest first.

    Args:
        scores: shape (p,).
        dup: whether each pair is positive, shape (p,).
        weights: number of pairs that each pair stands for, shape (p,).
    """
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last = np.flatnonzero(np.diff(ranked, append=-1.0) != 0)
    last = last[ranked[last] > 0]
    hits, retrieved = np.cumsum((weights * dup)[order])[last], np.cumsum(weights[order])[last]
    return ranked[last], hits / retrieved, hits / (weights * dup).sum()


def curve(scores: NDArray[np.float64], dup: NDArray[np.bool_], weights: NDArray[np.float64]) -> dict[str, float]:
    """Return average precision (``ap``) and the best recall at precision 0.90 and 0.95 (``r_at_p90``, ``r_at_p95``)."""
    _, precision, recall = steps(scores, dup, weights)
    figures = {"ap": float((np.diff(recall, prepend=0.0) * precision).sum())}
    for floor in (90, 95):
        figures[f"r_at_p{floor}"] = float(recall[precision >= floor / 100].max(initial=0.0))
    return figures


def matched(is_match: NDArray[np.bool_], dup: NDArray[np.bool_], weights: NDArray[np.float64]) -> dict[str, float]:
    """Return precision (0 if nothing matches) and recall of matches."""
    hits = float((weights * (is_match & dup)).sum())
    total = float((weights * is_match).sum())
    return {"precision": hits / total if total else 0.0, "recall": hits / float((weights * dup).sum())}
