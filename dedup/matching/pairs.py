"""KEYS to PAIRS: the order of the steps, slice by slice of time.

A pair is a match when its score reaches the threshold and neither headline is a standing title: weather, cartoons and
columns of the same name are equal every day, and are never coverage of anything.

A slice of headlines is put on the board behind those that the window still reaches; candidates whose later headline is
in the slice are compared and scored; then the board is cut to what the next slice can reach. Whatever the slices, the
pairs are the same: a pair's evidence is fixed when its later headline arrives, and looks back only. That is also what
makes an index and a scan one piece of code.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from dedup import frames
from dedup.matching import blocking, brute
from dedup.matching.board import Board, board, in_order
from dedup.matching.evidence import evidence, letters
from dedup.matching.relation import EVIDENCE_OF_RELATION, NONE, relations
from dedup.matching.score import load_model, threshold
from dedup.matching.threads import ahead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from dedup.matching.blocking import Candidates
    from dedup.matching.bound import Hope
    from dedup.matching.overlap import Columns
    from dedup.settings import Settings

SLICE = 25_000
"""Headlines put on the board at a time, at least. Any number gives the same pairs; this one bounds memory."""


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

    left: NDArray[np.int64]
    right: NDArray[np.int64]
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
        pairs: PAIRS down to the pairs floor, in order of the later headline, with the evidence.
        candidates: pairs that blocking proposed.
        compared: candidates that shared enough for full evidence and a score.
        left_out: meetings in flooded buckets that the bucket limit left out.
        keys: the KEYS in order of time, with ``recurs`` and ``standing``.
    """

    pairs: pl.DataFrame
    candidates: int
    compared: int
    left_out: int
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
    ordered, found, counts = in_order(keys), list[pl.DataFrame](), list[tuple[int, int, int]]()
    before = board(ordered.clear(), settings)
    for part, proposed in ahead(_proposals(ordered, settings)):
        whole = part.board
        if whole is not before:
            whole.know(before, part.held)
            before = whole
        pairs = compare(whole, proposed, settings)
        found.append(_frame(whole, pairs))
        counts.append((pairs.candidates, pairs.compared, pairs.left_out))
        if progress is not None:
            progress(part.done, len(ordered))
    candidates, compared, left_out = (sum(column) for column in zip(*counts, strict=True))
    return Paired(_named(pl.concat(found), ordered["headline_id"]), candidates, compared, left_out, ordered)


class Slice(NamedTuple):
    """A slice of headlines behind those that it can still meet.

    Attributes:
        board: both; what those before have met is not on it yet.
        held: rows of those on the board of the slice before.
        candidates: those whose later headline is in the slice.
        done: headlines of all slices so far.
    """

    board: Board
    held: NDArray[np.int64]
    candidates: Iterator[Candidates]
    done: int


def _proposals(ordered: pl.DataFrame, settings: Settings) -> Iterator[tuple[Slice, Candidates]]:
    """The candidates of all slices, in order."""
    for part in ahead(_slices(ordered, settings)):
        for proposed in part.candidates:
            yield part, proposed


def _slices(ordered: pl.DataFrame, settings: Settings) -> Iterator[Slice]:
    """All slices; nothing about them depends on what has been compared.

    A slice is as long as what it can meet, so that a long window, or headlines without a time, are not put on a board
    again and again.
    """
    whole, done = board(ordered.clear(), settings), 0
    while True:
        held = _reachable(whole, settings)
        coming = ordered[done : done + max(SLICE, len(held))]
        whole = whole.take(held).then(board(coming, settings, first_row=done))
        done += len(coming)
        yield Slice(whole, held, propose(whole, settings, since=len(held)), done)
        if done == len(ordered):
            return


def matched_at(paired: Paired, limit: float) -> Paired:
    """The same pairs, matched from another score."""
    columns = {name: paired.pairs[name].to_numpy() for name in EVIDENCE_OF_RELATION}
    enough = paired.pairs["score"].to_numpy() >= limit  # as compare does: in the precision of scores
    is_match = enough & (paired.pairs["standing"].to_numpy() == 0)
    told = {"is_match": pl.Series(is_match), "relation": pl.Series(_relation(is_match, columns), dtype=pl.String)}
    return replace(paired, pairs=paired.pairs.with_columns(**told))


def propose(whole: Board, settings: Settings, *, since: int = 0) -> Iterator[Candidates]:
    """The candidates of a board whose later headline is at place ``since`` or after, some million at a time.

    They come in order of the later headline; ``exact`` needs them all at once. The buckets are filled by the call.
    """
    window = int(settings.window * blocking.MICROSECONDS_AN_HOUR)
    placed = np.sort(blocking.places(whole.blocks))
    buckets = blocking.Buckets.of(placed, whole.time, window=window, limit=settings.bucket_limit, since=since)
    if settings.exact:
        found = blocking.gathered(list(buckets.candidates()))
        return iter([brute.all_pairs(whole, found, window=window, since=since)])
    return buckets.candidates()


def compare(
    whole: Board, candidates: Candidates, settings: Settings, *, among: NDArray[np.bool_] | None = None
) -> Compared:
    """The evidence and the score of a board's candidates; brings its ``met`` and ``closest`` up to date.

    Args:
        whole: a board.
        candidates: pairs of its headlines.
        settings: for the threshold and the pairs floor.
        among: see ``evidence``.
    """
    proposed = len(candidates.left)
    limit = threshold(settings)
    floor = limit if settings.pairs_floor is None else min(settings.pairs_floor, limit)
    # Letters are compared last, and only where they can still lift the pair to the floor.
    candidates, columns, compared = evidence(whole, candidates, hope=_hope(floor), among=among)
    columns |= letters(whole, candidates)
    score = load_model().score(columns)
    kept = np.flatnonzero(score >= floor)
    candidates, columns, score = candidates.take(kept), _take(columns, kept), score[kept]
    is_match = (score >= limit) & (columns["standing"] == 0)
    return Compared(
        candidates.left, candidates.right, score, is_match, _relation(is_match, columns), columns,
        proposed, compared, candidates.left_out,
    )  # fmt: skip


@lru_cache(maxsize=8)
def _hope(floor: float) -> Hope:
    return load_model().hope(floor)


def _relation(is_match: NDArray[np.bool_], columns: Columns) -> NDArray[np.str_]:
    """The relation of matches, NONE for the others."""
    return np.where(is_match, relations(columns), NONE)


def _take(columns: Columns, rows: NDArray[np.int64]) -> Columns:
    return {name: values[rows] for name, values in columns.items()}


def _reachable(whole: Board, settings: Settings) -> NDArray[np.int64]:
    """The rows that a later headline can still meet: within the window of the latest, or without a time."""
    window = int(settings.window * blocking.MICROSECONDS_AN_HOUR)
    undated = int(np.searchsorted(whole.time, blocking.NO_TIME, side="right"))
    latest = whole.time[-1] if len(whole) > undated else blocking.NO_TIME + window
    recent = max(undated, int(np.searchsorted(whole.time, latest - window)))
    return np.concatenate([np.arange(undated), np.arange(recent, len(whole))])


def _frame(whole: Board, found: Compared) -> pl.DataFrame:
    """The pairs of one slice as a frame, headlines named by their rows."""
    columns = {
        "left": whole.row[found.left],
        "right": whole.row[found.right],
        "score": found.score,
        "is_match": found.is_match,
        "relation": pl.Series(found.relation, dtype=pl.String),
    }
    pairs = pl.DataFrame(columns | found.evidence)
    return pairs.with_columns(hours_apart=pl.when(pl.col("hours_apart") >= 0).then("hours_apart"))


def _named(rows: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """PAIRS, with the headlines' ids in place of their rows."""
    left, right = (ids.gather(rows[side]).alias(f"{side}_id") for side in ("left", "right"))
    pairs = rows.drop("left", "right").insert_column(0, left).insert_column(1, right)
    return frames.check(pairs, frames.PAIRS, "PAIRS")
