"""Tasks: what a worker runs, and the record that it has run.

A task is a few strings, so any engine can ship it. It reads files and writes files; its record appears last, so a
task with a record need not run again, whatever happened to the others.
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dedup.core import parallel
from dedup.core.arguments import require_type
from dedup.distributed import covering, matching, reading, relating
from dedup.distributed.plan import load_plan
from dedup.distributed.store import Store
from dedup.errors import SettingError
from dedup.result import peak_memory_mb
from dedup.settings import Settings


@dataclass(frozen=True, slots=True)
class Task:
    """A step on one file, some outlets or one slice of time.

    Attributes:
        output: the folder of the run, which all workers see.
        stage: the step.
        name: of the part.
        arguments: of the step, as JSON.
        digest: of the arguments and of everything that the step reads.
    """

    output: str
    stage: str
    name: str
    arguments: str
    digest: str

    def record(self, store: Store) -> dict[str, Any] | None:
        """Return the record that this task has run on the same inputs; None if there is none."""
        known = store.read_json("done", self.stage, f"{self.name}.json")
        return known if known.get("digest") == self.digest else None


Run = Callable[[Callable[[Task], str], list[Task]], Iterable[object]]
"""Applies a function to every task, anywhere and in any order, and returns when all are done, or yields results or
futures (with a method ``result``) as they come: the built-in ``map``, that of an executor, Dask's ``client.map``."""


def perform(task: Task) -> str:
    """Run a task, unless it has run before, and return its name.

    Raises:
        DedupError: see the step.
        SettingError: it is no task, or one of another version.
    """
    require_type("task", task, Task, "a dedup.distributed.Task")
    if task.stage not in _STAGES:
        raise SettingError("stage", task.stage, "a stage of this version; install one version on all machines")
    store = Store(task.output)
    if task.record(store) is not None:
        return task.name
    arguments, processors = json.loads(task.arguments), parallel.PROCESSORS
    started, used = time.perf_counter(), time.process_time()
    parallel.PROCESSORS = arguments.pop("threads", None) or processors
    try:
        result = _STAGES[task.stage](store, task.name, arguments)
    finally:
        parallel.PROCESSORS = processors
    cost = {
        "seconds": round(time.perf_counter() - started, 3),
        "cpu_seconds": round(time.process_time() - used, 3),
        "peak_memory_mb": peak_memory_mb(resource.RUSAGE_SELF),
    }
    record = result | cost | {"digest": task.digest, "written": store.written}
    store.write_json(record, "done", task.stage, f"{task.name}.json")
    return task.name


def _sliced(step: Callable[..., dict[str, Any]]) -> Callable[[Store, str, dict[str, Any]], dict[str, Any]]:
    """Return a step that is given the plan, its slice and the settings."""

    def run(store: Store, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        settings, number = Settings(**arguments.pop("settings")), arguments.pop("number")
        plan = load_plan(store, settings, slice_days=arguments.pop("slice_days"))
        return step(store, name, plan, plan.slices[number], settings, **arguments)

    return run


def _plain(step: Callable[..., dict[str, Any]]) -> Callable[[Store, str, dict[str, Any]], dict[str, Any]]:
    return lambda store, name, arguments: step(store, name, **arguments)


_STAGES: Mapping[str, Callable[[Store, str, dict[str, Any]], dict[str, Any]]] = {
    "read": _plain(reading.read),
    "dates": _plain(reading.note_implausible),
    "fold": _plain(reading.fold),
    "rename": _plain(reading.rename),
    "links": _plain(reading.list_links),
    "keys": _plain(reading.make_keys),
    "sort": _sliced(lambda store, _name, _plan, part, _settings: matching.sort_slice(store, part)),
    "count": _sliced(matching.count_undated),
    "match": _sliced(matching.match),
    "stories": _sliced(covering.make_stories),
    "pair stories": _sliced(lambda store, name, plan, _part, _settings: relating.pair_stories(store, name, plan)),
    "related": _sliced(lambda store, name, plan, part, _settings: relating.write_related(store, name, plan, part)),
    "headlines": _sliced(lambda store, name, plan, part, _settings: covering.write_headlines(store, name, plan, part)),
}
