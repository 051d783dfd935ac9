"""Recognize titles that are no headlines: of error pages, protection and login pages, and placeholders.

Readers name them, and matching treats them as standing titles.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from dedup.core.letters import FUZZY_LETTERS
from dedup.core.patterns import matching_rows

if TYPE_CHECKING:
    import polars as pl

MAX_LENGTH = 100
"""Bytes of the longest title that may be a placeholder."""
ENDS = " .!?…،؛:;*-–—|«»\"'()[]{}⚠️"
_LETTER = re.compile("[\u0621-\u064a]")


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


def find_placeholders(titles: pl.Series) -> list[int]:
    """Return the rows of titles that are no headlines.

    Examples:
        >>> import polars as pl
        >>> find_placeholders(pl.Series(["افتتاح جسر النهر", "403 Forbidden", "الصَّفحة غير موجودة!"]))
        [1, 2]
    """
    rows = matching_rows(titles, _title_pattern())
    return [row for row in rows if len(titles[row].encode()) <= MAX_LENGTH]
