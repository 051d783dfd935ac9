"""Resolution of a batch: its matches, stories and verdicts.

The functions here compute from their arguments and change no lasting state: ``check`` runs the same steps as ``add``,
and nothing must be undone when a commit fails.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.core.hashing import true_at
from dedup.index.recurrence import count_recurrences
from dedup.index.storage.protocol import Batch, Match, Member, Position, StoredHeadline
from dedup.index.verdict import Verdict, explain_pairs
from dedup.matching.pairs import score_candidates
from dedup.matching.scoring.relation import COPY, NONE, RELATED, exclusions
from dedup.report.evidence_words import no_match
from dedup.stories.linkage import new_clustering

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from dedup.index.incoming import PreparedHeadlines
    from dedup.index.recurrence import RunDays
    from dedup.index.storage.protocol import Storage, StoredStories
    from dedup.index.window import CandidateSet, WindowCache
    from dedup.matching.features import HeadlineFeatures
    from dedup.matching.pairs import ScoredPairs
    from dedup.settings import Settings

MAX_RECOMPUTED = 2_500
"""Maximum number of headlines whose neighbour statistics are recomputed for a late batch (a few tenths of a second).
Larger late batches use the current statistics; their scores may differ from a full scan's."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """The outcome of adding a batch.

    Attributes:
        features: features of the new headlines.
        batch: everything to write.
        verdicts: by headline id, of new headlines and of those already stored.
    """

    features: HeadlineFeatures
    batch: Batch
    verdicts: dict[str, Verdict]


class RelatedStory(NamedTuple):
    """The closest story of a running story, by its id."""

    story_id: str
    related_score: float


class Assignment(NamedTuple):
    """A headline's place in its story: a verdict without the reasons.

    ``best`` is its best match within the story, None if there is none.
    """

    member: Member
    story_id: str
    is_new: bool
    best: Match | None
    matched_id: str | None
    first_outlet: str | None
    n_outlets: int

    def verdict(self, reasons: tuple[str, ...], related: RelatedStory | None = None, *, known: bool) -> Verdict:
        """Return the verdict with these reasons."""
        score, relation = (self.best.score, self.best.relation) if self.best else (None, RELATED if related else NONE)
        related_story, related_score = related or (None, None)
        return Verdict(
            self.member.headline_id, self.story_id, self.is_new, relation, self.matched_id, score, related_story,
            related_score, reasons, self.first_outlet, self.n_outlets, known,
        )  # fmt: skip


class StoryState:
    """The stories that a batch touches: loaded from the storage, then extended headline by headline."""

    def __init__(self, stored: StoredStories, settings: Settings) -> None:
        self._members = {member.row: member for member in (*stored.pruned_founders, *stored.members)}
        self._times = {member.row: _time(member) for member in self._members.values()}
        self._matches: dict[int, list[Match]] = defaultdict(list)
        self._clustering = clustering = new_clustering(self._times, settings)
        for member in stored.pruned_founders:
            clustering.story_of[member.row] = member.story
        for member in stored.members:
            clustering.members.setdefault(member.story, []).append(member.row)
            clustering.story_of[member.row] = member.story
            clustering.matches[member.row] = {}
        for match in stored.matches:
            clustering.matches[match.right][match.left] = match.score
            self._matches[match.right].append(match)
        self._stored_stories = list(clustering.members)

    def contains(self, row: int) -> bool:
        """Return whether a headline belongs to one of these stories."""
        return row in self._clustering.matches

    def assign(self, member: Member, matches: list[Match]) -> Assignment:
        """Assign a new headline to a story; its matches are with headlines of these stories."""
        row = member.row
        self._members[row], self._times[row] = member, _time(member)
        others = [(match.left if match.right == row else match.right, match) for match in matches]
        copied = [other for other, match in others if match.relation == COPY]
        story = self._clustering.assign(row, {other: match.score for other, match in others}, copied)
        return self._assignment(row, matches, is_new=story == row)

    def join(self, match: Match) -> bool:
        """Add a match of two stored headlines that a late one revealed; return whether it is new."""
        return self._clustering.join(match.left, match.right, match.score)

    def current(self, row: int) -> Assignment:
        """Return the assignment of a stored headline."""
        return self._assignment(row, self._matches[row], is_new=False)

    def story(self, row: int) -> int:
        """Return the story of a headline."""
        return self._clustering.story_of[row]

    def story_id(self, row: int) -> str:
        """Return the id of a headline's story."""
        return self._members[self.story(row)].headline_id

    def merged(self) -> dict[int, int]:
        """Return the stories that were merged, and the stories that absorbed them."""
        return {story: self.story(story) for story in self._stored_stories if self.story(story) != story}

    def _assignment(self, row: int, matches: list[Match], *, is_new: bool) -> Assignment:
        story = self.story(row)
        within = [(match, match.left if match.right == row else match.right) for match in matches]
        within = [(match, matched) for match, matched in within if self._clustering.story_of.get(matched) == story]
        best, matched = max(within, key=lambda pair: (pair[0].score, -pair[1]), default=(None, row))
        members = [self._members[member] for member in self._clustering.members[story]]
        outlets = {member.outlet for member in members if member.outlet}
        times = [member.published for member in members if member.outlet and member.published is not None]
        earliest = min(times, default=None)
        first = {member.outlet for member in members if member.outlet and times and member.published == earliest}
        return Assignment(
            self._members[row],
            self._members[story].headline_id,
            is_new,
            best,
            self._members[matched].headline_id if best else None,
            first.pop() if len(first) == 1 else None,
            len(outlets),
        )


def resolve(
    prepared: PreparedHeadlines,
    known: Mapping[str, int],
    days: Mapping[int, RunDays],
    *,
    position: Position,
    cache: WindowCache,
    storage: Storage,
    settings: Settings,
) -> Resolution:
    """Compare new headlines with those within reach, and assign them to stories.

    Args:
        prepared: the new headlines.
        known: rows of the batch's headlines that are already stored, by id.
        days: the days of those titles that ran before.
        position: the current position of the index.
        cache: the headlines within reach.
        storage: inside a transaction.
        settings: the settings of the index.
    """
    recurs, changed_days = count_recurrences(prepared.titles, prepared.times, days)
    features = cache.with_recent_words(prepared.number(position.row + 1, recurs))
    candidate_set, deltas, compared = _compare(features, cache, settings)
    pair_of = _matches(compared, candidate_set.features.row)
    closest = _closest_related(compared, candidate_set.features.row, position.row, pair_of)
    stored_rows = {row for match in pair_of for row in match[:2] if row <= position.row}.union(known.values())
    stored_rows |= {row for row, _ in closest.values() if row <= position.row}
    state = StoryState(storage.load_stories(stored_rows), settings)
    # Headlines pruned since this process last read are still cached, but match nothing any more.
    valid = [match for match in pair_of if all(row > position.row or state.contains(row) for row in match[:2])]
    matches = [match for match in valid if max(match[:2]) > position.row]
    verdicts = {headline_id: state.current(row).verdict((), known=True) for headline_id, row in known.items()}
    assignments = _assign(_members(prepared, position.row + 1), matches, state)
    matches += [match for match in valid if max(match[:2]) <= position.row and state.join(match)]
    related = {
        new: RelatedStory(state.story_id(row), score)
        for new, (row, score) in closest.items()
        if row > position.row or state.contains(row)
    }
    reasons = _reasons(assignments, compared, pair_of, candidate_set.features.row, settings)
    verdicts |= {
        assignment.member.headline_id: assignment.verdict(
            reasons.get(assignment.member.row, ()),
            None if assignment.best else related.get(assignment.member.row),
            known=False,
        )
        for assignment in assignments
    }
    latest = max((moment for moment in (position.latest, *prepared.times) if moment is not None), default=None)
    batch = Batch(
        Position(position.batch + 1, position.epoch, position.row + len(assignments), latest),
        _stored_headlines(prepared, assignments, recurs, state, latest),
        matches,
        state.merged(),
        changed_days,
        deltas,
    )
    return Resolution(features, batch, verdicts)


def _compare(
    features: HeadlineFeatures, cache: WindowCache, settings: Settings
) -> tuple[CandidateSet, NDArray[np.void], ScoredPairs]:
    """Compare a batch with its candidates; return these, the deltas of the batch, and the pairs."""
    candidate_set = cache.find_candidates(features)
    compared = score_candidates(candidate_set.features, candidate_set.candidates, settings)
    deltas = candidate_set.deltas()
    if len(deltas) <= MAX_RECOMPUTED and cache.is_late(features):
        candidate_set = cache.find_candidates_again(features, deltas)
        compared = score_candidates(
            candidate_set.features, candidate_set.candidates, settings, is_query=candidate_set.is_query
        )
    return candidate_set, deltas, compared


def _matches(compared: ScoredPairs, rows: NDArray[np.int64]) -> dict[Match, int]:
    """Return the matches, each with the number of its pair."""
    pairs = true_at(compared.is_match)
    if not len(pairs):
        return {}
    columns = (
        rows[compared.right[pairs]], rows[compared.left[pairs]], compared.scores.score[pairs], compared.relation[pairs],
    )  # fmt: skip
    matches = (Match(*match) for match in zip(*(column.tolist() for column in columns), strict=True))
    return dict(zip(matches, pairs.tolist(), strict=True))


def _members(prepared: PreparedHeadlines, first_row: int) -> list[Member]:
    """Return the new headlines, each as a story of its own."""
    rows = range(first_row, first_row + len(prepared.times))
    ids, outlets = (prepared.keys[name].to_list() for name in ("headline_id", "outlet"))
    return [Member(*fields) for fields in zip(rows, rows, ids, outlets, prepared.times, strict=True)]


def _assign(members: list[Member], matches: list[Match], state: StoryState) -> list[Assignment]:
    """Assign new headlines one at a time; a match counts for the headline that is assigned later."""
    matches_of: dict[int, list[Match]] = defaultdict(list)
    for match in matches:
        matches_of[max(match.right, match.left)].append(match)
    return [state.assign(member, matches_of[member.row]) for member in members]


def _closest_related(
    compared: ScoredPairs, rows: NDArray[np.int64], stored: int, matches: Iterable[Match]
) -> dict[int, tuple[int, float]]:
    """Return the closest related headline of each new one without a match, and the related score; by row.

    Args:
        compared: the pairs of a batch.
        rows: of their headlines.
        stored: the last row before the batch.
        matches: the matches of the batch.
    """
    pairs = compared.related
    if not len(pairs.left):
        return {}
    left, right = rows[pairs.left], rows[pairs.right]
    new, other = np.concatenate([left, right]), np.concatenate([right, left])
    score = np.concatenate([pairs.related_score, pairs.related_score])
    order = np.lexsort((other, -score, new))
    order = order[new[order] > stored]
    first = order[np.unique(new[order], return_index=True)[1]]
    matched = {row for match in matches for row in match[:2]}
    found = zip(new[first].tolist(), other[first].tolist(), score[first].tolist(), strict=True)
    return {row: (closest, related_score) for row, closest, related_score in found if row not in matched}


def _reasons(
    assignments: list[Assignment],
    compared: ScoredPairs,
    pair_of: Mapping[Match, int],
    rows: NDArray[np.int64],
    settings: Settings,
) -> dict[int, tuple[str, ...]]:
    """Return the reasons of the verdicts on new headlines: of the best match, else of the best pair that is ruled out.

    Args:
        assignments: of the new headlines.
        compared: the pairs of the batch.
        pair_of: the number of each match's pair.
        rows: of the headlines of the pairs.
        settings: for the model and the threshold.
    """
    matched = {item.member.row: pair_of[item.best] for item in assignments if item.best}
    excluded = exclusions(compared.evidence, compared.scores, compared.is_match, settings)
    unmatched = {item.member.row for item in assignments}.difference(matched)
    closest: dict[int, int] = {}
    for pair in sorted(excluded, key=lambda pair: compared.scores.score[pair]):
        sides = int(rows[compared.left[pair]]), int(rows[compared.right[pair]])
        closest |= dict.fromkeys(unmatched.intersection(sides), pair)
    reasons: dict[int, tuple[str, ...]] = {}
    if matched:
        reasons = explain_pairs(compared.evidence, np.array(list(matched.values()), np.int64), settings)
    reasons |= {pair: tuple(map(no_match, excluded[pair].values())) for pair in closest.values()}
    return {row: reasons[pair] for row, pair in (matched | closest).items()}


def _stored_headlines(
    prepared: PreparedHeadlines,
    assignments: list[Assignment],
    recurs: list[int],
    state: StoryState,
    latest: int | None,
) -> Iterator[StoredHeadline]:
    """Yield the rows to store: built when they are written, since ``check`` needs none of them."""
    seen = time.time_ns() // 1000 if latest is None else latest
    names = ("title", "url", "source", "exact_key", "fuzzy_key", "tag")
    columns = (prepared.keys[name].to_list() for name in names)
    for (member, *_), count, title, url, source, exact, fuzzy, tag in zip(assignments, recurs, *columns, strict=True):
        yield StoredHeadline(
            member.row, member.headline_id, member.outlet, title, url, member.published, source, exact, fuzzy, tag,
            count, state.story(member.row), seen if member.published is None else None,
        )  # fmt: skip


def _time(member: Member) -> float:
    return math.nan if member.published is None else member.published
