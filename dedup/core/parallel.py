"""Work on blocks of arrays, shared between the processors."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PROCESSORS = os.cpu_count() or 1
"""Asked once: the answer is read from a file of the system, which takes longer than a small join."""

Block = TypeVar("Block")
Found = TypeVar("Found")


def map_in_threads(work: Callable[[Block], Found], blocks: Iterable[Block]) -> list[Found]:
    """Do the work on every block, answers in order; NumPy and compiled kernels let go of the interpreter meanwhile.

    A single block is worked on where it stands: starting threads takes longer than comparing one headline.
    """
    waiting = list(blocks)
    if len(waiting) < 2:
        return [work(block) for block in waiting]
    with ThreadPoolExecutor(PROCESSORS) as pool:
        return list(pool.map(work, waiting))


def prefetch(items: Iterable[Found]) -> Iterator[Found]:
    """The same items, each made by a thread while the one before it is used."""
    source, end = iter(items), object()
    with ThreadPoolExecutor(1) as maker:
        coming = maker.submit(next, source, end)
        while (item := coming.result()) is not end:
            coming = maker.submit(next, source, end)
            yield cast("Found", item)
