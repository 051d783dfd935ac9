"""Measure the loss from leaving out each family of evidence: ``python -m benchmarks ablation --data DIR``.

Refits both models of dated pairs without one family at a time and prints their average precision, folds by day. A
family whose removal costs nothing may still be useful: other families can stand in for it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

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
    "acts": ("denial_one_sided", "reaction_one_sided", "phase_clash", "service_shared"),
    "places of the event": ("site_shared", "site_missing_min", "site_missing_max"),
    "deeds": ("deed_agree", "deed_clash", "deed_extra"),
    "exchanges": ("exchanged", "exchanged_first", "roles_exchanged"),
    "contradictions": ("negated", "amount_clash", "polarity_partial", "doubt_one_sided", "intent_one_sided"),
    "string similarity": STRINGS,
    "recurrence": ("recurrence_days", "standing"),
    "neighbourhood": ("log_candidates", "left_relative_overlap", "right_relative_overlap", "log_bucket_size"),
    "all but string similarity": None,
}  # fmt: skip
"""Evidence left out, by family; None keeps only the string similarities."""


def main() -> None:
    """Fit, judge and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a data folder in the documented layout")
    data = parser.parse_args().data
    corpora_names = corpora.labelled_names(data)
    pairs = train.gather(data, corpora_names, timeless=False)
    print("| left out | " + " | ".join(f"{q} {name}" for q in ("same", "related") for name in corpora_names) + " |")
    print("|---|" + "---|" * 2 * len(corpora_names))
    for family, dropped in FAMILIES.items():
        names = list(STRINGS) if dropped is None else [name for name in train.NAMES if name not in dropped]
        cells = " | ".join(f"{figure:.3f}" for figure in train.average_precisions(pairs, names))
        print(f"| {family} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
