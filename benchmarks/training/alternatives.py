"""Compare other models for the score: ``python -m benchmarks alternatives --data DIR``.

Fits each model to the same timed pairs, one corpus held out at a time, and prints its average precision on the held-out
corpus.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import lightgbm
import polars as pl

from benchmarks.data import corpora
from benchmarks.training import additive
from benchmarks.training.train import (
    INTERACTIONS,
    LABELS,
    ROUNDS,
    Calibrated,
    directions,
    gather,
    judge,
    matrix,
    soften,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Trees:
    """Boosted trees with up to 31 leaves, with the interface of an additive model."""

    booster: lightgbm.Booster

    def logits(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the log-odds of each row, shape (n,)."""
        return self.booster.predict(features, raw_score=True)


def trees(pairs: pl.DataFrame, names: Sequence[str]) -> Trees:
    """Fit unrestricted trees; a quarter of the rounds overfits least on these corpora."""
    parameters = additive.PARAMETERS | {"num_leaves": 31, "monotone_constraints": directions(names)}
    data = lightgbm.Dataset(matrix(pairs, names), pairs["soft"].to_numpy(), weight=pairs["share"].to_numpy())
    return Trees(lightgbm.train(parameters, data, ROUNDS // 4))


def tables(pairs: pl.DataFrame, names: Sequence[str], interactions: int | None) -> additive.Additive:
    """Fit the additive model with the given number of two-feature tables (None: no limit)."""
    return additive.fit(
        matrix(pairs, names), pairs["soft"].to_numpy(), pairs["share"].to_numpy(),
        rounds=ROUNDS, directions=directions(names), interactions=interactions,
    )  # fmt: skip


def body_labels(pairs: pl.DataFrame) -> pl.DataFrame:
    """Label pairs by article agreement alone; pairs absent from silver are negatives, uncertain ones are dropped."""
    sure = pairs.filter((pl.col("positive") | pl.col("negative")).fill_null(value=True))
    return sure.with_columns(soft=pl.col("positive").fill_null(value=False).cast(pl.Float64))


def main() -> None:
    """Fit all models and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a data folder in the documented layout")
    args = parser.parse_args()
    corpora_names = corpora.names(args.data)
    pairs = gather(args.data, corpora_names)
    names = [name for name in pairs.columns if name not in LABELS]
    figures: dict[str, list[str]] = {}
    for name in corpora_names:
        known = soften(pairs.filter(pl.col("corpus") != name), names).filter(~pl.col("timeless"))
        models: dict[str, Callable[[], additive.Additive | Trees]] = {
            f"additive, {INTERACTIONS} tables of two": lambda known=known: tables(known, names, INTERACTIONS),
            "the same, silver labels unsoftened": lambda known=known: tables(body_labels(known), names, INTERACTIONS),
            "additive, every table of two": lambda known=known: tables(known, names, None),
            "additive, no table of two": lambda known=known: tables(known, names, 0),
            "trees of 31 leaves": lambda known=known: trees(known, names),
        }
        judging = pairs.filter(~pl.col("timeless"))
        for description, fit_model in models.items():
            ap = judge(Calibrated(names, fit_model(), 1.0, 0.0), args.data, name, judging, 0.5)["ap"]
            figures.setdefault(description, []).append(f"{ap:.3f}")
            print(f"{description}, judged on {name}: {ap:.3f}", flush=True)
    print(f"| model | {' | '.join(f'AP on {name}' for name in corpora_names)} |\n|---|{'---|' * len(corpora_names)}")
    for description, row in figures.items():
        print(f"| {description} | {' | '.join(row)} |")


if __name__ == "__main__":
    main()
