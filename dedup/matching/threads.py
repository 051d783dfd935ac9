"""Work on blocks of arrays, shared between the processors."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Block = TypeVar("Block")


def in_threads(work: Callable[[Block], None], blocks: Iterable[Block]) -> None:
    """Do the work on every block; NumPy lets go of the interpreter, so threads share the processors.

    A single block is worked on where it stands: starting threads takes longer than comparing one headline.
    """
    waiting = list(blocks)
    if len(waiting) == 1:
        work(waiting[0])
        return
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(work, waiting):
            pass
