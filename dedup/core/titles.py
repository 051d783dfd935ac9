"""Clean titles for display, over whole columns.

A feed's title is HTML inside XML as often as it is text, and sometimes escaped twice; the displayed form counts. Tags
are removed (a raw ``<`` before a blank or digit stays: «النمو < 3%»), script and style with their text, entities are
resolved twice, control characters and direction marks are dropped, blanks collapsed, letters composed (NFC).
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np

from dedup.core.text_arrays import PlainAlphabet, encode, join_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

PLAIN = PlainAlphabet(" -%'-;=-~«»،؛؟ء-غـ-ي٠-٬پچژکگی–—‘-”…")
"""Titles of these letters, nine in ten, need no cleaning."""
_CHUNK = 1 << 16  # titles held as code points at once
MARKUP = r"[<&]"
SILENT = r"(?is)<(script|style)\b[^>]*>.*?</(script|style)\s*>|<!--.*?-->"
BREAKS = r"(?i)<(br|/?p|/?div|/?li|/?td|/?tr|/?h[1-6])(\s[^<>]*)?/?>"
TAGS = r"</?[A-Za-z][^<>]*>|<!\[CDATA\[|\]\]>$"
REFERENCES = r"&(#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});"
UNSEEN = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\u{84}\u{86}-\u{9f}\u{ad}\u{61c}\u{200b}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2060}-\u{206f}\u{feff}\u{fff9}-\u{fffb}\u{fffe}\u{ffff}\u{e0000}-\u{e007f}]"  # fmt: skip  # noqa: E501
"""Control characters, soft hyphens, marks of direction (a title may not turn the line it stands in), tags, the BOM.
The joiners U+200C and U+200D stay: they shape letters."""
BLANKS = r"\s+"
UNEVEN = r"\s\s|[^\S ]|^\s|\s$"
COMPOSABLE = (
    r"[\p{M}\u{374}\u{37e}\u{387}\u{2000}\u{2001}\u{212a}\u{212b}\u{2329}\u{232a}\u{2adc}\u{1d15e}-\u{1d164}\u{1d1bb}-\u{1d1c0}]"
    r"|[^\p{Latin}\p{Arabic}\p{Common}]"
)
"""Characters that NFC may change: marks, a few signs, and, as they are rare here, all other scripts than Latin and
Arabic."""


def clean(titles: pl.Series) -> pl.Series:
    """Return titles for display; null and titles without visible characters become "".

    Examples:
        >>> import polars as pl
        >>> clean(pl.Series(["<b>خبر</b> &amp; تعليق", None])).to_list()
        ['خبر & تعليق', '']
    """
    titles = (titles.fill_null("") if titles.null_count() else titles).alias("title")
    exceptions = [PLAIN.exceptions(encode(join_lines(part))) + start for start, part in _chunks(titles)]
    odd = np.concatenate([np.zeros(0, np.int64), *exceptions])
    if not len(odd):
        return titles
    changed = titles.gather(odd)
    # Most of these need only one of the costly steps: each is applied only to titles with its sign.
    for sign, step in (
        (MARKUP, _without_markup),
        (UNSEEN, lambda odd: odd.str.replace_all(UNSEEN, "")),
        (UNEVEN, lambda odd: odd.str.replace_all(BLANKS, " ").str.strip_chars()),
        (COMPOSABLE, lambda odd: odd.str.normalize("NFC")),
    ):
        affected = changed.str.contains(sign)
        if affected.any():
            changed = changed.scatter(affected.arg_true(), step(changed.filter(affected)))
    return titles.clone().scatter(odd, changed)


def _chunks(titles: pl.Series) -> Iterator[tuple[int, pl.Series]]:
    return ((start, titles.slice(start, _CHUNK)) for start in range(0, len(titles), _CHUNK))


def _without_markup(titles: pl.Series) -> pl.Series:
    """Remove tags and resolve references, twice: titles are often escaped twice."""
    for _ in range(2):
        titles = titles.str.replace_all(SILENT, " ").str.replace_all(BREAKS, " ").str.replace_all(TAGS, "")
        titles = _resolved(titles)
    return titles.str.replace_all(SILENT, " ").str.replace_all(BREAKS, " ").str.replace_all(TAGS, "")


def _resolved(titles: pl.Series) -> pl.Series:
    """Resolve character references; each distinct one is looked up once."""
    references = titles.str.extract_all(REFERENCES).explode().drop_nulls().unique()
    letters = {reference: html.unescape(reference) for reference in references}
    known = {reference: letter for reference, letter in letters.items() if letter != reference}
    return titles.str.replace_many(list(known), list(known.values())) if known else titles
