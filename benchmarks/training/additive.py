"""Boosted trees of at most two splits, added up into the tables of an additive model."""

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
    """Tables over bins: ``edges[i]`` are feature i's upper bounds; ``tables[(i,)]`` or ``tables[(i, j)]`` its parts."""

    base: float
    edges: list[NDArray[np.float64]]
    tables: dict[Key, NDArray[np.float64]]

    def logits(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Log-odds of each row."""
        bins = [np.searchsorted(edges, features[:, place]) for place, edges in enumerate(self.edges)]
        total = np.full(len(features), self.base)
        for key, parts in self.tables.items():
            total += parts[tuple(bins[place] for place in key)]
        return total


def fit(
    features: NDArray[np.float32],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    *,
    rounds: int,
    directions: list[int],
    pairs: int | None = None,
) -> Additive:
    """An additive model of at most ``pairs`` interactions.

    Args:
        features: shape (n, k).
        labels: soft labels, 0..1, shape (n,).
        weights: shape (n,).
        rounds: trees.
        directions: for each feature 1 where more of it must never lower the score, -1 where it must never raise it, 0.
        pairs: interactions kept: those that gain most in a first fit without a limit. None for no limit.
    """
    parameters: dict[str, Any] = PARAMETERS | {"monotone_constraints": directions}
    data = lightgbm.Dataset(features, labels, weight=weights, free_raw_data=False)
    trees = lightgbm.train(parameters, data, rounds).dump_model()["tree_info"]
    if pairs is not None:
        allowed = [list(key) for key in _most_gaining(trees, pairs)]
        alone = [[place] for place in range(features.shape[1])]
        parameters["interaction_constraints"] = allowed + alone
        data = lightgbm.Dataset(features, labels, weight=weights, free_raw_data=False)
        trees = lightgbm.train(parameters, data, rounds).dump_model()["tree_info"]
    return _centred(_added_up(trees, features.shape[1]), features)


def _most_gaining(trees: list[dict[str, Any]], count: int) -> list[Key]:
    gains: dict[Key, float] = defaultdict(float)
    for tree in trees:
        splits = list(_splits(tree["tree_structure"]))
        key = tuple(sorted({split["split_feature"] for split in splits}))
        if len(key) == 2:
            gains[key] += min(split["split_gain"] for split in splits)
    return sorted(gains, key=lambda key: -gains[key])[:count]


def _splits(node: dict[str, Any]) -> list[dict[str, Any]]:
    if "split_feature" not in node:
        return []
    return [node, *_splits(node["left_child"]), *_splits(node["right_child"])]


def _added_up(trees: list[dict[str, Any]], count: int) -> Additive:
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
        grid = np.meshgrid(*(np.append(bounds[place], np.inf) for place in key), indexing="ij")
        parts = _leaf_values(root, dict(zip(key, grid, strict=True)))
        tables[key] = tables.get(key, 0) + parts
    return Additive(base, bounds, tables)


def _leaf_values(node: dict[str, Any], at: dict[int, NDArray[np.float64]]) -> NDArray[np.float64]:
    if "split_feature" not in node:
        return np.full(next(iter(at.values())).shape, node["leaf_value"])
    left, right = (_leaf_values(node[child], at) for child in ("left_child", "right_child"))
    return np.where(at[node["split_feature"]] <= node["threshold"], left, right)


def _centred(model: Additive, features: NDArray[np.float32]) -> Additive:
    """The same model with every table's average moved into the simpler tables and the base.

    Averages are over the training pairs' marginal distributions, so that a part says what this value of the evidence
    adds to, or takes from, the average pair.
    """
    shares = []
    for place, edges in enumerate(model.edges):
        counts = np.bincount(np.searchsorted(edges, features[:, place]), minlength=len(edges) + 1)
        shares.append(counts / counts.sum())
    tables = {key: parts.copy() for key, parts in model.tables.items() if len(key) == 2}
    single = {key: parts.copy() for key, parts in model.tables.items() if len(key) == 1}
    base = model.base
    for (one, other), parts in tables.items():
        for place, axis_share, axis in ((one, shares[other], 1), (other, shares[one], 0)):
            means = np.tensordot(parts, axis_share, axes=(axis, 0))
            np.subtract(parts, np.expand_dims(means, axis), out=parts)
            single[place,] = single.get((place,), 0) + means
    for key, parts in single.items():
        mean = float(parts @ shares[key[0]])
        single[key] = parts - mean
        base += mean
    return Additive(base, model.edges, single | tables)
