"""Figures of one method on one corpus: pairs on gold; candidates, matches and clusters on silver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from benchmarks.quality.clusters import b_cubed, components, densities
from benchmarks.quality.intervals import bootstrap_by_day, calibration_error
from benchmarks.quality.precision_recall import curve, matched

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.quality.recipes import Recipe
    from benchmarks.quality.scanned_corpus import ScannedCorpus

WINDOW = 72.0
"""Hours between silver positives that count for recall, and the time window added to the best recipe."""

THRESHOLDS = np.round(np.arange(0.30, 0.96, 0.05), 2)
"""Thresholds tried for the best clusters of a recipe in hindsight."""


def pair_figures(
    corpus: ScannedCorpus, scores: NDArray[np.float64], is_match: NDArray[np.bool_], gold: pl.DataFrame, *, repeats: int
) -> dict[str, Any]:
    """Return average precision, precision, recall and recall at fixed precision, with intervals by day."""
    dup, weights = gold["dup"].to_numpy(), gold["weight"].to_numpy()

    def figures(rows: NDArray[np.int64], times: NDArray[np.int64]) -> dict[str, float]:
        drawn = dup[rows], weights[rows] * times
        return curve(scores[rows], *drawn) | matched(is_match[rows], *drawn)

    every = np.arange(len(gold))
    intervals = bootstrap_by_day(corpus.days(gold), dup, figures, repeats=repeats)
    return figures(every, np.ones(len(gold), np.int64)) | {"intervals": intervals}


def dedup_figures(corpus: ScannedCorpus, *, repeats: int) -> dict[str, Any]:
    """Return all figures of dedup."""
    row: dict[str, Any] = {"name": "dedup", "threshold": corpus.summary["threshold"]}
    gold = corpus.gold.filter(pl.col("weight") > 0)
    if gold["dup"].any():
        dup, weights = gold["dup"].to_numpy(), gold["weight"].to_numpy()
        scores, is_match = corpus.scores(gold)
        row |= pair_figures(corpus, scores, is_match, gold, repeats=repeats)
        row["calibration_error"] = calibration_error(scores, dup, weights)
        together = corpus.story[gold["left"].to_numpy()] == corpus.story[gold["right"].to_numpy()]
        row |= {f"story_{name}": value for name, value in matched(together, dup, weights).items()}
        known = corpus.cluster_rows[corpus.has_partner]
        lone = ~(np.isin(gold["left"], known) & np.isin(gold["right"], known))
        row["lone_dup"] = float((weights * (dup & lone)).sum() / (weights * dup).sum())
        row["lone_precision"] = matched(is_match & lone, dup, weights)["precision"]
    near = corpus.silver.filter(pl.col("positive") & (pl.col("hours") <= WINDOW))
    if len(near):
        row["candidates"] = float(corpus.is_candidate(near).mean())
        row["matched"] = float(corpus.scores(near)[1].mean())
        row |= _cluster_figures(corpus, corpus.story)
    matches = corpus.pairs.filter("is_match")
    sizes, density = densities(corpus.story, matches["left"].to_numpy(), matches["right"].to_numpy())
    row["least_density"] = float(density.min(initial=1.0))
    row["largest_story"] = int(sizes.max(initial=1))
    return row


def recipe_figures(
    corpus: ScannedCorpus, recipe: Recipe, titles: pl.Series, *, repeats: int, window: float | None = None
) -> dict[str, Any]:
    """Return all figures of a recipe; its clusters are the connected components of its matches among labelled pairs.

    Args:
        corpus: corpus with its labels.
        recipe: recipe to judge.
        titles: folded titles of all rows.
        repeats: number of bootstrap resamples.
        window: hours beyond which scores are set to 0; None for no limit.

    Raises:
        UnavailableError: the recipe cannot run here.
    """

    def scores(labels: pl.DataFrame) -> NDArray[np.float64] | None:
        scored = recipe.scores(titles, labels["left"].to_numpy(), labels["right"].to_numpy())
        if scored is None:
            return None
        near = np.True_ if window is None else (labels["hours"].fill_null(0) <= window).to_numpy()
        return np.where(near, scored, 0).astype(np.float64)

    row: dict[str, Any] = {"name": recipe.name, "threshold": recipe.threshold}
    gold = corpus.gold.filter(pl.col("weight") > 0)
    if gold["dup"].any():
        of_gold = scores(gold)
        if of_gold is not None:
            row |= pair_figures(corpus, of_gold, of_gold >= recipe.threshold, gold, repeats=repeats)
    of_silver = scores(corpus.silver) if len(corpus.silver) else None
    if of_silver is None:
        return row
    near = (corpus.silver["positive"] & (corpus.silver["hours"] <= WINDOW)).to_numpy()
    row["matched"] = float((of_silver[near] >= recipe.threshold).mean())
    if recipe.blocks:
        row["candidates"] = float((of_silver[near] > 0).mean())
    row |= _recipe_clusters(corpus, of_silver, recipe.threshold)
    best = [_recipe_clusters(corpus, of_silver, limit)["b3_f1"] for limit in THRESHOLDS]
    row |= {"b3_f1_best": max(best), "b3_threshold_best": float(THRESHOLDS[int(np.argmax(best))])}
    return row


def _recipe_clusters(corpus: ScannedCorpus, scores: NDArray[np.float64], limit: float) -> dict[str, float]:
    """Return the cluster figures of the components of the silver pairs that score at least ``limit``."""
    matches = corpus.silver.select("left", "right").filter(pl.Series(scores >= limit))
    cluster = components(len(corpus.headlines), matches["left"].to_numpy(), matches["right"].to_numpy())
    return _cluster_figures(corpus, cluster)


def _cluster_figures(corpus: ScannedCorpus, cluster: NDArray[np.int64]) -> dict[str, float]:
    """Return B³ over the headlines with a silver partner, and its F1 with as many without (``b3_f1_others``)."""
    clusters, partnered, truth = cluster[corpus.cluster_rows], corpus.has_partner, corpus.cluster_truth
    return b_cubed(clusters[partnered], truth[partnered]) | {"b3_f1_others": b_cubed(clusters, truth)["b3_f1"]}
