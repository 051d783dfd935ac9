"""Evidence in words: what each piece means, its value in its unit."""

from __future__ import annotations

import math
from functools import cache
from importlib.resources import files as resources
from typing import TYPE_CHECKING

import numpy as np

from dedup.report.wording import span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

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
    meaning, unit = meanings()[name]
    return f"{meaning}: {in_words(float(value), unit)} ({part:+.2f})"


@cache
def meanings() -> dict[str, tuple[str, str]]:
    """What each piece of evidence means, and in what it is measured."""
    table = (resources("dedup.report") / "evidence.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines())
    return {name: (meaning, unit) for name, meaning, unit in rows}


def in_words(value: float, unit: str) -> str:
    """A piece of evidence in its unit."""
    if unit in {"hours", "yes"} and value < 0:
        return "unknown"
    if unit == "hours":
        return span(value * 60)
    if unit == "yes":
        return "yes" if value else "no"
    if unit == "share":
        return f"{value:.0%}"
    if unit == "nats":
        return f"{value:.1f} nats"
    return f"{math.expm1(value) if unit == 'log' else value:.0f}"
