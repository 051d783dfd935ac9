"""STORIES from matched pairs: cliques by counting, all other headlines by the linkage rule."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup import frames
from dedup.core.kernels import Kernel
from dedup.stories.linkage import DEFAULT_RULE, new_clustering

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.settings import Settings
    from dedup.stories.linkage import LinkageRule, StoryClustering


def assemble(
    metadata: pl.DataFrame, matches: pl.DataFrame, settings: Settings, rule: LinkageRule = DEFAULT_RULE
) -> pl.DataFrame:
    """Assign every headline to a story.

    Args:
        metadata: ``published`` of n headlines in order of time, those without one first.
        matches: MATCHES, in order of (right, left).
        settings: for the window and the threshold.
        rule: which headlines may join a story.

    Returns:
        STORIES, one row per headline, in their order. A story is named by the headline that began it, so that its name
        stays when later headlines join.
    """
    times = metadata["published"].dt.epoch("us").to_numpy().astype(np.float64, copy=False)  # nan where unknown
    left, right = (matches[side].to_numpy().astype(np.int64) for side in ("left", "right"))
    score = matches["score"].to_numpy()
    is_copy = (matches["relation"] == "copy").to_numpy()
    story = link(len(metadata), left, right, score, is_copy, new_clustering(times.data, settings, rule))
    inside = np.flatnonzero(story[left] == story[right])
    # For each later headline the match with the highest score; of equal ones, the earliest.
    order = inside[np.lexsort((left[inside], -score[inside], right[inside]))]
    later = right[order]
    best = order[np.diff(later, prepend=-1) != 0] if len(order) else order
    best_of_row = pl.repeat(None, len(metadata), dtype=pl.UInt32, eager=True).scatter(right[best], np.arange(len(best)))
    columns = matches[best].select(matched="left", score="score", relation=pl.col("relation").cast(frames.RELATION))
    stories = columns[best_of_row].insert_column(0, pl.Series("story", story, dtype=pl.UInt32))
    return frames.check(stories, frames.STORIES, "STORIES")


def link(
    count: int,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    score: NDArray[np.float32],
    is_copy: NDArray[np.bool_],
    clustering: StoryClustering,
) -> NDArray[np.int64]:
    """Return the story of each headline, named by the row that began it, shape (count,).

    Args:
        count: headlines, rows in order of time.
        left: the earlier row of each matched pair, shape (p,).
        right: the later row, shape (p,), ascending.
        score: of each pair, shape (p,).
        is_copy: whether each pair is one of copies, shape (p,).
        clustering: an empty one, for the components that are not cliques.
    """
    story = np.arange(count)
    connect.for_work(len(left))(left, right, story)
    # Each component is named by its first row, which is the answer for cliques.
    size, edges = np.bincount(story, minlength=count), np.bincount(story[left], minlength=count)
    is_clique = (edges == size * (size - 1) // 2)[story]
    story[~is_clique] = np.flatnonzero(~is_clique)
    unresolved = ~is_clique[left]
    if unresolved.any():
        left, right, score, is_copy = left[unresolved], right[unresolved], score[unresolved], is_copy[unresolved]
        assign_in_order(story, left, right, score, is_copy, clustering)
    return story


@Kernel
def connect(left: NDArray[np.int64], right: NDArray[np.int64], first: NDArray[np.int64]) -> None:
    """Set ``first`` of every row to the first row of its connected component; initially, each row is its own.

    Source: Tarjan and van Leeuwen, "Worst-case analysis of set union algorithms" (1984), with path halving.
    """
    for pair in range(len(left)):
        earlier, later = left[pair], right[pair]
        while first[earlier] != earlier:
            first[earlier] = first[first[earlier]]
            earlier = first[earlier]
        while first[later] != later:
            first[later] = first[first[later]]
            later = first[later]
        first[max(earlier, later)] = min(earlier, later)
    for row in range(len(first)):
        first[row] = first[first[row]]


def assign_in_order(
    story: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    score: NDArray[np.float32],
    is_copy: NDArray[np.bool_],
    clustering: StoryClustering,
) -> None:
    """Assign the headlines of the given pairs one at a time, in order of time, and write their stories to ``story``."""
    rows = np.union1d(left, right)
    ends = np.searchsorted(right, rows, side="right").tolist()
    earlier, scores, copies, start = left.tolist(), score.tolist(), is_copy.tolist(), 0
    for row, end in zip(rows.tolist(), ends, strict=True):
        matches = dict(zip(earlier[start:end], scores[start:end], strict=True))
        clustering.assign(row, matches, list(compress(earlier[start:end], copies[start:end])))
        start = end
    for name, members in clustering.members.items():
        story[members] = name
