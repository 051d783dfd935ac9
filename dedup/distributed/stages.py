"""The order of the stages of a distributed scan; each is a list of tasks that any engine may run."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import time
from dataclasses import asdict
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from dedup import frames
from dedup.arabic import word_frequencies
from dedup.core.hashed_names import hash_strings
from dedup.core.versions import versions
from dedup.coverage import clocks, outlet_names, outlet_tables
from dedup.distributed.covering import read_counts
from dedup.distributed.matching import join_components, sum_undated
from dedup.distributed.plan import load_plan
from dedup.distributed.store import Store, replacing, write_parquet
from dedup.distributed.tasks import Task, perform
from dedup.errors import InputError, OutputError, SettingError
from dedup.feeds.collect import Collector
from dedup.feeds.fields.implausible_dates import OLDEST, latest_plausible, microseconds
from dedup.feeds.fields.zones import check_timezone
from dedup.feeds.files.discover import find_files
from dedup.feeds.headlines import files_of, skipped_inputs
from dedup.fingerprint import fingerprint
from dedup.frames import CLOCKS
from dedup.matching.scoring.model import load_model, threshold
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dedup.distributed.plan import Plan
    from dedup.distributed.tasks import Run
    from dedup.feeds.files.discover import Found

_LOG = logging.getLogger(__name__)

SMALL = 10_000_000
"""Headlines up to which one machine is faster: ``dedup.scan`` takes two to four hours for them."""

MAX_UNDATED = 100_000
"""Headlines without a time that are matched. Each is compared with headlines of all time and is loaded by every task
(some 2 kB); more are set aside, unmatched, and reported."""

_PARTITIONED = ("headlines", "pairs", "stories", "exclusives")
_SMALL = ("outlets", "overlap", "skipped", "remarks", "files")
TABLES = {name: name for name in _PARTITIONED} | {name: f"{name}.parquet" for name in _SMALL}
"""The tables of a run, and the folder (partitioned by day) or file of each in the output. One without rows may have
none."""

_BUCKETS = 1 << 32
_COUNTED = (
    *("absurd_dates", "headlines", "undated", "empty_keys", "standing", "candidates", "compared"),
    *("left_out_of_full_buckets", "matches", "proposed", "stories"),
)
"""Counts that are 0 where no task counts them."""


def scan(
    input: str | PathLike[str] | Iterable[str | PathLike[str]],  # noqa: A002 - its natural name
    output: str | PathLike[str],
    *,
    run: Run = map,
    settings: Settings = Settings(),  # noqa: B008 - frozen
    slice_days: int = 7,
    timezone: str = "UTC",
    columns: Mapping[str, str] | None = None,
    outlets: Mapping[str, str] | None = None,
    merge_outlets: bool = True,
    buckets: int | None = None,
    threads: int | None = None,
    max_undated: int = MAX_UNDATED,
    keep_work: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> dict[str, Any]:
    """Scan headlines with the workers of an engine; the results are those of ``dedup.scan``.

    A run that died is resumed by calling it again: tasks that finished are not run again.

    Args:
        input: a Parquet data set or other files of headlines, or a list of them, as for ``dedup.scan``.
        output: a folder on a file system that all workers see. It receives the tables ``headlines``, ``pairs``,
            ``stories`` and ``exclusives`` as Parquet partitioned by day, ``outlets``, ``overlap``, ``skipped``,
            ``remarks`` and ``files`` as one Parquet file each, and ``summary.json`` when all else is there.
        run: applies a function to a list of tasks on the workers.
        settings: parameters of matching.
        slice_days: days that a task matches at once.
        timezone: zone of times that name none.
        columns: the columns that hold each field, as ``{"title": "COLUMN"}``.
        outlets: display names, by host or outlet.
        merge_outlets: as for ``dedup.scan``.
        buckets: parts into which outlets are shuffled; None for one per million items.
        threads: processors that a task uses; None for all of its machine. Polars has a setting of its own, the
            environment variable ``POLARS_MAX_THREADS`` of the worker.
        max_undated: headlines without a time that are matched; if there are more, none of them is.
        keep_work: keep the intermediate files.
        progress: called with the stage, the tasks done and the number of tasks.

    Returns:
        The content of ``summary.json``.

    Raises:
        InputError: no path leads to a file.
        OutputError: the output holds another run, or cannot be written.
        SettingError: an argument has an invalid value.
        TooManyHeadlinesError: too many headlines are within one window.
    """
    check_timezone(timezone)
    for name, number in (("slice_days", slice_days), ("threads", threads), ("buckets", buckets)):
        if number is not None and (not isinstance(number, int) or number < 1):
            raise SettingError(name, number, "a whole number of at least 1")
    found = find_files([input] if isinstance(input, (str, PathLike)) else input)
    if not found or all(file.missing for file in found):
        names = ", ".join(file.name for file in found[:5]) or "no path"
        raise InputError(names, "; ".join(dict.fromkeys(file.reason for file in found)) or "nothing to read")
    options = {"timezone": timezone, "columns": dict(columns or {}), "outlets": dict(outlets or {})}
    shape = {
        "settings": asdict(settings), "slice_days": slice_days, "threads": threads, "max_undated": max_undated,
        "merge_outlets": merge_outlets,
    }  # fmt: skip
    job = _Job(Path(output), found, options, shape, run, progress)
    summary = job.finished()
    if summary is None:
        summary = job.run_stages(settings, buckets)
        if not keep_work:
            shutil.rmtree(job.store.work(), ignore_errors=True)
    return summary


def tables(output: str | PathLike[str]) -> dict[str, pl.LazyFrame]:
    """Return the tables of a finished run by name, lazily.

    Raises:
        InputError: the folder holds no finished run.
    """
    folder = Path(output)
    if not (folder / "summary.json").is_file():
        raise InputError(str(folder), "holds no finished scan: summary.json is missing")
    found = dict[str, pl.LazyFrame]()
    for name, path in TABLES.items():
        paths = sorted((folder / path).glob("day=*/*.parquet")) if name in _PARTITIONED else [folder / path]
        if paths:
            found[name] = pl.scan_parquet(paths, hive_partitioning=False)
    return found


class _Job:
    """One run: its files, options and engine."""

    def __init__(
        self, output: Path, found: list[Found], options: dict[str, Any], shape: dict[str, Any], run: Run,
        progress: Callable[[str, int, int], None] | None,
    ) -> None:  # fmt: skip
        self.store, self.output, self.engine, self.progress = Store(str(output)), output, run, progress
        self.found, self.options, self.shape = found, options, shape
        self.seconds = dict[str, float]()
        settings = Settings(**shape["settings"])
        known = {"files": [asdict(file) for file in found], "options": options, "shape": shape}
        known |= {"fingerprint": fingerprint(settings), "versions": versions()}
        self.digest = hashlib.blake2b(json.dumps(known, sort_keys=True).encode(), digest_size=8).hexdigest()

    def finished(self) -> dict[str, Any] | None:
        """Return the summary of this very run, if it is complete; refuse a folder that holds another.

        Raises:
            OutputError: the folder holds another run.
        """
        try:
            summary: dict[str, Any] = json.loads((self.output / "summary.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            summary = {}
        begun = self.store.read_json("run.json")
        if any(known.get("run", self.digest) != self.digest for known in (summary, begun or {})):
            reason = "holds a run of other files, settings or versions; name another folder, or remove this one"
            raise OutputError(str(self.output), reason)
        return summary or None

    def run_stages(self, settings: Settings, buckets: int | None) -> dict[str, Any]:
        """Run all tasks that have not run yet, and write the summary."""
        begun = self.store.read_json("run.json") or {"run": self.digest, "now": datetime.now(UTC).isoformat()}
        self.store.write_json(begun, "run.json")
        readable = {f"{number:06}": file for number, file in enumerate(self.found) if not file.status}
        read = self.stage("read", {
            name: self.options | {"file": int(name), "found": asdict(file), "now": begun["now"]}
            for name, file in readable.items()
        })  # fmt: skip
        times = self.store.scan("times", {}).collect() if read else pl.DataFrame()
        latest = latest_plausible(times, datetime.fromisoformat(begun["now"]))
        dates = self.stage("dates", {
            name: {"documents": own["documents"], "latest": latest}
            for name, own in read.items()
            if own["first"] is not None and (own["first"] < microseconds(OLDEST) or own["last"] > latest)
        })  # fmt: skip
        items = sum(own["counts"]["items"] for own in read.values())
        ranges = _ranges(buckets or max(1, min(items // 1_000_000, 4_096)))
        folded = self.stage("fold", {name: bounds | {"latest": latest} for name, bounds in ranges.items()})
        renamed = self.stage("rename", ranges)
        merges = self._merge_outlets(ranges)
        keyed = self.stage("keys", {name: {"merged": merges} for name in ranges})
        plan = load_plan(self.store, settings, slice_days=self.shape["slice_days"])
        undated = plan.undated if plan.undated <= self.shape["max_undated"] else 0
        own = {name: self.shape[name] for name in ("settings", "slice_days")}
        sliced = {part.name: own | {"number": part.number} for part in plan.slices}
        self.stage("sort", sliced)
        parts = [part for part in plan.slices if part.days[0] is not None or undated]
        if undated:
            self.stage("count", {part.name: sliced[part.name] for part in parts})
            sum_undated(self.store, plan)
        matched = self.stage("match", {part.name: sliced[part.name] | {"undated": undated} for part in parts})
        reached = join_components(self.store, plan)
        stories = self.stage("stories", {
            part.name: sliced[part.name] | {"reached": reached.get(part.number, [])} for part in parts
        })  # fmt: skip
        self.stage("headlines", sliced)
        started = time.perf_counter()
        outlets = self._write_small_tables(read, dates)
        self.seconds["tables"] = round(time.perf_counter() - started, 3)
        counts = _added(read, dates, folded, renamed, keyed, matched, stories)
        return self._summarize(settings, counts, outlets, plan, set_aside=plan.undated - undated)

    def _merge_outlets(self, ranges: Mapping[str, dict[str, int]]) -> list[list[str]]:
        """Return the outlets to be renamed: the range of the name, the name, the new name, its range."""
        schema = {"outlet": pl.String(), "host": pl.String(), "len": pl.UInt32(), "headlines": pl.UInt32()}
        if not self.shape["merge_outlets"]:
            return []
        on_hosts = self.store.scan("outlet-hosts", schema).collect()
        self.stage("links", {name: {"hosts": outlet_names.shared_hosts(on_hosts)} for name in ranges})
        sizes, links, titles = (
            self.store.scan(f"outlet-{table}", schema).collect() for table in ("sizes", "links", "titles")
        )
        names = outlet_names.names_of(sizes, on_hosts, links, frozenset(self.options["outlets"].values()))
        merges = outlet_names.find_merges(names, titles)
        self.store.write(merges, "merged-outlets.parquet")

        def range_of(outlet: str) -> str:
            hashed = int(hash_strings([outlet])[0])
            return next(name for name, bounds in ranges.items() if bounds["low"] <= hashed < bounds["high"])

        return [[range_of(old), old, new, range_of(new)] for old, new, *_ in merges.iter_rows()]

    def stage(self, stage: str, arguments: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Run the tasks of a stage that have no record yet, and return all their records by name.

        Raises:
            OutputError: tasks have no record although the engine returned.
        """
        started, output, threads = time.perf_counter(), str(self.output), {"threads": self.shape["threads"]}
        tasks = [Task(output, stage, name, json.dumps(own | threads)) for name, own in arguments.items()]
        pending = [task for task in tasks if self.store.read_json("done", stage, f"{task.name}.json") is None]
        done = len(tasks) - len(pending)
        self._report(stage, done, len(tasks))
        for _ in self.engine(perform, pending) if pending else ():
            done += 1
            self._report(stage, min(done, len(tasks)), len(tasks))
        records = {task.name: self.store.read_json("done", stage, f"{task.name}.json") for task in tasks}
        missing = [name for name, record in records.items() if record is None]
        if missing:
            tasks_missing = f"{len(missing)} tasks of stage {stage!r} have no record, such as {missing[0]!r}"
            raise OutputError(output, f"{tasks_missing}: every worker must see this folder, and run all tasks")
        self.seconds[stage] = round(time.perf_counter() - started, 3)
        _LOG.info("%s: %d tasks, %.3f s", stage, len(tasks), self.seconds[stage])
        return records

    def _report(self, stage: str, done: int, total: int) -> None:
        if self.progress is not None and total:
            self.progress(stage, done, total)

    def _write_small_tables(self, read: Mapping[str, Any], dates: Mapping[str, Any]) -> pl.DataFrame:
        """Write all tables that are not partitioned, and return that of outlets."""
        copies = self.store.scan("copies", {}).collect() if any(self.store.work("copies").glob("*")) else None
        offsets = frames.empty(CLOCKS) if copies is None else clocks.clocks_of(copies)
        outlets, overlap = outlet_tables(read_counts(self.store), offsets)
        unread = Collector(self.found, "UTC")
        rows = files_of(unread, pl.Series([], dtype=pl.Int32)).rows()
        skipped, remarks = skipped_inputs(self.found, []).rows(), []
        for name, own in read.items():
            rows[int(name)] = tuple(own["files"][0])
            noted = dates.get(name, {"skipped": []})["skipped"]
            if noted and rows[int(name)][2] == "read":
                rows[int(name)] = (*rows[int(name)][:2], "warned", *rows[int(name)][3:])
            skipped += [tuple(row) for row in (*own["skipped"], *noted)]
            remarks += [tuple(row) for row in own["remarks"]]
        small = {
            "outlets": outlets,
            "overlap": overlap,
            "files": pl.DataFrame(rows, schema=frames.FILES, orient="row"),
            "skipped": pl.DataFrame(skipped, schema=frames.SKIPPED, orient="row"),
            "remarks": pl.DataFrame(remarks, schema=frames.REMARKS, orient="row"),
        }
        for name, frame in small.items():
            write_parquet(frame, self.output / f"{name}.parquet")
        return outlets

    def _summarize(
        self, settings: Settings, counts: dict[str, int], outlets: pl.DataFrame, plan: Plan, *, set_aside: int
    ) -> dict[str, Any]:
        """Write and return the summary."""
        limit, proposed = threshold(settings), counts.pop("proposed")
        recall = proposed / counts["matches"] if settings.exact and counts["matches"] else None
        counts |= {
            "files": len(self.found),
            "skipped": pl.read_parquet(self.output / "skipped.parquet").height,
            "remarks": pl.read_parquet(self.output / "remarks.parquet").height,
        }
        hints = list[str]()
        if counts["headlines"] < SMALL:
            hints.append(f"{counts['headlines']:,} headlines: below {SMALL:,}, dedup.scan on one machine is faster")
        if set_aside:
            hints.append(f"{set_aside:,} headlines without a time were not matched: more than max_undated allows")
        for hint in hints:
            _LOG.warning("%s", hint)
        summary = {
            "run": self.digest,
            "counts": counts,
            "threshold": limit,
            "pairs_floor": limit if settings.pairs_floor is None else min(settings.pairs_floor, limit),
            "candidate_recall": recall,
            "merged_outlets": self.store.read("merged-outlets.parquet").to_dicts()
            if self.shape["merge_outlets"]
            else [],
            "clocks": outlets.select(list(CLOCKS)).drop_nulls("clock_offset_hours").to_dicts(),
            "settings": asdict(settings),
            "fingerprint": fingerprint(settings),
            "model": {"digest": load_model().digest, **load_model().provenance},
            "background": word_frequencies.provenance(),
            "versions": versions(),
            "seconds": self.seconds,
            "slices": len(plan.slices),
            "hints": hints,
        }
        with replacing(self.output / "summary.json") as path:
            path.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        return summary


def _ranges(count: int) -> dict[str, dict[str, int]]:
    """Divide 32-bit hashes into equal ranges."""
    bounds = [index * _BUCKETS // count for index in range(count + 1)]
    return {f"{index:04}": {"low": bounds[index], "high": bounds[index + 1]} for index in range(count)}


def _added(*stages: Mapping[str, dict[str, Any]]) -> dict[str, int]:
    """Add up the counts of all tasks of some stages."""
    counts = dict.fromkeys(_COUNTED, 0)
    for stage in stages:
        for record in stage.values():
            for name, count in record.get("counts", {}).items():
                counts[name] = counts.get(name, 0) + count
    return counts
