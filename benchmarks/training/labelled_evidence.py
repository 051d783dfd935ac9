"""The evidence of labelled pairs, computed by the package itself on whole corpora."""

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
from dedup.matching.timeline import in_order

if TYPE_CHECKING:
    from pathlib import Path

    from dedup.settings import Settings

ASIDE = 100_000
"""How many candidates without any label are kept: their bodies do not agree, or silver would list them."""


def labelled(
    data: Path, name: str, settings: Settings, *, timeless: bool = False, most: int | None = None
) -> pl.DataFrame:
    """One row per labelled candidate of a corpus: ``left``, ``right``, the evidence, the labels (null where none).

    Args:
        data: a data folder.
        name: of a corpus.
        settings: of the scan.
        timeless: take the times away from the headlines, to learn what is left to go by.
        most: take only this many of the headlines, the middle of the corpus.
    """
    headlines = corpora.headlines(data, name).sort("published", "headline_id")
    if most is not None:
        headlines = headlines.slice(max(0, (len(headlines) - most) // 2), most)
    ordered = in_order(add_keys(headlines))
    labels = _labels(data, name, ordered)
    if timeless:
        ordered = ordered.with_columns(published=pl.lit(None, ordered.schema["published"]), recurs=0)
    whole = headline_features(ordered, settings)
    window = int(settings.window * MICROSECONDS_AN_HOUR)
    proposed = join(whole.blocking_keys, whole.time, window=window, limit=settings.bucket_limit)
    candidates, columns, _ = compute_evidence(whole, proposed)
    sides = {"left": candidates.left.astype(np.int64), "right": candidates.right.astype(np.int64)}
    pairs = pl.DataFrame(sides | columns)
    pairs = pairs.join(labels, on=["left", "right"], how="left", maintain_order="left")
    known = pairs["label"].is_not_null() | pairs["body_jaccard"].is_not_null()
    aside = np.flatnonzero(~known.to_numpy())
    aside = np.random.default_rng(1).choice(aside, min(ASIDE, len(aside)), replace=False)
    known = known.to_numpy().copy()
    known[aside] = True
    pairs = pairs.filter(known).with_columns(corpus=pl.lit(name), timeless=pl.lit(timeless))
    return pl.concat([pairs, contrasts(pairs, ordered["fuzzy_key"], settings)], how="diagonal_relaxed")


def _labels(data: Path, name: str, ordered: pl.DataFrame) -> pl.DataFrame:
    silver = corpora.on_rows(corpora.silver(data, name), ordered).drop("id_a", "id_b")
    gold = corpora.on_rows(corpora.gold(data, name), ordered)
    return (
        silver.join(gold, on=["left", "right"], how="full", coalesce=True)
        .with_columns(hours=pl.coalesce("hours", "hours_right"))
        .drop("hours_right")
    )
