"""Describe the labelled corpora: ``python -m benchmarks labels --data DIR``.

Prints for each corpus its headlines, outlets and period, its labelled pairs by label, how many of them a careful reader
can decide, and the share of each label among all candidates, estimated by the weights. The share of the same news is
the average precision of a score without information. A full run rewrites the table in ``docs/benchmark.md``.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import polars as pl

from benchmarks.data import corpora
from benchmarks.quality.judge import LABELS, read_labels
from benchmarks.reporting import runs
from benchmarks.reporting.markdown import markdown, rewrite

if TYPE_CHECKING:
    from pathlib import Path

HEADER = (
    "corpus", "headlines", "outlets", "from", "to", "labelled pairs", "dup", "rel", "diff", "decidable",
    "candidates they stand for", "dup of candidates", "rel of candidates", "diff of candidates",
)  # fmt: skip


def describe(data: Path, name: str) -> list[str]:
    """Return the row of a corpus, in the order of ``HEADER``."""
    headlines, labels = corpora.headlines(data, name), read_labels(data / "labels" / f"{name}.tsv")
    is_label = [labels["label"] == label for label in LABELS]
    total = labels["weight"].sum()
    decidable = f"{(labels['decidable'] == 'y').mean():.2f}" if "decidable" in labels.columns else ""
    return [
        name,
        f"{len(headlines):,}",
        f"{headlines['outlet'].n_unique()}",
        *(f"{headlines.select(end('published')).item():%Y-%m-%d}" for end in (pl.min, pl.max)),
        f"{len(labels):,}",
        *(f"{rows.sum():,}" for rows in is_label),
        decidable,
        f"{total:,.0f}",
        *(f"{labels.filter(rows)['weight'].sum() / total:.3f}" for rows in is_label),
    ]


def main() -> int:
    """Print the table and write it into the document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpora.add_data(parser)
    runs.add_output(parser)
    args = parser.parse_args()
    names = corpora.labelled_names(args.data)
    text = markdown(HEADER, [describe(args.data, name) for name in names])
    print(text)
    if args.output or not args.quick:
        rewrite((args.output or runs.ROOT / "docs") / "benchmark.md", "labels", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
