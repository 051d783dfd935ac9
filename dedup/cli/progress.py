"""Progress bars with rate and remaining time, on stderr, if it is a terminal and the work takes over a second."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from dedup.report.wording import span

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress, Task, TaskID

_DELAY = 1.0  # seconds before the first bar, so that small scans print their report only


class ProgressBars:
    """Show a bar per stage, once the work has taken a second; instances are progress callbacks of the library.

    rich.progress is imported with the first bar, so that short commands do not pay for it.
    """

    def __init__(self, *, wanted: bool = True) -> None:
        self._shown = wanted and sys.stderr.isatty()
        self._start = time.monotonic()
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> ProgressBars:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Update the bar of a stage; without a total it shows activity only."""
        if not self._shown or time.monotonic() - self._start < _DELAY:
            return
        bars = self._bars = self._bars or _bars()
        if stage not in self._tasks:
            for task in self._tasks.values():
                bars.remove_task(task)
            self._tasks = {stage: bars.add_task(stage, total=total, label="")}
        bars.update(self._tasks[stage], completed=done, total=total, label=_label(bars.tasks[-1], done, total))


def _label(task: Task, done: int, total: int | None) -> str:
    """Format the work done, the total, the rate and the remaining time, as far as they are known."""
    parts = [f"{done:,} of {total:,}"] if total is not None else []
    parts += [f"{task.speed:,.0f}/s"] if task.speed else []
    parts += [f"{span(task.time_remaining / 60)} left"] if task.time_remaining else []
    return "  ".join(parts)


def _bars() -> Progress:
    from rich.console import Console  # noqa: PLC0415 - see ProgressBars
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415 - see ProgressBars

    columns = TextColumn("{task.description}"), BarColumn(bar_width=20), TextColumn("{task.fields[label]}")
    bars = Progress(*columns, console=Console(stderr=True), transient=True)
    bars.start()
    return bars
