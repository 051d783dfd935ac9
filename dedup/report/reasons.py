"""Evidence in words: what each piece means, its value in its unit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from dedup.matching.evidence.schema import BY_NAME
from dedup.report.wording import span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from dedup.matching.evidence.schema import Unit

SHOWN = 0.1
"""Parts of the log-odds that are worth telling: 0.1 moves an even chance by 2.5 points of a hundred."""

_STRONGEST = 3


def reasons(
    evidence: Mapping[str, NDArray[np.float32]], parts: Mapping[str, NDArray[np.float32]]
) -> Iterator[tuple[str, ...]]:
    """For each of p pairs, the strongest pieces of evidence in words.

    Args:
        evidence: columns of shape (p,).
        parts: what each piece added to the log-odds or took, shape (p,); all of them stand in the evidence.
    """
    names = list(parts)
    table = np.array([parts[name] for name in names])
    strongest = np.argsort(-np.abs(table), axis=0, kind="stable")[:_STRONGEST]
    for pair, places in enumerate(strongest.T.tolist()):
        told = [(names[place], float(table[place, pair])) for place in places]
        yield tuple(_reason(name, evidence[name][pair], part) for name, part in told if abs(part) >= SHOWN)


def _reason(name: str, value: np.float32, part: float) -> str:
    feature = BY_NAME[name]
    return f"{feature.meaning}: {in_words(float(value), feature.unit)} ({part:+.2f})"


def in_words(value: float, unit: Unit) -> str:
    """Format the value of a feature in its unit."""
    if unit in {"hours", "flag"} and value < 0:
        return "unknown"
    if unit == "hours":
        return span(value * 60)
    if unit == "flag":
        return "yes" if value else "no"
    if unit == "share":
        return f"{value:.0%}"
    if unit == "nats":
        return f"{value:.1f} nats"
    return f"{math.expm1(value) if unit == 'log' else value:.0f}"
