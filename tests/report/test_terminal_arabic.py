"""The report in Arabic in a terminal."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from rich.cells import cell_len

from dedup.frames import PAIRS
from dedup.report.content import Content
from dedup.report.view import View
from tests.report.conftest import DAWN, lines, print_report

ARABIC = re.compile("[\u0621-\u064a]")


def printed(content, width=100, **view):
    return print_report(content, View(language="ar", **view), width)


def related(*rows):
    names = ("story_id", "related_id", "related_score", "hours_apart")
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.col("related_score").cast(pl.Float32))


def test_the_totals_come_first(content):
    assert lines(printed(content, zone=ZoneInfo("Asia/Riyadh")))[:6] == [
        "الملفات: 3 (قُرئ: 1، قُرئ مع ملاحظات: 1، تعذّرت قراءته: 1)",
        "العناوين: 11 من 4 وسائل، منها 3 عناوين بلا وقت",
        "الفترة: من 4 مارس 2026، 09:00 إلى 4 مارس 2026، 14:00، بتوقيت Asia/Riyadh",
        "القصص المشتركة: 4 نشرتها وسيلتان أو أكثر، وفيها 10 عناوين",
        "الانفرادات: 1 لم تنشرها وسيلة أخرى",
        "منها: 4 نسخ، صياغة أخرى، تكرار واحد",
    ]


def test_a_story_names_who_ran_it_first_and_who_followed(content):
    text = lines(printed(content, width=120))
    start = text.index("أوسع القصص انتشارًا: كلها، 4، نشرتها وسيلتان أو أكثر")
    assert text[start + 2 : start + 6] == [
        "سيول جارفة تجتاح وادي السرو وتقطع الطريق الجبلي الوحيد المؤدي إلى قرى الهضبة",
        "  نشرتها 3 وسائل خلال 3 ساعات و20 دقيقة: نسخة واحدة، صياغة أخرى، تكرار واحد",
        "  السبق: وكالة واحة، 4 مارس 2026، 06:00",
        "  ثم: الضحى، المرفأ",
    ]


def test_ties_and_unknown_times_are_named(content):
    text = printed(content)
    assert "السبق: المرفأ، الضحى (في اللحظة نفسها)، 4 مارس 2026، 06:30" in text
    assert "السبق: مجهول" in text


@pytest.mark.parametrize("width", [40, 60, 100, 200])
def test_no_line_is_wider_than_the_terminal(content, width):
    assert max(map(cell_len, printed(content, width=width, outlet="الضحى").splitlines())) <= width


def test_each_line_begins_with_an_arabic_letter_and_ends_in_no_mark_that_would_move(content):
    rows = [line.strip() for line in printed(content, width=200, outlet="الضحى").splitlines() if line.strip()]
    own = [row for row in rows if not re.search(r"[a-z]", row)]  # not reasons, which are in English
    assert [row for row in own if not ARABIC.match(row)] == []
    assert [row for row in own if row.endswith((".", "،", "؛", ":", "–"))] == []


@pytest.mark.parametrize("width", [60, 100, 160])
def test_rows_of_the_table_of_outlets_are_of_one_width(content, width):
    text = lines(printed(content, width=width))
    start = next(number for number, line in enumerate(text) if line.startswith("الوسيلة"))
    rows = text[start : text.index("", start)]
    assert len(rows) == 1 + content.coverage.outlets.height
    assert len({cell_len(row) for row in rows}) == 1


def test_a_narrow_terminal_keeps_who_was_first(content):
    [heading] = [line for line in lines(printed(content, width=50)) if line.startswith("الوسيلة")]
    assert "السبق" in heading
    assert "التكرار" not in heading


def test_partners_are_listed_from_the_point_of_view_of_the_outlet(content):
    narrowed = replace(content, coverage=content.coverage.narrow(outlet="الضحى"))
    text = [line.split() for line in printed(narrowed, outlet="الضحى").splitlines()]
    assert ["المرفأ", "2", "1", "0", "1", "0", "42", "د", "قبلها"] in text
    assert ["وكالة", "واحة", "1", "0", "1", "0", "0", "12", "د", "بعدها"] in text


def test_filters_are_in_arabic(content):
    since = datetime(2026, 3, 4, tzinfo=ZoneInfo("Asia/Riyadh"))
    text = printed(content, since=since, until=since + timedelta(days=1), outlet="الضحى")
    expected = (
        "التقرير محصور في: القصص التي بدأت من 4 مارس 2026، 00:00 (Asia/Riyadh) إلى ما قبل 5 مارس 2026، 00:00 "
        "(Asia/Riyadh)، القصص التي نشرتها الضحى"
    )
    assert " ".join(text.split()).count(expected) == 1


def test_skipped_inputs_have_their_kind_in_arabic_before_the_reason(content):
    assert r"صفحة ويب لا تغذية إخبارية؛ استعمل عنوان التغذية: c\x1b[2J\n.xml: an HTML page, not a feed" in printed(
        content, width=200
    )


def test_related_stories_are_named_below_a_story(content):
    given = replace(content, related=related(("a1", "d1", 0.9, 0.7), ("a1", "b1", 0.8, 0.5), ("a1", "c1", 0.7, None)))
    text = lines(printed(given))
    assert "  ذات صلة: حوار: لن نبيع قطرة ماء" in text  # a story of one headline
    assert "  ذات صلة: فرسان التلال يفوز [3-1] على نجوم الميناء :smile:" in text
    assert sum(line.startswith("  ذات صلة") for line in text) == 2
    assert "ذات صلة" not in printed(content)


def test_a_related_story_that_the_filters_drop_is_not_named(content):
    given = replace(content, related=related(("a1", "d1", 0.9, 0.7)))
    narrowed = replace(given, coverage=given.coverage.narrow(outlet="الضحى"))
    assert "ذات صلة" not in printed(narrowed)


def test_nothing_read_is_a_report_too(content):
    empty = content.coverage.narrow(since=datetime(2030, 1, 1, tzinfo=UTC))
    nothing = Content(
        coverage=empty, pairs=pl.LazyFrame(schema=PAIRS), files=content.files.clear(), skipped=content.skipped.clear(),
        summary={},
    )  # fmt: skip
    text = printed(nothing)
    assert "العناوين: 0 من 0" in text
    assert "الفترة: لا أوقات معروفة" in text
    assert "لا قصة نشرتها وسيلتان أو أكثر" in text
    assert f"{DAWN:%H:%M}" not in text
