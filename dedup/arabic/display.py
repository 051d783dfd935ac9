"""Titles as strings: the display form, and the same text in plain letters.

Nearly every title needs neither; one table look-up selects those that do, and only these are changed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dedup.arabic.characters import INVISIBLE, LEFTOVERS, MARKS, NEWLINE
from dedup.core.hashing import true_at
from dedup.core.text_arrays import PlainAlphabet, encode, join_lines
from dedup.core.titles import clean as titles_for_display

if TYPE_CHECKING:
    import polars as pl

    from dedup.core.hashing import Codes

_PLAIN = PlainAlphabet(" -%'-;=-~«»،؛؟٪٫٬ء-غـ-ْ٠-٩۰-۹یکپچژڤگ£€–—‘-‟…")
_LINK_MARKS = ("://", "www.", "t.me/", "t.co/", "bit.ly/", "youtu.be/", "goo.gl/")
_LINK = re.compile(r"(?:https?://|www\.|\b(?:t\.me|t\.co|bit\.ly|youtu\.be|goo\.gl)/)[^\s»\")\]]+", re.IGNORECASE)
_MARK_GLYPHS = "\ufe70-\ufe72\ufe74\ufe76-\ufe7f\ufc5e-\ufc63\ufcf2-\ufcf4"


def readable(titles: pl.Series) -> tuple[pl.Series, Codes]:
    """Return the display form of titles, and the code points that keys are made from.

    The code points are the titles with presentation forms and ligatures in plain letters, in lines
    (``text_arrays.join_lines``).

    Examples:
        >>> import polars as pl
        >>> readable(pl.Series(["<b>خبر</b> &amp; تعليق"]))[0].item()
        'خبر & تعليق'
    """
    text = join_lines(titles)
    codes = encode(text)
    rows = _PLAIN.exceptions(codes)
    if not len(rows):
        bare = _without_links(text)
        return titles, codes if bare is text else encode(bare)
    ends = true_at(codes == NEWLINE)
    shown = titles_for_display(titles.gather(rows))
    parts, copied = [], 0
    for start, end, plain in zip((ends[rows] + 1).tolist(), ends[rows + 1].tolist(), _plain(shown), strict=True):
        parts += [text[copied:start], plain]
        copied = end
    return titles.clone().scatter(rows, shown), encode(_without_links("".join([*parts, text[copied:]])))


def _without_links(text: str) -> str:
    """Remove addresses of pages from titles in lines; those without a scheme only where a known host shortens them."""
    return _LINK.sub("", text) if any(mark in text for mark in _LINK_MARKS) else text


def _plain(titles: pl.Series) -> pl.Series:
    """Apply NFKC: first replace signs and mark glyphs that it would spoil, compose hidden hamzas last."""
    return (
        titles.str.replace_many(["\ufdfc", "\ufdfd"], ["ريال", "بسم الله الرحمن الرحيم"])
        .str.replace_all(f"[{_MARK_GLYPHS}]", "")
        .str.normalize("NFKC")
        .str.replace_all(f"[{INVISIBLE}{MARKS}]", "")
        .str.normalize("NFC")
        .str.replace_all(f"[{LEFTOVERS}]", "")
    )
