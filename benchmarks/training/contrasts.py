"""Contrasts: synthetic negatives made from real copies by changing one fact of the later headline.

Article agreement cannot teach the weight of a changed fact: the third and the fourth aid plane, five dead and then
seven, a rise and then a fall come with the same boilerplate, so their articles agree. Real pairs that differ in one
such fact only are rare (of the silver pairs of saudi2015 that share most of their information within 36 hours, 31
differ in an ordinal). Contrasts are therefore made from silver positives that share a number, an ordinal, a place or a
side of an axis: that word of the later headline is replaced by another number, ordinal or place, or by a word of the
opposite side. Times, outlets and neighbours of the pair stay as they were.

The act of reporting is a fact too: a report and its denial, or an opening and its outcome, come some hours apart in
nearly the same words. So some contrasts insert a word of denial, reaction or intent before the first, second or third
word of the later headline, put a question or a check in front of it, or negate what it reports; others replace a word
of an opening by one of an outcome, or the reverse, one thing by two or many, the name behind بلدة by another place, or
let two places change their roles.

Each kind of fact has a quota (``QUOTAS``). Without quotas contrasts of places, which occur in three times as many
headlines as numbers and are often mere detail, crowded out the others, and the score merged a toll of twelve with one
of nineteen. Changing a rare word (a name) was tried and dropped: average precision on egypt2013, held out, fell from
0.929 to 0.908.
"""

from __future__ import annotations

import random
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl

from benchmarks.quality.title_pairs import title_evidence
from dedup.arabic.data_files import folded_table, read_table
from dedup.arabic.exact import folded_words
from dedup.arabic.word_facts import describe

if TYPE_CHECKING:
    from collections.abc import Callable

    from dedup.matching.features import HeadlineFeatures
    from dedup.settings import Settings

    Row = dict[str, Any]
    Change = Callable[[list[str], list[str]], str | None]

CONTEXT = (
    "hours_apart", "same_outlet", "recurrence_days", "standing", "log_bucket_size", "left_relative_overlap",
    "right_relative_overlap", "log_candidates",
)  # fmt: skip
"""Evidence that a changed word does not affect."""

QUOTAS = {
    "number": 6_000, "ordinal": 6_000, "side": 4_000, "place": 300, "weekday": 500, "site": 300, "amount": 500,
    "denial": 1_000, "reaction": 500, "intent": 500, "doubt": 500, "negation": 500, "phase": 1_500, "roles": 500,
}  # fmt: skip
"""Maximum number of contrasts of one corpus by kind of fact."""

INSERTED = ("denial", "reaction", "intent")
"""Acts whose words are inserted into a headline that has none."""

PHASES = ("opening", "outcome")
RARE = ("phase", "amount", "site", "roles", "negation")
"""Kinds that few headlines can be changed in: all are tried."""

DOUBTS = ("هل", "حقيقه", "ما حقيقه", "ما صحه", "مزاعم عن")
NEGATIONS = {"verb": ("لا", "لم", "لن"), "noun": ("عدم",)}

SOFT = 0.03
"""Soft label of a contrast: a changed number is sometimes a correction of the same news."""


def contrasts(
    pairs: pl.DataFrame, keys: pl.Series, features: HeadlineFeatures, settings: Settings, *, seed: int = 3
) -> pl.DataFrame:
    """Compute the evidence of contrasts made from silver positives.

    Args:
        pairs: silver positives of one corpus: ``left`` and ``right`` are rows of ``keys``.
        keys: fuzzy keys of the corpus, in order of time.
        features: of the same headlines: words that are not changed keep their information.
        settings: settings of the scan.
        seed: seed of the choice of words.

    Returns:
        The columns of ``pairs`` with ``soft`` set and no other label.
    """
    return pl.concat(
        [_contrasts_of(pairs, keys, features, settings, fact, seed) for fact in QUOTAS], how="diagonal_relaxed"
    )


def _contrasts_of(
    pairs: pl.DataFrame, keys: pl.Series, features: HeadlineFeatures, settings: Settings, fact: str, seed: int
) -> pl.DataFrame:
    """Return the contrasts of one kind of fact."""
    agree = f"{fact}_agree"
    chosen = pairs.filter(pl.col(agree) > 0 if agree in pairs.columns and fact not in RARE else True)
    size = len(chosen) if fact in RARE else min(QUOTAS[fact], len(chosen))
    chosen = chosen.sample(size, shuffle=fact in RARE, seed=seed)
    left, right = (keys.gather(chosen[side]).to_list() for side in ("left", "right"))
    changed = pl.Series(_change_all(left, right, fact, seed), dtype=pl.String)
    made = chosen.with_columns(earlier=pl.Series(left, dtype=pl.String), later=changed)
    made = made.filter(changed.is_not_null()).head(QUOTAS[fact])
    originals = features.take(made.select("left", "right").to_numpy().ravel())
    return title_evidence(made.select("earlier", "later"), settings, originals=originals).with_columns(
        *(made[name] for name in (*CONTEXT, "left", "right", "corpus", "timeless")),
        soft=pl.lit(SOFT),
        contrast=pl.lit(fact),
    )


def _change_all(left: list[str], right: list[str], fact: str, seed: int) -> list[str | None]:
    """Change one fact of that kind in each right headline; None where there is none to change."""
    choice = random.Random(seed)  # noqa: S311 - no secret
    words = pl.Series(sorted({word for title in (*left, *right) for word in title.split()}), dtype=pl.String)
    word_facts = {row["word"]: row for row in describe(words).iter_rows(named=True)}
    changes = {"doubt": _doubt, "negation": _negation, "roles": _exchange} | dict.fromkeys(INSERTED, _insertion)
    change = changes.get(fact, _replacement)(fact, word_facts, choice)
    return [change(earlier.split(), later.split()) for earlier, later in zip(left, right, strict=True)]


def _insertion(fact: str, word_facts: dict[str, Row], choice: random.Random) -> Change:
    """Return a change that inserts a word of that act near the start, where neither headline has one."""
    vocabulary = _words_by_act()[fact]

    def change(earlier: list[str], later: list[str]) -> str | None:
        if any(fact in word_facts[word]["acts"] for word in (*earlier, *later)):
            return None
        position = choice.randrange(3)
        return " ".join([*later[:position], choice.choice(vocabulary), *later[position:]])

    return change


def _doubt(_: str, word_facts: dict[str, Row], choice: random.Random) -> Change:
    """Return a change that puts a question or a check before the later headline."""

    def change(earlier: list[str], later: list[str]) -> str | None:
        if any({"check", "question"} & set(word_facts[word]["acts"]) for word in (*earlier, *later)):
            return None
        return " ".join([choice.choice(DOUBTS), *later])

    return change


def _negation(_: str, word_facts: dict[str, Row], choice: random.Random) -> Change:
    """Return a change that negates a shared word which tells a deed, where neither headline negates anything."""

    def change(earlier: list[str], later: list[str]) -> str | None:
        if any(word_facts[word]["kind"] == "negation" for word in (*earlier, *later)):
            return None
        options = [at for at, word in enumerate(later) if word in earlier and word_facts[word]["deed"]]
        if not options:
            return None
        position = choice.choice(options)
        kind = "verb" if later[position][0] in "يت" else "noun"
        return " ".join([*later[:position], choice.choice(NEGATIONS[kind]), *later[position:]])

    return change


def _exchange(_: str, word_facts: dict[str, Row], choice: random.Random) -> Change:
    """Return a change that puts two shared places into each other's position: who did it, and to whom."""

    def change(earlier: list[str], later: list[str]) -> str | None:
        found = [at for at, word in enumerate(later) if word in earlier and word_facts[word]["kind"] == "place"]
        found = [at for at in found if later.count(later[at]) == 1]
        options = [(one, other) for one in found for other in found if other > one + 1]
        if not options:
            return None
        one, other = choice.choice(options)
        changed = list(later)
        changed[one], changed[other] = later[other], later[one]
        return " ".join(changed)

    return change


def _replacement(fact: str, word_facts: dict[str, Row], choice: random.Random) -> Change:
    """Return a change that replaces one shared word of that kind by another word."""
    substitute = _substitution(fact, word_facts, choice)

    def change(earlier: list[str], later: list[str]) -> str | None:
        phases = {act for word in later for act in word_facts[word]["acts"]}.intersection(PHASES)
        if fact == "phase" and len(phases) != 1:
            return None
        before = [None, *later]
        options = [(at, substitute(word, before[at])) for at, word in enumerate(later) if word in earlier]
        options = [(at, word) for at, word in options if word is not None and word not in earlier]
        if not options:
            return None
        position, word = choice.choice(options)
        return " ".join([*later[:position], str(word), *later[position + 1 :]])

    return change


def _substitution(
    fact: str, word_facts: dict[str, Row], choice: random.Random
) -> Callable[[str, str | None], str | None]:
    """Return what finds another word of that kind for a word, given the word before it; None where it has no such."""
    same_kind = sorted(word for word, row in word_facts.items() if row["kind"] == fact)
    sites = sorted(word for word, row in word_facts.items() if row["kind"] == "place")
    opposite, vocabulary, amounts = _opposites(), _words_by_act(), _amounts()

    def others(word: str, before: str | None) -> list[str]:
        row, kind_before = word_facts[word], word_facts[before]["kind"] if before else None
        phase = set(row["acts"]).intersection(PHASES)
        listed: dict[str, list[str]] = {
            "side": opposite[row["axis"], -row["side"]] if row["axis"] is not None else [],
            "phase": vocabulary[PHASES[1 - PHASES.index(phase.pop())]] if phase else [],
            "amount": amounts.get(word, []) if kind_before != "number" else [],
            "site": sites if before in _sites() and row["kind"] == "word" else [],
        }
        if fact in listed:
            return listed[fact]
        if fact != row["kind"]:
            return []
        if word.isdigit():
            changed = [int(word) + difference for difference in (-3, -2, -1, 1, 2, 3, 5, 10)]
            return [str(max(1, number)) for number in changed] if fact == "number" else []
        alike = [entry for entry in same_kind if (entry[:2], entry[-1]) == (word[:2], word[-1])]
        return [entry for entry in alike if word_facts[entry]["stem"] != row["stem"]] or same_kind

    def substitute(word: str, before: str | None) -> str | None:
        found = others(word, before)
        return choice.choice(found) if found else None

    return substitute


@cache
def _words_by_act() -> dict[str, list[str]]:
    """Return the words of each act."""
    table = folded_table("acts", "act", "words", listed="words").group_by("act").agg("words")
    return {act: sorted(set(words)) for act, words in table.iter_rows()}


@cache
def _sites() -> set[str]:
    """Return the words behind which a place is named."""
    table = folded_table("marks", "mark", "words", listed="words")
    return set(table.filter(pl.col("mark") == "site")["words"])


@cache
def _amounts() -> dict[str, list[str]]:
    """Return for each form of a counted noun the forms that count otherwise: one, two or many."""
    forms: dict[str, list[str]] = {}
    table = folded_table("counted", "singular", "words", "kind", listed="words").filter(pl.col("kind") == "any")
    for singular, plural, _ in table.iter_rows():
        base = f"{singular[:-1]}ت" if singular.endswith("ه") else singular
        amounts = [singular, f"{base}ين", plural]
        for form in amounts:
            forms[form] = [other for other in amounts if other != form]
    return forms


def _opposites() -> dict[tuple[str, int], list[str]]:
    """Return the words of each axis and side; an axis with one listed side uses its words for both."""
    table = read_table("axes", "axis", "side", "words").with_columns(pl.col("words").str.split(",")).explode("words")
    table = table.with_columns(folded_words(table["words"]).alias("words"), pl.col("side").cast(pl.Int8))
    grouped = table.group_by("axis", "side").agg("words")
    listed = {(axis, side): sorted(words) for axis, side, words in grouped.iter_rows()}
    return listed | {(axis, -side): words for (axis, side), words in listed.items() if (axis, -side) not in listed}
