"""Texts of reports in Arabic and English, and the form of a noun after a number.

Arabic has six forms (CLDR's categories): none, one, two, 3 to 10 of a hundred, 11 to 99 of a hundred, and the rest. The
page's script takes them from ``Intl.PluralRules``; Python has no such table, and the rule is short.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Any

from dedup.matching.evidence.schema import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo


@lru_cache
def load_texts(language: str) -> Mapping[str, Any]:
    """Load the texts of a language, ``ar`` or ``en``."""
    texts: dict[str, Any] = json.loads(_read("texts.json"))
    return texts[language]  # type: ignore[no-any-return]


def plural_category(number: int, language: str) -> str:
    """Return CLDR's plural category of a whole number.

    Examples:
        >>> [plural_category(number, "ar") for number in (0, 1, 2, 3, 11, 100, 103)]
        ['zero', 'one', 'two', 'few', 'many', 'other', 'few']
        >>> plural_category(1, "en"), plural_category(2, "en")
        ('one', 'other')
    """
    if language != "ar":
        return "one" if number == 1 else "other"
    if number < 3:
        return ("zero", "one", "two")[number]
    rest = number % 100
    return "few" if 3 <= rest <= 10 else "many" if rest >= 11 else "other"


def counted(number: int, noun: str, language: str) -> str:
    """Format a number with its noun.

    Examples:
        >>> counted(2, "outlet", "ar"), counted(1204, "story", "en")
        ('وسيلتان', '1,204 stories')
    """
    forms = load_texts(language)["nouns"][noun]
    form = forms.get(plural_category(number, language), forms["other"])
    return str(form).replace("{n}", f"{number:,}")


def span_in_words(minutes: float, language: str) -> str:
    """Format a span of minutes in words, in at most two units.

    Examples:
        >>> span_in_words(200, "ar"), span_in_words(4440, "ar"), span_in_words(0.5, "en")
        ('3 ساعات و20 دقيقة', '3 أيام وساعتين', '30 seconds')
    """
    seconds = round(minutes * 60)
    if 0 < seconds < 60:
        return counted(seconds, "second", language)
    total = round(seconds / 60)
    if total < 60:
        return counted(total, "minute", language)
    if total < 1440:
        parts = (total // 60, "hour", total % 60, "minute")
    else:
        parts = (total // 1440, "day", total % 1440 // 60, "hour")
    large, small = counted(parts[0], parts[1], language), counted(parts[2], parts[3], language)
    return large + load_texts(language)["and"].format(small) if parts[2] else large


def date_and_time(time: datetime | None, zone: tzinfo, language: str) -> str:
    """Format a time to the minute in a zone, with the month in words."""
    texts = load_texts(language)
    if time is None:
        return str(texts["unknown_time"])
    local = time.astimezone(zone)
    return f"{local.day} {texts['months'][local.month - 1]} {local.year}{texts['comma']}{local:%H:%M}"


def period_in_words(first: datetime | None, last: datetime | None, zone: tzinfo, language: str) -> str:
    """Format a period in a zone; both times are None if no time is known."""
    texts = load_texts(language)
    if first is None:
        return str(texts["no_times"])
    times = {name: date_and_time(time, zone, language) for name, time in (("first", first), ("last", last))}
    return str(texts["period"].format(**times))


def kind_of_reason(reason: str) -> str:
    """Return the kind of a reason why an input was skipped, in Arabic; "" for a reason of no known kind.

    Examples:
        >>> kind_of_reason("the file is an HTML page")
        'صفحة ويب لا تغذية إخبارية؛ استعمل عنوان التغذية'
    """
    return next((words for pattern, words in _kinds_of_reasons() if pattern.search(reason)), "")


def evidence_meaning(name: str, language: str) -> str:
    """Return the meaning of a piece of evidence in words.

    Examples:
        >>> evidence_meaning("shared_words", "ar"), evidence_meaning("shared_words", "en")
        ('الكلمات المشتركة', 'shared words')
    """
    meaning = BY_NAME[name].meaning
    return _evidence_in_arabic().get(name, meaning) if language == "ar" else meaning


@lru_cache
def _evidence_in_arabic() -> dict[str, str]:
    return dict(line.split("\t") for line in _read("evidence_ar.tsv").splitlines())


@lru_cache
def _kinds_of_reasons() -> list[tuple[re.Pattern[str], str]]:
    """Load the kinds of reasons: patterns of the English text, and Arabic words; the first that matches holds."""
    lines = (line.split("\t") for line in _read("reasons_ar.tsv").splitlines())
    return [(re.compile(pattern), words) for pattern, words in lines]


def _read(name: str) -> str:
    return (resources("dedup.report") / name).read_text(encoding="utf-8")
