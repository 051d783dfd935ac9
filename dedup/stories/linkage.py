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

from dedup.core.time_windows import MICROSECONDS_AN_HOUR
from dedup.matching.scoring.model import threshold

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from dedup.settings import Settings

SHARE = 0.5
"""The share of a story that a headline must match to join it."""

MEAN = 0.35
"""What a headline's scores against a story must average for it to join, where the threshold is not lower still."""


class StoryClustering:
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


def new_clustering(times: Mapping[int, float] | Sequence[float], settings: Settings) -> StoryClustering:
    """Empty shelves for headlines of these times, in microseconds."""
    limit = float(np.float32(threshold(settings)))  # as compare does: in the precision of scores
    return StoryClustering(times, settings.window * MICROSECONDS_AN_HOUR, min(MEAN, limit))
