"""Figures of labelled pairs, against values computed by hand and simulated truths."""

from __future__ import annotations

import numpy as np
import pytest

from dedup import audit
from dedup.audit.report import agreements, consensus
from dedup.errors import AuditError

THRESHOLDS = {"default": 0.6, "precise": 0.9}


def test_precision_and_recall_weigh_each_pair(sample):
    scores, truths = [0.9, 0.7, 0.5, 0.1] * 10, [True, False, True, False] * 10
    report = audit.evaluate({"me": sample(scores, truths, [1.0, 3.0, 2.0, 10.0] * 10)}, THRESHOLDS, precision=0.9)
    default, precise = report.thresholds
    assert (default.precision, default.recall) == (pytest.approx(1 / 4), pytest.approx(1 / 3))
    assert (precise.precision, precise.recall) == (1.0, pytest.approx(1 / 3))
    assert report.wanted_threshold == pytest.approx(0.9)
    assert report.wrong_by_kind == {"different: numbers differ": 1.0}
    assert report.missed_by_kind == {"same-news: other": 1.0}
    low, high = default.precision_interval
    assert low <= default.precision <= high


def test_intervals_contain_the_truth_in_most_samples(sample, overconfident):
    scores, truths = overconfident
    is_match = scores >= 0.6
    precision = truths[is_match].mean()
    rng, inside = np.random.default_rng(2), 0
    for _ in range(20):
        rows = rng.choice(len(scores), 150, replace=False)
        report = audit.evaluate({"me": sample(scores[rows].tolist(), truths[rows].tolist())}, THRESHOLDS)
        low, high = report.thresholds[0].precision_interval
        inside += low <= precision <= high
    assert inside >= 16


def test_an_error_by_chance_is_that_of_calibrated_scores(sample, overconfident):
    rng = np.random.default_rng(5)
    few, many = rng.random(60), rng.random(6000)
    by_chance = []
    for scores in (few, many):
        report = audit.evaluate(
            {"me": sample(scores.tolist(), (rng.random(len(scores)) < scores).tolist())}, THRESHOLDS
        )
        by_chance.append(report.calibration_by_chance)
    assert by_chance[0] > 3 * by_chance[1]
    assert report.calibration_error == pytest.approx(by_chance[1], abs=0.02)
    scores, truths = overconfident
    report = audit.evaluate({"me": sample(scores.tolist(), truths.tolist())}, THRESHOLDS)
    assert report.calibration_error > 2 * report.calibration_by_chance


def test_unsure_and_unlabelled_pairs_are_left_out(sample):
    labels = ["same-news"] * 15 + ["different"] * 15 + ["unsure"] * 4 + [None] * 6
    report = audit.evaluate({"me": sample([0.8] * 40, [True] * 40, labels=labels)}, THRESHOLDS)
    assert (report.labelled, report.unsure, report.unlabelled) == (30, 4, 6)
    assert report.thresholds[0].precision == 0.5


def test_the_majority_of_labellers_decides_and_their_agreement_is_reported(sample):
    truths = [True] * 12 + [False] * 12
    first = sample([0.8] * 24, truths)
    second = sample([0.8] * 24, [not truths[0], *truths[1:]])
    third = sample([0.8] * 24, truths, labels=["unsure", *["copy"] * 11, *["related"] * 12])
    labels = {"first": first, "second": second, "third": third}
    decided = consensus(labels)
    assert decided["label"].head(2).to_list() == ["unsure", "same-news"]
    both = agreements(labels)
    assert [(pair.first, pair.second, pair.pairs) for pair in both] == [
        ("first", "second", 24), ("first", "third", 23), ("second", "third", 23),
    ]  # fmt: skip
    assert both[0].agreement == pytest.approx(23 / 24)
    assert both[1].kappa == 1.0
    assert both[0].kappa == pytest.approx((23 / 24 - 0.5) / 0.5)


def test_different_samples_and_too_few_labels_are_refused(sample):
    first, second = sample([0.8] * 30, [True] * 30), sample([0.8] * 29, [True] * 29)
    with pytest.raises(AuditError, match="not of the same sample"):
        audit.evaluate({"first": first, "second": second}, THRESHOLDS)
    with pytest.raises(AuditError, match="5 pairs are labelled"):
        audit.evaluate({"me": first.head(5)}, THRESHOLDS)


def test_wrong_matches_and_missed_pairs_are_listed_the_worst_first(sample):
    scores, truths = [0.9, 0.7, 0.65, 0.5, 0.1], [True, False, False, True, True]
    labels = sample([*scores, 0.2], [*truths, True], labels=["copy", *["related"] * 2, *["copy"] * 2, "unsure"])
    errors = audit.errors({"me": labels}, 0.6)
    assert errors.select("error", "pair").rows() == [
        ("wrong match", 2), ("wrong match", 3), ("missed", 5), ("missed", 4),
    ]  # fmt: skip


def test_no_threshold_is_named_for_a_precision_that_none_has(sample):
    report = audit.evaluate({"me": sample([0.9, 0.8] * 15, [False, True] * 15)}, THRESHOLDS, precision=0.9)
    assert report.wanted_threshold is None
    assert report.wanted is None
