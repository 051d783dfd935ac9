"""Titles as strings: what a reader sees, and the same text in plain letters.

Nearly every title needs neither, so one look finds those that do, and only these are changed.
"""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

from dedup.arabic.characters import INVISIBLE, LEFTOVERS, MARKS, NEWLINE
from dedup.core.hashing import true_at
from dedup.core.text_arrays import PlainAlphabet, encode, join_lines

if TYPE_CHECKING:
    import polars as pl

    from dedup.core.hashing import Codes

_PLAIN = PlainAlphabet(" -%'-;=-~«»،؛؟٪٫٬ء-غـ-ْ٠-٩۰-۹یکپچژڤگ£€–—‘-‟…")
_NOT_SHOWN = "\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
_MARK_GLYPHS = "\ufe70-\ufe72\ufe74\ufe76-\ufe7f\ufc5e-\ufc63\ufcf2-\ufcf4"


def readable(titles: pl.Series) -> tuple[pl.Series, Codes]:
    """Titles as they are shown, and the code points from which keys are made.

    Those are the titles with presentation forms and ligatures in plain letters, in lines
    (see ``dedup.core.text_arrays``).
    """
    text = join_lines(titles)
    codes = encode(text)
    rows = _PLAIN.exceptions(codes)
    if not len(rows):
        return titles, codes
    ends = true_at(codes == NEWLINE)
    shown = _shown(titles.gather(rows))
    parts, done = [], 0
    for start, end, plain in zip((ends[rows] + 1).tolist(), ends[rows + 1].tolist(), _plain(shown), strict=True):
        parts += [text[done:start], plain]
        done = end
    return titles.clone().scatter(rows, shown), encode("".join([*parts, text[done:]]))


def _shown(titles: pl.Series) -> pl.Series:
    """Entities decoded, tags and direction marks dropped, blanks single, NFC."""
    for _ in range(3):  # entities of entities: more than three layers were never seen
        entities = titles.str.extract_all("&#?[0-9A-Za-z]{1,32};?").explode().drop_nulls().unique(maintain_order=True)
        if entities.is_empty():
            break
        plain = [unescape(entity) for entity in entities]
        titles = titles.str.replace_many(entities.to_list(), plain, leftmost=True)
    return (
        titles.str.replace_all("(?i)<(?:br|/?p|/?div|/?li)\\b[^<>]*>", " ")
        .str.replace_all("</?[A-Za-z!][^<>]*>", "")
        .str.replace_all(f"[{_NOT_SHOWN}]", "")
        .str.normalize("NFC")
        .str.replace_all(r"\s+", " ")
        .str.strip_chars(" ")
    )


def _plain(titles: pl.Series) -> pl.Series:
    """NFKC in the safe order: signs and mark glyphs that it would spoil first, hidden hamzas last."""
    return (
        titles.str.replace_many(["\ufdfc", "\ufdfd"], ["ريال", "بسم الله الرحمن الرحيم"])
        .str.replace_all(f"[{_MARK_GLYPHS}]", "")
        .str.normalize("NFKC")
        .str.replace_all(f"[{INVISIBLE}{MARKS}]", "")
        .str.normalize("NFC")
        .str.replace_all(f"[{LEFTOVERS}]", "")
    )
