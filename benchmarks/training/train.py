"""Train the score models: ``python -m benchmarks train --data DIR``.

Reads a data folder in the documented layout, computes the evidence of every labelled candidate pair with the package
itself, fits one additive model for dated and one for undated pairs (``additive``) to soft labels (``soft_labels``),
calibrates both on gold and writes ``dedup/matching/scoring/model.json``: the same bytes for the same data and date.

The model of undated pairs is fitted to the same corpora without their times, and to the training split of the ANS pairs
(if the folder has it), which show that a contradiction shares its words with the headline it contradicts.

The figures in the file are measured with one corpus held out: training saw neither its silver nor its gold.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression

from benchmarks.data import corpora
from benchmarks.quality.precision_recall import curve, matched
from benchmarks.quality.title_pairs import stance_pairs, title_evidence
from benchmarks.training import additive, soft_labels
from benchmarks.training.labelled_evidence import labelled_evidence
from dedup.matching.evidence.schema import BY_NAME
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Score = Callable[[pl.DataFrame], "NDArray[np.float64]"]

TARGET = Path(__file__).parents[2] / "dedup" / "matching" / "scoring" / "model.json"

ROUNDS = 800
INTERACTIONS: int | None = 20
TIMELESS_HEADLINES = 19_000
STANCE_WEIGHT = 0.2
PRECISION = {"default": 0.90, "precise": 0.97, "wide": 0.80}

LABELS = (
    "left", "right", "id_a", "id_b", "corpus", "timeless", "body_jaccard", "body_containment", "positive", "negative",
    "hours", "label", "decidable", "weight", "dup", "first", "within", "soft",
)  # fmt: skip
"""Columns of the training pairs that are not evidence."""


@dataclass(frozen=True)
class Calibrated:
    """An additive model over named evidence, with the slope and shift (Platt scaling) of its log-odds."""

    names: Sequence[str]
    model: additive.Additive
    slope: float
    shift: float

    def scores(self, pairs: pl.DataFrame) -> NDArray[np.float64]:
        """Return the calibrated scores, 0..1, shape (pairs,)."""
        return 1 / (1 + np.exp(-self.slope * self.model.logits(matrix(pairs, self.names)) - self.shift))


def matrix(pairs: pl.DataFrame, names: Sequence[str]) -> NDArray[np.float32]:
    """Return the named evidence, shape (pairs, names)."""
    return pairs.select(names).to_numpy().astype(np.float32)


def fit(pairs: pl.DataFrame, names: Sequence[str]) -> Calibrated:
    """Fit to the soft labels of pairs, weighted by ``share``, and calibrate on the gold pairs."""
    model = additive.fit(
        matrix(pairs, names),
        pairs["soft"].to_numpy(),
        pairs["share"].to_numpy(),
        rounds=ROUNDS,
        directions=directions(names),
        interactions=INTERACTIONS,
    )
    gold = pairs.filter(pl.col("weight") > 0)
    share = gold.select(pl.col("weight") / pl.col("weight").sum().over("corpus")).to_series() * len(gold)
    logits = model.logits(matrix(gold, names))[:, None]
    platt = LogisticRegression(C=1e6).fit(logits, gold["dup"], sample_weight=share)
    return Calibrated(names, model, float(platt.coef_[0, 0]), float(platt.intercept_[0]))


def soften(pairs: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Add the soft label, ``soft``, and the weight, ``share``, which is the same in total for every corpus."""
    certain = pairs.filter(~pl.col("timeless") & (pl.col("positive") | pl.col("negative")).fill_null(value=True))
    certain = certain.with_columns(share=1e5 / pl.len().over("corpus"))
    hard = certain["positive"].fill_null(value=False).to_numpy().astype(float)
    first = additive.fit(
        matrix(certain, names), hard, certain["share"].to_numpy(), rounds=ROUNDS // 3, directions=directions(names)
    )
    # The labels may use the times that the evidence of timeless pairs lacks.
    timed = pairs.with_columns(hours_apart=pl.col("hours").clip(0, 72))
    pairs = pairs.with_columns(first=np.clip(first.logits(matrix(timed, names)), -6, 6))
    soft = soft_labels.soften(pairs, soft_labels.fit(pairs))
    return pairs.with_columns(soft=soft, share=1e5 / pl.len().over("corpus", "timeless"))


def hide_outlets(pairs: pl.DataFrame, fraction: float) -> pl.DataFrame:
    """Set ``same_outlet`` to unknown (-1) in a random fraction of the pairs."""
    hidden = pl.Series(np.random.default_rng(2).random(len(pairs))) < fraction
    return pairs.with_columns(same_outlet=pl.when(hidden).then(-1.0).otherwise("same_outlet").cast(pl.Float32))


def directions(names: Sequence[str]) -> list[int]:
    """Return the monotonicity of each piece of evidence: 1 rising, -1 falling, 0 unconstrained."""
    return [BY_NAME[name].trend for name in names]


def thresholds(score: Score, pairs: pl.DataFrame) -> dict[str, float]:
    """Return the threshold of each precision in ``PRECISION``: a weighted mean of two estimates.

    By gold (weight 3): the lowest score at and above which the gold matches of every corpus have the precision; scores
    with recall below 0.2 are ignored, because single pairs decide there. By calibration (weight 1): the lowest score
    at which the mean score of all matching candidates reaches the precision, every corpus weighing the same. Gold
    covers only lexically related pairs, and few of them; the mean score alone is too cautious.
    """
    by_gold, means = [], []
    for _, part in pairs.group_by("corpus"):
        scores = score(part)
        means.append((np.sort(scores)[::-1], np.full(len(scores), 1 / len(scores))))
        known = part.with_columns(score=scores).filter(pl.col("weight") > 0).sort("score", descending=True)
        weight, hits = known["weight"].to_numpy(), (known["weight"] * known["dup"]).cum_sum().to_numpy()
        by_gold.append((known["score"].to_numpy(), hits / np.cumsum(weight), hits >= hits[-1] / 5))
    scores, share = (np.concatenate(column) for column in zip(*means, strict=True))
    order = np.argsort(-scores, kind="stable")
    scores, share = scores[order], share[order]
    expected = np.cumsum(scores * share) / np.cumsum(share)
    return {
        name: round(
            (max(_threshold(aim, *part) for part in by_gold) * 3 + _threshold(aim, scores, expected, True)) / 4, 2
        )
        for name, aim in PRECISION.items()
    }


def _threshold(
    aim: float, scores: NDArray[np.float64], precision: NDArray[np.float64], considered: NDArray[np.bool_] | bool = True
) -> float:
    """Return the last of the descending scores before precision falls below the aim."""
    fallen = np.flatnonzero(considered & (precision < aim))
    last = fallen[0] - 1 if len(fallen) else len(scores) - 1
    return float(scores[max(last, 0)])


def judge(model: Calibrated, data: Path, name: str, pairs: pl.DataFrame, threshold: float) -> dict[str, float]:
    """Return the figures on a corpus's gold pairs, rounded; pairs that are not candidates score 0."""
    part = pairs.filter((pl.col("corpus") == name) & pl.col("label").is_not_null())
    scored = part.select("id_a", "id_b", score=model.scores(part))
    gold = corpora.gold(data, name).join(scored, on=["id_a", "id_b"], how="left").filter(pl.col("weight") > 0)
    scores, dup, weights = gold["score"].fill_null(0).to_numpy(), gold["dup"].to_numpy(), gold["weight"].to_numpy()
    figures = curve(scores, dup, weights) | matched(scores >= threshold, dup, weights)
    return {figure: round(value, 3) for figure, value in figures.items()}


def gather(data: Path, corpora_names: Sequence[str]) -> pl.DataFrame:
    """Compute evidence and labels of all corpora, with and without their times."""
    parts = []
    for name in corpora_names:
        print(f"computing the evidence of {name} …", flush=True)
        parts.append(labelled_evidence(data, name, Settings()))
        parts.append(labelled_evidence(data, name, Settings(), timeless=True, limit=TIMELESS_HEADLINES))
    pairs = pl.concat(parts, how="diagonal_relaxed")
    return pairs.with_columns(within=pl.col("same_outlet") > 0, hours=pl.col("hours").fill_null(72.0))


def fit_timed(pairs: pl.DataFrame, names: Sequence[str]) -> Calibrated:
    """Fit the model of dated pairs; outlets of a tenth of them are hidden, so that it also scores pairs without."""
    return fit(hide_outlets(pairs.filter(~pl.col("timeless")), 0.1), names)


def fit_untimed(pairs: pl.DataFrame, names: Sequence[str], data: Path) -> Calibrated:
    """Fit the model of undated pairs; outlets of half of them are hidden, and ANS pairs have none."""
    pairs = hide_outlets(pairs.filter("timeless"), 0.5)
    stance = stance_pairs(data, ("train",))
    if len(stance):
        ans = title_evidence(stance, Settings()).with_columns(
            corpus=pl.lit("ans"), dup=stance["agree"], soft=stance["agree"].cast(pl.Float64), weight=1.0,
            share=pairs["share"].sum() * STANCE_WEIGHT / len(stance),
        )  # fmt: skip
        pairs = pl.concat([pairs, ans], how="diagonal_relaxed")
    return fit(pairs, names)


def held_out(
    data: Path, pairs: pl.DataFrame, corpora_names: Sequence[str], names: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Return the figures of each corpus under a model trained on the other corpora."""
    figures = {}
    for name in corpora_names:
        others = soften(pairs.filter(pl.col("corpus") != name), names)
        model = fit_timed(others, names)
        limit = thresholds(model.scores, others.filter(~pl.col("timeless")))["default"]
        figures[name] = judge(model, data, name, pairs.filter(~pl.col("timeless")), limit)
        print(f"trained without {name}, judged on it: {figures[name]}", flush=True)
    return figures


def export(model: Calibrated) -> dict[str, Any]:
    """Return a model as JSON values: calibrated, edges as 32-bit floats, table values rounded to 0.001."""
    names, tables = model.names, model.model.tables
    used = sorted({index for key in tables for index in key})
    return {
        "base": round(model.slope * model.model.base + model.shift, 3),
        # Rounded down to 32 bits, so that a 32-bit value stays on the side of the edge on which it was trained.
        "edges": {names[index]: _round_down(model.model.edges[index]) for index in used},
        "tables": [
            {"of": [names[index] for index in key], "parts": np.round(model.slope * values, 3).ravel().tolist()}
            for key, values in sorted(tables.items())
        ],
    }


def _round_down(edges: NDArray[np.float64]) -> list[float]:
    """Round to 32-bit floats, never upwards."""
    narrow = edges.astype(np.float32)
    narrow = np.where(narrow > edges, np.nextafter(narrow, np.float32(-np.inf)), narrow)
    return [float(str(edge)) for edge in narrow]


def main() -> None:
    """Train, judge and write the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a data folder in the documented layout")
    parser.add_argument("--output", type=Path, default=TARGET, help="file to write (default: the package's model)")
    parser.add_argument(
        "--date", default=datetime.now(UTC).date().isoformat(), help="date to record in the model (default: today)"
    )
    args = parser.parse_args()
    corpora_names = corpora.names(args.data)
    pairs = gather(args.data, corpora_names)
    names = [name for name in pairs.columns if name not in LABELS]
    outside = held_out(args.data, pairs, corpora_names, names)
    pairs = soften(pairs, names)
    timed, untimed = fit_timed(pairs, names), fit_untimed(pairs, names, args.data)
    known = pairs.filter(~pl.col("timeless"))
    limits = thresholds(timed.scores, known)
    inside = {name: judge(timed, args.data, name, known, limits["default"]) for name in corpora_names}
    print(f"trained on all: {inside}\nthresholds: {limits}")
    provenance = {
        "date": args.date,
        "command": "python -m benchmarks train --data DIR",
        "corpora": {name: corpora.digest(args.data / f"{name}.jsonl.gz") for name in corpora_names},
        "silver": {name: corpora.digest(args.data / f"silver/{name}.tsv.gz") for name in corpora_names},
        "gold": {name: corpora.digest(args.data / f"gold/{name}.tsv") for name in corpora_names},
        "figures": {"country held out": outside, "trained on all": inside},
    }
    data = {"thresholds": limits, "provenance": provenance, "timed": export(timed), "untimed": export(untimed)}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace('{"of"', '\n{"of"') + "\n"
    args.output.write_text(text, "utf-8")
    print(f"{args.output}: {len(text.encode()):,} bytes")


if __name__ == "__main__":
    main()
