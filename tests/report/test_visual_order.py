"""Lines in visual order, for terminals that draw characters in the order of the text."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment

from dedup.report import visual_order

pytest.importorskip("bidi")
pytest.importorskip("arabic_reshaper")


def reordered(*cells, width=40, rtl):
    [line] = visual_order.reorder([[Segment(cell) for cell in cells]], width=width, rtl=rtl)
    return "".join(segment.text for segment in line)


def letters(text):
    """Undo joined forms, so that letters can be compared."""
    return unicodedata.normalize("NFKC", text)


def test_letters_are_joined_and_run_from_right_to_left():
    drawn = reordered("سيول", rtl=False)
    assert letters(drawn) == "لويس"
    assert not re.search("[\u0600-\u06ff]", drawn)  # presentation forms only


def test_numbers_and_latin_words_keep_their_direction():
    assert letters(reordered("مصرع 25 في BBC اليوم", rtl=False)) == "مويلا BBC يف 25 عرصم"


def test_brackets_are_mirrored():
    assert letters(reordered("سيول (وادي السرو)", rtl=False)) == "(ورسلا يداو) لويس"


def test_cells_of_an_english_report_keep_their_order():
    assert letters(reordered("      3  ", "3 h  ", "سيول", rtl=False)) == "      3  3 h  لويس"


def test_cells_of_an_arabic_report_run_from_right_to_left_and_end_at_the_right_edge():
    line = reordered("الضحى   ", "  12", "   3", width=30, rtl=True)
    assert letters(line).split() == ["3", "12", "ىحضلا"]
    assert cell_len(line) == 30
    assert letters(line).endswith("ىحضلا")


def test_a_ligature_does_not_shift_the_columns_behind_it():
    with_ligature, without = reordered("الأهلي  ", "12", rtl=True), reordered("النخيل ", " 12", rtl=True)
    assert cell_len(with_ligature) == cell_len(without) == 40
    assert with_ligature.index("12") == without.index("12")


@given(st.lists(st.text("سيلا 12(aب؟،-", max_size=12), max_size=4), st.booleans())
def test_reordering_changes_neither_the_width_nor_the_letters(cells, rtl):
    width = 80
    line = reordered(*cells, width=width, rtl=rtl)
    assert cell_len(line) == (width if rtl else sum(map(cell_len, cells)))
    mirrored = str.maketrans("(", ")")
    count = sorted(letters(line).translate(mirrored).replace(" ", ""))
    assert count == sorted("".join(cells).translate(mirrored).replace(" ", ""))


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "xterm-256color", "XTERM_VERSION": "XTerm(379)"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, False),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "230400"}, False),
        ({"TERM": "mlterm", "MLTERM": "3.9.2", "XTERM_VERSION": "x"}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "vscode"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM": "linux"}, True),
        ({"TERM": "xterm-256color"}, False),  # nobody knows
        ({}, False),
    ],
)
def test_terminals_are_recognized_by_their_environment(environment, expected):
    assert visual_order.draws_in_text_order(environment) is expected
