"""A labelled corpus with what one scan of it found: the ground on which every method is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from benchmarks.data import corpora
from benchmarks.quality.clusters import components
from dedup import frames
from dedup.core.time_windows import MICROSECONDS_AN_HOUR
from dedup.matching.blocking.join import join
from dedup.matching.features import headline_features
from dedup.matching.timeline import in_order
from dedup.pipeline import scan
from dedup.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

PAIRS_FLOOR = 0.02
"""Pairs are kept down to this score, so that average precision can be judged."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """A corpus in order of time; rows are places in ``headlines``.

    Attributes:
        name: of the corpus.
        headlines: KEYS with ``recurs``, in the order in which a board holds them.
        gold: ``left``, ``right``, ``dup``, ``weight``, ``hours``; those of weight 0 are for reading only.
        silver: ``left``, ``right``, ``positive``, ``negative``, ``hours``; pairs may be neither.
        pairs: ``left``, ``right``, ``score``, ``is_match`` of all pairs that the scan kept.
        candidates: ``right * n + left`` of every candidate, ascending.
        story: the row that began each headline's story, shape (n,).
        judged: rows of the headlines that clusters are judged on (see ``_judged``).
        truth: the silver component of each of them.
        partnered: which of them stand in a silver-positive pair.
        settings: of the scan.
        summary: of the scan.
    """

    name: str
    headlines: pl.DataFrame
    gold: pl.DataFrame
    silver: pl.DataFrame
    pairs: pl.DataFrame
    candidates: NDArray[np.int64]
    story: NDArray[np.int64]
    judged: NDArray[np.int64]
    truth: NDArray[np.int64]
    partnered: NDArray[np.bool_]
    settings: Settings
    summary: dict[str, Any]

    def scores(self, labels: pl.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """The scan's score of each labelled pair, and whether it matched; pairs that it did not keep score 0."""
        asked = labels.select("left", "right").join(self.pairs, on=["left", "right"], how="left", maintain_order="left")
        score = asked["score"].fill_null(0).cast(pl.Float64)
        return score.to_numpy(), asked["is_match"].fill_null(value=False).to_numpy()

    def proposed(self, labels: pl.DataFrame) -> NDArray[np.bool_]:
        """Whether blocking made each labelled pair a candidate."""
        codes = (labels["right"] * len(self.headlines) + labels["left"]).to_numpy()
        return np.isin(codes, self.candidates)

    def days(self, labels: pl.DataFrame) -> NDArray[np.int64]:
        """The day of each pair's later headline."""
        published = self.headlines["published"].gather(labels["right"])
        return published.dt.epoch("d").fill_null(-1).cast(pl.Int64).to_numpy()


def scanned(data: Path, name: str, settings: Settings | None = None) -> Scanned:
    """Scan a corpus of a data folder and lay its labels on the rows."""
    settings = Settings(pairs_floor=PAIRS_FLOOR) if settings is None else settings
    result = scan(data / f"{name}.jsonl.gz", settings=settings)
    ordered = in_order(result.headlines.select(list(frames.KEYS)))
    place = ordered.select(id="headline_id").with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    pairs = (
        result.pairs.select("left_id", "right_id", "score", "is_match")
        .join(place.rename({"row": "left"}), left_on="left_id", right_on="id")
        .join(place.rename({"row": "right"}), left_on="right_id", right_on="id")
        .select("left", "right", "score", "is_match")
    )
    story = place.join(result.headlines.select(id="headline_id", story="story_id"), on="id", maintain_order="left")
    story = story.join(place.rename({"row": "began"}), left_on="story", right_on="id", maintain_order="left")
    silver = corpora.on_rows(corpora.silver(data, name), ordered)
    silver = silver.select("left", "right", "positive", "negative", "hours")
    gold = corpora.on_rows(corpora.gold(data, name), ordered).select("left", "right", "dup", "weight", "hours")
    return Scanned(
        name, ordered, gold, silver, pairs, _candidates(ordered, settings), story["began"].to_numpy(),
        *_judged(len(ordered), silver.filter("positive")), settings, result.summary,
    )  # fmt: skip


def _candidates(ordered: pl.DataFrame, settings: Settings) -> NDArray[np.int64]:
    whole = headline_features(ordered, settings)
    window = int(settings.window * MICROSECONDS_AN_HOUR)
    found = join(whole.blocking_keys, whole.time, window=window, limit=settings.bucket_limit)
    return found.codes(len(ordered))


def _judged(count: int, positive: pl.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """The headlines that clusters are judged on, the true cluster of each, and whether it has a partner there.

    These are all headlines of a silver-positive pair, in clusters of connected positives, and as many others, drawn at
    random, which silver knows no partner of: each a true cluster of its own. Without the others, a method that puts
    everything together would lose little.
    """
    left, right = positive["left"].to_numpy(), positive["right"].to_numpy()
    inside = np.unique(np.concatenate([left, right]))
    outside = np.setdiff1d(np.arange(count), inside)
    others = np.random.default_rng(1).choice(outside, min(len(inside), len(outside)), replace=False)
    judged = np.sort(np.concatenate([inside, others]))
    return judged, components(count, left, right)[judged], np.isin(judged, inside)
