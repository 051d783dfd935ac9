"""From scores to relations: the one decision that a scan, an index, ``explain`` and ``similar`` share.

A pair *matches* when its score reaches the threshold, the two do not contradict each other (``contradiction``) and
neither headline is a standing title: weather, cartoons and columns of one name are equal every day, and never cover an
event. A match is a *copy* when the later headline is the earlier one, verbatim or nearly: the same letters but for a
word or two, and nothing in it contradicts the other: no number, ordinal, weekday, month or side of a polarity that
differs, no informative word in another's place, nobody in another's role, no one that is two or many, no denial,
negation, question, comment or intention of one side alone. A copy is what a reader drops, so what only may be a
contradiction keeps a match from being a copy. Every other match is *same news*: the event and the main fact, in other
words. A pair that does not match is *related* when its related score reaches its threshold and neither headline is a
standing title: a follow-up, another statement, the same kind of event elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.core.hashing import true_at
from dedup.matching.evidence.schema import FACTS
from dedup.matching.scoring.contradiction import CONTRADICTING, IN_WORDS, contradictions, contradicts
from dedup.matching.scoring.model import related_threshold, threshold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.matching.evidence.schema import Columns
    from dedup.matching.scoring.model import Scores
    from dedup.settings import Settings

COPY, SAME_NEWS, RELATED, NONE = "copy", "same-news", "related", "none"

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
    "alternative_clash",
)
"""Features that a copy has none of."""

_EXCHANGES = ("exchanged", "roles_exchanged")
"""Features of which a copy has less than COPY_EXCHANGED."""

DECISIVE = tuple(dict.fromkeys(("standing", "token_sort_ratio", *_DIFFERENCES, *_EXCHANGES, *CONTRADICTING)))
"""The features that ``decide`` needs."""

RULES = {"standing": "a standing title (weather, a column, one that recurs) is nobody's news"} | IN_WORDS
"""The rules by which a pair is no match whatever its score, by the feature that shows it."""


class Decision(NamedTuple):
    """Whether each of p pairs matches, whether its related score makes it related, its relation; each of shape (p,)."""

    is_match: NDArray[np.bool_]
    is_related: NDArray[np.bool_]
    relation: NDArray[np.str_]


def decide(evidence: Columns, scores: Scores, settings: Settings) -> Decision:
    """Decide which pairs match and how they relate.

    Args:
        evidence: at least the ``DECISIVE`` columns, each of shape (p,).
        scores: of each pair; compared with the thresholds in float32.
        settings: for the threshold.
    """
    is_news = evidence["standing"] == 0
    is_match = (scores.score >= threshold(settings)) & is_news
    if is_match.any():
        is_match &= ~contradicts(evidence)
    is_related = are_related(scores.related_score, ~is_news)
    if not (is_match | is_related).any():
        return Decision(is_match, is_related, np.full(len(is_match), NONE))
    matched = np.where(_is_copy(evidence), COPY, SAME_NEWS)
    return Decision(is_match, is_related, np.where(is_match, matched, np.where(is_related, RELATED, NONE)))


def ruled_out_by(evidence: Columns) -> list[dict[str, str]]:
    """Return for each of p pairs the RULES by which it is no match whatever its score; none for most pairs."""
    rules = {"standing": evidence["standing"] > 0} | contradictions(evidence)
    return [
        {name: RULES[name] for name, applies in zip(rules, pair, strict=True) if applies}
        for pair in np.array(list(rules.values())).T.tolist()
    ]


def exclusions(
    evidence: Columns, scores: Scores, is_match: NDArray[np.bool_], settings: Settings
) -> dict[int, dict[str, str]]:
    """Return, for the pairs that are no match although their scores would be enough, by which RULES, by their rows.

    Args:
        evidence: at least the DECISIVE columns, each of shape (p,).
        scores: both scores.
        is_match: of each pair, see ``decide``.
        settings: for the threshold.
    """
    rows = true_at((scores.score >= threshold(settings)) & ~is_match)
    if not len(rows):
        return {}
    return dict(zip(rows.tolist(), ruled_out_by({name: evidence[name][rows] for name in DECISIVE}), strict=True))


def are_related(related_score: NDArray[np.float32], standing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return whether each pair's related score makes it related, whether or not it also matches."""
    return (related_score >= related_threshold()) & ~standing


def _is_copy(evidence: Columns) -> NDArray[np.bool_]:
    """Return whether each pair, if it matches, is a copy."""
    missing = evidence["missing_information_min"] + evidence["missing_information_max"]
    equal = (evidence["token_sort_ratio"] >= COPY_SIMILARITY) & (missing <= COPY_MISSING)
    differs = [evidence[name] > 0 for name in _DIFFERENCES] + [evidence[name] >= COPY_EXCHANGED for name in _EXCHANGES]
    copies: NDArray[np.bool_] = equal & ~np.any(differs, axis=0)
    return copies
