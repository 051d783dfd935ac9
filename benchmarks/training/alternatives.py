"""What else the score might have been: ``python -m benchmarks alternatives --data DIR``.

Fits each alternative to the same pairs with times, without the country that judges, and prints its average precision on
that country's gold pairs.
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
    softened,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Trees:
    """Boosted trees of up to 31 leaves, in the shape of an additive model."""

    booster: lightgbm.Booster

    def logits(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Log-odds of each row."""
        return self.booster.predict(features, raw_score=True)


def trees(pairs: pl.DataFrame, names: Sequence[str]) -> Trees:
    """Trees without the limit to two pieces of evidence, as many as overfit the least on these corpora."""
    parameters = additive.PARAMETERS | {"num_leaves": 31, "monotone_constraints": directions(names)}
    data = lightgbm.Dataset(matrix(pairs, names), pairs["soft"].to_numpy(), weight=pairs["share"].to_numpy())
    return Trees(lightgbm.train(parameters, data, ROUNDS // 4))


def tables(pairs: pl.DataFrame, names: Sequence[str], interactions: int | None) -> additive.Additive:
    """The additive model, with so many tables of two."""
    return additive.fit(
        matrix(pairs, names), pairs["soft"].to_numpy(), pairs["share"].to_numpy(),
        rounds=ROUNDS, directions=directions(names), pairs=interactions,
    )  # fmt: skip


def bare(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs that silver is sure of, labelled by their bodies alone; what silver does not list is a negative."""
    sure = pairs.filter((pl.col("positive") | pl.col("negative")).fill_null(value=True))
    return sure.with_columns(soft=pl.col("positive").fill_null(value=False).cast(pl.Float64))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a data folder in the documented layout")
    args = parser.parse_args()
    found = corpora.names(args.data)
    pairs = gather(args.data, found)
    names = [name for name in pairs.columns if name not in LABELS]
    figures: dict[str, list[str]] = {}
    for name in found:
        known = softened(pairs.filter(pl.col("corpus") != name), names).filter(~pl.col("timeless"))
        models: dict[str, Callable[[], additive.Additive | Trees]] = {
            f"additive, {INTERACTIONS} tables of two": lambda known=known: tables(known, names, INTERACTIONS),
            "the same, bare silver labels": lambda known=known: tables(bare(known), names, INTERACTIONS),
            "additive, every table of two": lambda known=known: tables(known, names, None),
            "additive, no table of two": lambda known=known: tables(known, names, 0),
            "trees of 31 leaves": lambda known=known: trees(known, names),
        }
        judging = pairs.filter(~pl.col("timeless"))
        for told, fitted in models.items():
            ap = judge(Calibrated(names, fitted(), 1.0, 0.0), args.data, name, judging, 0.5)["ap"]
            figures.setdefault(told, []).append(f"{ap:.3f}")
            print(f"{told}, judged on {name}: {ap:.3f}", flush=True)
    print(f"| model | {' | '.join(f'AP on {name}' for name in found)} |\n|---|{'---|' * len(found)}")
    for told, row in figures.items():
        print(f"| {told} | {' | '.join(row)} |")


if __name__ == "__main__":
    main()
