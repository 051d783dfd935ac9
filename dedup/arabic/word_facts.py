"""What single words of fuzzy keys say: their stem, their kind and value, their side of a question.

All is made for many words at once, as pieces of one array of code points (``TextArray``): 57,000 words take 37 ms,
and one 0.5 ms. As Polars expressions they took 210 ms and 15 ms, for which an index cannot wait.
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
from dedup.arabic.lexicon import PREFIXES, with_particles
from dedup.arabic.stems import contain_digits, skeletons, stem, stems
from dedup.core.hashing import HashIndex, among, distinct, true_at
from dedup.core.text_arrays import TextArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from dedup.arabic.characters import Mask
    from dedup.core.hashing import Hashes, Positions

KINDS = (
    "word", "number", "percent", "ordinal", "weekday", "month", "relative_day", "negation", "place",
    "denial", "reaction", "opening", "outcome",
)  # fmt: skip
"""What a word can be."""

_NUMBER, _PERCENT, _ORDINAL, _PLACE = (KINDS.index(kind) for kind in ("number", "percent", "ordinal", "place"))
_ARTICLES = ("", "بال", "كال", "فال", "ال", "لل", "ب", "ك", "ل")
_PARTICLES = tuple(dict.fromkeys(first + article for first in ("", "و", "ف") for article in _ARTICLES))
_BEFORE_NUMBERS = HashIndex(TextArray.of(_PARTICLES).hashes())
_WITH_ARTICLE = np.array(["ال" in particle or "لل" in particle for particle in _PARTICLES])  # the 5th is an ordinal
_OF_NUMBERS = np.sort(TextArray.of("0123456789.,:/+-").codes)


@dataclass(frozen=True, slots=True)
class WordFacts:
    """What n words say.

    Attributes:
        stem: for matching evidence and blocking only, never for keys; a number is its own stem, without particles,
            and a people has its country's.
        skeleton: see ``stems.skeletons``.
        kind: index into KINDS, shape (n,).
        value: an ordinal's rank with -1 for the last, weekday 0..6 from Monday, month 1..12; NaN where there is none
            and for numbers in digits, shape (n,).
        axis: index into ``axes()``, -1 for most words, shape (n,).
        side: +1 or -1 where there is an axis, else 0, shape (n,).
    """

    stem: TextArray
    skeleton: TextArray
    kind: NDArray[np.uint8]
    value: NDArray[np.float64]
    axis: NDArray[np.int8]
    side: NDArray[np.int8]


def describe(words: pl.Series) -> pl.DataFrame:
    """What each word of a column says, to be read.

    Returns:
        One row per word, in order: ``word``, ``stem``, ``skeleton``, ``kind`` (one of KINDS), ``value`` (as in
        WordFacts, and the number itself; null where there is none, as in scores and clock times), ``axis``, ``side``,
        null for most words.
    """
    told = word_facts(TextArray.of(words))
    stemmed = pl.Series(told.stem.strings(), dtype=pl.String)
    written = stemmed.str.strip_suffix("%").cast(pl.Float64, strict=False).to_numpy()
    number = np.isin(told.kind, [_NUMBER, _PERCENT, _ORDINAL]) & np.isnan(told.value)
    return pl.DataFrame(
        {
            "word": words,
            "stem": stemmed,
            "skeleton": pl.Series(told.skeleton.strings(), dtype=pl.String),
            "kind": [KINDS[kind] for kind in told.kind],
            "value": pl.Series(np.where(number, written, told.value)).fill_nan(None),
            "axis": pl.Series([axes()[axis] if axis >= 0 else None for axis in told.axis], dtype=pl.String),
            "side": pl.Series([side or None for side in told.side.tolist()], dtype=pl.Int8),
        },
        schema_overrides={"kind": pl.String},
    )


def word_facts(words: TextArray) -> WordFacts:
    """What each word of a fuzzy key says; made once for each distinct word."""
    words = words.packed()
    plain = stems(words, word_frequencies.vocabulary())
    closed, (named, countries) = _closed(), _named_places()
    at, place = closed.words.find(words.hashes()), named.find(plain.hashes())
    kind, value, axis, side = closed.kind[at], closed.value[at], closed.axis[at], closed.side[at]
    open_ = at < 0
    kind[open_], value[open_], axis[open_], side[open_] = 0, np.nan, -1, 0
    kind[(kind == 0) & (place >= 0)] = _PLACE
    codes = np.concatenate([plain.codes, countries.codes, words.codes])
    start, end = (
        np.where(place >= 0, theirs[place] + len(plain.codes), own)
        for theirs, own in ((countries.start, plain.start), (countries.end, plain.end))
    )
    if (numeric := true_at(contain_digits(words))).size:
        counted, first, particle, sign = _numbers(words, numeric)
        shift = len(codes) - len(words.codes)
        start[counted], end[counted] = first + shift, words.end[counted] + shift
        kind[counted] = np.where(sign, _PERCENT, np.where(_WITH_ARTICLE[particle], _ORDINAL, _NUMBER))
        value[counted] = np.nan
    stem = TextArray(codes, start, end).packed()
    return WordFacts(stem, skeletons(stem), kind, value, axis, side)


def _numbers(words: TextArray, which: Positions) -> tuple[Positions, Positions, Positions, Mask]:
    """The numbers among words with a digit: which, where the digits begin, the particle, whether % ends them."""
    digits = true_at(is_digit(words.codes))
    first = digits[digits.searchsorted(words.start[which])]
    sign = words.take(which).code(-1) == ord("%")
    particle = _BEFORE_NUMBERS.find(TextArray(words.codes, words.start[which], first).hashes())
    other = np.concatenate([[0], (~among(words.codes, _OF_NUMBERS)).cumsum()])
    clean = (other[words.end[which] - sign] == other[first]) & (particle >= 0)
    return which[clean], first[clean], particle[clean].astype(np.int64), sign[clean]


@cache
def axes() -> tuple[str, ...]:
    """The names of all axes, at most 64, in a fixed order."""
    return tuple(read_table("axes", "axis", "side", "words")["axis"].unique().sort())


@cache
def _named_places() -> tuple[HashIndex, TextArray]:
    """The places that listed stems name: the stems, and the stem that stands for each one's place."""
    listed = folded_table("places", "place", "words", listed="words")
    words, named = (stem(listed[column], word_frequencies.vocabulary()) for column in ("words", "place"))
    places = dict(zip(reversed(words.to_list()), reversed(named.to_list()), strict=True))  # the first listed counts
    return HashIndex(TextArray.of(places).hashes()), TextArray.of(places.values())


@dataclass(frozen=True, slots=True)
class Closed:
    """The listed words in all their forms: kind (an index into KINDS, 0 for none), axis (-1 for none) and side."""

    words: HashIndex
    kind: NDArray[np.uint8]
    value: NDArray[np.float64]
    axis: NDArray[np.int8]
    side: NDArray[np.int8]


@cache
def _closed() -> Closed:
    kinds, sides = _kinds_of_words(), _sides_of_words()
    of_kinds, kind_of = _in_all_forms(kinds, PREFIXES)
    of_sides, side_of = _in_all_forms(sides, (*PREFIXES, "س", "وس", "فس"))
    sums = distinct(np.concatenate([of_kinds, of_sides]))
    kind, value = np.zeros(len(sums), np.uint8), np.full(len(sums), np.nan)
    axis, side = np.full(len(sums), -1, np.int8), np.zeros(len(sums), np.int8)
    at = sums.searchsorted(of_kinds)
    kind[at], value[at] = (np.array(told)[kind_of] for told in zip(*kinds.values(), strict=True))
    at = sums.searchsorted(of_sides)
    axis[at], side[at] = (np.array(told)[side_of] for told in zip(*sides.values(), strict=True))
    return Closed(HashIndex(sums), kind, value, axis, side)


def _kinds_of_words() -> dict[str, tuple[int, float]]:
    """Kind and value of the words of closed classes."""
    listed: dict[str, tuple[int, float]] = {}
    for words, kind, value in folded_table("words", "words", "kind", "value", listed="words").iter_rows():
        listed.setdefault(words, (KINDS.index(kind), np.nan if value is None else float(value)))
    canonical: set[str] = set()
    for number, word in folded_table("months", "number", "name").iter_rows():
        if number not in canonical:
            listed.setdefault(word, (KINDS.index("month"), float(number)))
        canonical.add(number)
    return listed


def _sides_of_words() -> dict[str, tuple[int, int]]:
    """Axis and side of the words that take one."""
    listed: dict[str, tuple[int, int]] = {}
    for axis, side, words in folded_table("axes", "axis", "side", "words", listed="words").iter_rows():
        listed.setdefault(words, (axes().index(axis), int(side)))
    return listed


def _in_all_forms(words: Iterable[str], prefixes: Sequence[str]) -> tuple[Hashes, Positions]:
    """The sums of words with every particle, and whose form each is; of two with one form, the shorter particle's."""
    listed = TextArray.of(words)
    forms, fits = with_particles(listed, prefixes)
    by_particle = np.arange(len(forms)).reshape(len(listed), len(prefixes)).T.ravel()
    by_particle = by_particle[fits[by_particle]]
    sums, first = np.unique(forms.hashes()[by_particle], return_index=True)
    return sums, by_particle[first] // len(prefixes)
