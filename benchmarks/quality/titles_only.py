"""Measure accuracy on titles alone, without times, outlets and neighbours: ``python -m benchmarks titles --data DIR``.

Each labelled pair is scored as ``dedup explain`` scores two titles, and by the usual similarities. Prints average
precision and recall at precision 0.90 as a Markdown table for each corpus. Dedup must not be worse than the best
similarity.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from benchmarks.data import corpora
from benchmarks.quality.precision_recall import curve
from benchmarks.quality.recipes import RECIPES, folded
from benchmarks.quality.stance import score_titles

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray


def labelled_titles(data: Path, name: str) -> pl.DataFrame:
    """Return the labelled pairs of a corpus: titles ``s1``, ``s2``; ``is_same_news``, ``weight``."""
    titles = corpora.headlines(data, name).select("headline_id", "title")
    labels = corpora.labels(data, name)
    for side, text in (("id_a", "s1"), ("id_b", "s2")):
        labels = labels.join(titles.rename({"headline_id": side, "title": text}), on=side)
    return labels.select("s1", "s2", "weight", is_same_news=pl.col("label") == "dup")


def scores_by_method(pairs: pl.DataFrame) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield the name of every method and its score of each pair, shape (p,)."""
    yield "dedup", score_titles(pairs).astype(float)
    titles = folded(pl.concat([pairs["s1"], pairs["s2"]]))
    left = np.arange(len(pairs))
    for recipe in RECIPES:
        scores = recipe.scores(titles, left, left + len(pairs))
        if scores is not None:
            yield recipe.name, scores.astype(float)


def main() -> None:
    """Score and print a table for each corpus."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpora.add_data(parser)
    args = parser.parse_args()
    for name in corpora.labelled_names(args.data):
        pairs = labelled_titles(args.data, name)
        print(f"\n{name}: {len(pairs):,} pairs of titles\n\n| score | AP | recall at precision 0.90 |\n|---|---|---|")
        for method, scores in scores_by_method(pairs):
            figures = curve(scores, pairs["is_same_news"].to_numpy(), pairs["weight"].to_numpy())
            print(f"| {method} | {figures['ap']:.3f} | {figures['r_at_p90']:.3f} |", flush=True)


if __name__ == "__main__":
    main()
