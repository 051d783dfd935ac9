"""The table of evidence: the name, unit, cost, trend and meaning of every feature of a pair.

The position of a feature in a row of evidence, the features that the early score bound uses, the columns of PAIRS, the
words of ``dedup explain``, the constraints of training and the table in docs/outputs.md all follow from ``EVIDENCE``.
To add a feature: add its line here, compute it in a kernel of this package (``offsets`` gives its position), describe
it in docs/outputs.md (a test prints the line), and train the model again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Columns = dict[str, "NDArray[np.float32]"]
"""Evidence of p pairs by name, each of shape (p,)."""

UNKNOWN = -1.0
"""The value of features that cannot be computed: hours apart without a time, same outlet without an outlet, trending
information without headlines before."""

Unit = Literal["nats", "share", "count", "flag", "hours", "log"]
"""nats of information; share 0..1; count; flag 0 or 1; hours; log(1 + n) of a count n. -1 is unknown (hours, flag, nats
of trending words)."""

Cost = Literal["kernel", "string"]
"""kernel: computed for every candidate that is compared; string: similarities of the keys themselves, outside of the
kernels, and only for pairs whose score bound allows a match; the related score uses none of them."""


class Feature(NamedTuple):
    """One piece of evidence.

    Attributes:
        name: the column.
        unit: of its values.
        cost: when it is computed.
        trend: +1 if the score may only rise with it, -1 if only fall, 0 if both are possible; training keeps to it.
        meaning: in words, for explanations and documentation.
    """

    name: str
    unit: Unit
    cost: Cost
    trend: int
    meaning: str


FACTS = {
    "number": ("number", "percent"),
    "ordinal": ("ordinal",),
    "weekday": ("weekday",),
    "month": ("month",),
    "negation": ("negation",),
    "place": ("place",),
}
"""Facts that two headlines agree on or clash in, with the kinds of words that state them."""


def _fact_features() -> tuple[Feature, ...]:
    """Return three features for each fact: how many are in both, differ, or are in one headline only."""
    meanings = {"agree": "in both", "clash": "that differ", "extra": "in one headline only"}
    falling = {f"{fact}_clash" for fact in FACTS} | {"negation_extra"}
    return tuple(
        Feature(name := f"{fact}_{how}", "count", "kernel", -1 if name in falling else 0, f"{fact}s {meaning}")
        for fact in FACTS
        for how, meaning in meanings.items()
    )


EVIDENCE: tuple[Feature, ...] = (
    Feature("shared_information", "nats", "kernel", 1, "information that both headlines share"),
    Feature("overlap", "share", "kernel", 1, "shared information, as a share of all in either"),
    Feature("containment_max", "share", "kernel", 1, "shared information, as a share of the shorter headline's"),
    Feature("containment_min", "share", "kernel", 0, "shared information, as a share of the longer headline's"),
    Feature("related_word_information", "nats", "kernel", 1, "information in words of the same root in another form"),
    Feature("missing_information_min", "nats", "kernel", 0, "information in one headline only, the smaller of the two"),
    Feature("missing_information_max", "nats", "kernel", 0, "information in one headline only, the larger of the two"),
    Feature("rarest_missing_min", "nats", "kernel", -1, "each headline has an informative word that the other lacks"),
    Feature("rarest_missing_max", "nats", "kernel", 0, "the most informative word that one of them lacks"),
    Feature("rarest_shared", "nats", "kernel", 0, "the most informative shared word"),
    Feature("second_rarest_shared", "nats", "kernel", 1, "the second most informative shared word"),
    Feature("third_rarest_shared", "nats", "kernel", 1, "the third most informative shared word"),
    Feature("trending_information", "nats", "kernel", 0, "information that shared words have lost to the latest news"),
    Feature("shared_words", "count", "kernel", 0, "shared words"),
    Feature("information_min", "nats", "kernel", 0, "information in the less informative headline"),
    Feature("information_max", "nats", "kernel", 0, "information in the more informative headline"),
    Feature("words_min", "count", "kernel", 0, "words of the shorter headline"),
    Feature("words_max", "count", "kernel", 0, "words of the longer headline"),
    Feature("consecutive_share", "share", "kernel", 0, "shared words that follow each other in both"),
    Feature("reordered_share", "share", "kernel", -1, "shared information in words whose order differs"),
    Feature("leading_words_equal", "count", "kernel", 0, "of the first two words, how many are equal"),
    *_fact_features(),
    Feature("polarity_clash", "count", "kernel", -1, "opposites (confirm, deny; rise, fall) with one on each side"),
    Feature("polarity_agree", "count", "kernel", 0, "opposites on which both take the same side"),
    Feature("polarity_one_sided", "count", "kernel", 0, "opposites on which only one takes a side"),
    Feature("polarity_partial", "count", "kernel", -1, "opposites on which one takes both sides, the other one"),
    Feature("negative_side_differs", "count", "kernel", -1, "opposites on which only one denies, falls or refuses"),
    Feature("denial_one_sided", "flag", "kernel", -1, "one headline denies what the other reports"),
    Feature("reaction_one_sided", "flag", "kernel", -1, "one headline comments on what the other reports"),
    Feature("doubt_one_sided", "flag", "kernel", -1, "one headline asks or checks what the other reports"),
    Feature("intent_one_sided", "flag", "kernel", -1, "one headline threatens, plans, asks for or expects something"),
    Feature("service_shared", "flag", "kernel", 0, "both are about the weather, prices, jobs or times of the day"),
    Feature("phase_clash", "flag", "kernel", -1, "one headline reports a beginning, the other an outcome"),
    Feature("site_shared", "nats", "kernel", 0, "information in names of places that are in both"),
    Feature("site_missing_min", "nats", "kernel", -1, "each headline names a place that the other lacks"),
    Feature("site_missing_max", "nats", "kernel", 0, "the most informative name of a place that one of them lacks"),
    Feature("deed_agree", "count", "kernel", 0, "kinds of deeds (strike, arrest, meeting) in both"),
    Feature("deed_clash", "count", "kernel", -1, "kinds of deeds that differ"),
    Feature("deed_extra", "count", "kernel", 0, "kinds of deeds in one headline only"),
    Feature("exchanged", "nats", "kernel", -1, "words exchanged between the same neighbours"),
    Feature("exchanged_first", "nats", "kernel", 0, "words exchanged at the beginning"),
    Feature("roles_exchanged", "nats", "kernel", -1, "two shared words that stand in each other's place"),
    Feature("negated", "count", "kernel", -1, "shared words that only one headline negates"),
    Feature("amount_clash", "count", "kernel", -1, "shared nouns that are one, two or many in one headline only"),
    Feature("alternative_clash", "flag", "kernel", -1, "each names another of several alternatives (north, south)"),
    Feature("hours_apart", "hours", "kernel", 0, "hours between the two"),
    Feature("same_outlet", "flag", "kernel", 0, "the same outlet published both"),
    Feature("recurrence_days", "count", "kernel", -1, "days of the last 30 on which the outlet ran the same title"),
    Feature("standing", "flag", "kernel", -1, "a standing title (weather, a cartoon, a column)"),
    Feature("log_bucket_size", "log", "kernel", 0, "headlines in the window that share the rarest common key"),
    Feature("left_relative_overlap", "share", "kernel", 0, "overlap / the earlier headline's largest so far"),
    Feature("right_relative_overlap", "share", "kernel", 0, "overlap / the later headline's largest so far"),
    Feature("log_candidates", "log", "kernel", 0, "candidates that the two were compared with so far"),
    Feature("meaning_similarity", "share", "kernel", 1, "likeness of the words' meanings (cosine of word vectors)"),
    Feature("character_ratio", "share", "string", 1, "letters in common, in their order"),
    Feature("token_sort_ratio", "share", "string", 1, "letters in common, with the words of each sorted"),
)  # fmt: skip
"""Every feature, in the order of the columns of PAIRS; ``string`` features come last."""

ROW = tuple(feature.name for feature in EVIDENCE if feature.cost != "string")
"""The features that the kernels fill, by their position in a row."""

BY_NAME = {feature.name: feature for feature in EVIDENCE}


def offsets(*names: str) -> tuple[int, ...]:
    """Return the positions of features in a row, for the named constants of a kernel.

    Examples:
        >>> offsets("shared_information", "overlap")
        (0, 1)
    """
    return tuple(ROW.index(name) for name in names)
