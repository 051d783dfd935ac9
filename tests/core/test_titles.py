from __future__ import annotations

import unicodedata

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.core.titles import clean


def one(title):
    return clean(pl.Series([title], dtype=pl.String)).item()


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        (None, ""),
        ("  الحديقة \n\t العامة ", "الحديقة العامة"),
        ("قبل <b>وسط</b> بعد", "قبل وسط بعد"),
        ("أول<br/>ثان", "أول ثان"),
        ("<img src=x onerror=alert(1)> صورة", "صورة"),
        ("<script>alert(1)</script>عنوان", "عنوان"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;عنوان", "عنوان"),
        ("النمو < 3% و> 1%", "النمو < 3% و> 1%"),
        ("&quot;نعم&quot; &amp;laquo;لا&amp;raquo;", '"نعم" «لا»'),
        ("&amp;amp;", "&"),
        ("سعر 5&#1643;5 &#x60C; اليوم", "سعر 5٫5 ، اليوم"),
        ("AT&T &copy R&D", "AT&T &copy R&D"),
        ("عاجل\x0b\x1b[31m أحمر\x00", "عاجل[31m أحمر"),
        ("\u202eمقلوب\u202c \u200fيمين\ufeff", "مقلوب يمين"),
        ("ا\u0653لة", "آلة"),
        ("<!-- سر -->ظاهر", "ظاهر"),
        ("<![CDATA[داخل]]>", "داخل"),
    ],
)
def test_a_title_is_what_a_reader_sees(raw, seen):
    assert one(raw) == seen


@settings(deadline=None)
@given(st.lists(st.text(max_size=40)))
def test_cleaned_titles_are_composed_single_spaced_and_without_control_characters(titles):
    for title in clean(pl.Series(titles, dtype=pl.String)):
        assert title == unicodedata.normalize("NFC", title)
        assert title == title.strip()
        assert "  " not in title
        assert not any(unicodedata.category(letter) == "Cc" for letter in title)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", categories=["L", "M", "N"]), max_size=30))
def test_plain_letters_only_change_by_composition(title):
    assert one(title) == unicodedata.normalize("NFC", title)


def test_every_character_that_composition_changes_is_changed():
    letters = [chr(code) for code in range(0xA0, 0x30000) if unicodedata.category(chr(code))[0] in "LSN"]
    composed = [letter for letter in letters if unicodedata.normalize("NFC", letter) != letter]
    assert composed
    assert clean(pl.Series(composed)).to_list() == [unicodedata.normalize("NFC", letter) for letter in composed]
