"""Clean columns of titles for display.

Titles of feeds are text or HTML, sometimes escaped twice. Tags are stripped (``<`` before a blank or digit is kept:
«النمو < 3%»), script and style with their text; references are resolved twice; mojibake is repaired; control characters
and marks of direction are dropped, blanks joined, letters composed (NFC).
"""

from __future__ import annotations

import html
import unicodedata
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from dedup.core.mojibake import repair_column
from dedup.core.patterns import FEW, matching_rows
from dedup.core.text_arrays import PlainAlphabet, encode, join_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import polars as pl

    from dedup.core.hashing import Positions

PLAIN = PlainAlphabet(" -%'-;=-\\^-~«»،؛؟ء-غـ-ي٠-٬پچژکگی–—‘-”…")
"""Titles of these letters, nine in ten, need no further step."""
SLICE = 1 << 16
"""Titles held as code points at a time."""
MARKUP = r"[<&]|\]\]>$"
SILENT = r"(?is)<(script|style)\b[^>]*>.*?</(script|style)\s*>|<!--.*?-->"
BREAKS = r"(?i)<(br|/?p|/?div|/?li|/?td|/?tr|/?h[1-6])(\s[^<>]*)?/?>"
TAGS = r"</?[A-Za-z][^<>]*>|<!\[CDATA\[|\]\]>$"
REFERENCES = (
    r"&(?:#[0-9]{1,8};?|#[xX][0-9a-fA-F]{1,7};?|[A-Za-z][A-Za-z0-9]{1,31};|(?:amp|lt|gt|quot|nbsp|laquo|raquo))"
)
"""References; a semicolon may be missing where browsers do without it."""
UNSEEN = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\u{84}\u{86}-\u{9f}\u{ad}\u{61c}\u{200b}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2060}-\u{206f}\u{feff}\u{fff9}-\u{fffb}\u{fffe}\u{ffff}\u{e0000}-\u{e007f}]"  # fmt: skip  # noqa: E501
"""Control characters, soft hyphens, marks of direction (which would reorder the line around a title), tag characters,
the BOM. The joiners U+200C and U+200D are kept: they shape letters."""
BREAKING = r"[\t\n\r\u{85}\u{2028}\u{2029}]"
BLANKS = r"\s+"
UNEVEN = r"\s\s|[^\S ]|^\s|\s$"
COMPOSABLE = (
    r"[\p{M}\u{374}\u{37e}\u{387}\u{2000}\u{2001}\u{212a}\u{212b}\u{2329}\u{232a}\u{2adc}\u{1d15e}-\u{1d164}\u{1d1bb}-\u{1d1c0}]"
    r"|[^\p{Latin}\p{Arabic}\p{Common}]"
)
"""Characters that NFC may change: marks, a few signs, and (rare here) all letters but Latin and Arabic ones."""


def clean(titles: pl.Series) -> pl.Series:
    """Return titles for display; null and titles without visible characters become "".

    Examples:
        >>> import polars as pl
        >>> clean(pl.Series(["عاجل &#8211 <b>خبر</b>\u200f", None])).to_list()
        ['عاجل – خبر', '']
    """
    return clean_and_repair(titles)[0]


def clean_and_repair(titles: pl.Series) -> tuple[pl.Series, Positions]:
    """Return titles for display, and the rows that were repaired as mojibake."""
    titles = (titles.fill_null("") if titles.null_count() else titles).alias("title")
    parts = [PLAIN.exceptions(encode(join_lines(part))) + start for start, part in _slices(titles)]
    rows = np.concatenate([np.zeros(0, np.int64), *parts])
    if not len(rows):
        return titles, rows
    odd = _changed(titles.gather(rows), partial(matching_rows, pattern=MARKUP), _without_markup)
    odd, repaired = repair_column(odd)  # mojibake may be written in references
    for find, step in (
        (partial(matching_rows, pattern=UNSEEN), lambda column: column.str.replace_all(UNSEEN, "")),
        (
            partial(matching_rows, pattern=UNEVEN),
            lambda column: column.str.replace_all(BLANKS, " ").str.strip_chars(),
        ),
        (_composable_rows, lambda column: column.str.normalize("NFC")),
    ):
        odd = _changed(odd, find, step)
    return titles.clone().scatter(rows, odd), rows[np.array(repaired, np.int64)]


def _changed(
    titles: pl.Series, find: Callable[[pl.Series], list[int]], step: Callable[[pl.Series], pl.Series]
) -> pl.Series:
    """Return the titles with those that ``find`` chooses changed: most odd titles need one of the costly steps only."""
    chosen = find(titles)
    return titles.scatter(chosen, step(titles.gather(chosen))) if chosen else titles


def _composable_rows(titles: pl.Series) -> list[int]:
    """Return the rows of titles that NFC may change."""
    if len(titles) > FEW:
        return matching_rows(titles, COMPOSABLE)
    return [row for row, title in enumerate(titles.to_list()) if not unicodedata.is_normalized("NFC", title)]


def _slices(titles: pl.Series) -> Iterator[tuple[int, pl.Series]]:
    """Yield slices of the column with their first rows."""
    return ((start, titles.slice(start, SLICE)) for start in range(0, len(titles), SLICE))


def _without_markup(titles: pl.Series) -> pl.Series:
    """Strip tags and resolve references, both twice."""
    for _ in range(2):
        titles = titles.str.replace_all(SILENT, " ").str.replace_all(BREAKS, " ").str.replace_all(TAGS, "")
        titles = _resolve(titles)
    return titles.str.replace_all(SILENT, " ").str.replace_all(BREAKS, " ").str.replace_all(TAGS, "")


def _resolve(titles: pl.Series) -> pl.Series:
    """Resolve references; each distinct one is looked up once."""
    references = titles.str.extract_all(REFERENCES).explode().drop_nulls().unique().to_list()
    letters = {reference: html.unescape(reference) for reference in sorted(references, key=len, reverse=True)}
    known = {reference: letter for reference, letter in letters.items() if letter != reference}
    return titles.str.replace_many(list(known), list(known.values()), leftmost=True) if known else titles


def clean_ids(ids: pl.Series) -> pl.Series:
    r"""Remove control characters, direction marks and line ends from ids; empty ones become null.

    Examples:
        >>> import polars as pl
        >>> clean_ids(pl.Series(["a\x1b[31m1", "\u202e", None])).to_list()
        ['a[31m1', None, None]
    """
    if ids.null_count() == len(ids):
        return ids
    if not matching_rows(ids, f"{UNSEEN}|{BREAKING}"):
        return ids  # as nearly always
    cleaned = ids.str.replace_all(UNSEEN, "").str.replace_all(BREAKING, " ").str.strip_chars()
    return cleaned.set(cleaned == "", None)
