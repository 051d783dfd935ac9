"""KEYS to PAIRS: candidates, evidence, scores and relations, one slice of time after another.

Slice by slice, the candidates whose later headline is in the slice are compared and scored. The pairs do not depend on
the slices: the evidence of a pair is fixed when its later headline arrives, and looks back only. That is also why an
index and a scan share one implementation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from dedup import frames
from dedup.core.hashing import true_at
from dedup.core.parallel import prefetch
from dedup.core.spill import SpillableFrames, memory_share
from dedup.matching.evidence.compute import compute_evidence
from dedup.matching.scoring.model import Scores, load_model, probability, related_threshold, threshold
from dedup.matching.scoring.relation import DECISIVE, are_related, decide
from dedup.matching.windows import WHOLE, sliced_candidates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from dedup.matching.blocking.candidates import Candidates
    from dedup.matching.evidence.bounds import Bounds
    from dedup.matching.evidence.schema import Columns
    from dedup.matching.features import HeadlineFeatures
    from dedup.matching.timeline import Timeline
    from dedup.matching.windows import Slice, Span
    from dedup.settings import Settings

_ROWS = ("left", "right")


class RelatedPairs(NamedTuple):
    """Pairs of related headlines, each array of shape (r,)."""

    left: NDArray[np.int32]  # row of the earlier headline in the features
    right: NDArray[np.int32]
    related_score: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ScoredPairs:
    """The pairs among some headlines down to the pairs floor, in order of (right, left).

    Attributes:
        left: row of the earlier headline in the features, shape (p,).
        right: row of the later one, shape (p,).
        scores: both scores.
        is_match: see ``scoring.relation``, shape (p,).
        relation: copy, same-news, related or none, shape (p,).
        evidence: columns of shape (p,) by name.
        related: the pairs whose related score makes them related, whether or not they reach the floor.
        candidates: number of pairs that blocking proposed.
        compared: number of candidates that got evidence and a score.
        left_out: number of pairs that the bucket limit left out.
    """

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    scores: Scores
    is_match: NDArray[np.bool_]
    relation: NDArray[np.str_]
    evidence: Columns
    related: RelatedPairs
    candidates: int
    compared: int
    left_out: int


@dataclass(frozen=True, slots=True)
class MatchingResult:
    """All pairs of a timeline down to the pairs floor.

    Attributes:
        rows: PAIRS in order of (right, left), with the evidence, and ``left`` and ``right``, the rows of the headlines
            in the timeline.
        candidates: number of pairs that blocking proposed.
        compared: number of candidates that got evidence and a score.
        left_out: number of pairs that the bucket limit left out.
        related: RELATED_PAIRS: all pairs whose related score makes them related.
        timeline: the headlines.
    """

    rows: SpillableFrames
    related: SpillableFrames
    candidates: int
    compared: int
    left_out: int
    timeline: Timeline

    def pairs(self) -> pl.LazyFrame:
        """Return PAIRS with the evidence; this object must live until they are collected."""
        return self.rows.lazy().drop(_ROWS)

    def matches(self) -> pl.DataFrame:
        """Return MATCHES."""
        return frames.check(
            self.rows.lazy().filter("is_match").select(list(frames.MATCHES)).collect(), frames.MATCHES, "MATCHES"
        )

    @property
    def candidate_recall(self) -> float | None:
        """Share of the matches that blocking proposed; meaningful after a search of all pairs (``Settings.exact``)."""
        proposed = (pl.col("log_bucket_size") > 0).mean()
        share: float | None = self.rows.lazy().filter("is_match").select(proposed).collect().item()
        return share


def match_headlines(
    timeline: Timeline,
    settings: Settings,
    *,
    span: Span = WHOLE,
    memory_limit: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> MatchingResult:
    """Find all pairs of headlines with a score of at least the pairs floor.

    Args:
        timeline: n headlines.
        settings: window, threshold, pairs floor and everything that shapes candidates.
        span: the rows whose pairs are wanted, as later ones; they are scored as in a timeline of all headlines.
        memory_limit: see ``spill.memory_share``.
        progress: called with the number of headlines done and n.
    """
    rows, related = (SpillableFrames(memory_share(memory_limit)) for _ in range(2))
    counts = list[tuple[int, int, int]]()
    ids = timeline.metadata["headline_id"]
    for part, features, candidates in _with_neighbour_stats(timeline, settings, span):
        pairs = score_candidates(features, candidates, settings)
        rows.add(_frame(features, pairs, ids))
        related.add(_related_frame(features, pairs.related))
        counts.append((pairs.candidates, pairs.compared, pairs.left_out))
        if progress is not None:
            progress(part.done, len(timeline))
    proposed, compared, left_out = (sum(column) for column in zip(*counts, strict=True))
    return MatchingResult(rows, related, proposed, compared, left_out, timeline)


def count_neighbours(
    timeline: Timeline, settings: Settings, span: Span, undated: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return what the candidates of a span add to the neighbour statistics of headlines without a time.

    Args:
        timeline: n headlines.
        settings: for the candidates.
        span: the rows whose candidates are counted.
        undated: number of headlines without a time.

    Returns:
        The number of candidates of each, to be added to those of other spans, and the largest overlap with one, of
        which the largest of all spans counts; each of shape (undated,).
    """
    statistics = np.zeros(undated, np.int64), np.zeros(undated, np.float32)
    for _, features, candidates in _with_neighbour_stats(timeline, settings, replace(span, undated=statistics)):
        _count(features, candidates)
        statistics = features.candidate_count[:undated], features.largest_overlap[:undated]
    return statistics


def _with_neighbour_stats(
    timeline: Timeline, settings: Settings, span: Span
) -> Iterator[tuple[Slice, HeadlineFeatures, Candidates]]:
    """Yield the candidates to be scored, with features that hold the statistics of everything before."""
    previous: HeadlineFeatures | None = None
    for part, candidates in prefetch(sliced_candidates(timeline, settings, span)):
        features = part.features
        if features is not previous:
            if previous is not None:
                features.copy_neighbour_stats(previous, part.kept)
            if span.undated is not None and part.first == span.scored_from:
                count, overlap = span.undated
                features.candidate_count[: len(count)], features.largest_overlap[: len(count)] = count, overlap
            previous = features
        if part.first < span.scored_from:
            _count(features, candidates)
        else:
            yield part, features, candidates


def _count(features: HeadlineFeatures, candidates: Candidates) -> None:
    """Update the neighbour statistics with candidates that are not scored."""
    compute_evidence(features, candidates, is_query=np.zeros(len(features), bool))


def rematch(result: MatchingResult, settings: Settings) -> MatchingResult:
    """Return the same pairs, with matches and relations decided by other settings."""

    def decided(pairs: pl.DataFrame) -> pl.DataFrame:
        evidence = {name: pairs[name].to_numpy() for name in DECISIVE}
        scores = Scores(pairs["score"].to_numpy(), pairs["related_score"].to_numpy())
        is_match, _, relation = decide(evidence, scores, settings)
        return pairs.with_columns(is_match=pl.Series(is_match), relation=pl.Series(relation, dtype=pl.String))

    return replace(result, rows=result.rows.map(decided))


def score_candidates(
    features: HeadlineFeatures,
    candidates: Candidates,
    settings: Settings,
    *,
    is_query: NDArray[np.bool_] | None = None,
) -> ScoredPairs:
    """Compute evidence, score and relation of candidates, and update the neighbour statistics of their headlines.

    Args:
        features: of n headlines; their neighbour statistics are updated.
        candidates: pairs of its rows, in order of (right, left).
        settings: for the threshold and the pairs floor.
        is_query: see ``compute_evidence``.
    """
    proposed = len(candidates.left)
    limit = threshold(settings)
    floor = limit if settings.pairs_floor is None else min(settings.pairs_floor, limit)
    # Below the threshold, the floor is one of the related score, which is never the lower of the two.
    keeps_related = floor < limit
    related_floor = min(floor, related_threshold()) if keeps_related else related_threshold()
    model = load_model(settings.calibration)
    bounds = _bounds(model.digest, settings.calibration, floor, related_floor, keeps_related=keeps_related)
    evidence = compute_evidence(features, candidates, bounds=bounds, is_query=is_query)
    candidates, columns = evidence.candidates, evidence.columns
    scores = model.scores(columns)
    is_match, is_near, relation = decide(columns, scores, settings)
    others, related_score = evidence.related, probability(evidence.related_logits)
    standing = features.standing[others.left] | features.standing[others.right]
    related = _related_pairs(
        (candidates, scores.related_score, is_near), (others, related_score, are_related(related_score, standing))
    )
    reached = scores.related_score if keeps_related else scores.score
    kept = true_at(reached >= floor)
    if len(kept) < len(reached):
        candidates, scores = candidates.take(kept), scores.take(kept)
        is_match, relation = is_match[kept], relation[kept]
        columns = {name: values[kept] for name, values in columns.items()}
    return ScoredPairs(
        candidates.left, candidates.right, scores, is_match, relation, columns, related, proposed, evidence.compared,
        candidates.left_out,
    )  # fmt: skip


def _related_pairs(*parts: tuple[Candidates, NDArray[np.float32], NDArray[np.bool_]]) -> RelatedPairs:
    """Return the related pairs of some candidates with their related scores, in order of (right, left)."""
    chosen = [(pairs.left[near], pairs.right[near], score[near]) for pairs, score, near in parts]
    left, right, score = map(np.concatenate, zip(*chosen, strict=True))
    order = np.argsort(right.astype(np.int64) << 32 | left, kind="stable")  # merges the parts, which are in order
    return RelatedPairs(left[order], right[order], score[order])


@lru_cache(maxsize=8)
def _bounds(
    _digest: str, calibration: str | None, floor: float, related_floor: float, *, keeps_related: bool
) -> Bounds:
    """Return the bounds of both scores; the model's digest is part of the cache's key."""
    return load_model(calibration).bounds(floor, related_floor, keeps_related=keeps_related)


def _frame(features: HeadlineFeatures, pairs: ScoredPairs, ids: pl.Series) -> pl.DataFrame:
    """Return PAIRS with the rows of their headlines in the timeline.

    Args:
        features: which the rows of the pairs refer to.
        pairs: of one slice.
        ids: headline ids of the timeline.
    """
    left, right = (pl.Series(features.row[rows], dtype=pl.UInt32) for rows in (pairs.left, pairs.right))
    columns = {
        "left": left,
        "right": right,
        "left_id": ids.gather(left),
        "right_id": ids.gather(right),
        "score": pairs.scores.score,
        "related_score": pairs.scores.related_score,
        "is_match": pairs.is_match,
        "relation": pl.Series(pairs.relation, dtype=pl.String),
    }
    frame = pl.DataFrame(columns | pairs.evidence)
    frame = frame.with_columns(hours_apart=pl.when(pl.col("hours_apart") >= 0).then("hours_apart"))
    return frames.check(frame, frames.PAIRS, "PAIRS")


def _related_frame(features: HeadlineFeatures, pairs: RelatedPairs) -> pl.DataFrame:
    """Return RELATED_PAIRS by the rows of their headlines in the timeline."""
    left, right = (pl.Series(features.row[rows], dtype=pl.UInt32) for rows in (pairs.left, pairs.right))
    frame = pl.DataFrame({"left": left, "right": right, "related_score": pairs.related_score})
    return frames.check(frame, frames.RELATED_PAIRS, "RELATED_PAIRS")
