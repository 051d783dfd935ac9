"""Words and figures as every report shows them: times, spans, counts, and text from strangers made safe to print."""

from __future__ import annotations

import math
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

UNKNOWN = "unknown"


class Units(NamedTuple):
    """What lengths of time are called."""

    second: str
    minute: str
    hour: str
    day: str


ENGLISH = Units("s", "min", "h", "d")
ARABIC = Units("ث", "د", "س", "ي")

_JOINERS = "\u200c\u200d"  # they shape words and emoji, and move nothing


def plain(text: str) -> str:
    r"""The text with all that could move a cursor, a line or the direction of writing shown as an escape.

    Titles come from feeds and names from file systems: both may hold escape sequences, line breaks, bidi overrides and
    (in file names) bytes that are not text.

    Examples:
        >>> plain("a\x1b[31mb\n")
        'a\\x1b[31mb\\n'
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in _JOINERS else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    if char.isspace() and unicodedata.category(char) == "Zs":
        return " "
    if "\udc80" <= char <= "\udcff":  # how Python holds a byte of a file name that is not UTF-8
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode()


def count(n: int, one: str, many: str = "") -> str:
    """A figure with its noun: ``1 story``, ``1,204 stories``."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def moment(time: datetime | None) -> str:
    """A time to the minute."""
    return UNKNOWN if time is None else f"{time:%Y-%m-%d %H:%M}"


def span(minutes: float | None, units: Units = ENGLISH) -> str:
    """A length of time in at most two units: ``40 s``, ``12 min``, ``4 h 10 min``, ``3 d 2 h``."""
    if minutes is None:
        return "–"
    seconds = round(minutes * 60)
    if 0 < seconds < 60:
        return f"{seconds} {units.second}"
    whole = round(seconds / 60)
    if whole < 60:
        return f"{whole} {units.minute}"
    if whole < 1440:
        large, small = f"{whole // 60} {units.hour}", (whole % 60, units.minute)
    else:
        large, small = f"{whole // 1440} {units.day}", (whole % 1440 // 60, units.hour)
    return f"{large} {small[0]} {small[1]}" if small[0] else large


def period(first: datetime | None, last: datetime | None) -> str:
    """From when to when, in UTC."""
    if first is None or last is None:
        return "no times known"
    if first.date() == last.date():
        return f"{moment(first)} to {last:%H:%M} UTC"
    return f"{moment(first)} to {moment(last)} UTC"


def chance(score: float) -> str:
    """A score to two places, cut off rather than rounded: nothing but certainty is shown as 1.00."""
    return f"{math.floor(score * 100 + 1e-6) / 100:.2f}"
