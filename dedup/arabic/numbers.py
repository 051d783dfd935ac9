"""Numbers in words to digits, in the column of words of ``variants``."""

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

_DEPENDENT = (ONE, ORDINAL)  # numbers only together with the next word
_AND, _THE, _AND_THE = (PREFIXES.index(particle) for particle in ("و", "ال", "وال"))
_IN = TextArray.of(["في"]).hashes()


def unify_numbers(words: WordColumn, known: Lexicon, places: Positions, found: Positions) -> None:
    """Number words to digits, «في المئة» to %, and one form of a unit behind a number."""
    spoken, unit = known.number[found] != NO_NUMBER, known.unit[found]
    if not (spoken.any() or unit.any()):
        return
    start, entry = places[spoken], found[spoken]
    plain = start[~np.isin(known.number[entry], _DEPENDENT)]

    def is_number(at: Positions) -> Mask:
        written: Mask = is_digit(words.take(at).code(-1))
        return written | np.isin(at, plain)

    sign = known.is_sign[unit]
    sign[sign] = is_number(places[sign] - 1)
    signs = places[sign]
    hundred = start[(known.value[entry] == 100) & (known.prefix[entry] == _THE)]
    hundred = hundred[(words.take(hundred - 1).hashes() == _IN) & is_number(hundred - 2)]
    words.drop(np.concatenate([signs, hundred, hundred - 1]))
    signed = np.concatenate([signs - 1, hundred - 2])
    written = np.concatenate([unit[sign], np.full(len(hundred), known.percent)])

    other = (unit > 0) & ~known.is_sign[unit]
    other[other] = is_number(places[other] - 1)
    words.replace(places[other], known.units.take(unit[other]))

    free = words.kept[start]
    start, entry = start[free], entry[free]
    start, stop, value, prefix = _composed(start, known.number[entry], known.value[entry], known.prefix[entry])
    for offset in range(1, 5):  # the longest: four words, مئة وثلاثة وعشرين, ثلاث مئة وخمسة وعشرين
        words.drop((start + offset)[start + offset <= stop])
    words.replace(start, known.prefixes.take(prefix) + TextArray.of_numbers(value))
    if len(stop):  # a sign belongs to the place where its number now begins
        spoken_at = np.searchsorted(stop, signed).clip(max=len(stop) - 1)
        signed = np.where(stop[spoken_at] == signed, start[spoken_at], signed)
    words.replace(signed, words.take(signed) + known.units.take(written))


def _composed(
    start: Positions, kind: Positions, value: Positions, prefix: Positions
) -> tuple[Positions, Positions, Positions, Positions]:
    """Neighbouring number words made one number: خمسة عشر 15, ثلاث مئة 300, خمسة وعشرون 25, مئة وخمسة 105."""
    stop, first = start.copy(), np.arange(len(start))
    bare, anded, defined = (prefix == particle for particle in (0, _AND, _AND_THE))
    single, whole = (UNIT, ONE, ORDINAL), (UNIT, TEEN, TEN)
    for left, right, joint, result in (
        (single, (TEEN,), bare, TEN), ((UNIT,), (HUNDRED,), bare, HUNDRED),
        ((UNIT,), (TEN,), anded, TEEN), ((ORDINAL,), (TEN,), defined, TEEN), ((HUNDRED,), whole, anded, HUNDRED),
    ):  # fmt: skip
        if len(first) < 2:
            break
        meets = (start[first[1:]] == stop[first[:-1]] + 1) & joint[first[1:]]
        meets &= np.isin(kind[first[:-1]], left) & np.isin(kind[first[1:]], right)
        ahead, behind = first[:-1][meets], first[1:][meets]
        times = (result == HUNDRED) & (kind[behind] == HUNDRED)
        value = value.copy()
        value[ahead] = np.where(times, value[ahead] * value[behind], value[ahead] + value[behind])
        kind = kind.copy()
        kind[ahead], stop[ahead] = result, stop[behind]
        first = np.setdiff1d(first, behind)
    first = first[~np.isin(kind[first], _DEPENDENT)]
    return start[first], stop[first], value[first], prefix[first]
