"""Find the columns of a table that has no header by their values.

A header names columns; it never holds a link or a time. So a table is read without one only where its first row does,
in columns that hold links or times in nearly all other rows as well, and has a text of several words beside them. The
outlet is a column of short texts that repeat, and that agree with the hosts of the links.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from dedup.feeds.fields.sections import is_section
from dedup.feeds.fields.stand_ins import MAX_HEADLINE, WORD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROWS = 100
"""Rows that are looked at."""
MIN_SHARE = 0.8
"""Least share of the filled cells of a column that are of its kind."""
MIN_WORDS = 3
"""Fewest words of a title on average."""
MAX_NAME_WORDS = 3
"""The most words of the name of an outlet, on average."""
URL = re.compile(r"(?i)https?://\S+|www\.\S+")
HALF_DAY = r"(?:[ap]\.?m\.?|ص|م|صباحا|مساء)"
CLOCK = re.compile(rf"\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:\s*{HALF_DAY})?", re.IGNORECASE)
TIME = re.compile(
    r"(?:[^\W\d]{3,9}[,،]?\s+)?\d{1,4}\s?[-/. ]\s?(?:\d{1,2}|[^\W\d]{3,12})\s?[-/. ]\s?\d{2,4}"
    r"(?:[T\s,،-]+\d{1,2}:\d{2}.{0,30})?"
    r"|1\d{9}(?:\d{3})?|(?:19|20)\d{12}"
)
KINDS = {"url": URL, "time": CLOCK, "published": TIME}
HOST = re.compile(r"(?i)(?:https?://)?(?:www\.)?([^/?#:\s]+)")


class Named(NamedTuple):
    """Names for the columns of a table without a header, and a remark that says how they were found."""

    header: list[str]
    remark: str


def name_columns(rows: Sequence[Sequence[str]], mapping: Mapping[str, str] | None = None) -> Named | None:
    """Return names for the columns of a table without a header, None if its first row may be one.

    Args:
        rows: the first rows of the table.
        mapping: the caller's, of roles to numbers of columns, from 1.

    Examples:
        >>> rows = [["2026-03-03", "افتتاح جسر الوادي الكبير"], ["2026-03-04", "تأجيل مباراة الأحد الكبيرة"]]
        >>> name_columns(rows).header, name_columns([["النشر", "المادة"], *rows])
        (['published', 'title'], None)
    """
    rows = [row for row in rows[:ROWS] if any(cell.strip() for cell in row)]
    width = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    numbers = {str(position + 1): position for position in range(width)}
    given = {role: numbers[number] for role, number in (mapping or {}).items() if number in numbers}
    if width < (1 if given else 2) or len(rows[0]) != width or len(given) < len(mapping or {}):
        return None
    fitting = [row for row in rows if len(row) == width]
    if len(fitting) < MIN_SHARE * len(rows):
        return None
    columns = [[row[position].strip() for row in fitting] for position in range(width)]
    kinds = [_kind(column) for column in columns]
    if "header" in kinds:
        return None
    found = {kind: kinds.index(kind) if kind in kinds else None for kind in KINDS}
    title_given = "title" in given and len(WORD.findall(columns[given["title"]][0])) > MIN_WORDS
    if found["published"] is None and found["url"] is None and not title_given:
        return None
    found["title"] = _title(columns, kinds)
    found["outlet"] = _outlet(columns, kinds, found["title"], found["url"])
    found |= given
    if found["title"] is None:
        return None
    roles = {position: role for role, position in [*found.items(), *given.items()] if position is not None}
    header = [roles[position] if position in roles else f"column {position + 1}" for position in range(width)]
    taken = ", ".join(f"{position + 1} for {roles[position]}" for position in sorted(roles))
    remark = f"no line names the columns; by their values these were taken: {taken}"
    return Named(header, f"{remark}; --map title=NUMBER and the like take others")


def _kind(column: Sequence[str]) -> str:
    """Return url, published, time (of day) or text; header where only the first cell is of another kind."""
    filled = [cell for cell in column if cell]
    for kind, pattern in KINDS.items():
        matches = [pattern.fullmatch(cell) is not None for cell in filled]
        if filled and sum(matches) >= MIN_SHARE * (len(filled) - 1):
            if matches[0]:
                return kind
            if any(matches) and column[0]:
                return "header"
    return "text"


def _words(column: Sequence[str]) -> float:
    """Return the mean number of words of the filled cells."""
    filled = [cell for cell in column if cell]
    return sum(len(WORD.findall(cell[:1_000])) for cell in filled) / max(len(filled), 1)


def _title(columns: Sequence[Sequence[str]], kinds: Sequence[str]) -> int | None:
    """Return the first column of texts of several words that are no articles, and mostly differ."""
    for position, column in enumerate(columns):
        filled = [cell for cell in column if cell]
        lengths = sorted(map(len, filled))
        if (
            kinds[position] == "text" and column[0] and len(filled) >= MIN_SHARE * len(column)
            and _words(column) >= MIN_WORDS and lengths[len(lengths) // 2] <= MAX_HEADLINE
            and 2 * len(set(filled)) > len(filled)
        ):  # fmt: skip
            return position
    return None


def _outlet(columns: Sequence[Sequence[str]], kinds: Sequence[str], title: int | None, url: int | None) -> int | None:
    """Return the only column of short texts that repeat and are no sections, None if there is none or several."""
    found = [
        position
        for position, column in enumerate(columns)
        if kinds[position] == "text" and position != title and 0 < _words(column) <= MAX_NAME_WORDS
        and (len(set(column)) < len(column) or len(column) < 2 or url is not None)
        and (url is None or _agree(column, columns[url]))
        and not all(map(is_section, set(column)))
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None


def _agree(names: Sequence[str], urls: Sequence[str]) -> bool:
    """Return whether each name goes with one host and each host with one name."""
    hosts, owners = defaultdict(set), defaultdict(set)
    for name, url in zip(names, urls, strict=True):
        if name and (match := HOST.match(url)):
            hosts[name].add(match[1].lower())
            owners[match[1].lower()].add(name)
    return all(len(group) == 1 for group in (*hosts.values(), *owners.values()))
