"""Charts as SVG: stacked bars, scatter plots and growth curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def stacked_bars(bars: Mapping[str, Mapping[str, float]], path: Path, *, unit: str) -> None:
    """Draw one horizontal bar per name, divided into its parts."""
    colours = mpl.colormaps["tab20"]
    parts = list(dict.fromkeys(part for of_bar in bars.values() for part in of_bar))
    figure = Figure(figsize=(9, 1.2 + 0.5 * len(bars)), layout="constrained")
    axes = figure.subplots()
    for index, part in enumerate(parts):
        before = [sum(list(bar.values())[: list(bar).index(part)]) if part in bar else 0 for bar in bars.values()]
        lengths = [bar.get(part, 0) for bar in bars.values()]
        axes.barh(list(bars), lengths, left=before, color=colours(index % 20), label=part)
    axes.invert_yaxis()
    axes.set(xlabel=unit)
    axes.legend(loc="best", fontsize=7, frameon=False)
    save(figure, path)


def scatter(points: Mapping[str, tuple[float, float]], path: Path, *, x: str, y: str) -> None:
    """Draw named points on a logarithmic x axis, the first emphasized."""
    figure = Figure(figsize=(7, 4.4), layout="constrained")
    axes = figure.subplots()
    for index, (name, (across, up)) in enumerate(points.items()):
        axes.scatter(across, up, s=60 if index == 0 else 25, color="tab:red" if index == 0 else "tab:blue")
        axes.annotate(name, (across, up), xytext=(5, 4), textcoords="offset points", fontsize=8)
    axes.set(xscale="log", xlabel=x, ylabel=y, ylim=(0, 1.02))
    axes.margins(x=0.3)
    axes.grid(visible=True, linewidth=0.3)
    save(figure, path)


def growth(panels: Mapping[str, Mapping[str, Sequence[tuple[float, float]]]], path: Path, *, x: str) -> None:
    """Draw one panel per quantity with a line per series, both axes logarithmic."""
    figure = Figure(figsize=(5.2 * len(panels), 4.2), layout="constrained")
    for axes, (quantity, lines) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
        for name, points in lines.items():
            across, up = zip(*sorted(points), strict=True)
            axes.plot(across, up, marker="o", label=name)
        axes.set(xscale="log", yscale="log", xlabel=x, ylabel=quantity)
        axes.grid(visible=True, which="both", linewidth=0.3)
        axes.legend(fontsize=8, frameon=False)
    save(figure, path)


def save(figure: Figure, path: Path) -> None:
    """Write a figure as SVG, the same bytes for the same figure."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Text stays text, and ids depend on the content only.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "dedup"}):
        figure.savefig(path, format="svg", metadata={"Date": None})
