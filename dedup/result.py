"""What a scan found: frames that can be asked, matched at another threshold, and written."""

from __future__ import annotations

import importlib.metadata
import platform
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from dedup.arabic import background
from dedup.coverage import cover
from dedup.errors import SettingError, UnknownHeadlineError
from dedup.matching.pairs import Paired, matched_at
from dedup.matching.score import load_model
from dedup.matching.score import threshold as resolved
from dedup.report.files import write
from dedup.stories import assemble

if TYPE_CHECKING:
    from pathlib import Path

    from dedup.feeds import Feeds
    from dedup.settings import Settings, Threshold

Progress = Callable[[str, int, "int | None"], None]

_LIBRARIES = ("dedup", "polars", "numpy", "datasketch", "rapidfuzz")


@dataclass
class Clock:
    """Seconds per stage, and the way to whoever watches the progress."""

    progress: Progress | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    _last: float = field(default_factory=time.perf_counter)

    def tell(self, stage: str, done: int, total: int | None) -> None:
        """Pass on how far a stage has come."""
        if self.progress is not None:
            self.progress(stage, done, total)

    def done(self, stage: str) -> None:
        """The stage took all the time since the last one ended."""
        now = time.perf_counter()
        self.seconds[stage], self._last = round(now - self._last, 3), now


@dataclass(frozen=True, slots=True)
class Result:
    """The frames of one scan; docs/outputs.md describes every column.

    Attributes:
        headlines: one row per headline, in order of time.
        pairs: PAIRS with the evidence, down to the pairs floor.
        stories: one row per story of two or more headlines, the widest first.
        outlets: one row per outlet.
        overlap: one row per two outlets that share a story.
        skipped: what was not used, and why.
        files: the files found.
        summary: counts, settings and their fingerprint, versions, seconds per stage, peak memory; JSON-ready.
    """

    headlines: pl.DataFrame
    pairs: pl.DataFrame
    stories: pl.DataFrame
    outlets: pl.DataFrame
    overlap: pl.DataFrame
    skipped: pl.DataFrame
    files: pl.DataFrame
    summary: dict[str, Any]
    _feeds: Feeds
    _paired: Paired
    _settings: Settings

    def write(self, directory: str | Path, *, format: str = "parquet") -> list[Path]:  # noqa: A002 - users' word
        """Write every frame as ``NAME.FORMAT`` and ``summary.json`` into the directory, all of them or none.

        Args:
            directory: made if need be.
            format: parquet, csv or jsonl.

        Raises:
            OutputError: it cannot be written.
            SettingError: another format.
        """
        names = ("headlines", "pairs", "stories", "outlets", "overlap", "skipped")
        return write({name: getattr(self, name) for name in names}, self.summary, directory, format=format)

    def at(self, threshold: float | Threshold) -> Result:
        """The same scan matched from another score, or a named threshold of the model, without comparing again.

        Raises:
            SettingError: the threshold is under the pairs floor, below which pairs were not kept.
        """
        floor = self.summary["pairs_floor"]
        settings = self._settings.with_(threshold=threshold, pairs_floor=floor)
        limit = resolved(settings)
        if limit < floor:
            raise SettingError("threshold", threshold, f"between the pairs floor ({floor}) and 1")
        return conclude(self._feeds, matched_at(self._paired, limit), settings, Clock())

    def duplicates_of(self, headline_id: str) -> pl.DataFrame:
        """The other headlines that match a headline directly, the best match first.

        Returns:
            The columns of ``headlines``, with ``score`` and ``relation`` those of the pair.

        Raises:
            UnknownHeadlineError: no headline has the id.
        """
        if headline_id not in self.headlines["headline_id"]:
            raise UnknownHeadlineError(headline_id)
        matches = self.pairs.filter(
            "is_match", (pl.col("left_id") == headline_id) | (pl.col("right_id") == headline_id)
        )
        other = pl.when(pl.col("left_id") == headline_id).then("right_id").otherwise("left_id")
        matches = matches.select(other.alias("headline_id"), "score", "relation")
        told = self.headlines.drop("score").join(matches, on="headline_id")
        return told.sort("score", "headline_id", descending=[True, False])


def conclude(feeds: Feeds, paired: Paired, settings: Settings, clock: Clock) -> Result:
    """From pairs to the result: stories, coverage, summary."""
    keys = paired.keys
    stories = assemble(keys, paired.pairs, settings)
    clock.done("stories")
    coverage = cover(keys, paired.pairs, stories)
    clock.done("coverage")
    limit = resolved(settings)
    counts = feeds.counts | {
        "files": len(feeds.files),
        "skipped": len(feeds.skipped),
        "empty_keys": int((keys["fuzzy_key"] == "").sum()),
        "standing": int(keys["standing"].sum()),
        "candidates": paired.candidates,
        "compared": paired.compared,
        "left_out_of_full_buckets": paired.left_out,
        "matches": int(paired.pairs["is_match"].sum()),
        "stories": len(coverage.stories),
    }
    summary = {
        "counts": counts,
        "threshold": limit,
        "pairs_floor": limit if settings.pairs_floor is None else min(settings.pairs_floor, limit),
        "candidate_recall": paired.candidate_recall if settings.exact else None,
        "settings": asdict(settings),
        "fingerprint": settings.fingerprint(),
        "model": {"digest": load_model().digest, **load_model().provenance},
        "background": background.provenance(),
        "versions": {name: importlib.metadata.version(name) for name in _LIBRARIES}
        | {"python": platform.python_version()},
        "seconds": clock.seconds,
        "peak_memory_mb": _peak_memory(),
    }
    return Result(
        coverage.headlines, paired.pairs, coverage.stories, coverage.outlets, coverage.overlap, feeds.skipped,
        feeds.files, summary, feeds, paired, settings,
    )  # fmt: skip


def _peak_memory() -> float:
    """The most memory that this process, or one of its readers, has held, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    peaks = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return round(max(peaks) * unit / 1e6, 1)
