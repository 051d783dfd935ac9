"""Progress with rate and time left, on stderr, where that is a terminal and the work takes over a second."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from dedup.report.wording import span

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress, Task, TaskID

_PATIENCE = 1.0  # seconds without a bar; small scans print their report and nothing else


class Watch:
    """Called with a stage, what is done of it and how much there is; shows bars once that is worth it.

    Rich is imported with the first bar, so that a scan that needs none does not pay for it.
    """

    def __init__(self, *, wanted: bool = True) -> None:
        self._shown = wanted and sys.stderr.isatty()
        self._start = time.monotonic()
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Watch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Tell how far a stage has come; a stage without a total shows that it is at work."""
        if not self._shown or time.monotonic() - self._start < _PATIENCE:
            return
        bars = self._bars = self._bars or _bars()
        if stage not in self._tasks:
            for task in self._tasks.values():
                bars.remove_task(task)
            self._tasks = {stage: bars.add_task(stage, total=total, told="")}
        bars.update(self._tasks[stage], completed=done, total=total, told=_told(bars.tasks[-1], done, total))


def _told(task: Task, done: int, total: int | None) -> str:
    """What is done, of how much, at what rate, and the time left, as far as each is known."""
    parts = [f"{done:,} of {total:,}"] if total is not None else []
    parts += [f"{task.speed:,.0f}/s"] if task.speed else []
    parts += [f"{span(task.time_remaining / 60)} left"] if task.time_remaining else []
    return "  ".join(parts)


def _bars() -> Progress:
    from rich.console import Console  # noqa: PLC0415 - see Watch
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415 - see Watch

    columns = TextColumn("{task.description}"), BarColumn(bar_width=20), TextColumn("{task.fields[told]}")
    bars = Progress(*columns, console=Console(stderr=True), transient=True)
    bars.start()
    return bars
