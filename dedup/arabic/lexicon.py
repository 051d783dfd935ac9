"""The words that the fuzzy key rewrites, with every particle that can be written onto them, as one look-up table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import polars as pl

from dedup.arabic.punctuation import PARTICLES
from dedup.arabic.tables import folded_words, read_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

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
LONGEST_PHRASE = 4


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Every word that has a role, one row each; the arrays run along ``words``.

    ``spelled`` is the canonical spelling, ``rewritten`` says that it is another than the word; ``head`` says that a
    phrase can begin with it; ``prefix`` is the particle of a number or month; ``month`` is 1..12 or 0; ``unit`` is what
    the word becomes behind a number, "" where nothing; ``particle`` marks bare particles, ``servant`` عبد. ``phrases``
    has ``text``, ``spelled``, ``month`` (0 for spellings); ``months`` are the canonical names in order.
    """

    words: pl.DataFrame
    spelled: pl.Series
    prefix: pl.Series
    unit: pl.Series
    rewritten: NDArray[np.bool_]
    number: NDArray[np.int64]
    value: NDArray[np.int64]
    month: NDArray[np.int64]
    head: NDArray[np.bool_]
    particle: NDArray[np.bool_]
    servant: NDArray[np.bool_]
    phrases: pl.DataFrame
    months: pl.Series


def attached(prefix: str, word: str) -> str | None:
    """The word with a particle written onto it; None where the two do not go together."""
    if not word.startswith("ال"):
        return prefix + word
    if "ال" in prefix or "لل" in prefix:
        return None
    return f"{prefix}ل{word[2:]}" if prefix.endswith("ل") else prefix + word


def _with_particles(word: str, article: bool = True) -> Iterator[tuple[str, str]]:
    for prefix in PREFIXES:
        if not article and prefix.endswith(("ال", "لل")):
            continue
        form = attached(prefix, word)
        if form is not None:
            yield prefix, form


@cache
def lexicon() -> Lexicon:
    """The lexicon of the data files, built once (some ten thousand forms)."""
    rows: dict[str, dict[str, object]] = {}
    phrases: dict[str, tuple[str, int]] = {}
    _add_spellings(rows, phrases)
    names = _add_months(rows, phrases)
    _add_numbers(rows)
    for words, result in _folded("units", "words", "result").iter_rows():
        if " " not in words:
            rows.setdefault(words, {})["unit"] = result
    for particle in PARTICLES:
        rows.setdefault(particle, {})["particle"] = True
    for prefix in ("", "و", "ل", "ب", "ف"):
        rows.setdefault(f"{prefix}عبد", {})["servant"] = True
    heads = {phrase.split(" ")[0] for phrase in phrases}
    for head in heads:
        rows.setdefault(head, {})
    for roles in rows.values():  # a variant of a variant: straight to the last
        for _ in range(3):
            following = rows.get(str(roles.get("spelled")), {})
            roles["spelled"] = following.get("spelled", roles.get("spelled"))
    schema: dict[str, pl.DataType] = {
        "word": pl.String(), "spelled": pl.String(), "prefix": pl.String(), "unit": pl.String(), "number": pl.Int64(),
        "value": pl.Int64(), "month": pl.Int64(), "particle": pl.Boolean(), "servant": pl.Boolean(),
    }  # fmt: skip
    table = pl.DataFrame([{"word": word, **roles} for word, roles in rows.items()], schema=schema).with_columns(
        pl.col("spelled").fill_null(pl.col("word")),
        pl.col("prefix", "unit").fill_null(""),
        pl.col("number", "value", "month").fill_null(0),
        pl.col("particle", "servant").fill_null(value=False),
    )
    return Lexicon(
        words=table.select("word", pl.int_range(pl.len(), dtype=pl.Int32).alias("entry")),
        spelled=table["spelled"],
        prefix=table["prefix"],
        unit=table["unit"],
        rewritten=(table["spelled"] != table["word"]).to_numpy(),
        number=table["number"].to_numpy(),
        value=table["value"].to_numpy(),
        month=table["month"].to_numpy(),
        head=table["spelled"].is_in(list(heads)).to_numpy(),
        particle=table["particle"].to_numpy(),
        servant=table["servant"].to_numpy(),
        phrases=pl.DataFrame(
            [(text, spelled, month) for text, (spelled, month) in phrases.items()],
            schema={"text": pl.String, "spelled": pl.String, "month": pl.Int64},
            orient="row",
        ),
        months=names,
    )


def _folded(name: str, *columns: str) -> pl.DataFrame:
    """A data file with its Arabic columns as the fuzzy key spells them."""
    table = read_table(name, *columns)
    return table.with_columns(folded_words(table[column]).alias(column) for column in columns if column not in _PLAIN)


def _add_spellings(rows: dict[str, dict[str, object]], phrases: dict[str, tuple[str, int]]) -> None:
    table = read_table("spelling", "canonical", "variants", "article").with_columns(pl.col("variants").str.split(","))
    table = table.explode("variants")
    table = table.with_columns(folded_words(table[column]).alias(column) for column in ("canonical", "variants"))
    for canonical, variant, article in table.filter(pl.col("canonical") != pl.col("variants")).iter_rows():
        for prefix, form in _with_particles(variant, article == "yes"):
            spelled = attached(prefix, canonical) or canonical
            if " " in form:
                phrases.setdefault(form, (spelled, 0))
            else:
                rows.setdefault(form, {}).setdefault("spelled", spelled)


def _add_months(rows: dict[str, dict[str, object]], phrases: dict[str, tuple[str, int]]) -> pl.Series:
    table = _folded("months", "number", "name").with_columns(pl.col("number").cast(pl.Int64))
    for number, name in table.iter_rows():
        if " " in name:
            phrases[name] = ("", number)
            continue
        for prefix in ("", "و", "ل", "ب", "ف", "ك"):
            rows.setdefault(prefix + name, {}).update(month=number, prefix=prefix)
    return table.group_by("number", maintain_order=True).first().sort("number")["name"]


def _add_numbers(rows: dict[str, dict[str, object]]) -> None:
    for word, value, kind in _folded("numbers", "word", "value", "kind").iter_rows():
        for prefix, form in _with_particles(word):
            if "ك" in prefix or (kind == "ordinal" and not prefix.endswith(("ال", "لل"))):
                continue  # كمية is a quantity, not «as a hundred»
            if kind != "lady" or prefix in _LADY_PARTICLES:
                rows.setdefault(form, {}).update(number=_NUMBER_KINDS[kind], value=int(value), prefix=prefix)
