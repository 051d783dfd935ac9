"""Read many files with worker processes, few files in a loop.

Processes instead of threads: expat's callbacks hold the interpreter lock. ``multiprocessing.Pool`` hangs when a worker
is killed; ``ProcessPoolExecutor`` raises at once, but loses all batches in flight. These are read again, one file at a
time, each in its own process: the file that kills its reader is reported, the others are kept.

Workers are forked where possible: they start in milliseconds and do not run the caller's script again. They must not
use Polars, whose threads do not survive a fork: a file that needs it is handed back and read in the parent.
"""

from __future__ import annotations

import multiprocessing
import os
import warnings
from collections import deque
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from dedup.core.processes import process_pool
from dedup.feeds.document import Document
from dedup.feeds.files.suffixes import is_packed
from dedup.feeds.parse import HANDED_BACK, read_file

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
    from concurrent.futures import Future, ProcessPoolExecutor

    from dedup.feeds.files.discover import Found
    from dedup.feeds.files.limits import Limits

    Read = list[Document]
    Batch = list[int]

FEW = 64
"""Files up to which a loop is faster than starting processes; ``LITTLE`` is the same in bytes."""
LITTLE = 8 * 1024 * 1024
BATCH_FILES = 64
BATCH_BYTES = 4 * 1024 * 1024
LARGE = 32 * 1024 * 1024
"""Bytes from which a file is read in the parent, one at a time: several at once would exceed the memory limit."""
COMPRESSION = 6
"""The usual ratio of compressed feeds. Parquet is compressed too, but always read in the parent."""


def read_files(
    files: Sequence[Found], limits: Limits, columns: Mapping[str, str] | None, workers: int | None
) -> Iterator[tuple[int, Read]]:
    """Yield the position of each file and its documents, in any order."""
    job = _Job(files, limits, columns, workers or _cpus())
    small = [position for position, file in enumerate(files) if _weight(file) < LARGE]
    total = sum(files[position].size for position in small)
    remaining = set(range(len(files)))
    if job.workers > 1 and len(small) > FEW and total > LITTLE:
        yield from job.parallel(small)
        remaining -= set(small)
    for position in sorted(remaining):
        yield position, job.in_parent(position)


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _weight(file: Found) -> int:
    """Return the expected size of a file in bytes, decompressed."""
    return file.size * COMPRESSION if is_packed(file.path) else file.size


class _Job:
    """The files to read, and the function that reads one."""

    def __init__(self, files: Sequence[Found], limits: Limits, columns: Mapping[str, str] | None, workers: int) -> None:
        self.files, self.workers = files, workers
        self.read: Callable[..., Read] = partial(read_file, limits=limits, columns=dict(columns or {}))

    def in_parent(self, position: int) -> Read:
        """Read a file in this process."""
        return self.read(self.files[position].path)

    def parallel(self, positions: Sequence[int]) -> Iterator[tuple[int, Read]]:
        """Read in worker processes; files of a killed process are read again, each in its own process."""
        batches = deque(self.batches(positions))
        while batches:
            lost = yield from self.until_broken(batches)
            for position in (position for batch in lost for position in batch):
                yield position, self.in_own_process(position)

    def batches(self, positions: Sequence[int]) -> Iterator[Batch]:
        """Yield batches of bounded files and bytes."""
        batch: Batch = []
        size = 0
        for position in positions:
            batch.append(position)
            size += self.files[position].size
            if len(batch) >= BATCH_FILES or size >= BATCH_BYTES:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def until_broken(self, batches: deque[Batch]) -> Generator[tuple[int, Read], None, list[Batch]]:
        """Process the batches until none is left or a worker is killed; return the batches that were lost."""
        flight: deque[tuple[Batch, Future[list[Read]]]] = deque()
        with _pool(self.workers) as pool:
            while batches or flight:
                # Few batches are in flight at a time, so that a killed worker loses few and results do not pile up.
                while batches and len(flight) < 2 * self.workers:
                    try:
                        future = pool.submit(_read_batch, self.read, [self.files[at].path for at in batches[0]])
                    except BrokenProcessPool:
                        break
                    flight.append((batches.popleft(), future))
                if not flight:
                    return []
                batch, future = flight.popleft()
                try:
                    results = future.result()
                except BrokenProcessPool:
                    return [batch, *(other for other, _ in flight)]
                for position, documents in zip(batch, results, strict=True):
                    yield position, self.complete(position, documents)
        return []

    def in_own_process(self, position: int) -> Read:
        """Read one file in a process of its own."""
        with _pool(1) as pool:
            try:
                [documents] = pool.submit(_read_batch, self.read, [self.files[position].path]).result()
            except BrokenProcessPool:
                return [Document("", reason="the process that read this file was killed (out of memory?)")]
        return self.complete(position, documents)

    def complete(self, position: int, documents: Read) -> Read:
        """Return the documents of a worker, read in this process if it handed them back."""
        return self.in_parent(position) if any(document.format == HANDED_BACK for document in documents) else documents


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Yield worker processes that have started."""
    with process_pool(workers, "fork" if "fork" in multiprocessing.get_all_start_methods() else None) as pool:
        with warnings.catch_warnings():
            # Python 3.12 warns of a fork beside threads; the module's docstring explains why this one is safe.
            warnings.simplefilter("ignore", DeprecationWarning)
            pool.submit(int).result()
        yield pool


def _read_batch(read: Callable[..., Read], paths: list[str]) -> list[Read]:
    """Read each file; runs in a worker."""
    return [read(path, in_worker=True) for path in paths]
