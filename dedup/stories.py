"""PAIRS to STORIES: which headlines stand together.

Stories are made of matched pairs only, never of candidates: one public tool that took every LSH collision for an edge
put 859,091 of 859,092 rows into one cluster. And they are protected against chains by membership: in order of time, a
headline joins the story with which its scores average highest, a pair that does not match counting 0, if that mean is
at least 0.35 (``MEAN``), it matches at least half of the story (``SHARE``), and no more than the window has passed
since the story's first headline; otherwise it begins one. Two stories become one when the pairs across meet the same
two conditions. So every story's density (matched pairs over all its pairs) is at least one half, whatever the pairs.
Single linkage has no such bound (a reader in production saw 514 articles at a density of 1 %), complete linkage breaks
a story at every pair that the score misses. What the mean is worth stands in docs/decisions.md.

Most connected headlines are cliques: all match all, whatever the order. They are told apart by counting, over whole
columns; only what is entangled is walked headline by headline.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup import frames
from dedup.matching.blocking import MICROSECONDS_AN_HOUR
from dedup.matching.kernel import Kernel
from dedup.matching.score import threshold

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from dedup.settings import Settings

SHARE = 0.5
"""The share of a story that a headline must match to join it."""

MEAN = 0.35
"""What a headline's scores against a story must average for it to join, where the threshold is not lower still."""


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
    story = link(len(told), left, right, score, shelves(times.data, settings))
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
    count: int, left: NDArray[np.int64], right: NDArray[np.int64], score: NDArray[np.float32], empty: Shelves
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
    join_up.chosen(len(left))(left, right, story)
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
    empty: Shelves,
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


class Shelves:
    """Stories that take headlines one by one: the same for a scan, which has all, and an index, which holds some.

    Attributes:
        members: the rows of each story, which is named by the row that began it.
        home: the story of each row.
        matched: the rows that each row matched when it was placed, and the scores.
        times: of each row that begins a story, nan where unknown; microseconds, or whatever unit the window has.
        window: how long after its first headline a story takes more.
        least: what the scores of a headline against a story must average; no more than any score of a match, or
            headlines that all match would not be one story.
    """

    def __init__(self, times: Mapping[int, float] | Sequence[float], window: float, least: float) -> None:
        self.times, self.window, self.least = times, window, least
        self.members: dict[int, list[int]] = {}
        self.home: dict[int, int] = {}
        self.matched: dict[int, dict[int, float]] = {}

    def place(self, row: int, matched: dict[int, float]) -> int:
        """Place a headline that matches rows placed before, with these scores; return its story.

        Where it fits more than one, these become one if they fit each other: the older name stays.
        """
        self.matched[row] = matched
        scores: dict[int, list[float]] = defaultdict(list)
        for one, score in matched.items():
            scores[self.home[one]].append(score)
        fitting = {
            found: math.fsum(met) / len(self.members[found])
            for found, met in scores.items()
            if self._fit(met, len(self.members[found])) and not self.times[row] - self.times[found] > self.window
        }
        # The story with which its scores average highest; of two, the older.
        own = max(fitting, key=lambda found: (fitting[found], -found), default=row)
        self.members.setdefault(own, []).append(row)
        self.home[row] = own
        for other in sorted(fitting.keys() - {own}):
            self._merge(own, other)
        return self.home[row]

    def join(self, left: int, right: int, score: float) -> bool:
        """Take a match of two that were placed before, if it is new; their stories may become one by it."""
        if left in self.matched[right] or right in self.matched[left]:
            return False
        self.matched[right][left] = score
        self._merge(left, right)
        return True

    def _fit(self, scores: Collection[float], pairs: int) -> bool:
        """Whether matches with these scores, of so many pairs, are enough to stand together."""
        # fsum rounds once: the sum does not depend on the order, so a scan and an index agree to the bit.
        return len(scores) >= SHARE * pairs and math.fsum(scores) >= self.least * pairs

    def _merge(self, one: int, other: int) -> None:
        older, younger = sorted((self.home[one], self.home[other]))
        if older == younger:
            return
        sides = set(self.members[older]), set(self.members[younger])
        across = [
            score
            for side in (0, 1)
            for row in sides[side]
            for match, score in self.matched[row].items()
            if match in sides[1 - side]
        ]
        if not self._fit(across, len(sides[0]) * len(sides[1])):
            return
        self.members[older] = sorted(self.members[older] + self.members.pop(younger))
        self.home.update(dict.fromkeys(sides[1] | {younger}, older))


def shelves(times: Mapping[int, float] | Sequence[float], settings: Settings) -> Shelves:
    """Empty shelves for headlines of these times, in microseconds."""
    limit = float(np.float32(threshold(settings)))  # as compare does: in the precision of scores
    return Shelves(times, settings.window * MICROSECONDS_AN_HOUR, min(MEAN, limit))
