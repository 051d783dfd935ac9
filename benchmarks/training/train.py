"""Train the score: ``python -m benchmarks train --data DIR``.

Reads a data folder in the documented layout, computes the evidence of every labelled candidate pair with the package
itself, fits one additive model for pairs with times and one for pairs without (``additive``) to silver labels read
through gold (``labels``), calibrates both on gold and writes ``dedup/matching/model.json``. One command, the same bytes
every time on the same data.

The model without times is fitted to the same corpora with their times taken away, and to the training split of the ANS
pairs (where the folder has it), which teach it that a contradiction keeps the words of what it contradicts.

The figures that the file carries were measured with a country held out: neither silver nor gold of the country that
judges were seen in training.
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
from benchmarks.quality.title_pairs import alone, stances
from benchmarks.training import additive, soft_labels
from benchmarks.training.labelled_evidence import labelled
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


@dataclass(frozen=True)
class Calibrated:
    """An additive model over named evidence, with the line that makes its log-odds probabilities."""

    names: Sequence[str]
    model: additive.Additive
    slope: float
    shift: float

    def scores(self, pairs: pl.DataFrame) -> NDArray[np.float64]:
        """Scores, 0..1."""
        return 1 / (1 + np.exp(-self.slope * self.model.logits(matrix(pairs, self.names)) - self.shift))


def matrix(pairs: pl.DataFrame, names: Sequence[str]) -> NDArray[np.float32]:
    """The named evidence, shape (pairs, names)."""
    return pairs.select(names).to_numpy().astype(np.float32)


def fit(pairs: pl.DataFrame, names: Sequence[str]) -> Calibrated:
    """Fit to the soft labels of pairs and calibrate on those that are gold; ``share`` weighs each pair."""
    model = additive.fit(
        matrix(pairs, names),
        pairs["soft"].to_numpy(),
        pairs["share"].to_numpy(),
        rounds=ROUNDS,
        directions=directions(names),
        pairs=INTERACTIONS,
    )
    gold = pairs.filter(pl.col("weight") > 0)
    share = gold.select(pl.col("weight") / pl.col("weight").sum().over("corpus")).to_series() * len(gold)
    logits = model.logits(matrix(gold, names))[:, None]
    platt = LogisticRegression(C=1e6).fit(logits, gold["dup"], sample_weight=share)
    return Calibrated(names, model, float(platt.coef_[0, 0]), float(platt.intercept_[0]))


def softened(pairs: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """The pairs with their soft label, ``soft``, and their weight, ``share``: every corpus weighs the same."""
    sure = pairs.filter(~pl.col("timeless") & (pl.col("positive") | pl.col("negative")).fill_null(value=True))
    sure = sure.with_columns(share=1e5 / pl.len().over("corpus"))
    hard = sure["positive"].fill_null(value=False).to_numpy().astype(float)
    first = additive.fit(
        matrix(sure, names), hard, sure["share"].to_numpy(), rounds=ROUNDS // 3, directions=directions(names)
    )
    # The labels may know the times that the evidence of timeless pairs does not.
    timed = pairs.with_columns(hours_apart=pl.col("hours").clip(0, 72))
    pairs = pairs.with_columns(first=np.clip(first.logits(matrix(timed, names)), -6, 6))
    soft = soft_labels.soften(pairs, soft_labels.fit(pairs))
    return pairs.with_columns(soft=soft, share=1e5 / pl.len().over("corpus", "timeless"))


def without_outlets(pairs: pl.DataFrame, part: float) -> pl.DataFrame:
    """The pairs, a random part of them with their outlets unknown."""
    chance = pl.Series(np.random.default_rng(2).random(len(pairs))) < part
    return pairs.with_columns(same_outlet=pl.when(chance).then(-1.0).otherwise("same_outlet").cast(pl.Float32))


def directions(names: Sequence[str]) -> list[int]:
    """For each piece of evidence, 1 where more of it may only raise the score, -1 where only lower it, else 0."""
    return [BY_NAME[name].trend for name in names]


def thresholds(score: Score, pairs: pl.DataFrame) -> dict[str, float]:
    """The score from which matches have each aimed precision, between what gold says and what the scores say.

    By gold: the least score from which, and from every higher one, the gold pairs that match have it, in every corpus;
    scores at which less than a fifth of the same news is found are not asked, because a single wrong pair decides
    there. By the scores: the least from which the mean score of all candidates that match has it, all corpora weighing
    the same. Gold alone knows only pairs of some lexical relatedness, and its few hundred pairs are rough; the scores
    alone are cautious. The threshold lies between the two, and gold, which people have judged, counts three times.
    """
    gold, means = [], []
    for _, part in pairs.group_by("corpus"):
        scores = score(part)
        means.append((np.sort(scores)[::-1], np.full(len(scores), 1 / len(scores))))
        known = part.with_columns(score=scores).filter(pl.col("weight") > 0).sort("score", descending=True)
        weight, hits = known["weight"].to_numpy(), (known["weight"] * known["dup"]).cum_sum().to_numpy()
        gold.append((known["score"].to_numpy(), hits / np.cumsum(weight), hits >= hits[-1] / 5))
    scores, share = (np.concatenate(column) for column in zip(*means, strict=True))
    order = np.argsort(-scores, kind="stable")
    scores, share = scores[order], share[order]
    expected = np.cumsum(scores * share) / np.cumsum(share)
    return {
        name: round((max(_least(aim, *part) for part in gold) * 3 + _least(aim, scores, expected, True)) / 4, 2)
        for name, aim in PRECISION.items()
    }


def _least(
    aim: float, scores: NDArray[np.float64], precision: NDArray[np.float64], asked: NDArray[np.bool_] | bool
) -> float:
    """The last of the descending scores before precision falls under the aim."""
    fallen = np.flatnonzero(asked & (precision < aim))
    last = fallen[0] - 1 if len(fallen) else len(scores) - 1
    return float(scores[max(last, 0)])


def judge(model: Calibrated, data: Path, name: str, pairs: pl.DataFrame, threshold: float) -> dict[str, float]:
    """Figures on a corpus's gold pairs; pairs that were no candidates score 0."""
    part = pairs.filter((pl.col("corpus") == name) & pl.col("label").is_not_null())
    scored = part.select("id_a", "id_b", score=model.scores(part))
    gold = corpora.gold(data, name).join(scored, on=["id_a", "id_b"], how="left").filter(pl.col("weight") > 0)
    scores, dup, weights = gold["score"].fill_null(0).to_numpy(), gold["dup"].to_numpy(), gold["weight"].to_numpy()
    figures = curve(scores, dup, weights) | matched(scores >= threshold, dup, weights)
    return {figure: round(value, 3) for figure, value in figures.items()}


def gather(data: Path, found: Sequence[str]) -> pl.DataFrame:
    """The evidence and labels of all corpora, with their times and without."""
    parts = []
    for name in found:
        print(f"computing the evidence of {name} …", flush=True)
        parts.append(labelled(data, name, Settings()))
        parts.append(labelled(data, name, Settings(), timeless=True, most=TIMELESS_HEADLINES))
    pairs = pl.concat(parts, how="diagonal_relaxed")
    return pairs.with_columns(within=pl.col("same_outlet") > 0, hours=pl.col("hours").fill_null(72.0))


def fit_timed(pairs: pl.DataFrame, names: Sequence[str]) -> Calibrated:
    """The model for pairs with times; a tenth of them lose their outlets, so that it knows how to do without."""
    return fit(without_outlets(pairs.filter(~pl.col("timeless")), 0.1), names)


def fit_untimed(pairs: pl.DataFrame, names: Sequence[str], data: Path) -> Calibrated:
    """The model for pairs without times; half of them lose their outlets, and the ANS pairs have none."""
    pairs = without_outlets(pairs.filter("timeless"), 0.5)
    stance = stances(data, ("train",))
    if len(stance):
        told = alone(stance, Settings()).with_columns(
            corpus=pl.lit("ans"), dup=stance["agree"], soft=stance["agree"].cast(pl.Float64), weight=1.0,
            share=pairs["share"].sum() * STANCE_WEIGHT / len(stance),
        )  # fmt: skip
        pairs = pl.concat([pairs, told], how="diagonal_relaxed")
    return fit(pairs, names)


def held_out(
    data: Path, pairs: pl.DataFrame, found: Sequence[str], names: Sequence[str]
) -> dict[str, dict[str, float]]:
    """For each corpus, the figures of a model trained without its country."""
    figures = {}
    for name in found:
        others = softened(pairs.filter(pl.col("corpus") != name), names)
        model = fit_timed(others, names)
        limit = thresholds(model.scores, others.filter(~pl.col("timeless")))["default"]
        figures[name] = judge(model, data, name, pairs.filter(~pl.col("timeless")), limit)
        print(f"trained without {name}, judged on it: {figures[name]}", flush=True)
    return figures


def exported(model: Calibrated) -> dict[str, Any]:
    """A model as the file holds it: calibrated, bounds as 32-bit floats, parts to three places."""
    names, tables = model.names, model.model.tables
    used = sorted({place for key in tables for place in key})
    return {
        "base": round(model.slope * model.model.base + model.shift, 3),
        # Rounded down to 32 bits, so that a 32-bit value falls on the side on which it was trained.
        "edges": {names[place]: _rounded_down(model.model.edges[place]) for place in used},
        "tables": [
            {"of": [names[place] for place in key], "parts": np.round(model.slope * parts, 3).ravel().tolist()}
            for key, parts in sorted(tables.items())
        ],
    }


def _rounded_down(edges: NDArray[np.float64]) -> list[float]:
    narrow = edges.astype(np.float32)
    narrow = np.where(narrow > edges, np.nextafter(narrow, np.float32(-np.inf)), narrow)
    return [float(str(edge)) for edge in narrow]


def main() -> None:
    """Train, judge and write the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a data folder in the documented layout")
    parser.add_argument("--output", type=Path, default=TARGET, help="where the model goes (default: into the package)")
    parser.add_argument("--date", default=datetime.now(UTC).date().isoformat(), help="the date that the model carries")
    args = parser.parse_args()
    found = corpora.names(args.data)
    pairs = gather(args.data, found)
    names = [name for name in pairs.columns if name not in LABELS]
    outside = held_out(args.data, pairs, found, names)
    pairs = softened(pairs, names)
    timed, untimed = fit_timed(pairs, names), fit_untimed(pairs, names, args.data)
    known = pairs.filter(~pl.col("timeless"))
    limits = thresholds(timed.scores, known)
    inside = {name: judge(timed, args.data, name, known, limits["default"]) for name in found}
    print(f"trained on all: {inside}\nthresholds: {limits}")
    provenance = {
        "date": args.date,
        "command": "python -m benchmarks train --data DIR",
        "corpora": {name: corpora.digest(args.data / f"{name}.jsonl.gz") for name in found},
        "silver": {name: corpora.digest(args.data / f"silver/{name}.tsv.gz") for name in found},
        "gold": {name: corpora.digest(args.data / f"gold/{name}.tsv") for name in found},
        "figures": {"country held out": outside, "trained on all": inside},
    }
    data = {"thresholds": limits, "provenance": provenance, "timed": exported(timed), "untimed": exported(untimed)}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace('{"of"', '\n{"of"') + "\n"
    args.output.write_text(text, "utf-8")
    print(f"{args.output}: {len(text.encode()):,} bytes")


if __name__ == "__main__":
    main()
