"""Errors by class of pair: the common reasons why similar headlines are not the same news.

The class of a pair is computed from its evidence, so that any corpus can be judged. Pairs may be of several classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup.matching.blocking.candidates import Candidates
from dedup.matching.evidence.compute import compute_evidence
from dedup.matching.features import headline_features

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from benchmarks.quality.scanned_corpus import ScannedCorpus

CLASSES = {
    "numbers differ": pl.col("number_clash") > 0,
    "ordinals differ": pl.col("ordinal_clash") > 0,
    "polarity": (pl.col("polarity_clash") > 0) | (pl.col("negation_clash") > 0) | (pl.col("negation_extra") > 0),
    # At least three words in the same order, and an informative word (6 nats: 1 headline in 400) replaced.
    "template": (pl.col("shared_words") >= 3)
    & (pl.col("consecutive_share") >= 0.5)
    & (pl.col("rarest_missing_min") >= 6),
    "standing title": (pl.col("standing") > 0) | (pl.col("recurrence_days") > 0),
    "no shared words": pl.col("shared_words") == 0,
}
"""Condition of each class on the evidence columns."""


def classify(corpus: ScannedCorpus) -> pl.DataFrame:
    """Return a Boolean column per class, one row per gold pair of a corpus (weight 0 included).

    The pairs are compared outside the scan, so that pairs that are not candidates have evidence too. Only the
    neighbourhood evidence differs from the scan's, and no class uses it.
    """
    left, right = corpus.gold["left"].to_numpy(), corpus.gold["right"].to_numpy()
    rows, index = np.unique(np.concatenate([left, right]), return_inverse=True)
    left, right = np.split(index.astype(np.int32), 2)
    features = headline_features(corpus.headlines[rows], corpus.settings)
    order = np.lexsort((left, right))
    bucket_size = np.ones(len(left), np.int32)
    columns = compute_evidence(features, Candidates(left[order], right[order], bucket_size, 0), min_overlap=0).columns
    return pl.DataFrame(columns).select(**CLASSES)[np.argsort(order)]


def count_errors(
    classes: pl.DataFrame, dup: NDArray[np.bool_], matches_by_method: Mapping[str, NDArray[np.bool_]]
) -> list[dict[str, object]]:
    """Count for each class its pairs, and for each method the missed same-news pairs and the wrong matches.

    Args:
        classes: result of ``classify``.
        dup: whether each pair is the same news, shape (p,).
        matches_by_method: whether each method matches each pair, by name of the method.
    """
    rows: list[dict[str, object]] = []
    for name in classes.columns:
        of_class = classes[name].to_numpy()
        pairs = {"dup": int((of_class & dup).sum()), "not_dup": int((of_class & ~dup).sum())}
        row: dict[str, object] = {"class": name, **pairs}
        for method, matches in matches_by_method.items():
            missed, wrong = of_class & dup & ~matches, of_class & ~dup & matches
            row[method] = {"missed": int(missed.sum()), "wrong": int(wrong.sum())}
        rows.append(row)
    return rows
