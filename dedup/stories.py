"""PAIRS to STORIES: which headlines stand together.

Stories are made of matched pairs only, never of candidates: one public tool that took every LSH collision for an edge
put 859,091 of 859,092 rows into one cluster. And they are protected against chains by membership: in order of time, a
headline joins the story of which it matches at least half (``SHARE``), when no more than the window has passed since
the story's first headline; otherwise it begins one. Two stories become one when at least half of the pairs across
match. So every story's density (matched pairs over all its pairs) is at least one half, whatever the pairs. Single
linkage has no such bound (a reader in production saw 514 articles at a density of 1 %), complete linkage breaks a story
at every pair that the score misses.

Most connected headlines are cliques: all match all, whatever the order. They are told apart by counting, over whole
columns; only what is entangled is walked headline by headline.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup import frames
from dedup.matching.blocking import MICROSECONDS_AN_HOUR
from dedup.matching.kernel import Kernel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from dedup.settings import Settings

SHARE = 0.5
"""The share of a story that a headline must match to join it."""


def assemble(keys: pl.DataFrame, pairs: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """The STORIES frame: one row per headline, in the order of ``keys``.

    Args:
        keys: KEYS, or any frame with ``headline_id`` and ``published``, ids unique.
        pairs: PAIRS; those with ``is_match`` count.
        settings: for the window.

    Returns:
        STORIES. A story's id is the id of the headline that began it, so it stays when more is added later.
    """
    ordered = keys.select("headline_id", "published").sort("published", "headline_id", nulls_last=False)
    place = ordered.select(id="headline_id").with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    matches = (
        pairs.filter("is_match")
        .join(place, left_on="left_id", right_on="id")
        .join(place, left_on="right_id", right_on="id", suffix="_right")
        .select(left=pl.min_horizontal("row", "row_right"), right=pl.max_horizontal("row", "row_right"), **_KEPT)
        .sort("right", "left")
    )
    times = ordered["published"].dt.epoch("us").to_numpy()
    window = settings.window * MICROSECONDS_AN_HOUR
    story = link(len(ordered), matches["left"].to_numpy(), matches["right"].to_numpy(), times, window)
    inside = matches.filter(pl.Series(story[matches["left"].to_numpy()] == story[matches["right"].to_numpy()]))
    best = inside.sort("right", "score", "left", descending=[False, True, False]).unique("right", keep="first")
    ids = ordered["headline_id"]
    told = pl.DataFrame({"headline_id": ids, "story_id": ids.gather(story), "right": np.arange(len(ids))}).join(
        best.select("right", "score", "relation", matched_id=ids.gather(best["left"])), on="right", how="left"
    )
    told = keys.select("headline_id").join(told, on="headline_id", how="left", maintain_order="left")
    return frames.check(told.select(list(frames.STORIES)), frames.STORIES, "STORIES")


_KEPT = {"score": pl.col("score"), "relation": pl.col("relation")}


def link(
    count: int, left: NDArray[np.int64], right: NDArray[np.int64], times: NDArray[np.float64], window: float
) -> NDArray[np.int64]:
    """The story of each headline, named by the row that began it.

    Args:
        count: headlines, rows in order of time.
        left: the earlier row of each matched pair, shape (p,).
        right: the later row, shape (p,).
        times: of each row, nan where unknown, shape (count,).
        window: how long after its first headline a story takes more, in the unit of the times.

    Returns:
        Shape (count,).
    """
    story = np.arange(count)
    join_up.chosen(len(left))(left, right, story)
    # Every component is named by its first row for now, which is right where all match all.
    size, edges = np.bincount(story, minlength=count), np.bincount(story[left], minlength=count)
    whole = (edges == size * (size - 1) // 2)[story]
    story[~whole] = np.flatnonzero(~whole)
    tangled = ~whole[left]
    if tangled.any():
        _walk(story, left[tangled], right[tangled], times, window)
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
    times: NDArray[np.float64],
    window: float,
) -> None:
    """Place the headlines of the given pairs one by one, in order of time; changes ``story``."""
    earlier: dict[int, list[int]] = defaultdict(list)
    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        earlier[other].append(one)
    shelves = Shelves(times, window)
    for row in np.union1d(left, right).tolist():
        shelves.place(row, earlier[row])
    for found, rows in shelves.members.items():
        story[rows] = found


class Shelves:
    """Stories that take headlines one by one: the same for a scan, which has all, and an index, which holds some.

    Attributes:
        members: the rows of each story, which is named by the row that began it.
        home: the story of each row.
        matched: the rows that each row matched when it was placed.
        times: of each row that begins a story, nan where unknown; microseconds, or whatever unit the window has.
        window: how long after its first headline a story takes more.
    """

    def __init__(self, times: Mapping[int, float] | NDArray[np.float64], window: float) -> None:
        self.times, self.window = times, window
        self.members: dict[int, list[int]] = {}
        self.home: dict[int, int] = {}
        self.matched: dict[int, list[int]] = {}

    def place(self, row: int, matched: list[int]) -> int:
        """Place a headline that matches rows placed before; return its story.

        Where it fits more than one, these become one if half of the pairs across match: the older name stays.
        """
        self.matched[row] = matched
        counts = Counter(self.home[one] for one in matched)
        near = [found for found in counts if not self.times[row] - self.times[found] > self.window]
        fitting = [found for found in near if counts[found] >= SHARE * len(self.members[found])]
        # The story of which it matches most; of two, the older.
        own = max(fitting, key=lambda found: (counts[found] / len(self.members[found]), -found), default=row)
        self.members.setdefault(own, []).append(row)
        self.home[row] = own
        for other in sorted(set(fitting) - {own}):
            self._merge(own, other)
        return self.home[row]

    def join(self, left: int, right: int) -> bool:
        """Take a match of two that were placed before, if it is new; their stories may become one by it."""
        if left in self.matched[right] or right in self.matched[left]:
            return False
        self.matched[right].append(left)
        self._merge(left, right)
        return True

    def _merge(self, one: int, other: int) -> None:
        older, younger = sorted((self.home[one], self.home[other]))
        if older == younger:
            return
        sides = set(self.members[older]), set(self.members[younger])
        across = sum(match in sides[1 - side] for side in (0, 1) for row in sides[side] for match in self.matched[row])
        if across < SHARE * len(sides[0]) * len(sides[1]):
            return
        self.members[older] = sorted(self.members[older] + self.members.pop(younger))
        self.home.update(dict.fromkeys(sides[1] | {younger}, older))
