"""Evidence of labelled pairs, computed by the package itself on whole corpora."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from benchmarks.data import corpora
from benchmarks.training.contrasts import contrasts
from dedup.arabic.keys import add_keys
from dedup.core.time_windows import MICROSECONDS_AN_HOUR
from dedup.matching.blocking.join import join
from dedup.matching.evidence.compute import compute_evidence
from dedup.matching.features import headline_features
from dedup.matching.timeline import with_recurrence

if TYPE_CHECKING:
    from pathlib import Path

    from dedup.settings import Settings

UNLABELLED = 100_000
"""Number of unlabelled candidates to sample as negatives: silver would list them if their articles agreed."""


def labelled_evidence(
    data: Path, name: str, settings: Settings, *, timeless: bool = False, limit: int | None = None
) -> pl.DataFrame:
    """Compute the evidence of the labelled candidates of a corpus.

    Args:
        data: data folder.
        name: name of the corpus.
        settings: settings of the scan.
        timeless: remove the publication times first, to train the model of undated pairs.
        limit: use only this many headlines, from the middle of the corpus.

    Returns:
        One row per candidate: ``left``, ``right`` (rows in order of time), the evidence, and the labels, null where
        the candidate has none.
    """
    headlines = corpora.headlines(data, name).sort("published", "headline_id")
    if limit is not None:
        headlines = headlines.slice(max(0, (len(headlines) - limit) // 2), limit)
    ordered = with_recurrence(add_keys(headlines))
    labels = _labels(data, name, ordered)
    if timeless:
        ordered = ordered.with_columns(published=pl.lit(None, ordered.schema["published"]), recurs=0)
    features = headline_features(ordered, settings)
    window = int(settings.window * MICROSECONDS_AN_HOUR)
    proposed = join(features.blocking_keys, features.time, window=window, limit=settings.bucket_limit)
    candidates, columns, _ = compute_evidence(features, proposed)
    sides = {"left": candidates.left.astype(np.int64), "right": candidates.right.astype(np.int64)}
    pairs = pl.DataFrame(sides | columns)
    pairs = pairs.join(labels, on=["left", "right"], how="left", maintain_order="left")
    labelled = (pairs["label"].is_not_null() | pairs["body_jaccard"].is_not_null()).to_numpy()
    unlabelled = np.flatnonzero(~labelled)
    sample = np.random.default_rng(1).choice(unlabelled, min(UNLABELLED, len(unlabelled)), replace=False)
    kept = labelled.copy()
    kept[sample] = True
    pairs = pairs.filter(kept).with_columns(corpus=pl.lit(name), timeless=pl.lit(timeless))
    return pl.concat([pairs, contrasts(pairs, ordered["fuzzy_key"], settings)], how="diagonal_relaxed")


def _labels(data: Path, name: str, ordered: pl.DataFrame) -> pl.DataFrame:
    """Return silver and gold labels by the rows of both headlines in ``ordered``."""
    silver = corpora.on_rows(corpora.silver(data, name), ordered).drop("id_a", "id_b")
    gold = corpora.on_rows(corpora.gold(data, name), ordered)
    return (
        silver.join(gold, on=["left", "right"], how="full", coalesce=True)
        .with_columns(hours=pl.coalesce("hours", "hours_right"))
        .drop("hours_right")
    )
