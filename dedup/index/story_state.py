"""The stories that a batch touches: as they are remembered, and what becomes of them headline by headline."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from dedup.index.verdict import Verdict
from dedup.matching.scoring.relation import NONE
from dedup.stories.linkage import new_clustering

if TYPE_CHECKING:
    from dedup.index.storage.protocol import Match, Member, StoredStories
    from dedup.settings import Settings


class Placed(NamedTuple):
    """Where a headline stands, and with whom; what a verdict says without the reasons.

    ``best`` is its best match within its story, None where there is none.
    """

    member: Member
    story_id: str
    is_new: bool
    best: Match | None
    matched_id: str | None
    first_outlet: str | None
    n_outlets: int

    def verdict(self, reasons: tuple[str, ...], *, known: bool) -> Verdict:
        """The verdict on it."""
        score, relation = (self.best.score, self.best.relation) if self.best else (None, NONE)
        return Verdict(
            self.member.headline_id, self.story_id, self.is_new, relation, self.matched_id, score, reasons,
            self.first_outlet, self.n_outlets, known,
        )  # fmt: skip


class StoryState:
    """Some stories, with what a verdict says of them."""

    def __init__(self, shelved: StoredStories, settings: Settings) -> None:
        self._faces = {member.row: member for member in (*shelved.former, *shelved.members)}
        self._times = {member.row: _time(member) for member in self._faces.values()}
        self._matches: dict[int, list[Match]] = defaultdict(list)
        self._stories = new_clustering(self._times, settings)
        stories = self._stories
        for member in shelved.former:
            stories.story_of[member.row] = member.story
        for member in shelved.members:
            stories.members.setdefault(member.story, []).append(member.row)
            stories.story_of[member.row] = member.story
            stories.matches[member.row] = {}
        for match in shelved.matches:
            stories.matches[match.right][match.left] = match.score
            self._matches[match.right].append(match)
        self._before = list(stories.members)

    def holds(self, row: int) -> bool:
        """Whether a headline is one of these stories'."""
        return row in self._stories.matches

    def place(self, member: Member, matches: list[Match]) -> Placed:
        """Place a new headline; its matches are with headlines of these stories, or placed before."""
        row = member.row
        self._faces[row], self._times[row] = member, _time(member)
        scores = {match.left if match.right == row else match.right: match.score for match in matches}
        story = self._stories.place(row, scores)
        return self._placed(row, matches, is_new=story == row)

    def join(self, match: Match) -> bool:
        """Take a match of two remembered headlines, which a late one brought to light; whether it is new."""
        return self._stories.join(match.left, match.right, match.score)

    def remembered(self, row: int) -> Placed:
        """A headline where it stands."""
        return self._placed(row, self._matches[row], is_new=False)

    def story(self, row: int) -> int:
        """The story of a headline."""
        return self._stories.story_of[row]

    def merged(self) -> dict[int, int]:
        """The stories that became part of another, and which."""
        return {story: self.story(story) for story in self._before if self.story(story) != story}

    def _placed(self, row: int, matches: list[Match], *, is_new: bool) -> Placed:
        story = self.story(row)
        inside = [(match, match.left if match.right == row else match.right) for match in matches]
        inside = [(match, other) for match, other in inside if self._stories.story_of.get(other) == story]
        best, other = max(inside, key=lambda pair: (pair[0].score, -pair[1]), default=(None, row))
        told = [self._faces[one] for one in self._stories.members[story]]
        named = {face.outlet for face in told if face.outlet}
        times = [face.published for face in told if face.outlet and face.published is not None]
        first = {face.outlet for face in told if face.outlet and times and face.published == min(times)}
        return Placed(
            self._faces[row],
            self._faces[story].headline_id,
            is_new,
            best,
            self._faces[other].headline_id if best else None,
            first.pop() if len(first) == 1 else None,
            len(named),
        )


def _time(member: Member) -> float:
    return math.nan if member.published is None else member.published
