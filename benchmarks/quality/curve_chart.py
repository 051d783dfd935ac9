"""Chart of precision against recall: one curve per method, one panel per corpus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from benchmarks.quality.precision_recall import steps
from benchmarks.reporting.charts import save

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    Curve = tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]

_RECALL_STEP = 0.002
"""Resolution of recall: smaller steps would not be visible."""


def precision_recall(curves: Mapping[str, Mapping[str, Curve]], path: Path) -> None:
    """Draw the chart and write it as SVG.

    Args:
        curves: by corpus and method, arrays of shape (p,): scores, whether each pair is positive, weights.
        path: file to write.
    """
    panels = {name: methods for name, methods in curves.items() if methods}
    if not panels:
        return
    colours = mpl.colormaps["tab10"]
    figure = Figure(figsize=(5.2 * len(panels), 4.6), layout="constrained")
    for axes, (name, methods) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
        for index, (method, (scores, dup, weights)) in enumerate(methods.items()):
            _, precision, recall = steps(scores, dup, weights)
            kept = np.flatnonzero(np.diff(np.floor(recall / _RECALL_STEP), prepend=-1) > 0)
            width = 2.4 if method == "dedup" else 1.0
            axes.plot(recall[kept], precision[kept], color=colours(index % 10), linewidth=width, label=method)
        axes.axhline(0.9, color="grey", linewidth=0.6, linestyle=":")
        axes.set(title=name, xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0.3, 1.02))
        axes.legend(loc="lower left", fontsize=7, frameon=False)
    save(figure, path)
