"""Dates that count from the time of their document: «منذ ساعتين», "3 hours ago", «أمس 08:10»."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dedup.core.letters import fold_letters

if TYPE_CHECKING:
    import polars as pl

SECONDS = {
    "second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600, "hr": 3600, "heure": 3600, "day": 86_400,
    "jour": 86_400, "week": 604_800, "semaine": 604_800, "seconde": 1, "ثانيه": 1, "ثوان": 1, "ثواني": 1, "دقيقه": 60,
    "دقايق": 60, "ساعه": 3600, "ساعات": 3600, "يوم": 86_400, "ايام": 86_400, "اسبوع": 604_800, "اسابيع": 604_800,
}  # fmt: skip
"""Lengths of units in seconds. Months and years are no times of publication that could be known."""
DUALS = {"ثانيتين": 2, "دقيقتين": 120, "ساعتين": 7200, "يومين": 172_800, "اسبوعين": 1_209_600}
NUMBERS = {
    "a": 1, "an": 1, "one": 1, "un": 1, "une": 1, "نصف": 0.5, "ربع": 0.25, "ثلاث": 3, "ثلاثه": 3, "اربع": 4,
    "اربعه": 4, "خمس": 5, "خمسه": 5, "ست": 6, "سته": 6, "سبع": 7, "سبعه": 7, "ثماني": 8, "ثمانيه": 8, "تسع": 9,
    "تسعه": 9, "عشر": 10, "عشره": 10,
}  # fmt: skip
NUMBER = rf"(?:([0-9.]+|{'|'.join(NUMBERS)})\s*)"
BEFORE = re.compile(rf"(?:منذ|قبل|il y a)\s+(?:حوالي\s+|نحو\s+)?{NUMBER}?([^\W\d_]+?)s?(?:\s|$)")
AGO = re.compile(rf"{NUMBER}([^\W\d_]+?)s?\s+ago")
NOW = re.compile(r"(?:الان|just now|maintenant|à l'instant)$")
DAYS = {"اليوم": 0, "today": 0, "aujourd'hui": 0, "امس": 1, "البارحه": 1, "yesterday": 1, "hier": 1}
DAY = re.compile(r"(?<!\w)(" + "|".join(DAYS) + r")(?!\w)")
LIKELY = r"(?i)منذ|قبل|il y a|ago|الآن|الان|just now|اليوم|أمس|امس|البارحة|today|yesterday|hier|aujourd"
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")


def find_relative(texts: pl.Series) -> pl.Series:
    """Return which texts may be relative dates."""
    return texts.str.contains(LIKELY).fill_null(value=False)


def resolve_relative(text: str, reference: datetime, zone: str | timedelta) -> datetime | str | None:
    """Return the time that a relative date means, or the text with its day written out; None if it is none.

    Args:
        text: the date as spelled.
        reference: the time of the document, in UTC.
        zone: of days without a zone.

    Examples:
        >>> resolve_relative("منذ ساعتين", datetime(2026, 3, 3, 8, tzinfo=timezone.utc), "UTC").hour
        6
    """
    folded = " ".join(fold_letters(text).translate(_DIGITS).split())
    if NOW.match(folded):
        return reference
    match = BEFORE.search(folded) or AGO.search(folded)
    if match:
        seconds = _length(match[1], match[2])
        return reference - timedelta(seconds=seconds) if seconds is not None else None
    day = DAY.search(folded)
    if not day:
        return None
    local = reference.astimezone(timezone(zone) if isinstance(zone, timedelta) else ZoneInfo(zone))
    date = (local - timedelta(days=DAYS[day[1]])).strftime("%Y-%m-%d")
    return f"{date} {folded[: day.start()]} {folded[day.end() :]}"


def _length(number: str | None, unit: str) -> float | None:
    """Return the seconds of a number of units, None if either is unknown."""
    if number is None:
        return DUALS.get(unit, SECONDS.get(unit))
    count = NUMBERS.get(number)
    if count is None:
        try:
            count = float(number)
        except ValueError:
            return None
    length = SECONDS.get(unit)
    return count * length if length is not None and count < 1_000 else None
