"""Contrasts: pairs of real copies in which one fact of one side is changed, so that they tell other news.

Bodies cannot teach what a changed fact is worth. The third and the fourth aid plane, five dead and then seven, a rise
and then a fall come with the same boilerplate, so that their articles agree; and real headlines that differ in
nothing but such a fact are few (of the silver pairs of saudi2015 that share most of their information within 36
hours, 31 differ in an ordinal). So pairs whose bodies agree, and which share a number, an ordinal, a place or a side
of an axis, are taken, and that one word is replaced in the later headline: by another number, ordinal or place, or by
a word of the opposite side. All else about the pair (times, outlets, neighbours) stays what it was.

How a headline speaks of an event is a fact too. A report and its denial, or a thing begun and its outcome, come some
hours apart in nearly the same words. So in some copies a word that denies or comments is put before the first, second
or third word of the later headline, and in others a word of an opening is replaced by one of an outcome, or the other
way round.

Each kind of fact has its own share (``MOST``): of numbers and ordinals all there are, of places a few. Taken as they
come, places crowded out the rest: they stand in three times as many headlines as numbers, and are often only told more
closely, so that the score merged a toll of twelve with one of nineteen. Names were tried too, a rare
word of near-identical copies changed for another: average precision on egypt2013, held out, fell from 0.929 to 0.908.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import polars as pl

from benchmarks.quality.title_pairs import alone
from dedup.arabic.data_files import folded_table, read_table
from dedup.arabic.exact import folded_words
from dedup.arabic.word_facts import describe

if TYPE_CHECKING:
    from collections.abc import Callable

    from dedup.settings import Settings

    Row = dict[str, Any]
    Change = Callable[[list[str], list[str]], str | None]

CONTEXT = (
    "hours_apart", "same_outlet", "recurrence_days", "standing", "log_bucket_size", "left_relative_overlap",
    "right_relative_overlap", "log_candidates",
)  # fmt: skip
"""Evidence that a changed word does not change."""

MOST = {
    "number": 6_000, "ordinal": 6_000, "side": 4_000, "place": 300, "denial": 1_000, "reaction": 500, "phase": 1_500,
}  # fmt: skip
"""Contrasts made of one corpus, by the kind of fact that is changed."""

PUT = ("denial", "reaction")
"""Acts of which a word is put into a headline that has none."""

PHASES = ("opening", "outcome")

SOFT = 0.03
"""The soft label of a contrast: a changed number is sometimes a correction of the same news."""


def contrasts(pairs: pl.DataFrame, keys: pl.Series, settings: Settings, *, seed: int = 3) -> pl.DataFrame:
    """The evidence of contrasts made from the silver positives among the pairs.

    Args:
        pairs: labelled evidence of one corpus: ``left`` and ``right`` are rows of ``keys``.
        keys: fuzzy keys of the corpus in order.
        settings: of the scan.
        seed: of the choice of words.

    Returns:
        The columns of ``pairs`` with ``soft`` set and no other label.
    """
    return pl.concat([_of_fact(pairs, keys, settings, fact, seed) for fact in MOST], how="diagonal_relaxed")


def _of_fact(pairs: pl.DataFrame, keys: pl.Series, settings: Settings, fact: str, seed: int) -> pl.DataFrame:
    """The contrasts that change a fact of one kind."""
    agree = f"{fact}_agree"
    chosen = pairs.filter("positive", pl.col(agree) > 0 if agree in pairs.columns else True)
    most = len(chosen) if fact == "phase" else min(MOST[fact], len(chosen))  # few headlines tell a phase
    chosen = chosen.sample(most, shuffle=fact == "phase", seed=seed)
    left, right = (keys.gather(chosen[side]).to_list() for side in ("left", "right"))
    changed = pl.Series(_changed(left, right, fact, seed), dtype=pl.String)
    told = chosen.with_columns(one=pl.Series(left, dtype=pl.String), other=changed)
    told = told.filter(changed.is_not_null()).head(MOST[fact])
    return alone(told.select("one", "other"), settings).with_columns(
        *(told[name] for name in (*CONTEXT, "left", "right", "corpus", "timeless")), soft=pl.lit(SOFT)
    )


def _changed(left: list[str], right: list[str], fact: str, seed: int) -> list[str | None]:
    """Each right headline with one fact of that kind changed; None where there is none to change."""
    choice = random.Random(seed)  # noqa: S311 - no secret
    titles = [*left, *right] if fact in PUT else right
    words = pl.Series(sorted({word for title in titles for word in title.split()}), dtype=pl.String)
    told = {row["word"]: row for row in describe(words).iter_rows(named=True)}
    spoken = _put(fact, told, choice) if fact in PUT else _replaced(fact, told, choice)
    return [spoken(one.split(), other.split()) for one, other in zip(left, right, strict=True)]


def _put(fact: str, told: dict[str, Row], choice: random.Random) -> Change:
    """Put a word of that act among the first of the other headline, where neither has one."""
    listed = _listed()[fact]

    def change(one: list[str], other: list[str]) -> str | None:
        if any(told[word]["kind"] == fact for word in (*one, *other)):
            return None
        place = choice.randrange(3)
        return " ".join([*other[:place], choice.choice(listed), *other[place:]])

    return change


def _replaced(fact: str, told: dict[str, Row], choice: random.Random) -> Change:
    """Replace one word of that kind that both have by another."""
    known = sorted(word for word, row in told.items() if row["kind"] == fact)
    opposite, listed = _opposites(), _listed()

    def another(word: str) -> str | None:
        row = told[word]
        if fact == "side" and row["axis"] is not None:
            return choice.choice(opposite[row["axis"], -row["side"]])
        if fact == "phase" and row["kind"] in PHASES:
            return choice.choice(listed[PHASES[1 - PHASES.index(row["kind"])]])
        if fact == "number" == row["kind"] and word.isdigit():
            return str(max(1, int(word) + choice.choice([-3, -2, -1, 1, 2, 3, 5, 10])))
        if fact == row["kind"] and not word.isdigit():
            alike = [other for other in known if (other[:2], other[-1]) == (word[:2], word[-1])]
            alike = [other for other in alike if told[other]["stem"] != row["stem"]]
            return choice.choice(alike or known)
        return None

    def change(one: list[str], other: list[str]) -> str | None:
        if fact == "phase" and len({told[word]["kind"] for word in other}.intersection(PHASES)) != 1:
            return None
        options = [(place, another(word)) for place, word in enumerate(other) if word in one]
        options = [(place, word) for place, word in options if word is not None and word not in one]
        if not options:
            return None
        place, word = choice.choice(options)
        return " ".join([*other[:place], str(word), *other[place + 1 :]])

    return change


def _listed() -> dict[str, list[str]]:
    """The words of each closed class."""
    table = folded_table("words", "words", "kind", "value", listed="words").group_by("kind").agg("words")
    return {kind: sorted(set(words)) for kind, words in table.select("kind", "words").iter_rows()}


def _opposites() -> dict[tuple[str, int], list[str]]:
    table = read_table("axes", "axis", "side", "words").with_columns(pl.col("words").str.split(",")).explode("words")
    table = table.with_columns(folded_words(table["words"]).alias("words"), pl.col("side").cast(pl.Int8))
    grouped = table.group_by("axis", "side").agg("words")
    found = {(axis, side): sorted(words) for axis, side, words in grouped.iter_rows()}
    return found | {(axis, -side): words for (axis, side), words in found.items() if (axis, -side) not in found}
