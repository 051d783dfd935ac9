"""The report in a terminal, recorded at several widths."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from dedup.report.view import View, skipped_lines
from dedup.report.wording import plain
from tests.report.conftest import lines, print_report


def printed(content, *, view=View(), width=100, **console):  # noqa: B008 - frozen
    return print_report(content, replace(view, language="en"), width, **console)


def narrowed(content, outlet):
    return replace(content, coverage=content.coverage.narrow(outlet=outlet))


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_line_is_wider_than_the_terminal(content, width):
    text = printed(content, width=width, view=View(outlet="الضحى"))
    assert max(map(cell_len, text.splitlines())) <= width


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_headline_and_no_outlet_is_cut(content, width):
    text = printed(content, width=width)
    words = set(text.split())
    for title in (*content.coverage.stories["title"], *content.coverage.outlets["outlet"]):
        assert words.issuperset(title.split())
    assert "…" not in text


def test_the_totals_come_first(content):
    assert lines(printed(content))[:6] == [
        "files      3 (1 read, 1 read with warnings, 1 failed)",
        "headlines  11 of 4 outlets, 2026-03-04 06:00 to 11:00 UTC, 3 without a time",
        "coverage   4 stories that two or more outlets ran",
        "           10 headlines in them, 1 that one outlet has alone",
        "of these   4 copies, 1 rewrite, 1 repeat of an outlet's own",
        "skipped    2 inputs in whole or in part, listed below",
    ]


def test_a_story_ends_in_its_headline_and_says_who_ran_it_first_and_then(content):
    text = lines(printed(content, width=120))
    start = text.index("Widest stories: all 4 that 2 outlets or more ran")
    assert text[start + 1 : start + 6] == [
        "outlets  within      headline",
        "      3  3 h 20 min  سيول جارفة تجتاح وادي السرو وتقطع الطريق الجبلي الوحيد المؤدي إلى قرى الهضبة",
        "                     first  2026-03-04 06:00  وكالة واحة",
        "                     then   الضحى، المرفأ",
        "                     1 copy, 1 rewrite, 1 repeat",
    ]


def test_a_tie_and_unknown_times_are_shown_as_such(content):
    text = printed(content, width=120)
    assert "first  2026-03-04 06:30  at once  المرفأ، الضحى" in text
    assert "      2  unknown     قافلة طبية تجوب القرى" in text
    assert "      2  unknown     إغلاق جسر العنادل أمام الشاحنات" in text
    assert "first  unknown" in text
    assert "by     السدرة، المرفأ" in text
    assert "1 copy, 2 without a time" in text


def test_brackets_and_colons_in_titles_are_text(content):
    assert "فرسان التلال يفوز [3-1] على نجوم الميناء :smile:" in printed(content, width=120)


def test_outlets_are_listed_with_what_they_share_lead_and_lag(content):
    text = lines(printed(content, width=120))
    start = text.index("Outlets")
    assert text[start + 3 : start + 8] == [
        "headlines  shared  exclusive  first  copies  rewrites  repeats  lag         outlet",
        "        3       2          1      0       1         0        0  none        السدرة",
        "        3       3          0      0       2         0        1  12 min      الضحى",
        "        3       3          0      0       1         1        0  1 h 35 min  المرفأ",
        "        2       2          0      2       0         0        0  none        وكالة واحة",
    ]


def test_a_narrow_terminal_leaves_out_the_columns_that_the_stories_tell(content):
    assert "headlines  shared  exclusive  first  lag" in printed(content, width=80)


@pytest.mark.parametrize("width", [32, 44, 60, 80])
def test_no_word_of_the_labels_is_split_however_narrow_the_terminal(content, width):
    words = set(printed(content, width=width, view=View(outlet="الضحى")).split())
    assert {"shared", "lag", "outlet", "first", "headline", "outlets", "within", "median"} <= words
    assert set(" ".join(content.coverage.outlets["outlet"]).split()) <= words


def test_top_and_min_outlets_narrow_the_stories(content):
    text = printed(content, view=View(top=1))
    assert "Widest stories: 1 of 4 that 2 outlets or more ran" in text
    assert "قافلة" not in text
    text = printed(content, view=View(min_outlets=4))
    assert "No story was run by 4 outlets or more." in text


def test_an_outlet_is_shown_with_its_partners_from_its_own_side(content):
    text = lines(printed(narrowed(content, "الضحى"), view=View(outlet="الضحى")))
    start = text.index("Shares stories, ahead or behind: الضحى")
    assert text[start + 1 : start + 4] == [
        "shared  ahead  behind  at once  unknown  median         outlet",
        "     2      1       0        1        0  42 min ahead   المرفأ",
        "     1      0       1        0        0  12 min behind  وكالة واحة",
    ]


def test_skipped_inputs_are_named_with_their_reason_and_summed_up(skipped):
    assert skipped_lines(skipped) == [
        "b.xml (line 3 and 1 more): no title",
        r"c\x1b[2J\n.xml: an HTML page, not a feed",
    ]


def test_a_long_list_of_skipped_inputs_is_cut_with_its_number():
    many = pl.DataFrame({"file": [f"{i}.xml" for i in range(40)], "place": [""] * 40, "reason": ["empty"] * 40})
    listed = skipped_lines(many)
    assert len(listed) == 26
    assert listed[-1] == "and 15 inputs more; --output DIR writes all of them to the file skipped"


def test_nothing_read_is_a_report_too(content):
    nothing = replace(narrowed(content, "nobody"), files=content.files.clear(), skipped=content.skipped.clear())
    text = printed(nothing)
    assert "headlines  0 of 0 outlets, no times known" in text
    assert "No story was run by 2 outlets or more." in text


def test_colours_are_left_out_where_the_terminal_has_none(content):
    assert "\x1b[" in printed(content, force_terminal=True, color_system="standard")
    assert "\x1b[3" not in printed(content, force_terminal=True, no_color=True)
    assert "\x1b" not in printed(content)


@given(st.text(st.characters(exclude_categories=[])))
def test_printed_text_holds_nothing_that_moves_the_cursor_or_the_direction(text):
    escaped = plain(text)
    assert all(
        unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} or char in "\u200c\u200d" for char in escaped
    )
    escaped.encode()


def test_bytes_that_are_not_text_and_bidi_overrides_are_escaped():
    assert plain("a\udcffb\u202e\u00a0c") == "a\\xffb\\u202e c"
    assert plain("می\u200cشود") == "می\u200cشود"


def test_the_latest_exclusives_are_listed_with_their_outlet(content):
    text = lines(printed(content))
    start = text.index("Exclusives: all")
    assert text[start + 1 : start + 3] == ["حوار: لن نبيع قطرة ماء", "  at  2026-03-04 06:40  السدرة"]


def test_times_are_shown_in_the_zone_which_is_named(content):
    text = printed(content, view=View(zone=ZoneInfo("Asia/Riyadh")))
    assert "2026-03-04 09:00 to 14:00 Asia/Riyadh" in text
    assert "first  2026-03-04 09:00  وكالة واحة" in text
    assert "  at  2026-03-04 09:40  السدرة" in text
