"""Render the explanation of a pair: verdict, keys, and each piece of evidence in words with its log-odds.

Both scores are additive in log-odds, so each list is complete: the base and all parts add up to it. Parts too small to
list are summed in the last line.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Group
from rich.table import Table
from rich.text import Text

from dedup.matching.evidence.schema import BY_NAME
from dedup.report.evidence_words import SHOWN, in_words
from dedup.report.wording import chance, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import RenderableType

    from dedup.matching.explain import Explanation


class Line(NamedTuple):
    """A piece of evidence: its contribution to the log-odds, its value in words, its meaning."""

    part: float
    value: str
    meaning: str


_VERDICTS = {
    "copy": "the same headline, verbatim or nearly",
    "same-news": "the same news in other words",
    "related": "other news of the same running story",
    "none": "different news",
}


def render(pair: Explanation) -> RenderableType:
    """Render an explanation for a terminal; each line has at most one run of Arabic, at its end."""
    verdict = Text.assemble(
        (f"{pair.relation}", "bold"),
        f": {_VERDICTS[pair.relation]}; score {chance(pair.score)}, match from {pair.threshold:.2f}; "
        f"related score {chance(pair.related_score)}, related from {pair.related_threshold:.2f}",
    )
    if not (pair.left.fuzzy and pair.right.fuzzy):
        return Group(verdict, Text("A headline without letters or digits matches nothing."), Text(""), _keys(pair))
    same_news = _evidence("same news", pair.base, pair.parts, pair.evidence)
    related = _evidence("related", pair.related_base, pair.related_parts, pair.evidence)
    caption = Text("Log-odds of 0 mean 50 %, +2.2 means 90 %, -2.2 means 10 %.", style="dim")
    return Group(verdict, Text(""), _keys(pair), Text(""), same_news, Text(""), related, caption)


def _keys(pair: Explanation) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    for name, side in (("earlier", pair.left), ("later", pair.right)):
        grid.add_row(Text(name, style="bold"), "headline", Text(plain(side.display)))
        grid.add_row("", "furniture", Text(plain(side.tag))) if side.tag else None
        grid.add_row("", "exact key", Text(plain(side.exact) or "(empty: no letters or digits)"))
        grid.add_row("", "fuzzy key", Text(plain(side.fuzzy) or "(empty: no letters or digits)"))
    return grid


def _evidence(question: str, base: float, parts: Mapping[str, float], evidence: Mapping[str, float]) -> RenderableType:
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    grid.add_column("log-odds", justify="right")
    grid.add_column("value", justify="right")
    grid.add_column(f"evidence: {question}?", overflow="fold")
    grid.add_row(f"{base:+.2f}", "", "average pair of candidates")
    for line in lines(parts, evidence):
        grid.add_row(f"{line.part:+.2f}", line.value, line.meaning)
    total = base + sum(parts.values())
    grid.add_row(f"{total:+.2f}", chance(1 / (1 + math.exp(-total))), "sum of the log-odds, and their probability")
    return grid


def lines(parts: Mapping[str, float], evidence: Mapping[str, float]) -> Iterator[Line]:
    """Yield the evidence that moved a score, the strongest first, and the rest as one line."""
    ranked = sorted(parts.items(), key=lambda item: (-abs(item[1]), item[0]))
    for name, part in ranked:
        if abs(part) >= SHOWN:
            feature = BY_NAME[name]
            yield Line(part, in_words(evidence[name], feature.unit), feature.meaning)
    small = [part for _, part in ranked if abs(part) < SHOWN]
    if small:
        yield Line(sum(small), "", f"{len(small)} smaller pieces together")
