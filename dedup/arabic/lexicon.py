"""One look-up table of the words that the fuzzy key rewrites, with every particle that can be prefixed to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from dedup.arabic.data_files import folded_table
from dedup.arabic.exact import folded_words
from dedup.arabic.punctuation import PARTICLES
from dedup.arabic.scores import GOALS
from dedup.core.hashing import HashIndex, true_at
from dedup.core.months import canonical_month_names, month_names
from dedup.core.text_arrays import BLANK, TextArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedup.arabic.characters import Mask
    from dedup.core.hashing import Positions

NO_NUMBER, UNIT, TEEN, TEN, HUNDRED, ONE, ORDINAL = range(7)
_NUMBER_KINDS: Final = {
    "unit": UNIT,
    "lady": UNIT,
    "teen": TEEN,
    "ten": TEN,
    "hundred": HUNDRED,
    "one": ONE,
    "ordinal": ORDINAL,
}
_LADY_PARTICLES = ("", "و", "ب")  # لست is «I am not», الست is «the lady»
_BEFORE_MONTHS = ("", "و", "ل", "ب", "ف", "ك")
_SERVANTS = ("عبد", "وعبد", "لعبد", "بعبد", "فعبد")
PREFIXES = ("", *PARTICLES)
WITH_ARTICLE = np.array([prefix.endswith(("ال", "لل")) for prefix in PREFIXES])
LONGEST_PHRASE = 4


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All words with a role, one entry each; n is the number of entries.

    Attributes:
        words: the entry of each word.
        spelled: the canonical spellings, n texts.
        rewritten: whether the canonical spelling differs from the word, shape (n,).
        prefix: the particle of a number or month, as an index into ``prefixes``, shape (n,).
        prefixes: the particles.
        unit: the form of the word behind a number, as an index into ``units`` (0 for none), shape (n,).
        units: the forms of units.
        is_sign: whether each unit is written onto its number, as % is, shape (units,).
        percent: the index of % in ``units``.
        number: the kind of number (NO_NUMBER, UNIT, …), shape (n,).
        value: the number's value, shape (n,).
        month: 1..12, 0 for other words, shape (n,).
        months: the canonical month names.
        head: whether a phrase can begin with the word, shape (n,).
        particle: whether the word is a bare particle, shape (n,).
        servant: whether the word is عبد with or without a particle, shape (n,).
        magnitude: whether the word is a magnitude (مليون, ألفان), shape (n,).
        goals: whether a score in words may begin with the word (هدفين, بثلاثية), shape (n,).
        phrases: the row of each phrase of two to four words.
        phrase_spelled: the canonical spelling of each phrase.
        phrase_month: the month that each phrase names, 0 for spellings.
    """

    words: HashIndex
    spelled: TextArray
    rewritten: NDArray[np.bool_]
    prefix: Positions
    prefixes: TextArray
    unit: Positions
    units: TextArray
    is_sign: NDArray[np.bool_]
    percent: int
    number: Positions
    value: Positions
    month: Positions
    months: TextArray
    head: NDArray[np.bool_]
    particle: NDArray[np.bool_]
    servant: NDArray[np.bool_]
    magnitude: NDArray[np.bool_]
    goals: NDArray[np.bool_]
    phrases: HashIndex
    phrase_spelled: TextArray
    phrase_month: Positions


@dataclass(frozen=True, slots=True)
class _Forms:
    """Words with particles: each form, the index of its particle in PREFIXES, and the row of its data file."""

    texts: TextArray
    prefix: Positions
    row: Positions

    def __len__(self) -> int:
        return len(self.texts)


def with_particles(words: TextArray, prefixes: Sequence[str]) -> tuple[TextArray, Mask]:
    """Prefix each of n words with each of k particles.

    Returns:
        n·k texts, word by word, and whether each word can take the particle, shape (n·k,).
    """
    article = (words.code(0) == ord("ا")) & (words.code(1) == ord("ل"))
    with_lam = np.array([prefix.endswith("ل") for prefix in prefixes])
    with_article = np.array(["ال" in prefix or "لل" in prefix for prefix in prefixes])
    word, prefix = np.divmod(np.arange(len(words) * len(prefixes)), len(prefixes))
    rest = TextArray(words.codes, words.start[word] + (article[word] & with_lam[prefix]), words.end[word])
    return TextArray.of(prefixes).take(prefix) + rest, ~(article[word] & with_article[prefix])


@cache
def lexicon() -> Lexicon:
    """Build the lexicon from the data files, once (some ten thousand forms)."""
    spelled, canonical = _spellings()
    months, month, names = _months()
    numbers, kind, value = _numbers()
    magnitudes = _magnitudes()
    table = folded_table("units", "words", "result").filter(~pl.col("words").str.contains(" ", literal=True))
    units = ["", *table["result"].unique(maintain_order=True)]

    month_phrase = _contain_blanks(months.texts)
    spelled_phrase = _contain_blanks(spelled.texts)
    phrases = TextArray.concat([months.texts.take(month_phrase), spelled.texts.take(spelled_phrase)])
    phrase_hashes, phrase = np.unique(phrases.hashes(), return_index=True)
    phrase_month = np.concatenate([month[months.row[month_phrase]], np.zeros(spelled_phrase.sum(), np.int64)])
    heads = _first_words(phrases)

    roles = [
        spelled.texts.take(~spelled_phrase), months.texts.take(~month_phrase), numbers.texts,
        TextArray.of(table["words"]), TextArray.of(PARTICLES), TextArray.of(_SERVANTS), heads, magnitudes,
        _goals(),
    ]  # fmt: skip
    texts = TextArray.concat(roles)
    hashes, first_text, entry = np.unique(texts.hashes(), return_index=True, return_inverse=True)
    variants, in_months, in_numbers, in_units, particles, servants, in_heads, in_magnitudes, in_goals = np.split(
        entry, np.cumsum([len(role) for role in roles[:-1]])
    )
    words = HashIndex(hashes)

    def column(entries: Positions, values: Positions | int) -> Positions:
        filled = np.zeros(len(hashes), np.int64)
        filled[entries] = values  # of two values for one word, the last counts
        return filled

    pool = TextArray.concat([texts, canonical.take(~spelled_phrase)])
    canonical_text = first_text.copy()
    canonical_text[variants[::-1]] = len(texts) + np.arange(len(variants))[::-1]  # the first listed counts
    following = words.find(pool.take(canonical_text).hashes())
    for _ in range(3):  # a variant may lead to another variant: follow to the last
        canonical_text = np.where(following >= 0, canonical_text[following], canonical_text)
    final = pool.take(canonical_text)
    final_hashes = final.hashes()
    spelled_as = words.find(final_hashes)
    month_row, month_prefix = months.row[~month_phrase], months.prefix[~month_phrase]
    spelled_phrases = (
        TextArray.concat([TextArray.of([""] * month_phrase.sum()), canonical.take(spelled_phrase)])
        .take(phrase)
        .packed()
    )
    return Lexicon(
        words=words,
        spelled=final.packed(),
        rewritten=final_hashes != hashes,
        prefix=column(np.concatenate([in_months, in_numbers]), np.concatenate([month_prefix, numbers.prefix])),
        prefixes=TextArray.of(PREFIXES),
        unit=column(in_units, np.array([units.index(unit) for unit in table["result"]])),
        units=TextArray.of(units),
        is_sign=np.isin(units, ["%", "£"]),
        percent=units.index("%"),
        number=column(in_numbers, kind[numbers.row]),
        value=column(in_numbers, value[numbers.row]),
        month=column(in_months, month[month_row]),
        months=names,
        head=(spelled_as >= 0) & (column(in_heads, 1) > 0)[spelled_as],
        particle=column(particles, 1) > 0,
        servant=column(servants, 1) > 0,
        magnitude=column(in_magnitudes, 1) > 0,
        goals=column(in_goals, 1) > 0,
        phrases=HashIndex(phrase_hashes),
        phrase_spelled=spelled_phrases,
        phrase_month=phrase_month[phrase],
    )


def _contain_blanks(texts: TextArray) -> Mask:
    """Return which texts contain a blank."""
    counts = np.concatenate([[0], np.cumsum(texts.codes == BLANK)])
    contains: Mask = counts[texts.end] > counts[texts.start]
    return contains


def _first_words(phrases: TextArray) -> TextArray:
    """Return the first word of each phrase."""
    blanks = true_at(phrases.codes == BLANK)
    return TextArray(phrases.codes, phrases.start, blanks[np.searchsorted(blanks, phrases.start)])


def _valid_forms(texts: TextArray, fits: Mask, prefixes: Sequence[str] = PREFIXES) -> _Forms:
    """Select the valid forms among the texts of ``with_particles``."""
    row, prefix = np.divmod(true_at(fits), len(prefixes))
    return _Forms(texts.take(fits), np.array([PREFIXES.index(form) for form in prefixes])[prefix], row)


def _spellings() -> tuple[_Forms, TextArray]:
    """Return the spelling variants in all forms, and the canonical spelling of each form."""
    table = folded_table("spelling", "canonical", "variants", "article", listed="variants")
    table = table.filter(pl.col("canonical") != pl.col("variants"))
    canonical = TextArray.of(table["canonical"])
    texts, fits = with_particles(TextArray.of(table["variants"]), PREFIXES)
    spelled, spelled_fits = with_particles(canonical, PREFIXES)
    fits &= np.logical_or.outer((table["article"] == "yes").to_numpy(), ~WITH_ARTICLE).ravel()
    forms = _valid_forms(texts, fits)
    of_form = np.where(spelled_fits, np.arange(len(spelled)), len(spelled) + np.arange(len(spelled)) // len(PREFIXES))
    return forms, TextArray.concat([spelled, canonical]).take(of_form[fits])


def _months() -> tuple[_Forms, Positions, TextArray]:
    """Return the month names in all forms, the month of each name, and the canonical names."""
    months = [month for month in month_names() if month.language == "ar"]
    names = folded_words(pl.Series([month.name for month in months]))
    numbers = np.array([month.number for month in months])
    texts, fits = with_particles(TextArray.of(names), _BEFORE_MONTHS)
    fits &= ~_contain_blanks(texts) | (np.arange(len(texts)) % len(_BEFORE_MONTHS) == 0)
    return (
        _valid_forms(texts, fits, _BEFORE_MONTHS),
        numbers,
        TextArray.of(folded_words(pl.Series(canonical_month_names()))),
    )


def _numbers() -> tuple[_Forms, Positions, Positions]:
    """Return the number words in all forms, and the kind and value of each."""
    table = folded_table("numbers", "word", "value", "kind").with_columns(pl.col("value").cast(pl.Int64))
    texts, fits = with_particles(TextArray.of(table["word"]), PREFIXES)
    ordinal, lady = ((table["kind"] == kind).to_numpy()[:, None] for kind in ("ordinal", "lady"))
    allowed = ~ordinal | WITH_ARTICLE  # كمية is a quantity, not «as a hundred»
    allowed &= ~lady | np.isin(PREFIXES, _LADY_PARTICLES)
    allowed &= np.array(["ك" not in prefix for prefix in PREFIXES])
    kinds = np.array([_NUMBER_KINDS[kind] for kind in table["kind"]])
    return _valid_forms(texts, fits & allowed.ravel()), kinds, table["value"].to_numpy()


def _magnitudes() -> TextArray:
    """Return the words of magnitudes with every particle but the article."""
    words = folded_table("magnitudes", "word", "value", "kind")["word"]
    particles = [prefix for prefix in PREFIXES if not prefix.endswith(("ال", "لل"))]
    return TextArray.of(f"{particle}{word}" for word in words for particle in particles)


def _goals() -> TextArray:
    """Return the words that scores in words begin with."""
    return TextArray.of(f"{particle}{word}" for word in (*GOALS, "اهداف") for particle in ("", "ب"))
