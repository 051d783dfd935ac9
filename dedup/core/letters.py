"""The one table of Arabic letters that typists confuse, and folding by it."""

from __future__ import annotations

FUZZY_LETTERS = {**dict.fromkeys("أإآٱٲٳ", "ا"), **dict(zip("ىةؤئپڤچژ", "يهويبفجز", strict=True))}
"""The letters that fuzzy keys and comparisons of names fold, each with its replacement."""

IGNORED = dict.fromkeys(("ـ", *map(chr, range(0x64B, 0x653))), "")
"""Tatweel and vowel marks, which folding removes."""

_FOLD = str.maketrans(FUZZY_LETTERS | IGNORED)


def fold_letters(text: str) -> str:
    """Return the text with confusable letters folded, without tatweel and vowel marks, case folded.

    Examples:
        >>> fold_letters("أخبـار الأمّة") == fold_letters("اخبار الامه")
        True
    """
    return text.translate(_FOLD).casefold()
