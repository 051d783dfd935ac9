"""Render the report for a terminal in Arabic, as rich renderables.

Terminals that apply the bidirectional algorithm mostly take a line for left-to-right (VTE, mlterm), and put its leading
digits and Latin letters to its left, away from the Arabic behind them. Therefore each line begins with an Arabic word
and is a sentence rather than a row of cells; it then reads alike with either direction of the line. Rows of tables
begin with the name of an outlet, continue with figures, and are all of one width. Terminals without the algorithm get
lines in visual order (``dedup.report.visual_order``), there this form costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dedup.report.terminal_columns import BY_WEIGHT, GAP, MAX_OUTLETS, OUTLET_COLUMNS, fitting
from dedup.report.texts import counted, date_and_time, load_texts, period_in_words, span_in_words
from dedup.report.view import Totals, duration, partners, related_titles, skipped_groups
from dedup.report.wording import ARABIC, plain, span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime, tzinfo

    import polars as pl
    from rich.console import RenderableType

    from dedup.report.content import Content
    from dedup.report.view import View

_NAME = 24  # columns for the name of an outlet
_NO_ISOLATES = dict.fromkeys((0x2066, 0x2069))  # the page needs them around options; terminals print boxes for them
_STATUSES = {"read": "قُرئ", "warned": "قُرئ مع ملاحظات", "failed": "تعذّرت قراءته", "skipped": "تُرك"}


def render(content: Content, view: View, *, width: int) -> RenderableType:
    """Render the report: totals, widest stories, outlets, latest exclusives, skipped inputs.

    Args:
        content: the frames.
        view: the part of the results to show.
        width: width of the report in columns.
    """
    coverage = content.coverage
    sections = [_totals(content, view), _stories(content, view)]
    if coverage.outlets.height:
        sections.append(_outlets(coverage.outlets, width))
    if (clocks := coverage.outlets.drop_nulls("clock_offset_hours")).height:
        sections.append(_clocks(clocks))
    if view.outlet is not None:
        sections.append(_partners(partners(coverage.overlap, view.outlet), view.outlet))
    exclusives = coverage.exclusives().collect()
    if exclusives.height and view.top != 0:
        sections.append(_exclusives(exclusives, view))
    if content.skipped.height:
        sections.append(_skipped(content.skipped))
    return Group(*[part for section in sections for part in (section, Text(""))][:-1])


def _titled(title: str, caption: str, *body: RenderableType) -> RenderableType:
    heading = Text(title, style="bold")
    return Group(heading, Text(caption, style="dim"), Text(""), *body) if caption else Group(heading, Text(""), *body)


def _indented(line: str) -> RenderableType:
    return Padding(Text(line, style="dim"), (0, 0, 0, 2))


def _moment(time: datetime | None, zone: tzinfo) -> str:
    return date_and_time(time, zone, "ar")


def _totals(content: Content, view: View) -> RenderableType:
    totals = Totals.of(content.coverage)
    lines = list(_facts(content, totals, view))
    return Group(*[Text.assemble((f"{name}: ", "bold"), plain(fact)) for name, fact in lines])


def _facts(content: Content, totals: Totals, view: View) -> Iterator[tuple[str, str]]:
    texts = load_texts("ar")
    if view.index is None:
        statuses = dict(content.files.group_by("status").len().iter_rows())
        parts = [f"{word}: {statuses[status]:,}" for status, word in _STATUSES.items() if statuses.get(status)]
        yield "الملفات", f"{content.files.height:,}" + (f" ({'، '.join(parts)})" if parts else "")
    else:
        yield "الفهرس", view.index
    if view.filters:
        yield texts["filters"], view.filters
    undated = f"، منها {counted(totals.undated, 'undated', 'ar')}" if totals.undated else ""
    outlets = counted(totals.outlets, "outlet", "ar") if totals.outlets else "0"
    yield "العناوين", f"{totals.headlines:,} من {outlets}{undated}"
    in_zone = "" if totals.first is None else f"، بتوقيت {view.zone}"
    yield "الفترة", period_in_words(totals.first, totals.last, view.zone, "ar") + in_zone
    shared = counted(totals.shared, "headline", "ar")
    yield "القصص المشتركة", f"{totals.covered:,} نشرتها وسيلتان أو أكثر، وفيها {shared}"
    yield "الانفرادات", f"{totals.exclusive:,} لم تنشرها وسيلة أخرى"
    if totals.standing:
        yield "العناوين الثابتة", f"{totals.standing:,} من طقس وكاريكاتير وزوايا، لا تُعدّ خبرًا"
    roles = ((totals.copies, "copy"), (totals.rewrites, "rewrite"), (totals.repeats, "repeat"))
    yield "منها", "، ".join(counted(number, noun, "ar") for number, noun in roles)
    if content.skipped.height:
        yield "ما لم يُقرأ", f"{content.skipped['file'].n_unique():,}، كله أو بعضه، وهو في آخر التقرير"


def _stories(content: Content, view: View) -> RenderableType:
    stories, total = view.stories(content.coverage)
    at_least = f"نشرتها {counted(view.min_outlets, 'outlet', 'ar')} أو أكثر" if view.min_outlets > 1 else ""
    if not total:
        return Text(f"لا قصة {at_least}".rstrip(), style="bold")
    related = related_titles(content, stories)
    parts: list[RenderableType] = []
    for number, story in enumerate(stories.iter_rows(named=True)):
        parts += [Text("")] if number else []
        parts.append(Text(plain(story["title"])))
        parts += [_indented(line) for line in _details(story, view.zone)]
        parts += [_indented(f"ذات صلة: {plain(title)}") for title in related.get(story["story_id"], ())]
    which = f"{stories.height:,} من {total:,}" if stories.height < total else f"كلها، {total:,}"
    return _titled(f"أوسع القصص انتشارًا: {which}{f'، {at_least}' if at_least else ''}", "", *parts)


def _details(story: Mapping[str, Any], zone: tzinfo) -> Iterator[str]:
    """Yield the lines below a story: outlets and roles, the first, the followers."""
    minutes = duration(story)
    within = "" if minutes is None else " في اللحظة نفسها" if not minutes else f" خلال {span_in_words(minutes, 'ar')}"
    roles = (("n_copies", "copy"), ("n_rewrites", "rewrite"), ("n_repeats", "repeat"), ("n_undated", "undated"))
    counts = "، ".join(counted(story[name], noun, "ar") for name, noun in roles if story[name])
    yield f"نشرتها {counted(story['n_outlets'], 'outlet', 'ar')}{within}{f': {counts}' if counts else ''}"
    firsts = story["first_outlets"]
    if firsts:
        together = " (في اللحظة نفسها)" if len(firsts) > 1 else ""
        yield f"السبق: {plain('، '.join(firsts))}{together}، {_moment(story['first_published'], zone)}"
    else:
        yield "السبق: مجهول"
    then = [name for name in story["outlets"] if name not in firsts]
    if then:
        yield f"{'ثم' if firsts else 'نشرتها'}: {plain('، '.join(then))}"


def table_of_figures(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> RenderableType:
    """Build a table of names and figures whose rows all have the same width."""
    grid = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim")
    grid.add_column(columns[0], overflow="fold")
    for number, name in enumerate(columns[1:], 1):
        # No line of a cell may end in blanks, or rows would differ in width.
        grid.add_column(name, justify="right", no_wrap=True, min_width=max(cell_len(row[number]) for row in rows))
    for row in rows:
        grid.add_row(*map(Text, row))
    return grid


def _outlets(outlets: pl.DataFrame, width: int) -> RenderableType:
    words = load_texts("ar")["columns"]
    kept = fitting({name: words[name] for name in BY_WEIGHT}, width - _NAME - cell_len(words["lag"]) - GAP)
    names = [name for name in OUTLET_COLUMNS if name in kept]
    rows = [
        [_name(row["outlet"]), *(f"{row[name]:,}" for name in names), _lag(row["median_lag_minutes"])]
        for row in outlets.head(MAX_OUTLETS).iter_rows(named=True)
    ]
    which = f": أنشط {MAX_OUTLETS} من {outlets.height:,}" if outlets.height > MAX_OUTLETS else ""
    caption = "السبق: قصص نشرتها قبل غيرها؛ وسيط التأخر: ما يفصلها عن أول ناشر في غيرها"
    table = table_of_figures([words[name] for name in ("outlet", *names, "lag")], rows)
    return _titled(f"وسائل الإعلام{which}", caption, table)


def _name(outlet: str) -> str:
    return plain(outlet) or str(load_texts("ar")["no_outlet"])


def _lag(minutes: float | None) -> str:
    """Format a lag; in words where there is none, because a dash at the end of a line moves to its other end."""
    return "لا يوجد" if minutes is None else span(minutes, ARABIC)


def _clocks(outlets: pl.DataFrame) -> RenderableType:
    """Render the outlets whose clocks are off."""
    caption = load_texts("ar")["clock_fixed" if outlets["clock_fixed"].all() else "clock_hint"]
    lines = [
        _indented(
            f"{_name(row['outlet'])}: {'متأخرة' if row['clock_offset_hours'] > 0 else 'متقدمة'} "
            f"{span_in_words(abs(row['clock_offset_hours']) * 60, 'ar')}، بدلالة "
            f"{counted(row['clock_support'], 'copy', 'ar')} مع {counted(row['clock_partners'], 'outlet', 'ar')}"
        )
        for row in outlets.iter_rows(named=True)
    ]
    return _titled("ساعات الوسائل", caption.translate(_NO_ISOLATES), *lines)


def _partners(shared: pl.DataFrame, outlet: str) -> RenderableType:
    """Render the outlets that share stories with an outlet, from its point of view."""
    columns = {"stories": "المشتركة", "ahead": "سبقتها", "behind": "سبقتك", "tied": "معًا", "unknown": "مجهول"}
    rows = []
    for row in shared.iter_rows(named=True):
        minutes = row["lag"]
        side = " قبلها" if minutes and minutes > 0 else " بعدها" if minutes else ""
        lag = _lag(minutes and abs(minutes)) + side
        rows.append([_name(row["other"]), *(f"{row[name]:,}" for name in columns), lag])
    if not rows:
        return Text(f"لا وسيلة تشارك {_name(outlet)} في قصة", style="bold")
    table = table_of_figures(["الوسيلة", *columns.values(), "وسيط الفارق"], rows)
    return _titled(f"شركاء {_name(outlet)} في القصص، ومن سبق", "", table)


def _exclusives(exclusives: pl.DataFrame, view: View) -> RenderableType:
    """Render the latest headlines that no other outlet has."""
    latest = exclusives if view.top is None else exclusives.head(view.top)
    lines: list[RenderableType] = []
    for row in latest.iter_rows(named=True):
        lines.append(Text(plain(row["title"])))
        lines.append(_indented(f"{_name(row['outlet'])}، {_moment(row['published'], view.zone)}"))
    which = f"أحدث {latest.height:,} من {exclusives.height:,}" if latest.height < exclusives.height else "كلها"
    return _titled(f"الانفرادات: {which}", "", *lines)


def _skipped(skipped: pl.DataFrame) -> RenderableType:
    texts, (groups, more) = load_texts("ar"), skipped_groups(skipped)
    lines = [
        Text(
            f"{group.kind or texts['skipped_title']}: {group.file}{f' ({group.place})' if group.place else ''}: "
            f"{group.reason}",
            overflow="fold",
        )
        for group in groups
    ]
    if more:
        lines.append(Text(f"وغيرها {more:,}؛ الخيار --output DIR يكتبها كلها في الملف skipped"))
    return _titled(texts["skipped_title"], "", *lines)
