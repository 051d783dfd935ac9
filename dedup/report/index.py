"""What an index answers -> renderables: verdicts on headlines, what was added, what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from dedup.report.wording import chance, count, moment, period, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import RenderableType


def verdicts(told: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Each headline, and below it what is known of it.

    Args:
        told: the fields of verdicts, with ``title``, and ``matched_title``, ``matched_outlet``, ``matched_published``
            of the headline that it matches (None where it matches none).
    """
    parts: list[RenderableType] = []
    for number, one in enumerate(told):
        parts += [Text("")] if number else []
        parts.append(Text(plain(one["title"]), style="bold"))
        parts += [Text(f"  {line}", overflow="fold") for line in _lines(one)]
    return Group(*parts)


def _lines(one: Mapping[str, Any]) -> Iterable[str]:
    """What a verdict says, a line each; Arabic stands last in its line."""
    known = " (remembered before)" if one["known"] else ""
    if one["matched_id"] is None:
        yield f"{'new story' if one['is_new_story'] else 'matches nothing'}{known}"
    else:
        yield f"{one['relation']}, {chance(one['score'])}{known}: {plain(one['matched_title'])}"
        yield f"  {moment(one['matched_published'])}  {plain(one['matched_outlet'])}".rstrip()
    for reason in one["reasons"]:
        yield f"  {plain(reason)}"
    if not one["is_new_story"]:
        first = f", first {plain(one['first_outlet'])}" if one["first_outlet"] else ""
        yield f"story {plain(one['story_id'])}: {count(one['n_outlets'], 'outlet')}{first}"


def facts(told: Mapping[str, Any]) -> RenderableType:
    """Names and figures, a row each."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(overflow="fold")
    for name, value in told.items():
        grid.add_row(name, Text(f"{value:,}" if isinstance(value, int) else plain(str(value))))
    return grid


def stats(where: str, told: Mapping[str, Any]) -> RenderableType:
    """What an index holds: the fields of its ``Stats``."""
    undated = f", {told['undated']:,} without a time" if told["undated"] else ""
    return facts(
        {
            "index": where,
            "headlines": f"{told['headlines']:,}, {period(told['first'], told['last'])}{undated}",
            "stories": told["stories"],
            "matches": told["matches"],
            "size": f"{told['bytes'] / 1e6:,.1f} MB",
            "made with": ", ".join(f"{name} {value}" for name, value in told["made_with"].items()),
        }
    )
