"""Thresholds keep what their names say on every corpus."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from dedup.audit.measures import weighted_share

train = pytest.importorskip("benchmarks.training.train", reason="the bench extra has its libraries")


def labels(corpus, scores, truth):
    return pl.DataFrame({"corpus": corpus, "weight": 1.0, "score": scores, "truth": truth})


def threshold_of(*parts):
    labelled = pl.concat(parts)
    return train.threshold_for(labelled, labelled["truth"].to_numpy(), labelled["score"].to_numpy(), 0.8)


WRONG_BELOW_HALF = labels("wide", [0.9, 0.8, 0.7, 0.6, 0.55, 0.42, 0.41], [True] * 5 + [False] * 2)
WRONG_BELOW_TWO_THIRDS = labels("narrow", [0.95, 0.9, 0.75, 0.68, 0.663, 0.62, 0.61], [True] * 5 + [False] * 2)


def test_the_corpus_that_needs_the_highest_score_decides():
    assert threshold_of(WRONG_BELOW_HALF) == 0.42
    assert threshold_of(WRONG_BELOW_TWO_THIRDS) == 0.62
    assert threshold_of(WRONG_BELOW_HALF, WRONG_BELOW_TWO_THIRDS) == 0.62


def test_a_score_between_two_pairs_is_not_rounded_above_the_upper_one():
    gap = labels("gap", [0.9, 0.8, 0.7, 0.6908, 0.6804, 0.68], [True] * 4 + [False] * 2)
    assert threshold_of(gap) == 0.69


def test_a_corpus_without_the_precision_at_any_score_does_not_count():
    hopeless = labels("hopeless", [0.95, 0.9, 0.85, 0.7], [False, False, True, True])
    assert threshold_of(WRONG_BELOW_HALF, hopeless) == 0.42


def test_every_corpus_has_the_precision_where_it_falls_and_rises_again():
    choice = np.random.default_rng(5)
    for _ in range(50):
        parts = [labels(name, score := choice.random(200), choice.random(200) < score) for name in "abc"]
        threshold = threshold_of(*parts)
        for part in parts:
            matched = part["score"].to_numpy() >= threshold
            assert weighted_share(part["truth"].to_numpy(), matched, np.ones(200)) >= 0.8
