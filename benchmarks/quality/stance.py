"""Accuracy on ANS: headlines paired with a paraphrase (agree) or a contradiction (disagree), without dates or outlets.

Khouja, "Stance prediction and claim verification: an Arabic perspective", 2020. Contradictions share most words, so
similarity alone takes them for the same news. The main figure is the share of agreeing pairs among the matches. The
score is trained on the training split; judge by the development split.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from benchmarks.quality.recipes import Recipe, UnavailableError, folded
from benchmarks.quality.title_pairs import stance_pairs, title_evidence
from dedup.matching.scoring.model import load_model
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

PATH = "headline-pairs/ans-stance.tsv"

SEEN = "train"
"""The split that the score is trained on."""


def judge_split(data: Path, split: str, recipes: Sequence[Recipe]) -> dict[str, Any]:
    """Judge every method on one split; ``rows`` is empty if the folder has no such pairs."""
    pairs = stance_pairs(data, (split,))
    rows = [dedup_row(pairs), *(recipe_row(pairs, recipe) for recipe in recipes)] if len(pairs) else []
    return {"split": split, "pairs": len(pairs), "rows": rows}


def score_titles(pairs: pl.DataFrame) -> NDArray[np.float32]:
    """Return the score of each pair of titles (the first two columns), as ``dedup explain`` scores two titles."""
    columns = title_evidence(pairs, Settings())
    score = load_model().same_news.probability({name: columns[name].to_numpy() for name in columns.columns})
    return np.where(columns["words_min"].to_numpy() > 0, score, np.float32(0))


def dedup_row(pairs: pl.DataFrame) -> dict[str, Any]:
    """Return the figures of dedup at its default threshold."""
    limit = load_model().thresholds["default"]
    return _row("dedup", limit, score_titles(pairs) >= limit, pairs)


def recipe_row(pairs: pl.DataFrame, recipe: Recipe) -> dict[str, Any]:
    """Return the figures of a recipe at its customary threshold, or why there are none (``unavailable``)."""
    titles = folded(pl.concat([pairs["s1"], pairs["s2"]]))
    left = np.arange(len(pairs))
    try:
        scores = recipe.scores(titles, left, left + len(pairs))
    except UnavailableError as error:
        return {"name": recipe.name, "threshold": recipe.threshold, "unavailable": str(error)}
    if scores is None:
        return {"name": recipe.name, "threshold": recipe.threshold, "unavailable": "too slow for so many titles"}
    return _row(recipe.name, recipe.threshold, scores >= recipe.threshold, pairs)


def _row(name: str, threshold: float, is_match: NDArray[np.bool_], pairs: pl.DataFrame) -> dict[str, Any]:
    agree, matched = pairs["agree"].to_numpy(), int(is_match.sum())
    hits = int((is_match & agree).sum())
    return {
        "name": name,
        "threshold": threshold,
        "matched": matched,
        "agree": hits,
        "share_agree": hits / matched if matched else 0.0,
        "recall": hits / int(agree.sum()) if agree.any() else 0.0,
    }
