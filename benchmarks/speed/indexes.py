"""What can remember headlines from call to call, asked in a process of its own.

``python -m benchmarks.memories NAME WHERE HEADLINES PLAN MODE`` prints JSON. NAME is ``dedup`` (an index at WHERE, a
path or a Redis address) or ``datasketch`` (WHERE is ``memory`` or a Redis address). HEADLINES is Parquet in order of
time with the fuzzy keys, PLAN says in JSON how many rows are remembered and how many are asked. MODE is ``fill``,
``ask`` or ``work`` (one of several writers: it says when it is ready, begins when it is told to, and says when it began
and ended).

``datasketch`` is the usual recipe: ``MinHash.bulk`` of three-letter shingles, an insertion session of ``MinHashLSH``
(32 bands of 4), a query for each headline, and rapidfuzz ``ratio`` on the hits within 72 hours; the best is the answer.
It is given dedup's keys, made beforehand, and holds keys and times in its own memory also where its buckets are in
Redis, which costs it nothing there. It forgets nothing, and has no stories.
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

from benchmarks.speed.library_pipelines import BANDS, PERMUTATIONS, ROWS, SEED, WINDOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FILLING = 10_000
"""Headlines at once while an index is filled."""

BATCHES = (1, 100, 1000)

Row = tuple[str, str, int]
"""An id, a key and a time."""

Given = TypeVar("Given")

_FIELDS = ["id", "outlet", "title", "published", "url"]
"""What dedup is given; the keys are for the others."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which rows are for what, in their order.

    Attributes:
        remembered: how many are there from the start.
        singles: how many are checked and then added one by one.
        batches: how many batches of each size of ``BATCHES`` above 1.
        each: batches of 1,000 that each writer adds.
        writers: how many there are.
        part: which writer this is.
    """

    remembered: int
    singles: int
    batches: int
    each: int
    writers: int = 2
    part: int = 0

    @property
    def asked(self) -> int:
        """Rows beyond those remembered."""
        return self._before_writers + self.writers * self.each * BATCHES[-1]

    @property
    def _before_writers(self) -> int:
        return self.singles + self.batches * sum(BATCHES[1:])

    def batch(self, headlines: pl.DataFrame, size: int) -> Iterator[pl.DataFrame]:
        """The batches of one size."""
        first = self.remembered
        for other in BATCHES:
            count = self.singles if other == 1 else self.batches
            if other == size:
                yield from (headlines.slice(first + at * size, size) for at in range(count))
            first += count * other

    def work(self, headlines: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """The batches of this writer; writers take turns, so that all are at the same time of the news."""
        first = self.remembered + self._before_writers
        for at in range(self.part, self.writers * self.each, self.writers):
            yield headlines.slice(first + at * BATCHES[-1], BATCHES[-1])


class Remembers(Protocol[Given]):
    """What is measured."""

    def given(self, headlines: pl.DataFrame) -> Given:
        """The headlines as a caller has them in hand; making this is nobody's time."""

    def fill(self, headlines: Given) -> None:
        """Remember headlines; nothing is asked."""

    def add(self, headlines: Given) -> None:
        """Remember headlines, and find what each matches."""

    def check(self, headlines: Given) -> None:
        """Find what each matches."""

    def held(self) -> int | None:
        """Bytes that it takes outside of this process."""


class OfDedup:
    """An index; where single headlines come, they come as dicts."""

    def __init__(self, where: str) -> None:
        import dedup  # noqa: PLC0415 - its cost is measured apart

        self._index = dedup.HeadlineIndex.open(where)

    def given(self, headlines: pl.DataFrame) -> pl.DataFrame | dict[str, Any]:
        """One as a dict, more as a frame."""
        told = headlines.select(_FIELDS)
        return told.row(0, named=True) if len(told) == 1 else told

    def fill(self, headlines: pl.DataFrame | dict[str, Any]) -> None:
        """As it adds."""
        self.add(headlines)

    def add(self, headlines: pl.DataFrame | dict[str, Any]) -> None:
        """Add one, or many."""
        if isinstance(headlines, dict):
            self._index.add(headlines)
        else:
            self._index.add_many(headlines)

    def check(self, headlines: pl.DataFrame | dict[str, Any]) -> None:
        """Check one."""
        self._index.check(headlines)

    def held(self) -> int | None:
        """Bytes of the storage."""
        return int(self._index.stats().bytes)


class OfDatasketch:
    """MinHashLSH and rapidfuzz."""

    def __init__(self, where: str) -> None:
        from datasketch import MinHash, MinHashLSH  # noqa: PLC0415 - as above

        self._bulk = MinHash.bulk
        storage = None
        if where != "memory":
            address = urlsplit(where)
            storage = {
                "type": "redis", "basename": b"datasketch",
                "redis": {"host": address.hostname, "port": address.port},
            }  # fmt: skip
        self._index = MinHashLSH(num_perm=PERMUTATIONS, params=(BANDS, ROWS), storage_config=storage)
        self._known: dict[str, tuple[str, int]] = {}

    def given(self, headlines: pl.DataFrame) -> list[Row]:
        """Ids, keys and times."""
        return headlines.select("id", "key", "time").rows()

    def fill(self, headlines: list[Row]) -> None:
        """Insert; no queries."""
        self._insert(headlines)

    def add(self, headlines: list[Row]) -> None:
        """Insert, then query and compare."""
        self._compare(headlines, self._insert(headlines))

    def check(self, headlines: list[Row]) -> None:
        """Query and compare."""
        self._compare(headlines, self._sketches(headlines))

    def held(self) -> int | None:
        """Not known."""
        return None

    def _sketches(self, headlines: list[Row]) -> list[Any]:
        shingles = ([key[at : at + 3].encode() for at in range(max(len(key) - 2, 1))] for _, key, _ in headlines)
        return list(self._bulk(shingles, num_perm=PERMUTATIONS, seed=SEED))

    def _insert(self, headlines: list[Row]) -> list[Any]:
        sketches = self._sketches(headlines)
        with self._index.insertion_session() as session:
            for (name, key, at), sketch in zip(headlines, sketches, strict=True):
                session.insert(name, sketch, check_duplication=False)
                self._known[name] = (key, at)
        return sketches

    def _compare(self, headlines: list[Row], sketches: list[Any]) -> None:
        from rapidfuzz import fuzz, process  # noqa: PLC0415 - as above

        for (name, key, at), sketch in zip(headlines, sketches, strict=True):
            hits = (self._known[hit] for hit in self._index.query(sketch) if hit != name and hit in self._known)
            process.extractOne(key, [other for other, when in hits if abs(at - when) <= WINDOW], scorer=fuzz.ratio)


MEMORIES: dict[str, Callable[[str], Remembers[Any]]] = {"dedup": OfDedup, "datasketch": OfDatasketch}


def filled(memory: Remembers[Any], headlines: pl.DataFrame, plan: Plan) -> dict[str, Any]:
    """Remember what is to be there from the start."""
    started = time.perf_counter()
    for first in range(0, plan.remembered, FILLING):
        memory.fill(memory.given(headlines.slice(first, min(FILLING, plan.remembered - first))))
    seconds = time.perf_counter() - started
    return {"fill_seconds": round(seconds, 2), "fill_rate": round(plan.remembered / seconds), "held": memory.held()}


def asked(memory: Remembers[Any], headlines: pl.DataFrame, plan: Plan) -> dict[str, Any]:
    """Check and add one by one, then add in batches."""
    told: dict[str, Any] = {"check": _spread(memory.check, map(memory.given, plan.batch(headlines, 1)), 1)}
    for size in BATCHES:
        told[f"add_{size}"] = _spread(memory.add, map(memory.given, plan.batch(headlines, size)), size)
    return told


def _spread(call: Callable[[Any], None], batches: Iterator[Any], size: int) -> dict[str, float]:
    """Milliseconds a call, and headlines a second."""
    seconds = []
    for batch in batches:
        started = time.perf_counter()
        call(batch)
        seconds.append(time.perf_counter() - started)
    p50, p99 = np.percentile(seconds, [50, 99]) * 1000
    return {"p50": round(p50, 3), "p99": round(p99, 3), "rate": round(size * len(seconds) / sum(seconds))}


def _resident() -> float:
    return psutil.Process().memory_info().rss / 1e6


def main() -> int:
    """Warm up, open, and do what the mode says."""
    name, where, path, plan_text, mode = sys.argv[1:]
    plan, headlines = Plan(**json.loads(plan_text)), pl.read_parquet(path)
    warm = MEMORIES[name](":memory:" if name == "dedup" else "memory")
    warm.add(warm.given(headlines.head(BATCHES[-1])))
    for batch in map(warm.given, islice(plan.batch(headlines, 1), 20)):
        warm.add(batch)
        warm.check(batch)
    before = _resident()
    started = time.perf_counter()
    memory = MEMORIES[name](where)
    opened = time.perf_counter() - started
    told: dict[str, Any] = {"open_seconds": round(opened, 3)}
    if mode == "fill":
        told |= filled(memory, headlines, plan)
    elif mode == "work":
        batches = [memory.given(batch) for batch in plan.work(headlines)]
        memory.check(memory.given(headlines.slice(plan.remembered, 1)))  # what is within reach is in memory now
        print("ready", flush=True)
        sys.stdin.readline()
        told["began"] = time.time()
        for batch in batches:
            memory.add(batch)
        told |= {"ended": time.time(), "added": sum(map(len, batches))}
    else:
        if where in ("memory", ":memory:") or name == "datasketch":
            told |= filled(memory, headlines, plan)
        first = memory.given(headlines.slice(plan.remembered, 1))
        started = time.perf_counter()
        memory.check(first)
        told["first_seconds"] = round(time.perf_counter() - started, 3)
        told["resident_mb"] = round(_resident() - before, 1)
        told |= asked(memory, headlines, plan) | {"held_after": memory.held()}
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
