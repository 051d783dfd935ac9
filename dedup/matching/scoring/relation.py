"""Copy or same news: how a matched pair relates.

A match is a *copy* when the later headline is the earlier one, verbatim or nearly: the same letters but for a word or
two, with no number, ordinal, weekday, month, negation, denial or side of an axis that differs. Every other match is
*same news*: the event and the main fact, in other words. The two are nested; a copy is always a match.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.matching.evidence.schema import Columns

COPY, SAME_NEWS, NONE = "copy", "same-news", "none"

LETTERS = 0.8
"""Token-sort similarity of the fuzzy keys from which a match is a copy."""

MISSING = 12.0
"""Nats that a copy may lack or add: one rare word, or two common ones."""

_DIFFERS = (
    *(f"{fact}_{how}" for fact in ("number", "ordinal", "weekday", "month", "negation") for how in ("clash", "extra")),
    "polarity_clash",
    "denial_one_sided",
    "phase_clash",
)

EVIDENCE_OF_RELATION = ("token_sort_ratio", "missing_information_min", "missing_information_max", *_DIFFERS)
"""The evidence that the rule looks at."""


def relations(columns: Columns) -> NDArray[np.str_]:
    """COPY or SAME_NEWS for each pair, as if it were a match, from evidence columns of shape (p,)."""
    alike = (columns["token_sort_ratio"] >= LETTERS) & (
        columns["missing_information_min"] + columns["missing_information_max"] <= MISSING
    )
    differs = np.any([columns[name] > 0 for name in _DIFFERS], axis=0)
    return np.where(alike & ~differs, COPY, SAME_NEWS)
