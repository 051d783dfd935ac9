"""Render the explanation of a pair: verdict, keys, and each piece of evidence in words with its log-odds.

Both scores are additive in log-odds, so each list is complete: the base and all parts add up to it. Parts too small to
list are summed in the last line. A pair may be no match although its score would be enough: then the rule that decides
follows the verdict.

In Arabic each line begins with an Arabic word, as ``dedup.report.terminal_arabic`` explains: there the figures come
last.
"""

from __future__ import annotations

import json
import math
from functools import lru_cache
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.console import Group
from rich.table import Table
from rich.text import Text

from dedup.matching.evidence.schema import BY_NAME
from dedup.report.evidence_words import SHOWN, in_words
from dedup.report.terminal_arabic import table_of_figures
from dedup.report.texts import evidence_meaning, span_in_words
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


def render(pair: Explanation, language: str = "en") -> RenderableType:
    """Render an explanation for a terminal; in English each line has at most one run of Arabic, at its end."""
    texts = _load_texts(language)
    head = [_verdict(pair, texts)]
    if not (pair.left.fuzzy and pair.right.fuzzy):
        return Group(*head, Text(texts["no_letters"]), Text(""), _keys(pair, texts))
    head += map(Text, _notes(pair, texts, language))
    same_news = _evidence("same_news", pair.base, pair.parts, pair.evidence, language)
    related = _evidence("related", pair.related_base, pair.related_parts, pair.evidence, language)
    caption = Text(texts["caption"], style="dim")
    return Group(*head, Text(""), _keys(pair, texts), Text(""), same_news, Text(""), related, caption)


def _verdict(pair: Explanation, texts: Mapping[str, Any]) -> Text:
    relation, colon, gist = texts["verdicts"][pair.relation].partition(":")
    scores = texts["scores"].format(
        score=chance(pair.score),
        threshold=f"{pair.threshold:.2f}",
        related_score=chance(pair.related_score),
        related_threshold=f"{pair.related_threshold:.2f}",
    )
    return Text.assemble((relation, "bold"), colon, gist, texts["and"], scores)


def _notes(pair: Explanation, texts: Mapping[str, Any], language: str) -> Iterator[str]:
    """Yield by which rules the pair is no match whatever its score, and that a scan does not compare the two."""
    if pair.ruled_out_by:
        rules = [texts["rules"].get(feature, rule) for feature, rule in pair.ruled_out_by.items()]
        yield texts["ruled_out"].format(rules=texts["and"].join(rules))
    hours = pair.evidence["hours_apart"]
    if hours > pair.window:
        apart, window = (span_in_words(60 * span, language) for span in (hours, pair.window))
        yield texts["beyond_window"].format(apart=apart, window=window)


def _keys(pair: Explanation, texts: Mapping[str, Any]) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    names = texts["keys"]
    for name, side in zip(texts["sides"], (pair.left, pair.right), strict=True):
        grid.add_row(Text(name, style="bold"), names["display"], Text(plain(side.display)))
        grid.add_row("", names["tag"], Text(plain(side.tag))) if side.tag else None
        grid.add_row("", names["exact"], Text(plain(side.exact) or texts["empty_key"]))
        grid.add_row("", names["fuzzy"], Text(plain(side.fuzzy) or texts["empty_key"]))
    return grid


def _evidence(
    question: str, base: float, parts: Mapping[str, float], evidence: Mapping[str, float], language: str
) -> RenderableType:
    texts, total = _load_texts(language), base + sum(parts.values())
    rows = [
        Line(base, "", texts["base"]),
        *lines(parts, evidence, language),
        Line(total, chance(1 / (1 + math.exp(-total))), texts["sum"]),
    ]
    columns = [name.format(question=texts["questions"][question]) for name in texts["columns"]]
    cells = [(texts["part"][row.part < 0].format(part=f"{abs(row.part):.2f}"), row.value, row.meaning) for row in rows]
    if language == "ar":
        return table_of_figures(columns, [row[::-1] for row in cells])
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in columns[:2]:
        grid.add_column(name, justify="right")
    grid.add_column(columns[2], overflow="fold")
    for row in cells:
        grid.add_row(*row)
    return grid


def lines(parts: Mapping[str, float], evidence: Mapping[str, float], language: str = "en") -> Iterator[Line]:
    """Yield the evidence that moved a score, the strongest first, and the rest as one line."""
    ranked = sorted(parts.items(), key=lambda item: (-abs(item[1]), item[0]))
    for name, part in ranked:
        if abs(part) >= SHOWN:
            yield Line(part, in_words(evidence[name], BY_NAME[name].unit, language), evidence_meaning(name, language))
    small = [part for _, part in ranked if abs(part) < SHOWN]
    if small:
        yield Line(sum(small), "", _load_texts(language)["smaller"].format(n=len(small)))


@lru_cache
def _load_texts(language: str) -> Mapping[str, Any]:
    """Load the texts of an explanation; the rules are in English in ``Explanation.ruled_out_by``."""
    texts: dict[str, Any] = json.loads((resources("dedup.report") / "explain.json").read_text(encoding="utf-8"))
    return texts[language]  # type: ignore[no-any-return]
