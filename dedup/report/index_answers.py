"""Render the answers of an index for a terminal: verdicts, summaries of an addition, statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from dedup.report.wording import chance, count, moment, period, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import RenderableType


def verdicts(rows: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Render each headline with its verdict below it.

    Args:
        rows: the fields of verdicts with ``title``, and ``matched_title``, ``matched_outlet``, ``matched_published`` of
            the best match (None without a match).
    """
    parts: list[RenderableType] = []
    for number, verdict in enumerate(rows):
        parts += [Text("")] if number else []
        parts.append(Text(plain(verdict["title"]), style="bold"))
        parts += [Text(f"  {line}", overflow="fold") for line in _lines(verdict)]
    return Group(*parts)


def _lines(verdict: Mapping[str, Any]) -> Iterable[str]:
    """Yield the lines of a verdict; Arabic comes last in its line."""
    known = " (in the index already)" if verdict["known"] else ""
    if verdict["matched_id"] is None:
        yield f"{'new story' if verdict['is_new_story'] else 'no match'}{known}"
        if verdict["related_story_id"] is not None:
            yield f"related, {chance(verdict['related_score'])}: story {plain(verdict['related_story_id'])}"
    else:
        yield f"{verdict['relation']}, {chance(verdict['score'])}{known}: {plain(verdict['matched_title'])}"
        yield f"  at  {moment(verdict['matched_published'])}  {plain(verdict['matched_outlet'])}".rstrip()
    for reason in verdict["reasons"]:
        yield f"  {plain(reason)}"
    if not verdict["is_new_story"]:
        first = f", first {plain(verdict['first_outlet'])}" if verdict["first_outlet"] else ""
        yield f"story {plain(verdict['story_id'])}: {count(verdict['n_outlets'], 'outlet')}{first}"


def facts(values: Mapping[str, Any]) -> RenderableType:
    """Render names and values as rows of a grid."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(overflow="fold")
    for name, value in values.items():
        grid.add_row(name, Text(f"{value:,}" if isinstance(value, int) else plain(str(value))))
    return grid


def stats(where: str, statistics: Mapping[str, Any]) -> RenderableType:
    """Render the fields of the ``Stats`` of an index; of the fingerprint all but the constants of single modules."""
    undated = f", {statistics['undated']:,} without a time" if statistics["undated"] else ""
    covered = period(statistics["first"], statistics["last"])
    return facts(
        {
            "index": where,
            "headlines": f"{statistics['headlines']:,}, {covered}{undated}",
            "stories": statistics["stories"],
            "matches": statistics["matches"],
            "size": f"{statistics['bytes'] / 1e6:,.1f} MB",
            "made with": ", ".join(
                f"{name} {value}" for name, value in statistics["fingerprint"].items() if "." not in name
            ),
        }
    )
