"""From scores to relations: the one decision that a scan, an index, ``explain`` and ``similar`` share.

A pair *matches* when its score reaches the threshold, the two do not contradict each other (``contradiction``) and
neither headline is a standing title: weather, cartoons and columns of one name are equal every day, and never cover an
event. A match is a *copy* when the later headline is the
earlier one, verbatim or nearly: the same letters but for a word or two, and nothing in it contradicts the other: no
number, ordinal, weekday, month or side of a polarity that differs, no informative word in another's place, nobody in
another's role, no one that is two or many, no denial, negation, question, comment or intention of one side alone. A
copy is what a reader drops, so what only may be a contradiction keeps a match from being a copy. Every other match is
*same news*: the event and the main fact, in other words. The relations are nested: a copy is always a match.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.matching.evidence.schema import FACTS
from dedup.matching.scoring.contradiction import CONTRADICTING, contradicts
from dedup.matching.scoring.model import threshold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.matching.evidence.schema import Columns
    from dedup.settings import Settings

COPY, SAME_NEWS, NONE = "copy", "same-news", "none"

COPY_SIMILARITY = 0.8
"""Token-sort similarity of the fuzzy keys from which a match is a copy."""

COPY_MISSING = 12.0
"""Nats that a copy may lack and add together: one rare word, or two common ones."""

COPY_EXCHANGED = 3.0
"""Nats of a word in another's place that a copy may have: a preposition, not a name."""

_DIFFERENCES = (
    *(f"{fact}_{how}" for fact in FACTS if fact != "place" for how in ("clash", "extra")),
    "polarity_clash",
    "polarity_partial",
    "denial_one_sided",
    "reaction_one_sided",
    "doubt_one_sided",
    "intent_one_sided",
    "phase_clash",
    "site_missing_min",
    "negated",
    "amount_clash",
)
"""Features that a copy has none of."""

_EXCHANGES = ("exchanged", "roles_exchanged")
"""Features of which a copy has less than COPY_EXCHANGED."""

DECISIVE = tuple(dict.fromkeys(("standing", "token_sort_ratio", *_DIFFERENCES, *_EXCHANGES, *CONTRADICTING)))
"""The features that ``decide`` needs."""


class Decision(NamedTuple):
    """Whether each of p pairs matches, and its relation, each array of shape (p,)."""

    is_match: NDArray[np.bool_]
    relation: NDArray[np.str_]


def decide(evidence: Columns, score: NDArray[np.float32], settings: Settings) -> Decision:
    """Decide which pairs match and how they relate.

    Args:
        evidence: at least the ``DECISIVE`` columns, each of shape (p,).
        score: of each pair, 0..1, shape (p,); compared with the threshold in float32.
        settings: for the threshold.
    """
    is_match = (score >= threshold(settings)) & (evidence["standing"] == 0) & ~contradicts(evidence)
    if not is_match.any():
        return Decision(is_match, np.full(len(is_match), NONE))
    return Decision(is_match, np.where(is_match, np.where(_is_copy(evidence), COPY, SAME_NEWS), NONE))


def _is_copy(evidence: Columns) -> NDArray[np.bool_]:
    """Return whether each pair, if it matches, is a copy."""
    missing = evidence["missing_information_min"] + evidence["missing_information_max"]
    equal = (evidence["token_sort_ratio"] >= COPY_SIMILARITY) & (missing <= COPY_MISSING)
    differs = [evidence[name] > 0 for name in _DIFFERENCES] + [evidence[name] >= COPY_EXCHANGED for name in _EXCHANGES]
    copies: NDArray[np.bool_] = equal & ~np.any(differs, axis=0)
    return copies
