"""A small week of news as coverage, for reports to render."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest
from rich.console import Console

from dedup.frames import FILES, KEYS, PAIRS, SKIPPED
from dedup.report.content import Content
from dedup.report.terminal import render
from tests.placed import BY_ID, cover

if TYPE_CHECKING:
    from dedup.coverage import Coverage

DAWN = datetime(2026, 3, 4, 6, 0, tzinfo=UTC)
ROWS = [
    # id, outlet, minutes, story, relation, title
    ("a1", "وكالة واحة", 0, "A", None, "سيول جارفة تجتاح وادي السرو وتقطع الطريق الجبلي الوحيد المؤدي إلى قرى الهضبة"),
    ("a2", "الضحى", 12, "A", "copy", "عاجل | سيول جارفة تجتاح وادي السرو"),
    ("a3", "المرفأ", 95, "A", "same-news", "وادي السرو تحت السيول"),
    ("a4", "الضحى", 200, "A", "copy", "سيول جارفة تجتاح وادي السرو"),
    ("b1", "المرفأ", 30, "B", None, "فرسان التلال يفوز [3-1] على نجوم الميناء :smile:"),
    ("b2", "الضحى", 30, "B", "copy", "فرسان التلال يفوز 3-1 على نجوم الميناء"),
    ("c1", "السدرة", None, "C", None, "قافلة طبية تجوب القرى"),
    ("c2", "المرفأ", None, "C", "copy", "قافلة طبية تجوب القرى"),
    ("e1", "وكالة واحة", 300, "E", None, "إغلاق جسر العنادل أمام الشاحنات"),
    ("e2", "السدرة", None, "E", "copy", "إغلاق جسر العنادل أمام الشاحنات"),
    ("d1", "السدرة", 40, "D", None, "حوار: لن نبيع قطرة ماء"),
]


@pytest.fixture
def coverage() -> Coverage:
    founders = {story: name for name, _, _, story, relation, _ in ROWS if relation is None}
    keys = [
        (
            name,
            outlet,
            title,
            f"https://x.example/{name}",
            None if at is None else DAWN + timedelta(minutes=at),
            "x",
            title,
            title,
            None,
        )
        for name, outlet, at, _, _, title in ROWS
    ]
    stories = [
        (name, story, *((founders[story], 0.9, relation) if relation else (None, None, None)))
        for name, _, _, story, relation, _ in ROWS
    ]
    pairs = [
        (founders[story], name, 0.9, 0.9, True, relation, 1.0) for name, _, _, story, relation, _ in ROWS if relation
    ]
    return cover(
        pl.DataFrame(keys, schema=KEYS, orient="row"),
        pl.DataFrame(pairs, schema=PAIRS, orient="row"),
        pl.DataFrame(stories, schema=BY_ID, orient="row"),
    )


@pytest.fixture
def files() -> pl.DataFrame:
    rows = [("a.xml", "rss", "read", 5, 5), ("b.xml", "atom", "warned", 5, 4), ("c.xml", "html", "failed", None, 0)]
    return pl.DataFrame(rows, schema=FILES, orient="row")


@pytest.fixture
def skipped() -> pl.DataFrame:
    rows = [
        ("b.xml", "line 3", "no title"),
        ("b.xml", "line 9", "no title"),
        ("c\x1b[2J\n.xml", "", "an HTML page, not a feed"),
    ]
    return pl.DataFrame(rows, schema=SKIPPED, orient="row")


@pytest.fixture
def content(coverage, files, skipped):
    return Content(coverage=coverage, pairs=pl.LazyFrame(schema=PAIRS), files=files, skipped=skipped, summary={})


def print_report(content, view, width, **console):
    """Return the report as a terminal of this width shows it."""
    stream = io.StringIO()
    console = Console(file=stream, width=width, highlight=False, markup=False, emoji=False, **console)
    console.print(render(content, view, width=width))
    return stream.getvalue()


def lines(text):
    return [line.rstrip() for line in text.splitlines()]
