"""Statistics of a real corpus: words and their order, days, outlets, copies and rewrites.

Everything is measured by one scan of the corpus: dedup's stories say how many copies and rewrites a headline has and
how long after it they come. Days with less than half of the median day's headlines are dropped, since corpora
have sparse first and last days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

import dedup
from benchmarks.generator.ragged import Ragged
from dedup.arabic import word_frequencies
from dedup.arabic.exact import folded_words
from dedup.arabic.stems import stem

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FOLLOWERS = ("copy", "rewrite")


@dataclass(frozen=True, slots=True)
class Source:
    """The statistics of a corpus.

    Attributes:
        vocabulary: distinct words as written, by id.
        pool: the words of the headlines that began a story or stand alone, in order of time.
        day: of each of these, from 0 for the first day, shape (n,).
        frequency: how often the pool has each word.
        akin: how often the pool has a word of the same stem.
        stories: copies and rewrites that each headline of the pool got, shape (n, 2).
        lags: hours after the first, of the copies and of the rewrites.
        standing: standing titles, each as often as it was run.
        standing_share: of all headlines.
        tags: what is put before a headline, by how often.
        tag_share: of all headlines.
        outlets: share of all headlines of each outlet, from the largest.
        hours: share of all headlines in each hour of the day, shape (24,).
        weekdays: headlines of each weekday from Monday, 1 on average, shape (7,).
        per_day: headlines a day.
        counts: of the scan, each for one headline.
    """

    vocabulary: pl.Series
    pool: Ragged
    day: NDArray[np.int64]
    frequency: NDArray[np.int64]
    akin: NDArray[np.int64]
    stories: NDArray[np.int64]
    lags: tuple[NDArray[np.float64], NDArray[np.float64]]
    standing: pl.Series
    standing_share: float
    tags: pl.DataFrame
    tag_share: float
    outlets: NDArray[np.float64]
    hours: NDArray[np.float64]
    weekdays: NDArray[np.float64]
    per_day: float
    counts: dict[str, float]

    @property
    def days(self) -> int:
        """Return the number of days of the pool."""
        return int(self.day[-1]) + 1


def measure_source(path: Path) -> Source:
    """Scan a corpus and return its statistics."""
    result = dedup.scan(path)
    headlines = result.headlines.filter(pl.col("published").is_not_null()).sort("published", "headline_id")
    headlines = headlines.with_columns(day=pl.col("published").dt.date())
    days = headlines.group_by("day").len()
    headlines = headlines.join(days.filter(pl.col("len") * 2 >= pl.col("len").median()), on="day", how="semi")
    headlines = headlines.with_columns(day=pl.col("day").rank("dense").cast(pl.Int64) - 1)
    words = pl.col("title").str.split(" ").list.eval(pl.element().filter(pl.element() != ""))
    pooled = headlines.filter(pl.col("role").is_in(["first", "single"])).with_columns(words=words)
    pooled = pooled.filter(pl.col("words").list.len() > 1)
    flat = pooled["words"].explode()
    vocabulary = flat.unique(maintain_order=True)
    ids = flat.replace_strict(vocabulary, pl.int_range(len(vocabulary), eager=True), return_dtype=pl.Int64)
    lengths = pooled["words"].list.len().cast(pl.Int64).to_numpy()
    pool = Ragged(ids.to_numpy(), lengths)
    frequency = np.bincount(pool.ids, minlength=len(vocabulary))
    followed, lags = _followed(headlines, pooled)
    standing = headlines.filter(pl.col("role") == "standing")["title"]
    tagged = headlines.filter(pl.col("tag").is_not_null())
    return Source(
        vocabulary=vocabulary,
        pool=pool,
        day=pooled["day"].to_numpy(),
        frequency=frequency,
        akin=_of_stems(vocabulary, frequency),
        stories=followed,
        lags=lags,
        standing=standing,
        standing_share=len(standing) / len(headlines),
        tags=tagged["tag"]
        .value_counts(sort=True)
        .head(12)
        .select("tag", share=pl.col("count") / pl.col("count").sum()),
        tag_share=len(tagged) / len(headlines),
        outlets=np.sort(headlines["outlet"].value_counts()["count"].to_numpy())[::-1] / len(headlines),
        hours=np.bincount(headlines["published"].dt.hour(), minlength=24) / len(headlines),
        weekdays=_weekdays(headlines),
        per_day=len(headlines) / headlines["day"].n_unique(),
        counts=rates(result.summary["counts"]),
    )


def rates(counts: dict[str, Any]) -> dict[str, float]:
    """Return candidates, comparisons and matches per headline of a scan."""
    return {name: counts[name] / counts["headlines"] for name in ("candidates", "compared", "matches")}


def _of_stems(vocabulary: pl.Series, frequency: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each word the frequency of its stem, punctuation ignored, shape (v,)."""
    stems = stem(folded_words(vocabulary.str.replace_all(r"[^\p{L}\p{N}]", "")), word_frequencies.vocabulary())
    return (
        pl.DataFrame({"stem": stems, "times": frequency}).select(pl.col("times").sum().over("stem"))["times"].to_numpy()
    )


def _followed(
    headlines: pl.DataFrame, pooled: pl.DataFrame
) -> tuple[NDArray[np.int64], tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return copies and rewrites of each pooled headline, shape (n, 2), and their lags in hours."""
    began = pooled.select("story_id", began="published")
    roles = headlines.filter(pl.col("role").is_in(FOLLOWERS)).join(began, on="story_id")
    roles = roles.with_columns(lag=(pl.col("published") - pl.col("began")).dt.total_seconds() / 3600)
    counts = roles.group_by("story_id").agg((pl.col("role") == name).sum().alias(name) for name in FOLLOWERS)
    followed = pooled.select("story_id").join(counts, on="story_id", how="left", maintain_order="left")
    lags = [roles.filter(pl.col("role") == name)["lag"].sort().to_numpy() for name in FOLLOWERS]
    return followed.select(FOLLOWERS).fill_null(0).cast(pl.Int64).to_numpy(), (lags[0], lags[1])


def _weekdays(headlines: pl.DataFrame) -> NDArray[np.float64]:
    """Return the relative number of headlines of each weekday from Monday, shape (7,)."""
    dates = headlines.group_by(pl.col("published").dt.date().alias("date")).len()
    means = dates.group_by(pl.col("date").dt.weekday().alias("weekday")).agg(pl.col("len").mean())
    factors = np.ones(7)
    factors[means["weekday"].to_numpy() - 1] = (means["len"] / means["len"].mean()).to_numpy()
    return factors
