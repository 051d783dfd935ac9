"""How seconds and memory grow with the headlines: ``python -m benchmarks scale --from JSONL``.

Corpora are generated (``benchmarks corpus``), each is scanned by whole processes that write all files, and seconds and
peak memory are told for each headline, beside the planted copies and rewrites that were found. A size is ``100k``,
``1m`` or ``5m``: spread so thinly that a million fill a year, in 30 outlets. ``-dense`` is ten times as many a day, in
300 outlets; ``-rss`` is read from RSS files of fifty items instead of Parquet.
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

from benchmarks.generator.blocks import Generator
from benchmarks.generator.files import found
from benchmarks.generator.generate import made
from benchmarks.generator.source import Source, measured, rates
from benchmarks.reporting import runs
from benchmarks.reporting.markdown import markdown
from benchmarks.speed import processes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.speed.processes import Ran

A_DAY, OUTLETS = 1_000_000 / 365, 30
"""Headlines a day, and outlets, of a corpus that is not dense."""

DENSER = 10

SIZES, QUICK_SIZES = "100k,300k,100k-rss,100k-dense", "5k,10k,5k-rss,5k-dense"

ALL_SIZES = "100k,1m,5m,1m-rss,1m-dense"


@dataclass(frozen=True, slots=True)
class Shape:
    """A corpus to be generated.

    Attributes:
        name: as it was asked for.
        size: headlines.
        dense: ten times as many a day, in ten times as many outlets.
        form: parquet or rss.
    """

    name: str
    size: int
    dense: bool
    form: str

    @property
    def days(self) -> int:
        """Over which the headlines are spread."""
        return max(1, round(self.size / (A_DAY * (DENSER if self.dense else 1))))

    def generator(self, source: Source, seed: int) -> Generator:
        """What makes it."""
        return Generator(source, self.size, self.days, OUTLETS * (DENSER if self.dense else 1), seed)


def shape(name: str) -> Shape:
    """Read a size.

    Raises:
        ValueError: it is none.
    """
    match = re.fullmatch(r"([1-9]\d*)([km])(-dense)?(-rss)?", name)
    if match is None:
        raise ValueError(f"{name!r} is no size: give 100k, 1m, 1m-dense, 1m-rss or such")
    size = int(match[1]) * {"k": 1000, "m": 1_000_000}[match[2]]
    return Shape(name, size, bool(match[3]), "rss" if match[4] else "parquet")


def scanned(folder: Path, output: Path, *, timeout: float) -> Ran:
    """Scan a generated corpus in a process of its own."""
    command = [sys.executable, "-m", "dedup", "scan", str(folder / "feeds"), "--output", str(output), "--quiet"]
    return processes.run(command, timeout=timeout)


def judged(one: Shape, ran: Sequence[Ran], folder: Path, output: Path) -> dict[str, Any]:
    """The figures of the runs on one corpus."""
    told = {"name": one.name, "size": one.size, "days": one.days, "form": one.form, "dense": one.dense}
    told |= json.loads((folder / "corpus.json").read_text("utf-8")) | processes.told(ran)
    if "failure" in told:
        return told
    summary = json.loads((output / "summary.json").read_text("utf-8"))
    headlines, pairs = (pl.read_parquet(output / f"{name}.parquet") for name in ("headlines", "pairs"))
    told["planted"] = found(pl.read_parquet(folder / "truth.parquet"), headlines, pairs)
    told["stages"], told["each"] = summary["seconds"], rates(summary["counts"])
    return told


def report(told: dict[str, Any]) -> str:
    """The tables of a run."""
    header = [
        "headlines", "days", "files", "seconds", "range", "µs each", "times the first", "peak MB", "candidates each",
        "matches each", "copies found", "rewrites found",
    ]  # fmt: skip
    first = next((row for row in told["rows"] if "failure" not in row), None)
    rows = [[row["name"], f"{row['days']:,}", f"{row['files']:,}", *_cells(row, first)] for row in told["rows"]]
    stages = list(dict.fromkeys(stage for row in told["rows"] for stage in row.get("stages", {})))
    seconds = [
        [row["name"], *(f"{row['stages'].get(stage, 0):.2f}" for stage in stages)]
        for row in told["rows"]
        if "stages" in row
    ]
    return "\n\n".join([runs.heading(told), markdown(header, rows), markdown(["seconds in", *stages], seconds)])


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


def draw(told: dict[str, Any], path: Path) -> None:
    """Seconds and memory against headlines."""
    from benchmarks.reporting import charts  # noqa: PLC0415 - matplotlib is in the bench extra only

    panels: dict[str, dict[str, list[tuple[float, float]]]] = {"seconds": {}, "peak MB": {}}
    for row in told["rows"]:
        if "failure" in row:
            continue
        line = f"{'30,000' if row['dense'] else '3,000'} a day, {row['form']}"
        panels["seconds"].setdefault(line, []).append((row["size"], row["seconds"]))
        panels["peak MB"].setdefault(line, []).append((row["size"], row["peak_mb"]))
    if panels["seconds"]:
        charts.growth(panels, path, x="headlines")


def generated(
    parser: argparse.ArgumentParser, sizes: str, quick: str, every: str
) -> tuple[argparse.Namespace, list[Shape]]:
    """The arguments of a command that measures on generated corpora, and the corpora asked for.

    Args:
        parser: with the options of the command's own.
        sizes: the names of the default corpora, with commas between.
        quick: of those for ``--quick``.
        every: of all that there are figures for.
    """
    parser.add_argument("--from", dest="source", type=Path, required=True, metavar="JSONL", help="a corpus with times")
    parser.add_argument("--sizes", help=f"with commas between (default: {sizes}; all: {every})")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=3600, help="seconds that one process may take")
    parser.add_argument("--work", type=Path, help="where all is made (default: a folder that is removed)")
    runs.add_output(parser)
    args = parser.parse_args()
    try:
        return args, [shape(name) for name in (args.sizes or (quick if args.quick else sizes)).split(",")]
    except ValueError as error:
        parser.error(str(error))


def main() -> int:
    """Generate, scan in turn, judge, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each")
    args, shapes = generated(parser, SIZES, QUICK_SIZES, ALL_SIZES)
    source = measured(args.source)
    told = runs.provenance(quick=args.quick)
    with tempfile.TemporaryDirectory(dir=args.work) as scratch:
        folders = {one.name: Path(scratch) / one.name for one in shapes}
        for one in shapes:
            made(one.generator(source, args.seed), folders[one.name], one.form, source=args.source)
            print(f"{one.name}: generated", flush=True)
        scans = {
            one.name: partial(scanned, folders[one.name], folders[one.name] / "out", timeout=args.timeout)
            for one in shapes
        }
        ran = processes.in_turn(scans, rounds=1 if args.quick else args.rounds)
        told["rows"] = [judged(one, ran[one.name], folders[one.name], folders[one.name] / "out") for one in shapes]
    told["noise"] = processes.noise(ran)
    runs.record("scale", told, report(told), partial(draw, told), output=args.output)
    return 0
