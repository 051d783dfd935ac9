"""Render the report for a terminal in English, as rich renderables.

Terminals differ in their support of Arabic. Most draw letters in the order of the text; some (VTE, Konsole, mlterm)
apply the Unicode bidirectional algorithm to each line, which swaps two Arabic cells of one line together with the
figures between them. Therefore each line has at most one run of Arabic, at its end, and a Latin letter precedes it
wherever figures do, so that terminals which take the direction from the first strong letter choose left to right.
Tables have no borders, because right borders break where combining marks or ligatures are drawn in another width than
counted. Rejected: isolates (U+2068 … U+2069) around Arabic cells. VTE ignores them, others print boxes, and they are
copied with the text. ``dedup.report.visual_order`` serves terminals without the algorithm, and
``dedup.report.terminal_arabic`` is the report in Arabic.

Output to pipes and files is neither wrapped nor cut; the caller chooses `Console.width`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dedup.matching.scoring.relation import NONE
from dedup.report import terminal_arabic
from dedup.report.evidence_words import no_match
from dedup.report.terminal_columns import BY_WEIGHT, GAP, MAX_OUTLETS, OUTLET_COLUMNS, fitting
from dedup.report.view import Totals, View, duration, partners, related_titles, skipped_lines
from dedup.report.wording import UNKNOWN, chance, count, moment, period, plain, span

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

    import polars as pl
    from rich.console import RenderableType

    from dedup.coverage import Coverage
    from dedup.report.content import Content

_WIDE = 100  # columns needed to show copies, rewrites and repeats in the table of outlets
_NAME = 30  # columns for a time and for the name of an outlet, whose words are kept whole


def render(content: Content, view: View, *, width: int = _WIDE) -> RenderableType:
    """Render the report: totals, widest stories, outlets, latest exclusives, skipped inputs.

    Args:
        content: the frames.
        view: the part of the results to show.
        width: width of the report in columns.
    """
    if view.language == "ar":
        return terminal_arabic.render(content, view, width=width)
    coverage, skipped = content.coverage, content.skipped
    sections = [_totals(coverage, content.files, skipped, view), _stories(content, view)]
    if coverage.outlets.height:
        sections.append(_outlets(coverage.outlets, width))
    if (clocks := coverage.outlets.drop_nulls("clock_offset_hours")).height:
        sections.append(_clocks(clocks))
    if view.outlet is not None:
        sections.append(_partners(coverage.overlap, view.outlet, width))
    exclusives = coverage.exclusives().collect()
    if exclusives.height and view.top != 0:
        sections.append(_exclusives(exclusives, view))
    if skipped.height:
        sections.append(_skipped(skipped))
    return Group(*[part for section in sections for part in (section, Text(""))][:-1])


def _exclusives(exclusives: pl.DataFrame, view: View) -> RenderableType:
    """Render the latest headlines that no other outlet has."""
    latest = exclusives if view.top is None else exclusives.head(view.top)
    lines: list[RenderableType] = []
    for row in latest.iter_rows(named=True):
        lines.append(Text(plain(row["title"])))
        lines.append(Text(f"  at  {moment(row['published'], view.zone)}  {plain(row['outlet'])}".rstrip(), style="dim"))
    which = f"the latest {latest.height:,} of {exclusives.height:,}" if latest.height < exclusives.height else "all"
    return _titled(f"Exclusives: {which}", "", Group(*lines))


def _totals(coverage: Coverage, files: pl.DataFrame, skipped: pl.DataFrame, view: View) -> RenderableType:
    totals = Totals.of(coverage)
    statuses = dict(files.group_by("status").len().iter_rows())
    how = ", ".join(f"{statuses[status]:,} {word}" for status, word in _STATUSES.items() if statuses.get(status))
    undated = f", {totals.undated:,} without a time" if totals.undated else ""
    outlets, times = count(totals.outlets, "outlet"), period(totals.first, totals.last, view.zone)
    roles = (
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
    facts.add_row("of these", ", ".join(roles))
    if skipped.height:
        facts.add_row("skipped", f"{count(skipped['file'].n_unique(), 'input')} in whole or in part, listed below")
    return facts


_STATUSES = {"read": "read", "warned": "read with warnings", "failed": "failed", "skipped": "skipped"}


def _titled(title: str, caption: str, body: RenderableType) -> RenderableType:
    heading = Text(title, style="bold")
    return Group(heading, Text(caption, style="dim"), Padding(body, (1, 0, 0, 0))) if caption else Group(heading, body)


def _grid(*columns: tuple[str, str]) -> Table:
    """Build a table without borders from the names and alignments of its columns."""
    grid = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim")
    for name, justify in columns[:-1]:
        grid.add_column(name, justify="right" if justify == "right" else "left", no_wrap=True, overflow="fold")
    name, _ = columns[-1]
    grid.add_column(name, overflow="fold")
    return grid


def _stories(content: Content, view: View) -> RenderableType:
    stories, total = view.stories(content.coverage)
    related = related_titles(content, stories)
    at_least = count(view.min_outlets, "outlet")
    if not total:
        return Text(f"No story was run by {at_least} or more.", style="bold")
    grid = _grid(("outlets", "right"), ("within", "left"), ("headline", "left"))
    for number, story in enumerate(stories.iter_rows(named=True)):
        if number:
            grid.add_row()
        minutes = duration(story)
        ran = UNKNOWN if minutes is None else span(minutes)
        grid.add_row(str(story["n_outlets"]), ran, Text(plain(story["title"])))
        for line in _details(story, view.zone):
            grid.add_row("", "", Text(line, style="dim"))
        for title in related.get(story["story_id"], ()):
            grid.add_row("", "", Text(f"related  {plain(title)}", style="dim"))
    which = f"{stories.height:,} of {total:,}" if stories.height < total else f"all {total:,}"
    ran_by = f" that {at_least} or more ran" if view.min_outlets > 1 else ""
    return _titled(f"Widest stories: {which}{ran_by}", "", grid)


def _details(story: dict[str, Any], zone: tzinfo) -> Iterable[str]:
    """Yield the lines below a story: first outlet, followers, counts of roles."""
    outlets, firsts = story["outlets"], story["first_outlets"]
    time = moment(story["first_published"], zone)
    if len(firsts) == 1:
        yield f"first  {time}  {plain(firsts[0])}"
    elif firsts:
        yield f"first  {time}  at once  {plain('، '.join(firsts))}"
    else:
        yield f"first  {UNKNOWN}"
    then = [name for name in outlets if name not in firsts]
    if then:
        yield f"{'then' if firsts else 'by':<5}  {plain('، '.join(then))}"
    counts = (("n_copies", "copy", "copies"), ("n_rewrites", "rewrite", ""), ("n_repeats", "repeat", ""))
    roles = [count(story[name], singular, plural) for name, singular, plural in counts if story[name]]
    roles += [f"{story['n_undated']:,} without a time"] if story["n_undated"] else []
    yield ", ".join(roles)


def _outlets(outlets: pl.DataFrame, width: int) -> RenderableType:
    columns = BY_WEIGHT if width >= _WIDE else BY_WEIGHT[:4]
    kept = fitting({name: name for name in columns}, width - _NAME)
    names = [name for name in OUTLET_COLUMNS if name in kept]
    grid = _grid(*[(name, "right") for name in names], ("lag", "left"), ("outlet", "left"))
    for row in outlets.head(MAX_OUTLETS).iter_rows(named=True):
        figures = [f"{row[name]:,}" for name in names]
        grid.add_row(*figures, _lag(row["median_lag_minutes"]), Text(plain(row["outlet"]) or "(no outlet)"))
    caption = "first: stories it ran before all others. lag: median time behind the first on the others."
    which = f": the {MAX_OUTLETS} most active of {outlets.height:,}" if outlets.height > MAX_OUTLETS else ""
    return _titled(f"Outlets{which}", caption, grid)


def _clocks(outlets: pl.DataFrame) -> RenderableType:
    """Render the outlets whose clocks are off, with the evidence."""
    grid = _grid(("offset", "right"), ("interval", "left"), ("copies", "right"), ("with", "right"), ("outlet", "left"))
    for row in outlets.iter_rows(named=True):
        low, high = (f"{row[name]:+.1f}" for name in ("clock_offset_low", "clock_offset_high"))
        partners = count(row["clock_partners"], "outlet")
        offset, copies = f"{row['clock_offset_hours']:+g} h", f"{row['clock_support']:,}"
        grid.add_row(offset, f"{low} to {high} h", copies, partners, Text(plain(row["outlet"])))
    fixed = outlets["clock_fixed"].all()
    caption = "Copies shared with other outlets show that these outlets' times are hours late (+) or early (-)" + (
        "; they were corrected." if fixed else ", so who was first is wrong: --fix-clocks corrects them."
    )
    return _titled("Clocks corrected" if fixed else "Warning: clocks are wrong", caption, grid)


def _lag(minutes: float | None) -> str:
    """Format a lag; "none" instead of a dash, which would leave the line without a Latin letter."""
    return "none" if minutes is None else span(minutes)


def _partners(overlap: pl.DataFrame, outlet: str, width: int) -> RenderableType:
    """Render the outlets that share stories with an outlet, from its point of view."""
    columns = {"shared": "stories", "ahead": "ahead", "behind": "behind", "at once": "tied", "unknown": "unknown"}
    names = fitting({name: name for name in columns}, width - _NAME)
    grid = _grid(*[(name, "right") for name in names], ("median", "left"), ("outlet", "left"))
    for row in partners(overlap, outlet).iter_rows(named=True):
        minutes = row["lag"]
        side = " ahead" if minutes and minutes > 0 else " behind" if minutes else ""
        figures = [f"{row[columns[name]]:,}" for name in names]
        grid.add_row(*figures, _lag(minutes and abs(minutes)) + side, Text(plain(row["other"])))
    return Group(Text.assemble(("Shares stories, ahead or behind: ", "bold"), plain(outlet)), grid)


def nearest(matches: pl.DataFrame) -> RenderableType:
    """Render the frame of `dedup.similar`: headlines with their scores."""
    if not matches.height:
        return Text("No headline shares information with this one.", style="bold")
    names = {"close": "closeness", "related": "related_score", "same news": "score"}
    grid = _grid(*[(name, "right") for name in names], ("relation", "left"), ("headline", "left"))
    empty = [""] * (len(names) + 1)
    titles = dict(zip(matches["headline_id"], matches["title"], strict=True))
    for number, row in enumerate(matches.iter_rows(named=True)):
        if number:
            grid.add_row()
        grid.add_row(*[chance(row[name]) for name in names.values()], row["relation"], Text(plain(row["title"])))
        lines = [f"at  {moment(row['published'])}  {plain(row['outlet'])}".rstrip()]
        if row["relation"] == NONE and row["through"] in titles:
            lines.append(f"close to: {plain(titles[row['through']])}")
        if row["ruled_out_by"]:
            lines.append(no_match(row["ruled_out_by"]))
        for line in lines:
            grid.add_row(*empty, Text(line, style="dim"))
    return grid


def _skipped(skipped: pl.DataFrame) -> RenderableType:
    lines = [Text(line, overflow="fold") for line in skipped_lines(skipped)]
    return _titled("Skipped", "", Group(*lines))
