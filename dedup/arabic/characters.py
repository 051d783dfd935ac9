"""Headlines as code points: fold the characters of a whole batch by table look-ups.

A batch of titles is one NumPy array of code points with a line feed before, between and after the titles. Nearly every
step of the keys is then a table look-up or a comparison with a neighbour over the whole array. A Polars regular
expression over the same text costs 10 to 60 ms for 86,000 headlines, and compiling one about 0.1 ms, so that forty of
them would be too slow for a single headline.

The tables are filled on demand from the Unicode character database, once for each distinct character, so that nothing
is built at import.

Order matters in three places: the rial sign and the isolated mark glyphs are replaced before NFKC (which turns them
into letters of another alphabet and into spaces); marks are deleted before the second composition (a mark between alef
and a combining hamza hides the hamza); invisible characters are *deleted*, never turned into spaces (they stand inside
words).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from dedup.core.hashing import distinct, true_at
from dedup.core.letters import FUZZY_LETTERS
from dedup.core.text_arrays import CODE_POINTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.core.hashing import Codes, Positions

    Classes = NDArray[np.uint8]
    Mask = NDArray[np.bool_]

LETTER, DIGIT, SPACE, PUNCTUATION, HAMZA, FINAL, TATWEEL = (1 << bit for bit in range(7))
"""Classes of a folded character, as bits. HAMZA (ء ؤ ئ) and FINAL (ى ة, which only end words) are letters too."""

WORD: Final = LETTER | DIGIT
NEWLINE, BLANK, DELETED, TATWEEL_CODE = 0x0A, 0x20, 0x1F, 0x640

INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufe00-\ufe0f\U000e0100-\U000e01ef"
MARKS = (
    "\u0610-\u061a\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
    "\u0898-\u089f\u08ca-\u08e1\u08e3-\u08ff\U00010efa-\U00010eff"
)
_SIGNS = "\u0600-\u0605\u06dd\u06de\u06e9\u08e2"  # number signs and ends of verses: they separate words
LEFTOVERS = "\u0653-\u0655\u0300-\u036f"  # combining characters that NFC could not compose

_LOOKALIKES = dict(zip("کڪیےہھەۀۃٴ", "ككييههههةء", strict=True))
_PUNCTUATION = {
    **dict.fromkeys("{}\"'`´′″‴＂", '"'),  # braces quote in one large daily
    **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
    **dict.fromkeys("|¦‖•●▪◾│┃❘", "|"),
    **dict.fromkeys("…‥", "…"),
    **dict.fromkeys("/\\⁄∕", "/"),
    **dict.fromkeys(",،", ","),
    **dict.fromkeys("٪%", "%"),
    **dict.fromkeys(".٫", "."),
    **{sign: sign for sign in ":+$€£٬#"},
}

_fold = np.zeros(CODE_POINTS, np.uint32)
_class = np.zeros(CODE_POINTS, np.uint8)


def decode(codes: Codes) -> pl.Series:
    """Return the titles of an array of lines (``text_arrays.join_lines``), one row each."""
    return in_rows(text_of(codes))


def text_of(codes: Codes) -> str:
    """Return the text of an array of lines, without the line feeds at its edges."""
    return codes[1:-1].tobytes().decode("utf-32-le")


def in_rows(text: str) -> pl.Series:
    """Return the lines of a text, one row each."""
    return pl.Series("", text.split("\n"), dtype=pl.String)


def folded(codes: Codes) -> Codes:
    """Delete marks and invisible characters; fold look-alikes, digits, case, spaces and punctuation.

    Punctuation keeps one character for each use (``" ( ) - | / : , . % $ € £ +``); other signs become blanks.
    """
    index = codes.astype(np.intp)  # take() by native integers is three times as fast
    result = _fold.take(index)
    if not result.all():
        for code in distinct(codes[result == 0]).tolist():
            _fold[code] = target = ord(_folded_character(chr(code)))
            _class[target] = _class_of(chr(target))
        result = _fold.take(index)
    return without_deleted(result)


def classes(codes: Codes) -> Classes:
    """Return the class of each character of an array from ``folded``."""
    return _class.take(codes.astype(np.intp))


def is_digit(codes: Codes) -> Mask:
    """Return which code points are ASCII digits."""
    return (codes >= ord("0")) & (codes <= ord("9"))


def _folded_character(char: str) -> str:
    """Return the character that replaces ``char``; DELETED to delete it."""
    if char == "\n" or char in _LOOKALIKES or char in _PUNCTUATION:
        return _LOOKALIKES.get(char) or _PUNCTUATION.get(char, char)
    if _within(char, _SIGNS):
        return " "
    if _within(char, INVISIBLE) or _within(char, MARKS) or _within(char, LEFTOVERS):
        return chr(DELETED)
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category[0] in "LMN":
        return next(form for form in (char.casefold(), char.lower(), char.casefold()[0]) if len(form) == 1)
    punctuation = {"Pi": '"', "Pf": '"', "Ps": "(", "Pe": ")", "Pd": "-", "So": "|", "Cf": chr(DELETED)}
    return punctuation.get(category, " ")


def _class_of(char: str) -> int:
    """Return the class of a folded character, as bits."""
    if char in " \n":
        return SPACE
    if char == "ـ":
        return TATWEEL
    if char.isascii() and char.isdigit():
        return DIGIT
    if unicodedata.category(char)[0] in "LMN":
        return LETTER | (HAMZA if char in "ءؤئ" else 0) | (FINAL if char in "ىة" else 0)
    return PUNCTUATION


def _within(char: str, ranges: str) -> bool:
    """Return whether a bracket of a regular expression, given by its inside, matches a character."""
    return any(first <= char <= last for first, last in _bounds(ranges))


@cache
def _bounds(ranges: str) -> list[tuple[str, str]]:
    """Return the first and last character of each range of a regular expression's bracket."""
    parts = re.findall("(.)-(.)|(.)", ranges)
    return [(first or single, last or single) for first, last, single in parts]


def hamza_and_final_letters(codes: Codes, kinds: Classes) -> Codes:
    """Apply steps 13 and 14: one spelling of a hamza before waw, and a blank after ة and ى, which end words.

    Args:
        codes: code points from ``folded``.
        kinds: their classes.
    """
    special = true_at(kinds & (HAMZA | FINAL) > 0)
    special = special[kinds[special + 1] & LETTER > 0]
    if not len(special):
        return codes
    here, after = codes[special], codes[special + 1]
    changed = codes.copy()
    seat = (here == ord("ى")) & (after == ord("ء"))
    changed[special[seat]] = ord("ئ")
    changed[special[seat] + 1] = DELETED
    # A hamza that moved onto its seat counts for the next rule: ىءو is ئو is ؤو.
    following = np.where(seat, codes[np.minimum(special + 2, len(codes) - 1)], after)
    before_waw = ((here == ord("ء")) | (here == ord("ؤ")) | (here == ord("ئ")) | seat) & (following == ord("و"))
    before_waw &= changed[special] != DELETED
    changed[special[before_waw]] = ord("ؤ")

    joined = (kinds[special] & FINAL > 0) & ~seat
    article = (after == ord("ا")) & (codes[np.minimum(special + 2, len(codes) - 1)] == ord("ل"))
    split = joined & ((here == ord("ة")) | article)
    changed[special[joined & ~split]] = ord("ي")
    return without_deleted(insert_blanks(changed, special[split] + 1))


def without_deleted(codes: Codes) -> Codes:
    """Drop the code points that are marked as DELETED."""
    kept = codes != DELETED
    return codes if kept.all() else codes[kept]


def insert_blanks(codes: Codes, positions: Positions) -> Codes:
    """Insert a blank before each position."""
    return np.insert(codes, positions, BLANK) if len(positions) else codes


_change = np.zeros(CODE_POINTS, np.uint32)  # the exclusive or of each letter and its fold
_change[[ord(char) for char in FUZZY_LETTERS]] = [ord(char) ^ ord(fold) for char, fold in FUZZY_LETTERS.items()]


def folded_letters(codes: Codes) -> Codes:
    """Return code points with the letters folded one by one that the fuzzy key folds."""
    folded: Codes = codes ^ _change.take(codes.astype(np.intp))
    return folded


def fuzzily_folded(codes: Codes) -> Codes:
    """Apply steps 19 to 24 to an exact key's code points: fold letters that typists confuse, shorten repeated letters.

    A hamza is never deleted (ماء is not ما), except in a final يء, which is typed يء, ىء, ئ and ي (شيء).
    """
    result = codes ^ _change.take(codes.astype(np.intp))
    seat = true_at(codes == ord("ؤ"))
    if len(seat):
        lone = seat[(_class[codes[seat - 1]] | _class[codes[seat + 1]]) & WORD == 0]
        result[lone] = ord("ؤ")  # a list's letter, not the particle و
    hamza = true_at(codes == ord("ء"))
    if len(hamza):
        before_waw = hamza[result[hamza + 1] == ord("و")]
        while len(before_waw):  # one round; more for ءءو, which no word has but keys of keys must survive
            result[before_waw] = ord("و")
            before_waw = before_waw[codes[before_waw - 1] == ord("ء")] - 1
        final = hamza[(result[hamza] != ord("و"))]
        final = final[(result[final - 1] == ord("ي")) & (_class[codes[final + 1]] & WORD == 0)]
        result[final] = DELETED
        if len(final):
            result = result[result != DELETED]
    same = result[1:] == result[:-1]
    run = true_at(same[1:] & same[:-1])
    if not len(run):
        return result
    run = run[(classes(result[run]) & LETTER > 0) & (result[run] >= 0x600) & (result[run] < 0x700)]  # the Arabic block
    begins = (result[run] == ord("و")) & (_class[result[run - 1]] & WORD == 0)  # particles, never a lone و of three
    run = run[~begins]
    if not len(run):
        return result
    drop = np.zeros(len(result), bool)
    drop[run + 1] = drop[run + 2] = True
    return result[~drop]


folded(np.r_[0x20:0x7F, 0x600:0x700].astype(np.uint32))  # later steps write these letters: their classes must be known
