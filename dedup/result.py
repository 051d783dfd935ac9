"""The result of a scan: frames to query, to re-match at another threshold, and to write to files."""

from __future__ import annotations

import logging
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import polars as pl

from dedup.arabic import word_counts, word_frequencies
from dedup.core.arguments import require_path, require_type
from dedup.core.versions import versions
from dedup.coverage import cover
from dedup.errors import SettingError, UnknownHeadlineError
from dedup.fingerprint import fingerprint
from dedup.frames import CLOCKS
from dedup.matching.pairs import MatchingResult, rematch
from dedup.matching.scoring.model import load_model
from dedup.matching.scoring.model import threshold as resolved
from dedup.report.content import Content
from dedup.report.files import write
from dedup.report.json_report import document
from dedup.report.page import render
from dedup.report.view import View
from dedup.report.wording import count
from dedup.report.zones import find_zone
from dedup.stories.assemble import assemble
from dedup.stories.related import relate

if TYPE_CHECKING:
    from pathlib import Path

    from dedup.coverage import Coverage
    from dedup.settings import Settings, Threshold

_LOG = logging.getLogger(__name__)

Progress = Callable[[str, int, "int | None"], None]


@dataclass
class Clock:
    """Times each stage of a run and passes progress on to a callback."""

    progress: Progress | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    _last: float = field(default_factory=time.perf_counter)

    def report(self, stage: str, done: int, total: int | None) -> None:
        """Call the progress callback, if there is one."""
        if self.progress is not None:
            self.progress(stage, done, total)

    def finish(self, stage: str) -> None:
        """Record the seconds since the previous stage finished as those of ``stage``."""
        now = time.perf_counter()
        self.seconds[stage], self._last = round(now - self._last, 3), now
        _LOG.info("%s: %.3f s", stage, self.seconds[stage])


@dataclass(frozen=True)
class Result:
    """The frames of one scan; docs/outputs.md describes every column.

    Attributes:
        coverage: headlines (lazy), stories, outlets and overlap in one object, which can be narrowed.
        related: RELATED, for each story up to five others of its running story.
        skipped: SKIPPED, the inputs that were not used.
        remarks: REMARKS, on how inputs were read where nothing was lost.
        files: FILES, the files that were read.
        summary: counts, settings and their fingerprint, versions, seconds per stage, peak memory; JSON-ready.

    Examples:
        >>> import dedup
        >>> dedup.scan("examples/feeds")
        <dedup.Result: 109 headlines of 9 outlets, ... stories, 0 inputs skipped>
    """

    coverage: Coverage
    related: pl.DataFrame
    skipped: pl.DataFrame
    remarks: pl.DataFrame
    files: pl.DataFrame
    summary: dict[str, Any]
    _paired: MatchingResult
    _counts: dict[str, int]
    _settings: Settings
    _fixed_clocks: pl.DataFrame | None = None
    _merged_outlets: pl.DataFrame | None = None

    @cached_property
    def headlines(self) -> pl.DataFrame:
        """One row per headline in order of time, those without a time first; collected on first access."""
        return self.coverage.headlines.collect()

    @cached_property
    def pairs(self) -> pl.DataFrame:
        """PAIRS with the evidence, down to the pairs floor; collected on first access."""
        return self.lazy_pairs.collect()

    @property
    def lazy_pairs(self) -> pl.LazyFrame:
        """PAIRS with the evidence, not collected; this result must live until they are."""
        return self._paired.pairs()

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
        """One row per pair of outlets that share a story."""
        return self.coverage.overlap

    def __repr__(self) -> str:
        counts = self.summary["counts"]
        outlets = count(self.outlets.height, "outlet")
        stories = count(self.stories.height, "story", "stories")
        skipped = count(self.skipped["file"].n_unique(), "input")
        return f"<dedup.Result: {count(counts['headlines'], 'headline')} of {outlets}, {stories}, {skipped} skipped>"

    def write(
        self,
        directory: str | Path,
        *,
        format: str = "parquet",  # noqa: A002 - the option's name
        timezone: str = "UTC",
        language: str = "ar",
    ) -> list[Path]:
        """Write all frames as ``NAME.FORMAT``, and ``summary.json``, into a directory: all of them or none.

        Args:
            directory: the destination, created if it does not exist.
            format: parquet, csv, jsonl, or xlsx: one workbook for editors, ``dedup.xlsx``, without pairs.
            timezone: zone of the times in a workbook; the other formats are in UTC.
            language: language of a workbook, ``ar`` or ``en``.

        Returns:
            The paths of the files, ``summary.json`` last.

        Raises:
            OutputError: the directory cannot be written to.
            SettingError: the format or the zone is unknown.
        """
        _check_report_arguments(timezone, language)
        require_path("directory", directory)
        require_type("format", format, str, "parquet, csv, jsonl or xlsx")
        tables = {"headlines": self.coverage.headlines, "pairs": self.lazy_pairs}
        names = ("stories", "related", "outlets", "overlap", "skipped")
        tables |= {name: getattr(self, name).lazy() for name in names}
        tables["exclusives"] = self.coverage.exclusives()
        return write(tables, self.summary, directory, format=format, zone=find_zone(timezone), language=language)

    @property
    def exclusives(self) -> pl.DataFrame:
        """One row per headline that no other outlet has, standing titles aside, the latest first."""
        return self.coverage.exclusives().collect()

    def content(self) -> Content:
        """Return the frames that reports show."""
        return Content(
            coverage=self.coverage,
            pairs=self.lazy_pairs,
            files=self.files,
            skipped=self.skipped,
            summary=self.summary,
            remarks=self.remarks,
            related=self.related,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return all results but pairs as one dictionary: stories with their headlines, roles, links and reasons.

        It has the content of ``dedup scan --json``, which docs/report.schema.json describes; times are datetimes.

        Examples:
            >>> import dedup
            >>> result = dedup.find_duplicates(["سيول تجتاح وادي السرو", "سيول تجتاح وادي السرو"]).to_dict()
            >>> [headline["role"] for headline in result["stories"][0]["headlines"]]
            ['first', 'copy']
        """
        return document(self.content(), View(top=None, min_outlets=0))

    def to_html(self, *, timezone: str = "UTC", language: str = "ar") -> str:
        """Return the report as one self-contained HTML page with all stories.

        Args:
            timezone: zone of the times shown.
            language: ``ar`` or ``en``.

        Raises:
            SettingError: the zone is unknown.
        """
        _check_report_arguments(timezone, language)
        return render(self.content(), View(zone=find_zone(timezone), language=language))

    def _repr_html_(self) -> str:
        widest = self.stories.head(10).select("n_outlets", "title", "first_outlet", "first_published")
        return f"<p>{escape(repr(self))}</p>{widest._repr_html_()}"

    def at(self, threshold: float | Threshold) -> Result:
        """Match again from another threshold, without reading or comparing again.

        Args:
            threshold: a score, 0..1, or the name of a threshold of the model.

        Raises:
            SettingError: the threshold is below the pairs floor, under which pairs were not kept.

        Examples:
            >>> import dedup
            >>> result = dedup.find_duplicates(["سيول تجتاح وادي السرو", "سيول تجتاح وادي السرو"])
            >>> result.at(0.99).stories.height <= result.stories.height
            True
        """
        floor = self.summary["pairs_floor"]
        settings = self._settings.with_(threshold=threshold, pairs_floor=floor)
        limit = resolved(settings)
        if limit < floor:
            raise SettingError("threshold", threshold, f"between the pairs floor ({floor}) and 1")
        read = ReadReport(self.skipped, self.remarks, self.files, self._counts, self._merged_outlets)
        return build_result(read, rematch(self._paired, settings), settings, Clock(), self._fixed_clocks)

    def duplicates_of(self, headline_id: str) -> pl.DataFrame:
        """Return the headlines that match a headline directly, the best match first.

        Args:
            headline_id: the id of the headline.

        Returns:
            The columns of ``headlines``, with ``score`` and ``relation`` of the pair.

        Raises:
            UnknownHeadlineError: no headline has this id.
        """
        require_type("headline_id", headline_id, str, "a text")
        if headline_id not in self._paired.timeline.metadata["headline_id"]:
            raise UnknownHeadlineError(headline_id)
        matches = self._paired.pairs().filter(
            "is_match", (pl.col("left_id") == headline_id) | (pl.col("right_id") == headline_id)
        )
        other = pl.when(pl.col("left_id") == headline_id).then("right_id").otherwise("left_id")
        matches = matches.select(other.alias("headline_id"), "score", "relation")
        duplicates = self.coverage.headlines.drop("score").join(matches, on="headline_id")
        return duplicates.sort("score", "headline_id", descending=[True, False]).collect()


def _check_report_arguments(timezone: object, language: object) -> None:
    """Check the arguments of reports.

    Raises:
        SettingError: one of them has an invalid value or type.
    """
    require_type("timezone", timezone, str, "a zone's name such as Africa/Cairo, or an offset such as +03:00")
    require_type("language", language, str, "ar or en")
    if language not in ("ar", "en"):
        raise SettingError("language", language, "ar or en")


@dataclass(frozen=True, slots=True)
class ReadReport:
    """Skipped inputs, remarks, files, counts and merged outlets of a read; the headlines are held elsewhere."""

    skipped: pl.DataFrame
    remarks: pl.DataFrame
    files: pl.DataFrame
    counts: dict[str, int]
    merged_outlets: pl.DataFrame | None = None


def build_result(
    read: ReadReport,
    paired: MatchingResult,
    settings: Settings,
    clock: Clock,
    fixed_clocks: pl.DataFrame | None = None,
) -> Result:
    """Assemble stories and coverage from matched pairs, and summarize the run.

    Args:
        read: what was read and skipped.
        paired: the pairs.
        settings: the settings of the run.
        clock: for the seconds of each stage.
        fixed_clocks: CLOCKS by which the times were corrected; None if they were not.
    """
    matches = paired.matches()
    stories = assemble(paired.timeline.metadata, matches, settings)
    related = relate(paired, stories["story"])
    clock.finish("stories")
    coverage = cover(paired.timeline, matches, stories, fixed_clocks)
    clock.finish("coverage")
    counts = read.counts | {
        "files": len(read.files),
        "skipped": len(read.skipped),
        "remarks": len(read.remarks),
        "empty_keys": paired.timeline.empty_keys,
        "standing": int(paired.timeline.metadata["standing"].sum()),
        "candidates": paired.candidates,
        "compared": paired.compared,
        "left_out_of_full_buckets": paired.left_out,
        "matches": len(matches),
        "stories": len(coverage.stories),
        "related": len(related),
    }
    summary = summarize(
        counts,
        settings,
        candidate_recall=paired.candidate_recall if settings.exact else None,
        outlets=coverage.outlets,
        merged_outlets=read.merged_outlets,
        seconds=clock.seconds,
    )
    summary["peak_memory_mb"] = peak_memory_mb(resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return Result(
        coverage, related, read.skipped, read.remarks, read.files, summary, paired, read.counts, settings, fixed_clocks,
        read.merged_outlets,
    )  # fmt: skip


def summarize(
    counts: dict[str, int],
    settings: Settings,
    *,
    candidate_recall: float | None,
    outlets: pl.DataFrame,
    merged_outlets: pl.DataFrame | None,
    seconds: dict[str, float],
) -> dict[str, Any]:
    """Return the summary of a scan, however it was run; JSON-ready.

    Args:
        counts: by name.
        settings: the settings of the run.
        candidate_recall: share of the matches that blocking proposed; None if not all pairs were compared.
        outlets: the table of outlets.
        merged_outlets: PROPOSALS that were carried out; None if no names were to be merged.
        seconds: by stage.
    """
    limit, model = resolved(settings), load_model(settings.calibration)
    return {
        "counts": counts,
        "threshold": limit,
        "pairs_floor": limit if settings.pairs_floor is None else min(settings.pairs_floor, limit),
        "candidate_recall": candidate_recall,
        "clocks": outlets.select(list(CLOCKS)).drop_nulls("clock_offset_hours").to_dicts(),
        "merged_outlets": [] if merged_outlets is None else merged_outlets.to_dicts(),
        "settings": asdict(settings),
        "fingerprint": fingerprint(settings),
        "model": {"digest": model.digest, "thresholds": model.thresholds, **model.provenance},
        "background": word_frequencies.provenance(),
        "words": _words(settings.words),
        "versions": versions(),
        "seconds": seconds,
    }


def _words(path: str | None) -> dict[str, Any] | None:
    """Return path, number of headlines and digest of a table of one's own; None without one."""
    if path is None:
        return None
    table = word_counts.archive_words(path)
    return {"file": path, "headlines": table.headlines, "digest": table.digest}


def peak_memory_mb(*processes: int) -> float:
    """Return the largest peak memory in MB of this process (``RUSAGE_SELF``) or its children (``RUSAGE_CHILDREN``)."""
    unit = 1 if sys.platform == "darwin" else 1024
    return round(max(resource.getrusage(who).ru_maxrss for who in processes) * unit / 1e6, 1)
