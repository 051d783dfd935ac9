"""The additive model: bounds, parts, and files that are none."""

from __future__ import annotations

import json
from importlib import resources

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.errors import ModelError
from dedup.matching.evidence.bounds import UNREACHABLE, fill_bins, reachable_logit
from dedup.matching.evidence.schema import ROW
from dedup.matching.scoring.model import load_model, read_model

FILE = resources.files("dedup.matching.scoring").joinpath("model.json")
MODEL = load_model()
SCORERS = (MODEL.timed, MODEL.untimed)
EDGES = MODEL.untimed.edges | MODEL.timed.edges
NAMES = sorted(EDGES.keys() | {"hours_apart"})
TIMED = NAMES.index("hours_apart")


def columns(dice, count):
    """Random values of all evidence, around the bounds of its bins."""
    made = {}
    for name in NAMES:
        edges = EDGES.get(name, np.empty(0))
        low, high = (edges.min() - 1, edges.max() + 1) if len(edges) else (-1, 1)
        near = dice.choice(edges, count) if len(edges) else np.zeros(count)
        made[name] = np.where(dice.random(count) < 0.5, near, dice.uniform(low, high, count)).astype(np.float32)
    made["hours_apart"] = np.where(dice.random(count) < 0.5, -1, np.abs(made["hours_apart"])).astype(np.float32)
    return made


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.sets(st.sampled_from(ROW)), st.floats(-6, 6))
def test_bounds_never_drop_a_pair_that_reaches_the_floor_whatever_features_are_unknown(seed, unknown, floor):
    made = columns(np.random.default_rng(seed), 20)
    rows = np.stack([made.get(name, np.zeros(20, np.float32)) for name in ROW], axis=1)
    bins = np.zeros(len(ROW) + 1, np.uint32)
    for scorer in SCORERS:
        edges = scorer.bounds(0.5, 0.5).edges
        for additive, logits in zip((scorer.same_news, scorer.related), scorer.logits(made), strict=True):
            bound = additive.packed(ROW, set(ROW) - unknown, floor)
            for row, logit in zip(rows, logits, strict=True):
                fill_bins.plain(edges, row, bins)
                if logit >= floor + 1e-3:
                    assert reachable_logit.plain(bound, bins) >= logit - 1e-3


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.floats(-6, 6))
def test_the_kernel_gives_the_log_odds_of_related_pairs_to_the_bit(seed, floor):
    made = columns(np.random.default_rng(seed), 20)
    rows = np.stack([made.get(name, np.zeros(20, np.float32)) for name in ROW], axis=1)
    bins = np.zeros(len(ROW) + 1, np.uint32)
    for scorer in SCORERS:
        tables = scorer.related.packed(ROW, ROW, floor)
        for row, logit in zip(rows, scorer.logits(made)[1], strict=True):
            fill_bins.plain(scorer.bounds(0.5, 0.5).edges, row, bins)
            assert reachable_logit.plain(tables, bins) == (logit if logit >= np.float32(floor) else UNREACHABLE)


@settings(max_examples=30)
@given(st.integers(0, 2**32))
def test_base_and_parts_add_up_to_the_log_odds_and_these_to_the_score(seed):
    values = columns(np.random.default_rng(seed), 50)
    for timed in (True, False):
        some = {name: column[(values["hours_apart"] >= 0) == timed] for name, column in values.items()}
        if not len(some["hours_apart"]):
            continue
        ((scorer, rows, evidence),) = MODEL.divided(some)
        assert scorer is (MODEL.timed if timed else MODEL.untimed)
        assert len(rows) == len(some["hours_apart"])
        sums = []
        for additive, logits in zip((scorer.same_news, scorer.related), scorer.logits(evidence), strict=True):
            parts = scorer.parts(additive, evidence)
            sums.append(additive.base + sum(part.astype(float) for part in parts.values()))
            assert logits == pytest.approx(sums[-1], abs=1e-3)
        scores = MODEL.scores(some)
        score, related_score = (1 / (1 + np.exp(-logits)) for logits in sums)
        assert scores.score == pytest.approx(score, abs=1e-4)
        assert scores.related_score == pytest.approx(np.maximum(score, related_score), abs=1e-4)


@settings(max_examples=30)
@given(st.integers(0, 2**32))
def test_scores_are_between_0_and_1_and_independent_of_the_batch(seed):
    values = columns(np.random.default_rng(seed), 30)
    both = MODEL.scores(values)
    alone = [MODEL.scores({name: column[[pair]] for name, column in values.items()}) for pair in range(30)]
    for scores, of_one in zip(both, zip(*alone, strict=True), strict=True):
        assert scores.dtype == np.float32
        assert ((scores >= 0) & (scores <= 1)).all()
        np.testing.assert_array_equal(scores, np.concatenate(of_one))
    assert (both.related_score >= both.score).all()


def test_no_pairs_have_no_scores():
    scores = MODEL.scores({name: np.empty(0, np.float32) for name in NAMES})
    assert scores.score.shape == scores.related_score.shape == (0,)


def test_the_shipped_model_is_small_and_has_a_provenance():
    text = FILE.read_text("utf-8")
    assert len(text.encode()) <= 350_000
    model = read_model(text, "model.json")
    assert model.digest == MODEL.digest
    assert model.provenance
    assert 0 < model.thresholds["wide"] <= model.thresholds["default"] <= model.thresholds["precise"] < 1


def test_the_thresholds_and_bins_of_the_shipped_model_are_in_order():
    for scorer in SCORERS:
        for name, edges in scorer.edges.items():
            assert (np.diff(edges) > 0).all(), name
        for table in (*scorer.same_news.tables, *scorer.related.tables):
            assert np.isfinite(table.parts).all()
            assert 1 <= len(table.names) <= 2


def changed(change):
    data = json.loads(FILE.read_text("utf-8"))
    change(data)
    return json.dumps(data)


BROKEN = {
    "empty": "",
    "cut off": FILE.read_text("utf-8")[:5000],
    "a list": "[]",
    "null": "null",
    "a feed": '{"items": []}',
    "no base": changed(lambda data: data["timed"]["same_news"].pop("base")),
    "no edges": changed(lambda data: data["timed"].pop("edges")),
    "edges without a table's evidence": changed(lambda data: data["timed"]["edges"].clear()),
    "no tables": changed(lambda data: data["untimed"]["related"].pop("tables")),
    "a table too short": changed(lambda data: data["timed"]["same_news"]["tables"][0]["parts"].pop()),
    "a table of words": changed(lambda data: data["timed"]["same_news"]["tables"][0].update(parts=["x"])),
    "a base that is a word": changed(lambda data: data["timed"]["same_news"].update(base="x")),
    "bins out of order": changed(lambda data: next(iter(data["timed"]["edges"].values())).reverse()),
    "too many bins": changed(lambda data: data["timed"]["edges"].update(overlap=[bound / 16 for bound in range(16)])),
    "a related score from strings": changed(
        lambda data: data["timed"]["related"]["tables"].append(
            {"of": ["character_ratio"], "parts": [0.0] * (len(data["timed"]["edges"]["character_ratio"]) + 1)}
        )
    ),
    "no model without times": changed(lambda data: data.pop("untimed")),
    "no thresholds": changed(lambda data: data.pop("thresholds")),
    "no default threshold": changed(lambda data: data["thresholds"].pop("default")),
    "a threshold that is a word": changed(lambda data: data["thresholds"].update(default="x")),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_model_file_raises_an_error_that_names_it(text):
    with pytest.raises(ModelError, match=r"^here\.json: not a score model .*python -m benchmarks train") as caught:
        read_model(text, "here.json")
    assert caught.value.path == "here.json"
