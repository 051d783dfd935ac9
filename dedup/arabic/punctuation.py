"""Particles, numbers and separators: what punctuation means in a headline, on code points.

The array comes from ``characters.folded``. Each function looks only at the few positions that hold punctuation or stand
on the edge of a number, and at their neighbours.

A particle of one letter is written onto the next word, with a tatweel and quotation marks between them or without
(لـ«سبق»، و"سبق"، بـ 40): these become one word. A bare particle and a blank do so only for و, which no other
word looks like; ب before a number waits for the fuzzy key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.arabic.characters import (
    BLANK,
    DELETED,
    DIGIT,
    LETTER,
    NEWLINE,
    PUNCTUATION,
    SPACE,
    TATWEEL,
    TATWEEL_CODE,
    WORD,
    classes,
    is_digit,
    spread,
    without_deleted,
)
from dedup.core.hashing import among, true_at
from dedup.core.text_arrays import CODE_POINTS

if TYPE_CHECKING:
    from dedup.arabic.characters import Classes, Mask
    from dedup.core.hashing import Codes, Hashes, Positions

DASH, BAR, DOTS, COLON, SLASH, OPEN, CLOSE = range(1, 8)
"""Codes that stand for what can separate furniture from a headline, until ``without_marks`` takes them away."""

PARTICLES = tuple(
    conjunction + rest
    for conjunction in ("", "و", "ف")
    for rest in ("", "ال", "ب", "ك", "ل", "لل", "بال", "كال", "فال")
    if conjunction + rest
)
"""What can be written onto the next word or number."""

_JOINED_ACROSS = np.array(sorted(ord(char) for char in 'ـ"( '), np.uint32)
_QUOTES = np.array([ord('"'), ord("(")], np.uint32)
_SIGNS = np.array(sorted(ord(char) for char in "%$€£"), np.uint32)
_KEPT_BETWEEN_DIGITS = np.array(sorted(ord(char) for char in ".:/-"), np.uint32)
_BLANKS = np.array([NEWLINE, BLANK], np.uint32)
_POINTS = np.array([ord(","), ord(".")], np.uint32)
_LONGEST_PARTICLE = max(map(len, PARTICLES))
_LAST_OF_PARTICLES = np.array(sorted({ord(particle[-1]) for particle in PARTICLES}), np.uint32)
_MARKS = np.zeros(CODE_POINTS, np.uint32)  # zeros are memory only where they are touched
_MARKS[[ord(char) for char in ":/|…()"]] = COLON, SLASH, BAR, DOTS, OPEN, CLOSE


def _packed(text: str) -> int:
    return sum(ord(char) << (16 * at) for at, char in enumerate(reversed(text)))


_PARTICLE_KEYS = np.array(sorted(_packed(particle) for particle in PARTICLES), np.uint64)
_NOT_BEFORE_QUOTES = np.array([_packed("فك")], np.uint64)  # also a word of headlines: فك «شفرة»
_PARTICLES_OF_L = np.array(sorted(_packed(particle) for particle in ("ل", "ول", "فل")), np.uint64)


def words_ending_at(codes: Codes, kinds: Classes, ends: Positions) -> Hashes:
    """The word before each position, up to four letters packed into one number; 0 where it is longer or no word."""
    packed = np.zeros(len(ends), np.uint64)
    inside = np.ones(len(ends), bool)
    for back in range(1, _LONGEST_PARTICLE + 1):
        at = np.maximum(ends - back, 0)
        inside &= kinds[at] & LETTER > 0
        packed |= np.where(inside, codes[at].astype(np.uint64) << np.uint64(16 * (back - 1)), np.uint64(0))
    before = kinds[np.maximum(ends - _LONGEST_PARTICLE - 1, 0)]
    return np.where(inside & (before & WORD > 0), np.uint64(0), packed)


def is_particle(codes: Codes, kinds: Classes, ends: Positions) -> Mask:
    """Whether the whole word before each position is a particle."""
    return among(words_ending_at(codes, kinds, ends), _PARTICLE_KEYS)


def without_tatweel(codes: Codes, kinds: Classes) -> Codes:
    """Steps 8 and 9: a tatweel on its own is a dash, one after a particle stays for ``joined``, others go."""
    tatweel = kinds & TATWEEL > 0
    if not tatweel.any():
        return codes
    at = true_at(tatweel)
    first = at[~tatweel[at - 1]]
    last = at[~tatweel[at + 1]]
    lone = (kinds[first - 1] & SPACE > 0) & (kinds[last + 1] & SPACE > 0)
    particle = is_particle(codes, kinds, first)
    changed = codes.copy()
    changed[at] = DELETED
    changed[first[lone]] = ord("-")
    changed[first[particle]] = TATWEEL_CODE
    return without_deleted(changed)


def joined(codes: Codes, kinds: Classes) -> Codes:
    """Step 11: particles written onto the word that follows, blanks brought to one."""
    drop = np.zeros(len(codes), bool)
    drop[1:] = (codes[1:] == BLANK) & (codes[:-1] == BLANK)
    marks = true_at(kinds & (PUNCTUATION | TATWEEL) > 0)
    if not len(marks):
        return codes[~drop] if drop.any() else codes
    ends = marks[(kinds[marks - 1] & LETTER > 0) & among(codes[marks], _JOINED_ACROSS)]
    spaced = marks[(codes[marks] == ord('"')) & (codes[marks - 1] == BLANK)] - 1
    spaced = spaced[kinds[spaced - 1] & LETTER > 0]
    ends = np.concatenate([ends, spaced])
    ends = ends[among(codes[ends - 1], _LAST_OF_PARTICLES)]
    if len(ends):
        words = words_ending_at(codes, kinds, ends)
        particle = among(words, _PARTICLE_KEYS) & ~among(words, _NOT_BEFORE_QUOTES)
        if particle.any():
            _mark_bridges(drop, codes, kinds, ends[particle], words[particle])
    drop[marks[codes[marks] == TATWEEL_CODE]] = True
    return codes[~drop] if drop.any() else codes


def _mark_bridges(drop: Mask, codes: Codes, kinds: Classes, ends: Positions, words: Hashes) -> None:
    """Mark what goes between particles, which end at these places, and the words that they are written onto."""
    stop, marked = ends.copy(), np.zeros(len(ends), bool)
    for _ in range(6):  # quotation marks, blanks and a tatweel: more than six is no longer one phrase
        across = among(codes[stop], _JOINED_ACROSS)
        marked |= across & (codes[stop] != BLANK)
        stop = stop + across
    letters = _lengths(words)
    quoted = among(codes[ends - letters - 1], _QUOTES)  # «ب» between quotation marks is a letter's name
    taken = (kinds[stop] & WORD > 0) & marked & ~quoted
    ends, stop, words = ends[taken], stop[taken], words[taken]
    for offset in range(6):
        inside = ends + offset < stop
        drop[ends[inside] + offset] = True
    article = among(words, _PARTICLES_OF_L) & (codes[stop] == ord("ا")) & (codes[stop + 1] == ord("ل"))
    drop[stop[article]] = True  # ل + ال is written لل


def _lengths(packed: Hashes) -> Positions:
    return sum((packed >> np.uint64(16 * at) > 0).astype(np.int64) for at in range(_LONGEST_PARTICLE))  # type: ignore[return-value]  # sum of arrays is an array


def numbers_and_separators(codes: Codes, kinds: Classes) -> Codes:
    """Steps 16 and 17: numbers in one form, separators and brackets marked, other punctuation blank.

    ``1,200`` is 1200 and ``1,5`` is 1.5; ``1.200`` stays as it is, for it can be either. ``: / . -`` stay between
    digits, ``%`` and currency signs follow their number, and a word and a number that touch are parted, unless
    the word is a particle.
    """
    at = true_at(kinds & PUNCTUATION > 0)
    if not len(at):
        return spread(codes, _borders(codes, kinds, at))
    codes, kinds, at = _signs_after_numbers(codes, kinds, at)
    changed = codes.copy()
    here, before, after = codes[at], codes[at - 1], codes[at + 1]
    digit_before, digit_after = is_digit(before), is_digit(after)
    between = digit_before & digit_after
    result = np.full(len(at), BLANK, np.uint32)

    if between.any():
        comma = (here == ord(",")) & between
        result[comma] = np.where(_parts_thousands(codes, at[comma]), DELETED, ord("."))
        result[(here == ord("٬")) & between] = DELETED
        kept = among(here, _KEPT_BETWEEN_DIGITS) & between
        result[kept] = here[kept]

    dash = (here == ord("-")) & ~between
    if dash.any():
        before_that, after_that = codes[np.maximum(at - 2, 0)], codes[np.minimum(at + 2, len(codes) - 1)]
        near_before = digit_before | ((before == BLANK) & is_digit(before_that))
        near_after = digit_after | ((after == BLANK) & is_digit(after_that))
        score = dash & near_before & near_after
        result[score] = ord("-")
        changed[at[score & ~digit_before] - 1] = DELETED
        changed[at[score & ~digit_after] + 1] = DELETED
        apart = among(before, _BLANKS) | among(after, _BLANKS)
        result[dash & ~score & apart] = DASH

    mark = _MARKS.take(here.astype(np.intp))
    marked = true_at((mark > 0) & (result == BLANK) & ~between)
    result[marked] = mark[marked]
    result[(here == ord(".")) & ((before == ord(".")) | (after == ord(".")))] = DOTS
    sign = among(here, _SIGNS)
    sign &= ~among(before, _SIGNS)
    result[sign] = here[sign]
    plus = (here == ord("+")) & digit_after
    result[plus] = here[plus]
    changed[at] = result
    return without_deleted(spread(changed, _borders(codes, kinds, at[sign])))


def _parts_thousands(codes: Codes, commas: Positions) -> Mask:
    """Whether a comma between digits has one to three digits before it and exactly three behind it."""
    last = len(codes) - 1
    behind = [is_digit(codes[np.minimum(commas + offset, last)]) for offset in range(1, 5)]
    ahead = is_digit(codes[np.maximum(commas - 4, 0)]) & is_digit(codes[np.maximum(commas - 3, 0)])
    ahead &= is_digit(codes[np.maximum(commas - 2, 0)])
    zero = (codes[commas - 1] == ord("0")) & ~is_digit(codes[np.maximum(commas - 2, 0)])
    parts: Mask = behind[0] & behind[1] & behind[2] & ~behind[3] & ~ahead & ~zero
    return parts


def _signs_after_numbers(codes: Codes, kinds: Classes, marks: Positions) -> tuple[Codes, Classes, Positions]:
    """``%5`` and ``$5`` as ``5%`` and ``5$``: the code points, their classes, the places of punctuation."""
    at = marks[among(codes[marks], _SIGNS)]
    if not len(at):
        return codes, kinds, marks
    at = at[is_digit(codes[at + 1]) & ~is_digit(codes[at - 1])]
    spaced = (codes[at - 1] == BLANK) & is_digit(codes[np.maximum(at - 2, 0)]) & (codes[at] == ord("%"))
    at = at[~spaced]
    if not len(at):
        return codes, kinds, marks
    changed, sign = codes.copy(), codes[at]
    moving, to = np.ones(len(at), bool), at.copy()
    while moving.any():
        after = codes[to + 1]
        point = among(after, _POINTS) & is_digit(codes[np.minimum(to + 2, len(codes) - 1)])
        moving &= is_digit(after) | point
        changed[to[moving]] = after[moving]
        to = to + moving
    changed[to] = sign
    kinds = classes(changed)
    return changed, kinds, true_at(kinds & PUNCTUATION > 0)


def _borders(codes: Codes, kinds: Classes, signs: Positions) -> Positions:
    """Where a word and a number touch, and where a word or number touches the sign before it."""
    digits = true_at(kinds & DIGIT > 0)
    if not len(digits) and not len(signs):
        return digits
    after = digits[kinds[digits + 1] & LETTER > 0] + 1
    before = digits[kinds[digits - 1] & LETTER > 0]
    if len(before):
        before = before[~is_particle(codes, kinds, before)]
    return np.concatenate([after, before, signs[kinds[signs + 1] & WORD > 0] + 1])


def without_marks(codes: Codes) -> Codes:
    """Separators and brackets gone, one blank between words and none at the edges.

    What blanks alone keep from its place is brought there: a lone و to the next word, a sign to its number.
    """
    result = np.where(codes <= CLOSE, np.uint32(BLANK), codes)
    blank = result == BLANK
    drop = blank[1:] & (blank[:-1] | (result[:-1] == NEWLINE))
    if drop.any():
        result = result[np.concatenate([[True], ~drop])]
    ends = true_at(result == NEWLINE)[1:] - 1
    lone = true_at(result == ord("و"))
    lone = lone[(result[lone + 1] == BLANK) & (result[lone - 1] <= BLANK)]
    gone = ends[result[ends] == BLANK]
    signs = np.concatenate([true_at(result == sign) for sign in _SIGNS])
    if len(signs):
        signs = signs[(result[signs - 1] == BLANK) & is_digit(result[np.maximum(signs - 2, 0)])]
        gone = np.concatenate([gone, signs - 1])
    if len(lone):
        again = lone[np.isin(lone + 2, lone)]  # و و counts once
        gone = np.concatenate([gone, _before_words(result, lone) + 1, again])
    return np.delete(result, gone) if len(gone) else result


def _before_words(codes: Codes, lone: Positions) -> Positions:
    """Those places of a lone و behind which a word or number stands: a particle on a number takes no second one."""
    fits = codes[lone + 2] != NEWLINE
    letters = np.ones(len(lone), bool)
    for offset in range(2, 2 + _LONGEST_PARTICLE + 1):
        code = codes[np.minimum(lone + offset, len(codes) - 1)]
        digit = is_digit(code)
        fits &= ~(letters & digit) | (offset == 2)
        letters &= (code > BLANK) & ~digit
    joining: Positions = lone[fits]
    return joining
