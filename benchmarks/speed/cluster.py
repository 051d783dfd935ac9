"""Measure the tasks of a distributed scan: ``python -m benchmarks cluster --input FOLDER --output FOLDER``.

Prints for each stage the number of tasks, processor microseconds and bytes written per headline, and the longest time
and largest memory of a task; then what a run of 10⁸ and of 10⁹ headlines would take at the same density. A run that was
interrupted goes on. With one worker, every task has a process of its own, so that its memory is its own; with more,
memory is that of a process that ran many tasks.

``--rounds N`` compares whole runs instead, in turn, N times: ``dedup.scan`` with distributed scans in one process;
with ``--workers N``, distributed scans by one process and by N. Minima of processor seconds and of seconds are printed.
Each run is a new process that has loaded the kernels; those of a pool load them as they work.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import dedup
import dedup.distributed
from benchmarks.reporting.markdown import markdown
from dedup.distributed.store import WORK

SIZES = (100_000_000, 1_000_000_000)

SLICE_DAYS = 7
"""Days of the slices of a comparison."""

BUCKETS = 4
"""Parts into which outlets are shuffled where stages or pools are measured. Less than two million items would be one: a
task a stage, and no stage to sort."""

_SPAWN = multiprocessing.get_context("spawn")


def measure(source: Path, output: Path, *, slice_days: int | None, workers: int) -> dict[str, Any]:
    """Scan, and return the summary. Kernels are compiled before: tasks load them."""
    dedup.distributed.warm()
    os.environ["POLARS_MAX_THREADS"] = "1"  # read by the workers
    with ProcessPoolExecutor(workers, mp_context=_SPAWN, max_tasks_per_child=1 if workers == 1 else None) as pool:
        return dedup.distributed.scan(
            source, output, run=pool.map, slice_days=slice_days, buckets=BUCKETS, threads=1, keep_work=True
        )


def stages(output: Path, summary: dict[str, Any]) -> list[list[str]]:
    """Return a row of figures for each stage of a run, and their sums."""
    rows, total_cpu, total_bytes = [], 0.0, 0.0
    headlines = summary["counts"]["headlines"]
    for stage in summary["seconds"]:
        records = [json.loads(path.read_text("utf-8")) for path in (output / WORK / "done" / stage).glob("*.json")]
        if not records:
            continue
        cpu = sum(record["cpu_seconds"] for record in records) * 1e6 / headlines
        written = sum((output / path).stat().st_size for record in records for path in record["written"]) / headlines
        seconds, memory = (max(record[name] for record in records) for name in ("cpu_seconds", "peak_memory_mb"))
        rows.append([stage, f"{len(records):,}", f"{cpu:.1f}", f"{written:.0f}", f"{seconds:.1f}", f"{memory:,.0f}"])
        total_cpu, total_bytes = total_cpu + cpu, total_bytes + written
    rows.append(["all", "", f"{total_cpu:.1f}", f"{total_bytes:.0f}", "", ""])
    return rows


def compare(source: Path, output: Path, *, rounds: int, slice_days: int, workers: int) -> list[list[str]]:
    """Run whole scans in turn, and return a row of figures for each way; ratios are those to the first.

    Args:
        source: files of headlines.
        output: folder for the results, which are removed.
        rounds: runs of each way.
        slice_days: of the distributed scans that do not cut by number.
        workers: processes; 1 for ``dedup.scan`` beside distributed scans in one process.
    """
    ways: dict[str, dict[str, Any]] = {
        "`dedup.scan`": {"whole": True},
        "distributed, slices by number": {},
        f"distributed, `slice_days={slice_days}`": {"slice_days": slice_days},
    }
    if workers > 1:
        ways = {f"processes: {count}": {"slice_days": slice_days, "workers": count} for count in (1, workers)}
    figures: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    output.mkdir(parents=True, exist_ok=True)
    for _ in range(rounds):
        for way, arguments in ways.items():
            with (
                tempfile.TemporaryDirectory(dir=output) as folder,
                ProcessPoolExecutor(1, mp_context=_SPAWN) as pool,
            ):
                figures[way].append(pool.submit(run_whole, source, Path(folder, "run"), **arguments).result())
    least = {way: [min(column) for column in zip(*own, strict=True)] for way, own in figures.items()}
    cpu, seconds = next(iter(least.values()))
    return [
        [way, f"{own[0]:.1f}", f"{own[0] / cpu:.2f}", f"{own[1]:.1f}", f"{own[1] / seconds:.2f}"]
        for way, own in least.items()
    ]


def run_whole(
    source: Path, output: Path, *, whole: bool = False, slice_days: int | None = None, workers: int = 0
) -> tuple[float, float]:
    """Scan, write the results, and return processor seconds, of child processes too, and seconds.

    Args:
        source: files of headlines.
        output: folder of the results.
        whole: run ``dedup.scan``.
        slice_days: of a distributed scan.
        workers: processes of a pool; 0 for a distributed scan in this process.
    """
    dedup.distributed.warm()
    started, used = time.perf_counter(), _cpu_seconds()
    if whole:
        dedup.scan(source).write(output)
    elif workers:
        with dedup.distributed.process_pool(workers) as run:
            dedup.distributed.scan(source, output, run=run, slice_days=slice_days, buckets=BUCKETS, threads=1)
    else:
        dedup.distributed.scan(source, output, slice_days=slice_days)
    return _cpu_seconds() - used, time.perf_counter() - started


def _cpu_seconds() -> float:
    """Return the processor time of this process and of those of its children that have ended."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main() -> None:
    """Measure, and print both tables; or compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", type=Path, required=True, help="files of headlines, such as of `benchmarks corpus`")
    parser.add_argument("--output", type=Path, required=True, help="folder of the run")
    parser.add_argument("--slice-days", type=int, help="days of a slice (default: by their number of headlines)")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rounds", type=int, help="compare whole runs in turn, so many times")
    options = parser.parse_args()
    if options.rounds:
        rows = compare(
            options.input, options.output, rounds=options.rounds, slice_days=options.slice_days or SLICE_DAYS,
            workers=options.workers,
        )  # fmt: skip
        print(markdown(["run", "processor seconds", "ratio", "seconds", "ratio"], rows))
        return
    summary = measure(options.input, options.output, slice_days=options.slice_days, workers=options.workers)
    headlines, counts = summary["counts"]["headlines"], summary["counts"]
    rows = stages(options.output, summary)
    header = ["stage", "tasks", "µs each", "bytes each", "longest task, s", "largest task, MB"]
    print(markdown(header, rows))
    candidates, left_out = (counts[name] / headlines for name in ("candidates", "left_out_of_full_buckets"))
    seconds = sum(summary["seconds"].values())
    print(
        f"\n{headlines:,} headlines in {summary['slices']:,} slices took {seconds:,.0f} s; {candidates:.0f} candidates"
    )
    print(f"a headline, {left_out:.1f} left out of full buckets; largest component: {summary['largest_component']}\n")
    cpu, written = float(rows[-1][2]), float(rows[-1][3])
    model = [[f"{size:,}", f"{size * cpu / 3.6e9:,.0f}", f"{size * written / 1e9:,.0f}"] for size in SIZES]
    print(markdown(["headlines, as dense", "processor hours", "gigabytes written"], model))


if __name__ == "__main__":
    main()
