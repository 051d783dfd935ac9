"""KEYS to PAIRS: the order of the steps, slice by slice of time.

A pair is a match when its score reaches the threshold and neither headline is a standing title: weather, cartoons and
columns of the same name are equal every day, and are never coverage of anything.

Slice by slice, the candidates whose later headline is in the slice are compared and scored. Whatever the slices, the
pairs are the same: a pair's evidence is fixed when its later headline arrives, and looks back only. That is also what
makes an index and a scan one piece of code.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from dedup import frames
from dedup.core.hashing import true_at
from dedup.core.parallel import prefetch
from dedup.core.spill import SpillableFrames, memory_share
from dedup.matching.evidence.compute import compute_evidence
from dedup.matching.features import headline_features
from dedup.matching.scoring.model import load_model, threshold
from dedup.matching.scoring.relation import DECISIVE, decide
from dedup.matching.windows import proposals

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from dedup.matching.blocking.candidates import Candidates
    from dedup.matching.evidence.bounds import ScoreBounds
    from dedup.matching.evidence.schema import Columns
    from dedup.matching.features import HeadlineFeatures
    from dedup.matching.timeline import Ordered
    from dedup.settings import Settings


PLACES = ("left", "right")


@dataclass(frozen=True, slots=True)
class Compared:
    """The pairs of a board down to the pairs floor, in order of (later, earlier) headline.

    Attributes:
        left: the earlier headline's place on the board, shape (p,).
        right: the later one's.
        score: 0..1.
        is_match: whether the score reaches the threshold and neither title is a standing one.
        relation: copy, same-news or none.
        evidence: columns of shape (p,) by name.
        candidates: pairs that blocking proposed.
        compared: candidates that shared enough for full evidence and a score.
        left_out: meetings in flooded buckets that the bucket limit left out.
    """

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    score: NDArray[np.float32]
    is_match: NDArray[np.bool_]
    relation: NDArray[np.str_]
    evidence: Columns
    candidates: int
    compared: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Paired:
    """What comparing all headlines found.

    Attributes:
        rows: PAIRS down to the pairs floor, in order of (later, earlier) headline, with the evidence, and ``left`` and
            ``right``, the two headlines' places among the ordered.
        candidates: pairs that blocking proposed.
        compared: candidates that shared enough for full evidence and a score.
        left_out: meetings in flooded buckets that the bucket limit left out.
        ordered: the headlines.
    """

    rows: SpillableFrames
    candidates: int
    compared: int
    left_out: int
    ordered: Ordered

    def pairs(self) -> pl.LazyFrame:
        """PAIRS with the evidence; this object must live until they are collected."""
        return self.rows.lazy().drop(PLACES)

    def matches(self) -> pl.DataFrame:
        """The matched pairs: ``left`` and ``right``, ``score`` and ``relation``."""
        return self.rows.lazy().filter("is_match").select(*PLACES, "score", "relation").collect()

    @property
    def candidate_recall(self) -> float | None:
        """Share of the matches that blocking proposed; it says something where brute force looked for the others."""
        share: float | None = (
            self.rows.lazy().filter("is_match").select((pl.col("log_bucket_size") > 0).mean()).collect().item()
        )
        return share


def pair_up(
    ordered: Ordered,
    settings: Settings,
    *,
    memory_limit: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Paired:
    """All pairs of headlines that score at least the pairs floor.

    Args:
        ordered: n headlines.
        settings: window, threshold, pairs floor and all that shapes candidates.
        memory_limit: see ``spill.memory_share``.
        progress: called with the headlines done and n.
    """
    found, counts = SpillableFrames(memory_share(memory_limit)), list[tuple[int, int, int]]()
    ids = ordered.metadata["headline_id"]
    before = headline_features(ordered.slice(0, 0), settings)
    for part, proposed in prefetch(proposals(ordered, settings)):
        whole = part.board
        if whole is not before:
            whole.copy_neighbour_stats(before, part.held)
            before = whole
        pairs = compare(whole, proposed, settings)
        found.add(_frame(whole, pairs, ids))
        counts.append((pairs.candidates, pairs.compared, pairs.left_out))
        if progress is not None:
            progress(part.done, len(ordered))
    candidates, compared, left_out = (sum(column) for column in zip(*counts, strict=True))
    return Paired(found, candidates, compared, left_out, ordered)


def matched_at(paired: Paired, settings: Settings) -> Paired:
    """Return the same pairs, matched at the threshold of other settings."""

    def matched(pairs: pl.DataFrame) -> pl.DataFrame:
        evidence = {name: pairs[name].to_numpy() for name in DECISIVE}
        is_match, relation = decide(evidence, pairs["score"].to_numpy(), settings)
        return pairs.with_columns(is_match=pl.Series(is_match), relation=pl.Series(relation, dtype=pl.String))

    return replace(paired, rows=paired.rows.map(matched))


def compare(
    whole: HeadlineFeatures, candidates: Candidates, settings: Settings, *, is_query: NDArray[np.bool_] | None = None
) -> Compared:
    """The evidence and the score of a board's candidates; updates its neighbour statistics.

    Args:
        whole: a board.
        candidates: pairs of its headlines.
        settings: for the threshold and the pairs floor.
        is_query: see ``compute_evidence``.
    """
    proposed = len(candidates.left)
    limit = threshold(settings)
    floor = limit if settings.pairs_floor is None else min(settings.pairs_floor, limit)
    candidates, columns, compared = compute_evidence(whole, candidates, bounds=_bounds(floor), is_query=is_query)
    score = load_model().score(columns)
    kept = true_at(score >= floor)
    if len(kept) < len(score):
        candidates, columns, score = candidates.take(kept), _take(columns, kept), score[kept]
    is_match, relation = decide(columns, score, settings)
    return Compared(
        candidates.left, candidates.right, score, is_match, relation, columns, proposed, compared, candidates.left_out
    )


@lru_cache(maxsize=8)
def _bounds(floor: float) -> ScoreBounds:
    return load_model().bounds(floor)


def _take(columns: Columns, rows: NDArray[np.int64]) -> Columns:
    return {name: values[rows] for name, values in columns.items()}


def _frame(whole: HeadlineFeatures, found: Compared, ids: pl.Series) -> pl.DataFrame:
    """The pairs of one slice as PAIRS, with the places of their headlines."""
    left, right = (pl.Series(whole.row[side], dtype=pl.UInt32) for side in (found.left, found.right))
    columns = {
        "left": left,
        "right": right,
        "left_id": ids.gather(left),
        "right_id": ids.gather(right),
        "score": found.score,
        "is_match": found.is_match,
        "relation": pl.Series(found.relation, dtype=pl.String),
    }
    pairs = pl.DataFrame(columns | found.evidence)
    pairs = pairs.with_columns(hours_apart=pl.when(pl.col("hours_apart") >= 0).then("hours_apart"))
    return frames.check(pairs, frames.PAIRS, "PAIRS")
