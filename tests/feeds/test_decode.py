from __future__ import annotations

import pytest

from dedup.feeds.files.encoding import decode

TITLE = "رئيس بلدية الوادي يفتتح مهرجان الربيع في الساحة الكبرى"


def declared(label, title=TITLE):
    return f'<?xml version="1.0" encoding="{label}"?><rss><channel><item><title>{title}</title></item></channel></rss>'


@pytest.mark.parametrize(
    ("label", "codec", "silent"),
    [
        ("utf-8", "utf-8", True),
        ("utf-8", "utf-8-sig", True),
        ("windows-1256", "utf-8-sig", True),
        ("windows-1256", "cp1256", True),
        ("iso-8859-6", "iso8859-6", True),
        ("utf-16", "utf-16", True),
        ("utf-16", "utf-16-be", True),
        ("utf-16", "utf-16-le", True),
        ("windows-1256", "utf-8", False),
        ("utf-16", "utf-8", False),
        ("no-such", "utf-8", False),
        ("utf-8", "cp1256", False),
        ("iso-8859-1", "cp1256", False),
        ("rot13", "cp1256", False),
        ("utf-8", "iso8859-6", False),
    ],
)
def test_text_comes_out_right_and_a_false_label_is_said(label, codec, silent):
    decoded = decode(declared(label).encode(codec))
    assert TITLE in decoded.text
    assert (not decoded.notes) == silent
    assert not decoded.damaged


def test_one_bad_title_is_mended_alone():
    first, last = declared("utf-8").split("<item>", 1)[0].encode(), f"<title>{TITLE} ثانية</title>".encode()
    decoded = decode(first + b"<title>" + TITLE.encode("cp1256") + b"</title>" + last * 3)
    assert decoded.text.count(TITLE) == 4
    assert [note.place for note in decoded.notes] == ["line 1"]


def test_a_single_bad_byte_is_shown_and_said():
    good = declared("utf-8").encode()
    decoded = decode(good.replace("الوادي".encode(), "الو".encode() + b"\xc3" + "ادي".encode()))
    assert "الو\ufffdادي" in decoded.text
    assert decoded.damaged


def test_a_cut_inside_a_character_leaves_no_replacement():
    assert decode(TITLE.encode()[:-1]).text == TITLE[:-1]


def test_accents_alone_are_not_taken_for_arabic():
    text = "Café fermé à Besançon, élèves privés de théâtre"
    assert decode(text.encode("cp1252")).text == text
