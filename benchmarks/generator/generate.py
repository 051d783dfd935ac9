"""Headlines like a real corpus's, as many as asked for: ``python -m benchmarks corpus --from JSONL --size N``.

The corpus named is scanned once; what is generated has its words in their company, its lengths, hours and weekdays, its
outlets' shares, standing titles, furniture and spellings, and as many copies and rewrites of a headline as the scan
found, after as many hours. Which headline is a copy or a rewrite of which is written down (``truth.parquet``). No
headline of the source is written out, but standing titles are.

``--check`` scans as many generated headlines as the source has and prints how many candidates, comparisons and matches
a headline has in both, and how many of the planted copies and rewrites are found.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import polars as pl

import dedup
from benchmarks.data.corpora import digest
from benchmarks.generator.blocks import Generator
from benchmarks.generator.files import FORMS, found, write
from benchmarks.generator.source import Source, measure_source, rates
from benchmarks.reporting.markdown import markdown


def made(generator: Generator, directory: Path, form: str, *, source: Path) -> dict[str, int]:
    """Generate a corpus into a folder."""
    told = {
        "source": digest(source),
        "days": generator.days,
        "outlets": generator.outlets,
        "seed": generator.seed,
        "format": form,
    }
    return write(generator.blocks(), directory, form, told)


def checked(generator: Generator, headlines: int) -> dict[str, float]:
    """What a scan of the first so many generated headlines makes of each, and what it finds of the planted pairs."""
    blocks, count = [], 0
    for block in generator.blocks():
        blocks.append(block)
        count += len(block.headlines)
        if count >= headlines:
            break
    frame = pl.concat([block.headlines for block in blocks]).sort("published").head(headlines)
    result = dedup.find_duplicates(frame)
    truth = pl.concat([block.truth for block in blocks])
    return rates(result.summary["counts"]) | found(truth, result.headlines, result.pairs)


def comparison(source: Source, generated: dict[str, float]) -> str:
    """A table of what both cost and give for each headline."""
    rows = [[name, f"{own:.2f}", f"{generated[name]:.2f}"] for name, own in source.counts.items()]
    planted = [f"planted {name.replace('_', ', ')}: {generated[name]:.3f}" for name in sorted(generated) if "_" in name]
    return "\n".join([markdown(["for each headline", "source", "generated"], rows), "", *planted])


def main() -> int:
    """Measure, generate, and compare if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="source", type=Path, required=True, metavar="JSONL", help="a corpus with times")
    parser.add_argument("--size", type=int, required=True, help="headlines")
    parser.add_argument("--days", type=int, help="over which they are spread (default: as dense as the source)")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write")
    parser.add_argument("--outlets", type=int, default=30)
    parser.add_argument("--format", dest="form", choices=FORMS, default="parquet")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--check", action="store_true", help="compare with the source, by a scan")
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
    counts: dict[str, Any] = made(generator, args.out, args.form, source=args.source)
    print(", ".join(f"{count:,} {what}" for what, count in counts.items()) + f" in {_since(started)}", flush=True)
    if args.check:
        most = round(source.per_day * source.days)
        print(comparison(source, checked(generator, min(args.size, most))))
    return 0


def _since(started: float) -> str:
    return f"{time.perf_counter() - started:.1f} s"
