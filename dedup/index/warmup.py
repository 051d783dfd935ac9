"""Warm-up in the background: one-off work that must not be done while other writers wait.

After some tens of single headlines a process is streaming, and loads the background vocabulary (0.3 s) and compiled
kernels (1 to 2 s). Done in the middle of a write transaction, as on first use, that stalled every other worker: eight
that began together waited for 3.1 s. A session therefore postpones both, and a thread does them after a commit.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from dedup.arabic.vocabulary import shared_vocabulary
from dedup.core.kernels import Kernel, load_postponed, postponed_loading

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOG = logging.getLogger(__name__)
_running = threading.Lock()


@contextmanager
def postponed_warmup() -> Iterator[None]:
    """Postpone the loading of vocabulary and kernels for small pieces of work."""
    with postponed_loading(), shared_vocabulary.postponed_warmup():
        yield


def start_warmup() -> None:
    """Load what was postponed in a thread, if there is anything and no thread does so already."""
    if not (Kernel.postponed or shared_vocabulary.needs_warmup()) or not _running.acquire(blocking=False):
        return
    with suppress(RuntimeError):  # the interpreter is shutting down, or has no threads left
        threading.Thread(target=_warm_up, name="dedup-warmup").start()
        return
    _running.release()


def _warm_up() -> None:
    try:
        if shared_vocabulary.needs_warmup():
            shared_vocabulary.warm_up()
        load_postponed()
    except Exception:
        _LOG.exception("the warm-up failed; calls stay slower")
    finally:
        _running.release()
