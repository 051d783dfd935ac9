"""KEYS to PAIRS: the order of the steps, slice by slice of time.

A pair is a match when its score reaches the threshold and neither headline is a standing title: weather, cartoons and
columns of the same name are equal every day, and are never coverage of anything.

A slice of headlines is put on the board behind those that the window still reaches; candidates whose later headline is
in the slice are compared and scored; then the board is cut to what the next slice can reach. Whatever the slices, the
pairs are the same: a pair's evidence is fixed when its later headline arrives, and looks back only. That is also what
makes an index and a scan one piece of code.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup import frames
from dedup.matching import blocking, brute
from dedup.matching.board import Board, board, in_order
from dedup.matching.evidence import evidence, letters
from dedup.matching.relation import EVIDENCE_OF_RELATION, NONE, relations
from dedup.matching.score import load_model, threshold

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from dedup.matching.overlap import Columns
    from dedup.settings import Settings

SLICE = 50_000
"""Headlines put on the board at a time. Any number gives the same pairs; this one bounds memory."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What comparing the headlines of a board found.

    Attributes:
        pairs: the pairs down to the pairs floor, in order of the later headline, with the evidence. Headlines are named
            by ``left`` and ``right``, their rows.
        candidates: pairs that blocking proposed.
        compared: candidates that shared enough for full evidence and a score.
        left_out: meetings in flooded buckets that the bucket limit left out.
    """

    pairs: pl.DataFrame
    candidates: int
    compared: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Paired(Compared):
    """What comparing all headlines found; ``pairs`` is PAIRS with the evidence, headlines named by their ids.

    Attributes:
        keys: the KEYS in order of time, with ``recurs`` and ``standing``.
    """

    keys: pl.DataFrame

    @property
    def candidate_recall(self) -> float | None:
        """Share of the matches that blocking proposed; it says something where brute force looked for the others."""
        crowd = self.pairs.filter("is_match")["crowd"].to_numpy()
        return float((crowd > 0).mean()) if len(crowd) else None


def pair_up(keys: pl.DataFrame, settings: Settings, *, progress: Callable[[int, int], None] | None = None) -> Paired:
    """All pairs of headlines that score at least the pairs floor.

    Args:
        keys: a KEYS frame of n headlines, in any order.
        settings: window, threshold, pairs floor and all that shapes candidates.
        progress: called with the headlines done and n.

    Raises:
        FrameError: the frame is not KEYS.
    """
    frames.check(keys, frames.KEYS, "KEYS")
    ordered, found = in_order(keys), []
    held = board(ordered.clear(), settings)
    for first in range(0, max(len(ordered), 1), SLICE):
        whole = held.then(board(ordered[first : first + SLICE], settings, first_row=first))
        found.append(compare(whole, settings, since=len(held)))
        held = whole.take(_reachable(whole, settings))
        if progress is not None:
            progress(min(first + SLICE, len(ordered)), len(ordered))
    return _gather(found, ordered)


def matched_at(paired: Paired, limit: float) -> Paired:
    """The same pairs, matched from another score."""
    columns = {name: paired.pairs[name].to_numpy() for name in EVIDENCE_OF_RELATION}
    enough = pl.Series(paired.pairs["score"].to_numpy() >= limit)  # as compare does: in the precision of scores
    pairs = paired.pairs.with_columns(is_match=enough & (pl.col("standing") == 0))
    return replace(paired, pairs=pairs.with_columns(relation=_relation(pairs["is_match"], columns)))


def compare(whole: Board, settings: Settings, *, since: int = 0) -> Compared:
    """The pairs of a board whose later headline is at row ``since`` or after; ids are rows of KEYS."""
    window = int(settings.window * blocking.MICROSECONDS_AN_HOUR)
    candidates = blocking.join(whole.blocks, whole.time, window=window, limit=settings.bucket_limit, since=since)
    proposed = len(candidates.left)
    if settings.exact:
        candidates = brute.all_pairs(whole, candidates, window=window, since=since)
    candidates, columns = evidence(whole, candidates)
    compared, model = len(candidates.left), load_model()
    limit = threshold(settings)
    floor = limit if settings.pairs_floor is None else min(settings.pairs_floor, limit)
    # Letters are compared last, and only where they can still lift the pair to the floor.
    kept = np.flatnonzero(model.most(columns) >= _log_odds(floor))
    candidates, columns = candidates.take(kept), _take(columns, kept)
    columns |= letters(whole, candidates)
    score = model.score(columns)
    kept = np.flatnonzero(score >= floor)
    candidates, columns, score = candidates.take(kept), _take(columns, kept), score[kept]
    is_match = pl.Series((score >= limit) & (columns["standing"] == 0))
    found = {
        "left": whole.row[candidates.left],
        "right": whole.row[candidates.right],
        "score": score,
        "is_match": is_match,
        "relation": _relation(is_match, columns),
    }
    pairs = pl.DataFrame(found | columns)
    pairs = pairs.with_columns(hours_apart=pl.when(pl.col("hours_apart") >= 0).then("hours_apart"))
    return Compared(pairs, proposed, compared, candidates.left_out)


def _relation(is_match: pl.Series, columns: Columns) -> pl.Series:
    """The relation of matches, NONE for the others."""
    return pl.Series(relations(columns), dtype=pl.String).zip_with(is_match, pl.Series([NONE]))


def _take(columns: Columns, rows: NDArray[np.int64]) -> Columns:
    return {name: values[rows] for name, values in columns.items()}


def _log_odds(score: float) -> float:
    """Log-odds of a score, a little lower, so that rounding never loses a pair."""
    within = min(score, 1 - 1e-7)  # what lies above is rounded to 1
    return -math.inf if score <= 0 else math.log(within / (1 - within)) - 1e-3


def _reachable(whole: Board, settings: Settings) -> NDArray[np.int64]:
    """The rows that a later headline can still meet: within the window of the latest, or without a time."""
    window = int(settings.window * blocking.MICROSECONDS_AN_HOUR)
    undated = int(np.searchsorted(whole.time, blocking.NO_TIME, side="right"))
    latest = whole.time[-1] if len(whole) > undated else blocking.NO_TIME + window
    recent = max(undated, int(np.searchsorted(whole.time, latest - window)))
    return np.concatenate([np.arange(undated), np.arange(recent, len(whole))])


def _gather(found: list[Compared], ordered: pl.DataFrame) -> Paired:
    """One result of those of all slices, with the headlines' ids in place of their rows."""
    rows = pl.concat([part.pairs for part in found])
    ids = ordered["headline_id"]
    left, right = (ids.gather(rows[side]).alias(f"{side}_id") for side in ("left", "right"))
    pairs = rows.drop("left", "right").insert_column(0, left).insert_column(1, right)
    return Paired(
        frames.check(pairs, frames.PAIRS, "PAIRS"),
        sum(part.candidates for part in found),
        sum(part.compared for part in found),
        sum(part.left_out for part in found),
        ordered,
    )
