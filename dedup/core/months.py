"""The one table of month names: Arabic (Gulf and Egypt, Levant, Maghreb), English and French."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import NamedTuple


class MonthName(NamedTuple):
    """A name of a month: its number from 1 to 12, the name as written, and its language (ar, en, fr)."""

    number: int
    name: str
    language: str


@cache
def month_names() -> tuple[MonthName, ...]:
    """Return all names of ``data/months.tsv``; the first of each month is the canonical one.

    Examples:
        >>> month_names()[0]
        MonthName(number=1, name='يناير', language='ar')
    """
    table = resources.files("dedup.core").joinpath("data", "months.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return tuple(MonthName(int(number), name, language) for number, name, language, _comment in rows)


@cache
def canonical_month_names() -> tuple[str, ...]:
    """Return the canonical names of the months, January first.

    Examples:
        >>> canonical_month_names()[:3]
        ('يناير', 'فبراير', 'مارس')
    """
    first: dict[int, str] = {}
    for number, name, _language in month_names():
        first.setdefault(number, name)
    return tuple(first[number] for number in sorted(first))
