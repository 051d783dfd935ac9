"""PAIRS to STORIES: the linkage rule, and stories that take headlines one at a time.

Stories are made of matched pairs only, never of candidates: one public tool that took every LSH collision for an edge
put 859,091 of 859,092 rows into one cluster. Chains are prevented by a condition on the whole story: in order of time,
a headline joins the story with the highest mean of its scores (a pair that does not match counts 0) if it matches at
least ``LinkageRule.share`` of the story, the mean is at least ``LinkageRule.mean``, and no more than the window has
passed since the story's first headline; otherwise it begins a story. Two stories are merged when the pairs between them
fulfil the same two conditions. So the density of every story (matched pairs over all its pairs) is at least the share,
whatever the pairs, if copies are taken for the headlines that they copy (below). Single linkage has no such bound (a
reader in production saw 514 articles at a density of 1 %); complete linkage splits a story at every pair that the score
misses. docs/decisions.md measures the gain of the mean.

Where the matches of a copy do not suffice, those of the headline of the story that it copies best are added to them: a
copy must not be reported as exclusive news because the few letters of its own cost it a match or two. They are added to
decide on the copy and never stored, so that a chain of copies, each of the one before, ends.

Most connected components are cliques: all headlines match all others, in any order. ``assemble`` finds them by
counting, over whole columns; only the others are processed headline by headline.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dedup.core.time_windows import MICROSECONDS_AN_HOUR
from dedup.matching.scoring.model import threshold

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from dedup.settings import Settings


@dataclass(frozen=True, slots=True)
class LinkageRule:
    """The condition for a headline to join a story, and for two stories to become one.

    Attributes:
        share: least share of the pairs between the two that match.
        mean: least mean of their scores, pairs that do not match counted as 0.
        copies: whether a headline may join with the matches of the one that it copies, too.

    Examples:
        >>> LinkageRule(share=0.5, mean=0.35).allows([0.9], pairs=2)
        True
        >>> LinkageRule(share=0.5, mean=0.35).allows([0.6], pairs=2)
        False
    """

    share: float = 0.5
    mean: float = 0.35
    copies: bool = True

    def allows(self, scores: Collection[float], pairs: int) -> bool:
        """Return whether matches with these scores, out of so many pairs, are enough."""
        # fsum rounds once: the sum does not depend on the order, so a scan and an index agree to the bit.
        return len(scores) >= self.share * pairs and math.fsum(scores) >= self.mean * pairs

    def at_most(self, threshold: float) -> LinkageRule:
        """Lower the mean to the threshold of matches if need be: headlines that all match are always one story."""
        return replace(self, mean=min(self.mean, threshold))


DEFAULT_RULE = LinkageRule()


class StoryClustering:
    """Assign headlines to stories one at a time, in order of time.

    A scan uses it for all headlines that are not in cliques, an index for the stories that a batch touches.

    Attributes:
        members: the rows of each story; a story is named by the row that began it.
        story_of: the story of each row.
        matches: the earlier rows that each row matched when it was assigned, with the scores.
        times: by row, nan where unknown; in the unit of the window.
        window: how long after its first headline a story accepts more.
        rule: the condition for joining.
    """

    def __init__(self, times: Mapping[int, float] | Sequence[float], window: float, rule: LinkageRule) -> None:
        self.times, self.window, self.rule = times, window, rule
        self.members: dict[int, list[int]] = {}
        self.story_of: dict[int, int] = {}
        self.matches: dict[int, dict[int, float]] = {}

    def assign(self, row: int, matches: dict[int, float], copied: Collection[int] = ()) -> int:
        """Assign a headline to a story and return it.

        Where it may join several stories, those that fit each other are merged under the oldest name.

        Args:
            row: of the headline.
            matches: the rows assigned before that it matches, with the scores.
            copied: those of them that it copies, or that copy it.
        """
        self.matches[row] = matches
        by_story: dict[int, dict[int, float]] = defaultdict(dict)
        for match, score in matches.items():
            by_story[self.story_of[match]][match] = score
        means: dict[int, float] = {}
        for story, scores in by_story.items():
            if self.times[row] - self.times[story] > self.window:
                continue
            size = len(self.members[story])
            needs_more = self.rule.copies and not self.rule.allows(scores.values(), size)
            counted = (self._scores_of_copied(scores, copied) | scores if needs_more else scores).values()
            if self.rule.allows(counted, size):
                means[story] = math.fsum(counted) / size
        # The story with the highest mean; of equal ones, the oldest.
        best = max(means, key=lambda story: (means[story], -story), default=row)
        self.members.setdefault(best, []).append(row)
        self.story_of[row] = best
        for story in sorted(means.keys() - {best}):
            self._merge(best, story)
        return self.story_of[row]

    def _scores_of_copied(self, scores: Mapping[int, float], copied: Collection[int]) -> dict[int, float]:
        """Return the scores of the headline of a story that another copies best, against that story.

        Args:
            scores: of the other headline with headlines of the story.
            copied: the headlines that it copies.
        """
        best = max(scores.keys() & set(copied), key=lambda match: (scores[match], -match), default=None)
        if best is None:
            return {}
        of_best = self.matches[best]
        both_ways = {
            member: of_best.get(member, self.matches[member].get(best)) for member in self.members[self.story_of[best]]
        }
        return {member: score for member, score in both_ways.items() if score is not None}

    def join(self, left: int, right: int, score: float) -> bool:
        """Add a match of two headlines assigned before, which may merge their stories; return whether it is new."""
        if left in self.matches[right] or right in self.matches[left]:
            return False
        self.matches[right][left] = score
        self._merge(left, right)
        return True

    def _merge(self, left: int, right: int) -> None:
        """Merge the stories of two rows, if the rule allows it."""
        older, younger = sorted((self.story_of[left], self.story_of[right]))
        if older == younger:
            return
        sides = set(self.members[older]), set(self.members[younger])
        across = [
            score
            for side in (0, 1)
            for row in sides[side]
            for match, score in self.matches[row].items()
            if match in sides[1 - side]
        ]
        if not self.rule.allows(across, len(sides[0]) * len(sides[1])):
            return
        self.members[older] = sorted(self.members[older] + self.members.pop(younger))
        self.story_of.update(dict.fromkeys(sides[1] | {younger}, older))


def new_clustering(
    times: Mapping[int, float] | Sequence[float], settings: Settings, rule: LinkageRule = DEFAULT_RULE
) -> StoryClustering:
    """Return an empty clustering for headlines of these times, in microseconds."""
    least_score = float(np.float32(threshold(settings)))  # matches are decided in float32
    return StoryClustering(times, settings.window * MICROSECONDS_AN_HOUR, rule.at_most(least_score))
