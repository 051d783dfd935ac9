"""Measure the loss from leaving out each family of evidence: ``python -m benchmarks ablation --data DIR``.

Refits the model of timed pairs without one family at a time and judges it. A family whose removal costs nothing may
still be useful: other families can stand in for it. The model has fewer trees than the shipped one and no limit on
interactions, so compare figures with the first row only.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

from benchmarks.data import corpora
from benchmarks.training import train

STRINGS = ("character_ratio", "token_sort_ratio", "shingle_jaccard")

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
    "acts": ("denial_one_sided", "reaction_one_sided", "phase_clash"),
    "string similarity": STRINGS,
    "recurrence": ("recurrence_days", "standing"),
    "neighbourhood": ("log_candidates", "left_relative_overlap", "right_relative_overlap", "log_bucket_size"),
    "all but string similarity": None,
}  # fmt: skip
"""Evidence left out, by family; None keeps only the string similarities."""

ROUNDS = 300


def main() -> None:
    """Fit, judge and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a data folder in the documented layout")
    data = parser.parse_args().data
    corpora_names = corpora.names(data)
    pairs = train.gather(data, corpora_names)
    names = [name for name in pairs.columns if name not in train.LABELS]
    train.ROUNDS, train.INTERACTIONS = ROUNDS, None
    pairs = train.soften(pairs, names)
    known = pairs.filter(~pl.col("timeless"))
    print("| left out | " + " | ".join(f"AP {name} | R at P 0.95 {name}" for name in corpora_names) + " |")
    print("|---|" + "---|" * 2 * len(corpora_names))
    for family, dropped in FAMILIES.items():
        kept = list(STRINGS) if dropped is None else [name for name in names if name not in dropped]
        model = train.fit_timed(pairs, kept)
        figures = [train.judge(model, data, name, known, 0.5) for name in corpora_names]
        cells = " | ".join(f"{figure['ap']:.3f} | {figure['r_at_p95']:.3f}" for figure in figures)
        print(f"| {family} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
