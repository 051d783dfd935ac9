"""Find the rows of a column that match a pattern, whatever its length.

Polars compiles a pattern at each call, which takes up to five milliseconds; Python keeps compiled ones, and is slower
on each text. A worker that adds one headline at a time would spend a third of its time on the first.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

FEW = 64
"""Texts up to which Python is faster."""

_CODE_POINT = re.compile(r"\\u\{([0-9a-fA-F]+)\}")
_END = re.compile(r"\$(?=$|[|)])")
_CLASS = re.compile(r"\\[sSwW]")
"""Classes that differ: four control characters are blanks for Python, and marks and joiners are letters for Polars."""
_WITHOUT_CLASSES = re.compile(r"\[\^(?:\\[sw])+\]")


def matching_rows(texts: pl.Series, pattern: str, *, few: int = FEW) -> list[int]:
    r"""Return the rows whose text contains a match, in order; null contains none.

    Args:
        texts: a column of strings.
        pattern: a regular expression of Polars; of what Python writes otherwise, it may have code points as ``\u{…}``,
            the end as ``$``, ``\s`` in any place, and ``\w`` in a class that excludes it.
        few: number of texts up to which Python searches.

    Examples:
        >>> import polars as pl
        >>> matching_rows(pl.Series(["سيول", None, "a\u200fb"]), r"[\u{200e}\u{200f}]")
        [2]
    """
    if len(texts) > few:
        rows: list[int] = texts.str.contains(pattern).fill_null(value=False).arg_true().to_list()
        return rows
    search = _compiled(pattern).search
    rows = [row for row, text in enumerate(texts.to_list()) if text is not None and search(text)]
    if rows and _CLASS.search(pattern):
        return [row for row, is_match in zip(rows, texts.gather(rows).str.contains(pattern), strict=True) if is_match]
    return rows


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern so that it matches wherever Polars does, and elsewhere only because of classes."""
    pattern = _CODE_POINT.sub(lambda match: f"\\U{int(match[1], 16):08x}", _END.sub(r"\\Z", pattern))
    return re.compile(_WITHOUT_CLASSES.sub("(?s:.)", pattern))
