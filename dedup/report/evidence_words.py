"""Express evidence in words: the meaning of each piece, and its value in its unit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup.matching.evidence.schema import BY_NAME, UNKNOWN
from dedup.report.texts import load_texts
from dedup.report.wording import ARABIC, ENGLISH, span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from dedup.matching.evidence.schema import Columns, Unit

SHOWN = 0.1
"""Smallest contribution to the log-odds that is listed: 0.1 moves a probability of 50 % by 2.5 points."""

_STRONGEST = 3


def evidence_of(pairs: pl.DataFrame) -> Columns:
    """Return the evidence in the columns of PAIRS as a model takes it: unknown hours are -1."""
    known = pairs.with_columns(pl.col("hours_apart").fill_null(UNKNOWN))
    return {name: known[name].cast(pl.Float32).to_numpy() for name in BY_NAME}


def reasons(
    evidence: Mapping[str, NDArray[np.float32]], parts: Mapping[str, NDArray[np.float32]]
) -> Iterator[tuple[str, ...]]:
    """Yield the three strongest pieces of evidence of each of p pairs, in words.

    Args:
        evidence: the values by name, arrays of shape (p,).
        parts: the contributions to the log-odds by name, arrays of shape (p,).
    """
    names = list(parts)
    table = np.array([parts[name] for name in names])
    strongest = np.argsort(-np.abs(table), axis=0, kind="stable")[:_STRONGEST]
    for pair, rows in enumerate(strongest.T.tolist()):
        ranked = [(names[row], float(table[row, pair])) for row in rows]
        yield tuple(_reason(name, evidence[name][pair], part) for name, part in ranked if abs(part) >= SHOWN)


def _reason(name: str, value: np.float32, part: float) -> str:
    feature = BY_NAME[name]
    return f"{feature.meaning}: {in_words(float(value), feature.unit)} ({part:+.2f})"


def no_match(rules: str) -> str:
    """Return by which rules a pair is no match although its score would be enough.

    Examples:
        >>> no_match("they state different numbers")
        'no match whatever the score: they state different numbers'
    """
    return f"no match whatever the score: {rules}"


def in_words(value: float, unit: Unit, language: str = "en") -> str:
    """Format the value of a piece of evidence in its unit.

    Examples:
        >>> in_words(4.2, "hours"), in_words(0.625, "share"), in_words(-1, "flag")
        ('4 h 12 min', '62%', 'unknown')
        >>> in_words(4.2, "hours", "ar"), in_words(1, "flag", "ar"), in_words(1.008, "share")
        ('4 س 12 د', 'نعم', '100%')
    """
    texts = load_texts(language)
    if value == UNKNOWN:
        return str(texts["unknown"])
    if unit == "hours":
        return span(value * 60, ARABIC if language == "ar" else ENGLISH)
    if unit == "flag":
        return str(texts["yes" if value else "no"])
    if unit == "share":
        return f"{min(value, 1):.0%}"  # a cosine of rounded vectors may pass 1 by a hair
    if unit == "nats":
        return f"{value:.1f} {texts['nat']}"
    return f"{math.expm1(value) if unit == 'log' else value:.0f}"
