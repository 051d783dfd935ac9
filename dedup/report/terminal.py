"""Frames -> the report in a terminal, as rich renderables.

How Arabic stays readable. Terminals differ: most draw the letters in the order of the text, some (VTE, Konsole, mlterm)
apply the Unicode bidirectional algorithm to each line, and then two Arabic cells in one line swap places, together with
any figures between them. So every line holds at most one stretch of Arabic, it comes last, and a Latin letter stands
before it wherever figures do, which makes the line left-to-right for terminals that go by the first strong letter.
Tables have no borders: a right border breaks where a terminal draws combining marks or ligatures in other widths than
counted. Tried and dropped: isolates (U+2068 … U+2069) around each Arabic cell. VTE ignores them, others print them as
boxes, and they end up in what people copy.

Where the report does not go to a terminal nothing is wrapped or cut; `Console.width` is the caller's choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dedup.report.view import Totals, View, lasted, skipped_lines
from dedup.report.wording import UNKNOWN, chance, count, moment, period, plain, span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from dedup.coverage import Coverage

_ROOMY = 100  # columns from which the outlets' table has room for copies, rewrites and repeats
_OUTLETS = 40  # outlets that are listed


def render(
    coverage: Coverage, files: pl.DataFrame, skipped: pl.DataFrame, view: View, *, width: int = _ROOMY
) -> RenderableType:
    """The whole report: what was read, the widest stories, the outlets, what was skipped.

    Args:
        coverage: what is told of, narrowed or not.
        files: FILES.
        skipped: SKIPPED.
        view: what is shown.
        width: columns that the report will have.
    """
    sections = [_read(coverage, files, skipped, view), _stories(coverage, view)]
    if coverage.outlets.height:
        sections.append(_outlets(coverage.outlets, width))
    if view.outlet is not None:
        sections.append(_partners(coverage.overlap, view.outlet))
    if skipped.height:
        sections.append(_skipped(skipped))
    return Group(*[part for section in sections for part in (section, Text(""))][:-1])


def _read(coverage: Coverage, files: pl.DataFrame, skipped: pl.DataFrame, view: View) -> RenderableType:
    totals = Totals.of(coverage)
    statuses = dict(files.group_by("status").len().iter_rows())
    how = ", ".join(f"{statuses[status]:,} {word}" for status, word in _STATUSES.items() if statuses.get(status))
    undated = f", {totals.undated:,} without a time" if totals.undated else ""
    outlets, times = count(totals.outlets, "outlet"), period(totals.first, totals.last)
    manners = (
        count(totals.copies, "copy", "copies"),
        count(totals.rewrites, "rewrite"),
        count(totals.repeats, "repeat of an outlet's own", "repeats of an outlet's own"),
    )
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold")
    facts.add_column(overflow="fold")
    if view.index is None:
        facts.add_row("files", f"{files.height:,}{f' ({how})' if how else ''}")
    else:
        facts.add_row("index", Text(plain(view.index)))
    if view.filters:
        facts.add_row("only", Text(plain(view.filters)))
    facts.add_row("headlines", f"{totals.headlines:,} of {outlets}, {times}{undated}")
    facts.add_row("coverage", f"{count(totals.covered, 'story', 'stories')} that two or more outlets ran")
    facts.add_row("", f"{count(totals.shared, 'headline')} in them, {totals.exclusive:,} that one outlet has alone")
    if totals.standing:
        standing = count(totals.standing, "standing title")
        facts.add_row("", f"{standing} (weather, cartoons, columns) that report nothing")
    facts.add_row("of these", ", ".join(manners))
    if skipped.height:
        facts.add_row("skipped", f"{count(skipped['file'].n_unique(), 'input')} in whole or in part, listed below")
    return facts


_STATUSES = {"read": "read", "warned": "read in part", "failed": "failed", "skipped": "skipped"}


def _titled(title: str, caption: str, body: RenderableType) -> RenderableType:
    heading = Text(title, style="bold")
    return Group(heading, Text(caption, style="dim"), Padding(body, (1, 0, 0, 0))) if caption else Group(heading, body)


def _grid(*columns: tuple[str, str]) -> Table:
    """A table without borders; each column has a name and the side it leans to."""
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name, justify in columns:
        grid.add_column(name, justify="right" if justify == "right" else "left", overflow="fold")
    return grid


def _stories(coverage: Coverage, view: View) -> RenderableType:
    shown, found = view.stories(coverage)
    told = count(view.min_outlets, "outlet")
    if not found:
        return Text(f"No story was run by {told} or more.", style="bold")
    grid = _grid(("outlets", "right"), ("within", "left"), ("headline", "left"))
    for number, story in enumerate(shown.iter_rows(named=True)):
        if number:
            grid.add_row()
        minutes = lasted(story)
        ran = UNKNOWN if minutes is None else span(minutes)
        grid.add_row(str(story["n_outlets"]), ran, Text(plain(story["title"])))
        for line in _details(story):
            grid.add_row("", "", Text(line, style="dim"))
    which = f"{shown.height:,} of {found:,}" if shown.height < found else f"all {found:,}"
    ran_by = f" that {told} or more ran" if view.min_outlets > 1 else ""
    return _titled(f"Widest stories: {which}{ran_by}", "", grid)


def _details(story: dict[str, Any]) -> Iterable[str]:
    """Who ran it first, who then, and in what manner."""
    outlets, firsts = story["outlets"], story["first_outlets"]
    at = moment(story["first_published"])
    if len(firsts) == 1:
        yield f"first  {at}  {plain(firsts[0])}"
    elif firsts:
        yield f"first  {at}  at once  {plain('، '.join(firsts))}"
    else:
        yield f"first  {UNKNOWN}"
    then = [name for name in outlets if name not in firsts]
    if then:
        yield f"{'then' if firsts else 'by':<5}  {plain('، '.join(then))}"
    counts = (("n_copies", "copy", "copies"), ("n_rewrites", "rewrite", ""), ("n_repeats", "repeat", ""))
    manner = [count(story[name], one, many) for name, one, many in counts if story[name]]
    manner += [f"{story['n_undated']:,} without a time"] if story["n_undated"] else []
    yield ", ".join(manner)


def _outlets(outlets: pl.DataFrame, width: int) -> RenderableType:
    manners = ("copies", "rewrites", "repeats") if width >= _ROOMY else ()
    names = ("headlines", "shared", "exclusive", "first", *manners)
    grid = _grid(*[(name, "right") for name in names], ("lag", "left"), ("outlet", "left"))
    for row in outlets.head(_OUTLETS).iter_rows(named=True):
        figures = [f"{row[name]:,}" for name in names]
        grid.add_row(*figures, _lag(row["median_lag_minutes"]), Text(plain(row["outlet"]) or "(no outlet)"))
    caption = "first: stories it ran before all others. lag: median time behind the first on the others."
    which = f": the {_OUTLETS} most active of {outlets.height:,}" if outlets.height > _OUTLETS else ""
    return _titled(f"Outlets{which}", caption, grid)


def _lag(minutes: float | None) -> str:
    """A span, or a word where there is none: a dash would leave the line without a Latin letter."""
    return "none" if minutes is None else span(minutes)


def _partners(overlap: pl.DataFrame, outlet: str) -> RenderableType:
    """With whom one outlet shares stories, told from its side."""
    sides = (("outlet_a", "outlet_b", "a_first", "b_first", 1), ("outlet_b", "outlet_a", "b_first", "a_first", -1))
    lag = pl.col("median_lag_minutes")
    both = pl.concat(
        overlap.filter(pl.col(own) == outlet).select(
            "stories", "tied", "unknown", other=other, ahead=ahead, behind=behind, lag=lag * sign
        )
        for own, other, ahead, behind, sign in sides
    ).sort("stories", "other", descending=[True, False])
    grid = _grid(
        *[(name, "right") for name in ("shared", "ahead", "behind", "at once", "unknown")],
        ("median", "left"),
        ("outlet", "left"),
    )
    for row in both.iter_rows(named=True):
        minutes = row["lag"]
        side = " ahead" if minutes and minutes > 0 else " behind" if minutes else ""
        figures = [f"{row[name]:,}" for name in ("stories", "ahead", "behind", "tied", "unknown")]
        grid.add_row(*figures, _lag(minutes and abs(minutes)) + side, Text(plain(row["other"])))
    return Group(Text.assemble(("Shares stories, ahead or behind: ", "bold"), plain(outlet)), grid)


def nearest(found: pl.DataFrame) -> RenderableType:
    """Headlines with their scores against one, as `dedup.similar` finds them."""
    if not found.height:
        return Text("No headline shares information with this one.", style="bold")
    grid = _grid(("score", "right"), ("relation", "left"), ("headline", "left"))
    for number, row in enumerate(found.iter_rows(named=True)):
        if number:
            grid.add_row()
        grid.add_row(chance(row["score"]), row["relation"], Text(plain(row["title"])))
        where = f"{moment(row['published'])}  {plain(row['outlet'])}".rstrip()
        grid.add_row("", "", Text(where, style="dim"))
    return grid


def _skipped(skipped: pl.DataFrame) -> RenderableType:
    lines = [Text(line, overflow="fold") for line in skipped_lines(skipped)]
    return _titled("Skipped", "", Group(*lines))
