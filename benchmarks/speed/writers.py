"""Measure how long single additions wait for each other: ``python -m benchmarks writers --from JSONL``.

Several processes add the headlines of a corpus to one index in SQLite, one at a time and as fast as they can, each
those of its turn, in order of time. All begin together, after each has opened the index and checked one headline.
Printed are calls per second over all workers, and percentiles of the time of a call. A folder in memory, as
``--work /dev/shm``, shows the queueing without the disk.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.data import corpora
from benchmarks.reporting import runs
from benchmarks.reporting.markdown import markdown
from benchmarks.speed import processes

_WORKER = """
import json, sys, time
from dedup import HeadlineIndex

path, feed, worker, workers, calls = *sys.argv[1:3], *map(int, sys.argv[3:])
with open(feed, encoding="utf-8") as file:
    own = [json.loads(line) for line in file][worker::workers][:calls]
with HeadlineIndex.open(path) as index:
    index.check(own[0])
    print("ready", flush=True)
    sys.stdin.readline()
    seconds = []
    for headline in own:
        began = time.perf_counter()
        index.add(headline)
        seconds.append(time.perf_counter() - began)
print(json.dumps(seconds), flush=True)
"""

PERCENTILES = (50, 90, 99, 100)


def measure(folder: Path, feed: Path, workers: int, calls: int) -> tuple[float, list[float]]:
    """Return the seconds of a run, and those of each call, ascending."""
    command = [sys.executable, "-c", _WORKER, str(folder / "index.db"), str(feed)]
    commands = [[*command, str(worker), str(workers), str(calls)] for worker in range(workers)]
    seconds, printed = processes.run_together(commands, cwd=runs.ROOT)
    return seconds, sorted(call for text in printed for call in json.loads(text))


def percentile(values: list[float], percent: int) -> float:
    """Return the smallest value that this percentage of the ascending values does not exceed."""
    return values[max(0, -(-len(values) * percent // 100) - 1)]


def main() -> int:
    """Run, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--from", dest="source", type=corpora.corpus_file, required=True, metavar="JSONL", help="one headline a line"
    )
    parser.add_argument("--workers", default="1,2,8", help="numbers of processes, separated by commas")
    parser.add_argument("--calls", type=int, default=250, help="additions of each process")
    parser.add_argument("--work", metavar="FOLDER", help="folder of the index (default: the temporary folder)")
    runs.add_output(parser)
    args = parser.parse_args()
    calls = 20 if args.quick else args.calls
    rows = []
    for workers in (2,) if args.quick else [int(number) for number in args.workers.split(",")]:
        with tempfile.TemporaryDirectory(dir=args.work) as folder:
            feed = Path(folder) / "feed.jsonl"
            feed.write_text("\n".join(_headlines(args.source, workers * calls)), encoding="utf-8")
            seconds, times = measure(Path(folder), feed, workers, calls)
        figures = [f"{1000 * percentile(times, percent):.1f}" for percent in PERCENTILES]
        rows.append([str(workers), f"{len(times) / seconds:,.0f}", *figures])
    titles = ["workers", "calls a second", "p50 ms", "p90 ms", "p99 ms", "longest ms"]
    figures = runs.provenance(quick=args.quick) | {"calls": calls}
    figures["rows"] = [dict(zip(titles, row, strict=True)) for row in rows]
    text = f"{runs.heading(figures)} {calls} calls of each process.\n\n{markdown(titles, rows)}"
    runs.record("writers", figures, text, None, output=args.output)
    return 0


def _headlines(source: Path, count: int) -> list[str]:
    """Return the first lines of a corpus, in order of time."""
    data = source.read_bytes()
    text = (gzip.decompress(data) if source.suffix == ".gz" else data).decode()
    lines = [line for line in text.splitlines() if '"published"' in line][: 4 * count]
    return sorted(lines, key=lambda line: str(json.loads(line)["published"]))[:count]


if __name__ == "__main__":
    sys.exit(main())
