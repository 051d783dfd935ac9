"""What each family of evidence is worth: ``python -m benchmarks ablation --data DIR``.

Fits the model for pairs with times anew without one family at a time, on all corpora, and judges it on gold. A family
that loses nothing may still be worth keeping where others stand in for it; the table says what cannot be replaced.
Fewer trees than the shipped model and no limit to interactions, so that figures compare with the first row only.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

from benchmarks.data import corpora
from benchmarks.training import train

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
    "letters": ("character_ratio", "token_sort_ratio", "shingle_jaccard"),
    "recurrence": ("recurrence_days", "standing"),
    "neighbourhood": ("log_candidates", "left_relative_overlap", "right_relative_overlap", "log_bucket_size"),
    "all but similarity": None,
}  # fmt: skip
"""Evidence left out, by family; the last row keeps nothing but the similarity of letters."""

ROUNDS = 300


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a data folder in the documented layout")
    data = parser.parse_args().data
    found = corpora.names(data)
    pairs = train.gather(data, found)
    names = [name for name in pairs.columns if name not in train.LABELS]
    train.ROUNDS, train.INTERACTIONS = ROUNDS, None
    pairs = train.softened(pairs, names)
    known = pairs.filter(~pl.col("timeless"))
    print("| left out | " + " | ".join(f"AP {name} | R at P 0.95 {name}" for name in found) + " |")
    print("|---|" + "---|" * 2 * len(found))
    for family, out in FAMILIES.items():
        kept = [name for name in names if name not in out] if out is not None else list(FAMILIES["letters"] or ())
        model = train.fit_timed(pairs, kept)
        figures = [train.judge(model, data, name, known, 0.5) for name in found]
        cells = " | ".join(f"{figure['ap']:.3f} | {figure['r_at_p95']:.3f}" for figure in figures)
        print(f"| {family} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
