"""Recalibrate both scores from labelled pairs, and check by cross-validation whether that helps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup.audit.measures import calibration_error
from dedup.audit.report import DECIDED, RELATED, SAME_NEWS, consensus
from dedup.errors import AuditError
from dedup.matching.scoring.calibration import Calibration, ScoreMap, fit_score_map, log_loss
from dedup.matching.scoring.model import load_model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FEWEST = 100
"""Labelled pairs, at least, to fit the two parameters of a map."""

_FOLDS, _REPEATS, _SEED = 5, 10, 1


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """Losses of a score on pairs that its map was not fitted to, before and after the map.

    Attributes:
        log_loss: mean negative log-likelihood before.
        log_loss_fitted: the same after.
        improved: share of the repetitions in which the map lowered the loss.
        calibration_error: expected calibration error before.
        calibration_error_fitted: the same after.
    """

    log_loss: float
    log_loss_fitted: float
    improved: float
    calibration_error: float
    calibration_error_fitted: float

    @property
    def helps(self) -> bool:
        """Return whether the map lowered the loss in nine of ten repetitions, and did not raise the calibration error.

        Weights of low scores dominate the loss; thresholds are chosen among those that the calibration error covers.
        """
        return self.improved >= 0.9 and not self.calibration_error_fitted > self.calibration_error


@dataclass(frozen=True, slots=True)
class Fit:
    """A calibration and the evidence for it; a score that no map helps keeps the identity.

    ``related`` is None where the pairs have no related score.
    """

    calibration: Calibration
    pairs: int
    same_news: CrossValidation
    related: CrossValidation | None


def fit(labels: Mapping[str, pl.DataFrame]) -> Fit:
    """Fit the maps of both scores to labelled pairs; keep those that help on pairs left out.

    Args:
        labels: AUDIT_PAIRS by labeller, all of the same sample.

    Raises:
        AuditError: fewer than ``FEWEST`` pairs are labelled, or all have the same label.
    """
    pairs = consensus(labels).filter(pl.col("label").is_in(DECIDED))
    if len(pairs) < FEWEST:
        raise AuditError(f"{len(pairs)} pairs are labelled; a calibration needs at least {FEWEST}")
    weight = pairs["weight"].to_numpy()
    same_map, same = _fit_one(pairs, "score", SAME_NEWS, weight)
    related_map, related = ScoreMap(), None
    if not pairs["related_score"].is_null().any():
        related_map, related = _fit_one(pairs, "related_score", RELATED, weight)
    provenance = {"labels": len(pairs), "same_news": _figures(same), "related": _figures(related)}
    return Fit(Calibration(same_map, related_map, load_model().digest, provenance), len(pairs), same, related)


def _fit_one(
    pairs: pl.DataFrame, column: str, positive: tuple[str, ...], weight: NDArray[np.float64]
) -> tuple[ScoreMap, CrossValidation]:
    truth, score = pairs["label"].is_in(positive).to_numpy(), pairs[column].cast(pl.Float64).to_numpy()
    if truth.all() or not truth.any():
        raise AuditError(f"no map of {column} can be fitted: all labels are on one side; label more pairs")
    validation = cross_validate(truth, score, weight)
    return fit_score_map(truth, score, weight) if validation.helps else ScoreMap(), validation


def cross_validate(
    truth: NDArray[np.bool_], score: NDArray[np.float64], weight: NDArray[np.float64]
) -> CrossValidation:
    """Compare a score before and after a map fitted to other pairs: five folds, ten random divisions."""
    rng = np.random.default_rng(_SEED)
    losses, errors = [], []
    for _ in range(_REPEATS):
        fold = rng.permutation(len(truth)) % _FOLDS
        fitted = np.empty(len(truth))
        for number in range(_FOLDS):
            inside, outside = fold == number, fold != number
            fitted[inside] = fit_score_map(truth[outside], score[outside], weight[outside]).apply(score[inside])
        losses.append(log_loss(truth, fitted, weight))
        errors.append(calibration_error(truth, fitted, weight))
    before = log_loss(truth, score, weight)
    return CrossValidation(
        log_loss=before,
        log_loss_fitted=float(np.mean(losses)),
        improved=float(np.mean(np.array(losses) < before)),
        calibration_error=calibration_error(truth, score, weight),
        calibration_error_fitted=float(np.nanmean(errors)) if not np.isnan(errors).all() else float("nan"),
    )


def _figures(validation: CrossValidation | None) -> dict[str, float] | None:
    """Return the figures of a cross-validation for the calibration's provenance."""
    if validation is None:
        return None
    return {"log_loss": round(validation.log_loss, 4), "log_loss_fitted": round(validation.log_loss_fitted, 4)}
