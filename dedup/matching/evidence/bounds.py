"""An upper bound of a pair's score from part of its evidence: it lets the costly evidence be skipped.

An additive model is a sum of tables, so the maximum of each table over the features that are not known yet is an exact
upper bound of the score. ``scoring.model.Additive`` packs its tables for this kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.core.kernels import Kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


class PackedTables(NamedTuple):
    """The tables of an additive model over a row of evidence, packed into flat arrays; the most telling come first."""

    base: np.float32  # log-odds of the average pair
    edges: NDArray[np.float32]  # bin edges of all features, concatenated
    edge_start: NDArray[np.int64]  # the first edge of each feature, shape (features + 1,)
    first_feature: NDArray[np.int64]  # position in the row of the feature along each table's first axis
    second_feature: NDArray[np.int64]  # the same for its second axis, -1 for a table of one axis
    part_start: NDArray[np.int64]  # the first part of each table
    width: NDArray[np.int64]  # length of each table's last axis
    parts: NDArray[np.float32]  # log-odds of all tables, concatenated
    remaining: NDArray[np.float32]  # the most that a table and all after it can add, shape (tables + 1,)


class ScoreBounds(NamedTuple):
    """Upper bounds of the log-odds of pairs whose row of evidence is known, and their string similarities not yet."""

    floor: np.float32  # log-odds that a pair must be able to reach
    timed: PackedTables  # pairs with both times
    untimed: PackedTables


def no_bounds(features: int) -> ScoreBounds:
    """Return bounds that every pair reaches, for rows of so many features."""
    no_parts, no_tables = np.empty(0, np.float32), np.empty(0, np.int64)
    starts, remaining = np.zeros(features + 1, np.int64), np.zeros(1, np.float32)
    tables = PackedTables(
        np.float32(0), no_parts, starts, no_tables, no_tables, no_tables, no_tables, no_parts, remaining
    )
    return ScoreBounds(np.float32(-np.inf), tables, tables)


@Kernel
def can_reach(tables: PackedTables, floor: float, row: NDArray[np.float32], bins: NDArray[np.int64]) -> bool:
    """Return whether the log-odds of a pair with this row of evidence can be ``floor`` or more.

    Most pairs are decided after a few tables. ``bins`` is a scratch array of the row's length.
    """
    bins[:] = -1
    total = tables.base
    for table in range(len(tables.first_feature)):
        if total + tables.remaining[table] < floor:
            return False
        first, second = tables.first_feature[table], tables.second_feature[table]
        if bins[first] < 0:
            bins[first] = bin_of(tables, first, row[first])
        index = bins[first]
        if second >= 0:
            if bins[second] < 0:
                bins[second] = bin_of(tables, second, row[second])
            index = index * tables.width[table] + bins[second]
        total += tables.parts[tables.part_start[table] + index]
    return bool(total >= floor)


@Kernel
def bin_of(tables: PackedTables, feature: int, value: np.float32) -> int:
    """Return the bin of a feature's value."""
    count = 0
    for edge in range(tables.edge_start[feature], tables.edge_start[feature + 1]):  # vectorized: faster than a search
        count += tables.edges[edge] < value
    return count
