"""Evaluate labelled pairs: precision, recall, calibration, errors by kind, thresholds, agreement of labellers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from dedup.audit.measures import (
    average_precision,
    calibration_by_chance,
    calibration_error,
    interval,
    threshold_at_precision,
    weighted_share,
)
from dedup.errors import AuditError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Interval = tuple[float, float]

SAME_NEWS = ("copy", "same-news")
RELATED = (*SAME_NEWS, "related")
DECIDED = (*RELATED, "different")

FEWEST = 20
"""Labelled pairs, at least, for a report: with fewer, no interval says anything."""

_BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """Figures of the matches at one threshold; intervals are 95 %, nan where undefined."""

    name: str
    threshold: float
    matches: int
    precision: float
    precision_interval: Interval
    recall: float
    recall_interval: Interval
    related_or_closer: float


@dataclass(frozen=True, slots=True)
class ScoreBin:
    """Mean score and share of the same news among the pairs of a range of scores."""

    low: float
    high: float
    pairs: int
    mean_score: float
    same_news: float
    same_news_interval: Interval


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of two labellers on the same news or not: share of equal labels, and Cohen's kappa."""

    first: str
    second: str
    pairs: int
    agreement: float
    kappa: float


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of an audit; each is an estimate for all candidate pairs.

    Attributes:
        labelled: number of pairs with a label other than ``unsure``.
        unsure: number of pairs labelled ``unsure``, or on which the labellers do not agree; they are left out.
        unlabelled: number of pairs without a label.
        average_precision: of the score, with interval.
        calibration_error: expected calibration error of scores from 0.1.
        calibration_by_chance: the mean error that calibrated scores would have with these pairs.
        thresholds: figures at each threshold.
        bins: score against share of the same news.
        wrong_by_kind: share of each kind in the weight of the wrong matches at the first threshold.
        missed_by_kind: share of each kind in the weight of the missed pairs at the first threshold.
        wanted_precision: precision asked for.
        wanted_threshold: lowest score from which matches have it; None if no score has.
        wanted: figures at that threshold; None if there is none.
        agreement: of each two labellers.
    """

    labelled: int
    unsure: int
    unlabelled: int
    average_precision: float
    average_precision_interval: Interval
    calibration_error: float
    calibration_by_chance: float
    thresholds: list[AtThreshold]
    bins: list[ScoreBin]
    wrong_by_kind: dict[str, float]
    missed_by_kind: dict[str, float]
    wanted_precision: float
    wanted_threshold: float | None
    wanted: AtThreshold | None
    agreement: list[Agreement]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return asdict(self)


def evaluate(labels: Mapping[str, pl.DataFrame], thresholds: Mapping[str, float], *, precision: float = 0.95) -> Report:
    """Evaluate the labels of one sample.

    Args:
        labels: AUDIT_PAIRS by labeller, all of the same sample.
        thresholds: thresholds to report, by name, in order; errors are those of the first.
        precision: precision that a threshold is sought for.

    Raises:
        AuditError: the tables are of different samples, or fewer than ``FEWEST`` pairs are labelled.
    """
    pairs = consensus(labels)
    decided = pairs.filter(pl.col("label").is_not_null() & (pl.col("label") != "unsure"))
    if len(decided) < FEWEST:
        raise AuditError(f"{len(decided)} pairs are labelled; label at least {FEWEST}, better 200")
    truth = decided["label"].is_in(SAME_NEWS).to_numpy()
    score, weight = decided["score"].cast(pl.Float64).to_numpy(), decided["weight"].to_numpy()
    related = decided["label"].is_in(RELATED).to_numpy()
    figures = [_at(name, limit, truth, related, score, weight) for name, limit in thresholds.items()]
    is_match = is_at_least(score, figures[0].threshold)
    wanted = threshold_at_precision(truth, score, weight, precision)
    return Report(
        labelled=len(decided),
        unsure=int((pairs["label"] == "unsure").sum()),
        unlabelled=pairs["label"].null_count(),
        average_precision=average_precision(truth, score, weight),
        average_precision_interval=interval(average_precision, truth, score, weight),
        calibration_error=calibration_error(truth, score, weight),
        calibration_by_chance=calibration_by_chance(score, weight),
        thresholds=figures,
        bins=_score_bins(truth, score, weight),
        wrong_by_kind=_by_kind(decided, is_match & ~truth),
        missed_by_kind=_by_kind(decided, ~is_match & truth),
        wanted_precision=precision,
        wanted_threshold=wanted,
        wanted=None if wanted is None else _at("wanted", wanted, truth, related, score, weight),
        agreement=agreements(labels),
    )


def errors(labels: Mapping[str, pl.DataFrame], threshold: float) -> pl.DataFrame:
    """Return the wrong matches and the missed pairs at a threshold, to be read.

    Args:
        labels: AUDIT_PAIRS by labeller, all of the same sample.
        threshold: score from which pairs match.

    Returns:
        AUDIT_PAIRS with ``error`` (``wrong match`` or ``missed``): wrong matches by falling score, then missed pairs by
        rising score.
    """
    pairs = consensus(labels).filter(pl.col("label").is_in(DECIDED))
    truth = pairs["label"].is_in(SAME_NEWS).to_numpy()
    is_match = is_at_least(pairs["score"].cast(pl.Float64).to_numpy(), threshold)
    wrong = pairs.filter(is_match & ~truth).sort("score", "pair", descending=[True, False])
    missed = pairs.filter(~is_match & truth).sort("score", "pair")
    return pl.concat([wrong.with_columns(error=pl.lit("wrong match")), missed.with_columns(error=pl.lit("missed"))])


def consensus(labels: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return one table with the label of the majority; without a majority on the same news or not, ``unsure``.

    Raises:
        AuditError: there is no table, or the tables are of different samples.
    """
    tables = list(labels.values())
    if not tables:
        raise AuditError("no labelled file given")
    first, key = tables[0].sort("pair"), ["pair", "left_id", "right_id"]
    for name, table in labels.items():
        if not table.sort("pair").select(key).equals(first.select(key)):
            raise AuditError(f"{name} is not of the same sample as {next(iter(labels))}")
    if len(tables) == 1:
        return first
    votes = pl.concat([table.select("pair", "label") for table in tables]).drop_nulls("label")
    same = votes.filter(pl.col("label").is_in(SAME_NEWS)).group_by("pair").agg(n_same=pl.len(), same=_most_common())
    differ = votes.filter(pl.col("label").is_in(["related", "different"]))
    differ = differ.group_by("pair").agg(n_differ=pl.len(), differ=_most_common())
    counted = votes.select("pair").unique().join(same, on="pair", how="left").join(differ, on="pair", how="left")
    n_same, n_differ = (pl.col(name).fill_null(0) for name in ("n_same", "n_differ"))
    label = pl.when(n_same > n_differ).then("same").when(n_differ > n_same).then("differ").otherwise(pl.lit("unsure"))
    counted = counted.select("pair", label=label)
    return first.drop("label").join(counted, on="pair", how="left", maintain_order="left").select(first.columns)


def _most_common() -> pl.Expr:
    """Return the most common label, the first in the alphabet among equals."""
    return pl.col("label").mode().sort().first()


def agreements(labels: Mapping[str, pl.DataFrame]) -> list[Agreement]:
    """Return the agreement of each two labellers on pairs that both decided."""
    found = []
    for (first, left), (second, right) in combinations(labels.items(), 2):
        both = left.select("pair", a="label").join(right.select("pair", b="label"), on="pair")
        both = both.filter(pl.all_horizontal(pl.col(side).is_in(DECIDED) for side in "ab"))
        a, b = (both[side].is_in(SAME_NEWS).to_numpy() for side in "ab")
        agreement = float((a == b).mean()) if len(both) else float("nan")
        chance = float(a.mean() * b.mean() + (1 - a.mean()) * (1 - b.mean())) if len(both) else 1.0
        kappa = (agreement - chance) / (1 - chance) if chance < 1 else float("nan")
        found.append(Agreement(first, second, len(both), agreement, kappa))
    return found


def is_at_least(score: NDArray[np.float64], threshold: float) -> NDArray[np.bool_]:
    """Return whether scores reach a threshold, compared in 32 bits as a scan compares them."""
    return np.asarray(score.astype(np.float32) >= np.float32(threshold), np.bool_)


def _at(
    name: str, threshold: float, truth: NDArray[np.bool_], related: NDArray[np.bool_], score: NDArray[np.float64],
    weight: NDArray[np.float64],
) -> AtThreshold:  # fmt: skip
    """Return the figures of the matches from a threshold on."""
    match = is_at_least(score, threshold)
    return AtThreshold(
        name=name,
        threshold=threshold,
        matches=int(match.sum()),
        precision=weighted_share(truth, match, weight),
        precision_interval=interval(weighted_share, truth, match, weight),
        recall=weighted_share(match, truth, weight),
        recall_interval=interval(weighted_share, match, truth, weight),
        related_or_closer=weighted_share(related, match, weight),
    )


def _score_bins(truth: NDArray[np.bool_], score: NDArray[np.float64], weight: NDArray[np.float64]) -> list[ScoreBin]:
    bins = []
    for low, high in pairwise(_BINS):
        inside = (score >= low) & ((score < high) | (high == 1.0))
        if inside.any():
            share = weighted_share(truth, inside, weight)
            edges = interval(weighted_share, truth, inside, weight)
            mean = float(np.average(score[inside], weights=weight[inside]))
            bins.append(ScoreBin(low, high, int(inside.sum()), mean, share, edges))
    return bins


def _by_kind(pairs: pl.DataFrame, subset: NDArray[np.bool_]) -> dict[str, float]:
    """Return the share of each kind in the weight of a subset, the largest first; ``label: kind``."""
    part = pairs.filter(pl.Series(subset)).with_columns(
        name=pl.concat_str("label", pl.lit(": "), pl.col("kind").fill_null("other"))
    )
    sums = part.group_by("name").agg(pl.col("weight").sum()).sort("weight", "name", descending=[True, False])
    total = float(sums["weight"].sum())
    return {name: weight / total for name, weight in sums.iter_rows()}
