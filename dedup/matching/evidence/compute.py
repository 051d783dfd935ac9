"""Evidence of whole columns of candidates, in the order of its cost.

Similarity is not evidence: of two pairs of equal similarity, one is a copy and the other a template about another
person. So the evidence measures the *information* that is shared and missing (``overlap``), facts that agree or clash
(``facts``), the similarity of the letters (``similarity``), the hours between the two, whether one outlet published
both, whether the title recurs daily, and the other candidates of both headlines (``neighbours``). All of it looks back
only: a pair's evidence never depends on later headlines.

Candidates with too little overlap are not compared, unless their words mean the same: long headlines of one running
story share little. The string similarities come last, only for pairs that can still be the same news: no score of
related news depends on them. A bound before that, from the overlap and the times alone, would skip nothing: most pairs
that share a tenth of their information may be related.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.core.hashing import true_at
from dedup.core.kernels import Kernel
from dedup.core.parallel import map_in_threads
from dedup.core.time_windows import MICROSECONDS_AN_HOUR, NO_TIME
from dedup.matching.evidence.alignment import Alignment, PackedWords, align_words, new_alignment
from dedup.matching.evidence.bounds import UNREACHABLE, Bounds, fill_bins, no_bounds, reachable_logit
from dedup.matching.evidence.changes import fill_changes
from dedup.matching.evidence.facts import fill_acts, fill_facts, fill_polarity
from dedup.matching.evidence.meaning import meaning_similarities
from dedup.matching.evidence.neighbours import log_counts, neighbour_evidence
from dedup.matching.evidence.overlap import fill_information, fill_order
from dedup.matching.evidence.schema import ROW, UNKNOWN, offsets
from dedup.matching.evidence.similarity import similarities

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.matching.blocking.candidates import Candidates
    from dedup.matching.evidence.schema import Columns
    from dedup.matching.features import HeadlineFeatures

MIN_OVERLAP = 0.1
"""Overlap from which all candidates are compared. No labelled pair below it scores enough to match; of the weight of
related pairs, 19 % is below it on egypt2013, 10 % on saudi2015, 43 % on mena2026 and 7 % on mixed2026."""

LITTLE_OVERLAP = 0.05
"""Overlap down to which a scan compares candidates that are alike, and to which a search for one headline compares all
and training learns."""

ALIKE = 0.33
"""Similarity of meaning from which candidates with little overlap are compared (docs/decisions.md)."""

HOURS_APART, SAME_OUTLET, RECURRENCE_DAYS, STANDING = offsets(
    "hours_apart", "same_outlet", "recurrence_days", "standing"
)
LOG_BUCKET_SIZE, LOG_CANDIDATES, LEFT_RELATIVE_OVERLAP, RIGHT_RELATIVE_OVERLAP = offsets(
    "log_bucket_size", "log_candidates", "left_relative_overlap", "right_relative_overlap"
)
(MEANING_SIMILARITY,) = offsets("meaning_similarity")

_CHUNK = 1 << 14  # candidates of a thread's turn


class HeadlineContext(NamedTuple):
    """Columns of n headlines for the kernels; see ``features.HeadlineFeatures``."""

    time: NDArray[np.int64]
    outlet: NDArray[np.uint32]
    recurs: NDArray[np.float32]
    standing: NDArray[np.bool_]


class CandidateColumns(NamedTuple):
    """Candidates with their neighbour evidence and similarity of meaning, each array of shape (p,)."""

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    log_bucket_size: NDArray[np.float32]
    left_relative_overlap: NDArray[np.float32]
    right_relative_overlap: NDArray[np.float32]
    log_candidates: NDArray[np.float32]
    meaning: NDArray[np.float32]


class Evidence(NamedTuple):
    """The evidence of the candidates that can reach a score.

    Attributes:
        candidates: the p candidates that can be the same news.
        columns: every feature of ``schema.EVIDENCE``, float32 of shape (p,).
        related: the r other candidates that reach the floor of the related score.
        related_logits: log-odds of their related score, shape (r,).
        compared: how many candidates were compared (``are_compared``).
    """

    candidates: Candidates
    columns: Columns
    related: Candidates
    related_logits: NDArray[np.float32]
    compared: int


def compute_evidence(
    features: HeadlineFeatures,
    candidates: Candidates,
    *,
    bounds: Bounds | None = None,
    min_overlap: float = MIN_OVERLAP,
    is_query: NDArray[np.bool_] | None = None,
) -> Evidence:
    """Compute all evidence of the candidates that can still reach one of the scores.

    Args:
        features: of n headlines; their neighbour statistics are updated.
        candidates: pairs of its rows, in order of (right, left).
        bounds: None keeps all candidates, as if all could be the same news.
        min_overlap: overlap from which all candidates are compared; below it, those that are alike.
        is_query: for each headline, whether its evidence is wanted: only candidates of two such headlines get evidence,
            the others only count for the neighbour statistics. None wants all.
    """
    overlap, meaning = _similarities(features, candidates)
    enough = true_at(are_compared(overlap, meaning, min_overlap))
    candidates, meaning = candidates.take(enough), meaning[enough]
    neighbours = neighbour_evidence(features, candidates, overlap[enough])
    if is_query is not None:
        wanted = true_at(is_query[candidates.left] & is_query[candidates.right])
        candidates, neighbours, meaning = candidates.take(wanted), neighbours.take(wanted), meaning[wanted]
    log_bucket_size = log_counts(candidates.bucket_size)
    pairs = CandidateColumns(candidates.left, candidates.right, log_bucket_size, *neighbours, meaning)
    rows = _fill_rows(features, pairs, bounds)
    related, candidates = candidates.take(rows.related), candidates.take(rows.kept)
    columns: Columns = dict(zip(ROW, np.ascontiguousarray(rows.rows.T), strict=True))
    strings = similarities(features.key[candidates.left], features.key[candidates.right])
    return Evidence(candidates, columns | strings, related, rows.related_logits, len(enough))


def are_compared(
    overlap: NDArray[np.float32], meaning: NDArray[np.float32], min_overlap: float = MIN_OVERLAP
) -> NDArray[np.bool_]:
    """Return which candidates of this overlap and similarity of meaning are compared, shape (p,)."""
    compared: NDArray[np.bool_] = (overlap >= min_overlap) | ((overlap >= LITTLE_OVERLAP) & (meaning >= ALIKE))
    return compared


def _similarities(
    features: HeadlineFeatures, candidates: Candidates
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the overlap and the similarity of meaning of each candidate, shapes (p,)."""
    overlap, meaning = np.empty((2, len(candidates.left)), np.float32)
    words, vectors = features.packed_words, features.words.meaning
    fill = fill_overlaps.for_work(50 * len(overlap))

    def fill_chunk(first: int) -> None:
        chunk = slice(first, first + _CHUNK)
        left, right = candidates.left[chunk], candidates.right[chunk]
        fill(words, left, right, new_alignment(), overlap[chunk])
        meaning[chunk] = meaning_similarities(vectors, left, right)

    map_in_threads(fill_chunk, range(0, len(overlap), _CHUNK))
    return overlap, meaning


class Rows(NamedTuple):
    """What the kernel finds in p candidates.

    Attributes:
        kept: indexes of the k candidates that can be the same news.
        rows: their evidence, shape (k, features).
        related: indexes of the r other candidates that reach the floor of the related score.
        related_logits: log-odds of their related score, shape (r,).
    """

    kept: NDArray[np.int64]
    rows: NDArray[np.float32]
    related: NDArray[np.int64]
    related_logits: NDArray[np.float32]


def _fill_rows(features: HeadlineFeatures, columns: CandidateColumns, bounds: Bounds | None) -> Rows:
    """Return the evidence of the candidates that can reach a floor."""
    context = HeadlineContext(features.time, features.outlet, features.recurs, features.standing)
    fill = fill_rows.for_work(100 * len(columns.left))
    # In Python, bounding a pair takes longer than completing its evidence.
    limits = no_bounds() if bounds is None or fill is fill_rows else bounds

    def fill_chunk(first: int) -> Rows:
        chunk = columns
        if len(columns.left) > _CHUNK:
            chunk = CandidateColumns(
                **{name: column[first : first + _CHUNK] for name, column in columns._asdict().items()}
            )
        size = len(chunk.left)
        rows = Rows(
            np.empty(size, np.int64), np.empty((size + 1, len(ROW)), np.float32),
            np.empty(size, np.int64), np.empty(size, np.float32),
        )  # fmt: skip
        kept, related = fill(features.packed_words, context, chunk, limits, new_alignment(), rows)
        return Rows(
            rows.kept[:kept] + first, rows.rows[:kept].copy(),
            rows.related[:related] + first, rows.related_logits[:related].copy(),
        )  # fmt: skip

    chunks = map_in_threads(fill_chunk, range(0, max(len(columns.left), 1), _CHUNK))
    return chunks[0] if len(chunks) == 1 else Rows(*map(np.concatenate, zip(*chunks, strict=True)))


@Kernel
def fill_overlaps(
    words: PackedWords, left: NDArray[np.int32], right: NDArray[np.int32], alignment: Alignment,
    overlap: NDArray[np.float32],
) -> None:  # fmt: skip
    """Write the overlap of each pair."""
    for pair in range(len(left)):
        overlap[pair] = align_words(words, int(left[pair]), int(right[pair]), alignment)


@Kernel
def fill_rows(
    words: PackedWords, context: HeadlineContext, pairs: CandidateColumns, bounds: Bounds, alignment: Alignment,
    found: Rows,
) -> tuple[int, int]:  # fmt: skip
    """Fill the evidence of the candidates that can reach a floor; return how many are kept and how many are related."""
    kept = related = 0
    bins = np.zeros(len(found.rows[0]) + 1, np.uint32)
    for pair in range(len(pairs.left)):
        left, right, row = int(pairs.left[pair]), int(pairs.right[pair]), found.rows[kept]
        align_words(words, left, right, alignment)
        fill_information(words, left, right, alignment, row)
        fill_context(context, left, right, row)
        row[LOG_BUCKET_SIZE], row[LOG_CANDIDATES] = pairs.log_bucket_size[pair], pairs.log_candidates[pair]
        row[LEFT_RELATIVE_OVERLAP] = pairs.left_relative_overlap[pair]
        row[RIGHT_RELATIVE_OVERLAP] = pairs.right_relative_overlap[pair]
        fill_order(words, left, right, alignment, row)
        fill_facts(words, left, right, alignment, row)
        fill_polarity(words, left, right, row)
        fill_acts(words, left, right, row)
        fill_changes(words, left, right, alignment, row)
        row[MEANING_SIMILARITY] = pairs.meaning[pair]
        scores = bounds.timed if row[HOURS_APART] >= 0 else bounds.untimed
        fill_bins(scores.edges, row, bins)
        logit = reachable_logit(scores.related, bins)
        can_be_related = logit > UNREACHABLE
        if reachable_logit(scores.same_news, bins) > UNREACHABLE or (can_be_related and bounds.keeps_related):
            found.kept[kept] = pair
            kept += 1
        elif can_be_related:
            found.related[related], found.related_logits[related] = pair, logit
            related += 1
    return kept, related


@Kernel
def fill_context(context: HeadlineContext, left: int, right: int, row: NDArray[np.float32]) -> None:
    """Write the hours, outlet and recurrence of a pair."""
    timed = context.time[left] != NO_TIME and context.time[right] != NO_TIME
    row[HOURS_APART] = (context.time[right] - context.time[left]) / MICROSECONDS_AN_HOUR if timed else UNKNOWN
    named = context.outlet[left] != 0 and context.outlet[right] != 0
    row[SAME_OUTLET] = (context.outlet[left] == context.outlet[right]) if named else UNKNOWN
    row[RECURRENCE_DAYS] = max(context.recurs[left], context.recurs[right])
    row[STANDING] = context.standing[left] or context.standing[right]
