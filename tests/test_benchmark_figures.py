"""The figures that benchmarks judge by, against slow and obvious ways to the same numbers."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dedup
from benchmarks.quality import gate
from benchmarks.quality.clusters import b_cubed, components, densities
from benchmarks.quality.precision_recall import curve, matched, steps
from benchmarks.quality.recipes import Recipe, folded
from benchmarks.quality.stance import score_titles
from benchmarks.reporting.markdown import markdown, rewrite

LABELLED = st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.integers(1, 9)), min_size=1, max_size=40).filter(
    lambda rows: any(dup for _, dup, _ in rows)
)


def columns(rows):
    scores, dup, weights = (np.array(column) for column in zip(*rows, strict=True))
    return scores / 6, dup.astype(bool), weights.astype(float)


@given(LABELLED)
def test_a_curve_is_precision_and_recall_at_every_score(rows):
    scores, dup, weights = columns(rows)
    thresholds, precision, recall = steps(scores, dup, weights)
    assert thresholds.tolist() == sorted({score for score in scores.tolist() if score > 0}, reverse=True)
    for threshold, p, r in zip(thresholds, precision, recall, strict=True):
        assert {"precision": p, "recall": r} == pytest.approx(matched(scores >= threshold, dup, weights))


@given(LABELLED)
def test_average_precision_and_recall_at_fixed_precision_by_hand(rows):
    scores, dup, weights = columns(rows)
    ap, before, best = 0.0, 0.0, {"r_at_p90": 0.0, "r_at_p95": 0.0}
    for threshold in sorted(set(scores[scores > 0].tolist()), reverse=True):
        taken = scores >= threshold
        precision = (weights * (taken & dup)).sum() / (weights * taken).sum()
        recall = (weights * (taken & dup)).sum() / (weights * dup).sum()
        ap, before = ap + (recall - before) * precision, recall
        for name, floor in (("r_at_p90", 0.90), ("r_at_p95", 0.95)):
            best[name] = max(best[name], recall if precision >= floor else 0.0)
    assert curve(scores, dup, weights) == pytest.approx({"ap": ap, **best})


def slow_b_cubed(found, truth):
    precision = recall = 0.0
    for here in range(len(found)):
        mine = {at for at in range(len(found)) if found[at] == found[here]}
        right = {at for at in range(len(truth)) if truth[at] == truth[here]}
        precision += len(mine & right) / len(mine) / len(found)
        recall += len(mine & right) / len(right) / len(found)
    return {"b3_precision": precision, "b3_recall": recall, "b3_f1": 2 * precision * recall / (precision + recall)}


CLUSTERED = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=25)


@given(CLUSTERED)
def test_b_cubed_is_the_mean_over_elements(pairs):
    found, truth = (np.array(side) for side in zip(*pairs, strict=True))
    assert b_cubed(found, truth) == pytest.approx(slow_b_cubed(found.tolist(), truth.tolist()))


@given(CLUSTERED)
def test_b_cubed_is_perfect_only_for_the_true_clusters_and_names_do_not_matter(pairs):
    found, truth = (np.array(side) for side in zip(*pairs, strict=True))
    assert b_cubed(truth * 7 + 3, truth)["b3_f1"] == pytest.approx(1)
    same = all(
        (found[one] == found[other]) == (truth[one] == truth[other])
        for one, other in itertools.combinations(range(len(found)), 2)
    )
    assert (b_cubed(found, truth)["b3_f1"] > 1 - 1e-9) == same


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=15))
def test_components_are_what_pairs_reach(pairs):
    left, right = (np.array([pair[side] for pair in pairs], int) for side in (0, 1))
    found = components(10, left, right)
    group = {row: {row} for row in range(10)}
    for one, other in pairs:
        joined = group[one] | group[other]
        group.update(dict.fromkeys(joined, joined))
    for one, other in itertools.product(range(10), repeat=2):
        assert (found[one] == found[other]) == (other in group[one])


def test_density_is_the_share_of_a_clusters_pairs_that_match():
    cluster = np.array([0, 0, 0, 3, 4, 4])
    sizes, density = densities(cluster, np.array([0, 1, 4, 2]), np.array([1, 2, 5, 3]))
    assert sizes.tolist() == [3, 2]
    assert density.tolist() == pytest.approx([2 / 3, 1])


def test_pairs_scored_together_score_as_each_alone():
    pairs = [
        ("انهيار جسر في كلدان يقتل خمسة عمال", "مقتل 5 عمال في انهيار جسر كلدان"),
        ("ارتفاع أسعار القمح في سوق نهران", "انخفاض أسعار القمح في سوق نهران"),
        ("؟!", "وزير النقل يفتتح محطة قطار برشان"),
        ("انهيار جسر في كلدان يقتل خمسة عمال", "بلدية كلدان تغلق حديقة الزهور"),
    ]
    scores = score_titles(pl.DataFrame(pairs, schema=["s1", "s2"], orient="row"))
    alone = [dedup.explain(one, other).score for one, other in pairs]
    assert scores.tolist() == pytest.approx(alone, abs=1e-6)


def test_titles_are_folded_as_tutorials_do():
    output = folded(pl.Series(["مُحَمَّـد إلى القاهرةِ: ٢٠١٥!", "«Reuters» مسؤولٌ"]))
    assert output.to_list() == ["محمد الي القاهره 2015", "reuters مسوول"]


def test_a_recipe_sees_each_title_once_and_answers_for_each_pair():
    seen = []

    def scorer(titles, left, right):
        seen.append(titles)
        return np.array([titles[one] == titles[other] for one, other in zip(left, right, strict=True)], np.float32)

    titles = pl.Series(["أ", "ب", "أ", "د"])
    recipe = Recipe("equal", 0.5, scorer, limit=2)
    assert recipe.scores(titles, np.array([0, 0]), np.array([1, 2])).tolist() == [0, 1]
    assert seen == [["أ", "ب"]]
    assert recipe.scores(titles, np.array([0, 1]), np.array([2, 3])) is None


def test_a_rewritten_part_leaves_the_rest_of_a_document(tmp_path):
    path = tmp_path / "benchmarks.md"
    path.write_text("# Before\n", "utf-8")
    rewrite(path, "speed", markdown(["a", "b"], [["1", "2"]]))
    path.write_text(path.read_text("utf-8") + "After\n", "utf-8")
    rewrite(path, "speed", "new")
    assert path.read_text("utf-8") == "# Before\n\n<!-- speed -->\nnew\n<!-- /speed -->\nAfter\n"


def test_a_figure_below_its_floor_is_named_with_how_far_it_fell():
    output = gate.below_floors({"ap": 0.93, "recall": 0.7, "b3_f1": 0.8}, {"ap": 0.91, "recall": 0.7})
    assert output == ["ap 0.910 is 0.020 below its floor 0.930", "b3_f1 0.000 is 0.800 below its floor 0.800"]


def test_floors_rise_by_themselves_and_fall_only_when_told():
    old, found = {"ap": 0.90, "recall": 0.75}, {"ap": 0.95, "recall": 0.70}
    assert gate.new_floors(old, found, allow_lower=False) == {"ap": 0.94, "recall": 0.75}
    assert gate.new_floors(old, found, allow_lower=True) == {"ap": 0.94, "recall": 0.69}
    assert gate.new_floors({}, {"copy precision": 1.0}, allow_lower=False) == {"copy precision": 0.98}


def test_other_data_than_those_of_the_floors_are_named():
    pinned = {"one": {"digests": {"headlines": "a" * 64, "labels": "b" * 64}, "figures": {}}, "gone": {"digests": {}}}
    found = {"one": {"headlines": "a" * 64, "labels": "c" * 64}, "new": {"headlines": "d" * 64}}
    output = gate.data_mismatches(pinned, found, None)
    assert output == [
        "gone: has floors, but is not in the data folder",
        "one: labels cccccccccccc, floors have bbbbbbbbbbbb",
        "new: has no floors; set them with --update",
    ]
    assert gate.data_mismatches(pinned, {"one": {"headlines": "a" * 64, "labels": "b" * 64}}, ["one"]) == []
