"""Progress with rate and time left, on stderr, where that is a terminal and the work takes over a second."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress, TaskID

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
            self._tasks = {stage: bars.add_task(stage, total=total, rate="")}
        task = self._tasks[stage]
        speed = next(known.speed for known in bars.tasks if known.id == task)
        bars.update(task, completed=done, total=total, rate=f"{speed:,.0f}/s" if speed else "")


def _bars() -> Progress:
    from rich.console import Console  # noqa: PLC0415 - see Watch
    from rich.progress import (  # noqa: PLC0415 - see Watch
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(compact=True),
        TextColumn("left"),
        console=Console(stderr=True),
        transient=True,
    )
    bars.start()
    return bars
