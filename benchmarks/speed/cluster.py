"""Measure the tasks of a distributed scan: ``python -m benchmarks cluster --input FOLDER --output FOLDER``.

Prints for each stage the number of tasks, processor microseconds and bytes written per headline, and the longest time
and largest memory of a task; then what a run of 10⁸ and of 10⁹ headlines would take at the same density. A run that was
interrupted goes on. With one worker, every task has a process of its own, so that its memory is its own; with more,
memory is that of a process that ran many tasks.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import dedup.distributed
from benchmarks.reporting.markdown import markdown
from dedup.distributed.store import WORK

SIZES = (100_000_000, 1_000_000_000)


def measure(source: Path, output: Path, *, slice_days: int | None, workers: int) -> dict[str, Any]:
    """Scan, and return the summary."""
    os.environ["POLARS_MAX_THREADS"] = "1"  # read by the workers
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, max_tasks_per_child=1 if workers == 1 else None) as pool:
        return dedup.distributed.scan(source, output, run=pool.map, slice_days=slice_days, threads=1, keep_work=True)


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


def main() -> None:
    """Measure, and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", type=Path, required=True, help="files of headlines, such as of `benchmarks corpus`")
    parser.add_argument("--output", type=Path, required=True, help="folder of the run")
    parser.add_argument("--slice-days", type=int, help="days of a slice (default: by their number of headlines)")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
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
