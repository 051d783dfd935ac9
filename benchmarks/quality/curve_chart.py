"""Chart of precision against recall: one curve per method, one panel per corpus."""

from __future__ import annotations

import math
from itertools import cycle
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from benchmarks.quality.precision_recall import steps
from benchmarks.reporting.charts import save

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.artist import Artist
    from numpy.typing import NDArray

    Curve = tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]
    Panel = tuple[Mapping[str, Curve], Mapping[str, tuple[float, float]]]

_RECALL_STEP = 0.002
"""Resolution of recall: smaller steps would not be visible."""


def precision_recall(panels: Mapping[str, Panel], path: Path, *, emphasized: str) -> None:
    """Draw the chart and write it as SVG.

    Args:
        panels: by corpus, the curves by method (arrays of shape (p,): scores, whether each pair is positive, weights)
            and the single points by method (recall, precision).
        path: file to write.
        emphasized: method whose curve is drawn thicker.
    """
    colours = mpl.colormaps["tab10"]
    columns = math.ceil(math.sqrt(len(panels)))
    rows = math.ceil(len(panels) / columns)
    figure = Figure(figsize=(5.2 * columns, 4.6 * rows), layout="constrained")
    lines: dict[str, Artist] = {}
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid[len(panels) :]:
        axes.set_axis_off()
    for axes, (name, (curves, points)) in zip(grid, panels.items(), strict=False):
        for index, (method, (scores, dup, weights)) in enumerate(curves.items()):
            _, precision, recall = steps(scores, dup, weights)
            kept = np.flatnonzero(np.diff(np.floor(recall / _RECALL_STEP), prepend=-1) > 0)
            width = 2.4 if method == emphasized else 1.0
            axes.plot(recall[kept], precision[kept], color=colours(index % 10), linewidth=width, label=method)
        for (method, (recall, precision)), marker in zip(points.items(), cycle("os^Dv"), strict=False):
            axes.plot(recall, precision, marker, color=colours(0), label=method)
        axes.axhline(0.9, color="grey", linewidth=0.6, linestyle=":")
        axes.set(title=name, xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02))
        lines |= dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    figure.legend(lines.values(), lines.keys(), loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    save(figure, path)
