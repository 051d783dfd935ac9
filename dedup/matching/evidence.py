"""What two headlines have in common and what sets them apart, as numbers, for whole columns of pairs.

Similarity is not evidence: at equal similarity one pair is a copy and the next is the same template about another
person. So the evidence asks how much *information* is shared and missing (``overlap``), how alike the letters are, how
far apart in time the two are, whether one outlet ran both, whether the title is one that the outlet runs every day, and
what the neighbourhood says (``neighbours``). Every piece looks back only: what a pair's evidence is never changes with
what is published later.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz import fuzz, process

from dedup.matching.blocking import MICROSECONDS_AN_HOUR, NO_TIME
from dedup.matching.neighbours import neighbourhood
from dedup.matching.overlap import Columns, word_evidence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.matching.blocking import Candidates
    from dedup.matching.board import Board

OVERLAP_FLOOR = 0.1
"""Candidates that share less of their information than this are not compared further: they are nearly all other news.
Of the silver positives within 72 hours, 1.2 (saudi2015) and 1.4 (egypt2013) of a hundred are candidates below it."""

UNKNOWN = -1.0
"""The value of evidence that cannot be had: hours apart without a time, same outlet without an outlet."""


def evidence(board: Board, candidates: Candidates, *, least: float = OVERLAP_FLOOR) -> tuple[Candidates, Columns]:
    """All evidence but that of letters, on the candidates that share enough to be compared.

    Args:
        board: n headlines; its neighbourhood columns are brought up to date.
        candidates: pairs of its rows.
        least: the overlap from which candidates are compared.

    Returns:
        The candidates kept, and float32 columns of their length by name.
    """
    columns = word_evidence(board.words, candidates.left, candidates.right)
    kept = np.flatnonzero(columns["overlap"] >= least)
    candidates = candidates.take(kept)
    columns = {name: values[kept] for name, values in columns.items()}
    columns |= _circumstances(board, candidates)
    return candidates, columns | neighbourhood(board, candidates, columns["overlap"])


def letters(board: Board, candidates: Candidates) -> Columns:
    """How alike the fuzzy keys are, letter by letter, 0..1: as they stand, and with their words sorted."""
    one, other, workers = board.key[candidates.left], board.key[candidates.right], os.cpu_count() or 1
    columns: Columns = {}
    for name, scorer in {"ratio": fuzz.ratio, "token_sort": fuzz.token_sort_ratio}.items():
        alike: NDArray[np.float32] = process.cpdist(one, other, scorer=scorer, workers=workers, dtype=np.float32)
        columns[name] = alike / np.float32(100)  # this is where rapidfuzz's 100 becomes 1
    return columns


def similar_keys(
    keys: NDArray[np.object_], others: NDArray[np.object_], *, floor: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Places in both of every pair of keys whose token-sort similarity, 0..1, is at least the floor."""
    workers = os.cpu_count() or 1
    similarity = process.cdist(
        keys, others, scorer=fuzz.token_sort_ratio, score_cutoff=floor * 100, workers=workers, dtype=np.uint8
    )
    rows, columns = np.nonzero(similarity)
    return rows, columns


def _shingle_similarity(
    signature: NDArray[np.uint32], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.float32]:
    """The MinHash estimate of the Jaccard similarity of the shingles, in blocks that fit the cache."""
    similarity = np.empty(len(left), np.float32)
    for first in range(0, len(left), 4096):
        block = slice(first, first + 4096)
        similarity[block] = (signature[left[block]] == signature[right[block]]).mean(axis=1)
    return similarity


def _circumstances(board: Board, candidates: Candidates) -> Columns:
    """Time, outlet, recurrence and how common the key is that brought the two together."""
    left, right = candidates.left, candidates.right
    timed = (board.time[left] != NO_TIME) & (board.time[right] != NO_TIME)
    apart = np.where(timed, board.time[right] - board.time[left], 0) / MICROSECONDS_AN_HOUR
    known = (board.outlet[left] != 0) & (board.outlet[right] != 0)
    return {
        "hours_apart": np.where(timed, apart, UNKNOWN).astype(np.float32),
        "same_outlet": np.where(known, board.outlet[left] == board.outlet[right], UNKNOWN).astype(np.float32),
        "recurs": np.maximum(board.recurs[left], board.recurs[right]),
        "standing": (board.standing[left] | board.standing[right]).astype(np.float32),
        "shingles": _shingle_similarity(board.signature, left, right),
        "crowd": np.log1p(candidates.crowd).astype(np.float32),
    }
