"""Recognize titles that are no headlines: of error pages, protection and login pages, and placeholders.

Readers name them, and matching treats them as standing titles.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import polars as pl

from dedup.core.letters import FUZZY_LETTERS

SMALL = 64
"""Titles up to which Python is faster than an expression of Polars."""
MAX_LENGTH = 100
"""Bytes of the longest title that may be a placeholder."""
ENDS = " .!?…،؛:;*-–—|«»\"'()[]{}⚠️"
_LETTER = re.compile("[\u0621-\u064a]")
_NONE = pl.Series([], dtype=pl.UInt32)


@cache
def placeholder_pattern() -> str:
    """Return the alternatives for whole titles in lower case, with folded letters."""
    table = files("dedup.core").joinpath("data", "placeholders.tsv").read_text(encoding="utf-8")
    return "|".join(line.split("\t")[0] for line in table.splitlines() if line and not line.startswith("#"))


@cache
def _title_pattern() -> str:
    """Return the pattern of whole titles, in any case and spelling, for Polars and Python.

    The pattern names all spellings of a letter: folding the titles instead takes ten times as long (24 ms for 60,000).
    """
    spellings: dict[str, str] = {}
    for letter, folded in FUZZY_LETTERS.items():
        spellings[folded] = spellings.get(folded, folded) + letter
    marks = "[ـ\u064b-\u0652]*"
    patterns = _LETTER.sub(lambda match: f"(?:[{spellings.get(match[0], match[0])}]{marks})", placeholder_pattern())
    ends = f"[{re.escape(ENDS)}]*"
    return f"(?i)^{ends}(?:{patterns}){ends}$"


@cache
def _compiled() -> re.Pattern[str]:
    return re.compile(_title_pattern())


def find_placeholders(titles: pl.Series) -> pl.Series:
    """Return the rows of titles that are no headlines.

    Examples:
        >>> import polars as pl
        >>> find_placeholders(pl.Series(["افتتاح جسر النهر", "403 Forbidden", "الصَّفحة غير موجودة!"])).to_list()
        [1, 2]
    """
    if len(titles) <= SMALL:
        match = _compiled().match
        found = [row for row, title in enumerate(titles.to_list()) if len(title) <= MAX_LENGTH and match(title)]
        return pl.Series(found, dtype=pl.UInt32) if found else _NONE
    rows = (titles.str.len_bytes() <= MAX_LENGTH).fill_null(value=False).arg_true()
    return rows.filter(titles.gather(rows).str.contains(_title_pattern())) if len(rows) else rows
