"""Measure the loss from leaving out each family of evidence: ``python -m benchmarks ablation --data DIR``.

Refits both models of dated pairs without one family at a time and prints their average precision, folds by day. A
family whose removal costs nothing may still be useful: other families can stand in for it. One seed instead of the six
of training is six times as fast; with all evidence it changed no average precision of the same news by more than
0.013, and none of related news by more than 0.025.

A full run rewrites the tables in ``docs/benchmark.md``; ``--quick`` fits one corpus with all evidence and writes
nothing. With ``--output`` they go to that folder.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np

from benchmarks.data import corpora
from benchmarks.reporting import runs
from benchmarks.reporting.markdown import markdown, rewrite
from benchmarks.training import train

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl

    Row = tuple[str, list[float], list[float]]

STRINGS = ("character_ratio", "token_sort_ratio")
LIKENESS = (*STRINGS, "overlap")

FAMILIES = {
    "nothing": (),
    "time": ("hours_apart",),
    "outlet": ("same_outlet",),
    "information shared": (
        "shared_information", "overlap", "containment_max", "containment_min", "rarest_shared", "second_rarest_shared",
        "third_rarest_shared", "shared_words",
    ),
    "information missing": (
        "missing_information_min", "missing_information_max", "rarest_missing_min", "rarest_missing_max",
        "related_word_information",
    ),
    "lengths": ("information_min", "information_max", "words_min", "words_max"),
    "order": ("consecutive_share", "reordered_share", "leading_words_equal"),
    "facts": tuple(
        f"{fact}_{how}"
        for fact in ("number", "ordinal", "weekday", "month", "negation", "place")
        for how in ("agree", "clash", "extra")
    ),
    "polarity": ("polarity_clash", "polarity_agree", "polarity_one_sided", "negative_side_differs"),
    "acts": ("denial_one_sided", "reaction_one_sided", "phase_clash", "service_shared"),
    "places of the event": ("site_shared", "site_missing_min", "site_missing_max"),
    "deeds": ("deed_agree", "deed_clash", "deed_extra"),
    "exchanges": ("exchanged", "exchanged_first", "roles_exchanged"),
    "contradictions": (
        "negated", "amount_clash", "alternative_clash", "polarity_partial", "doubt_one_sided", "intent_one_sided",
    ),
    "string similarity": STRINGS,
    "meaning": ("meaning_similarity",),
    "latest news": ("trending_information",),
    "recurrence": ("recurrence_days", "standing"),
    "neighbourhood": ("log_candidates", "left_relative_overlap", "right_relative_overlap", "log_bucket_size"),
    "all but likeness": None,
}  # fmt: skip
"""Evidence left out, by family; None keeps only ``LIKENESS``."""


def rows(
    pairs: pl.DataFrame, corpora_names: Sequence[str], families: Sequence[str], *, seeds: int, workers: int
) -> Iterator[Row]:
    """Yield for each family its name and the average precisions without it, in order, each as soon as it is known.

    Args:
        pairs: evidence of the labelled pairs, as ``train.gather`` returns it.
        corpora_names: the corpora, sorted.
        families: names of families.
        seeds: number of fits whose mean is a model.
        workers: number of families that are fitted at a time, each in a process of its own.
    """
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for family, figures in zip(families, pool.map(partial(without, pairs, seeds), families), strict=True):
            same, related = figures[: len(corpora_names)], figures[len(corpora_names) :]
            yield family, same, related


def without(pairs: pl.DataFrame, seeds: int, family: str) -> list[float]:
    """Return the average precisions by day of both models fitted without one family of evidence."""
    dropped = FAMILIES[family]
    names = list(LIKENESS) if dropped is None else [name for name in train.NAMES if name not in dropped]
    with patch.object(train, "SEEDS", seeds):
        return train.average_precisions(pairs, names)


def main() -> int:
    """Fit, judge and print the tables; a full run rewrites them in the document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpora.add_data(parser)
    parser.add_argument(
        "--family", action="append", choices=FAMILIES, metavar="NAME", help="leave out this family only (repeatable)"
    )
    parser.add_argument("--seeds", type=int, default=1, help=f"fits whose mean is a model (train: {train.SEEDS})")
    parser.add_argument("--workers", type=int, default=1, help="families that are fitted at a time")
    runs.add_output(parser)
    args = parser.parse_args()
    names = corpora.labelled_names(args.data)
    families = list(args.family or FAMILIES)
    if args.quick:
        names, families = corpora.silver_names(args.data)[-1:], families[:1]
    pairs = train.gather(args.data, names, timeless=False)
    tables: dict[str, list[list[str]]] = {"same news": [], "related": []}
    for family, *both in rows(pairs, names, families, seeds=args.seeds, workers=args.workers):
        for table, figures in zip(tables.values(), both, strict=True):
            table.append([family, *(f"{figure:.3f}" for figure in figures), f"{np.mean(figures):.3f}"])
        print(f"without {family}: {', '.join(f'{figure:.3f}' for figures in both for figure in figures)}", flush=True)
    about = f"Average precision, folds by day, of models refitted with {args.seeds} seed{'s'[: args.seeds > 1]}."
    parts = [f"Commit {runs.commit()}. {about}"]
    for task, table in tables.items():
        parts.append(f"### Without each family: {task}\n\n{markdown(['left out', *names, 'mean'], table)}")
    text = "\n\n".join(parts)
    print(f"\n{text}")
    if args.output or not (args.quick or args.family):
        rewrite((args.output or runs.ROOT / "docs") / "benchmark.md", "ablation", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
