"""Contrasts: synthetic negatives made from real copies by changing one fact of the later headline.

Article agreement cannot teach the weight of a changed fact: the third and the fourth aid plane, five dead and then
seven, a rise and then a fall come with the same boilerplate, so their articles agree. Real pairs that differ in one
such fact only are rare (of the silver pairs of saudi2015 that share most of their information within 36 hours, 31
differ in an ordinal). Contrasts are therefore made from silver positives that share a number, an ordinal, a place or a
side of an axis: that word of the later headline is replaced by another number, ordinal or place, or by a word of the
opposite side. Times, outlets and neighbours of the pair stay as they were.

The act of reporting is a fact too: a report and its denial, or an opening and its outcome, come some hours apart in
nearly the same words. So some contrasts insert a word of denial or reaction before the first, second or third word of
the later headline, and others replace a word of an opening by one of an outcome, or the reverse.

Each kind of fact has a quota (``QUOTAS``). Without quotas contrasts of places, which occur in three times as many
headlines as numbers and are often mere detail, crowded out the others, and the score merged a toll of twelve with one
of nineteen. Changing a rare word (a name) was tried and dropped: average precision on egypt2013, held out, fell from
0.929 to 0.908.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import polars as pl

from benchmarks.quality.title_pairs import title_evidence
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
"""Evidence that a changed word does not affect."""

QUOTAS = {
    "number": 6_000, "ordinal": 6_000, "side": 4_000, "place": 300, "denial": 1_000, "reaction": 500, "phase": 1_500,
}  # fmt: skip
"""Maximum number of contrasts of one corpus by kind of fact."""

INSERTED = ("denial", "reaction")
"""Acts whose words are inserted into a headline that has none."""

PHASES = ("opening", "outcome")

SOFT = 0.03
"""Soft label of a contrast: a changed number is sometimes a correction of the same news."""


def contrasts(pairs: pl.DataFrame, keys: pl.Series, settings: Settings, *, seed: int = 3) -> pl.DataFrame:
    """Compute the evidence of contrasts made from the silver positives among the pairs.

    Args:
        pairs: labelled evidence of one corpus: ``left`` and ``right`` are rows of ``keys``.
        keys: fuzzy keys of the corpus, in order of time.
        settings: settings of the scan.
        seed: seed of the choice of words.

    Returns:
        The columns of ``pairs`` with ``soft`` set and no other label.
    """
    return pl.concat([_contrasts_of(pairs, keys, settings, fact, seed) for fact in QUOTAS], how="diagonal_relaxed")


def _contrasts_of(pairs: pl.DataFrame, keys: pl.Series, settings: Settings, fact: str, seed: int) -> pl.DataFrame:
    """Return the contrasts of one kind of fact."""
    agree = f"{fact}_agree"
    chosen = pairs.filter("positive", pl.col(agree) > 0 if agree in pairs.columns else True)
    size = len(chosen) if fact == "phase" else min(QUOTAS[fact], len(chosen))  # few headlines state a phase
    chosen = chosen.sample(size, shuffle=fact == "phase", seed=seed)
    left, right = (keys.gather(chosen[side]).to_list() for side in ("left", "right"))
    changed = pl.Series(_change_all(left, right, fact, seed), dtype=pl.String)
    made = chosen.with_columns(earlier=pl.Series(left, dtype=pl.String), later=changed)
    made = made.filter(changed.is_not_null()).head(QUOTAS[fact])
    return title_evidence(made.select("earlier", "later"), settings).with_columns(
        *(made[name] for name in (*CONTEXT, "left", "right", "corpus", "timeless")), soft=pl.lit(SOFT)
    )


def _change_all(left: list[str], right: list[str], fact: str, seed: int) -> list[str | None]:
    """Change one fact of that kind in each right headline; None where there is none to change."""
    choice = random.Random(seed)  # noqa: S311 - no secret
    titles = [*left, *right] if fact in INSERTED else right
    words = pl.Series(sorted({word for title in titles for word in title.split()}), dtype=pl.String)
    word_facts = {row["word"]: row for row in describe(words).iter_rows(named=True)}
    change = (_insertion if fact in INSERTED else _replacement)(fact, word_facts, choice)
    return [change(earlier.split(), later.split()) for earlier, later in zip(left, right, strict=True)]


def _insertion(fact: str, word_facts: dict[str, Row], choice: random.Random) -> Change:
    """Return a change that inserts a word of that act near the start, where neither headline has one."""
    vocabulary = _words_by_kind()[fact]

    def change(earlier: list[str], later: list[str]) -> str | None:
        if any(word_facts[word]["kind"] == fact for word in (*earlier, *later)):
            return None
        position = choice.randrange(3)
        return " ".join([*later[:position], choice.choice(vocabulary), *later[position:]])

    return change


def _replacement(fact: str, word_facts: dict[str, Row], choice: random.Random) -> Change:
    """Return a change that replaces one shared word of that kind by another word."""
    same_kind = sorted(word for word, row in word_facts.items() if row["kind"] == fact)
    opposite, vocabulary = _opposites(), _words_by_kind()

    def substitute(word: str) -> str | None:
        row = word_facts[word]
        if fact == "side" and row["axis"] is not None:
            return choice.choice(opposite[row["axis"], -row["side"]])
        if fact == "phase" and row["kind"] in PHASES:
            return choice.choice(vocabulary[PHASES[1 - PHASES.index(row["kind"])]])
        if fact == "number" == row["kind"] and word.isdigit():
            return str(max(1, int(word) + choice.choice([-3, -2, -1, 1, 2, 3, 5, 10])))
        if fact == row["kind"] and not word.isdigit():
            alike = [entry for entry in same_kind if (entry[:2], entry[-1]) == (word[:2], word[-1])]
            alike = [entry for entry in alike if word_facts[entry]["stem"] != row["stem"]]
            return choice.choice(alike or same_kind)
        return None

    def change(earlier: list[str], later: list[str]) -> str | None:
        if fact == "phase" and len({word_facts[word]["kind"] for word in later}.intersection(PHASES)) != 1:
            return None
        options = [(position, substitute(word)) for position, word in enumerate(later) if word in earlier]
        options = [(position, word) for position, word in options if word is not None and word not in earlier]
        if not options:
            return None
        position, word = choice.choice(options)
        return " ".join([*later[:position], str(word), *later[position + 1 :]])

    return change


def _words_by_kind() -> dict[str, list[str]]:
    """Return the words of each closed class."""
    table = folded_table("words", "words", "kind", "value", listed="words").group_by("kind").agg("words")
    return {kind: sorted(set(words)) for kind, words in table.select("kind", "words").iter_rows()}


def _opposites() -> dict[tuple[str, int], list[str]]:
    """Return the words of each axis and side; an axis with one listed side uses its words for both."""
    table = read_table("axes", "axis", "side", "words").with_columns(pl.col("words").str.split(",")).explode("words")
    table = table.with_columns(folded_words(table["words"]).alias("words"), pl.col("side").cast(pl.Int8))
    grouped = table.group_by("axis", "side").agg("words")
    listed = {(axis, side): sorted(words) for axis, side, words in grouped.iter_rows()}
    return listed | {(axis, -side): words for (axis, side), words in listed.items() if (axis, -side) not in listed}
