"""Compare dedup with libraries for near-duplicates: ``python -m benchmarks libraries --data DIR``.

Each method is a whole process that reads its input and writes all its files; they run in turn.
``benchmarks/speed/library_pipelines.py`` documents the input and the calls of each. dedup reads the raw headlines and
computes its keys itself; it runs once with the defaults, and once keeping pairs down to a score of 0.02, since average
precision needs low scores too (the libraries write all their candidates). The first headlines of the largest labelled
corpus are judged by labels drawn from all candidates; a size beyond the corpus is generated from it and judged by
planted pairs.

A library that is not installed, fails, or exceeds the limits of time or memory has the reason in place of figures. One
that needs its own environment gets its interpreter: ``--python text-dedup=PATH``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from benchmarks.data import corpora
from benchmarks.generator import source
from benchmarks.generator.blocks import Generator
from benchmarks.quality.precision_recall import curve, matched
from benchmarks.reporting import runs
from benchmarks.reporting.markdown import markdown
from benchmarks.speed import processes
from benchmarks.speed.library_pipelines import PIPELINES, THRESHOLD
from dedup.arabic.keys import add_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from benchmarks.speed.processes import ProcessRun

SIZES, QUICK_SIZES = "50000,200000", "3000"

OUTLETS = 30
"""Number of outlets of a generated corpus."""

DEDUP, LOW_SCORES = "dedup", "dedup, low scores kept"

_FLOOR = 0.02


@dataclass(frozen=True, slots=True)
class LabelledHeadlines:
    """Headlines on which all methods run.

    Attributes:
        name: name of the corpus and size.
        folder: folder with ``headlines.parquet`` and ``keys.parquet``; each method writes into a subfolder.
        labels: ``id_a``, ``id_b``, ``dup``, ``weight``; planted pairs are dup with weight 1.
        planted: whether the labels are planted.
    """

    name: str
    folder: Path
    labels: pl.DataFrame
    planted: bool


def prepare_sizes(data: Path, name: str, sizes: Sequence[int], folder: Path) -> list[LabelledHeadlines]:
    """Write the headlines of each size: real ones if the corpus has as many, else generated ones."""
    real = corpora.headlines(data, name).drop_nulls("published").sort("published", "headline_id")
    made = []
    for size in sizes:
        if size <= len(real):
            frame = real.head(size).select("outlet", "title", "published", "url", id="headline_id")
            labels, planted = _labels(data, name, frame), False
        else:
            like = source.measure_source(data / f"{name}.jsonl.gz")
            blocks = list(Generator(like, size, max(1, round(size / like.per_day)), OUTLETS).blocks())
            frame = pl.concat([block.headlines for block in blocks])
            truth = pl.concat([block.truth for block in blocks])
            labels, planted = truth.with_columns(dup=True, weight=pl.lit(1.0)), True
        sample = LabelledHeadlines(
            f"{name}, {size:,}{', generated' if planted else ''}", folder / str(size), labels, planted
        )
        sample.folder.mkdir()
        frame.write_parquet(sample.folder / "headlines.parquet")
        _keys(frame).write_parquet(sample.folder / "keys.parquet")
        made.append(sample)
    return made


def _labels(data: Path, name: str, frame: pl.DataFrame) -> pl.DataFrame:
    ids = frame["id"].implode()
    labels = corpora.labels(data, name).filter(pl.col("id_a").is_in(ids), pl.col("id_b").is_in(ids))
    return labels.select("id_a", "id_b", "weight", dup=pl.col("label") == "dup")


def _keys(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the input of the libraries; headlines with an empty key are left out, since they match nothing."""
    headlines = frame.rename({"id": "headline_id"}).with_columns(source=pl.lit(""))
    keyed = add_keys(headlines).filter(pl.col("fuzzy_key") != "").sort("published", "headline_id")
    return keyed.select(id="headline_id", key="fuzzy_key", time=pl.col("published").dt.epoch("us"))


def commands(
    sample: LabelledHeadlines, names: Sequence[str], pythons: Mapping[str, str], *, timeout: float, memory_mb: float
) -> dict[str, Callable[[], ProcessRun]]:
    """Return the command of each method on this sample."""
    scan = [sys.executable, "-m", "dedup", "scan", str(sample.folder / "headlines.parquet"), "--quiet", "--output"]
    calls = {
        DEDUP: [*scan, str(sample.folder / DEDUP)],
        LOW_SCORES: [*scan, str(sample.folder / LOW_SCORES), "--pairs-floor", str(_FLOOR)],
    }
    for name in names:
        (sample.folder / name).mkdir()
        source_path, target = str(sample.folder / "keys.parquet"), str(sample.folder / name)
        child = [sys.executable, "-m", "benchmarks.speed.library_pipelines", name, source_path, target]
        calls[name] = [*child, *([pythons[name]] if name in pythons else [])]
    measured = partial(processes.run, timeout=timeout, memory_mb=memory_mb, cwd=runs.ROOT)
    return {name: partial(measured, command) for name, command in calls.items()}


def judge_method(sample: LabelledHeadlines, name: str, ran: Sequence[ProcessRun]) -> dict[str, Any]:
    """Return the figures of one method on one sample."""
    figures: dict[str, Any] = {"name": name} | processes.summarize(ran)
    if "failure" in figures:
        return figures
    pairs = pl.read_parquet(sample.folder / name / "pairs.parquet")
    if "is_match" not in pairs.columns:
        pairs = pairs.with_columns(is_match=pl.col("score") >= THRESHOLD)
        figures["candidates"] = len(pairs)
    else:
        summary = json.loads((sample.folder / name / "summary.json").read_text("utf-8"))
        figures["candidates"], figures["stages"] = summary["counts"]["candidates"], summary["seconds"]
    figures["matches"] = int(pairs["is_match"].sum())
    both_orders = [
        pairs.select(pl.col(first).alias("id_a"), pl.col(second).alias("id_b"), "score", "is_match")
        for first, second in (("left_id", "right_id"), ("right_id", "left_id"))
    ]
    found = sample.labels.join(pl.concat(both_orders), on=["id_a", "id_b"], how="left", maintain_order="left")
    if sample.planted:
        kinds = found.group_by("kind").agg(pl.col("is_match").fill_null(value=False).mean())
        return figures | {f"planted_{kind}": share for kind, share in kinds.iter_rows()}
    if not found["dup"].any():
        return figures
    scores, weights = (found[column].fill_null(0).cast(pl.Float64).to_numpy() for column in ("score", "weight"))
    dup = found["dup"].to_numpy()
    return (
        figures
        | curve(scores, dup, weights)
        | matched(found["is_match"].fill_null(value=False).to_numpy(), dup, weights)
    )


def report(figures: dict[str, Any]) -> str:
    """Return the tables of a run as Markdown."""
    parts = [runs.heading(figures)]
    for sample in figures["sizes"]:
        first = sample["rows"][0]
        quality = ("planted_copy", "planted_rewrite") if sample["planted"] else ("ap", "precision", "recall")
        heads = ("copies found", "rewrites found") if sample["planted"] else ("AP", "precision", "recall")
        header = ["", "seconds", "range", "times dedup", "peak MB", "candidates", "matches", *heads]
        rows = [_cells(row, first, quality) for row in sample["rows"]]
        parts += [f"### {sample['name']}", f"Labelled pairs: {sample['labels']:,}.", markdown(header, rows)]
    return "\n\n".join(parts)


def _cells(row: dict[str, Any], first: dict[str, Any], quality: Sequence[str]) -> list[str]:
    if "failure" in row:
        return [row["name"], row["failure"], *[""] * (5 + len(quality))]
    times = f"{row['seconds'] / first['seconds']:.2f}" if "seconds" in first else ""
    return [
        row["name"], f"{row['seconds']:.1f}", f"{row['range'][0]:.1f}–{row['range'][1]:.1f}", times,
        f"{row['peak_mb']:,.0f}", f"{row['candidates']:,}", f"{row['matches']:,}",
        *(f"{row[name]:.3f}" if name in row else "" for name in quality),
    ]  # fmt: skip


def draw(figures: dict[str, Any], path: Path) -> None:
    """Draw accuracy against seconds on the last sample."""
    from benchmarks.reporting import charts  # noqa: PLC0415 - matplotlib is in the bench extra only

    sample = figures["sizes"][-1]
    name = "planted_rewrite" if sample["planted"] else "ap"
    points = {row["name"]: (row["seconds"], row[name]) for row in sample["rows"] if name in row}
    if points:
        y = "planted rewrites found" if sample["planted"] else "average precision"
        charts.scatter(points, path, x=f"seconds, {sample['name']}", y=y)


def main() -> int:
    """Run all methods in turn on each sample, judge, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpora.add_data(parser)
    parser.add_argument(
        "--corpus", metavar="NAME", help="corpus of the folder (default: the largest; quick: the smallest)"
    )
    parser.add_argument("--sizes", help=f"numbers of headlines, separated by commas (default: {SIZES})")
    parser.add_argument(
        "--only", action="append", choices=PIPELINES, help="compare with this library only (repeatable)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="runs of each method")
    parser.add_argument("--timeout", type=float, default=600, help="limit of one run in seconds")
    parser.add_argument("--memory", type=float, default=12, help="memory limit of one run in GB")
    parser.add_argument("--python", action="append", default=[], metavar="NAME=PATH", help="interpreter with a library")
    runs.add_output(parser)
    args = parser.parse_args()
    names = corpora.labelled_names(args.data)
    if not names or args.corpus not in (None, *names):
        parser.error(f"no labelled corpus {args.corpus or 'NAME'}.jsonl.gz in {args.data}")
    largest = sorted(names, key=lambda name: (args.data / f"{name}.jsonl.gz").stat().st_size)
    corpus = args.corpus or largest[0 if args.quick else -1]
    pythons = dict(word.partition("=")[::2] for word in args.python)
    if unknown := set(pythons) - set(PIPELINES):
        parser.error(f"--python {', '.join(sorted(unknown))}: known are {', '.join(PIPELINES)}")
    sizes = [int(size) for size in (args.sizes or (QUICK_SIZES if args.quick else SIZES)).split(",")]
    figures = runs.provenance(
        quick=args.quick, libraries=(*runs.LIBRARIES, *(name for name in PIPELINES if name != "rapidfuzz"))
    )
    figures["versions"] |= {name: runs.version(name, python) for name, python in pythons.items()}
    figures["sizes"], bands = [], []
    with tempfile.TemporaryDirectory() as scratch:
        for sample in prepare_sizes(args.data, corpus, sizes, Path(scratch)):
            limits = {"timeout": args.timeout, "memory_mb": args.memory * 1000}
            calls = commands(sample, args.only or list(PIPELINES), pythons, **limits)
            ran = processes.in_turn(calls, rounds=1 if args.quick else args.rounds)
            bands.append(processes.noise(ran) or 1)
            rows = [judge_method(sample, name, ran[name]) for name in calls]
            about = {"name": sample.name, "planted": sample.planted, "labels": len(sample.labels), "rows": rows}
            figures["sizes"].append(about)
    figures["noise"] = max(bands)
    runs.record("libraries", figures, report(figures), partial(draw, figures), output=args.output)
    return 0
