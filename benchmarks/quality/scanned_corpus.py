"""A labelled corpus with the results of one scan, on which every method is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from benchmarks.data import corpora
from benchmarks.quality.clusters import components
from dedup import frames
from dedup.core.time_windows import MICROSECONDS_AN_HOUR
from dedup.matching.blocking.join import join
from dedup.matching.features import headline_features
from dedup.matching.timeline import with_recurrence
from dedup.pipeline import scan
from dedup.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

PAIRS_FLOOR = 0.02
"""Minimum score of the pairs kept, low enough for average precision."""


@dataclass(frozen=True, slots=True)
class ScannedCorpus:
    """A corpus in order of time; all rows index ``headlines``.

    Attributes:
        headlines: KEYS with ``recurs``, in order of time.
        labels: ``left``, ``right``, ``is_same_news``, ``weight`` of pairs drawn from all candidates; each stands for
            ``weight`` candidates.
        silver: ``left``, ``right``, ``positive``, ``negative``, ``hours``; a pair may be neither.
        pairs: ``left``, ``right``, ``score``, ``is_match`` and ``relation`` of the pairs that the scan kept.
        candidates: ``right * n + left`` of every candidate, ascending.
        story: first row of each headline's story, shape (n,).
        cluster_rows: rows of the headlines on which clusters are judged (see ``_cluster_sample``), shape (m,).
        cluster_truth: silver component of each of them, shape (m,).
        has_partner: whether each of them is in a silver-positive pair, shape (m,).
        settings: settings of the scan.
    """

    headlines: pl.DataFrame
    labels: pl.DataFrame
    silver: pl.DataFrame
    pairs: pl.DataFrame
    candidates: NDArray[np.int64]
    story: NDArray[np.int64]
    cluster_rows: NDArray[np.int64]
    cluster_truth: NDArray[np.int64]
    has_partner: NDArray[np.bool_]
    settings: Settings

    def scores(self, labels: pl.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the score of each labelled pair and whether it matches; pairs that the scan did not keep score 0."""
        pairs = labels.select("left", "right").join(self.pairs, on=["left", "right"], how="left", maintain_order="left")
        score = pairs["score"].fill_null(0).cast(pl.Float64)
        return score.to_numpy(), pairs["is_match"].fill_null(value=False).to_numpy()

    def is_candidate(self, labels: pl.DataFrame) -> NDArray[np.bool_]:
        """Return whether each labelled pair is a candidate of blocking."""
        codes = (labels["right"] * len(self.headlines) + labels["left"]).to_numpy()
        return np.isin(codes, self.candidates)


def scan_corpus(data: Path, name: str) -> ScannedCorpus:
    """Scan a corpus of a data folder and map its labels to rows."""
    settings = Settings(pairs_floor=PAIRS_FLOOR)
    result = scan(data / f"{name}.jsonl.gz", settings=settings)
    ordered = with_recurrence(result.headlines.select(list(frames.KEYS)))
    rows = ordered.select(id="headline_id").with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    pairs = (
        result.pairs.select("left_id", "right_id", "score", "is_match", "relation")
        .join(rows.rename({"row": "left"}), left_on="left_id", right_on="id")
        .join(rows.rename({"row": "right"}), left_on="right_id", right_on="id")
        .select("left", "right", "score", "is_match", "relation")
    )
    story = rows.join(result.headlines.select(id="headline_id", story="story_id"), on="id", maintain_order="left")
    story = story.join(rows.rename({"row": "first"}), left_on="story", right_on="id", maintain_order="left")
    silver = corpora.on_rows(corpora.silver(data, name), ordered)
    silver = silver.select("left", "right", "positive", "negative", "hours")
    labels = corpora.on_rows(corpora.labels(data, name), ordered)
    labels = labels.select("left", "right", "weight", is_same_news=pl.col("label") == "dup")
    return ScannedCorpus(
        ordered, labels, silver, pairs, _candidates(ordered, settings), story["first"].to_numpy(),
        *_cluster_sample(len(ordered), silver.filter("positive")), settings,
    )  # fmt: skip


def _candidates(ordered: pl.DataFrame, settings: Settings) -> NDArray[np.int64]:
    features = headline_features(ordered, settings)
    window = int(settings.window * MICROSECONDS_AN_HOUR)
    proposed = join(features.blocking_keys, features.time, window=window, limit=settings.bucket_limit)
    return proposed.codes(len(ordered))


def _cluster_sample(
    count: int, positive: pl.DataFrame
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return the rows on which clusters are judged, the true cluster of each, and whether silver knows a partner of it.

    These are all headlines of silver-positive pairs, whose true clusters are the components of these pairs, and as many
    randomly drawn headlines without silver partner, each a true cluster of its own. Without the latter, a method that
    puts everything into one cluster would lose little.
    """
    left, right = positive["left"].to_numpy(), positive["right"].to_numpy()
    inside = np.unique(np.concatenate([left, right]))
    outside = np.setdiff1d(np.arange(count), inside)
    others = np.random.default_rng(1).choice(outside, min(len(inside), len(outside)), replace=False)
    rows = np.sort(np.concatenate([inside, others]))
    return rows, components(count, left, right)[rows], np.isin(rows, inside)
