"""KEYS to PAIRS: the order of the steps, slice by slice of time.

A slice of headlines is put on the board behind those that the window still reaches; candidates whose later headline is
in the slice are compared and scored; then the board is cut to what the next slice can reach. Whatever the slices, the
pairs are the same: a pair's evidence is fixed when its later headline arrives, and looks back only. That is also what
makes an index and a scan one piece of code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup import frames
from dedup.matching import blocking, brute
from dedup.matching.board import Board, board, in_order
from dedup.matching.evidence import Columns, evidence, overlap_floor
from dedup.matching.score import load_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dedup.settings import Settings

SLICE = 50_000
"""Headlines put on the board at a time. Any number gives the same pairs; this one bounds memory."""


@dataclass(frozen=True, slots=True)
class Paired:
    """What comparing found.

    Attributes:
        pairs: the PAIRS frame, down to the pairs floor, in order of the later headline.
        candidates: pairs that blocking proposed.
        compared: candidates that shared enough for full evidence and a score.
        left_out: meetings in flooded buckets that the bucket limit left out.
        candidate_recall: share of the matches found by brute force that were candidates too; None unless exact.
    """

    pairs: pl.DataFrame
    candidates: int
    compared: int
    left_out: int
    candidate_recall: float | None
