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

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dedup.report.wording import count, moment, period, plain, span, spread

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from dedup.coverage import Coverage

_ROOMY = 100  # columns from which the outlets' table has room for copies, rewrites and repeats
_OUTLETS = 40  # outlets that are listed
_LISTED = 25  # skipped inputs that are listed one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What of the results a report shows.

    Attributes:
        top: how many stories.
        min_outlets: stories that at least this many outlets ran.
        outlet: with whom this outlet shares its stories; None leaves that table out.
        filters: how the coverage was narrowed, in words.
    """

    top: int = 10
    min_outlets: int = 2
    outlet: str | None = None
    filters: str = ""


def render(
    coverage: Coverage, files: pl.DataFrame, skipped: pl.DataFrame, view: View = View(), *, width: int = _ROOMY
) -> RenderableType:
    """The whole report: what was read, the widest stories, the outlets, what was skipped.

    Args:
        coverage: what is told of, narrowed or not.
        files: FILES.
        skipped: SKIPPED.
        view: what is shown.
        width: columns that the report will have.
    """
    sections = [_read(coverage, files, skipped, view), _stories(coverage.stories, view)]
    if coverage.outlets.height:
        sections.append(_outlets(coverage.outlets, width))
    if view.outlet is not None:
        sections.append(_partners(coverage.overlap, view.outlet))
    if skipped.height:
        sections.append(_skipped(skipped))
    return Group(*[part for section in sections for part in (section, Text(""))][:-1])


def _read(coverage: Coverage, files: pl.DataFrame, skipped: pl.DataFrame, view: View) -> RenderableType:
    headlines, stories = coverage.headlines, coverage.stories
    roles = dict(headlines.group_by("role").len().iter_rows())
    shared = stories.filter(pl.col("n_outlets") >= 2)
    undated = headlines["published"].null_count()
    statuses = dict(files.group_by("status").len().iter_rows())
    how = [f"{statuses[status]:,} {word}" for status, word in _STATUSES.items() if statuses.get(status)]
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold")
    facts.add_column(overflow="fold")
    facts.add_row("files", " ".join([f"{files.height:,}", *([f"({', '.join(how)})"] if how else [])]))
    if view.filters:
        facts.add_row("only", Text(plain(view.filters)))
    first, last = headlines["published"].min(), headlines["published"].max()
    times = f"{period(first, last)}{f', {undated:,} without a time' if undated else ''}"
    facts.add_row("headlines", f"{headlines.height:,} of {count(coverage.outlets.height, 'outlet')}, {times}")
    both, alone = coverage.outlets["shared"].sum(), coverage.outlets["exclusive"].sum()
    facts.add_row("coverage", f"{count(shared.height, 'story', 'stories')} that two or more outlets ran")
    facts.add_row("", f"{count(both, 'headline')} in them, {alone:,} that one outlet has alone")
    words = (
        ("copy", "copy", "copies"),
        ("rewrite", "rewrite", ""),
        ("repeat", "repeat of an outlet's own", "repeats of an outlet's own"),
    )
    facts.add_row("of these", ", ".join(count(roles.get(role, 0), one, many) for role, one, many in words))
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


def _stories(stories: pl.DataFrame, view: View) -> RenderableType:
    wide = stories.filter(pl.col("n_outlets") >= view.min_outlets)
    told = count(view.min_outlets, "outlet")
    if not wide.height:
        return Text(f"No story was run by {told} or more.", style="bold")
    grid = _grid(("outlets", "right"), ("within", "left"), ("headline", "left"))
    for number, story in enumerate(wide.head(view.top).iter_rows(named=True)):
        if number:
            grid.add_row()
        ran = spread(story["first_published"], story["last_published"])
        grid.add_row(str(story["n_outlets"]), ran, Text(plain(story["title"])))
        for line in _details(story):
            grid.add_row("", "", Text(line, style="dim"))
    shown = min(view.top, wide.height)
    which = f"{shown:,} of {wide.height:,}" if shown < wide.height else f"all {shown:,}"
    ran_by = f" that {told} or more ran" if view.min_outlets > 1 else ""
    return _titled(f"Widest stories: {which}{ran_by}", "", grid)


def _details(story: dict[str, object]) -> Iterable[str]:
    """Who ran it first, who then, and in what manner."""
    outlets, firsts = list(map(str, story["outlets"])), list(map(str, story["first_outlets"]))
    at = moment(story["first_published"])
    if len(firsts) == 1:
        yield f"first  {at}  {plain(firsts[0])}"
    elif firsts:
        yield f"first  {at}  at once  {plain('، '.join(firsts))}"
    else:
        yield "first  unknown"
    then = [name for name in outlets if name not in firsts]
    if then:
        yield f"then   {plain('، '.join(then))}"
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
    turned = overlap.filter(pl.col("outlet_b") == outlet).select(
        "stories",
        "jaccard",
        "tied",
        "unknown",
        other="outlet_a",
        ahead="b_first",
        behind="a_first",
        lag=-pl.col("median_lag_minutes"),
    )
    rows = overlap.filter(pl.col("outlet_a") == outlet).select(
        "stories",
        "jaccard",
        "tied",
        "unknown",
        other="outlet_b",
        ahead="a_first",
        behind="b_first",
        lag="median_lag_minutes",
    )
    both = pl.concat([rows, turned]).sort("stories", "other", descending=[True, False])
    grid = _grid(
        *[(name, "right") for name in ("shared", "ahead", "behind", "at once", "unknown")],
        ("median", "left"),
        ("outlet", "left"),
    )
    for row in both.iter_rows(named=True):
        lag = row["lag"]
        side = " ahead" if lag and lag > 0 else " behind" if lag else ""
        figures = [f"{row[name]:,}" for name in ("stories", "ahead", "behind", "tied", "unknown")]
        grid.add_row(*figures, _lag(lag and abs(lag)) + side, Text(plain(row["other"])))
    return Group(Text.assemble(("Shares stories, ahead or behind: ", "bold"), plain(outlet)), grid)


def _skipped(skipped: pl.DataFrame) -> RenderableType:
    lines = [Text(line, overflow="fold") for line in skipped_lines(skipped)]
    return _titled("Skipped", "", Group(*lines))


def skipped_lines(skipped: pl.DataFrame) -> list[str]:
    """Each input that was not used, with its reason; places of one file with one reason are summed up."""
    rows = skipped.group_by("file", "reason", maintain_order=True).agg(pl.col("place").first(), places=pl.len())
    lines = [_skipped_line(**row) for row in rows.head(_LISTED).iter_rows(named=True)]
    more = rows.slice(_LISTED)
    if more.height:
        named = count(more["file"].n_unique(), "input")
        lines.append(f"and {named} more; --output DIR writes all of them to the file skipped")
    return lines


def _skipped_line(file: str, reason: str, place: str, places: int) -> str:
    others = f" and {places - 1:,} more" if places > 1 else ""
    return f"{plain(file)}{f' ({plain(place)}{others})' if place else ''}: {plain(reason)}"
