"""Errors by their kind: the few kinds of pairs that are alike and yet not the same news.

The kind of a pair is read off the evidence itself, so any corpus can be judged. Pairs may be of several kinds.
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

    from benchmarks.quality.scanned_corpus import Scanned

CLASSES = {
    "numbers differ": pl.col("number_clash") > 0,
    "ordinals differ": pl.col("ordinal_clash") > 0,
    "polarity": (pl.col("polarity_clash") > 0) | (pl.col("negation_clash") > 0) | (pl.col("negation_extra") > 0),
    # Three words or more in the same order, and a telling word (6 nats: 1 headline in 400) exchanged for another.
    "template": (pl.col("shared_words") >= 3)
    & (pl.col("consecutive_share") >= 0.5)
    & (pl.col("rarest_missing_min") >= 6),
    "standing title": (pl.col("standing") > 0) | (pl.col("recurrence_days") > 0),
    "no shared words": pl.col("shared_words") == 0,
}
"""What each class is, on the evidence columns."""


def classified(corpus: Scanned) -> pl.DataFrame:
    """For each gold pair of a corpus (weight 0 included), whether it is of each class.

    The pairs are compared on a board of their own, so that those which are no candidates have evidence too. Only what
    the neighbourhood says differs from the scan, and no class asks for it.
    """
    left, right = corpus.gold["left"].to_numpy(), corpus.gold["right"].to_numpy()
    rows, place = np.unique(np.concatenate([left, right]), return_inverse=True)
    left, right = np.split(place.astype(np.int32), 2)
    whole = headline_features(corpus.headlines[rows], corpus.settings)
    order = np.lexsort((left, right))
    bucket_size = np.ones(len(left), np.int32)
    columns = compute_evidence(whole, Candidates(left[order], right[order], bucket_size, 0), min_overlap=0).columns
    told = pl.DataFrame(columns).select(**CLASSES)
    return told[np.argsort(order)]


def errors(
    classes: pl.DataFrame, dup: NDArray[np.bool_], found: Mapping[str, NDArray[np.bool_]]
) -> list[dict[str, object]]:
    """For each class its pairs, and for each method the dup pairs missed and the others matched.

    Args:
        classes: as ``classified`` tells them.
        dup: which pairs are the same news.
        found: which pairs each method matches, by its name.
    """
    rows: list[dict[str, object]] = []
    for name in classes.columns:
        of_class = classes[name].to_numpy()
        pairs = {"dup": int((of_class & dup).sum()), "not_dup": int((of_class & ~dup).sum())}
        row: dict[str, object] = {"class": name, **pairs}
        for method, matches in found.items():
            missed, wrong = of_class & dup & ~matches, of_class & ~dup & matches
            row[method] = {"missed": int(missed.sum()), "wrong": int(wrong.sum())}
        rows.append(row)
    return rows
