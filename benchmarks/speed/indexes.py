"""Indexes that keep headlines between calls, each measured in its own process.

``python -m benchmarks.speed.indexes NAME WHERE HEADLINES PLAN MODE`` prints JSON. NAME is ``dedup`` (an index at WHERE,
a path or a Redis address) or ``datasketch`` (WHERE is ``memory`` or a Redis address). HEADLINES is Parquet in order of
time with the fuzzy keys. PLAN is JSON: how many rows are in the index from the start, and how many are checked and
added. MODE is ``fill``, ``measure`` or ``work`` (one of several writers: prints a line when ready, starts when it reads
one, and prints its start and end).

``datasketch`` is the usual recipe: ``MinHash.bulk`` of three-letter shingles, an insertion session of ``MinHashLSH``
(32 bands of 4), a query for each headline, and rapidfuzz ``ratio`` on the hits within 72 hours; the best is the answer.
It gets dedup's keys, computed beforehand, and keeps keys and times in process memory even with buckets in Redis, which
is free of charge there. It never deletes, and has no stories.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import urlsplit

import numpy as np
import polars as pl
import psutil

from benchmarks.speed.library_pipelines import BANDS, PERMUTATIONS, ROWS, WINDOW, minhashes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FILLING = 10_000
"""Batch size while an index is filled."""

BATCHES = (1, 100, 1000)
"""Batch sizes measured."""

Row = tuple[str, str, int]
"""Id, key and time of a headline."""

Batch = TypeVar("Batch")

_FIELDS = ["id", "outlet", "title", "published", "url"]
"""Columns for dedup; the keys are for datasketch."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Use of the rows, in their order.

    Attributes:
        remembered: number of headlines in the index from the start.
        singles: number of headlines checked and then added one by one.
        batches: number of batches of each size of ``BATCHES`` above 1.
        each: number of batches of 1,000 that each writer adds.
        writers: number of concurrent writers.
        part: number of this writer.
    """

    remembered: int
    singles: int
    batches: int
    each: int
    writers: int = 2
    part: int = 0

    @property
    def queried(self) -> int:
        """Return the number of rows beyond those in the index from the start."""
        return self._before_writers + self.writers * self.each * BATCHES[-1]

    @property
    def _before_writers(self) -> int:
        return self.singles + self.batches * sum(BATCHES[1:])

    def batch(self, headlines: pl.DataFrame, size: int) -> Iterator[pl.DataFrame]:
        """Yield the batches of one size."""
        first = self.remembered
        for batch_size in BATCHES:
            count = self.singles if batch_size == 1 else self.batches
            if batch_size == size:
                yield from (headlines.slice(first + number * size, size) for number in range(count))
            first += count * batch_size

    def work(self, headlines: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """Yield the batches of this writer; writers alternate, so that all add news of the same time."""
        first = self.remembered + self._before_writers
        for number in range(self.part, self.writers * self.each, self.writers):
            yield headlines.slice(first + number * BATCHES[-1], BATCHES[-1])


class MeasuredIndex(Protocol[Batch]):
    """Interface of a measured index."""

    def prepare(self, headlines: pl.DataFrame) -> Batch:
        """Convert headlines to the input of the calls; not part of the measured time."""

    def fill(self, headlines: Batch) -> None:
        """Add headlines without finding their matches."""

    def add(self, headlines: Batch) -> None:
        """Add headlines and find the matches of each."""

    def check(self, headlines: Batch) -> None:
        """Find the matches of each headline without adding it."""

    def stored_bytes(self) -> int | None:
        """Return the bytes stored outside this process; None if unknown."""


class DedupIndex:
    """dedup's index; single headlines are added as dicts."""

    def __init__(self, where: str) -> None:
        import dedup  # noqa: PLC0415 - its cost is measured apart

        self._index = dedup.HeadlineIndex.open(where)

    def prepare(self, headlines: pl.DataFrame) -> pl.DataFrame | dict[str, Any]:
        """Return one headline as a dict, several as a frame."""
        rows = headlines.select(_FIELDS)
        return rows.row(0, named=True) if len(rows) == 1 else rows

    def fill(self, headlines: pl.DataFrame | dict[str, Any]) -> None:
        """Add headlines."""
        self.add(headlines)

    def add(self, headlines: pl.DataFrame | dict[str, Any]) -> None:
        """Add one headline or many."""
        if isinstance(headlines, dict):
            self._index.add(headlines)
        else:
            self._index.add_many(headlines)

    def check(self, headlines: pl.DataFrame | dict[str, Any]) -> None:
        """Check one headline."""
        self._index.check(headlines)

    def stored_bytes(self) -> int | None:
        """Return the bytes of the storage."""
        return int(self._index.stats().bytes)


class DatasketchIndex:
    """datasketch's MinHashLSH with rapidfuzz on the hits."""

    def __init__(self, where: str) -> None:
        from datasketch import MinHashLSH  # noqa: PLC0415 - as above

        storage = None
        if where != "memory":
            address = urlsplit(where)
            storage = {
                "type": "redis", "basename": b"datasketch",
                "redis": {"host": address.hostname, "port": address.port},
            }  # fmt: skip
        self._index = MinHashLSH(num_perm=PERMUTATIONS, params=(BANDS, ROWS), storage_config=storage)
        self._known: dict[str, tuple[str, int]] = {}

    def prepare(self, headlines: pl.DataFrame) -> list[Row]:
        """Return ids, keys and times."""
        return headlines.select("id", "key", "time").rows()

    def fill(self, headlines: list[Row]) -> None:
        """Insert without queries."""
        self._insert(headlines)

    def add(self, headlines: list[Row]) -> None:
        """Insert, then query and compare."""
        self._compare(headlines, self._insert(headlines))

    def check(self, headlines: list[Row]) -> None:
        """Query and compare."""
        self._compare(headlines, self._sketches(headlines))

    def stored_bytes(self) -> int | None:
        """Return None: the bytes are not known."""
        return None

    def _sketches(self, headlines: list[Row]) -> list[Any]:
        """Return the MinHash of each headline."""
        return minhashes(key for _, key, _ in headlines)

    def _insert(self, headlines: list[Row]) -> list[Any]:
        """Insert headlines and return their MinHashes."""
        sketches = self._sketches(headlines)
        with self._index.insertion_session() as session:
            for (name, key, published), sketch in zip(headlines, sketches, strict=True):
                session.insert(name, sketch, check_duplication=False)
                self._known[name] = (key, published)
        return sketches

    def _compare(self, headlines: list[Row], sketches: list[Any]) -> None:
        """Query each headline and compare it with the hits within the window."""
        from rapidfuzz import fuzz, process  # noqa: PLC0415 - as above

        for (name, key, published), sketch in zip(headlines, sketches, strict=True):
            hits = (self._known[hit] for hit in self._index.query(sketch) if hit != name and hit in self._known)
            process.extractOne(
                key, [hit_key for hit_key, hit_time in hits if abs(published - hit_time) <= WINDOW], scorer=fuzz.ratio
            )


INDEXES: dict[str, Callable[[str], MeasuredIndex[Any]]] = {"dedup": DedupIndex, "datasketch": DatasketchIndex}


def fill(measured: MeasuredIndex[Any], headlines: pl.DataFrame, plan: Plan) -> dict[str, Any]:
    """Add the headlines that are in the index from the start; return seconds, rate and bytes."""
    started = time.perf_counter()
    for first in range(0, plan.remembered, FILLING):
        measured.fill(measured.prepare(headlines.slice(first, min(FILLING, plan.remembered - first))))
    seconds = time.perf_counter() - started
    return {
        "fill_seconds": round(seconds, 2),
        "fill_rate": round(plan.remembered / seconds),
        "stored_bytes": measured.stored_bytes(),
    }


def measure(measured: MeasuredIndex[Any], headlines: pl.DataFrame, plan: Plan) -> dict[str, Any]:
    """Time checks and additions one by one, then additions in batches."""
    figures: dict[str, Any] = {"check": _spread(measured.check, map(measured.prepare, plan.batch(headlines, 1)), 1)}
    for size in BATCHES:
        figures[f"add_{size}"] = _spread(measured.add, map(measured.prepare, plan.batch(headlines, size)), size)
    return figures


def _spread(call: Callable[[Any], None], batches: Iterator[Any], size: int) -> dict[str, float]:
    """Return the median and 99th percentile of milliseconds per call, and headlines per second."""
    seconds = []
    for batch in batches:
        started = time.perf_counter()
        call(batch)
        seconds.append(time.perf_counter() - started)
    p50, p99 = np.percentile(seconds, [50, 99]) * 1000
    return {"p50": round(p50, 3), "p99": round(p99, 3), "rate": round(size * len(seconds) / sum(seconds))}


def _resident() -> float:
    """Return the resident memory of this process in MB."""
    return psutil.Process().memory_info().rss / 1e6


def main() -> int:
    """Warm up, open the index, and run the mode."""
    name, where, path, plan_text, mode = sys.argv[1:]
    plan, headlines = Plan(**json.loads(plan_text)), pl.read_parquet(path)
    warm = INDEXES[name](":memory:" if name == "dedup" else "memory")
    warm.add(warm.prepare(headlines.head(BATCHES[-1])))
    for batch in map(warm.prepare, islice(plan.batch(headlines, 1), 20)):
        warm.add(batch)
        warm.check(batch)
    before = _resident()
    started = time.perf_counter()
    measured = INDEXES[name](where)
    opened = time.perf_counter() - started
    figures: dict[str, Any] = {"open_seconds": round(opened, 3)}
    if mode == "fill":
        figures |= fill(measured, headlines, plan)
    elif mode == "work":
        batches = [measured.prepare(batch) for batch in plan.work(headlines)]
        measured.check(measured.prepare(headlines.slice(plan.remembered, 1)))  # loads the window into memory
        print("ready", flush=True)
        sys.stdin.readline()
        figures["began"] = time.time()
        for batch in batches:
            measured.add(batch)
        figures |= {"ended": time.time(), "added": sum(map(len, batches))}
    else:
        if where in ("memory", ":memory:") or name == "datasketch":
            figures |= fill(measured, headlines, plan)
        first = measured.prepare(headlines.slice(plan.remembered, 1))
        started = time.perf_counter()
        measured.check(first)
        figures["first_seconds"] = round(time.perf_counter() - started, 3)
        figures["resident_mb"] = round(_resident() - before, 1)
        figures |= measure(measured, headlines, plan) | {"stored_bytes_after": measured.stored_bytes()}
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
