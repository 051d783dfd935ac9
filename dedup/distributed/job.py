"""A distributed scan: its arguments, the folder it writes to, and the run in it that goes on or is refused."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup.core.arguments import require_callback, require_number, require_path, require_settings, require_type
from dedup.core.versions import versions
from dedup.distributed.engine import Engine, digest, remove_unrecorded
from dedup.distributed.key_stages import make_keys
from dedup.distributed.plan import load_plan
from dedup.distributed.results import SUMMARY, hints, read_summary, write_summary, write_whole_tables
from dedup.distributed.slice_stages import match_slices
from dedup.distributed.store import Store
from dedup.errors import ArgumentTypeError, InputError, OutputError
from dedup.feeds.files.discover import STDIN, find_files
from dedup.feeds.files.limits import Limits
from dedup.feeds.read import check_arguments, raise_missing
from dedup.fingerprint import fingerprint
from dedup.result import summarize
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from dedup.distributed.engine import Records
    from dedup.distributed.tasks import Run
    from dedup.feeds.files.discover import Found

MAX_UNDATED = 100_000
"""Headlines without a time that are matched. Each is compared with headlines of all time and is loaded by every task
(some 2 kB); more are set aside, unmatched, and reported."""

_COUNTED = (
    *("absurd_dates", "headlines", "undated", "empty_keys", "standing", "candidates", "compared"),
    *("left_out_of_full_buckets", "matches", "proposed", "stories", "related"),
)
"""Counts that are 0 where no task counts them."""


def scan(
    input: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],  # noqa: A002 - its natural name
    output: str | os.PathLike[str],
    *,
    run: Run = map,
    settings: Settings = Settings(),  # noqa: B008 - frozen
    slice_days: int | None = None,
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
            ``stories``, ``related`` and ``exclusives`` as Parquet partitioned by month, ``outlets``, ``overlap``,
            ``skipped``, ``remarks`` and ``files`` as one Parquet file each, and ``summary.json`` at the end.
        run: applies a function to a list of tasks on the workers.
        settings: parameters of matching.
        slice_days: days that a task matches at once; None for as many as hold ``plan.SLICE_HEADLINES``.
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
        OutputError: the output holds another run, lies in the input, or cannot be written.
        SettingError: an argument has an invalid value or type.
        TooManyHeadlinesError: too many headlines are within one window.
    """
    if not callable(run):
        raise ArgumentTypeError("run", run, "a function that maps a function over tasks, such as the built-in map")
    check_common(settings, slice_days, timezone, columns, threads, keep_work=keep_work, outlets=outlets)
    require_number("buckets", buckets, optional=True)
    require_number("max_undated", max_undated, 0)
    require_type("merge_outlets", merge_outlets, bool, "True or False")
    require_callback("progress", progress)
    store = Store(output_folder(output))
    reading = {"timezone": timezone, "columns": dict(columns or {}), "outlets": dict(outlets or {})}
    options = Options(settings, reading, slice_days, max_undated, merge_outlets)
    job = _Job(store, _input_files(input, store), options, Engine(store, run, threads=threads, progress=progress))
    summary = job.finished()
    if summary is None:
        summary = job.run(buckets)
        if not keep_work:
            shutil.rmtree(store.work(), ignore_errors=True)
    return summary


@dataclass(frozen=True, slots=True)
class Options:
    """The arguments that shape the results of a run; see ``scan``.

    Attributes:
        settings: parameters of matching.
        reading: timezone, columns and outlets.
        slice_days: days that a task matches at once.
        max_undated: headlines without a time that are matched.
        merge_outlets: whether outlets with several names are merged.
    """

    settings: Settings
    reading: dict[str, Any]
    slice_days: int | None
    max_undated: int
    merge_outlets: bool

    def digest(self) -> str:
        """Return a digest of the options and of the versions of everything that shapes results."""
        return digest([asdict(self), fingerprint(self.settings), versions()])


def check_common(
    settings: object, slice_days: object, timezone: object, columns: object, threads: object, *, keep_work: object,
    outlets: object = None,
) -> None:  # fmt: skip
    """Check the arguments that ``dedup.integrations.spark`` takes too, all but ``outlets``, before it writes anything.

    Raises:
        SettingError: one of them has an invalid value or type.
    """
    require_settings(settings)
    check_arguments(Limits(), timezone, outlets, columns)
    require_number("slice_days", slice_days, optional=True)
    require_number("threads", threads, optional=True)
    require_type("keep_work", keep_work, bool, "True or False")


def output_folder(output: object) -> str:
    """Return the absolute path of the folder of a run: workers may have another current folder.

    Raises:
        OutputError: it is a URL, or empty.
        SettingError: it is no path.
    """
    require_path("output", output)
    name: str = os.fspath(output)  # type: ignore[call-overload]  # a path, see above
    if not name:
        raise OutputError(repr(name), "no name that a folder can have; name a folder that all workers see")
    if "://" in name:
        raise OutputError(name, "a URL; name a folder that all workers see, such as a network file system or a mount")
    return os.path.abspath(name)


def _input_files(given: object, store: Store) -> list[Found]:
    """List the files of the input, with absolute paths.

    Raises:
        InputError: there is none, or one that workers cannot read.
        OutputError: the output lies in the input, which would read it.
        SettingError: the input is neither a path nor a list of paths, or one holds a NUL character.
    """
    expected = "a folder, a file or a list of them; write headlines in memory to Parquet files first"
    if isinstance(given, (bytes, Mapping)) or not isinstance(given, (str, os.PathLike, Iterable)):
        raise ArgumentTypeError("input", given, expected)
    paths = [given] if isinstance(given, (str, os.PathLike)) else list(given)
    for path in paths:
        require_type("input", path, (str, os.PathLike), expected)
        require_path("input", path)
        if path == STDIN:
            raise InputError(STDIN, "workers cannot read standard input; write it to a file first")
    found = find_files(paths)
    if all(file.missing for file in found):
        raise_missing(found)
    found = [replace(file, path=os.path.abspath(file.path)) for file in found]
    folders = {os.path.realpath(path) for path in paths if os.path.isdir(path)}
    real = Path(os.path.realpath(store.output))
    if any(str(folder) in folders for folder in (real, *real.parents)):
        reason = "lies in a folder of the input, so results would be read as headlines; name another folder"
        raise OutputError(store.output, reason)
    return found


class _Job:
    """One run: its folder, files, options and engine."""

    def __init__(self, store: Store, found: list[Found], options: Options, engine: Engine) -> None:
        self.store, self.found, self.options, self.engine = store, found, options, engine
        self.name, self.input = options.digest(), digest([asdict(file) for file in found])

    def finished(self) -> dict[str, Any] | None:
        """Return the summary of this very run, if it is complete; refuse a folder that holds another.

        Raises:
            OutputError: the folder holds another run, or one that cannot go on.
        """
        summary, begun = read_summary(self.store), self.store.read_json("run.json")
        if any(known and known.get("run") != self.name for known in (summary, begun)):
            reason = "holds a run with other settings or versions; name another folder, or remove this one"
            raise OutputError(self.store.output, reason)
        if not summary or summary["input"] == self.input:
            return summary or None
        if not begun:
            reason = "holds a run of other files that was not kept to go on (keep_work=True); name another folder"
            raise OutputError(self.store.output, reason)
        return None

    def run(self, buckets: int | None) -> dict[str, Any]:
        """Run all tasks that have not run on the same inputs yet, and write the summary."""
        store, options, settings = self.store, self.options, self.options.settings
        begun = store.read_json("run.json")
        if begun:
            store.remove_unfinished()
        if begun.get("input") != self.input:
            if begun:
                remove_unrecorded(store)
            now = datetime.now(UTC).isoformat()
            begun = {"run": self.name, "buckets": begun.get("buckets", buckets), "input": self.input, "now": now}
            store.write_json(begun, "run.json")
        store.remove([SUMMARY])
        keyed = make_keys(self.engine, store, begun, self.found, reading=options.reading, merge=options.merge_outlets)
        plan = load_plan(store, settings, slice_days=options.slice_days)
        undated = plan.undated if plan.undated <= options.max_undated else 0
        matched = match_slices(self.engine, store, plan, settings, slice_days=options.slice_days, undated=undated)
        whole = write_whole_tables(store, self.found, keyed["read"], keyed["dates"])
        counts = _added(*keyed.values(), *matched.values())
        proposed = counts.pop("proposed")
        recall = proposed / counts["matches"] if settings.exact and counts["matches"] else None
        counts |= {name: len(whole[name]) for name in ("files", "skipped", "remarks")}
        merged = store.read("merged-outlets.parquet") if options.merge_outlets else None
        summary = {"run": self.name, "input": self.input} | summarize(
            counts, settings, candidate_recall=recall, outlets=whole["outlets"], merged_outlets=merged,
            seconds=self.engine.seconds,
        )  # fmt: skip
        components = [record["largest"] for record in matched["stories"].values()]
        summary |= {
            "slices": len(plan.slices),
            "largest_component": max(components, key=lambda component: component["headlines"], default=None),
            "hints": hints(counts["headlines"], set_aside=plan.undated - undated),
        }
        write_summary(store, summary)
        return summary


def _added(*stages: Records) -> dict[str, int]:
    """Add up the counts of all tasks of some stages."""
    counts = dict.fromkeys(_COUNTED, 0)
    for stage in stages:
        for record in stage.values():
            for name, count in record.get("counts", {}).items():
                counts[name] = counts.get(name, 0) + count
    return counts
