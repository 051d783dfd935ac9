"""Work on blocks of arrays in threads."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PROCESSORS = os.cpu_count() or 1
"""Number of processors, read once: the system call takes longer than a small join."""

Block = TypeVar("Block")
Result = TypeVar("Result")


def map_in_threads(work: Callable[[Block], Result], blocks: Iterable[Block]) -> list[Result]:
    """Call ``work`` on every block and return the results in order; NumPy and compiled kernels release the interpreter.

    A single block is processed in the calling thread: starting threads takes longer than comparing one headline.

    Examples:
        >>> map_in_threads(len, ["ab", "c"])
        [2, 1]
    """
    listed = list(blocks)
    if len(listed) < 2:
        return [work(block) for block in listed]
    with ThreadPoolExecutor(PROCESSORS) as pool:
        return list(pool.map(work, listed))


def prefetch(items: Iterable[Result]) -> Iterator[Result]:
    """Yield the items, computing each in a thread while the caller uses the one before it.

    Examples:
        >>> list(prefetch(range(3)))
        [0, 1, 2]
    """
    source, end = iter(items), object()
    with ThreadPoolExecutor(1) as maker:
        pending = maker.submit(next, source, end)
        while (item := pending.result()) is not end:
            pending = maker.submit(next, source, end)
            yield cast("Result", item)
