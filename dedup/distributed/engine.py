"""The tasks of a stage on an engine: those without a record for the same inputs are run, and all records returned."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from dedup.distributed.store import PARTITIONED
from dedup.distributed.tasks import Task, perform
from dedup.errors import ArgumentTypeError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dedup.distributed.store import Store
    from dedup.distributed.tasks import Run

    Records = dict[str, dict[str, Any]]

_LOG = logging.getLogger(__name__)


class Engine:
    """Runs stages, one after the other.

    Attributes:
        seconds: that each stage took, by name.
    """

    def __init__(
        self, store: Store, run: Run, *, threads: int | None, progress: Callable[[str, int, int], None] | None
    ) -> None:
        self.seconds = dict[str, float]()
        self._store, self._run, self._threads, self._progress = store, run, threads, progress

    def run(
        self, stage: str, arguments: Mapping[str, dict[str, Any]], inputs: Mapping[str, object] | None = None
    ) -> Records:
        """Run the tasks of a stage that have no record for the same inputs, and return all their records by name.

        Args:
            stage: the step.
            arguments: of each task, by name.
            inputs: digests of what each task reads besides.

        Raises:
            ArgumentTypeError: ``run`` returned neither results nor futures.
            OutputError: tasks have no record although ``run`` returned.
        """
        started, threads = time.perf_counter(), {"threads": self._threads}
        tasks = [
            Task(self._store.output, stage, name, json.dumps(own | threads), digest([own, (inputs or {}).get(name)]))
            for name, own in arguments.items()
        ]
        pending = [task for task in tasks if task.record(self._store) is None]
        self._remove_outdated(stage, {task.name for task in tasks} - {task.name for task in pending})
        done = len(tasks) - len(pending)
        self._report(stage, done, len(tasks))
        for result in self._results(pending) if pending else ():
            if callable(wait := getattr(result, "result", None)):  # a future, as Dask's client.map returns
                wait()
            done += 1
            self._report(stage, min(done, len(tasks)), len(tasks))
        found = {task.name: task.record(self._store) for task in tasks}
        records = {name: record for name, record in found.items() if record is not None}
        missing = [name for name in found if name not in records]
        if missing:
            tasks_missing = f"{len(missing)} tasks of stage {stage!r} have no record, such as {missing[0]!r}"
            reason = (
                f"{tasks_missing}: run must call the function with all tasks, and every worker must see this folder"
            )
            raise OutputError(self._store.output, reason)
        self.seconds[stage] = round(time.perf_counter() - started, 3)
        _LOG.info("%s: %d tasks, %.3f s", stage, len(tasks), self.seconds[stage])
        return records

    def _results(self, tasks: list[Task]) -> Iterator[object]:
        """Yield results or futures of the tasks, as the engine returns them."""
        results = self._run(perform, tasks)
        if not isinstance(results, Iterable):
            expected = "a function that returns the results of all tasks, or futures, such as the built-in map"
            raise ArgumentTypeError("run", f"a function that returned {results!r}", expected)
        yield from results

    def _remove_outdated(self, stage: str, kept: set[str]) -> None:
        """Remove the files of tasks that will run again or are no longer needed, before any of them runs."""
        for path in self._store.work("done", stage).glob("*.json"):
            if path.stem not in kept:
                self._store.remove(self._store.read_json("done", stage, path.name).get("written", ()))
                path.unlink()

    def _report(self, stage: str, done: int, total: int) -> None:
        if self._progress is not None and total:
            self._progress(stage, done, total)


def remove_unrecorded(store: Store) -> None:
    """Remove the files of tasks that died before their record: with other input, they may never run again."""
    recorded = {
        path
        for record in store.work("done").glob("*/*.json")
        for path in store.read_json("done", record.parent.name, record.name).get("written", ())
    }
    for folder in (store.work(), *(store.path(name) for name in PARTITIONED)):
        store.remove({str(path.relative_to(store.output)) for path in folder.rglob("*.parquet")} - recorded)


def digest(content: object) -> str:
    """Return a digest of JSON content."""
    return hashlib.blake2b(json.dumps(content, sort_keys=True).encode(), digest_size=16).hexdigest()


def written(record: Mapping[str, Any]) -> str:
    """Return a digest of all files that a task wrote."""
    return digest(record["written"])
