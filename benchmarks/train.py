"""Train the score: ``python -m benchmarks.train --data DIR``.

Reads a data folder in the documented layout, computes the evidence of every labelled candidate pair with the package
itself, fits the additive model to silver labels read through gold (``labels``), calibrates it on gold and writes
``dedup/matching/model.json``. One command, the same bytes every time on the same data.

A fifth of the training weight goes to the same headlines without their times and outlets, so that the model knows what
to go by when there are none. Figures that the file carries were measured with a country held out: silver *and* gold of
the country that judges were not seen in training.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression

from benchmarks import additive, corpora, labels
from benchmarks.curves import curve, matched
from benchmarks.evidence import labelled
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

TARGET = Path(__file__).parents[1] / "dedup" / "matching" / "model.json"

ROUNDS = 800
INTERACTIONS = 20
STRIPPED_WEIGHT = 0.2
STRIPPED_HEADLINES = 19_000

PRECISION = {"default": 0.90, "precise": 0.97, "wide": 0.80}

RISING = ("overlap", "shared", "contained", "ratio", "token_sort", "shingles", "second_shared", "third_shared")
FALLING = (
    "swapped", "number_clash", "ordinal_clash", "weekday_clash", "month_clash", "side_clash", "negation_clash",
    "negation_extra", "standing", "recurs", "turned",
)  # fmt: skip
"""Evidence that may only raise, or only lower, the score whatever else holds: what is shared, what clashes."""

LABELS = (
    "left", "right", "corpus", "stripped", "body_jaccard", "body_containment", "positive", "negative", "hours",
    "label", "decidable", "weight", "dup", "first", "within",
)  # fmt: skip


class Trained:
    """An additive model with its calibration and what it takes to score labelled pairs."""

    def __init__(self, pairs: pl.DataFrame, names: Sequence[str]) -> None:
        self.names = names
        directions = [int(name in RISING) - int(name in FALLING) for name in names]
        features, weights = self._features(pairs), _weights(pairs)
        hard = pairs["positive"].fill_null(value=False).to_numpy().astype(float)
        sure = (pairs["positive"] | pairs["negative"]).fill_null(value=True).to_numpy()
        first = additive.fit(features[sure], hard[sure], weights[sure], rounds=ROUNDS // 3, directions=directions)
        pairs = pairs.with_columns(first=np.clip(first.logits(features), -6, 6))
        soft = labels.soften(pairs, labels.fit(pairs))
        self.model = additive.fit(
            features, soft, weights, rounds=ROUNDS, directions=directions, pairs=INTERACTIONS
        )
        gold = pairs.filter((pl.col("weight") > 0) & ~pl.col("stripped"))
        logits = self.model.logits(self._features(gold))[:, None]
        share = gold.select(pl.col("weight") / pl.col("weight").sum().over("corpus")).to_series()
        platt = LogisticRegression(C=1e6).fit(logits, gold["dup"], sample_weight=share * len(gold))
        self.slope, self.shift = float(platt.coef_[0, 0]), float(platt.intercept_[0])

    def scores(self, pairs: pl.DataFrame) -> NDArray[np.float64]:
        """Calibrated scores, 0..1."""
        return 1 / (1 + np.exp(-self.slope * self.model.logits(self._features(pairs)) - self.shift))

    def _features(self, pairs: pl.DataFrame) -> NDArray[np.float32]:
        return pairs.select(self.names).to_numpy().astype(np.float32)


def _weights(pairs: pl.DataFrame) -> NDArray[np.float64]:
    """Every corpus weighs the same; its stripped headlines a fifth of it."""
    group = pl.len().over("corpus", "stripped")
    share = pl.when("stripped").then(STRIPPED_WEIGHT).otherwise(1 - STRIPPED_WEIGHT)
    return pairs.select(1e5 * share / group).to_series().to_numpy()


def thresholds(trained: Trained, pairs: pl.DataFrame) -> dict[str, float]:
    """The score from which matches have each aimed precision, by the calibrated scores of all candidates.

    The least threshold at which the mean score of what is matched reaches the aim, in every corpus.
    """
    found = {}
    for name, aim in PRECISION.items():
        per_corpus = []
        for _, part in pairs.filter(~pl.col("stripped")).group_by("corpus"):
            scores = np.sort(trained.scores(part))[::-1]
            held = np.flatnonzero(np.cumsum(scores) / np.arange(1, len(scores) + 1) >= aim)
            per_corpus.append(scores[held[-1]] if len(held) else 1.0)
        found[name] = round(float(max(per_corpus)), 3)
    return found


def judge(trained: Trained, data: Path, name: str, pairs: pl.DataFrame, threshold: float) -> dict[str, float]:
    """Figures on a corpus's gold pairs; pairs that were no candidates score 0."""
    part = pairs.filter((pl.col("corpus") == name) & ~pl.col("stripped") & pl.col("label").is_not_null())
    scored = part.select("id_a", "id_b", score=trained.scores(part))
    gold = corpora.gold(data, name).join(scored, on=["id_a", "id_b"], how="left").filter(pl.col("weight") > 0)
    scores, dup, weights = gold["score"].fill_null(0).to_numpy(), gold["dup"].to_numpy(), gold["weight"].to_numpy()
    figures = curve(scores, dup, weights) | matched(scores >= threshold, dup, weights)
    return {figure: round(value, 3) for figure, value in figures.items()}


def export(trained: Trained, limits: dict[str, float], provenance: dict[str, Any]) -> str:
    """The text of the model file: calibrated, bounds as 32-bit floats, parts to four places."""
    model = trained.model
    used = sorted({place for key in model.tables for place in key})
    # Rounded down to 32 bits, so that a 32-bit value falls on the side on which it was trained.
    edges = {trained.names[place]: _rounded_down(model.edges[place]) for place in used}
    tables = [
        {"of": [trained.names[place] for place in key], "parts": np.round(trained.slope * parts, 4).ravel().tolist()}
        for key, parts in sorted(model.tables.items())
    ]
    base = round(trained.slope * model.base + trained.shift, 4)
    data = {"base": base, "thresholds": limits, "provenance": provenance, "edges": edges, "tables": tables}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace('{"of"', '\n{"of"') + "\n"


def _rounded_down(edges: NDArray[np.float64]) -> list[float]:
    narrow = edges.astype(np.float32)
    narrow = np.where(narrow > edges, np.nextafter(narrow, np.float32(-np.inf)), narrow)
    return [float(str(edge)) for edge in narrow]


def gather(data: Path, corpora_named: Sequence[str]) -> pl.DataFrame:
    """The evidence and labels of all corpora, with their times and outlets and without."""
    parts = []
    for name in corpora_named:
        print(f"computing the evidence of {name} …", flush=True)
        parts.append(labelled(data, name, Settings()))
        parts.append(labelled(data, name, Settings(), stripped=True, most=STRIPPED_HEADLINES))
    pairs = pl.concat(parts, how="diagonal_relaxed")
    return pairs.with_columns(within=pl.col("same_outlet") > 0, hours=pl.col("hours").fill_null(72.0))


def held_out(data: Path, pairs: pl.DataFrame, found: Sequence[str], names: Sequence[str]) -> dict[str, dict[str, float]]:
    """For each corpus, the figures of a model trained without its country."""
    figures = {}
    for name in found:
        others = pairs.filter(pl.col("corpus") != name)
        trained = Trained(others, names)
        figures[name] = judge(trained, data, name, pairs, thresholds(trained, others)["default"])
        print(f"trained without {name}, judged on it: {figures[name]}", flush=True)
    return figures


def main() -> None:
    """Train, judge and write the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a data folder in the documented layout")
    parser.add_argument("--output", type=Path, default=TARGET, help="where the model goes (default: into the package)")
    parser.add_argument("--date", default=datetime.now(UTC).date().isoformat(), help="the date that the model carries")
    args = parser.parse_args()
    found = corpora.names(args.data)
    pairs = gather(args.data, found)
    names = [name for name in pairs.columns if name not in {*LABELS, "id_a", "id_b"}]
    outside = held_out(args.data, pairs, found, names)
    trained = Trained(pairs, names)
    limits = thresholds(trained, pairs)
    inside = {name: judge(trained, args.data, name, pairs, limits["default"]) for name in found}
    print(f"trained on all: {inside}\nthresholds: {limits}")
    provenance = {
        "date": args.date,
        "command": "python -m benchmarks.train --data DIR",
        "corpora": {name: corpora.digest(args.data / f"{name}.jsonl.gz") for name in found},
        "silver": {name: corpora.digest(args.data / f"silver/{name}.tsv.gz") for name in found},
        "gold": {name: corpora.digest(args.data / f"gold/{name}.tsv") for name in found},
        "figures": {"country held out": outside, "trained on all": inside},
    }
    text = export(trained, limits, provenance)
    args.output.write_text(text, "utf-8")
    print(f"{args.output}: {len(text.encode()):,} bytes")


if __name__ == "__main__":
    main()
