"""What two headlines have in common and what sets them apart, as numbers, for whole columns of pairs.

Similarity is not evidence: at equal similarity one pair is a copy and the next is the same template about another
person. So the evidence asks how much *information* is shared and missing (``overlap``), how alike the letters are, how
far apart in time the two are, whether one outlet ran both, whether the title is one that the outlet runs every day, and
what the neighbourhood says (``neighbours``). Every piece looks back only: what a pair's evidence is never changes with
what is published later.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rapidfuzz import fuzz, process

from dedup.core import parallel
from dedup.core.hashing import true_at
from dedup.core.kernels import Kernel
from dedup.core.parallel import map_in_threads
from dedup.core.time_windows import MICROSECONDS_AN_HOUR, NO_TIME
from dedup.matching.evidence.alignment import PackedWords, Scratch, lay_out, scratch
from dedup.matching.evidence.bounds import ScoreBounds, reaches, without_limit
from dedup.matching.evidence.facts import NAMES, facts, said, sides
from dedup.matching.evidence.neighbours import neighbourhood
from dedup.matching.evidence.overlap import INFORMATION, information, order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.matching.blocking.candidates import Candidates
    from dedup.matching.evidence.overlap import Columns
    from dedup.matching.features import HeadlineFeatures

OVERLAP_FLOOR = 0.1
"""Candidates that share less of their information than this are not compared further: they are nearly all other news.
Of the silver positives within 72 hours, 1.2 (saudi2015) and 1.4 (egypt2013) of a hundred are candidates below it."""

UNKNOWN = -1.0
"""The value of evidence that cannot be had: hours apart without a time, same outlet without an outlet."""

NEIGHBOURHOOD = ("best_left", "best_right", "met")
CIRCUMSTANCES = ("hours_apart", "same_outlet", "recurs", "standing", "crowd")
ROW = (*NAMES, *CIRCUMSTANCES, *NEIGHBOURHOOD, "shingles")
"""The evidence of a pair but for its letters, in its order in a row."""

CHEAP = frozenset((*INFORMATION, *CIRCUMSTANCES, *NEIGHBOURHOOD))
"""What is known of a pair before its order, facts, sides and shingles are looked at."""

_AROUND = len(NAMES)
_NEAR = _AROUND + len(CIRCUMSTANCES)
_SHINGLES = len(ROW) - 1
_CHUNK = 1 << 14
_SCORERS = {"ratio": fuzz.ratio, "token_sort": fuzz.token_sort_ratio}
_ALONE = 1 << 11
"""Fewer pairs of keys are compared where they stand: the threads would be started for less than a millisecond's work,
and waited for on a busy machine."""


class Around(NamedTuple):
    """What the kernels need of the circumstances of n headlines; see ``board.HeadlineFeatures``."""

    time: NDArray[np.int64]
    outlet: NDArray[np.uint32]
    recurs: NDArray[np.float32]
    standing: NDArray[np.bool_]
    signature: NDArray[np.uint32]


class Pairs(NamedTuple):
    """The candidates of a chunk, and what their neighbourhood says."""

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    crowd: NDArray[np.int32]
    best_left: NDArray[np.float32]
    best_right: NDArray[np.float32]
    met: NDArray[np.float32]


def evidence(
    board: HeadlineFeatures,
    candidates: Candidates,
    *,
    bounds: ScoreBounds | None = None,
    least: float = OVERLAP_FLOOR,
    among: NDArray[np.bool_] | None = None,
) -> tuple[Candidates, Columns, int]:
    """All evidence but that of letters, on the candidates that can still reach a score.

    Args:
        board: n headlines; its neighbourhood columns are brought up to date.
        candidates: pairs of its rows, in order of (right, left).
        bounds: what a pair can still score, and the floor that it must be able to reach; None keeps all.
        least: the overlap from which candidates are compared.
        among: for each headline of the board, whether it is asked for: candidates of two that are get evidence, the
            others only say what was met. None asks for all.

    Returns:
        The candidates kept, float32 columns of their length by name, and how many had the overlap.
    """
    words = board.packed_words
    overlap = _overlaps(words, candidates)
    compared = true_at(overlap >= least)
    candidates = candidates.take(compared)
    near = neighbourhood(board, candidates, overlap[compared])
    if among is not None:
        asked = true_at(among[candidates.left] & among[candidates.right])
        candidates, near = candidates.take(asked), {name: values[asked] for name, values in near.items()}
    pairs = Pairs(candidates.left, candidates.right, candidates.crowd, **near)
    around = Around(board.time, board.outlet, board.recurs, board.standing, board.signature)
    run = examine.for_work(100 * len(candidates.left))
    # Python takes longer to bound a pair than to finish its evidence.
    limit = without_limit(len(ROW)) if bounds is None or run is examine else bounds

    def look(first: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        chunk = pairs
        if len(pairs.left) > _CHUNK:
            chunk = Pairs(**{name: part[first : first + _CHUNK] for name, part in pairs._asdict().items()})
        rows, kept = np.empty((len(chunk.left) + 1, len(ROW)), np.float32), np.empty(len(chunk.left), np.int64)
        count = run(words, around, chunk, limit, scratch(), kept, rows)
        return kept[:count] + first, rows[:count].copy()

    found = map_in_threads(look, range(0, max(len(candidates.left), 1), _CHUNK))
    kept, rows = found[0] if len(found) == 1 else map(np.concatenate, zip(*found, strict=True))
    columns = dict(zip(ROW, np.ascontiguousarray(rows.T), strict=True))
    return candidates.take(kept), columns, len(compared)


def _overlaps(words: PackedWords, candidates: Candidates) -> NDArray[np.float32]:
    """The share of information that each pair has in common."""
    overlap = np.empty(len(candidates.left), np.float32)
    run = measure.for_work(50 * len(overlap))

    def fill(first: int) -> None:
        part = slice(first, first + _CHUNK)
        run(words, candidates.left[part], candidates.right[part], scratch(), overlap[part])

    map_in_threads(fill, range(0, len(overlap), _CHUNK))
    return overlap


@Kernel
def measure(
    words: PackedWords, left: NDArray[np.int32], right: NDArray[np.int32], pair: Scratch, overlap: NDArray[np.float32]
) -> None:
    """The overlap of each pair."""
    for at in range(len(left)):
        overlap[at] = lay_out(words, int(left[at]), int(right[at]), pair)


@Kernel
def examine(
    words: PackedWords, around: Around, pairs: Pairs, bounds: ScoreBounds, pair: Scratch, kept: NDArray[np.int64],
    rows: NDArray[np.float32],
) -> int:  # fmt: skip
    """Fill a row of evidence for each pair that can still reach the floor; returns how many there are.

    What is cheap and decides most comes first, and what cannot reach the floor by it is looked at no further.
    """
    count, bins = 0, np.empty(len(rows[0]), np.int64)
    for at in range(len(pairs.left)):
        one, other, row = int(pairs.left[at]), int(pairs.right[at]), rows[count]
        lay_out(words, one, other, pair)
        information(words, one, other, pair, row)
        circumstances(around, one, other, row)
        row[_AROUND + 4] = math.log1p(pairs.crowd[at])
        row[_NEAR], row[_NEAR + 1], row[_NEAR + 2] = pairs.best_left[at], pairs.best_right[at], pairs.met[at]
        timed = row[_AROUND] >= 0
        if not reaches(bounds.timed_early if timed else bounds.untimed_early, bounds.floor, row, bins):
            continue
        order(words, one, other, pair, row)
        facts(words, one, other, pair, row)
        sides(words, one, other, row)
        said(words, one, other, row)
        row[_SHINGLES] = shingle_similarity(around.signature, one, other)
        if not reaches(bounds.timed if timed else bounds.untimed, bounds.floor, row, bins):
            continue
        kept[count] = at
        count += 1
    return count


@Kernel
def circumstances(around: Around, one: int, other: int, row: NDArray[np.float32]) -> None:
    """Time, outlet and recurrence of a pair."""
    timed = around.time[one] != NO_TIME and around.time[other] != NO_TIME
    row[_AROUND] = (around.time[other] - around.time[one]) / MICROSECONDS_AN_HOUR if timed else UNKNOWN
    known = around.outlet[one] != 0 and around.outlet[other] != 0
    row[_AROUND + 1] = (around.outlet[one] == around.outlet[other]) if known else UNKNOWN
    row[_AROUND + 2] = max(around.recurs[one], around.recurs[other])
    row[_AROUND + 3] = around.standing[one] or around.standing[other]


@Kernel
def shingle_similarity(signature: NDArray[np.uint32], one: int, other: int) -> float:
    """The MinHash estimate of the Jaccard similarity of the shingles."""
    same, left, right = 0, signature[one], signature[other]
    for place in range(len(left)):
        if left[place] == right[place]:  # compiled, many at once: no branch
            same += 1
    return float(same / len(left))


def letters(board: HeadlineFeatures, candidates: Candidates) -> Columns:
    """How alike the fuzzy keys are, letter by letter, 0..1: as they stand, and with their words sorted."""
    if not len(candidates.left):  # two of three single headlines
        return {name: np.empty(0, np.float32) for name in _SCORERS}
    one, other = board.key[candidates.left], board.key[candidates.right]
    workers = 1 if len(one) < _ALONE else parallel.PROCESSORS
    columns: Columns = {}
    for name, scorer in _SCORERS.items():
        alike: NDArray[np.float32] = process.cpdist(one, other, scorer=scorer, workers=workers, dtype=np.float32)
        columns[name] = alike / np.float32(100)  # this is where rapidfuzz's 100 becomes 1
    return columns


def similar_keys(
    keys: NDArray[np.object_], others: NDArray[np.object_], *, floor: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Places in both of every pair of keys whose token-sort similarity, 0..1, is at least the floor."""
    workers = parallel.PROCESSORS
    similarity = process.cdist(
        keys, others, scorer=fuzz.token_sort_ratio, score_cutoff=floor * 100, workers=workers, dtype=np.uint8
    )
    rows, columns = np.nonzero(similarity)
    return rows, columns
