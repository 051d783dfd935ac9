"""The most that a pair can still score, one pair at a time: what lets the costly evidence be left out.

An additive model is a sum of tables, so the best of each table over the evidence that is not known yet is an exact
upper bound of the score. ``score.Additive`` packs its tables for this kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.core.kernels import Kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Bound(NamedTuple):
    """Tables over a row of evidence, packed into flat arrays."""

    base: np.float32
    edges: NDArray[np.float32]  # the bounds of all pieces of evidence, one after the other
    starts: NDArray[np.int64]  # where those of each piece start, shape (evidence + 1,)
    one: NDArray[np.int64]  # of each table, the piece along its first axis
    other: NDArray[np.int64]  # and along its second, -1 where it has one axis
    at: NDArray[np.int64]  # where its parts start
    width: NDArray[np.int64]  # the length of its last axis
    parts: NDArray[np.float32]
    rest: NDArray[np.float32]  # the most that a table and those after it add, shape (tables + 1,)


class ScoreBounds(NamedTuple):
    """What a pair can still score: from the cheap evidence, and from all but its letters; with and without times."""

    floor: np.float32  # log-odds that a pair must be able to reach
    timed_early: Bound
    timed: Bound
    untimed_early: Bound
    untimed: Bound


def without_limit(pieces: int) -> ScoreBounds:
    """What drops no pair, for rows of so many pieces of evidence."""
    nothing, nowhere = np.empty(0, np.float32), np.empty(0, np.int64)
    starts, rest = np.zeros(pieces + 1, np.int64), np.zeros(1, np.float32)
    bound = Bound(np.float32(0), nothing, starts, nowhere, nowhere, nowhere, nowhere, nothing, rest)
    return ScoreBounds(np.float32(-np.inf), bound, bound, bound, bound)


@Kernel
def reaches(bound: Bound, floor: float, row: NDArray[np.float32], bins: NDArray[np.int64]) -> bool:
    """Whether a pair can have the log-odds, given its row of evidence; ``bins`` is room of the row's length.

    Tables that can tell most come first, and nearly all pairs are dropped after a few of them.
    """
    bins[:] = -1
    total = bound.base
    for table in range(len(bound.one)):
        if total + bound.rest[table] < floor:
            return False
        one, other = bound.one[table], bound.other[table]
        if bins[one] < 0:
            bins[one] = bin_of(bound, one, row[one])
        at = bins[one]
        if other >= 0:
            if bins[other] < 0:
                bins[other] = bin_of(bound, other, row[other])
            at = at * bound.width[table] + bins[other]
        total += bound.parts[bound.at[table] + at]
    return bool(total >= floor)


@Kernel
def bin_of(bound: Bound, piece: int, value: np.float32) -> int:
    """The bin of a piece of evidence."""
    count = 0
    for edge in range(bound.starts[piece], bound.starts[piece + 1]):  # all at once, sooner than one after the other
        count += bound.edges[edge] < value
    return count
