"""Measure each stage of a scan, start-up and reading: ``python -m benchmarks speed --data DIR``.

Runs whole processes in turn: the scan of each labelled corpus with all files written, ``dedup --help``,
``import dedup``, the scan of ``examples/feeds``, and reading RSS files on one core and on two. The seconds stand beside
the results: candidates, matches, recall on silver, and average precision, precision and recall on labels drawn from all
candidates. One more scan is profiled for its inner steps.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from benchmarks.data import corpora
from benchmarks.generator.blocks import Generator
from benchmarks.generator.files import write
from benchmarks.generator.source import measure_source, rates
from benchmarks.quality.precision_recall import curve, matched
from benchmarks.quality.scanned_corpus import scan_corpus
from benchmarks.reporting import runs
from benchmarks.reporting.markdown import markdown
from benchmarks.speed import processes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from benchmarks.speed.processes import ProcessRun

ITEMS, QUICK_ITEMS = 100_000, 3000
"""Number of RSS items to read."""

_FIGURES = ("ap", "precision", "recall", "candidates", "matched")

STEPS = 24
"""Number of inner steps to show, the longest first."""

_LIBRARIES = (
    "import numpy, polars; from dedup.stories.assemble import connect\n"
    "nothing = numpy.zeros(0, int); connect.compiled(nothing, nothing, nothing)"
)
"""Lower bound for a scan that uses compiled kernels: import Polars and numba, and call one cached kernel."""

_READ = (
    "import sys, time; import polars; from dedup.feeds import read_feeds\n"
    "started = time.perf_counter(); feeds = read_feeds(sys.argv[1], workers=int(sys.argv[2]))\n"
    "print(len(feeds.headlines), time.perf_counter() - started)"
)
"""Read a folder; print the number of headlines and the seconds without the start of Python."""


def scans(data: Path, names: Sequence[str], folder: Path) -> dict[str, Callable[[], ProcessRun]]:
    """Return the scan of each corpus as a command, all files written."""
    command = [sys.executable, "-m", "dedup", "scan", "--quiet"]
    return {
        f"scan {name}": partial(
            processes.run, [*command, str(data / f"{name}.jsonl.gz"), "--output", str(folder / name)]
        )
        for name in names
    }


def starts() -> dict[str, Callable[[], ProcessRun]]:
    """Return the commands that measure start-up; plain Python and the libraries serve for comparison."""
    python = sys.executable
    commands = {
        "python -c pass": [python, "-c", "pass"],
        "Polars and a kernel": [python, "-c", _LIBRARIES],
        "import dedup": [python, "-c", "import dedup"],
        "dedup --help": [python, "-m", "dedup", "--help"],
        "dedup scan examples/feeds": [python, "-m", "dedup", "scan", "examples/feeds"],
    }
    return {name: partial(processes.run, command, cwd=runs.ROOT) for name, command in commands.items()}


def readings(feeds: Path) -> dict[str, Callable[[], ProcessRun]]:
    """Return the commands that read RSS files on one core and on two."""
    command = [sys.executable, "-c", _READ, str(feeds)]
    return {f"RSS, {cores} core{'s' * (cores > 1)}": partial(processes.run, [*command, str(cores)]) for cores in (1, 2)}


def quality(data: Path, name: str) -> dict[str, Any]:
    """Return the accuracy of a scan of the corpus; ``candidates`` and ``matched`` only if it has silver pairs."""
    corpus = scan_corpus(data, name)
    truth, weights = corpus.labels["is_same_news"].to_numpy(), corpus.labels["weight"].to_numpy()
    figures: dict[str, Any] = {}
    if truth.any():
        scores, is_match = corpus.scores(corpus.labels)
        figures |= curve(scores, truth, weights) | matched(is_match, truth, weights)
    near = corpus.silver.filter(pl.col("positive") & (pl.col("hours") <= corpus.settings.window))
    if len(near):
        figures |= {"candidates": corpus.is_candidate(near).mean(), "matched": corpus.scores(near)[1].mean()}
    return {key: float(figures[key]) for key in _FIGURES if key in figures}


def judged_scan(data: Path, name: str, folder: Path, ran: Sequence[ProcessRun]) -> dict[str, Any]:
    """Return the row of one corpus."""
    figures: dict[str, Any] = {"name": name} | processes.summarize(ran)
    if "failure" in figures:
        return figures
    summary = json.loads((folder / name / "summary.json").read_text("utf-8"))
    stages = dict(summary["seconds"])
    stages["start, files"] = round(figures["seconds"] - sum(stages.values()), 3)
    figures |= {"headlines": summary["counts"]["headlines"], "stages": stages, "each": rates(summary["counts"])}
    return figures | {"matches": summary["counts"]["matches"], "quality": quality(data, name)}


def read_rate(ran: Sequence[ProcessRun]) -> dict[str, Any]:
    """Return items per second of the median and of the fastest run."""
    figures = processes.summarize(ran)
    if "failure" in figures:
        return figures
    rate = sorted(int(items) / float(seconds) for items, seconds in (run.output.split() for run in ran))
    return figures | {
        "items": int(ran[0].output.split()[0]),
        "rate": round(rate[len(rate) // 2]),
        "best": round(rate[-1]),
    }


def profiled(path: Path) -> dict[str, Any]:
    """Return the inner steps of one scan."""
    ran = processes.run([sys.executable, "-m", "benchmarks.speed.profile", str(path)], cwd=runs.ROOT)
    return {"failure": ran.failure} if ran.failure else dict(json.loads(ran.output))


def report(figures: dict[str, Any]) -> str:
    """Return the tables of a run as Markdown."""
    parts = [runs.heading(figures), "### Scans", _scans(figures["scans"])]
    stages = list(dict.fromkeys(stage for row in figures["scans"] for stage in row.get("stages", {})))
    rows = [
        [row["name"], *(f"{row['stages'].get(stage, 0):.2f}" for stage in stages)]
        for row in figures["scans"]
        if "stages" in row
    ]
    parts += [markdown(["seconds in", *stages], rows), "### Inner steps", _steps(figures["profile"])]
    header = ["", "seconds", "range", "peak MB"]
    parts += ["### Starting", markdown(header, [[row["name"], *_timed(row)] for row in figures["starts"]])]
    header = ["", "items", "items a second", "the fastest run", *header[1:]]
    reading = [
        [row["name"], *(f"{row[key]:,}" if key in row else "" for key in ("items", "rate", "best")), *_timed(row)]
        for row in figures["reading"]
    ]
    return "\n\n".join([*parts, "### Reading", markdown(header, reading)])


def _timed(row: dict[str, Any]) -> list[str]:
    if "failure" in row:
        return [row["failure"], "", ""]
    return [f"{row['seconds']:.3f}", f"{row['range'][0]:.3f}–{row['range'][1]:.3f}", f"{row['peak_mb']:,.0f}"]


def _scans(rows: Sequence[dict[str, Any]]) -> str:
    header = ["", "headlines", "seconds", "range", "peak MB", "candidates each", "matches"]
    header += ["AP", "precision", "recall", "silver: candidates", "silver: matched"]
    return markdown(header, [[row["name"], *_scan_cells(row)] for row in rows])


def _scan_cells(row: dict[str, Any]) -> list[str]:
    if "failure" in row:
        return [*_timed(row), *[""] * 8]
    each, found = row["each"]["candidates"], row["quality"]
    figures = (f"{found[key]:.3f}" if key in found else "" for key in _FIGURES)
    return [f"{row['headlines']:,}", *_timed(row), f"{each:.1f}", f"{row['matches']:,}", *figures]


def _steps(profile: Mapping[str, Any]) -> str:
    """Return the table of the longest steps."""
    if "failure" in profile:
        return f"The profiled scan failed: {profile['failure']}."
    rows = [[f"`{step['step']}`", f"{step['seconds']:.2f}", f"{step['calls']:,}"] for step in profile["steps"][:STEPS]]
    figures = f"Scan of {profile['corpus']} under a profiler; a step's seconds include those of the steps it calls."
    return f"{figures}\n\n{markdown(['step', 'seconds', 'calls'], rows)}"


def draw(figures: dict[str, Any], path: Path) -> None:
    """Draw the stages of each scan, per thousand headlines."""
    from benchmarks.reporting import charts  # noqa: PLC0415 - matplotlib is in the bench extra only

    bars = {
        row["name"]: {stage: seconds * 1e6 / row["headlines"] for stage, seconds in row["stages"].items()}
        for row in figures["scans"]
        if "stages" in row
    }
    if bars:
        charts.stacked_bars(bars, path, unit="milliseconds for 1,000 headlines")


def main() -> int:
    """Time all commands in turn, judge, profile, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpora.add_data(parser)
    parser.add_argument("--only", action="append", metavar="NAME", help="this corpus only (repeatable)")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each command")
    runs.add_output(parser)
    args = parser.parse_args()
    names = [name for name in corpora.labelled_names(args.data) if not args.only or name in args.only]
    if not names:
        parser.error(f"no labelled corpus {' or '.join(args.only or ['NAME'])}.jsonl.gz in {args.data}")
    names.sort(key=lambda name: (args.data / f"{name}.jsonl.gz").stat().st_size)
    names = names[:1] if args.quick else names
    rounds, items = (1, QUICK_ITEMS) if args.quick else (args.rounds, ITEMS)
    figures = runs.provenance(quick=args.quick)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        like = measure_source(args.data / f"{names[0]}.jsonl.gz")
        rss = Generator(like, items, max(1, round(items / like.per_day)), 30)
        write(rss.blocks(), folder / "rss", "rss", {})
        scanning, starting, reading = scans(args.data, names, folder), starts(), readings(folder / "rss" / "feeds")
        scan_runs = processes.in_turn(scanning, rounds=rounds)
        start_runs = processes.in_turn(starting, rounds=rounds)
        read_runs = processes.in_turn(reading, rounds=rounds)
        figures["scans"] = [judged_scan(args.data, name, folder, scan_runs[f"scan {name}"]) for name in names]
    figures["starts"] = [{"name": name} | processes.summarize(start_runs[name]) for name in starting]
    figures["reading"] = [{"name": name} | read_rate(read_runs[name]) for name in reading]
    figures["profile"] = profiled(args.data / f"{names[-1]}.jsonl.gz") | {"corpus": names[-1]}
    figures["noise"] = processes.noise(scan_runs)
    runs.record("speed", figures, report(figures), partial(draw, figures), output=args.output)
    return 0
