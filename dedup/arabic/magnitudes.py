"""Rewrite numbers with a magnitude as one number: 3 مليون is 3000000, ألفان 2000, نصف مليون 500000, ألف و200 1200.

Otherwise the magnitude is a word like any other, and three million dollars and three billion agree in their number.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from dedup.arabic.data_files import folded_table
from dedup.arabic.punctuation import PARTICLES

_PARTS = {"نصف": Decimal("0.5"), "ربع": Decimal("0.25")}
_PARTICLES = r"[وفبل]{0,2}|[وفب]?ال(?=\d)|لل(?=\d)"


class _Patterns(NamedTuple):
    """The patterns of numbers with a magnitude, and the value of each word.

    Attributes:
        number: a whole number, behind its particle: a term, a part, and smaller terms behind و.
        term: one term of it.
        values: the value of each word, twice the magnitude for the dual.
        duals: accusatives that are spelled like the dual of a noun behind them.
    """

    number: re.Pattern[str]
    term: re.Pattern[str]
    values: dict[str, int]
    duals: frozenset[str]


_BEFORE_NOUN = re.compile(r" (?!و)[^ ]")


@cache
def _patterns() -> _Patterns:
    table = folded_table("magnitudes", "word", "value", "kind")
    values = {word: int(value) * (1 + (kind == "two")) for word, value, kind in table.iter_rows()}
    duals = frozenset(word for word in table.filter(kind="one")["word"] if word.endswith("ا"))
    ones, twos = (  # the longest first: مليونا before مليون
        "|".join(sorted(table.filter(kind=kind)["word"], key=len, reverse=True)) for kind in ("one", "two")
    )
    digits, parts = r"\d{1,9}(?:\.\d{1,6})?", "|".join(_PARTS)
    term = rf"(?:{digits} (?:{ones})|(?:{parts}) (?:ال)?(?:{ones})|{twos}|{ones})(?![^ ])"
    apart = f"(?:(?:{'|'.join(PARTICLES)}) )?"
    whole = (
        rf"(?<![^ ])({apart})({_PARTICLES})((?<!\d )(?!\d)|(?=\d))({term}(?: و(?:{parts})(?: ال(?:{ones}))?(?![^ ]))?"
    )
    rest = rf"(?: و(?:{term}|\d{{1,9}}(?![^ ])))*)"
    one_term = rf"({digits}|{parts}) (?:ال)?({ones})|({twos}|{ones})|({digits})|({parts})(?: ال(?:{ones}))?"
    return _Patterns(re.compile(whole + rest), re.compile(one_term), values, duals)


def unify_magnitudes(text: str) -> str:
    """Rewrite the numbers with a magnitude in a folded headline.

    Examples:
        >>> unify_magnitudes("قرض 3 مليون دولار"), unify_magnitudes("نزوح نصف مليون و200 الف")
        ('قرض 3000000 دولار', 'نزوح 700000')
    """
    return _patterns().number.sub(_rewritten, text)


def _rewritten(number: re.Match[str]) -> str:
    """Return a number in digits; terms behind و that are not smaller than the magnitude before them stay apart."""
    patterns = _patterns()
    particle, written = number[1].strip() + number[2], number[4]  # ب 3 ملايين is one word, as ب 44 is
    total, smallest, end = Decimal(0), 0, 0
    for term in patterns.term.finditer(written):
        factor, magnitude, alone, digits, part = term.groups()
        if part is not None:
            value, own = _PARTS[part] * smallest, smallest
        elif alone is not None:
            value, own = Decimal(patterns.values[alone]), patterns.values[alone]
            if alone in patterns.duals and _BEFORE_NOUN.match(number.string, number.start(4) + term.end()):
                value *= 2  # مليونا حاج are two million, «بلغ مليونا» is one
        elif digits is not None:
            value, own = Decimal(digits), 1
        else:
            own = patterns.values[magnitude]
            value = (_PARTS.get(factor) or Decimal(factor)) * own
        if total and part is None and value >= smallest:
            rest = written[end + 1 :]  # without the blank; its و is its particle
            return f"{particle}{_digits(total)} {patterns.number.sub(_rewritten, rest)}"
        total, smallest, end = total + value, own, term.end()
    return f"{particle}{_digits(total)}"


def _digits(value: Decimal) -> str:
    """Write a number in digits; 15 digits times a magnitude are exact in the 28 of a decimal."""
    return f"{value:f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"
