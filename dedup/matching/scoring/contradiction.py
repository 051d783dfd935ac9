"""Contradictions: pairs that share all but a fact and differ in it, and so are never one news, whatever their score.

Labels hardly tell what such a fact is worth: of 772 labelled pairs that score 0.73 or more, six differ so (five of
them one news), because outlets seldom print one headline with another toll within three days. But where they do,
«جندي» and «جنديين», «3 ملايين» and «3 مليارات», «يفرض» and «لن يفرض», the report and «هل …؟» are different news. So a
rule decides on pairs that agree in nearly all else; elsewhere the score weighs the same features. A pair that
contradicts may still be related.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.matching.evidence.changes import LITTLE_MISSING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.matching.evidence.schema import Columns

MOST_SHARED, HALF_SHARED, THIRD_SHARED = 0.6, 0.4, 0.3
"""Overlap from which two headlines agree in nearly all but one fact, from which they have one template, and from which
they speak of one event."""

ACT_MISSING, INTENT_MISSING = 3.0, 10.0
"""Nats that the act may have alone, and the threat, plan or call for it, without words of one root in another form."""

EXCHANGED_ROLE = 2.0
"""Nats of the lesser of two words in each other's role: a name, not a preposition."""

OF_MOST_SHARED = ("number_clash", "polarity_partial")
OF_HALF_SHARED = ("ordinal_clash", "polarity_clash", "alternative_clash")
OF_THIRD_SHARED = ("weekday_clash", "month_clash", "phase_clash")
"""Features that contradict a pair with most, with half and with a third of the information shared."""

CONTRADICTING = (
    *OF_MOST_SHARED,
    *OF_HALF_SHARED,
    *OF_THIRD_SHARED,
    "reaction_one_sided",
    "doubt_one_sided",
    "denial_one_sided",
    "negation_extra",
    "negation_clash",
    "negated",
    "intent_one_sided",
    "amount_clash",
    "number_agree",
    "number_extra",
    "related_word_information",
    "roles_exchanged",
    "site_missing_min",
    "exchanged",
    "overlap",
    "missing_information_min",
    "missing_information_max",
)
"""The features that ``contradicts`` needs."""


IN_WORDS = {
    "negated": "one negates what the other says",
    "number_clash": "they state different numbers",
    "month_clash": "they name different months",
    "polarity_partial": "one takes both of two opposite sides, the other only one",
    "amount_clash": "one speaks of one, the other of two or of many",
    "site_missing_min": "each names a place that the other does not",
    "ordinal_clash": "they state different ordinals",
    "weekday_clash": "they name different days of the week",
    "polarity_clash": "they say opposite things (rise and fall, confirm and deny)",
    "phase_clash": "one reports a beginning, the other an outcome",
    "alternative_clash": "each names another of several alternatives (north and south, a king and a crown prince)",
    "doubt_one_sided": "one asks or checks what the other reports",
    "reaction_one_sided": "one comments on what the other reports",
    "denial_one_sided": "one denies what the other reports",
    "intent_one_sided": "one threatens, plans, asks for or expects what the other reports",
    "roles_exchanged": "the same names stand in exchanged roles",
}
"""The contradictions, by the feature that shows them."""


def contradictions(evidence: Columns) -> dict[str, NDArray[np.bool_]]:
    """Return whether each of p pairs shares all but a fact that differs, by the feature that shows the fact.

    Args:
        evidence: at least the ``CONTRADICTING`` columns, each of shape (p,).

    Returns:
        Arrays of shape (p,), for each of ``IN_WORDS``.
    """
    overlap, missing = evidence["overlap"], evidence["missing_information_min"]
    missing_max, related = evidence["missing_information_max"], evidence["related_word_information"]
    half, third = overlap >= HALF_SHARED, overlap >= THIRD_SHARED
    most, little = overlap >= MOST_SHARED, missing < LITTLE_MISSING
    known = missing - related < LITTLE_MISSING  # آمنا and غير آمن: one root
    number_agrees = (evidence["number_agree"] > 0) & (evidence["number_extra"] <= 0)
    says_yes = (evidence["negation_extra"] <= 0) & (evidence["negation_clash"] <= 0)  # «لم نسلم» is «ينفي تسليم»
    act_known = (missing - related < ACT_MISSING) & (missing_max - related < INTENT_MISSING)
    return {
        "negated": (known | most) & (evidence["negated"] > 0),
        **{name: most & (evidence[name] > 0) for name in OF_MOST_SHARED},
        "amount_clash": most & (evidence["amount_clash"] > 0) & ~number_agrees,
        "site_missing_min": half & (evidence["site_missing_min"] > 0) & (evidence["exchanged"] > 0),
        **{name: half & (evidence[name] > 0) for name in OF_HALF_SHARED},
        **{name: third & (evidence[name] > 0) for name in OF_THIRD_SHARED},
        "reaction_one_sided": little & (evidence["reaction_one_sided"] > 0),
        "doubt_one_sided": (little | third) & (evidence["doubt_one_sided"] > 0),
        "denial_one_sided": (little | ((known | most) & says_yes)) & (evidence["denial_one_sided"] > 0),
        "intent_one_sided": act_known & (evidence["intent_one_sided"] > 0),
        "roles_exchanged": (missing_max < LITTLE_MISSING) & (evidence["roles_exchanged"] >= EXCHANGED_ROLE),
    }


def contradicts(evidence: Columns) -> NDArray[np.bool_]:
    """Return whether each of p pairs contradicts in at least one of ``contradictions``, shape (p,)."""
    contradiction: NDArray[np.bool_] = np.any(list(contradictions(evidence).values()), axis=0)
    return contradiction
