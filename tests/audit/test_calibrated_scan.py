"""A calibration in use: scores mapped, order kept, explanations exact, fingerprint changed, misuse refused."""

from __future__ import annotations

import math
from datetime import UTC

import numpy as np
import pytest

import dedup
from dedup.errors import CalibrationError, SettingError
from dedup.fingerprint import fingerprint
from dedup.matching.scoring.calibration import Calibration, ScoreMap
from dedup.matching.scoring.model import load_model
from dedup.report.page.dataset import build_dataset

A, B = "مصرع 5 أشخاص في سيول وادي السرو", "وفاة خمسة أشخاص جراء سيول وادي السرو"
MAP, RELATED_MAP = ScoreMap(0.5, -0.7), ScoreMap(1.0, 0.0)


@pytest.fixture
def write(tmp_path):
    """Write a calibration and return its path."""

    def calibration(same_news=MAP, related=RELATED_MAP, model=None, name="calibration.json"):
        path = tmp_path / name
        path.write_text(Calibration(same_news, related, model or load_model().digest, {}).to_json(), "utf-8")
        return path

    return calibration


def test_scores_are_mapped_and_keep_their_order(write):
    settings = dedup.Settings(pairs_floor=0.02)
    plain = dedup.scan("examples/feeds", settings=settings).pairs
    mapped = dedup.scan("examples/feeds", settings=settings.with_(calibration=write(), pairs_floor=0.0)).pairs
    both = plain.join(mapped, on=["left_id", "right_id"], suffix="_mapped")
    assert both.height == plain.height > 20
    expected = MAP.apply(both["score"].cast(float).to_numpy())
    assert np.allclose(both["score_mapped"].to_numpy(), expected, atol=1e-4)


def test_candidates_are_not_lost_to_bounds_of_the_uncalibrated_score(write):
    high = write(ScoreMap(0.6, 2.0), name="high.json")
    everything = dedup.scan("examples/feeds", settings=dedup.Settings(calibration=high, pairs_floor=0.0)).pairs
    matches = dedup.scan("examples/feeds", settings=dedup.Settings(calibration=high)).pairs
    assert matches["is_match"].sum() == everything["is_match"].sum() > 0


def test_an_explanation_adds_up_to_the_calibrated_score(write):
    pair = dedup.explain(A, B, settings=dedup.Settings(calibration=write()))
    total = pair.base + sum(pair.parts.values())
    assert 1 / (1 + math.exp(-total)) == pytest.approx(pair.score, abs=1e-4)
    assert pair.score != pytest.approx(dedup.explain(A, B).score, abs=1e-3)


def test_reasons_are_those_of_the_calibrated_score(write, tmp_path):
    flat = dedup.Settings(calibration=write(ScoreMap(0.001, 5.0), name="flat.json"))
    for settings, have_reasons in ((dedup.Settings(), True), (flat, False)):
        result = dedup.scan("examples/feeds", settings=settings)
        stories = result.to_dict()["stories"]
        assert any(member["reasons"] for story in stories for member in story["headlines"]) == have_reasons
        assert any(build_dataset(result.content(), zone=UTC)["reasons"]) == have_reasons
        with dedup.HeadlineIndex.open(tmp_path / f"{have_reasons}.db", settings=settings) as index:
            index.add({"title": A})
            assert bool(index.check({"title": f"عاجل {A}"}).reasons) == have_reasons


def test_the_fingerprint_follows_the_content_of_the_file_and_not_its_path(write):
    first, copy = (dedup.Settings(calibration=write(name=name)) for name in ("a.json", "b.json"))
    other = dedup.Settings(calibration=write(ScoreMap(0.9, 0.1), name="c.json"))
    assert fingerprint(first) == fingerprint(copy)
    assert len({fingerprint(settings) for settings in (dedup.Settings(), first, other)}) == 3


def test_a_rewritten_file_takes_effect(write):
    settings = dedup.Settings(calibration=write(ScoreMap(1.0, 0.0)))
    before = dedup.explain(A, B, settings=settings).score
    write(ScoreMap(1.0, -3.0))
    assert dedup.explain(A, B, settings=settings).score < before


def test_calibrations_of_other_models_and_missing_ones_are_refused(write, tmp_path):
    with pytest.raises(CalibrationError, match="fitted to the scores of model 000000000000"):
        dedup.explain(A, B, settings=dedup.Settings(calibration=write(model="000000000000")))
    with pytest.raises(CalibrationError, match="cannot be read"):
        dedup.explain(A, B, settings=dedup.Settings(calibration=tmp_path / "none.json"))
    with pytest.raises(SettingError, match="calibration is 3"):
        dedup.Settings(calibration=3)


def test_an_index_made_with_another_calibration_is_refused(write):
    path = str(write().with_name("news.db"))
    with dedup.HeadlineIndex.open(path, settings=dedup.Settings(calibration=write())) as index:
        index.add({"title": A, "outlet": "واحة"})
    other = dedup.Settings(calibration=write(ScoreMap(0.9, 0.1), name="other.json"))
    with pytest.raises(dedup.errors.DedupError, match="model"):
        dedup.HeadlineIndex.open(path, settings=other)
