"""STORIES from matched pairs: connected headlines by counting, entangled ones by the linkage rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup import frames
from dedup.core.kernels import Kernel
from dedup.stories.linkage import new_clustering

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.settings import Settings
    from dedup.stories.linkage import StoryClustering


def assemble(told: pl.DataFrame, matches: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """The STORIES frame: one row per headline, in their order.

    Args:
        told: n headlines in order of time, those without one first; ``published``.
        matches: the places of two headlines that match, ``left`` the earlier, with ``score`` and ``relation``, in order
            of (right, left).
        settings: for the window and the threshold.

    Returns:
        STORIES. A story is named by the headline that began it, so its name stays when more is added later.
    """
    times = told["published"].dt.epoch("us").to_numpy().astype(np.float64, copy=False)  # nan where unknown
    left, right = (matches[side].to_numpy().astype(np.int64) for side in ("left", "right"))
    score = matches["score"].to_numpy()
    story = link(len(told), left, right, score, new_clustering(times.data, settings))
    inside = np.flatnonzero(story[left] == story[right])
    # Of each later headline the match with the highest score; of equals, the earliest.
    order = inside[np.lexsort((left[inside], -score[inside], right[inside]))]
    later = right[order]
    best = order[np.diff(later, prepend=-1) != 0] if len(order) else order
    joined = pl.repeat(None, len(told), dtype=pl.UInt32, eager=True).scatter(right[best], np.arange(len(best)))
    stories = matches[best].select(matched="left", score="score", relation=pl.col("relation").cast(frames.RELATION))[
        joined
    ]
    return frames.check(stories.insert_column(0, pl.Series("story", story, dtype=pl.UInt32)), frames.STORIES, "STORIES")


def link(
    count: int, left: NDArray[np.int64], right: NDArray[np.int64], score: NDArray[np.float32], empty: StoryClustering
) -> NDArray[np.int64]:
    """The story of each headline, named by the row that began it.

    Args:
        count: headlines, rows in order of time.
        left: the earlier row of each matched pair, shape (p,).
        right: the later row, shape (p,), ascending.
        score: of each pair, shape (p,).
        empty: to place on what is not told by counting.

    Returns:
        Shape (count,).
    """
    story = np.arange(count)
    join_up.for_work(len(left))(left, right, story)
    # Every component is named by its first row for now, which is right where all match all.
    size, edges = np.bincount(story, minlength=count), np.bincount(story[left], minlength=count)
    whole = (edges == size * (size - 1) // 2)[story]
    story[~whole] = np.flatnonzero(~whole)
    tangled = ~whole[left]
    if tangled.any():
        _walk(story, left[tangled], right[tangled], score[tangled], empty)
    return story


@Kernel
def join_up(left: NDArray[np.int64], right: NDArray[np.int64], first: NDArray[np.int64]) -> None:
    """Give all rows that pairs connect the first of them; every row is its own to begin with.

    Source: Tarjan and van Leeuwen, "Worst-case analysis of set union algorithms" (1984), with path halving.
    """
    for pair in range(len(left)):
        one, other = left[pair], right[pair]
        while first[one] != one:
            first[one] = first[first[one]]
            one = first[one]
        while first[other] != other:
            first[other] = first[first[other]]
            other = first[other]
        first[max(one, other)] = min(one, other)
    for row in range(len(first)):
        first[row] = first[first[row]]


def _walk(
    story: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    score: NDArray[np.float32],
    empty: StoryClustering,
) -> None:
    """Place the headlines of the given pairs one by one, in order of time; changes ``story``."""
    rows = np.union1d(left, right)
    ends = np.searchsorted(right, rows, side="right").tolist()
    matches, start = list(zip(left.tolist(), score.tolist(), strict=True)), 0
    for row, end in zip(rows.tolist(), ends, strict=True):
        empty.place(row, dict(matches[start:end]))
        start = end
    for found, members in empty.members.items():
        story[members] = found
