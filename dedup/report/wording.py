"""Format times, spans, counts and scores for all reports, and escape untrusted text for terminals."""

from __future__ import annotations

import math
import unicodedata
from datetime import UTC
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

UNKNOWN = "unknown"


class Units(NamedTuple):
    """Abbreviations of the units of time in a language."""

    second: str
    minute: str
    hour: str
    day: str


ENGLISH = Units("s", "min", "h", "d")
ARABIC = Units("ث", "د", "س", "يوم")

_JOINERS = "\u200c\u200d"  # they shape words and emoji, and do not move the cursor


def plain(text: str) -> str:
    r"""Escape characters that could move the cursor, break the line or change the direction of the text.

    Titles come from feeds and names from file systems: both may contain escape sequences, line breaks, bidi overrides
    and (in file names) bytes that are not UTF-8.

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
    if "\udc80" <= char <= "\udcff":  # Python's stand-in for a byte of a file name that is not UTF-8
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode()


def count(n: int, singular: str, plural: str = "") -> str:
    """Format a number with its noun.

    Examples:
        >>> count(1, "story", "stories"), count(1204, "outlet")
        ('1 story', '1,204 outlets')
    """
    return f"{n:,} {singular if n == 1 else plural or singular + 's'}"


def moment(time: datetime | None, zone: tzinfo = UTC) -> str:
    """Format a time to the minute in a time zone."""
    return UNKNOWN if time is None else f"{time.astimezone(zone):%Y-%m-%d %H:%M}"


def span(minutes: float | None, units: Units = ENGLISH) -> str:
    """Format a span of minutes in at most two units.

    Examples:
        >>> span(0.7), span(12), span(250), span(4440)
        ('42 s', '12 min', '4 h 10 min', '3 d 2 h')
    """
    if minutes is None:
        return "–"
    seconds = round(minutes * 60)
    if 0 < seconds < 60:
        return f"{seconds} {units.second}"
    total = round(seconds / 60)
    if total < 60:
        return f"{total} {units.minute}"
    if total < 1440:
        large, small = f"{total // 60} {units.hour}", (total % 60, units.minute)
    else:
        large, small = f"{total // 1440} {units.day}", (total % 1440 // 60, units.hour)
    return f"{large} {small[0]} {small[1]}" if small[0] else large


def period(first: datetime | None, last: datetime | None, zone: tzinfo = UTC) -> str:
    """Format a period of time in a time zone, and name the zone."""
    if first is None or last is None:
        return "no times known"
    first, last = first.astimezone(zone), last.astimezone(zone)
    if first.date() == last.date():
        return f"{moment(first, zone)} to {last:%H:%M} {zone}"
    return f"{moment(first, zone)} to {moment(last, zone)} {zone}"


def chance(score: float) -> str:
    """Format a score with two digits, truncated, so that only a score of exactly 1 is shown as 1.00.

    Examples:
        >>> chance(0.999), chance(0.705)
        ('0.99', '0.70')
    """
    return f"{math.floor(score * 100 + 1e-6) / 100:.2f}"
