"""What a scan found: frames that can be asked, matched at another threshold, and written."""

from __future__ import annotations

import importlib.metadata
import platform
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from dedup.arabic import word_frequencies
from dedup.coverage import cover
from dedup.errors import SettingError, UnknownHeadlineError
from dedup.matching.pairs import Paired, matched_at
from dedup.matching.scoring.model import load_model
from dedup.matching.scoring.model import threshold as resolved
from dedup.report.files import write
from dedup.stories.assemble import assemble

if TYPE_CHECKING:
    from pathlib import Path

    from dedup.coverage import Coverage
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


@dataclass(frozen=True)
class Result:
    """The frames of one scan; docs/outputs.md describes every column.

    Attributes:
        stories: one row per story of two or more headlines, the widest first.
        outlets: one row per outlet.
        overlap: one row per two outlets that share a story.
        skipped: what was not used, and why.
        files: the files found.
        summary: counts, settings and their fingerprint, versions, seconds per stage, peak memory; JSON-ready.
        coverage: all of these that tell who ran what, and the headlines before they are asked for.
    """

    coverage: Coverage
    skipped: pl.DataFrame
    files: pl.DataFrame
    summary: dict[str, Any]
    _paired: Paired
    _counts: dict[str, int]
    _settings: Settings

    @cached_property
    def headlines(self) -> pl.DataFrame:
        """One row per headline, in order of time, those without one first; read when it is first asked for."""
        return self.coverage.headlines.collect()

    @cached_property
    def pairs(self) -> pl.DataFrame:
        """PAIRS with the evidence, down to the pairs floor; read when it is first asked for."""
        return self._paired.pairs().collect()

    @property
    def stories(self) -> pl.DataFrame:
        """One row per story of two or more headlines, the widest first."""
        return self.coverage.stories

    @property
    def outlets(self) -> pl.DataFrame:
        """One row per outlet."""
        return self.coverage.outlets

    @property
    def overlap(self) -> pl.DataFrame:
        """One row per two outlets that share a story."""
        return self.coverage.overlap

    def write(self, directory: str | Path, *, format: str = "parquet") -> list[Path]:  # noqa: A002 - users' word
        """Write every frame as ``NAME.FORMAT`` and ``summary.json`` into the directory, all of them or none.

        Args:
            directory: made if need be.
            format: parquet, csv or jsonl.

        Raises:
            OutputError: it cannot be written.
            SettingError: another format.
        """
        tables = {"headlines": self.coverage.headlines, "pairs": self._paired.pairs()}
        names = ("stories", "outlets", "overlap", "skipped")
        tables |= {name: getattr(self, name).lazy() for name in names}
        return write(tables, self.summary, directory, format=format)

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
        told = ReadReport(self.skipped, self.files, self._counts)
        return conclude(told, matched_at(self._paired, settings), settings, Clock())

    def duplicates_of(self, headline_id: str) -> pl.DataFrame:
        """The other headlines that match a headline directly, the best match first.

        Returns:
            The columns of ``headlines``, with ``score`` and ``relation`` those of the pair.

        Raises:
            UnknownHeadlineError: no headline has the id.
        """
        if headline_id not in self._paired.ordered.metadata["headline_id"]:
            raise UnknownHeadlineError(headline_id)
        matches = self._paired.pairs().filter(
            "is_match", (pl.col("left_id") == headline_id) | (pl.col("right_id") == headline_id)
        )
        other = pl.when(pl.col("left_id") == headline_id).then("right_id").otherwise("left_id")
        matches = matches.select(other.alias("headline_id"), "score", "relation")
        told = self.coverage.headlines.drop("score").join(matches, on="headline_id")
        return told.sort("score", "headline_id", descending=[True, False]).collect()


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What reading told beside the headlines; see ``feeds.read.Feeds``."""

    skipped: pl.DataFrame
    files: pl.DataFrame
    counts: dict[str, int]


def conclude(read: ReadReport, paired: Paired, settings: Settings, clock: Clock) -> Result:
    """From pairs to the result: stories, coverage, summary."""
    told, matches = paired.ordered.metadata, paired.matches()
    stories = assemble(told, matches, settings)
    clock.done("stories")
    coverage = cover(paired.ordered, matches, stories)
    clock.done("coverage")
    limit = resolved(settings)
    counts = read.counts | {
        "files": len(read.files),
        "skipped": len(read.skipped),
        "empty_keys": paired.ordered.empty,
        "standing": int(told["standing"].sum()),
        "candidates": paired.candidates,
        "compared": paired.compared,
        "left_out_of_full_buckets": paired.left_out,
        "matches": len(matches),
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
        "background": word_frequencies.provenance(),
        "versions": {name: importlib.metadata.version(name) for name in _LIBRARIES}
        | {"python": platform.python_version()},
        "seconds": clock.seconds,
        "peak_memory_mb": _peak_memory(),
    }
    return Result(coverage, read.skipped, read.files, summary, paired, read.counts, settings)


def _peak_memory() -> float:
    """The most memory that this process, or one of its readers, has held, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    peaks = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return round(max(peaks) * unit / 1e6, 1)
