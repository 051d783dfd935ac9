"""Pairs drawn for an audit: every score, known weights, seeds, and outlets."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dedup
from dedup import audit, frames
from dedup.audit.draw import EDGES, stratify
from dedup.errors import AuditError, SettingError


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=300), st.integers(1, 100), st.integers(0, 9))
def test_weights_count_all_candidates_and_no_pair_is_drawn_twice(scores, pairs, seed):
    scores = np.array(scores, np.float32)
    rows, weight = stratify(scores, pairs, np.random.default_rng(seed))
    assert len(rows) == len(set(rows.tolist())) == min(pairs, len(scores))
    bins = np.searchsorted(np.array(EDGES, np.float32), scores, side="right")
    drawn_from = np.isin(bins, bins[rows])
    if pairs >= len(set(bins.tolist())):
        assert drawn_from.all()
    assert weight.sum() == pytest.approx(drawn_from.sum())


def test_bins_share_the_pairs_equally_as_far_as_they_reach():
    scores = np.concatenate([np.full(1000, 0.01), np.full(3, 0.55), np.full(50, 0.95)]).astype(np.float32)
    rows, weight = stratify(scores, 43, np.random.default_rng(1))
    assert [(scores[rows] == np.float32(score)).sum() for score in (0.01, 0.55, 0.95)] == [20, 3, 20]
    assert sorted(set(weight.tolist())) == [1.0, 2.5, 50.0]


def test_the_same_seed_draws_the_same_pairs(drawn):
    again = audit.draw("examples/feeds", pairs=60, seed=3)
    other = audit.draw("examples/feeds", pairs=60, seed=4)
    assert again.equals(drawn)
    assert not other.equals(drawn)


def test_a_sample_has_both_headlines_and_no_label(drawn):
    assert dict(drawn.schema) == dict(frames.AUDIT_PAIRS)
    assert drawn["label"].null_count() == len(drawn) == 60
    assert drawn.select("left_title", "right_title", "left_outlet", "kind").null_count().sum_horizontal().item() == 0
    assert (drawn["score"] < 0.1).any()
    assert (drawn["score"] > 0.9).any()


def test_weights_estimate_the_number_of_matches(drawn):
    result = dedup.scan("examples/feeds", settings=dedup.Settings(pairs_floor=0.0))
    estimate = drawn.filter("is_match")["weight"].sum()
    assert drawn["weight"].sum() == pytest.approx(result.pairs.height)
    assert estimate == pytest.approx(result.pairs["is_match"].sum(), rel=0.25)


def test_cross_outlet_draws_no_pair_within_an_outlet():
    pairs = audit.draw("examples/feeds", pairs=50, cross_outlet=True)
    assert (pairs["left_outlet"] != pairs["right_outlet"]).all()


def test_a_draw_without_candidates_or_pairs_is_refused(tmp_path):
    path = tmp_path / "one.txt"
    path.write_text("افتتاح جسر الوادي\n", "utf-8")
    with pytest.raises(AuditError, match="no candidate pairs"):
        audit.draw(path)
    with pytest.raises(SettingError, match="pairs is 0"):
        audit.draw(path, pairs=0)


def test_the_kind_names_the_first_difference():
    result = dedup.find_duplicates(
        ["مصرع 12 شخصا في سيول وادي السرو", "مصرع 19 شخصا في سيول وادي السرو"],
        settings=dedup.Settings(pairs_floor=0.0),
    )
    (pair,) = audit.draw_from(result).iter_rows(named=True)
    assert pair["kind"] == "numbers differ"
    assert pl.Series([pair["weight"]]).item() == 1.0
