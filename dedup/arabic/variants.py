"""Step 25, on the words of fuzzy keys: unify spelling variants, names of two words, numbers, units and months.

One word in fifty is in the lexicon. The words of a batch are looked up by hash in one pass; the headlines with a known
word (one in six) become a column of words in which a line feed separates headlines, so that a neighbour is never a word
of another headline. Everything else happens on the few rows of known words, and a step without any is skipped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from dedup.arabic.characters import NEWLINE, in_rows, is_digit, text_of
from dedup.arabic.lexicon import LONGEST_PHRASE, lexicon
from dedup.arabic.magnitudes import unify_magnitudes
from dedup.arabic.numbers import unify_numbers
from dedup.arabic.scores import unify_scores
from dedup.arabic.word_column import WordColumn
from dedup.core.hashing import SubstringHashes, among, distinct, true_at
from dedup.core.text_arrays import BLANK, TextArray, encode

if TYPE_CHECKING:
    import polars as pl

    from dedup.arabic.characters import Mask
    from dedup.arabic.lexicon import Lexicon
    from dedup.core.hashing import Codes, Hashes, Positions

_CURRENCIES = {"$": "دولار", "€": "يورو"}  # without £, the sign of several currencies
# Words between a number and its currency: «$5 مليون» is 5 مليون دولار.
_MULTITUDES = "الف|الفا|الاف|مليون|مليونا|ملايين|مليار|مليارا|مليارات|بليون|بلايين|تريليون|تريليونا|ترليون|تريليونات"
_MONTH_WORDS = np.sort(TextArray.of([f"{particle}شهر" for particle in ("", "و", "ب", "ل")]).hashes())


def unified(codes: Codes) -> pl.Series:
    """Return fuzzy keys, one row each, from the folded headlines of ``characters.fuzzily_folded``."""
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
    affected = TextArray(codes, ends[rows] + 1, ends[rows + 1]).joined(" \n ")
    return keys.scatter(rows, _unified(_with_currencies(affected), known))


def _with_currencies(text: str) -> str:
    """Replace currency signs behind numbers by words."""
    if not any(sign in text for sign in _CURRENCIES):
        return text
    text = re.sub(f"([0-9])([$€]) ({_MULTITUDES})( |$)", r"\1 \3 \2\4", text)
    for sign, name in _CURRENCIES.items():
        text = re.sub(f"([0-9]|(?:^| )(?:{_MULTITUDES}) )[{sign}]", rf"\1 {name} ", text)
    return re.sub("  +", " ", text).strip(" ")


def _unified(text: str, known: Lexicon) -> list[str]:
    """Return the keys of headlines with known words, which come joined by line feeds that count as words."""
    words = WordColumn(encode(text))
    entries = known.words.find(SubstringHashes(words.pool).of(words.start, words.end)).astype(np.int64)
    rows = true_at(entries >= 0)
    entries = entries[rows]
    phrase_months = _unify_spelling(words, known, rows, entries)
    unify_numbers(words, known, rows, entries)
    _join_particles(words, rows[known.particle[entries]])
    _unify_months(words, known, rows, entries, phrase_months)
    keys = words.remaining().joined(" ").split(" \n ")
    borders = true_at(words.pool[words.start] == NEWLINE)
    for step, used in ((unify_magnitudes, known.magnitude), (unify_scores, known.goals)):
        for headline in distinct(borders.searchsorted(rows[used[entries]])).tolist():
            keys[headline] = step(keys[headline])
    return keys


def _unify_spelling(
    words: WordColumn, known: Lexicon, rows: Positions, entries: Positions
) -> tuple[Positions, Positions]:
    """Replace words and phrases by their canonical spelling.

    Returns:
        The rows where month names of two words begin, and their months.
    """
    rewritten = known.rewritten[entries]
    words.replace(rows[rewritten], known.spelled.take(entries[rewritten]))

    servants = rows[known.servant[entries]]
    if len(servants):
        following = words.take(servants + 1)
        third = following.code(2)
        named = (following.code(0) == ord("ا")) & (following.code(1) == ord("ل")) & (third > 0) & ~is_digit(third)
        servants = servants[named]
        words.replace(servants, words.take(servants) + following.take(named))  # عبد الله and عبدالله
        words.drop(servants + 1)

    heads = rows[known.head[entries]]
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
    row, month = (np.concatenate(parts) for parts in zip(*months, strict=True))
    return row[month > 0], month[month > 0]


def _phrases(words: WordColumn, heads: Positions, length: int) -> Hashes:
    """Return the hashes of the phrases of ``length`` words that begin at these rows."""
    blanks = TextArray(np.array([BLANK], np.uint32), np.zeros(len(heads), np.int64), np.ones(len(heads), np.int64))
    text = words.take(heads)
    for offset in range(1, length):
        text = text + blanks + words.take(heads + offset)
    return text.hashes()


def _unify_months(
    words: WordColumn, known: Lexicon, rows: Positions, entries: Positions, phrases: tuple[Positions, Positions]
) -> None:
    """Replace month names of the three systems by one, beside a day, a year, شهر or another name of the month."""
    single = known.month[entries] > 0
    start = np.concatenate([rows[single], phrases[0]])
    if not len(start):
        return
    order = start.argsort(kind="stable")
    start = start[order]
    month = np.concatenate([known.month[entries[single]], phrases[1]])[order]
    span = np.repeat([1, 2], [single.sum(), len(phrases[0])])[order]
    prefix = np.concatenate([known.prefix[entries[single]], np.zeros(len(phrases[0]), np.int64)])[order]

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
    """Return the number that the last digits of each text form, at most four; -1 where it ends in none."""
    value, inside = np.full(len(texts), -1), np.ones(len(texts), bool)
    for digit in range(4):
        code = texts.code(-1 - digit)
        inside &= is_digit(code)
        value = np.where(inside, np.maximum(value, 0) + (code.astype(np.int64) - ord("0")) * 10**digit, value)
    return value


def _is_year(numbers: Positions) -> Mask:
    """Return which numbers are years of news."""
    return (numbers >= 1900) & (numbers <= 2100)


def _join_particles(words: WordColumn, particles: Positions) -> None:
    """Join particles to the numbers behind them: ب 44 becomes ب44."""
    if not len(particles):
        return
    following = words.take(particles + 1)
    joins = is_digit(following.code(0)) & words.kept[particles]
    particles = particles[joins]
    words.replace(particles, words.take(particles) + following.take(joins))
    words.drop(particles + 1)
