"""A pool of processes that end with the process that started them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def process_pool(workers: int, method: str | None) -> Iterator[ProcessPoolExecutor]:
    """Yield a pool whose processes are killed if the block raises, and which end if this process is killed.

    ``ProcessPoolExecutor`` alone waits for all calls in flight before Ctrl-C ends the program, and its processes wait
    for further calls without end when this process is killed.

    Args:
        workers: number of processes.
        method: how they start, as ``multiprocessing.get_context`` takes it.
    """
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context(method), initializer=_end_with_parent)
    try:
        yield pool
    except BaseException:
        # From Python 3.14 on there is a public method for this.
        for process in list((pool._processes or {}).values()):
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """Leave Ctrl-C, which reaches all processes of a terminal, to the parent, and end when the parent has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_await_parent, daemon=True).start()


def _await_parent() -> None:
    """Wait for the end of the parent, and end this process."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
