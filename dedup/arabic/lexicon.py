"""The words that the fuzzy key rewrites, with every particle that can be written onto them, as one look-up table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from dedup.arabic.data_files import folded_table
from dedup.arabic.exact import folded_words
from dedup.arabic.punctuation import PARTICLES
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
_WITH_ARTICLE = np.array([prefix.endswith(("ال", "لل")) for prefix in PREFIXES])
LONGEST_PHRASE = 4


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Every word that has a role, one entry each; the arrays run along ``words``.

    ``spelled`` is the canonical spelling, ``rewritten`` says that it is another than the word; ``head`` says that a
    phrase can begin with it; ``prefix`` is the particle of a number or month, by its place in ``prefixes``; ``month``
    is 1..12 or 0; ``unit`` is what the word becomes behind a number, by its place in ``units`` (0: nothing), of
    which ``is_sign`` are written onto it, and ``percent`` is %; ``particle`` marks bare particles, ``servant`` عبد.
    ``phrases`` have ``phrase_spelled`` and ``phrase_month`` (0 for spellings); ``months`` are the canonical names.
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
    phrases: HashIndex
    phrase_spelled: TextArray
    phrase_month: Positions


@dataclass(frozen=True, slots=True)
class _Forms:
    """Words with particles: each form, the place of its particle in PREFIXES, and the row of its data file."""

    texts: TextArray
    prefix: Positions
    row: Positions

    def __len__(self) -> int:
        return len(self.texts)


def with_particles(words: TextArray, prefixes: Sequence[str]) -> tuple[TextArray, Mask]:
    """Each of n words with each of k particles, shape (n·k,) word by word, and whether the two go together."""
    article = (words.code(0) == ord("ا")) & (words.code(1) == ord("ل"))
    with_lam = np.array([prefix.endswith("ل") for prefix in prefixes])
    with_article = np.array(["ال" in prefix or "لل" in prefix for prefix in prefixes])
    word, prefix = np.divmod(np.arange(len(words) * len(prefixes)), len(prefixes))
    rest = TextArray(words.codes, words.start[word] + (article[word] & with_lam[prefix]), words.end[word])
    return TextArray.of(prefixes).take(prefix) + rest, ~(article[word] & with_article[prefix])


@cache
def lexicon() -> Lexicon:
    """The lexicon of the data files, built once (some ten thousand forms)."""
    spelled, canonical = _spellings()
    months, month, names = _months()
    numbers, kind, value = _numbers()
    table = folded_table("units", "words", "result").filter(~pl.col("words").str.contains(" ", literal=True))
    units = ["", *table["result"].unique(maintain_order=True)]

    two = _hold_blanks(months.texts)
    of_two = _hold_blanks(spelled.texts)
    phrases = TextArray.chained([months.texts.take(two), spelled.texts.take(of_two)])
    phrase_sums, phrase = np.unique(phrases.hashes(), return_index=True)
    phrase_month = np.concatenate([month[months.row[two]], np.zeros(of_two.sum(), np.int64)])
    heads = _first_words(phrases)

    roles = [
        spelled.texts.take(~of_two), months.texts.take(~two), numbers.texts, TextArray.of(table["words"]),
        TextArray.of(PARTICLES), TextArray.of(_SERVANTS), heads,
    ]  # fmt: skip
    texts = TextArray.chained(roles)
    sums, own, entry = np.unique(texts.hashes(), return_index=True, return_inverse=True)
    variants, in_months, in_numbers, in_units, particles, servants, in_heads = np.split(
        entry, np.cumsum([len(role) for role in roles[:-1]])
    )
    words = HashIndex(sums)

    def column(entries: Positions, values: Positions | int) -> Positions:
        filled = np.zeros(len(sums), np.int64)
        filled[entries] = values  # of two values for one word, the last
        return filled

    pool = TextArray.chained([texts, canonical.take(~of_two)])
    written = own.copy()
    written[variants[::-1]] = len(texts) + np.arange(len(variants))[::-1]  # the first listed counts
    following = words.find(pool.take(written).hashes())
    for _ in range(3):  # a variant of a variant: straight to the last
        written = np.where(following >= 0, written[following], written)
    final = pool.take(written)
    final_sums = final.hashes()
    spelled_as = words.find(final_sums)
    in_one, of_one = months.row[~two], months.prefix[~two]
    spelled_phrases = TextArray.chained([TextArray.of([""] * two.sum()), canonical.take(of_two)]).take(phrase).packed()
    return Lexicon(
        words=words,
        spelled=final.packed(),
        rewritten=final_sums != sums,
        prefix=column(np.concatenate([in_months, in_numbers]), np.concatenate([of_one, numbers.prefix])),
        prefixes=TextArray.of(PREFIXES),
        unit=column(in_units, np.array([units.index(unit) for unit in table["result"]])),
        units=TextArray.of(units),
        is_sign=np.isin(units, ["%", "£"]),
        percent=units.index("%"),
        number=column(in_numbers, kind[numbers.row]),
        value=column(in_numbers, value[numbers.row]),
        month=column(in_months, month[in_one]),
        months=names,
        head=(spelled_as >= 0) & (column(in_heads, 1) > 0)[spelled_as],
        particle=column(particles, 1) > 0,
        servant=column(servants, 1) > 0,
        phrases=HashIndex(phrase_sums),
        phrase_spelled=spelled_phrases.chained([TextArray.of([""] * two.sum()), canonical.take(of_two)])
        .take(phrase)
        .packed(),
        phrase_month=phrase_month[phrase],
    )


def _hold_blanks(texts: TextArray) -> Mask:
    counts = np.concatenate([[0], np.cumsum(texts.codes == BLANK)])
    held: Mask = counts[texts.end] > counts[texts.start]
    return held


def _first_words(phrases: TextArray) -> TextArray:
    blanks = true_at(phrases.codes == BLANK)
    return TextArray(phrases.codes, phrases.start, blanks[np.searchsorted(blanks, phrases.start)])


def _chosen(texts: TextArray, fits: Mask, prefixes: Sequence[str] = PREFIXES) -> _Forms:
    """Those that fit of the texts that ``with_particles`` made."""
    row, prefix = np.divmod(true_at(fits), len(prefixes))
    return _Forms(texts.take(fits), np.array([PREFIXES.index(written) for written in prefixes])[prefix], row)


def _spellings() -> tuple[_Forms, TextArray]:
    """The variants in all forms, and the canonical spelling of each."""
    table = folded_table("spelling", "canonical", "variants", "article", listed="variants")
    table = table.filter(pl.col("canonical") != pl.col("variants"))
    canonical = TextArray.of(table["canonical"])
    texts, fits = with_particles(TextArray.of(table["variants"]), PREFIXES)
    spelled, known = with_particles(canonical, PREFIXES)
    fits &= np.logical_or.outer((table["article"] == "yes").to_numpy(), ~_WITH_ARTICLE).ravel()
    forms = _chosen(texts, fits)
    of_form = np.where(known, np.arange(len(spelled)), len(spelled) + np.arange(len(spelled)) // len(PREFIXES))
    return forms, TextArray.chained([spelled, canonical]).take(of_form[fits])


def _months() -> tuple[_Forms, Positions, TextArray]:
    """The names in all forms, each row's month, and the canonical names."""
    months = [month for month in month_names() if month.language == "ar"]
    names = folded_words(pl.Series([month.name for month in months]))
    numbers = np.array([month.number for month in months])
    texts, fits = with_particles(TextArray.of(names), _BEFORE_MONTHS)
    fits &= ~_hold_blanks(texts) | (np.arange(len(texts)) % len(_BEFORE_MONTHS) == 0)
    return _chosen(texts, fits, _BEFORE_MONTHS), numbers, TextArray.of(folded_words(pl.Series(canonical_month_names())))


def _numbers() -> tuple[_Forms, Positions, Positions]:
    """The numbers in words in all forms, and each row's kind and value."""
    table = folded_table("numbers", "word", "value", "kind").with_columns(pl.col("value").cast(pl.Int64))
    texts, fits = with_particles(TextArray.of(table["word"]), PREFIXES)
    ordinal, lady = ((table["kind"] == kind).to_numpy()[:, None] for kind in ("ordinal", "lady"))
    before = ~ordinal | _WITH_ARTICLE  # كمية is a quantity, not «as a hundred»
    before &= ~lady | np.isin(PREFIXES, _LADY_PARTICLES)
    before &= np.array(["ك" not in prefix for prefix in PREFIXES])
    kinds = np.array([_NUMBER_KINDS[kind] for kind in table["kind"]])
    return _chosen(texts, fits & before.ravel()), kinds, table["value"].to_numpy()
