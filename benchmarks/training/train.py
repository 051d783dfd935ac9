"""Train the score models: ``python -m benchmarks train --data DIR``.

Reads a data folder in the documented layout, computes the evidence of every labelled candidate pair with the package
itself, fits four additive models (*same news* and *related*, each for dated and for undated pairs), calibrates them and
writes ``dedup/matching/scoring/model.json``: the same bytes for the same data and date.

Each model is the sum of two additive models. The first is fitted to many weak labels: silver pairs (whether the
articles agree) and contrasts (copies with a changed fact). It is a teacher, not a judge, since articles of agencies
agree on related news too; its log-odds count by ``TEACHER``. The second, boosted on top of it, is fitted to the labels
drawn from all candidates, with few splits and several seeds. Weighing each labelled pair by all the candidates that it
stands for would leave the decision to a few hundred pairs of different news, so weights are dampened (``DAMPING``); the
calibration uses them in full.

The undated models see the same pairs without their times, and the training split of the ANS pairs, which show that a
contradiction shares its words with the headline it contradicts.

Figures and thresholds come from folds: the pairs of a day are scored by models that saw neither its labels nor its
silver pairs. A threshold is the lowest score (in steps of 0.01) at which every corpus has the precision of its name.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression

from benchmarks.data import corpora
from benchmarks.quality.title_pairs import stance_pairs, title_evidence
from benchmarks.training import additive
from benchmarks.training.labelled_evidence import META, labelled_evidence
from dedup.audit.measures import (
    average_precision,
    calibration_by_chance,
    calibration_error,
    interval,
    precision_recall,
    recall_at_precision,
    weighted_share,
)
from dedup.matching.evidence.schema import BY_NAME, EVIDENCE
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

TARGET = Path(__file__).parents[2] / "dedup" / "matching" / "scoring" / "model.json"
COMMAND = "python -m benchmarks train --data DIR"

FOLDS = 10
BINS = 12
WEAK_PAIRS, WEAK_ROUNDS, WEAK_INTERACTIONS = 25_000, 150, 20
ROUNDS, INTERACTIONS, SEEDS = 1_000, 120, 6
LABELLED = {"learning_rate": 0.06, "min_data_in_leaf": 20, "feature_fraction": 0.2}
"""Parameters of the fit to labels."""

CONTRASTS, CROWDED = 4_000, 3_000
"""Contrasts, and ANS pairs, in the fit to labels; crowded copies."""

TEACHER = 0.8
"""Factor of the log-odds of the weak model."""

DAMPING = 0.3
"""Exponent of the number of candidates that a labelled pair stands for."""

CONTRAST_SHARE, CROWDED_SHARE, STANCE_SHARE = 0.02, 0.02, 0.3
"""Weight of all contrasts, crowded copies and ANS pairs, relative to the labelled pairs, in the fit to labels."""

INFORMATIVE, CROWDED_TRUTH = 12.0, 0.98
"""Nats from which equal headlines are copies for certain, and the probability of the same news that they get."""

EQUALITY, EQUAL_PRIOR = ("missing_information_max", "recurrence_days"), 3.0
"""Evidence that is 0 for headlines with equal words that did not recur, and the log-odds that they get."""

HIDDEN_OUTLETS = {"timed": 0.1, "untimed": 0.5}
"""Fraction of the pairs whose outlets are hidden, so that the model also scores pairs without."""

TIMELESS_HEADLINES = 19_000
CALIBRATED_FROM = 0.2
"""Calibration uses the labelled pairs that score so much before it. Below are most pairs, nearly all of other news:
they would decide the slope, and probabilities near the thresholds be too timid (docs/decisions.md)."""

PRECISION = {"default": 0.88, "precise": 0.95, "wide": 0.80}
RELATED_PRECISION = 0.85
LEAST_RECALL = 0.1

NAMES = tuple(feature.name for feature in EVIDENCE)
STRINGS = frozenset(feature.name for feature in EVIDENCE if feature.cost == "string")
"""Evidence that the related score does without: pairs that can only be related need no strings compared."""


TRENDING = frozenset(("trending_information",))
"""Evidence that the score of the same news does without: a word that is all over the news tells stories, not news."""


@dataclass(frozen=True)
class Task:
    """What a model is fitted to: ``related`` counts related pairs as positive too, ``timeless`` takes undated pairs."""

    related: bool
    timeless: bool

    def truth(self, pairs: pl.DataFrame) -> NDArray[np.bool_]:
        """Return the truth of labelled pairs."""
        return (pairs["label"] != "diff" if self.related else pairs["label"] == "dup").to_numpy()

    def names(self, names: Sequence[str]) -> list[str]:
        """Return those of the named features that the model may use."""
        return [name for name in names if name not in (STRINGS if self.related else TRENDING)]


@dataclass(frozen=True)
class Calibrated:
    """An additive model over named evidence, with the slope and shift (Platt scaling) of its log-odds."""

    names: Sequence[str]
    model: additive.Additive
    slope: float = 1.0
    shift: float = 0.0

    def logits(self, pairs: pl.DataFrame) -> Numbers:
        """Return the calibrated log-odds, shape (pairs,)."""
        return self.slope * self.model.logits(matrix(pairs, self.names)) + self.shift


def sigmoid(logits: Numbers) -> Numbers:
    """Return the probabilities of log-odds."""
    return 1 / (1 + np.exp(-logits))


def matrix(pairs: pl.DataFrame, names: Sequence[str]) -> NDArray[np.float32]:
    """Return the named evidence, shape (pairs, names)."""
    return pairs.select(names).to_numpy().astype(np.float32)


def directions(names: Sequence[str]) -> list[int]:
    """Return the monotonicity of each piece of evidence: 1 rising, -1 falling, 0 unconstrained."""
    return [BY_NAME[name].trend for name in names]


def hide_outlets(pairs: pl.DataFrame, fraction: float) -> pl.DataFrame:
    """Set ``same_outlet`` to unknown (-1) in a random fraction of the pairs; ``shown_outlet`` keeps what it was."""
    hidden = pl.Series(np.random.default_rng(2).random(len(pairs))) < fraction
    return pairs.with_columns(
        shown_outlet="same_outlet",
        same_outlet=pl.when(hidden).then(-1.0).otherwise("same_outlet").cast(pl.Float32),
    )


def weights(pairs: pl.DataFrame) -> Numbers:
    """Return the dampened weights of labelled pairs; every corpus weighs the same per pair."""
    damped = pl.col("weight") ** DAMPING
    return pairs.select(damped / damped.mean().over("corpus")).to_series().to_numpy()


def edges_of(pairs: pl.DataFrame, names: Sequence[str]) -> list[NDArray[np.float32]]:
    """Return the bins of the evidence, chosen on the labelled pairs, in which the pairs that decide are."""
    edges = additive.bin_edges(matrix(pairs.filter(pl.col("label").is_not_null()), names), BINS)
    zero = np.zeros(1, np.float32)
    return [np.union1d(bounds, zero) if name in EQUALITY else bounds for name, bounds in zip(names, edges, strict=True)]


def equal_prior(edges: Sequence[NDArray[np.float32]], names: Sequence[str]) -> additive.Additive:
    """Return the prior of headlines with equal words, as an additive model of one table.

    Of the labelled pairs with equal words that did not recur, 91 of 92 are the same news; but they are few, so that
    the fit alone would believe less of a title whose words are common or that many outlets run.
    """
    if not set(EQUALITY) <= set(names):
        return additive.Additive(0.0, list(edges), {})
    first, second = sorted(names.index(name) for name in EQUALITY)
    table = np.zeros((len(edges[first]) + 1, len(edges[second]) + 1))
    zeros = (int(edges[index].searchsorted(0)) + 1 for index in (first, second))
    rows, columns = (slice(0, end) for end in zeros)
    table[rows, columns] = EQUAL_PRIOR
    return additive.Additive(0.0, list(edges), {(first, second): table})


def fit_weak(
    pairs: pl.DataFrame, names: Sequence[str], task: Task, edges: Sequence[NDArray[np.float32]]
) -> additive.Additive:
    """Fit the teacher to silver, for *same news* also to contrasts and ANS pairs; every corpus weighs the same."""
    weak = pairs.filter(pl.col("silver" if task.related else "soft").is_not_null())
    weak = weak.filter(pl.int_range(pl.len()).shuffle(1).over("corpus") < WEAK_PAIRS)
    share = weak.select(1e5 / pl.len().over("corpus")).to_series().to_numpy()
    return additive.fit(
        matrix(weak, names), weak["soft"].to_numpy(), share, edges,
        rounds=WEAK_ROUNDS, directions=directions(names), interactions=WEAK_INTERACTIONS,
    )  # fmt: skip


def fit(pairs: pl.DataFrame, names: Sequence[str], task: Task) -> Calibrated:
    """Fit a teacher, and on top of it a model to labelled pairs; for *same news* also to contrasts and ANS pairs."""
    labelled = pairs.filter(pl.col("label").is_not_null())
    parts, truths, shares = [labelled], [task.truth(labelled).astype(float)], [weights(labelled)]
    if not task.related:
        weak_parts = (
            (pl.col("contrast").is_not_null(), CONTRAST_SHARE),
            (pl.col("crowded"), CROWDED_SHARE),
            (pl.col("corpus") == "ans", STANCE_SHARE),
        )
        for chosen, share in weak_parts:
            part = pairs.filter(chosen)
            if len(part):
                part = part.sample(min(len(part), CONTRASTS), seed=1)
                parts.append(part)
                truths.append(part["soft"].to_numpy())
                shares.append(np.full(len(part), share * len(labelled) / len(part)))
    features = matrix(pl.concat(parts, how="diagonal_relaxed"), names)
    truth, share = np.concatenate(truths), np.concatenate(shares)
    edges = edges_of(pairs, names)
    teacher = additive.add_up([fit_weak(pairs, names, task, edges), equal_prior(edges, names)], [TEACHER, 1])
    model = additive.fit(
        features, truth, share, edges,
        rounds=ROUNDS, directions=directions(names), interactions=INTERACTIONS,
        offset=teacher.logits(features), seeds=SEEDS, changes=LABELLED,
    )  # fmt: skip
    total = additive.add_up([teacher, model], [1, 1])
    return Calibrated(names, additive.center(total, additive.bins_of(features, edges)))


def platt(labelled: pl.DataFrame, truth: NDArray[np.bool_], logits: Numbers) -> tuple[float, float]:
    """Return slope and shift that calibrate log-odds of labelled pairs; every corpus weighs the same."""
    rows = sigmoid(logits) >= CALIBRATED_FROM
    share = labelled.filter(rows).select(pl.col("weight") / pl.col("weight").sum().over("corpus")).to_series()
    fitted = LogisticRegression(C=1e6).fit(logits[rows, None], truth[rows], sample_weight=share * rows.sum())
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def fold_of_days(labelled: pl.DataFrame) -> pl.DataFrame:
    """Deal the days of each corpus to folds, the day with most labels first: ``corpus``, ``day``, ``fold``."""
    counts = labelled.group_by("corpus", "day").len().sort("corpus", "len", "day", descending=[False, True, False])
    folds: list[int] = []
    for _, part in counts.group_by("corpus", maintain_order=True):
        filled = [0] * FOLDS
        for size in part["len"].to_list():
            folds.append(int(np.argmin(filled)))
            filled[folds[-1]] += size
    return counts.select("corpus", "day", fold=pl.Series(folds, dtype=pl.Int64))


def held_out(pairs: pl.DataFrame, names: Sequence[str], task: Task, group: str) -> Numbers:
    """Return the log-odds of labelled pairs by models that saw no pair with the same value in the column ``group``.

    Pairs are scored as a scan sees them: with their outlets; those that it does not compare have -inf.
    """
    labelled = pairs.filter(pl.col("label").is_not_null()).with_columns(same_outlet="shown_outlet")
    logits = np.empty(len(labelled))
    for value in labelled[group].unique():
        model = fit(pairs.filter(pl.col(group).ne_missing(value)), names, task)
        rows = (labelled[group] == value).to_numpy()
        logits[rows] = model.logits(labelled.filter(rows))
    return np.where(labelled["compared"].to_numpy(), logits, -np.inf)


def by_day(pairs: pl.DataFrame, names: Sequence[str], task: Task) -> Numbers:
    """Return the log-odds of labelled pairs by models that saw nothing of their day, of all other days and corpora."""
    folds = fold_of_days(pairs.filter(pl.col("label").is_not_null()))
    return held_out(pairs.join(folds, on=["corpus", "day"], how="left", maintain_order="left"), names, task, "fold")


def average_precisions(pairs: pl.DataFrame, names: Sequence[str]) -> list[float]:
    """Return the average precision by day of the same news on each corpus, then of related news; corpora sorted."""
    labelled = pairs.filter(pl.col("label").is_not_null())
    found = []
    for task in (Task(related=False, timeless=False), Task(related=True, timeless=False)):
        figures = judge(labelled, task.truth(labelled), sigmoid(by_day(pairs, task.names(names), task)), 0.5)
        found += [row["ap"] for row in figures.values()]
    return found


def judge(labelled: pl.DataFrame, truth: NDArray[np.bool_], score: Numbers, threshold: float) -> dict[str, Any]:
    """Return the figures of each corpus; labelled pairs that are not candidates are few, and left out."""
    figures = {}
    for corpus in sorted(labelled["corpus"].unique()):
        rows = (labelled["corpus"] == corpus).to_numpy()
        right, scores, weight = truth[rows], score[rows], labelled["weight"].to_numpy()[rows]
        matched = scores >= threshold
        figures[corpus] = {
            "threshold": threshold,
            "ap": round(average_precision(right, scores, weight), 3),
            "precision": round(weighted_share(right, matched, weight), 3),
            "precision_interval": [round(end, 3) for end in interval(weighted_share, right, matched, weight)],
            "recall": round(weighted_share(matched, right, weight), 3),
            "r_at_p90": round(recall_at_precision(right, scores, weight, 0.9), 3),
            "ece": round(calibration_error(right, scores, weight), 3),
            "ece_by_chance": round(calibration_by_chance(scores, weight), 3),
        }
    return figures


def threshold_for(labelled: pl.DataFrame, truth: NDArray[np.bool_], score: Numbers, precision: float) -> float:
    """Return the lowest multiple of 0.01 as a score at which every corpus has the precision.

    A corpus that has it at no score with a recall of ``LEAST_RECALL`` (too few labels decide at its top) does not
    count.

    Raises:
        ValueError: no score gives it to all of them.
    """
    steps = np.arange(1, 100) / 100
    is_enough = np.ones(len(steps), bool)
    for corpus in labelled["corpus"].unique():
        rows = (labelled["corpus"] == corpus).to_numpy()
        right, scores, weight = truth[rows], score[rows], labelled["weight"].to_numpy()[rows]
        _, precisions, recalls = precision_recall(right, scores, weight)
        if (precisions[recalls >= LEAST_RECALL] >= precision).any():
            is_enough &= [weighted_share(right, scores >= step, weight) >= precision for step in steps]
    if not is_enough.any():
        raise ValueError(f"no score gives every corpus a precision of {precision}")
    return float(steps[is_enough][0])


def crowded_copies(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return copies of headlines as hundreds of outlets run them, made from silver positives with equal words.

    In the labelled corpora, a headline with many candidates is a template. Without these pairs the model would take a
    title that 300 outlets run in one morning for one too, and no two of them would match.
    """
    is_equal = pl.col("silver") & (pl.col("missing_information_max") == 0) & (pl.col("information_min") > INFORMATIVE)
    copies = pairs.filter(is_equal, pl.col("recurrence_days") == 0, pl.col("standing") == 0)
    choice = np.random.default_rng(4)
    rows = choice.integers(len(copies), size=CROWDED if len(copies) else 0)
    sizes = np.log1p(10 ** choice.uniform(0, 3, len(rows)))
    copies = copies[rows].with_columns(
        log_bucket_size=pl.Series(sizes, dtype=pl.Float32),
        log_candidates=pl.Series(sizes + choice.uniform(0, 1, len(rows)), dtype=pl.Float32),
    )
    is_timed = pl.col("hours_apart") >= 0
    hours = pl.Series(choice.uniform(0, 72, len(rows)), dtype=pl.Float32)
    return copies.with_columns(
        hours_apart=pl.when(is_timed).then(hours).otherwise("hours_apart"),
        silver=pl.lit(None, pl.Boolean), soft=pl.lit(CROWDED_TRUTH), crowded=pl.lit(value=True),
    )  # fmt: skip


def gather(data: Path, names: Sequence[str], *, timeless: bool) -> pl.DataFrame:
    """Compute evidence and labels of all corpora, with or without their times; without them, the ANS pairs too."""
    parts = []
    for name in names:
        print(f"computing the evidence of {name} …", flush=True)
        limit = TIMELESS_HEADLINES if timeless else None
        parts.append(labelled_evidence(data, name, Settings(), timeless=timeless, limit=limit))
    stance = stance_pairs(data, ("train",))
    if timeless and len(stance):
        soft = stance["agree"].cast(pl.Float64)
        parts.append(title_evidence(stance, Settings()).with_columns(corpus=pl.lit("ans"), soft=soft, day=pl.lit(None)))
    pairs = pl.concat(parts, how="diagonal_relaxed").with_columns(crowded=pl.lit(value=False))
    pairs = pl.concat([pairs, crowded_copies(pairs)], how="diagonal_relaxed")
    return hide_outlets(pairs, HIDDEN_OUTLETS["untimed" if timeless else "timed"])


def export(models: dict[str, Calibrated]) -> dict[str, Any]:
    """Return the models of both questions as JSON values, over the edges of their bins, which they share.

    The models are calibrated; edges are 32-bit floats, table values rounded to 0.01.
    """
    edges: dict[str, list[float]] = {}
    sums = {}
    for question, model in models.items():
        names, tables = model.names, model.model.tables
        for index in sorted({index for key in tables for index in key}):
            edges[names[index]] = [float(str(edge)) for edge in model.model.edges[index]]
        sums[question] = {
            "base": round(model.slope * model.model.base + model.shift, 3),
            "tables": [
                {"of": [names[index] for index in key], "parts": np.round(model.slope * values, 2).ravel().tolist()}
                for key, values in sorted(tables.items())
            ],
        }
    return {"edges": edges} | sums


def train(pairs: pl.DataFrame, task: Task) -> tuple[Calibrated, pl.DataFrame]:
    """Fit and calibrate a model; return it with the labelled pairs and their ``truth``, ``by_day`` and ``by_corpus``.

    The last two are scores of models that did not see the day or the corpus of the pair (for undated pairs, the day).
    """
    labelled, names = pairs.filter(pl.col("label").is_not_null()), task.names(NAMES)
    truth = task.truth(labelled)
    folded = by_day(pairs, names, task)
    slope, shift = platt(labelled, truth, folded)
    outside = folded if task.timeless else held_out(pairs, names, task, "corpus")
    scores = {
        "truth": truth,
        "by_day": sigmoid(slope * folded + shift),
        "by_corpus": sigmoid(slope * outside + shift),
    }
    model = replace(fit(pairs, names, task), slope=slope, shift=shift)
    return model, labelled.select(META).with_columns(**scores)


def report(title: str, figures: dict[str, Any]) -> None:
    """Print the figures of each corpus."""
    print(title)
    for corpus, row in figures.items():
        print(f"  {corpus:10} " + "  ".join(f"{name} {value}" for name, value in row.items()), flush=True)


def main() -> None:
    """Train, judge and write the models."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpora.add_data(parser)
    parser.add_argument("--output", type=Path, default=TARGET, help="file to write (default: the package's model)")
    parser.add_argument(
        "--date", default=datetime.now(UTC).date().isoformat(), help="date to record in the model (default: today)"
    )
    args = parser.parse_args()
    names = corpora.labelled_names(args.data)
    exported: dict[str, Any] = {}
    limits: dict[str, float] = {}
    figures: dict[str, Any] = {}
    for timeless in (False, True):
        pairs = gather(args.data, names, timeless=timeless)
        times = "untimed" if timeless else "timed"
        models: dict[str, Calibrated] = {}
        for question in ("same_news", "related"):
            task = Task(question == "related", timeless)
            models[question], scored = train(pairs, task)
            truth, folded = scored["truth"].to_numpy(), scored["by_day"].to_numpy()
            if not timeless:
                aims = {"related": RELATED_PRECISION} if task.related else PRECISION
                limits |= {name: threshold_for(scored, truth, folded, aim) for name, aim in aims.items()}
            shown = [name for name in limits if (name == "related") == task.related]
            for name in shown:
                divisions = {"folds by day": folded}
                if not timeless:
                    divisions["corpus held out"] = scored["by_corpus"].to_numpy()
                judged = {
                    division: judge(scored, truth, scores, limits[name]) for division, scores in divisions.items()
                }
                for division, rows in judged.items():
                    report(f"{question}, {times}, threshold {name} ({limits[name]}), {division}", rows)
                figures[f"{question} {times} {name}"] = judged
        exported[times] = export(models)
    provenance = {
        "date": args.date,
        "command": COMMAND,
        "corpora": {name: corpora.digest(args.data / f"{name}.jsonl.gz") for name in names},
        "labels": {name: corpora.digest(args.data / f"labels/{name}.tsv") for name in names},
        "silver": {
            name: corpora.digest(path) for name in names if (path := args.data / f"silver/{name}.tsv.gz").exists()
        },
        "figures": figures,
    }
    data = {"thresholds": limits, "provenance": provenance} | exported
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace('{"of"', '\n{"of"') + "\n"
    args.output.write_text(text, "utf-8")
    print(f"{args.output}: {len(text.encode()):,} bytes")


if __name__ == "__main__":
    main()
