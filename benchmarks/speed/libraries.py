"""dedup beside the usual libraries, in one run: ``python -m benchmarks libraries --data DIR``.

Each is a whole process that reads its input and writes all its files; they run in turn. What each is given and how it
is asked stands in ``benchmarks/rivals.py``. dedup reads the raw headlines and makes its keys itself; it runs once as
``dedup scan`` does by default, and once keeping pairs down to a score of 0.02, since average precision is only whole
when low scores are kept too (the libraries write all their candidates). The first so many headlines of the largest
labelled corpus are judged by gold pairs; a size beyond the corpus is generated from it and judged by planted pairs.

A library that is not installed, fails, or passes the limits of time and memory says so in place of figures. One that
needs an environment of its own gets its interpreter: ``--python text-dedup=PATH``.
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
from benchmarks.speed.library_pipelines import RIVALS, THRESHOLD
from dedup.arabic.keys import add_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from benchmarks.speed.processes import Ran

SIZES, QUICK_SIZES = "50000,200000", "3000"

OUTLETS = 30
"""Of a generated corpus."""

DEDUP, WHOLE = "dedup", "dedup, low scores kept"

_FLOOR = 0.02


@dataclass(frozen=True, slots=True)
class Ground:
    """Headlines on which all are run.

    Attributes:
        name: of the corpus.
        folder: holds ``headlines.parquet`` and ``keys.parquet``; each method writes into a folder of it.
        labels: ``id_a``, ``id_b``, ``dup``, ``weight``; planted pairs are dup and weigh 1.
        planted: whether the labels are planted.
    """

    name: str
    folder: Path
    labels: pl.DataFrame
    planted: bool


def grounds(data: Path, name: str, sizes: Sequence[int], folder: Path) -> list[Ground]:
    """The headlines of each size, written out; real ones as far as the corpus has so many."""
    real = corpora.headlines(data, name).drop_nulls("published").sort("published", "headline_id")
    made = []
    for size in sizes:
        if size <= len(real):
            frame = real.head(size).select("outlet", "title", "published", "url", id="headline_id")
            labels, planted = _gold(data, name, frame), False
        else:
            like = source.measured(data / f"{name}.jsonl.gz")
            blocks = list(Generator(like, size, max(1, round(size / like.per_day)), OUTLETS).blocks())
            frame = pl.concat([block.headlines for block in blocks])
            truth = pl.concat([block.truth for block in blocks])
            labels, planted = truth.with_columns(dup=True, weight=pl.lit(1.0)), True
        one = Ground(f"{name}, {size:,}{', generated' if planted else ''}", folder / str(size), labels, planted)
        one.folder.mkdir()
        frame.write_parquet(one.folder / "headlines.parquet")
        _keys(frame).write_parquet(one.folder / "keys.parquet")
        made.append(one)
    return made


def _gold(data: Path, name: str, frame: pl.DataFrame) -> pl.DataFrame:
    ids = frame["id"].implode()
    gold = corpora.gold(data, name).filter(pl.col("weight") > 0, pl.col("id_a").is_in(ids), pl.col("id_b").is_in(ids))
    return gold.select("id_a", "id_b", "dup", "weight")


def _keys(frame: pl.DataFrame) -> pl.DataFrame:
    """What the libraries are given; a headline without a key is no duplicate of any."""
    headlines = frame.rename({"id": "headline_id"}).with_columns(source=pl.lit(""))
    keyed = add_keys(headlines).filter(pl.col("fuzzy_key") != "").sort("published", "headline_id")
    return keyed.select(id="headline_id", key="fuzzy_key", time=pl.col("published").dt.epoch("us"))


def commands(
    ground: Ground, names: Sequence[str], pythons: Mapping[str, str], *, timeout: float, memory_mb: float
) -> dict[str, Callable[[], Ran]]:
    """How to run each method on this ground."""
    scan = [sys.executable, "-m", "dedup", "scan", str(ground.folder / "headlines.parquet"), "--quiet", "--output"]
    asked = {
        DEDUP: [*scan, str(ground.folder / DEDUP)],
        WHOLE: [*scan, str(ground.folder / WHOLE), "--pairs-floor", str(_FLOOR)],
    }
    for name in names:
        (ground.folder / name).mkdir()
        given, target = str(ground.folder / "keys.parquet"), str(ground.folder / name)
        child = [sys.executable, "-m", "benchmarks.speed.library_pipelines", name, given, target]
        asked[name] = [*child, *([pythons[name]] if name in pythons else [])]
    measured = partial(processes.run, timeout=timeout, memory_mb=memory_mb, cwd=runs.ROOT)
    return {name: partial(measured, command) for name, command in asked.items()}


def judged(ground: Ground, name: str, ran: Sequence[Ran]) -> dict[str, Any]:
    """The figures of one method on one ground."""
    told: dict[str, Any] = {"name": name} | processes.told(ran)
    if "failure" in told:
        return told
    pairs = pl.read_parquet(ground.folder / name / "pairs.parquet")
    if "is_match" not in pairs.columns:
        pairs = pairs.with_columns(is_match=pl.col("score") >= THRESHOLD)
        told["candidates"] = len(pairs)
    else:
        summary = json.loads((ground.folder / name / "summary.json").read_text("utf-8"))
        told["candidates"], told["stages"] = summary["counts"]["candidates"], summary["seconds"]
    told["matches"] = int(pairs["is_match"].sum())
    either = [
        pairs.select(pl.col(one).alias("id_a"), pl.col(other).alias("id_b"), "score", "is_match")
        for one, other in (("left_id", "right_id"), ("right_id", "left_id"))
    ]
    found = ground.labels.join(pl.concat(either), on=["id_a", "id_b"], how="left", maintain_order="left")
    if ground.planted:
        kinds = found.group_by("kind").agg(pl.col("is_match").fill_null(value=False).mean())
        return told | {f"planted_{kind}": share for kind, share in kinds.iter_rows()}
    if not found["dup"].any():
        return told
    scores, weights = (found[column].fill_null(0).cast(pl.Float64).to_numpy() for column in ("score", "weight"))
    dup = found["dup"].to_numpy()
    return (
        told | curve(scores, dup, weights) | matched(found["is_match"].fill_null(value=False).to_numpy(), dup, weights)
    )


def report(told: dict[str, Any]) -> str:
    """The tables of a run."""
    parts = [runs.heading(told)]
    for ground in told["grounds"]:
        first = ground["rows"][0]
        quality = ("planted_copy", "planted_rewrite") if ground["planted"] else ("ap", "precision", "recall")
        heads = ("copies found", "rewrites found") if ground["planted"] else ("AP", "precision", "recall")
        header = ["", "seconds", "range", "times dedup", "peak MB", "candidates", "matches", *heads]
        rows = [_cells(row, first, quality) for row in ground["rows"]]
        parts += [f"### {ground['name']}", f"Labelled pairs: {ground['labels']:,}.", markdown(header, rows)]
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


def draw(told: dict[str, Any], path: Path) -> None:
    """Accuracy against seconds, of the first ground."""
    from benchmarks.reporting import charts  # noqa: PLC0415 - matplotlib is in the bench extra only

    ground = told["grounds"][0]
    name = "planted_rewrite" if ground["planted"] else "ap"
    points = {row["name"]: (row["seconds"], row[name]) for row in ground["rows"] if name in row}
    if points:
        y = "planted rewrites found" if ground["planted"] else "average precision"
        charts.scatter(points, path, x=f"seconds, {ground['name']}", y=y)


def main() -> int:
    """Run all in turn on each ground, judge, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a data folder in the documented layout")
    parser.add_argument("--corpus", metavar="NAME", help="of the folder (default: the largest; quick: the smallest)")
    parser.add_argument("--sizes", help=f"headlines, with commas between (default: {SIZES})")
    parser.add_argument("--only", action="append", choices=RIVALS, help="beside this library only (repeatable)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each")
    parser.add_argument("--timeout", type=float, default=600, help="seconds that one run may take")
    parser.add_argument("--memory", type=float, default=12, help="GB that one run may hold")
    parser.add_argument("--python", action="append", default=[], metavar="NAME=PATH", help="interpreter with a library")
    runs.add_output(parser)
    args = parser.parse_args()
    names = corpora.names(args.data)
    if not names or args.corpus not in (None, *names):
        parser.error(f"no labelled corpus {args.corpus or 'NAME'}.jsonl.gz in {args.data}")
    largest = sorted(names, key=lambda name: (args.data / f"{name}.jsonl.gz").stat().st_size)
    corpus = args.corpus or largest[0 if args.quick else -1]
    pythons = dict(word.partition("=")[::2] for word in args.python)
    if unknown := set(pythons) - set(RIVALS):
        parser.error(f"--python {', '.join(sorted(unknown))}: known are {', '.join(RIVALS)}")
    sizes = [int(size) for size in (args.sizes or (QUICK_SIZES if args.quick else SIZES)).split(",")]
    told = runs.provenance(
        quick=args.quick, libraries=(*runs.LIBRARIES, *(name for name in RIVALS if name != "rapidfuzz"))
    )
    told["versions"] |= {name: runs.version(name, python) for name, python in pythons.items()}
    told["grounds"], bands = [], []
    with tempfile.TemporaryDirectory() as scratch:
        for ground in grounds(args.data, corpus, sizes, Path(scratch)):
            limits = {"timeout": args.timeout, "memory_mb": args.memory * 1000}
            asked = commands(ground, args.only or list(RIVALS), pythons, **limits)
            ran = processes.in_turn(asked, rounds=1 if args.quick else args.rounds)
            bands.append(processes.noise(ran) or 1)
            rows = [judged(ground, name, ran[name]) for name in asked]
            about = {"name": ground.name, "planted": ground.planted, "labels": len(ground.labels), "rows": rows}
            told["grounds"].append(about)
    told["noise"] = max(bands)
    runs.record("libraries", told, report(told), partial(draw, told), output=args.output)
    return 0
