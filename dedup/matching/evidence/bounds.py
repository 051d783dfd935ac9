"""An upper bound of a pair's scores from part of its evidence: it lets the costly evidence be skipped.

An additive model is a sum of tables, so the maximum of each table over the features that are not known yet is an exact
upper bound of the score. ``scoring.model.Scorer`` packs its tables for this kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.core.kernels import Kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_EDGES = 15
"""Edges of a feature's bins at most: a search of four steps without a branch finds the bin."""


UNREACHABLE = np.float32(-np.inf)
"""Log-odds below every floor."""


class PackedTables(NamedTuple):
    """The tables of an additive model over a row of evidence, packed into flat arrays; the widest ranges come first.

    Indexes are unsigned, so that the kernel need not look for negative ones.
    """

    floor: np.float32  # log-odds that a pair must be able to reach
    base: np.float32  # log-odds of the average pair
    first_feature: NDArray[np.uint32]  # position in the row of the feature along each table's first axis
    second_feature: NDArray[np.uint32]  # the same for its second axis; for a table of one axis, the end of the row
    part_start: NDArray[np.uint32]  # the first part of each table
    width: NDArray[np.uint32]  # length of each table's second axis, 1 for a table of one
    parts: NDArray[np.float32]  # log-odds of all tables, concatenated
    remaining: NDArray[np.float32]  # the most that a table and all after it can add, shape (tables + 1,)


class ScoreBounds(NamedTuple):
    """Upper bounds of both log-odds of pairs whose row of evidence is known, and their string similarities not yet."""

    edges: NDArray[np.float32]  # of the bins of a row's features, padded with inf, shape (MAX_EDGES, features)
    same_news: PackedTables
    related: PackedTables


class Bounds(NamedTuple):
    """Upper bounds of the scores of pairs with both times, and of the others; each has floors, one must be reached.

    Attributes:
        timed: of pairs with both times.
        untimed: of the others.
        keeps_related: whether the evidence of pairs that can only be related is wanted too, not only their score.
    """

    timed: ScoreBounds
    untimed: ScoreBounds
    keeps_related: bool


def no_bounds() -> Bounds:
    """Return bounds that every pair reaches."""
    no_parts, no_tables = np.empty(0, np.float32), np.empty(0, np.uint32)
    tables = PackedTables(
        UNREACHABLE, np.float32(0), no_tables, no_tables, no_tables, no_tables, no_parts, np.zeros(1, np.float32)
    )
    bounds = ScoreBounds(np.empty((MAX_EDGES, 0), np.float32), tables, tables)
    return Bounds(bounds, bounds, keeps_related=True)


@Kernel
def fill_bins(edges: NDArray[np.float32], row: NDArray[np.float32], bins: NDArray[np.uint32]) -> None:
    """Write the bin of each feature of a row, the number of edges below its value.

    All edges are compared, many features at once: compiled, that takes half the time of a search in each feature.
    ``bins`` has the length of a row and one more, which stays 0.
    """
    for feature in range(edges.shape[1]):
        value, below = row[feature], 0
        for edge in range(MAX_EDGES):
            below += edges[edge, feature] < value
        bins[feature] = below


@Kernel
def reachable_logit(tables: PackedTables, bins: NDArray[np.uint32]) -> np.float32:
    """Return the highest log-odds that a pair can have, from the bins of its row; -inf where that is below the floor.

    Where no table had to be maximized, these are the log-odds of the pair, to the bit.
    """
    total = tables.base
    for table in range(len(tables.first_feature)):
        if total + tables.remaining[table] < tables.floor:
            return UNREACHABLE
        first, second = bins[tables.first_feature[table]], bins[tables.second_feature[table]]
        total += tables.parts[tables.part_start[table] + first * tables.width[table] + second]
    return total if total >= tables.floor else UNREACHABLE
