"""Recalibrate scores for other outlets: a monotone map of log-odds, fitted to labelled pairs.

The map is Platt's (Platt, "Probabilistic outputs for support vector machines", 1999): new log-odds = slope × log-odds +
shift, slope above 0, so that no order of pairs changes. A hundred labels cannot support more than two parameters;
and since the map is linear in the log-odds, a calibrated model is additive again, with the same exact explanations.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.errors import CalibrationError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT = "dedup calibration 1"

_PRIOR = 4.0
"""Strength of the pull towards the identity, in effective pairs."""

_SMALLEST_SLOPE = 0.05
_EXTREME = 1e-6
_CONVERGED = 1e-9


@dataclass(frozen=True, slots=True)
class ScoreMap:
    """Map of one score: log-odds become ``slope`` × log-odds + ``shift``.

    Examples:
        >>> ScoreMap(1.0, 0.0).apply(np.array([0.25])).tolist()
        [0.25]
    """

    slope: float = 1.0
    shift: float = 0.0

    def apply(self, score: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the calibrated scores, 0..1, same shape."""
        return 1 / (1 + np.exp(-(self.slope * log_odds(score) + self.shift)))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Maps of both scores.

    Attributes:
        same_news: map of ``score``.
        related: map of ``related_score``.
        model: digest of the model whose scores it maps.
        provenance: number of labels and figures of the cross-validation.
    """

    same_news: ScoreMap
    related: ScoreMap
    model: str
    provenance: dict[str, Any]

    @property
    def digest(self) -> str:
        """Return twelve hex digits over the maps, a part of the fingerprint."""
        text = json.dumps([asdict(self.same_news), asdict(self.related)], sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()

    def to_json(self) -> str:
        """Return the text of the calibration's file."""
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False, indent=2) + "\n"


def read_calibration(path: str | Path) -> Calibration:
    """Read a calibration that ``dedup audit fit`` wrote.

    Raises:
        CalibrationError: the file cannot be read or is not a calibration.
    """
    try:
        data = json.loads(Path(path).read_text("utf-8"))
        if data["format"] != FORMAT:
            raise ValueError(f"format {data['format']!r}")
        maps = (ScoreMap(float(data[name]["slope"]), float(data[name]["shift"])) for name in ("same_news", "related"))
        same_news, related = maps
        if not all(0 < score_map.slope < np.inf and np.isfinite(score_map.shift) for score_map in (same_news, related)):
            raise ValueError("a slope is not above 0")
        return Calibration(same_news, related, str(data["model"]), dict(data["provenance"]))
    except OSError as error:
        raise CalibrationError(str(path), f"cannot be read ({error.strerror or error})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise CalibrationError(str(path), f"not a calibration ({error}); write one with dedup audit fit") from error


def fit_score_map(truth: NDArray[np.bool_], score: NDArray[np.float64], weight: NDArray[np.float64]) -> ScoreMap:
    """Fit a map by weighted logistic regression, pulled slightly towards the identity.

    Args:
        truth: whether each pair is positive, shape (n,).
        score: scores, 0..1, shape (n,).
        weight: number of candidates that each pair stands for, shape (n,); scaled to the effective number of pairs,
            (Σw)² / Σw².
    """
    logit = log_odds(score)
    scaled = weight * weight.sum() / np.square(weight).sum()
    inputs = np.stack([logit, np.ones_like(logit)], axis=1)
    identity = np.array([1.0, 0.0])

    def loss(parameters: NDArray[np.float64]) -> float:
        signed = np.where(truth, -1.0, 1.0) * (inputs @ parameters)
        return float(scaled @ np.logaddexp(0, signed)) + _PRIOR / 2 * float(np.square(parameters - identity).sum())

    parameters, current = identity, loss(identity)
    for _ in range(50):  # Newton's method with halved steps; the loss is convex
        probability = 1 / (1 + np.exp(-(inputs @ parameters)))
        gradient = inputs.T @ (scaled * (probability - truth)) + _PRIOR * (parameters - identity)
        curvature = (inputs * (scaled * probability * (1 - probability))[:, None]).T @ inputs + _PRIOR * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        while (proposed := loss(parameters - step)) > current and float(np.abs(step).max()) > _CONVERGED:
            step = step / 2
        if float(np.abs(step).max()) <= _CONVERGED:
            break
        parameters, current = parameters - step, proposed
    return ScoreMap(max(float(parameters[0]), _SMALLEST_SLOPE), float(parameters[1]))


def log_loss(truth: NDArray[np.bool_], score: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    """Return the weighted mean negative log-likelihood of the labels, in nats."""
    score = np.clip(score, _EXTREME, 1 - _EXTREME)
    return float(np.average(-np.log(np.where(truth, score, 1 - score)), weights=weight))


def log_odds(score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log-odds of scores; those of 0 and 1 are limited to ±13.8."""
    score = np.clip(score, _EXTREME, 1 - _EXTREME)
    return np.asarray(np.log(score / (1 - score)), np.float64)
