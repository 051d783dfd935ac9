"""Additive models of one- and two-feature tables, fitted as boosted trees with at most two splits.

Each tree with at most two splits depends on at most two features, so the sum of all trees is a sum of tables: the
score of a pair is exactly the sum of its table values, which is how ``dedup explain`` can account for it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import lightgbm
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Key = tuple[int, ...]

PARAMETERS = {
    "objective": "cross_entropy",
    "num_leaves": 3,
    "learning_rate": 0.08,
    "min_data_in_leaf": 200,
    "max_bin": 63,
    "lambda_l2": 5.0,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 2,
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
    edges: list[NDArray[np.float64]]
    tables: dict[Key, NDArray[np.float64]]

    def logits(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the log-odds of each row of ``features``, shape (n,)."""
        bins = [np.searchsorted(edges, features[:, index]) for index, edges in enumerate(self.edges)]
        total = np.full(len(features), self.base)
        for key, values in self.tables.items():
            total += values[tuple(bins[index] for index in key)]
        return total


def fit(
    features: NDArray[np.float32],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    *,
    rounds: int,
    directions: list[int],
    interactions: int | None = None,
) -> Additive:
    """Fit an additive model with at most ``interactions`` two-feature tables.

    Args:
        features: shape (n, k).
        labels: soft labels, 0..1, shape (n,).
        weights: shape (n,).
        rounds: number of trees.
        directions: monotonicity of each feature: 1 the score never falls as it grows, -1 never rises, 0 unconstrained.
        interactions: number of two-feature tables to keep: those with the largest total gain in a first fit without
            limit. None keeps all.
    """
    parameters: dict[str, Any] = PARAMETERS | {"monotone_constraints": directions}
    data = lightgbm.Dataset(features, labels, weight=weights, free_raw_data=False)
    trees = lightgbm.train(parameters, data, rounds).dump_model()["tree_info"]
    if interactions is not None:
        allowed = [list(key) for key in _strongest_interactions(trees, interactions)]
        single = [[index] for index in range(features.shape[1])]
        parameters["interaction_constraints"] = allowed + single
        data = lightgbm.Dataset(features, labels, weight=weights, free_raw_data=False)
        trees = lightgbm.train(parameters, data, rounds).dump_model()["tree_info"]
    return _center(_sum_trees(trees, features.shape[1]), features)


def _strongest_interactions(trees: list[dict[str, Any]], count: int) -> list[Key]:
    """Return the ``count`` feature pairs with the largest total gain of their weaker split."""
    gains: dict[Key, float] = defaultdict(float)
    for tree in trees:
        splits = list(_splits(tree["tree_structure"]))
        key = tuple(sorted({split["split_feature"] for split in splits}))
        if len(key) == 2:
            gains[key] += min(split["split_gain"] for split in splits)
    return sorted(gains, key=lambda key: -gains[key])[:count]


def _splits(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all inner nodes below and including ``node``."""
    if "split_feature" not in node:
        return []
    return [node, *_splits(node["left_child"]), *_splits(node["right_child"])]


def _sum_trees(trees: list[dict[str, Any]], count: int) -> Additive:
    """Add all trees up into tables over the union of their split thresholds; ``count`` is the number of features."""
    edges: list[set[float]] = [set() for _ in range(count)]
    for tree in trees:
        for split in _splits(tree["tree_structure"]):
            edges[split["split_feature"]].add(split["threshold"])
    bounds = [np.array(sorted(values)) for values in edges]
    tables: dict[Key, NDArray[np.float64]] = {}
    base = 0.0
    for tree in trees:
        root = tree["tree_structure"]
        key = tuple(sorted({split["split_feature"] for split in _splits(root)}))
        if not key:
            base += root["leaf_value"]
            continue
        grid = np.meshgrid(*(np.append(bounds[index], np.inf) for index in key), indexing="ij")
        values = _leaf_values(root, dict(zip(key, grid, strict=True)))
        tables[key] = tables.get(key, 0) + values
    return Additive(base, bounds, tables)


def _leaf_values(node: dict[str, Any], grid: dict[int, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Evaluate a tree at each point of ``grid``, which maps each feature to its values there."""
    if "split_feature" not in node:
        return np.full(next(iter(grid.values())).shape, node["leaf_value"])
    left, right = (_leaf_values(node[child], grid) for child in ("left_child", "right_child"))
    return np.where(grid[node["split_feature"]] <= node["threshold"], left, right)


def _center(model: Additive, features: NDArray[np.float32]) -> Additive:
    """Move the mean of every table into the one-feature tables and the base; the log-odds stay the same.

    Means are taken over the marginal distributions of the training pairs, so each table value is the difference that
    this evidence makes from the average pair.
    """
    shares = []
    for index, edges in enumerate(model.edges):
        counts = np.bincount(np.searchsorted(edges, features[:, index]), minlength=len(edges) + 1)
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
