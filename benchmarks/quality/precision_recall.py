"""Weighted precision and recall, as the judge of accuracy defines them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def steps(
    scores: NDArray[np.float64], dup: NDArray[np.bool_], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Threshold, precision and recall after each distinct score above 0, from the highest; ties are taken together."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last = np.flatnonzero(np.diff(ranked, append=-1.0) != 0)
    last = last[ranked[last] > 0]
    hits, found = np.cumsum((weights * dup)[order])[last], np.cumsum(weights[order])[last]
    return ranked[last], hits / found, hits / (weights * dup).sum()


def curve(scores: NDArray[np.float64], dup: NDArray[np.bool_], weights: NDArray[np.float64]) -> dict[str, float]:
    """Average precision, and the best recall at precision 0.90 and 0.95."""
    _, precision, recall = steps(scores, dup, weights)
    figures = {"ap": float((np.diff(recall, prepend=0.0) * precision).sum())}
    for floor in (90, 95):
        figures[f"r_at_p{floor}"] = float(recall[precision >= floor / 100].max(initial=0.0))
    return figures


def matched(found: NDArray[np.bool_], dup: NDArray[np.bool_], weights: NDArray[np.float64]) -> dict[str, float]:
    """Precision and recall of what is matched."""
    hits = float((weights * (found & dup)).sum())
    whole = float((weights * found).sum())
    return {"precision": hits / whole if whole else 0.0, "recall": hits / float((weights * dup).sum())}
