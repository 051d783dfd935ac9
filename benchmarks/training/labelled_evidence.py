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
from dedup.matching.evidence.compute import LITTLE_OVERLAP, are_compared, compute_evidence
from dedup.matching.features import headline_features
from dedup.matching.timeline import with_recurrence

if TYPE_CHECKING:
    from pathlib import Path

    from dedup.settings import Settings

SILVER_POSITIVES, SILVER_NEGATIVES, UNLISTED = 15_000, 30_000, 15_000
"""Silver pairs of a corpus that are used, at most, and candidates that silver does not list: it would list them if
their articles agreed. More of them changed no figure of the labels."""

META = (
    "left", "right", "id_a", "id_b", "label", "kind", "weight", "silver", "soft", "contrast", "corpus", "timeless",
    "day", "compared",
)  # fmt: skip
"""Columns that are not evidence."""


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
        One row per candidate: ``left``, ``right`` (rows in order of time), the evidence, ``label``, ``kind`` and
        ``weight`` (null for pairs without a label), ``silver`` (whether the articles agree; null for labelled pairs and
        contrasts), ``soft`` (the probability of the same news of silver pairs and contrasts), ``contrast`` (the fact
        that was changed), ``day`` of the later headline.
    """
    headlines = corpora.headlines(data, name).sort("published", "headline_id")
    if limit is not None:
        headlines = headlines.slice(max(0, (len(headlines) - limit) // 2), limit)
    ordered = with_recurrence(add_keys(headlines))
    weak = _silver(data, name, ordered)
    labels = corpora.on_rows(corpora.labels(data, name), ordered).drop("hours")
    days = ordered["published"].dt.epoch("d").to_numpy()
    if timeless:
        ordered = ordered.with_columns(published=pl.lit(None, ordered.schema["published"]), recurs=0)
    features = headline_features(ordered, settings).with_recent_words(settings)
    window = int(settings.window * MICROSECONDS_AN_HOUR)
    proposed = join(features.blocking_keys, features.time, window=window, limit=settings.bucket_limit)
    compared = compute_evidence(features, proposed, min_overlap=LITTLE_OVERLAP)
    candidates, columns = compared.candidates, compared.columns
    left, right = candidates.left.astype(np.int64), candidates.right.astype(np.int64)
    in_scans = are_compared(columns["overlap"], columns["meaning_similarity"])
    pairs = pl.DataFrame({"left": left, "right": right, "day": days[right], "compared": in_scans} | columns)
    pairs = pairs.join(labels, on=["left", "right"], how="left", maintain_order="left")
    pairs = pairs.join(weak, on=["left", "right"], how="left", maintain_order="left")
    is_labelled = pl.col("label").is_not_null()
    pairs = pairs.with_columns(
        silver=pl.when(~is_labelled).then(pl.col("silver")),
        listed=pl.col("listed").fill_null(value=False),
        corpus=pl.lit(name),
        timeless=pl.lit(timeless),
    )
    sampled = [pairs.filter(is_labelled)]
    if len(weak):
        rest = pairs.filter(~is_labelled)
        sampled += [
            _sample(rest.filter(pl.col("silver")), SILVER_POSITIVES),
            _sample(rest.filter(~pl.col("silver")), SILVER_NEGATIVES),
            _sample(rest.filter(~pl.col("listed")).with_columns(silver=False), UNLISTED),
        ]
    kept = pl.concat(sampled, how="diagonal_relaxed").drop("listed")
    kept = kept.with_columns(soft=pl.col("silver").cast(pl.Float64))
    positives = kept.filter(pl.col("silver").fill_null(value=False))
    return pl.concat([kept, contrasts(positives, ordered["fuzzy_key"], features, settings)], how="diagonal_relaxed")


def _silver(data: Path, name: str, ordered: pl.DataFrame) -> pl.DataFrame:
    """Return ``left``, ``right``, ``silver`` (null where articles agree in part) and ``listed`` of the silver pairs."""
    silver = corpora.on_rows(corpora.silver(data, name), ordered)
    agree = pl.when("positive").then(True).when("negative").then(False)
    return silver.select("left", "right", silver=agree, listed=pl.lit(value=True))


def _sample(pairs: pl.DataFrame, size: int) -> pl.DataFrame:
    """Return a random sample of at most ``size`` rows, the same in every run, in their order."""
    rows = np.random.default_rng(1).choice(len(pairs), min(size, len(pairs)), replace=False)
    return pairs[np.sort(rows)]
