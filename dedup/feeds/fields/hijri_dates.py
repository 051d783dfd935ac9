"""Convert Hijri dates («15 رمضان 1447 هـ», 15/9/1447) to Gregorian ones by the Umm al-Qura calendar.

Where a text gives both («15 رمضان 1447 هـ الموافق 4 مارس 2026 م»), its Gregorian date is taken. A local calendar by
sighting may differ by a day. Without a year the date is unknown. Years in figures alone count as Hijri only from 1410
(1989) to 1500: a Persian calendar reaches 1410 in 2031.
"""

from __future__ import annotations

import re
from functools import cache

import polars as pl

from dedup.core.letters import fold_letters

MONTHS = (
    ("محرم", "muharram", "moharram"), ("صفر", "safar"),
    ("ربيع الأول", "ربيع أول", "rabi al-awwal", "rabi i", "rabi' al-awwal"),
    ("ربيع الآخر", "ربيع الثاني", "ربيع آخر", "ربيع ثاني", "rabi al-thani", "rabi ii", "rabi al-akhir"),
    ("جمادى الأولى", "جمادى الأول", "جمادي أول", "جمادى أولى", "jumada al-awwal", "jumada al-ula", "jumada i"),
    ("جمادى الآخرة", "جمادى الآخر", "جمادى الثانية", "جمادى الثاني", "jumada al-thani", "jumada ii"),
    ("رجب", "rajab"), ("شعبان", "shaban", "sha'ban", "shaaban"), ("رمضان", "ramadan", "ramadhan"),
    ("شوال", "shawwal", "shawal"),
    ("ذو القعدة", "ذي القعدة", "ذوالقعدة", "ذو قعدة", "dhu al-qidah", "dhu al-qadah", "dhul qadah"),
    ("ذو الحجة", "ذي الحجة", "ذوالحجة", "ذو حجة", "dhu al-hijjah", "dhul hijjah", "dhul-hijjah"),
)  # fmt: skip
"""The names of each month, as they are written in dates."""

YEARS_IN_FIGURES = range(1410, 1501)
"""Years that count as Hijri where nothing but their figures marks them as such."""

YEAR = r"(1[34][0-9]{2}|1500)"
MARK = r"\s*(?:ه(?:جريه?)?|ah|a\.h\.|h)(?![^\W\d_])"
"""What marks the year before it as Hijri."""
HAS_YEAR = rf"(?:^|[^0-9]){YEAR}(?:[^0-9]|$)"
_GREGORIAN = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_JOINT = re.compile(r"\(?\s*الموافق(?:\s*ل)?\s*:?\s*\)?")


def read_hijri(plain: pl.Series, *, in_figures: bool) -> pl.Series:
    """Replace Hijri dates by Gregorian ones, as year-month-day.

    Args:
        plain: distinct texts in lower case with folded letters and ASCII digits.
        in_figures: whether 15/9/1447 counts as well where no «هـ» marks it.

    Returns:
        The texts, those without a Hijri date as they were.

    Examples:
        >>> read_hijri(pl.Series(["15 رمضان 1447 ه 08:10", "1447-09-15", "3 مارس 2026"]), in_figures=False).to_list()
        ['2026-03-04 08:10', '1447-09-15', '3 مارس 2026']
    """
    rows = plain.str.contains(HAS_YEAR).fill_null(value=False).arg_true()
    if not len(rows):
        return plain
    read = [_rewritten(text, in_figures=in_figures) for text in plain.gather(rows).to_list()]
    return plain.clone().scatter(rows, pl.Series(read, dtype=pl.String))


def _rewritten(text: str, *, in_figures: bool) -> str:
    """Return one text with its Hijri date replaced, or removed where there is a Gregorian one."""
    for pattern, (year, month, day) in _patterns(in_figures):
        match = pattern.search(text)
        if match is None:
            continue
        rest = _JOINT.sub(" ", f"{text[: match.start()]} {text[match.end() :]}")
        if _GREGORIAN.search(rest):
            return rest.strip(" -–—|/,()")
        number = match[month] if match[month].isdigit() else _month_numbers()[match[month]]
        date = _gregorian(int(match[year]), int(number), int(match[day]))
        return f"{text[: match.start()]}{date}{text[match.end() :]}" if date else ""
    return text


@cache
def _month_numbers() -> dict[str, int]:
    return {fold_letters(name): number for number, names in enumerate(MONTHS, 1) for name in names}


@cache
def _patterns(in_figures: bool) -> tuple[tuple[re.Pattern[str], tuple[int, int, int]], ...]:
    """Return the forms of Hijri dates, with the groups of year, month and day."""
    names = "|".join(sorted(map(re.escape, _month_numbers()), key=len, reverse=True))
    joint = r"[\s,،/.-]*(?:(?:من|شهر|عام|سنه|لعام|لسنه)\s+)*"
    figures = r"(?<![0-9:])([0-9]{1,2})\s*[-/.]\s*([0-9]{1,2})\s*[-/.]\s*"
    month_and_day = r"\s*[-/.]\s*([0-9]{1,2})\s*[-/.]\s*([0-9]{1,2})(?![0-9])"
    year = rf"{YEAR}(?![0-9])(?:{MARK})?"
    forms: list[tuple[str, tuple[int, int, int]]] = [
        (rf"(?<![0-9:])([0-9]{{1,2}})(?:st|nd|rd|th)?{joint}({names}){joint}{year}", (3, 2, 1)),
        (rf"(?<![^\W\d_])({names})\s+([0-9]{{1,2}})(?:st|nd|rd|th)?\s*,?\s*{year}", (3, 1, 2)),
        (figures + YEAR + MARK, (3, 2, 1)),
        (rf"(?<![0-9]){YEAR}{month_and_day}{MARK}", (1, 2, 3)),
    ]
    if in_figures:
        recent = f"({'|'.join(map(str, YEARS_IN_FIGURES))})"
        forms += [
            (rf"{figures}{recent}(?![0-9])", (3, 2, 1)),
            (rf"(?<![0-9]){recent}{month_and_day}", (1, 2, 3)),
        ]
    return tuple((re.compile(pattern), groups) for pattern, groups in forms)


def _gregorian(year: int, month: int, day: int) -> str | None:
    """Return a Hijri date as year-month-day in the Gregorian calendar, None if there is no such day."""
    from hijridate import Hijri  # noqa: PLC0415 - needed for few inputs only

    try:
        return str(Hijri(year, month, day).to_gregorian())
    except (ValueError, OverflowError):
        return None
