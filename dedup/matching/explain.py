"""Why two headlines match, or don't: their keys, every piece of evidence, and what each added or took.

The two are put on a board of their own and go through the steps that a scan takes them through. What a scan would know
from their neighbours (how crowded the key that they share is, whether either has a closer match) is here what it is for
two headlines alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup import frames
from dedup.arabic.keys import Keys, add_keys, normalize
from dedup.core.text_arrays import replace_surrogates
from dedup.matching.blocking.candidates import Candidates
from dedup.matching.evidence.compute import compute_evidence
from dedup.matching.features import headline_features
from dedup.matching.scoring.model import load_model, threshold
from dedup.matching.scoring.relation import decide
from dedup.matching.timeline import in_order
from dedup.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that the score of a pair rests on.

    Attributes:
        left: the keys of the earlier headline (the first given, where times do not tell).
        right: the keys of the later.
        score: 0..1.
        threshold: the score from which a pair is a match.
        relation: copy, same-news or none.
        base: log-odds of an average pair.
        evidence: the value of each piece of evidence, by name.
        parts: what each added to the log-odds or took; base and parts add up to the log-odds of the score.
    """

    left: Keys
    right: Keys
    score: float
    threshold: float
    relation: str
    base: float
    evidence: dict[str, float]
    parts: dict[str, float]


def explain(
    title_a: str,
    title_b: str,
    *,
    outlet_a: str | None = None,
    outlet_b: str | None = None,
    published_a: datetime | None = None,
    published_b: datetime | None = None,
    settings: Settings = Settings(),  # noqa: B008 - frozen
) -> Explanation:
    """Say whether two headlines report the same news, and why.

    Args:
        title_a: a headline.
        title_b: another.
        outlet_a: who ran the first, None where unknown.
        outlet_b: who ran the second.
        published_a: when; a time without a zone is UTC.
        published_b: when.
        settings: for the threshold.
    """
    told = {
        "headline_id": ["a", "b"],
        "outlet": [replace_surrogates(outlet_a or ""), replace_surrogates(outlet_b or "")],
        "title": [replace_surrogates(title_a), replace_surrogates(title_b)],
        "url": [None, None],
        "published": [published_a, published_b],
        "source": ["", ""],
    }
    keys = in_order(add_keys(pl.DataFrame(told, schema=dict(frames.HEADLINES))))
    whole = headline_features(keys, settings)
    one = np.ones(1, np.int32)
    columns = compute_evidence(whole, Candidates(one - 1, one, one, 0), min_overlap=0).columns
    model = load_model()
    empty = (keys["fuzzy_key"] == "").any()
    score = model.score(columns) * np.float32(not empty)
    sides = [normalize(title, outlet=outlet or None) for title, outlet in keys.select("title", "outlet").iter_rows()]
    return Explanation(
        left=sides[0],
        right=sides[1],
        score=float(score[0]),
        threshold=threshold(settings),
        relation=str(decide(columns, score, settings).relation[0]),
        base=model.of(columns).base,
        evidence={name: float(values[0]) for name, values in columns.items()},
        parts={name: float(values[0]) for name, values in model.of(columns).parts(columns).items()},
    )
