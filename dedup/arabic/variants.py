"""Step 25, on the words of fuzzy keys: spelling variants, names of two words, numbers, units and months.

One word in fifty has a role here. The words of a batch are looked up by their hashes in one pass; the headlines in
which one is known (one in six) become a column of words in which a line feed stands between the headlines, so that a
look at the neighbours never crosses into another headline. All else happens on the few positions that were found, and
a step for which there are none is left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from dedup.arabic.characters import NEWLINE, in_rows, is_digit, text_of
from dedup.arabic.lexicon import LONGEST_PHRASE, lexicon
from dedup.arabic.numbers import unify_numbers
from dedup.arabic.word_column import WordColumn
from dedup.core.hashing import SubstringHashes, among, distinct, true_at
from dedup.core.text_arrays import BLANK, TextArray, encode

if TYPE_CHECKING:
    import polars as pl

    from dedup.arabic.characters import Mask
    from dedup.arabic.lexicon import Lexicon
    from dedup.core.hashing import Codes, Hashes, Positions

_CURRENCIES = {"$": "دولار", "€": "يورو"}  # £ is left out: it is more than one currency
# «$5 مليون» is 5 مليون دولار: the words that stand between a number and its currency.
_MULTITUDES = "الف|الفا|الاف|مليون|مليونا|ملايين|مليار|مليارا|مليارات|بليون|بلايين|تريليون|تريليونا|ترليون|تريليونات"
_MONTH_WORDS = np.sort(TextArray.of([f"{particle}شهر" for particle in ("", "و", "ب", "ل")]).hashes())


def unified(codes: Codes) -> pl.Series:
    """Fuzzy keys, from the folded headlines that ``characters.fuzzily_folded`` made."""
    text, known = text_of(codes), lexicon()
    keys = in_rows(text)
    edges = true_at(codes <= BLANK)
    hit = known.words.find(SubstringHashes(codes).of(edges[:-1] + 1, edges[1:])) >= 0
    hits = edges[:-1][hit]
    for sign in _CURRENCIES:
        if sign in text:
            hits = np.concatenate([hits, true_at(codes == ord(sign))])
    if not len(hits):
        return keys
    ends = edges[codes[edges] == NEWLINE]
    rows = distinct(ends.searchsorted(hits, side="right")) - 1
    some = TextArray(codes, ends[rows] + 1, ends[rows + 1]).joined(" \n ")
    return keys.scatter(rows, _unified(_with_currencies(some), known))


def _with_currencies(text: str) -> str:
    """Signs of currencies behind numbers as words."""
    if not any(sign in text for sign in _CURRENCIES):
        return text
    text = re.sub(f"([0-9])([$€]) ({_MULTITUDES})( |$)", r"\1 \3 \2\4", text)
    for sign, name in _CURRENCIES.items():
        text = re.sub(f"([0-9]|(?:^| )(?:{_MULTITUDES}) )[{sign}]", rf"\1 {name} ", text)
    return re.sub("  +", " ", text).strip(" ")


def _unified(text: str, known: Lexicon) -> list[str]:
    """``unified`` for headlines in which something is known, a line feed between two of them as if it were a word."""
    words = WordColumn(encode(text))
    entries = known.words.find(SubstringHashes(words.pool).of(words.start, words.end)).astype(np.int64)
    places = true_at(entries >= 0)
    found = entries[places]
    phrase_months = spell(words, known, places, found)
    unify_numbers(words, known, places, found)
    _join_particles(words, places[known.particle[found]])
    unify_months(words, known, places, found, phrase_months)
    return words.remaining().joined(" ").split(" \n ")


def spell(words: WordColumn, known: Lexicon, places: Positions, found: Positions) -> tuple[Positions, Positions]:
    """Canonical spellings of words and phrases; returns where month names of two words stand, and which they are."""
    rewritten = known.rewritten[found]
    words.replace(places[rewritten], known.spelled.take(found[rewritten]))

    servants = places[known.servant[found]]
    if len(servants):
        following = words.take(servants + 1)
        third = following.code(2)
        named = (following.code(0) == ord("ا")) & (following.code(1) == ord("ل")) & (third > 0) & ~is_digit(third)
        servants = servants[named]
        words.replace(servants, words.take(servants) + following.take(named))  # عبد الله and عبدالله
        words.drop(servants + 1)

    heads = places[known.head[found]]
    months = [(heads[:0], heads[:0])]
    for length in range(LONGEST_PHRASE, 1, -1):
        heads = heads[words.kept[heads]]
        if not len(heads):
            break
        phrase = known.phrases.find(_phrases(words, heads, length))
        months.append((heads[phrase >= 0], known.phrase_month[phrase[phrase >= 0]]))
        spelled = (phrase >= 0) & (known.phrase_month[phrase] == 0)
        start = heads[spelled]
        words.replace(start, known.phrase_spelled.take(phrase[spelled]))
        for offset in range(1, length):
            words.drop(start + offset)
        heads = heads[~spelled]
    at, month = (np.concatenate(parts) for parts in zip(*months, strict=True))
    return at[month > 0], month[month > 0]


def _phrases(words: WordColumn, heads: Positions, length: int) -> Hashes:
    """The sums of the phrases of so many words that begin at these places."""
    blanks = TextArray(np.array([BLANK], np.uint32), np.zeros(len(heads), np.int64), np.ones(len(heads), np.int64))
    text = words.take(heads)
    for offset in range(1, length):
        text = text + blanks + words.take(heads + offset)
    return text.hashes()


def unify_months(
    words: WordColumn, known: Lexicon, places: Positions, found: Positions, phrases: tuple[Positions, Positions]
) -> None:
    """Month names of the three systems to one, beside a day, a year, شهر or another name of the month."""
    single = known.month[found] > 0
    start = np.concatenate([places[single], phrases[0]])
    if not len(start):
        return
    order = start.argsort(kind="stable")
    start = start[order]
    month = np.concatenate([known.month[found[single]], phrases[1]])[order]
    span = np.repeat([1, 2], [single.sum(), len(phrases[0])])[order]
    prefix = np.concatenate([known.prefix[found[single]], np.zeros(len(phrases[0]), np.int64)])[order]

    kept = true_at(words.kept)
    behind = kept.searchsorted(start) - 1
    before = words.take(np.where(behind < 0, -1, kept[behind]))
    day, year = _number(before), _number(words.take(start + span))
    dated = ((day >= 1) & (day <= 31)) | _is_year(day) | among(before.hashes(), _MONTH_WORDS) | _is_year(year)
    twin = np.r_[(start[1:] == start[:-1] + span[:-1]) & (month[1:] == month[:-1]), False]
    second = np.r_[False, twin[:-1]]
    sure = dated | twin | second
    words.drop((start + 1)[sure & (span == 2)])
    words.drop(start[second])
    words.replace(start[sure], known.prefixes.take(prefix[sure]) + known.months.take(month[sure] - 1))


def _number(texts: TextArray) -> Positions:
    """The number in the last digits of each text, four at most; -1 where it ends in none."""
    value, inside = np.full(len(texts), -1), np.ones(len(texts), bool)
    for place in range(4):
        code = texts.code(-1 - place)
        inside &= is_digit(code)
        value = np.where(inside, np.maximum(value, 0) + (code.astype(np.int64) - ord("0")) * 10**place, value)
    return value


def _is_year(numbers: Positions) -> Mask:
    return (numbers >= 1900) & (numbers <= 2100)


def _join_particles(words: WordColumn, particles: Positions) -> None:
    """ب 44 as ب44."""
    if not len(particles):
        return
    following = words.take(particles + 1)
    joins = is_digit(following.code(0)) & words.kept[particles]
    particles = particles[joins]
    words.replace(particles, words.take(particles) + following.take(joins))
    words.drop(particles + 1)
