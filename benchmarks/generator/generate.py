"""Generate a corpus like a real one, of any size: ``python -m benchmarks corpus --from JSONL --size N``.

Scans the source corpus once. Generated headlines have its word sequences, lengths, hours, weekdays, shares of outlets,
standing titles, furniture and spellings, and its numbers and lags of copies and rewrites. ``truth.parquet`` lists which
headline is a copy or rewrite of which. No headline of the source is written, except standing titles.

``--check`` scans as many generated headlines as the source has, and prints candidates, comparisons and matches per
headline of both, and the recall of planted copies and rewrites.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import polars as pl

import dedup
from benchmarks.data import corpora
from benchmarks.generator.blocks import Generator
from benchmarks.generator.files import FORMS, planted_recall, write
from benchmarks.generator.source import Source, measure_source, rates
from benchmarks.reporting.markdown import markdown


def generate(generator: Generator, directory: Path, form: str, *, source: Path) -> dict[str, int]:
    """Generate a corpus into a folder and return its counts."""
    parameters = {
        "source": corpora.digest(source),
        "days": generator.days,
        "outlets": generator.outlets,
        "seed": generator.seed,
        "format": form,
    }
    return write(generator.blocks(), directory, form, parameters)


def check(generator: Generator, headlines: int) -> dict[str, float]:
    """Scan the first generated headlines; return rates per headline and the recall of planted pairs."""
    blocks, count = [], 0
    for block in generator.blocks():
        blocks.append(block)
        count += len(block.headlines)
        if count >= headlines:
            break
    frame = pl.concat([block.headlines for block in blocks]).sort("published").head(headlines)
    result = dedup.find_duplicates(frame)
    truth = pl.concat([block.truth for block in blocks])
    return rates(result.summary["counts"]) | planted_recall(truth, result.headlines, result.pairs)


def comparison(source: Source, generated: dict[str, float]) -> str:
    """Return a table that compares source and generated corpus per headline."""
    rows = [[name, f"{own:.2f}", f"{generated[name]:.2f}"] for name, own in source.counts.items()]
    planted = [f"planted {name.replace('_', ', ')}: {generated[name]:.3f}" for name in sorted(generated) if "_" in name]
    return "\n".join([markdown(["per headline", "source", "generated"], rows), "", *planted])


def main() -> int:
    """Measure the source, generate, and compare with ``--check``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--from", dest="source", type=corpora.corpus_file, required=True, metavar="JSONL", help="corpus with times"
    )
    parser.add_argument("--size", type=int, required=True, help="number of headlines")
    parser.add_argument("--days", type=int, help="number of days (default: as dense as the source)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--outlets", type=int, default=30)
    parser.add_argument("--format", dest="form", choices=FORMS, default="parquet")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--check", action="store_true", help="scan a part and compare it with the source")
    args = parser.parse_args()
    for name, least in (("size", 1), ("days", 1), ("outlets", 2), ("seed", 0)):
        if getattr(args, name) is not None and getattr(args, name) < least:
            parser.error(f"--{name} {getattr(args, name)}: at least {least}")
    started = time.perf_counter()
    source = measure_source(args.source)
    days = args.days or max(1, round(args.size / source.per_day))
    generator = Generator(source, args.size, days, args.outlets, args.seed)
    print(f"{len(source.pool):,} headlines of {source.days} days measured in {_since(started)}", flush=True)
    started = time.perf_counter()
    counts: dict[str, Any] = generate(generator, args.out, args.form, source=args.source)
    print(", ".join(f"{count:,} {name}" for name, count in counts.items()) + f" in {_since(started)}", flush=True)
    if args.check:
        size = min(args.size, round(source.per_day * source.days))
        print(comparison(source, check(generator, size)))
    return 0


def _since(started: float) -> str:
    return f"{time.perf_counter() - started:.1f} s"
