"""Facts about single words of fuzzy keys: stem, kind and value, side of a polarity axis.

All words are described at once, as pieces of one array of code points (``TextArray``): 57,000 words take 37 ms, one
takes 0.5 ms. As Polars expressions they took 210 ms and 15 ms, too long for an index.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup.arabic import word_frequencies
from dedup.arabic.characters import is_digit
from dedup.arabic.data_files import folded_table, read_table
from dedup.arabic.exact import folded_words
from dedup.arabic.lexicon import PREFIXES, with_particles
from dedup.arabic.stems import contain_digits, skeletons, stem, stems
from dedup.arabic.word_marks import ACTS, counted_nouns, deeds, word_marks
from dedup.core.hashing import HashIndex, among, distinct, true_at
from dedup.core.months import canonical_month_names
from dedup.core.text_arrays import TextArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from dedup.arabic.characters import Mask
    from dedup.core.hashing import Hashes, Positions

KINDS = ("word", "number", "percent", "ordinal", "weekday", "month", "relative_day", "negation", "place")
"""The kinds of words; ``WordFacts.kind`` is an index into them."""

_NUMBER, _PERCENT, _ORDINAL, _PLACE = (KINDS.index(kind) for kind in ("number", "percent", "ordinal", "place"))
_ARTICLES = ("", "بال", "كال", "فال", "ال", "لل", "ب", "ك", "ل")
_PARTICLES = tuple(dict.fromkeys(first + article for first in ("", "و", "ف") for article in _ARTICLES))
_BEFORE_NUMBERS = HashIndex(TextArray.of(_PARTICLES).hashes())
_WITH_ARTICLE = np.array(["ال" in particle or "لل" in particle for particle in _PARTICLES])  # the 5th is an ordinal
_NUMBER_CHARACTERS = np.sort(TextArray.of("0123456789.,:/+-").codes)
_FUTURE = ("س", "وس", "فس")


@dataclass(frozen=True, slots=True)
class WordFacts:
    """The facts of n words.

    Attributes:
        stem: the light stem, for evidence and blocking only, never for keys; a number is its own stem, without
            particles, and a people has its country's.
        skeleton: see ``stems.skeletons``.
        kind: index into KINDS, shape (n,).
        value: an ordinal's rank with -1 for the last, weekday 0..6 from Monday, month 1..12; NaN for other words and
            for numbers in digits, shape (n,).
        axis: index into ``axes()``, -1 for most words, shape (n,).
        side: +1 or -1 where there is an axis, else 0, shape (n,).
        marks: bits of ``word_marks``, shape (n,).
        acts: bit a is set where the word does act a of ``word_marks.ACTS``, shape (n,).
        deed: index into ``word_marks.deeds()``, -1 for most words, shape (n,).
        alternative: 1 and the row of ``alternatives()`` that the word names, 0 for most words, and for those of a kind
            of their own, shape (n,).
    """

    stem: TextArray
    skeleton: TextArray
    kind: NDArray[np.uint8]
    value: NDArray[np.float64]
    axis: NDArray[np.int8]
    side: NDArray[np.int8]
    marks: NDArray[np.uint8]
    acts: NDArray[np.uint16]
    deed: NDArray[np.int8]
    alternative: NDArray[np.uint16]


def describe(words: pl.Series) -> pl.DataFrame:
    """Return the facts of a column of words as a readable frame.

    Returns:
        One row per word, in order: ``word``, ``stem``, ``skeleton``, ``kind`` (one of KINDS), ``value`` (as in
        WordFacts, and the number itself; null for other words, scores and clock times), ``axis``, ``side``, ``deed``,
        ``alternative`` (a member of ``alternatives``; all four null for most words), ``acts`` (names of
        ``word_marks.ACTS``).

    Examples:
        >>> describe(pl.Series(["الثالثه", "5%"])).select("stem", "kind", "value").rows()
        [('ثالث', 'ordinal', 3.0), ('5%', 'percent', 5.0)]
    """
    facts = word_facts(TextArray.of(words))
    stemmed = pl.Series(facts.stem.strings(), dtype=pl.String)
    in_digits = stemmed.str.strip_suffix("%").cast(pl.Float64, strict=False).to_numpy()
    is_number = np.isin(facts.kind, [_NUMBER, _PERCENT, _ORDINAL]) & np.isnan(facts.value)
    return pl.DataFrame(
        {
            "word": words,
            "stem": stemmed,
            "skeleton": pl.Series(facts.skeleton.strings(), dtype=pl.String),
            "kind": [KINDS[kind] for kind in facts.kind],
            "value": pl.Series(np.where(is_number, in_digits, facts.value)).fill_nan(None),
            "axis": pl.Series([axes()[axis] if axis >= 0 else None for axis in facts.axis], dtype=pl.String),
            "side": pl.Series([side or None for side in facts.side.tolist()], dtype=pl.Int8),
            "deed": pl.Series([deeds()[deed] if deed >= 0 else None for deed in facts.deed], dtype=pl.String),
            "alternative": pl.Series([None, *alternatives()["member"]], dtype=pl.String).gather(facts.alternative),
            "acts": [[act for bit, act in enumerate(ACTS) if acts >> bit & 1] for acts in facts.acts.tolist()],
        },
        schema_overrides={"kind": pl.String, "acts": pl.List(pl.String)},
    )


def word_facts(words: TextArray) -> WordFacts:
    """Compute the facts of each word of a fuzzy key; ``vocabulary`` calls this once for each distinct word."""
    words = words.packed()
    plain = stems(words, word_frequencies.vocabulary())
    hashes, stem_hashes = words.hashes(), plain.hashes()
    marked, nouns = word_marks(words, plain, hashes, stem_hashes), counted_nouns()
    listed, (named, countries) = _listed_words(), _named_places()
    entry, place = listed.words.find(hashes), named.find(stem_hashes)
    kind, value, axis, side = listed.kind[entry], listed.value[entry], listed.axis[entry], listed.side[entry]
    alternative, unlisted = listed.alternative[entry], entry < 0
    kind[unlisted], value[unlisted], axis[unlisted], side[unlisted], alternative[unlisted] = 0, np.nan, -1, 0, 0
    kind[(kind == 0) & (place >= 0)] = _PLACE
    codes = np.concatenate([plain.codes, countries.codes, nouns.codes, words.codes])
    before_nouns = len(plain.codes) + len(countries.codes)
    start, end = (
        np.where(
            place >= 0,
            of_place[place] + len(plain.codes),
            np.where(marked.noun >= 0, of_noun[marked.noun] + before_nouns, of_word),
        )
        for of_place, of_noun, of_word in (
            (countries.start, nouns.start, plain.start),
            (countries.end, nouns.end, plain.end),
        )
    )
    if (numeric := true_at(contain_digits(words))).size:
        counted, first, particle, percent = _numbers(words, numeric)
        shift = len(codes) - len(words.codes)
        start[counted], end[counted] = first + shift, words.end[counted] + shift
        kind[counted] = np.where(percent, _PERCENT, np.where(_WITH_ARTICLE[particle], _ORDINAL, _NUMBER))
        value[counted] = np.nan
    alternative[(kind > 0) & (kind != _PLACE)] = 0  # غربي is of الغربية and the west
    stem = TextArray(codes, start, end).packed()
    return WordFacts(
        stem, skeletons(stem), kind, value, axis, side, marked.marks, marked.acts, marked.deed, alternative
    )


def _numbers(words: TextArray, rows: Positions) -> tuple[Positions, Positions, Positions, Mask]:
    """Select the numbers among words with a digit.

    Returns:
        Their rows, where the digits begin, the index of the particle, and whether % ends them.
    """
    digits = true_at(is_digit(words.codes))
    first = digits[digits.searchsorted(words.start[rows])]
    percent = words.take(rows).code(-1) == ord("%")
    particle = _BEFORE_NUMBERS.find(TextArray(words.codes, words.start[rows], first).hashes())
    foreign = np.concatenate([[0], (~among(words.codes, _NUMBER_CHARACTERS)).cumsum()])
    clean = (foreign[words.end[rows] - percent] == foreign[first]) & (particle >= 0)
    return rows[clean], first[clean], particle[clean].astype(np.int64), percent[clean]


@cache
def axes() -> tuple[str, ...]:
    """Return the names of all polarity axes, at most 64, in a fixed order."""
    return tuple(read_table("axes", "axis", "side", "words")["axis"].unique().sort())


@cache
def alternatives() -> pl.DataFrame:
    """Return the members of all classes of alternatives, in order: ``class``, ``rule`` and ``member``."""
    return read_table("alternatives", "class", "rule", "member", "words").drop("words")


@cache
def _named_places() -> tuple[HashIndex, TextArray]:
    """Return the stems that name a place, and for each the stem that stands for that place."""
    listed = folded_table("places", "place", "words", listed="words")
    words, places = (stem(listed[column], word_frequencies.vocabulary()) for column in ("words", "place"))
    place_of = dict(zip(reversed(words.to_list()), reversed(places.to_list()), strict=True))  # the first listed counts
    return HashIndex(TextArray.of(place_of).hashes()), TextArray.of(place_of.values())


@dataclass(frozen=True, slots=True)
class ListedWords:
    """The words of the data files in all their forms, with their columns of ``WordFacts``."""

    words: HashIndex
    kind: NDArray[np.uint8]
    value: NDArray[np.float64]
    axis: NDArray[np.int8]
    side: NDArray[np.int8]
    alternative: NDArray[np.uint16]


@cache
def _listed_words() -> ListedWords:
    kinds, sides = _kinds_of_words(), _sides_of_words()
    kind_forms, kind_of_form = _in_all_forms(kinds, PREFIXES)
    side_forms, side_of_form = _in_all_forms(sides, (*PREFIXES, *_FUTURE))
    hashes = distinct(np.concatenate([kind_forms, side_forms]))
    kind, value, alternative = (
        np.zeros(len(hashes), np.uint8),
        np.full(len(hashes), np.nan),
        np.zeros(len(hashes), np.uint16),
    )
    axis, side = np.full(len(hashes), -1, np.int8), np.zeros(len(hashes), np.int8)
    rows, columns = hashes.searchsorted(kind_forms), zip(*kinds.values(), strict=True)
    kind[rows], value[rows], alternative[rows] = (np.array(column)[kind_of_form] for column in columns)
    rows = hashes.searchsorted(side_forms)
    axis[rows], side[rows] = (np.array(column)[side_of_form] for column in zip(*sides.values(), strict=True))
    return ListedWords(HashIndex(hashes), kind, value, axis, side, alternative)


def _kinds_of_words() -> dict[str, tuple[int, float, int]]:
    """Return kind, value and alternative of the words of closed classes."""
    listed: dict[str, tuple[int, float, int]] = {}
    for words, kind, value in folded_table("words", "words", "kind", "value", listed="words").iter_rows():
        listed.setdefault(words, (KINDS.index(kind), np.nan if value is None else float(value), 0))
    for number, word in enumerate(folded_words(pl.Series(canonical_month_names())), start=1):
        listed.setdefault(word, (KINDS.index("month"), float(number), 0))
    members = {member: row for row, member in enumerate(alternatives().select("class", "member").iter_rows(), start=1)}
    columns = ("class", "rule", "member", "words")
    for name, _, member, words in folded_table("alternatives", *columns, listed="words").iter_rows():
        listed.setdefault(words, (0, np.nan, members[name, member]))
    return listed


def _sides_of_words() -> dict[str, tuple[int, int]]:
    """Return axis and side of the words that take a side."""
    listed: dict[str, tuple[int, int]] = {}
    for axis, side, words in folded_table("axes", "axis", "side", "words", listed="words").iter_rows():
        listed.setdefault(words, (axes().index(axis), int(side)))
    return listed


def _in_all_forms(words: Iterable[str], prefixes: Sequence[str]) -> tuple[Hashes, Positions]:
    """Return the hashes of words with every particle, and the row of each form's word.

    Of two words with one form, the one with the shorter particle counts.
    """
    listed = TextArray.of(words)
    forms, fits = with_particles(listed, prefixes)
    by_particle = np.arange(len(forms)).reshape(len(listed), len(prefixes)).T.ravel()
    by_particle = by_particle[fits[by_particle]]
    hashes, first = np.unique(forms.hashes()[by_particle], return_index=True)
    return hashes, by_particle[first] // len(prefixes)
