"""Measure how seconds and memory grow with the number of headlines: ``python -m benchmarks scale --from JSONL``.

Generates corpora (``benchmarks corpus``), scans each in whole processes that write all files, and prints seconds and
peak memory per headline beside the recall of planted copies and rewrites. A size is ``100k``, ``1m`` or ``5m``, at a
million headlines a year in 30 outlets. ``-dense`` has ten times as many a day, in 300 outlets; ``-rss`` is read from
RSS files of fifty items instead of Parquet.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from benchmarks.data import corpora
from benchmarks.generator.blocks import Generator
from benchmarks.generator.files import planted_recall
from benchmarks.generator.generate import generate
from benchmarks.generator.source import Source, measure_source, rates
from benchmarks.reporting import runs
from benchmarks.reporting.markdown import markdown
from benchmarks.speed import processes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.speed.processes import ProcessRun

A_DAY, OUTLETS = 1_000_000 / 365, 30
"""Headlines per day and number of outlets of a corpus that is not dense."""

DENSER = 10
"""Factor of headlines per day and of outlets of a dense corpus."""

SIZES, QUICK_SIZES = "100k,300k,100k-rss,100k-dense", "5k,10k,5k-rss,5k-dense"

ALL_SIZES = "100k,1m,5m,1m-rss,1m-dense"


@dataclass(frozen=True, slots=True)
class Shape:
    """Size and density of a corpus to generate.

    Attributes:
        name: name as given on the command line.
        size: number of headlines.
        dense: whether it has ten times as many headlines per day, in ten times as many outlets.
        form: parquet or rss.
    """

    name: str
    size: int
    dense: bool
    form: str

    @property
    def days(self) -> int:
        """Return the number of days of the corpus."""
        return max(1, round(self.size / (A_DAY * (DENSER if self.dense else 1))))

    def generator(self, source: Source, seed: int) -> Generator:
        """Return the generator of the corpus."""
        return Generator(source, self.size, self.days, OUTLETS * (DENSER if self.dense else 1), seed)


def parse_shape(name: str) -> Shape:
    """Parse a size.

    Raises:
        ValueError: the text is not a size.
    """
    match = re.fullmatch(r"([1-9]\d*)([km])(-dense)?(-rss)?", name)
    if match is None:
        raise ValueError(f"{name!r} is not a size; write it as 100k, 1m, 1m-dense or 1m-rss")
    size = int(match[1]) * {"k": 1000, "m": 1_000_000}[match[2]]
    return Shape(name, size, bool(match[3]), "rss" if match[4] else "parquet")


def scan_corpus(folder: Path, output: Path, *, timeout: float) -> ProcessRun:
    """Scan a generated corpus in its own process."""
    command = [sys.executable, "-m", "dedup", "scan", str(folder / "feeds"), "--output", str(output), "--quiet"]
    return processes.run(command, timeout=timeout)


def judge_runs(shape: Shape, ran: Sequence[ProcessRun], folder: Path, output: Path) -> dict[str, Any]:
    """Return the figures of the runs on one corpus."""
    figures = {"name": shape.name, "size": shape.size, "days": shape.days, "form": shape.form, "dense": shape.dense}
    figures |= json.loads((folder / "corpus.json").read_text("utf-8")) | processes.summarize(ran)
    if "failure" in figures:
        return figures
    summary = json.loads((output / "summary.json").read_text("utf-8"))
    headlines, pairs = (pl.read_parquet(output / f"{name}.parquet") for name in ("headlines", "pairs"))
    figures["planted"] = planted_recall(pl.read_parquet(folder / "truth.parquet"), headlines, pairs)
    figures["stages"], figures["each"] = summary["seconds"], rates(summary["counts"])
    return figures


def report(figures: dict[str, Any]) -> str:
    """Return the tables of a run as Markdown."""
    header = [
        "headlines", "days", "files", "seconds", "range", "µs each", "times the first", "peak MB", "candidates each",
        "matches each", "copies found", "rewrites found",
    ]  # fmt: skip
    first = next((row for row in figures["rows"] if "failure" not in row), None)
    rows = [[row["name"], f"{row['days']:,}", f"{row['files']:,}", *_cells(row, first)] for row in figures["rows"]]
    stages = list(dict.fromkeys(stage for row in figures["rows"] for stage in row.get("stages", {})))
    seconds = [
        [row["name"], *(f"{row['stages'].get(stage, 0):.2f}" for stage in stages)]
        for row in figures["rows"]
        if "stages" in row
    ]
    return "\n\n".join([runs.heading(figures), markdown(header, rows), markdown(["seconds in", *stages], seconds)])


def _cells(row: dict[str, Any], first: dict[str, Any] | None) -> list[str]:
    if "failure" in row or first is None:
        return [row["failure"], *[""] * 8]
    each = row["seconds"] / row["size"]
    return [
        f"{row['seconds']:.1f}", f"{row['range'][0]:.1f}–{row['range'][1]:.1f}", f"{each * 1e6:.1f}",
        f"{each / (first['seconds'] / first['size']):.2f}", f"{row['peak_mb']:,.0f}",
        f"{row['each']['candidates']:.1f}", f"{row['each']['matches']:.2f}",
        f"{row['planted'].get('copy_matched', 0):.3f}", f"{row['planted'].get('rewrite_matched', 0):.3f}",
    ]  # fmt: skip


def draw(figures: dict[str, Any], path: Path) -> None:
    """Draw seconds and memory against the number of headlines."""
    from benchmarks.reporting import charts  # noqa: PLC0415 - matplotlib is in the bench extra only

    panels: dict[str, dict[str, list[tuple[float, float]]]] = {"seconds": {}, "peak MB": {}}
    for row in figures["rows"]:
        if "failure" in row:
            continue
        line = f"{'30,000' if row['dense'] else '3,000'} a day, {row['form']}"
        panels["seconds"].setdefault(line, []).append((row["size"], row["seconds"]))
        panels["peak MB"].setdefault(line, []).append((row["size"], row["peak_mb"]))
    if panels["seconds"]:
        charts.growth(panels, path, x="headlines")


def parse_arguments(
    parser: argparse.ArgumentParser, sizes: str, quick: str, every: str
) -> tuple[argparse.Namespace, list[Shape]]:
    """Parse the arguments of a command that measures on generated corpora; return them and the corpora.

    Args:
        parser: parser with the command's own options.
        sizes: names of the default corpora, separated by commas.
        quick: names of the corpora of ``--quick``.
        every: names of all corpora with recorded figures.
    """
    parser.add_argument(
        "--from", dest="source", type=corpora.corpus_file, required=True, metavar="JSONL", help="corpus with times"
    )
    parser.add_argument("--sizes", help=f"sizes, separated by commas (default: {sizes}; all: {every})")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=3600, help="limit of one process in seconds")
    parser.add_argument("--work", type=Path, help="folder for generated files (default: a temporary folder)")
    runs.add_output(parser)
    args = parser.parse_args()
    try:
        return args, [parse_shape(name) for name in (args.sizes or (quick if args.quick else sizes)).split(",")]
    except ValueError as error:
        parser.error(str(error))


def main() -> int:
    """Generate the corpora, scan them in turn, judge, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each corpus")
    args, shapes = parse_arguments(parser, SIZES, QUICK_SIZES, ALL_SIZES)
    source = measure_source(args.source)
    figures = runs.provenance(quick=args.quick)
    with tempfile.TemporaryDirectory(dir=args.work) as scratch:
        folders = {shape.name: Path(scratch) / shape.name for shape in shapes}
        for shape in shapes:
            generate(shape.generator(source, args.seed), folders[shape.name], shape.form, source=args.source)
            print(f"{shape.name}: generated", flush=True)
        scans = {
            shape.name: partial(scan_corpus, folders[shape.name], folders[shape.name] / "out", timeout=args.timeout)
            for shape in shapes
        }
        ran = processes.in_turn(scans, rounds=1 if args.quick else args.rounds)
        figures["rows"] = [
            judge_runs(shape, ran[shape.name], folders[shape.name], folders[shape.name] / "out") for shape in shapes
        ]
    figures["noise"] = processes.noise(ran)
    runs.record("scale", figures, report(figures), partial(draw, figures), output=args.output)
    return 0
