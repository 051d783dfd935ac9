"""ANS: headlines against a rewritten paraphrase (agree) or contradiction (disagree), without dates or outlets.

Khouja, "Stance prediction and claim verification: an Arabic perspective", 2020. Contradictions keep the words, so a
method that measures similarity takes them for the same news; the question asked here is how many of the pairs that a
method matches agree. The score was trained on the training split, so the development split is what tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from benchmarks.quality.recipes import Recipe, UnavailableError, folded
from benchmarks.quality.title_pairs import alone, stances
from dedup.matching.scoring.model import load_model
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

PATH = "headline-pairs/ans-stance.tsv"

SEEN = "train"
"""The split that the score was trained on."""


def judged(data: Path, split: str, recipes: Sequence[Recipe]) -> dict[str, Any]:
    """Every method on one split: ``split``, ``pairs``, ``rows``; no rows where the folder has no such pairs."""
    pairs = stances(data, (split,))
    told: dict[str, Any] = {"split": split, "pairs": len(pairs), "rows": []}
    if len(pairs):
        told["rows"] = [of_dedup(pairs), *(of_recipe(pairs, recipe) for recipe in recipes)]
    return told


def isolated(pairs: pl.DataFrame) -> NDArray[np.float32]:
    """The score of each pair of titles (the first two columns), as ``dedup explain`` scores two titles."""
    columns = alone(pairs, Settings())
    score = load_model().score({name: columns[name].to_numpy() for name in columns.columns})
    return np.where(columns["words_min"].to_numpy() > 0, score, np.float32(0))


def of_dedup(pairs: pl.DataFrame) -> dict[str, Any]:
    """What dedup matches, at its default threshold."""
    limit = load_model().thresholds["default"]
    return _told("dedup", limit, isolated(pairs) >= limit, pairs)


def of_recipe(pairs: pl.DataFrame, recipe: Recipe) -> dict[str, Any]:
    """What a recipe matches, at its customary threshold."""
    titles = folded(pl.concat([pairs["s1"], pairs["s2"]]))
    left = np.arange(len(pairs))
    try:
        scores = recipe.scores(titles, left, left + len(pairs))
    except UnavailableError as error:
        return {"name": recipe.name, "threshold": recipe.threshold, "unavailable": str(error)}
    if scores is None:
        return {"name": recipe.name, "threshold": recipe.threshold, "unavailable": "too slow for so many titles"}
    return _told(recipe.name, recipe.threshold, scores >= recipe.threshold, pairs)


def _told(name: str, threshold: float, found: NDArray[np.bool_], pairs: pl.DataFrame) -> dict[str, Any]:
    agree, matched = pairs["agree"].to_numpy(), int(found.sum())
    right = int((found & agree).sum())
    return {
        "name": name,
        "threshold": threshold,
        "matched": matched,
        "agree": right,
        "share_agree": right / matched if matched else 0.0,
        "recall": right / int(agree.sum()) if agree.any() else 0.0,
    }
