"""Interpret punctuation in headlines, on code points: particles, numbers and separators.

The array comes from ``characters.folded``. Each function visits only the few positions with punctuation or at the edge
of a number, and their neighbours.

A particle of one letter is prefixed to the next word, with or without a tatweel and quotation marks between them
(لـ«سبق»، و"سبق"، بـ 40): these become one word. A bare particle before a blank is joined only if it is و, which no
other word looks like; ب before a number is joined in the fuzzy key.
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
    folded_letters,
    insert_blanks,
    is_digit,
    without_deleted,
)
from dedup.core.hashing import among, true_at
from dedup.core.text_arrays import CODE_POINTS

if TYPE_CHECKING:
    from dedup.arabic.characters import Classes, Mask
    from dedup.core.hashing import Codes, Hashes, Positions

DASH, BAR, DOTS, COLON, SLASH, OPEN, CLOSE = range(1, 8)
"""Codes of the marks that can separate furniture from a headline; ``without_marks`` removes them."""

PARTICLES = tuple(
    conjunction + rest
    for conjunction in ("", "و", "ف")
    for rest in ("", "ال", "ب", "ك", "ل", "لل", "بال", "كال", "فال")
    if conjunction + rest
)
"""The particles that can be prefixed to a word or number."""

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
    """Pack up to four letters into one number, 16 bits each."""
    return sum(ord(char) << (16 * index) for index, char in enumerate(reversed(text)))


_PARTICLE_KEYS = np.array(sorted(_packed(particle) for particle in PARTICLES), np.uint64)
_NOT_BEFORE_QUOTES = np.array([_packed("فك")], np.uint64)  # also a verb: فك «شفرة»
_PARTICLES_OF_L = np.array(sorted(_packed(particle) for particle in ("ل", "ول", "فل")), np.uint64)


def words_ending_at(codes: Codes, kinds: Classes, ends: Positions) -> Hashes:
    """Return the word before each position, packed into one number; 0 for no word and for over four letters."""
    packed = np.zeros(len(ends), np.uint64)
    inside = np.ones(len(ends), bool)
    for back in range(1, _LONGEST_PARTICLE + 1):
        position = np.maximum(ends - back, 0)
        inside &= kinds[position] & LETTER > 0
        packed |= np.where(inside, codes[position].astype(np.uint64) << np.uint64(16 * (back - 1)), np.uint64(0))
    before = kinds[np.maximum(ends - _LONGEST_PARTICLE - 1, 0)]
    return np.where(inside & (before & WORD > 0), np.uint64(0), packed)


def is_particle(codes: Codes, kinds: Classes, ends: Positions) -> Mask:
    """Return whether the word before each position is a particle."""
    return among(words_ending_at(codes, kinds, ends), _PARTICLE_KEYS)


_LEADING_TAGS = ("عاجل",)
_MORE_OF_TAGS = ("الان", "جدا", "وهام")
_TRAILING_TAGS = ("بالفيديو", "بالصور"), ("بالفيديو والصور", "بالصور والفيديو")  # by their number of words
_QUOTED_TAGS = (
    "عاجل", "هام", "بالفيديو", "بالصور", "فيديو", "صور", "شاهد", "خاص", "حصري", "تحديث", "فيديو وصور", "صور وفيديو",
    "تفاصيل", "بالفيديو والصور", "بالصور والفيديو", "انفوجراف", "انفوغراف",
)  # fmt: skip
"""Tags that stand at an edge without a separator, and those that quotation marks set apart."""

_FIRST_OF_TAGS = np.array(sorted({ord(tag[0]) for tag in _LEADING_TAGS}), np.uint32)
_LAST_OF_TAGS = np.array(sorted({ord(tag[-1]) for tags in _TRAILING_TAGS for tag in tags}), np.uint32)


def tags_marked(codes: Codes, kinds: Classes) -> Codes:
    """Put brackets around tags that a hash or quotation marks set apart: «#عاجل» and «عاجل» become (عاجل).

    Whether they are furniture is decided by ``furniture.stripped``.
    """
    marks = true_at(kinds & PUNCTUATION > 0)
    hashes, quotes = marks[codes[marks] == ord("#")], marks[codes[marks] == ord('"')]
    if not len(hashes) and not len(quotes):
        return codes
    changed = codes.copy()
    if len(hashes):
        ends = true_at(kinds & WORD == 0)
        end = ends[ends.searchsorted(hashes + 1)]
        last, blank = codes[end] == NEWLINE, codes[end] == BLANK
        changed[hashes] = np.where(last, ord("|"), np.where(blank, ord("("), BLANK))
        changed[end[blank]] = ord(")")
    quoted = set(folded_letters(codes[quotes + 1]).tolist())
    for tag in (tag for tag in _QUOTED_TAGS if ord(tag[0]) in quoted):
        ends = _tag_ends(codes, quotes + 1, tag)
        found = codes[ends] == ord('"')
        changed[quotes[found]], changed[ends[found]] = ord("("), ord(")")
    return changed


def bare_tags_marked(codes: Codes) -> Codes:
    """Put a bar behind عاجل in front of a piece, and before بالفيديو at its end, where only blanks set them apart.

    Args:
        codes: the result of ``numbers_and_separators``.
    """
    borders = true_at(codes <= BLANK)  # no other code point is as low
    marks = borders[codes[borders] != BLANK]
    changed = codes.copy()
    pieces = len(marks) - 1
    edges = np.concatenate([marks[:-1] + 1, marks[1:] - 1])
    edges = _behind_blanks(codes, edges, np.array([1, -1]).repeat(pieces))
    letters = folded_letters(codes[edges])
    starts = edges[:pieces][among(letters[:pieces], _FIRST_OF_TAGS)]
    lasts = edges[pieces:][among(letters[pieces:], _LAST_OF_TAGS)]
    while len(starts):
        ends = _tag_ends(codes, starts, *_LEADING_TAGS)
        ends = ends[codes[ends] == BLANK]
        starts = _behind_blanks(codes, ends, 1)
        rest = _tag_ends(codes, starts, *_MORE_OF_TAGS)
        more = (rest > starts) & (codes[rest] <= BLANK)
        ends, starts = ends[~more], starts[~more]  # «عاجل الآن:» is a tag of its own
        changed[ends] = BAR
    while len(lasts):
        word = borders.searchsorted(lasts + 1) - 1
        found = []
        for words, tags in enumerate(_TRAILING_TAGS, start=1):
            first = borders[np.maximum(word - words + 1, 0)] + 1
            apart = (first <= lasts) & ((codes[first - 1] == BLANK) | (codes[first - 1] == COLON))
            whole = (_tag_ends(codes, first, *tags) == lasts + 1) & apart
            found.append(first[whole] - 1)
        before = np.concatenate(found)
        changed[before] = BAR
        lasts = _behind_blanks(codes, before, -1)
        changed[lasts[codes[lasts] == COLON]] = BAR  # what stands behind a colon is kept, but not such a tag
    return changed


def _behind_blanks(codes: Codes, at: Positions, step: int | Positions) -> Positions:
    """Return the places, moved over blanks by a step, or each by its own."""
    at = at.copy()
    while (blank := codes[at] == BLANK).any():
        at += step * blank
    return at


def _tag_ends(codes: Codes, starts: Positions, *tags: str) -> Positions:
    """Return where the tag at each place ends, its letters folded as in the fuzzy key; the place itself without one."""
    result = starts.copy()
    if not len(starts):
        return result
    letters = folded_letters(codes[starts])
    for tag in tags:
        which = true_at(letters == ord(tag[0]))
        at = starts[which]
        for char in tag:
            if not len(at):
                break
            here = folded_letters(codes[at]) == ord(char)
            which, at = which[here], at[here] + 1
            while (drawn := (codes[at] == codes[at - 1]) & (codes[at] > BLANK)).any():
                at = at + drawn
        result[which] = at
    return result


def without_tatweel(codes: Codes, kinds: Classes) -> Codes:
    """Apply steps 8 and 9: replace a lone tatweel by a dash, delete all others but those after particles."""
    tatweel = kinds & TATWEEL > 0
    if not tatweel.any():
        return codes
    positions = true_at(tatweel)
    first = positions[~tatweel[positions - 1]]
    last = positions[~tatweel[positions + 1]]
    lone = (kinds[first - 1] & SPACE > 0) & (kinds[last + 1] & SPACE > 0)
    particle = is_particle(codes, kinds, first)
    changed = codes.copy()
    changed[positions] = DELETED
    changed[first[lone]] = ord("-")
    changed[first[particle]] = TATWEEL_CODE
    return without_deleted(changed)


def joined(codes: Codes, kinds: Classes) -> Codes:
    """Apply step 11: join particles to the next word; collapse blanks."""
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
    """Mark the characters to drop between particles, which end at these positions, and their words."""
    stop, marked = ends.copy(), np.zeros(len(ends), bool)
    for _ in range(6):  # quotation marks, blanks and a tatweel; more than six are not one phrase
        across = among(codes[stop], _JOINED_ACROSS)
        marked |= across & (codes[stop] != BLANK)
        stop = stop + across
    letters = _lengths(words)
    quoted = among(codes[ends - letters - 1], _QUOTES)  # «ب» in quotation marks names the letter
    taken = (kinds[stop] & WORD > 0) & marked & ~quoted
    ends, stop, words = ends[taken], stop[taken], words[taken]
    for offset in range(6):
        inside = ends + offset < stop
        drop[ends[inside] + offset] = True
    article = among(words, _PARTICLES_OF_L) & (codes[stop] == ord("ا")) & (codes[stop + 1] == ord("ل"))
    drop[stop[article]] = True  # ل + ال is spelled لل


def _lengths(packed: Hashes) -> Positions:
    """Return the number of letters of packed words."""
    return sum((packed >> np.uint64(16 * index) > 0).astype(np.int64) for index in range(_LONGEST_PARTICLE))  # type: ignore[return-value]  # sum of arrays is an array


def numbers_and_separators(codes: Codes, kinds: Classes) -> Codes:
    """Apply steps 16 and 17: write numbers in one form, mark separators and brackets, blank other punctuation.

    ``1,200`` is 1200 and ``1,5`` is 1.5; ``1.200`` stays, as it can be either. ``: / . -`` stay between
    digits, ``%`` and currency signs follow their number, and a blank is inserted between a word and
    a number that touch, unless the word is a particle.
    """
    position = true_at(kinds & PUNCTUATION > 0)
    if not len(position):
        return insert_blanks(codes, _borders(codes, kinds, position))
    codes, kinds, position = _signs_after_numbers(codes, kinds, position)
    changed = codes.copy()
    here, before, after = codes[position], codes[position - 1], codes[position + 1]
    digit_before, digit_after = is_digit(before), is_digit(after)
    between = digit_before & digit_after
    result = np.full(len(position), BLANK, np.uint32)

    if between.any():
        comma = (here == ord(",")) & between
        result[comma] = np.where(_parts_thousands(codes, position[comma]), DELETED, ord("."))
        result[(here == ord("٬")) & between] = DELETED
        kept = among(here, _KEPT_BETWEEN_DIGITS) & between
        result[kept] = here[kept]

    dash = (here == ord("-")) & ~between
    if dash.any():
        before_that, after_that = codes[np.maximum(position - 2, 0)], codes[np.minimum(position + 2, len(codes) - 1)]
        near_before = digit_before | ((before == BLANK) & is_digit(before_that))
        near_after = digit_after | ((after == BLANK) & is_digit(after_that))
        score = dash & near_before & near_after
        result[score] = ord("-")
        changed[position[score & ~digit_before] - 1] = DELETED
        changed[position[score & ~digit_after] + 1] = DELETED
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
    changed[position] = result
    return without_deleted(insert_blanks(changed, _borders(codes, kinds, position[sign])))


def _parts_thousands(codes: Codes, commas: Positions) -> Mask:
    """Return whether each comma has one to three digits before it and exactly three after it."""
    last = len(codes) - 1
    behind = [is_digit(codes[np.minimum(commas + offset, last)]) for offset in range(1, 5)]
    ahead = is_digit(codes[np.maximum(commas - 4, 0)]) & is_digit(codes[np.maximum(commas - 3, 0)])
    ahead &= is_digit(codes[np.maximum(commas - 2, 0)])
    zero = (codes[commas - 1] == ord("0")) & ~is_digit(codes[np.maximum(commas - 2, 0)])
    parts: Mask = behind[0] & behind[1] & behind[2] & ~behind[3] & ~ahead & ~zero
    return parts


def _signs_after_numbers(codes: Codes, kinds: Classes, marks: Positions) -> tuple[Codes, Classes, Positions]:
    """Rewrite ``%5`` and ``$5`` as ``5%`` and ``5$``; return code points, classes and positions of punctuation."""
    position = marks[among(codes[marks], _SIGNS)]
    if not len(position):
        return codes, kinds, marks
    position = position[is_digit(codes[position + 1]) & ~is_digit(codes[position - 1])]
    spaced = (
        (codes[position - 1] == BLANK) & is_digit(codes[np.maximum(position - 2, 0)]) & (codes[position] == ord("%"))
    )
    position = position[~spaced]
    if not len(position):
        return codes, kinds, marks
    changed, sign = codes.copy(), codes[position]
    moving, target = np.ones(len(position), bool), position.copy()
    while moving.any():
        after = codes[target + 1]
        point = among(after, _POINTS) & is_digit(codes[np.minimum(target + 2, len(codes) - 1)])
        moving &= is_digit(after) | point
        changed[target[moving]] = after[moving]
        target = target + moving
    changed[target] = sign
    kinds = classes(changed)
    return changed, kinds, true_at(kinds & PUNCTUATION > 0)


def _borders(codes: Codes, kinds: Classes, signs: Positions) -> Positions:
    """Return where a word and a number touch, and where a word or number touches the sign before it."""
    digits = true_at(kinds & DIGIT > 0)
    if not len(digits) and not len(signs):
        return digits
    after = digits[kinds[digits + 1] & LETTER > 0] + 1
    before = digits[kinds[digits - 1] & LETTER > 0]
    if len(before):
        before = before[~is_particle(codes, kinds, before)]
    return np.concatenate([after, before, signs[kinds[signs + 1] & WORD > 0] + 1])


def without_marks(codes: Codes) -> Codes:
    """Remove separators and brackets, and all blanks but one between words.

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
    removed = ends[result[ends] == BLANK]
    signs = np.concatenate([true_at(result == sign) for sign in _SIGNS])
    if len(signs):
        signs = signs[(result[signs - 1] == BLANK) & is_digit(result[np.maximum(signs - 2, 0)])]
        removed = np.concatenate([removed, signs - 1])
    if len(lone):
        again = lone[np.isin(lone + 2, lone)]  # و و counts once
        removed = np.concatenate([removed, _before_words(result, lone) + 1, again])
    return np.delete(result, removed) if len(removed) else result


def _before_words(codes: Codes, lone: Positions) -> Positions:
    """Select the positions of a lone و before a word or number; a number with a particle takes no second one."""
    fits = codes[lone + 2] != NEWLINE
    letters = np.ones(len(lone), bool)
    for offset in range(2, 2 + _LONGEST_PARTICLE + 1):
        code = codes[np.minimum(lone + offset, len(codes) - 1)]
        digit = is_digit(code)
        fits &= ~(letters & digit) | (offset == 2)
        letters &= (code > BLANK) & ~digit
    joining: Positions = lone[fits]
    return joining
