"""The words that the fuzzy key rewrites, with every particle that can be written onto them, as one look-up table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from dedup.arabic.punctuation import PARTICLES
from dedup.arabic.tables import folded_words, read_table
from dedup.arabic.texts import Texts
from dedup.hashing import Places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedup.hashing import Positions

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
_PLAIN = ("value", "kind", "number", "article")  # columns of data files that are no Arabic text
PREFIXES = ("", *PARTICLES)
_PREFIXES_WITHOUT_ARTICLE = tuple(prefix for prefix in PREFIXES if not prefix.endswith(("ال", "لل")))
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

    words: Places
    spelled: Texts
    rewritten: NDArray[np.bool_]
    prefix: Positions
    prefixes: Texts
    unit: Positions
    units: Texts
    is_sign: NDArray[np.bool_]
    percent: int
    number: Positions
    value: Positions
    month: Positions
    months: Texts
    head: NDArray[np.bool_]
    particle: NDArray[np.bool_]
    servant: NDArray[np.bool_]
    phrases: Places
    phrase_spelled: Texts
    phrase_month: Positions


def with_particles(word: str, prefixes: Sequence[str] = PREFIXES) -> list[tuple[str, str]]:
    """Each particle that goes together with a word, and the word with it."""
    if not word.startswith("ال"):
        return [(prefix, prefix + word) for prefix in prefixes]
    return [
        (prefix, f"{prefix}ل{word[2:]}" if prefix.endswith("ل") else prefix + word)
        for prefix in prefixes
        if "ال" not in prefix and "لل" not in prefix
    ]


@cache
def lexicon() -> Lexicon:
    """The lexicon of the data files, built once (some ten thousand forms)."""
    rows, phrases, months = forms()
    heads = {phrase.split(" ")[0] for phrase in phrases}

    def column(role: str, missing: object) -> list[Any]:
        return [roles.get(role, missing) for roles in rows.values()]

    spelled = [roles.get("spelled") or word for word, roles in rows.items()]
    units = ["", *dict.fromkeys(unit for unit in column("unit", "") if unit)]
    place = {prefix: at for at, prefix in enumerate(PREFIXES)}
    texts, canonical = Texts.of(rows), Texts.of(spelled)
    words = texts.sums()
    return Lexicon(
        words=Places(words),
        spelled=canonical,
        rewritten=canonical.sums() != words,
        prefix=np.array([place[prefix] for prefix in column("prefix", "")]),
        prefixes=Texts.of(PREFIXES),
        unit=np.array([units.index(unit) for unit in column("unit", "")]),
        units=Texts.of(units),
        is_sign=np.isin(units, ["%", "£"]),
        percent=units.index("%"),
        number=np.array(column("number", NO_NUMBER)),
        value=np.array(column("value", 0)),
        month=np.array(column("month", 0)),
        months=Texts.of(months),
        head=np.array([text in heads for text in spelled]),
        particle=np.array(column("particle", False)),
        servant=np.array(column("servant", False)),
        phrases=Places(Texts.of(phrases).sums()),
        phrase_spelled=Texts.of(spelled for spelled, _ in phrases.values()),
        phrase_month=np.array([month for _, month in phrases.values()]),
    )


def forms() -> tuple[dict[str, dict[str, Any]], dict[str, tuple[str, int]], list[str]]:
    """Every word with its roles; every phrase with its spelling and month; the canonical months."""
    rows: dict[str, dict[str, Any]] = {}
    phrases: dict[str, tuple[str, int]] = {}
    _add_spellings(rows, phrases)
    months = _add_months(rows, phrases)
    _add_numbers(rows)
    for words, result in _folded("units", "words", "result").iter_rows():
        if " " not in words:
            rows.setdefault(words, {})["unit"] = result
    for particle in PARTICLES:
        rows.setdefault(particle, {})["particle"] = True
    for prefix in ("", "و", "ل", "ب", "ف"):
        rows.setdefault(f"{prefix}عبد", {})["servant"] = True
    for phrase in phrases:
        rows.setdefault(phrase.split(" ")[0], {})
    for roles in rows.values():  # a variant of a variant: straight to the last
        following = rows.get(roles.get("spelled", ""), {})
        for _ in range(3):
            if "spelled" not in following:
                break
            roles["spelled"] = following["spelled"]
            following = rows.get(following["spelled"], {})
    return rows, phrases, months


def _folded(name: str, *columns: str) -> pl.DataFrame:
    """A data file with its Arabic columns as the fuzzy key spells them."""
    table = read_table(name, *columns)
    return table.with_columns(folded_words(table[column]).alias(column) for column in columns if column not in _PLAIN)


def _add_spellings(rows: dict[str, dict[str, Any]], phrases: dict[str, tuple[str, int]]) -> None:
    table = read_table("spelling", "canonical", "variants", "article").with_columns(pl.col("variants").str.split(","))
    table = table.explode("variants")
    table = table.with_columns(folded_words(table[column]).alias(column) for column in ("canonical", "variants"))
    for canonical, variant, article in table.filter(pl.col("canonical") != pl.col("variants")).iter_rows():
        spellings = dict(with_particles(canonical))
        for prefix, form in with_particles(variant, PREFIXES if article == "yes" else _PREFIXES_WITHOUT_ARTICLE):
            spelled = spellings.get(prefix, canonical)
            if " " in form:
                phrases.setdefault(form, (spelled, 0))
            else:
                rows.setdefault(form, {}).setdefault("spelled", spelled)


def _add_months(rows: dict[str, dict[str, Any]], phrases: dict[str, tuple[str, int]]) -> list[str]:
    table = _folded("months", "number", "name").with_columns(pl.col("number").cast(pl.Int64))
    for number, name in table.iter_rows():
        if " " in name:
            phrases[name] = ("", number)
            continue
        for prefix in ("", "و", "ل", "ب", "ف", "ك"):
            rows.setdefault(prefix + name, {}).update(month=number, prefix=prefix)
    return table.group_by("number", maintain_order=True).first().sort("number")["name"].to_list()


def _add_numbers(rows: dict[str, dict[str, Any]]) -> None:
    for word, value, kind in _folded("numbers", "word", "value", "kind").iter_rows():
        for prefix, form in with_particles(word):
            if "ك" in prefix or (kind == "ordinal" and not prefix.endswith(("ال", "لل"))):
                continue  # كمية is a quantity, not «as a hundred»
            if kind != "lady" or prefix in _LADY_PARTICLES:
                rows.setdefault(form, {}).update(number=_NUMBER_KINDS[kind], value=int(value), prefix=prefix)
