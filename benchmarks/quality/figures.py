"""The figures of one method on one corpus: pairs on gold, candidates and matches on silver, clusters on silver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from benchmarks.quality.clusters import b_cubed, components, densities
from benchmarks.quality.intervals import by_day, calibration_error
from benchmarks.quality.precision_recall import curve, matched

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.quality.recipes import Recipe
    from benchmarks.quality.scanned_corpus import Scanned

WINDOW = 72.0
"""Hours within which silver positives should be found; the window that is added to the best recipe."""

THRESHOLDS = np.round(np.arange(0.30, 0.96, 0.05), 2)
"""At which a recipe's clusters are tried for the best that hindsight could choose."""


def on_gold(
    corpus: Scanned, scores: NDArray[np.float64], found: NDArray[np.bool_], gold: pl.DataFrame, *, repeats: int
) -> dict[str, Any]:
    """Average precision, precision and recall, recall at fixed precision, with intervals by day."""
    dup, weights = gold["dup"].to_numpy(), gold["weight"].to_numpy()

    def figures(places: NDArray[np.int64], times: NDArray[np.int64]) -> dict[str, float]:
        drawn = dup[places], weights[places] * times
        return curve(scores[places], *drawn) | matched(found[places], *drawn)

    every = np.arange(len(gold))
    intervals = by_day(corpus.days(gold), dup, figures, repeats=repeats)
    return figures(every, np.ones(len(gold), np.int64)) | {"intervals": intervals}


def of_dedup(corpus: Scanned, *, repeats: int) -> dict[str, Any]:
    """All figures of dedup."""
    told: dict[str, Any] = {"name": "dedup", "threshold": corpus.summary["threshold"]}
    gold = corpus.gold.filter(pl.col("weight") > 0)
    if gold["dup"].any():
        dup, weights = gold["dup"].to_numpy(), gold["weight"].to_numpy()
        scores, found = corpus.scores(gold)
        told |= on_gold(corpus, scores, found, gold, repeats=repeats)
        told["calibration_error"] = calibration_error(scores, dup, weights)
        together = corpus.story[gold["left"].to_numpy()] == corpus.story[gold["right"].to_numpy()]
        told |= {f"story_{name}": value for name, value in matched(together, dup, weights).items()}
        known = corpus.judged[corpus.partnered]
        lone = ~(np.isin(gold["left"], known) & np.isin(gold["right"], known))
        told["lone_dup"] = float((weights * (dup & lone)).sum() / (weights * dup).sum())
        told["lone_precision"] = matched(found & lone, dup, weights)["precision"]
    near = corpus.silver.filter(pl.col("positive") & (pl.col("hours") <= WINDOW))
    if len(near):
        told["candidates"] = float(corpus.proposed(near).mean())
        told["matched"] = float(corpus.scores(near)[1].mean())
        told |= _clusters(corpus, corpus.story)
    matches = corpus.pairs.filter("is_match")
    sizes, density = densities(corpus.story, matches["left"].to_numpy(), matches["right"].to_numpy())
    told["least_density"] = float(density.min(initial=1.0))
    told["largest_story"] = int(sizes.max(initial=1))
    return told


def of_recipe(
    corpus: Scanned, recipe: Recipe, titles: pl.Series, *, repeats: int, window: float | None = None
) -> dict[str, Any]:
    """All figures of a recipe, its clusters being the connected components of its matches among the labelled pairs.

    Args:
        corpus: with its labels.
        recipe: to be judged.
        titles: folded, of all rows.
        repeats: bootstrap resamples.
        window: hours beyond which the recipe's scores are set to 0; None leaves them as they are.

    Raises:
        UnavailableError: the recipe cannot run here.
    """

    def scores(labels: pl.DataFrame) -> NDArray[np.float64] | None:
        found = recipe.scores(titles, labels["left"].to_numpy(), labels["right"].to_numpy())
        if found is None:
            return None
        near = np.True_ if window is None else (labels["hours"].fill_null(0) <= window).to_numpy()
        return np.where(near, found, 0).astype(np.float64)

    told: dict[str, Any] = {"name": recipe.name, "threshold": recipe.threshold}
    gold = corpus.gold.filter(pl.col("weight") > 0)
    if gold["dup"].any():
        of_gold = scores(gold)
        if of_gold is not None:
            told |= on_gold(corpus, of_gold, of_gold >= recipe.threshold, gold, repeats=repeats)
    of_silver = scores(corpus.silver) if len(corpus.silver) else None
    if of_silver is None:
        return told
    near = (corpus.silver["positive"] & (corpus.silver["hours"] <= WINDOW)).to_numpy()
    told["matched"] = float((of_silver[near] >= recipe.threshold).mean())
    if recipe.proposes:
        told["candidates"] = float((of_silver[near] > 0).mean())
    told |= _clustered(corpus, of_silver, recipe.threshold)
    best = [_clustered(corpus, of_silver, limit)["b3_f1"] for limit in THRESHOLDS]
    told |= {"b3_f1_best": max(best), "b3_threshold_best": float(THRESHOLDS[int(np.argmax(best))])}
    return told


def _clustered(corpus: Scanned, scores: NDArray[np.float64], limit: float) -> dict[str, float]:
    found = corpus.silver.select("left", "right").filter(pl.Series(scores >= limit))
    cluster = components(len(corpus.headlines), found["left"].to_numpy(), found["right"].to_numpy())
    return _clusters(corpus, cluster)


def _clusters(corpus: Scanned, cluster: NDArray[np.int64]) -> dict[str, float]:
    """B³ over the headlines that have a partner, and its F1 with as many others, each taken to be alone."""
    found, own = cluster[corpus.judged], corpus.partnered
    return b_cubed(found[own], corpus.truth[own]) | {"b3_f1_others": b_cubed(found, corpus.truth)["b3_f1"]}
