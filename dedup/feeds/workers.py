"""Many files -> documents, by processes; few files by a plain loop.

Processes and not threads: expat's callbacks hold the interpreter. ``multiprocessing.Pool`` waits for ever when a worker
is killed; ``ProcessPoolExecutor`` says so at once, but loses every batch in flight, so these are read again, one file
at a time, each in a process of its own: the file that kills its reader is named, the others are kept.

Workers are forked where that is possible: they start in milliseconds and do not run the caller's script again. They use
no Polars, whose threads do not survive a fork: a Parquet file is handed back and read here.
"""

from __future__ import annotations

import multiprocessing
import os
import warnings
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import TYPE_CHECKING

from dedup.feeds.document import Document
from dedup.feeds.parse import HANDED_BACK, read_file

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

    from dedup.feeds.files.discover import Found
    from dedup.feeds.files.limits import Limits

    Read = list[Document]
    Batch = list[int]

FEW = 64
"""Up to so many files, or so many bytes, a loop is quicker than starting processes."""
LITTLE = 8 * 1024 * 1024
BATCH_FILES = 64
BATCH_BYTES = 4 * 1024 * 1024
LARGE = 32 * 1024 * 1024
"""Files from this size on (of compressed ones a sixth, as far as feeds are compressed) are read here, one at a time:
several at once would pass the memory that is promised."""
PACKED = (".gz", ".zst", ".zip")
"""Parquet is packed, too, but handed back by workers whatever its size."""


def read_files(
    files: Sequence[Found], limits: Limits, columns: Mapping[str, str] | None, workers: int | None
) -> Iterator[tuple[int, Read]]:
    """The documents of each file with its position, in any order."""
    job = _Job(files, limits, columns, workers or _cpus())
    small = [position for position, file in enumerate(files) if _weight(file) < LARGE]
    total = sum(files[position].size for position in small)
    alone = set(range(len(files)))
    if job.workers > 1 and len(small) > FEW and total > LITTLE:
        yield from job.parallel(small)
        alone -= set(small)
    for position in sorted(alone):
        yield position, job.here(position)


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _weight(file: Found) -> int:
    return file.size * 6 if file.path.lower().endswith(PACKED) else file.size


class _Job:
    """The files to read and how."""

    def __init__(self, files: Sequence[Found], limits: Limits, columns: Mapping[str, str] | None, workers: int) -> None:
        self.files, self.workers = files, workers
        self.read: Callable[..., Read] = partial(read_file, limits=limits, columns=dict(columns or {}))

    def here(self, position: int) -> Read:
        """Read a file in this process."""
        return self.read(self.files[position].path)

    def parallel(self, positions: Sequence[int]) -> Iterator[tuple[int, Read]]:
        """Read in processes; what a dying process held is read again, one file at a time."""
        batches = deque(self.batches(positions))
        while batches:
            lost = yield from self.until_broken(batches)
            for position in (position for batch in lost for position in batch):
                yield position, self.alone(position)

    def batches(self, positions: Sequence[int]) -> Iterator[Batch]:
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
        """Work on the batches until none is left, or a worker dies; returns the batches that died with it."""
        flight: deque[tuple[Batch, Future[list[Read]]]] = deque()
        with _pool(self.workers) as pool:
            while batches or flight:
                # Few batches wait at a time, so that a dead worker takes few with it and results do not pile up.
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
                    yield position, self.completed(position, documents)
        return []

    def alone(self, position: int) -> Read:
        """Read one file in a process of its own."""
        with _pool(1) as pool:
            try:
                [documents] = pool.submit(_read_batch, self.read, [self.files[position].path]).result()
            except BrokenProcessPool:
                return [Document("", reason="the process that read this file was killed (out of memory?)")]
        return self.completed(position, documents)

    def completed(self, position: int, documents: Read) -> Read:
        """Documents as a worker gave them, or read here if it handed them back."""
        return self.here(position) if any(document.format == HANDED_BACK for document in documents) else documents


def _pool(workers: int) -> ProcessPoolExecutor:
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else None
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context(method))
    with warnings.catch_warnings():
        # Python 3.12 warns of forking beside threads; the module's docstring says why it is safe here.
        warnings.simplefilter("ignore", DeprecationWarning)
        pool.submit(int).result()
    return pool


def _read_batch(read: Callable[..., Read], paths: list[str]) -> list[Read]:
    """In a worker: the documents of each file; Parquet is left to the parent."""
    return [read(path, parquet=False) for path in paths]
