"""Recognize titles that are no headlines: of error pages, protection and login pages, and placeholders.

Readers name them, and matching treats them as standing titles.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import polars as pl

from dedup.core.letters import FUZZY_LETTERS, fold_letters

SMALL = 64
"""Titles up to which Python is faster than an expression of Polars."""
MAX_LENGTH = 100
"""Bytes of the longest title that may be a placeholder."""
ENDS = " .!?…،؛:;*-–—|«»\"'()[]{}⚠️"


@cache
def placeholder_pattern() -> str:
    """Return the alternatives for whole titles in lower case, with folded letters, for Polars and Python."""
    table = files("dedup.core").joinpath("data", "placeholders.tsv").read_text(encoding="utf-8")
    return "|".join(line.split("\t")[0] for line in table.splitlines() if line and not line.startswith("#"))


@cache
def _compiled() -> re.Pattern[str]:
    return re.compile(f"(?:{placeholder_pattern()})$")


def _plain(title: str) -> str:
    """Return a title in lower case with folded letters, without punctuation at its ends."""
    return fold_letters(title).strip(ENDS)


def find_placeholders(titles: pl.Series) -> pl.Series:
    """Return the rows of titles that are no headlines.

    Examples:
        >>> import polars as pl
        >>> find_placeholders(pl.Series(["افتتاح جسر النهر", "403 Forbidden"])).to_list()
        [1]
    """
    if len(titles) <= SMALL:
        match = _compiled().match
        found = [row for row, title in enumerate(titles.to_list()) if len(title) <= MAX_LENGTH and match(_plain(title))]
        return pl.Series(found, dtype=pl.UInt32)
    rows = (titles.str.len_bytes() <= MAX_LENGTH).fill_null(value=False).arg_true()
    if not len(rows):
        return rows
    letters = FUZZY_LETTERS | {"ـ": ""}
    plain = titles.gather(rows).str.to_lowercase().str.replace_many(list(letters), list(letters.values()))
    return rows.filter(plain.str.strip_chars(ENDS).str.contains(f"^(?:{placeholder_pattern()})$"))
