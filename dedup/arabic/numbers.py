"""Rewrite numbers in words as digits, in a column of words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.arabic.characters import is_digit
from dedup.arabic.lexicon import HUNDRED, NO_NUMBER, ONE, ORDINAL, PREFIXES, TEEN, TEN, UNIT
from dedup.core.text_arrays import TextArray

if TYPE_CHECKING:
    from dedup.arabic.characters import Mask
    from dedup.arabic.lexicon import Lexicon
    from dedup.arabic.word_column import WordColumn
    from dedup.core.hashing import Positions

_DEPENDENT = (ONE, ORDINAL)  # these are numbers only together with the next word
_AND, _THE, _AND_THE = (PREFIXES.index(particle) for particle in ("و", "ال", "وال"))
_IN = TextArray.of(["في"]).hashes()


def unify_numbers(words: WordColumn, lexicon: Lexicon, rows: Positions, entries: Positions) -> None:
    """Rewrite number words as digits, «في المئة» as %, and a unit latter a number in one form.

    Args:
        words: the column, changed in place.
        lexicon: the known words.
        rows: the rows of known words, ascending.
        entries: the lexicon entry of each of them.
    """
    spoken, unit = lexicon.number[entries] != NO_NUMBER, lexicon.unit[entries]
    if not (spoken.any() or unit.any()):
        return
    start, entry = rows[spoken], entries[spoken]
    plain = start[~np.isin(lexicon.number[entry], _DEPENDENT)]
    magnitudes = rows[lexicon.magnitude[entries]]

    def is_number(row: Positions) -> Mask:
        in_digits: Mask = is_digit(words.take(row).code(-1))
        return in_digits | np.isin(row, plain) | np.isin(row, magnitudes)

    sign = lexicon.is_sign[unit]
    sign[sign] = is_number(rows[sign] - 1)
    signs = rows[sign]
    hundred = start[(lexicon.value[entry] == 100) & (lexicon.prefix[entry] == _THE)]
    hundred = hundred[(words.take(hundred - 1).hashes() == _IN) & is_number(hundred - 2)]
    words.drop(np.concatenate([signs, hundred, hundred - 1]))
    signed = np.concatenate([signs - 1, hundred - 2])
    sign_unit = np.concatenate([unit[sign], np.full(len(hundred), lexicon.percent)])

    noun = (unit > 0) & ~lexicon.is_sign[unit]
    noun[noun] = is_number(rows[noun] - 1)
    words.replace(rows[noun], lexicon.units.take(unit[noun]))

    free = words.kept[start]
    start, entry = start[free], entry[free]
    start, stop, value, prefix = _composed(start, lexicon.number[entry], lexicon.value[entry], lexicon.prefix[entry])
    for offset in range(1, 5):  # the longest: four words, مئة وثلاثة وعشرين, ثلاث مئة وخمسة وعشرين
        words.drop((start + offset)[start + offset <= stop])
    words.replace(start, lexicon.prefixes.take(prefix) + TextArray.of_integers(value))
    if len(stop):  # a sign goes to the row where its number now begins
        number = np.searchsorted(stop, signed).clip(max=len(stop) - 1)
        signed = np.where(stop[number] == signed, start[number], signed)
    words.replace(signed, words.take(signed) + lexicon.units.take(sign_unit))


def _composed(
    start: Positions, kind: Positions, value: Positions, prefix: Positions
) -> tuple[Positions, Positions, Positions, Positions]:
    """Combine neighbouring number words: خمسة عشر 15, ثلاث مئة 300, خمسة وعشرون 25, مئة وخمسة 105.

    Args:
        start: the row of each number word, ascending.
        kind: its kind.
        value: its value.
        prefix: its particle, an index into PREFIXES.

    Returns:
        First and last row, value and particle of each number.
    """
    stop, first = start.copy(), np.arange(len(start))
    bare, with_and, with_and_the = (prefix == particle for particle in (0, _AND, _AND_THE))
    single, below_hundred = (UNIT, ONE, ORDINAL), (UNIT, TEEN, TEN)
    for left, right, joint, result in (
        (single, (TEEN,), bare, TEN), ((UNIT,), (HUNDRED,), bare, HUNDRED),
        ((UNIT, ONE), (TEN,), with_and, TEEN), ((ORDINAL,), (TEN,), with_and_the, TEEN),
        ((HUNDRED,), below_hundred, with_and, HUNDRED),
    ):  # fmt: skip
        if len(first) < 2:
            break
        combines = (start[first[1:]] == stop[first[:-1]] + 1) & joint[first[1:]]
        combines &= np.isin(kind[first[:-1]], left) & np.isin(kind[first[1:]], right)
        former, latter = first[:-1][combines], first[1:][combines]
        times = (result == HUNDRED) & (kind[latter] == HUNDRED)
        value = value.copy()
        value[former] = np.where(times, value[former] * value[latter], value[former] + value[latter])
        kind = kind.copy()
        kind[former], stop[former] = result, stop[latter]
        first = np.setdiff1d(first, latter)
    first = first[~np.isin(kind[first], _DEPENDENT)]
    return start[first], stop[first], value[first], prefix[first]
