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
from dedup.core.hashed_names import hash_strings
from dedup.core.versions import versions
from dedup.coverage import clocks, outlet_names, outlet_tables
from dedup.distributed.covering import read_counts
from dedup.distributed.matching import COPIES, join_components, sum_undated
from dedup.distributed.plan import DAYS, load_plan
from dedup.distributed.store import Store, replacing, write_parquet
from dedup.distributed.tasks import Task, perform
from dedup.errors import InputError, OutputError, SettingError
from dedup.feeds.collect import Collector
from dedup.feeds.fields.implausible_dates import OLDEST, latest_plausible, microseconds
from dedup.feeds.fields.zones import check_timezone
from dedup.feeds.files.discover import find_files
from dedup.feeds.headlines import files_of, skipped_inputs
from dedup.fingerprint import fingerprint
from dedup.result import summarize
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from dedup.distributed.plan import Plan
    from dedup.distributed.tasks import Run
    from dedup.feeds.files.discover import Found

_LOG = logging.getLogger(__name__)

SMALL = 10_000_000
"""Headlines up to which one machine is faster: ``dedup.scan`` takes two to four hours for them."""

MAX_UNDATED = 100_000
"""Headlines without a time that are matched. Each is compared with headlines of all time and is loaded by every task
(some 2 kB); more are set aside, unmatched, and reported."""

_PARTITIONED = ("headlines", "pairs", "stories", "related", "exclusives")
_SMALL = ("outlets", "overlap", "skipped", "remarks", "files")
TABLES = {name: name for name in _PARTITIONED} | {name: f"{name}.parquet" for name in _SMALL}
"""The tables of a run, and the folder (partitioned by day) or file of each in the output. One without rows may have
none."""

_BUCKETS = 1 << 32
_TIMES = {name: pl.Int64() for name in ("hour", "count", "earliest", "latest")}
_COUNTED = (
    *("absurd_dates", "headlines", "undated", "empty_keys", "standing", "candidates", "compared"),
    *("left_out_of_full_buckets", "matches", "proposed", "stories", "related"),
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

    A run that died is resumed by calling it again: tasks that finished are not run again. After a run with
    ``keep_work``, call it with more files to add them: headlines are read, folded and keyed anew, but only slices of
    time in which something changed are matched again. The results are those of a scan of all files.

    Args:
        input: a Parquet data set or other files of headlines, or a list of them, as for ``dedup.scan``.
        output: a folder on a file system that all workers see. It receives the tables ``headlines``, ``pairs``,
            ``stories``, ``related`` and ``exclusives`` as Parquet partitioned by day, ``outlets``, ``overlap``,
            ``skipped``, ``remarks`` and ``files`` as one Parquet file each, and ``summary.json`` at the end.
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
        keep_work: keep the intermediate files, so that more headlines can be added.
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
        summary = job.run_stages(buckets)
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
        self.settings = Settings(**shape["settings"])
        shaping = {name: value for name, value in shape.items() if name != "threads"}
        known = {"options": options, "shape": shaping, "fingerprint": fingerprint(self.settings)}
        self.run, self.input = _digest(known | {"versions": versions()}), _digest([asdict(file) for file in found])

    def finished(self) -> dict[str, Any] | None:
        """Return the summary of this very run, if it is complete; refuse a folder that holds another.

        Raises:
            OutputError: the folder holds another run, or one that cannot go on.
        """
        try:
            summary: dict[str, Any] = json.loads((self.output / "summary.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            summary = {}
        begun = self.store.read_json("run.json")
        if any(known.get("run", self.run) != self.run for known in (summary, begun or {})):
            reason = "holds a run with other settings or versions; name another folder, or remove this one"
            raise OutputError(str(self.output), reason)
        if not summary or summary["input"] == self.input:
            return summary or None
        if begun is None:
            reason = "holds a run of other files that was not kept to go on (keep_work=True); name another folder"
            raise OutputError(str(self.output), reason)
        return None

    def run_stages(self, buckets: int | None) -> dict[str, Any]:
        """Run all tasks that have not run on the same inputs yet, and write the summary."""
        begun = self.store.read_json("run.json") or {"run": self.run}
        now = begun["now"] if begun.get("input") == self.input else datetime.now(UTC).isoformat()
        if begun.get("input", self.input) != self.input:
            self._remove_unrecorded()
        begun |= {"input": self.input, "now": now}
        self.store.write_json(begun, "run.json")
        (self.output / "summary.json").unlink(missing_ok=True)
        keyed = self._make_keys(begun, buckets)
        plan = load_plan(self.store, self.settings, slice_days=self.shape["slice_days"])
        undated = plan.undated if plan.undated <= self.shape["max_undated"] else 0
        own = {name: self.shape[name] for name in ("settings", "slice_days")}
        sliced = {part.name: own | {"number": part.number} for part in plan.slices}
        days = self._day_digests()
        in_slice = {part.name: [days[day] for day in part.days] for part in plan.slices}
        self.stage("sort", sliced, in_slice)
        parts = [part for part in plan.slices if part.days[0] is not None or undated]
        around = {
            part.name: [
                *([days[None]] if undated else []),
                *(
                    [plan.start[plan.day.index(day)], days[day]]
                    for day in (*plan.halo(part, self.settings), *part.days)
                ),
            ]
            for part in parts
        }
        if undated:
            self.stage("count", {part.name: sliced[part.name] for part in parts}, around)
            sum_undated(self.store, plan)
        before = self.store.digests("undated-before")
        matched = self.stage(
            "match",
            {part.name: sliced[part.name] | {"undated": undated} for part in parts},
            {name: [inputs, before.get(name)] for name, inputs in around.items()},
        )
        reached = join_components(self.store, plan)
        joined = self.store.digests("components")
        reach = {part.name: [part, *(plan.slices[number] for number in reached.get(part.number, []))] for part in parts}
        stories = self.stage(
            "stories",
            {part.name: sliced[part.name] | {"reached": reached.get(part.number, [])} for part in parts},
            {
                name: [
                    [own.first, own.end, in_slice[own.name], joined[own.name], _written(matched[own.name])]
                    for own in slices
                ]
                for name, slices in reach.items()
            },
        )
        roles = {name: list[str]() for name in sliced}
        for record in stories.values():
            for path, digest in record["written"].items():
                if (name := Path(path).parent.name) in roles:
                    roles[name].append(digest)
        self.stage(
            "headlines",
            sliced,
            {part.name: [part.first, in_slice[part.name], roles[part.name]] for part in plan.slices},
        )
        matchable = {part.name: sliced[part.name] for part in parts}
        all_stories = [_written(record) for record in stories.values()]
        closest = self.stage(
            "pair stories", matchable, {name: [_written(matched[name]), all_stories] for name in matchable}
        )
        all_closest = [_written(record) for record in closest.values()]
        related = self.stage("related", matchable, dict.fromkeys(matchable, all_closest))
        started = time.perf_counter()
        small = self._write_small_tables(keyed["read"], keyed["dates"])
        self.seconds["tables"] = round(time.perf_counter() - started, 3)
        counts = _added(*keyed.values(), matched, stories, related)
        components = [record["largest"] for record in stories.values()]
        largest = max(components, key=lambda component: component["headlines"], default=None)
        return self._summarize(counts, small, plan, largest, set_aside=plan.undated - undated)

    def _make_keys(self, begun: dict[str, Any], buckets: int | None) -> dict[str, dict[str, dict[str, Any]]]:
        """Run the stages from files to keys, and return their records by stage."""
        readable = {f"{number:06}": file for number, file in enumerate(self.found) if not file.status}
        read = self.stage("read", {
            name: self.options | {"file": int(name), "found": asdict(file)} for name, file in readable.items()
        })  # fmt: skip
        times = self.store.scan("times", _TIMES).collect()
        latest = latest_plausible(times, datetime.fromisoformat(begun["now"]))
        dates = self.stage("dates", {
            name: {"documents": own["documents"], "latest": latest}
            for name, own in read.items()
            if own["first"] is not None and (own["first"] < microseconds(OLDEST) or own["last"] > latest)
        }, {name: _written(own) for name, own in read.items()})  # fmt: skip
        items = sum(own["counts"]["items"] for own in read.values())
        begun.setdefault("buckets", buckets or max(1, min(items // 1_000_000, 4_096)))
        self.store.write_json(begun, "run.json")
        ranges = _ranges(begun["buckets"])
        everything = [_written(own) for own in read.values()]
        folded = self.stage(
            "fold",
            {name: bounds | {"latest": latest} for name, bounds in ranges.items()},
            dict.fromkeys(ranges, everything),
        )
        own_rows = {name: _written(own) for name, own in folded.items()}
        renamed = self.stage("rename", ranges, dict.fromkeys(ranges, own_rows))
        merges = self._merge_outlets(ranges, own_rows)
        moved = {own_rows[source] for source, *_ in merges}
        all_names = [_written(own) for own in renamed.values()]
        keyed = self.stage(
            "keys",
            {name: {"merged": merges} for name in ranges},
            {name: [own_rows[name], sorted(moved), all_names] for name in ranges},
        )
        return {"read": read, "dates": dates, "fold": folded, "rename": renamed, "keys": keyed}

    def _day_digests(self) -> dict[date | None, list[int]]:
        """Return a digest of the headlines of each day."""
        days = (
            self.store.scan("days", DAYS).group_by("day").agg(pl.col("hash").sum(), pl.col("headlines").sum()).collect()
        )
        return {day: [hashed, headlines] for day, hashed, headlines in days.iter_rows()}

    def _merge_outlets(self, ranges: Mapping[str, dict[str, int]], own_rows: Mapping[str, str]) -> list[list[str]]:
        """Return the outlets to be renamed: the range of the name, the name, the new name, its range."""
        schema = {"outlet": pl.String(), "host": pl.String(), "len": pl.UInt32(), "headlines": pl.UInt32()}
        if not self.shape["merge_outlets"]:
            return []
        on_hosts = self.store.scan("outlet-hosts", schema).collect()
        self.stage("links", {name: {"hosts": outlet_names.shared_hosts(on_hosts)} for name in ranges}, own_rows)
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

    def stage(
        self, stage: str, arguments: Mapping[str, dict[str, Any]], inputs: Mapping[str, object] | None = None
    ) -> dict[str, dict[str, Any]]:
        """Run the tasks of a stage that have no record for the same inputs, and return all their records by name.

        Args:
            stage: the step.
            arguments: of each task, by name.
            inputs: digests of what each task reads besides.

        Raises:
            OutputError: tasks have no record although the engine returned.
        """
        started, output, threads = time.perf_counter(), str(self.output), {"threads": self.shape["threads"]}
        tasks = [
            Task(output, stage, name, json.dumps(own | threads), _digest([own, (inputs or {}).get(name)]))
            for name, own in arguments.items()
        ]
        pending = [task for task in tasks if task.record(self.store) is None]
        self._remove_outdated(stage, {task.name for task in tasks} - {task.name for task in pending})
        done = len(tasks) - len(pending)
        self._report(stage, done, len(tasks))
        for result in self.engine(perform, pending) if pending else ():
            if callable(wait := getattr(result, "result", None)):  # a future, as Dask's client.map returns
                wait()
            done += 1
            self._report(stage, min(done, len(tasks)), len(tasks))
        found = {task.name: task.record(self.store) for task in tasks}
        records = {name: record for name, record in found.items() if record is not None}
        missing = [name for name in found if name not in records]
        if missing:
            tasks_missing = f"{len(missing)} tasks of stage {stage!r} have no record, such as {missing[0]!r}"
            raise OutputError(output, f"{tasks_missing}: every worker must see this folder, and run all tasks")
        self.seconds[stage] = round(time.perf_counter() - started, 3)
        _LOG.info("%s: %d tasks, %.3f s", stage, len(tasks), self.seconds[stage])
        return records

    def _remove_outdated(self, stage: str, kept: set[str]) -> None:
        """Remove the files of tasks that will run again or are no longer needed, before any of them runs."""
        for path in self.store.work("done", stage).glob("*.json"):
            if path.stem not in kept:
                self.store.remove(self.store.read_json("done", stage, path.name)["written"])
                path.unlink()

    def _remove_unrecorded(self) -> None:
        """Remove the files of tasks that died before their record: with other input, they may never run again."""
        records = [json.loads(path.read_text("utf-8")) for path in self.store.work("done").glob("*/*.json")]
        recorded = {path for record in records for path in record["written"]}
        for folder in (self.store.work(), *(self.output / name for name in _PARTITIONED)):
            files = {str(path.relative_to(self.output)) for path in folder.rglob("*.parquet")}
            self.store.remove(files - recorded)

    def _report(self, stage: str, done: int, total: int) -> None:
        if self.progress is not None and total:
            self.progress(stage, done, total)

    def _write_small_tables(self, read: Mapping[str, Any], dates: Mapping[str, Any]) -> dict[str, pl.DataFrame]:
        """Write all tables that are not partitioned, and return them by name."""
        offsets = clocks.clocks_of(self.store.scan("copies", COPIES).collect())
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
        return small

    def _summarize(
        self, counts: dict[str, int], small: Mapping[str, pl.DataFrame], plan: Plan, largest: dict[str, Any] | None,
        *, set_aside: int,
    ) -> dict[str, Any]:  # fmt: skip
        """Write and return the summary."""
        proposed = counts.pop("proposed")
        recall = proposed / counts["matches"] if self.settings.exact and counts["matches"] else None
        counts |= {name: len(small[name]) for name in ("files", "skipped", "remarks")}
        hints = list[str]()
        if counts["headlines"] < SMALL:
            hints.append(f"{counts['headlines']:,} headlines: below {SMALL:,}, dedup.scan on one machine is faster")
        if set_aside:
            hints.append(f"{set_aside:,} headlines without a time were not matched: more than max_undated allows")
        for hint in hints:
            _LOG.warning("%s", hint)
        shared = summarize(
            counts,
            self.settings,
            candidate_recall=recall,
            outlets=small["outlets"],
            merged_outlets=self.store.read("merged-outlets.parquet") if self.shape["merge_outlets"] else None,
            seconds=self.seconds,
        )
        own = {"slices": len(plan.slices), "largest_component": largest, "hints": hints}
        summary = {"run": self.run, "input": self.input} | shared | own
        with replacing(self.output / "summary.json") as path:
            path.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        return summary


def _digest(content: object) -> str:
    """Return a digest of JSON content."""
    return hashlib.blake2b(json.dumps(content, sort_keys=True).encode(), digest_size=16).hexdigest()


def _written(record: Mapping[str, Any]) -> str:
    """Return a digest of all files that a task wrote."""
    return _digest(record["written"])


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
