"""Titles as a reader sees them, over whole columns.

A feed's title is HTML inside XML as often as it is text, and sometimes escaped twice; what is shown is what counts.
Tags go (a raw ``<`` before a blank or digit stays: «النمو < 3%»), script and style go with their text, entities are
resolved twice, control characters and the marks of direction are dropped, blanks are joined, letters composed (NFC).
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
"""A title of these letters, nine in ten, needs nothing of what follows."""
LOOKED_AT = 1 << 16
"""Titles held as code points at once."""
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
"""What NFC may change: marks, a few signs, and, since they are rare here, all letters but Latin and Arabic ones."""


def clean(titles: pl.Series) -> pl.Series:
    """Titles for display; null and what has nothing to see become ""."""
    titles = (titles.fill_null("") if titles.null_count() else titles).alias("title")
    looks = [PLAIN.exceptions(encode(join_lines(part))) + at for at, part in _parts(titles)]
    odd = np.concatenate([np.zeros(0, np.int64), *looks])
    if not len(odd):
        return titles
    some = titles.gather(odd)
    # Of the odd ones too, most need but one of these costly steps: each is taken only where its first sign is met.
    for sign, step in (
        (MARKUP, _without_markup),
        (UNSEEN, lambda odd: odd.str.replace_all(UNSEEN, "")),
        (UNEVEN, lambda odd: odd.str.replace_all(BLANKS, " ").str.strip_chars()),
        (COMPOSABLE, lambda odd: odd.str.normalize("NFC")),
    ):
        where = some.str.contains(sign)
        if where.any():
            some = some.scatter(where.arg_true(), step(some.filter(where)))
    return titles.clone().scatter(odd, some)


def _parts(titles: pl.Series) -> Iterator[tuple[int, pl.Series]]:
    return ((at, titles.slice(at, LOOKED_AT)) for at in range(0, len(titles), LOOKED_AT))


def _without_markup(titles: pl.Series) -> pl.Series:
    for _ in range(2):
        titles = titles.str.replace_all(SILENT, " ").str.replace_all(BREAKS, " ").str.replace_all(TAGS, "")
        titles = _resolved(titles)
    return titles.str.replace_all(SILENT, " ").str.replace_all(BREAKS, " ").str.replace_all(TAGS, "")


def _resolved(titles: pl.Series) -> pl.Series:
    """References resolved; each distinct one is looked up once."""
    found = titles.str.extract_all(REFERENCES).explode().drop_nulls().unique()
    letters = {reference: html.unescape(reference) for reference in found}
    known = {reference: letter for reference, letter in letters.items() if letter != reference}
    return titles.str.replace_many(list(known), list(known.values())) if known else titles
