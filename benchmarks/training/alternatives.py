"""Compare other ways to train the scores: ``python -m benchmarks alternatives --data DIR``.

Prints the average precision of each on the labels, folds by day.
"""

from __future__ import annotations

import argparse
from typing import Any

from benchmarks.data import corpora
from benchmarks.training import train

ALTERNATIVES: dict[str, dict[str, Any]] = {
    "shipped": {},
    "without the teacher": {"TEACHER": 0.0},
    "without contrasts in the fit to labels": {"CONTRAST_SHARE": 1e-6},
    "five times the weight of contrasts": {"CONTRAST_SHARE": 0.1},
    "every labelled pair weighs the same": {"DAMPING": 0.0},
    "pairs weigh as the candidates that they stand for": {"DAMPING": 1.0},
    "no table of two": {"INTERACTIONS": 0},
    "forty tables of two": {"INTERACTIONS": 40},
    "one seed": {"SEEDS": 1},
}
"""Constants of ``train`` that differ, by description."""


def main() -> None:
    """Fit, judge and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpora.add_data(parser)
    data = parser.parse_args().data
    names = corpora.labelled_names(data)
    pairs = train.gather(data, names, timeless=False)
    print("| training | " + " | ".join(f"{q} {name}" for q in ("same", "related") for name in names) + " |")
    print("|---|" + "---|" * 2 * len(names))
    for description, changes in ALTERNATIVES.items():
        shipped = {name: getattr(train, name) for name in changes}
        for name, value in changes.items():
            setattr(train, name, value)
        cells = " | ".join(f"{figure:.3f}" for figure in train.average_precisions(pairs, train.NAMES))
        print(f"| {description} | {cells} |", flush=True)
        for name, value in shipped.items():
            setattr(train, name, value)


if __name__ == "__main__":
    main()
