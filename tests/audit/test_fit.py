"""Calibrations: fitted where scores are wrong, useless where they are right, and refused where labels are few."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import audit
from dedup.audit.fit import CrossValidation
from dedup.errors import AuditError, CalibrationError
from dedup.matching.scoring.calibration import ScoreMap, fit_score_map, log_loss, read_calibration


def test_overconfident_scores_are_moved_back(sample, overconfident):
    scores, truths = overconfident
    fitted = audit.fit({"me": sample(scores.tolist(), truths.tolist())})
    assert fitted.calibration.same_news.slope == pytest.approx(0.5, abs=0.12)
    assert fitted.same_news.helps
    assert fitted.same_news.calibration_error_fitted < fitted.same_news.calibration_error
    assert fitted.related is None


def test_calibrated_scores_are_hardly_changed_and_do_not_count_as_improved(sample):
    rng = np.random.default_rng(8)
    scores = rng.random(400)
    truths = rng.random(400) < scores
    fitted = audit.fit({"me": sample(scores.tolist(), truths.tolist(), related=scores.tolist())})
    assert not fitted.same_news.helps
    assert fitted.calibration.same_news == ScoreMap()
    assert fitted.related is not None


def test_a_lower_loss_with_a_higher_calibration_error_is_no_help():
    better = CrossValidation(0.2, 0.1, improved=1.0, calibration_error=0.1, calibration_error_fitted=0.05)
    assert better.helps
    assert not replace(better, calibration_error_fitted=0.15).helps
    assert not replace(better, improved=0.8).helps
    assert replace(better, calibration_error=float("nan"), calibration_error_fitted=float("nan")).helps


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.floats(0.1, 50)), min_size=2, max_size=60))
def test_a_map_keeps_the_order_of_scores(rows):
    score, truth, weight = (np.array(column) for column in zip(*rows, strict=True))
    score_map = fit_score_map(truth, score, weight)
    assert score_map.slope > 0
    assert (np.diff(score_map.apply(np.sort(score))) >= 0).all()


@given(st.floats(0.2, 3), st.floats(-2, 2))
def test_the_fit_recovers_the_map_that_made_the_labels(slope, shift):
    rng = np.random.default_rng(3)
    score = rng.random(20_000)
    truth = rng.random(20_000) < ScoreMap(slope, shift).apply(score)
    fitted = fit_score_map(truth, score, np.ones(20_000))
    assert fitted.slope == pytest.approx(slope, abs=0.12)
    assert fitted.shift == pytest.approx(shift, abs=0.12)
    assert log_loss(truth, fitted.apply(score), np.ones(20_000)) <= log_loss(truth, score, np.ones(20_000)) + 1e-6


def test_a_calibration_is_read_as_it_was_written(sample, overconfident, tmp_path):
    scores, truths = overconfident
    calibration = audit.fit({"me": sample(scores.tolist(), truths.tolist())}).calibration
    path = tmp_path / "calibration.json"
    path.write_text(calibration.to_json(), "utf-8")
    assert read_calibration(path) == calibration


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"format": "other"}, "not a calibration"),
        ({"same_news": {"slope": -1, "shift": 0}}, "slope is not above 0"),
        ({"same_news": {"slope": "nan", "shift": 0}}, "slope is not above 0"),
        ({"related": None}, "not a calibration"),
    ],
)
def test_a_damaged_calibration_is_refused(sample, overconfident, tmp_path, change, reason):
    scores, truths = overconfident
    calibration = audit.fit({"me": sample(scores.tolist(), truths.tolist())}).calibration
    path = tmp_path / "calibration.json"
    path.write_text(json.dumps(json.loads(calibration.to_json()) | change), "utf-8")
    with pytest.raises(CalibrationError, match=reason):
        read_calibration(path)


def test_a_missing_calibration_is_named(tmp_path):
    with pytest.raises(CalibrationError, match=r"none\.json: cannot be read"):
        read_calibration(tmp_path / "none.json")


def test_few_or_uniform_labels_are_refused(sample):
    with pytest.raises(AuditError, match="at least 100"):
        audit.fit({"me": sample([0.5] * 50, [True] * 50)})
    with pytest.raises(AuditError, match="all labels are on one side"):
        audit.fit({"me": sample([0.5] * 150, [True] * 150)})
