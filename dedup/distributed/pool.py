"""Run tasks in processes of this machine, and prepare workers for them."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dedup.core import processes
from dedup.core.arguments import require_number
from dedup.core.kernels import COMPILE_TOTAL_FROM, Kernel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedup.distributed.tasks import Run

_EVENTS = ("سيول جارفة تجتاح وادي السرو", "انهيار جسر النخيل", "افتتاح معرض الكتاب الرابع", "إضراب عمال المناجم")
_TAILS = ("ومصرع 5 أشخاص", "ومصرع خمسة", "والحكومة تنفي", "مساء اليوم", "")


@contextmanager
def process_pool(workers: int, *, threads: int = 1) -> Iterator[Run]:
    """Yield a ``run`` for ``scan``: the ``map`` of processes of this machine.

    A process that dies ends the run with ``BrokenProcessPool``; the next call of ``scan`` resumes it.

    Args:
        workers: number of processes.
        threads: threads of Polars in each process; give ``scan`` the same number.

    Raises:
        SettingError: a number is none, or below 1.
    """
    for name, number in (("workers", workers), ("threads", threads)):
        require_number(name, number)
    before = os.environ.get("POLARS_MAX_THREADS")
    os.environ["POLARS_MAX_THREADS"] = str(threads)  # read when a process starts
    try:
        # Spawned, not forked: Polars' threads do not survive a fork.
        with processes.process_pool(workers, "spawn") as pool:
            yield pool.map
    finally:
        if before is None:
            del os.environ["POLARS_MAX_THREADS"]
        else:
            os.environ["POLARS_MAX_THREADS"] = before


def warm() -> None:
    """Compile or load all kernels that tasks use, by scanning some invented headlines.

    A machine that never ran dedup compiles for some 18 processor seconds, once (``DEDUP_CACHE``, docs/library.md).
    Call it on each worker before a large run, or when a container image is built.
    """
    from dedup.pipeline import find_duplicates  # noqa: PLC0415 - after the kernels' setting

    Kernel.python_work = COMPILE_TOTAL_FROM
    find_duplicates(invented_headlines())


def invented_headlines() -> list[dict[str, object]]:
    """Return some headlines that run every kernel."""
    start = datetime(2026, 3, 1, tzinfo=UTC)
    return [
        {"title": f"{event} {tail}", "outlet": f"الصحيفة {number}", "published": start + timedelta(hours=number)}
        for number, (event, tail) in enumerate((event, tail) for event in _EVENTS for tail in _TAILS)
    ]
