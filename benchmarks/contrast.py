"""Contrasts: pairs of real copies in which one fact of one side is changed, so that they tell other news.

Bodies cannot teach what a changed fact is worth. The third and the fourth aid plane, five dead and then seven, a rise
and then a fall come with the same boilerplate, so that their articles agree; and real headlines that differ in
nothing but such a fact are few (of the silver pairs of saudi2015 that share most of their information within 36
hours, 31 differ in an ordinal). So pairs whose bodies agree, and which share a number, an ordinal, a place or a side
of an axis, are taken, and that one word is replaced in the later headline: by another number, ordinal or place, or by
a word of the opposite side. All else about the pair (times, outlets, neighbours) stays what it was.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import polars as pl

from benchmarks.alone import alone
from dedup.arabic.tables import folded_words, read_table
from dedup.arabic.words import describe

if TYPE_CHECKING:
    from dedup.settings import Settings

CONTEXT = (
    "hours_apart", "same_outlet", "recurs", "standing", "crowd", "best_left", "best_right", "met",
)  # fmt: skip
"""Evidence that a changed word does not change."""

MOST = 4_000
"""Contrasts made of one corpus."""

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
    shares = pl.sum_horizontal(f"{fact}_agree" for fact in ("number", "ordinal", "place", "side")) > 0
    chosen = pairs.filter("positive", shares)
    chosen = chosen.sample(min(MOST, len(chosen)), seed=seed)
    left, right = (keys.gather(chosen[side]).to_list() for side in ("left", "right"))
    changed = _changed(left, right, seed)
    told = pl.DataFrame({"one": left, "other": changed})
    made = [other is not None for other in changed]
    evidence = alone(told.filter(made), settings)
    return evidence.with_columns(
        *(chosen.filter(made)[name] for name in (*CONTEXT, "left", "right", "corpus", "timeless")),
        soft=pl.lit(SOFT),
    )


def _changed(left: list[str], right: list[str], seed: int) -> list[str | None]:
    """Each right headline with one word changed that the left one shares; None where there is none to change."""
    choice = random.Random(seed)  # noqa: S311 - no secret
    words = pl.Series(sorted({word for title in right for word in title.split()}))
    told = {row["word"]: row for row in describe(words).iter_rows(named=True)}
    known = {kind: sorted(word for word, row in told.items() if row["kind"] == kind) for kind in ("ordinal", "place")}
    opposite = _opposites()
    changed: list[str | None] = []
    for one, other in zip(left, right, strict=True):
        held = set(one.split())
        options = []
        for place, word in enumerate(other.split()):
            row = told[word]
            if word not in held:
                continue
            if row["kind"] == "number" and word.isdigit():
                options.append((place, str(max(1, int(word) + choice.choice([-3, -2, -1, 1, 2, 3, 5, 10])))))
            elif row["kind"] in known and not word.isdigit():
                alike = [other for other in known[row["kind"]] if (other[:2], other[-1]) == (word[:2], word[-1])]
                alike = [other for other in alike if told[other]["stem"] != row["stem"]]
                options.append((place, choice.choice(alike or known[row["kind"]])))
            elif row["axis"] is not None:
                options.append((place, choice.choice(opposite[row["axis"], -row["side"]])))
        options = [(place, word) for place, word in options if word not in held]
        if not options:
            changed.append(None)
            continue
        place, word = choice.choice(options)
        title = other.split()
        title[place] = word
        changed.append(" ".join(title))
    return changed


def _opposites() -> dict[tuple[str, int], list[str]]:
    table = read_table("axes", "axis", "side", "words").with_columns(pl.col("words").str.split(",")).explode("words")
    table = table.with_columns(folded_words(table["words"]).alias("words"), pl.col("side").cast(pl.Int8))
    grouped = table.group_by("axis", "side").agg("words")
    found = {(axis, side): sorted(words) for axis, side, words in grouped.iter_rows()}
    return found | {(axis, -side): words for (axis, side), words in found.items() if (axis, -side) not in found}
