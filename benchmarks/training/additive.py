"""Additive models of one- and two-feature tables, fitted as boosted trees with at most two splits.

Each tree with at most two splits depends on at most two features, so the sum of all trees is a sum of tables: the
score of a pair is exactly the sum of its table values, which is how ``dedup explain`` can account for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import lightgbm
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

Key = tuple[int, ...]

PARAMETERS = {
    "objective": "cross_entropy",
    "num_leaves": 3,
    "learning_rate": 0.08,
    "min_data_in_leaf": 200,
    "max_bin": 255,
    "min_data_in_bin": 1,
    "lambda_l2": 5.0,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}


@dataclass(frozen=True)
class Additive:
    """Additive model over binned features.

    Attributes:
        base: log-odds of the average pair.
        edges: for each feature the upper bounds of its bins, ascending, without the last (infinite) one.
        tables: log-odds added by each bin of feature i, key ``(i,)``, or of features i < j, key ``(i, j)``.
    """

    base: float
    edges: list[NDArray[np.float32]]
    tables: dict[Key, NDArray[np.float64]]

    def logits(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the log-odds of each row of ``features``, shape (n,)."""
        bins = [np.searchsorted(edges, features[:, index]) for index, edges in enumerate(self.edges)]
        total = np.full(len(features), self.base)
        for key, values in self.tables.items():
            total += values[tuple(bins[index] for index in key)]
        return total


def bin_edges(features: NDArray[np.float32], count: int) -> list[NDArray[np.float32]]:
    """Return the upper bounds of the bins of each feature but the last, ascending: at most ``count`` bins.

    The most common value (0 for most evidence) has a bin of its own, the others have bins of equal size.

    Args:
        features: shape (n, k).
        count: number of bins.
    """
    edges = []
    for column in features.T:
        values, sizes = np.unique(column, return_counts=True)
        common = values[sizes.argmax()]
        rest = column[column != common]
        cuts = np.quantile(rest, np.linspace(0, 1, count - 1)[1:-1], method="lower") if len(rest) else rest
        below = values[values < common][-1:]
        bounds = np.unique(np.concatenate([cuts, [common], below])).astype(np.float32)
        edges.append(bounds[bounds < values[-1]] if len(values) > count else values[:-1])
    return edges


def bins_of(features: NDArray[np.float32], edges: Sequence[NDArray[np.float32]]) -> NDArray[np.int64]:
    """Return the bin of each value, shape (n, k)."""
    return np.stack([bounds.searchsorted(column) for bounds, column in zip(edges, features.T, strict=True)], axis=1)


def fit(
    features: NDArray[np.float32],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    edges: Sequence[NDArray[np.float32]],
    *,
    rounds: int,
    directions: list[int],
    interactions: int | None = None,
    offset: NDArray[np.float64] | None = None,
    seeds: int = 1,
    changes: Mapping[str, Any] = MappingProxyType({}),
) -> Additive:
    """Fit an additive model with at most ``interactions`` two-feature tables.

    Args:
        features: shape (n, k).
        labels: soft labels, 0..1, shape (n,).
        weights: shape (n,).
        edges: upper bounds of the bins of each feature but the last.
        rounds: number of trees.
        directions: monotonicity of each feature: 1 the score never falls as it grows, -1 never rises, 0 unconstrained.
        interactions: number of two-feature tables to keep: those whose values vary most in a first fit without limit.
            None keeps all.
        offset: log-odds to which the model is added, shape (n,); the model then corrects them.
        seeds: number of fits with different random subsets of rows and features, whose mean is returned.
        changes: parameters of LightGBM that differ from ``PARAMETERS``.
    """
    binned = bins_of(features, edges)
    parameters: dict[str, Any] = PARAMETERS | changes | {"monotone_constraints": directions}

    def grow(seed: int) -> Additive:
        data = lightgbm.Dataset(binned, labels, weight=weights, init_score=offset, free_raw_data=False)
        trees = lightgbm.train(parameters | {"seed": seed}, data, rounds).dump_model()["tree_info"]
        return _sum_trees(trees, edges)

    if interactions is not None:
        wide = center(_mean([grow(seed) for seed in range(1, seeds + 1)]), binned)
        allowed = [list(key) for key in _strongest_interactions(wide, binned, interactions)]
        parameters["interaction_constraints"] = allowed + [[index] for index in range(features.shape[1])]
    return center(_mean([grow(seed) for seed in range(1, seeds + 1)]), binned)


def _mean(models: Sequence[Additive]) -> Additive:
    return add_up(models, [1 / len(models)] * len(models))


def add_up(models: Sequence[Additive], factors: Sequence[float]) -> Additive:
    """Return the weighted sum of additive models over the same bins, itself an additive model."""
    base = sum(factor * model.base for model, factor in zip(models, factors, strict=True))
    tables: dict[Key, NDArray[np.float64]] = {}
    for model, factor in zip(models, factors, strict=True):
        for key, values in model.tables.items():
            tables[key] = tables.get(key, 0) + factor * values
    return Additive(float(base), models[0].edges, tables)


def _strongest_interactions(model: Additive, binned: NDArray[np.int64], count: int) -> list[Key]:
    """Return the feature pairs of the ``count`` tables whose values vary most over the rows."""
    double = {key: values for key, values in model.tables.items() if len(key) == 2}
    spread = {key: float(values[binned[:, key[0]], binned[:, key[1]]].std()) for key, values in double.items()}
    return sorted(spread, key=lambda key: (-spread[key], key))[:count]


def _splits(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all inner nodes below and including ``node``."""
    if "split_feature" not in node:
        return []
    return [node, *_splits(node["left_child"]), *_splits(node["right_child"])]


def _sum_trees(trees: list[dict[str, Any]], edges: Sequence[NDArray[np.float32]]) -> Additive:
    """Add all trees over the bins of the features up into tables."""
    tables: dict[Key, NDArray[np.float64]] = {}
    base = 0.0
    for tree in trees:
        root = tree["tree_structure"]
        key = tuple(sorted({split["split_feature"] for split in _splits(root)}))
        if not key:
            base += root["leaf_value"]
            continue
        grid = np.meshgrid(*(np.arange(len(edges[index]) + 1) for index in key), indexing="ij")
        values = _leaf_values(root, dict(zip(key, grid, strict=True)))
        tables[key] = tables.get(key, 0) + values
    return Additive(base, list(edges), tables)


def _leaf_values(node: dict[str, Any], grid: dict[int, NDArray[np.int64]]) -> NDArray[np.float64]:
    """Evaluate a tree at each point of ``grid``, which maps each feature to its bins there."""
    if "split_feature" not in node:
        return np.full(next(iter(grid.values())).shape, node["leaf_value"])
    left, right = (_leaf_values(node[child], grid) for child in ("left_child", "right_child"))
    return np.where(grid[node["split_feature"]] <= node["threshold"], left, right)


def center(model: Additive, binned: NDArray[np.int64]) -> Additive:
    """Move the mean of every table into the one-feature tables and the base; the log-odds stay the same.

    Means are taken over the marginal distributions of the training pairs, so each table value is the difference that
    this evidence makes from the average pair.
    """
    shares = []
    for index, edges in enumerate(model.edges):
        counts = np.bincount(binned[:, index], minlength=len(edges) + 1)
        shares.append(counts / counts.sum())
    double = {key: values.copy() for key, values in model.tables.items() if len(key) == 2}
    single = {key: values.copy() for key, values in model.tables.items() if len(key) == 1}
    base = model.base
    for (first, second), values in double.items():
        for feature, axis_share, axis in ((first, shares[second], 1), (second, shares[first], 0)):
            means = np.tensordot(values, axis_share, axes=(axis, 0))
            np.subtract(values, np.expand_dims(means, axis), out=values)
            single[feature,] = single.get((feature,), 0) + means
    for key, values in single.items():
        mean = float(values @ shares[key[0]])
        single[key] = values - mean
        base += mean
    return Additive(base, model.edges, single | double)
