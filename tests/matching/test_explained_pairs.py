"""Explaining a pair: what it says agrees with itself, and with what a scan says."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.arabic.keys import normalize
from dedup.matching.evidence.schema import EVIDENCE
from dedup.matching.explain import explain
from dedup.matching.similar import similar
from dedup.pipeline import find_duplicates
from dedup.settings import Settings

DAWN = datetime(2026, 3, 4, 6, tzinfo=UTC)
FLOODS = "مصرع 5 أشخاص في سيول جارفة اجتاحت وادي السرو"
REWORDED = "سيول جارفة تجتاح وادي السرو ومصرع خمسة أشخاص"
TITLES = st.sampled_from([FLOODS, REWORDED, "", "!!", "فوز المنتخب بكأس الهضبة", "Five dead", "س"]) | st.text(
    max_size=30
)
WHEN = st.none() | st.integers(0, 100).map(lambda hours: DAWN + timedelta(hours=hours))


@settings(max_examples=25)
@given(TITLES, TITLES, WHEN, WHEN)
def test_base_and_parts_add_up_to_the_score_and_all_evidence_is_finite(one, other, then, now):
    explained = explain(one, other, published_a=then, published_b=now)
    assert all(map(math.isfinite, explained.evidence.values()))
    assert 0 <= explained.score <= 1
    if explained.left.fuzzy and explained.right.fuzzy:
        log_odds = explained.base + sum(explained.parts.values())
        assert explained.score == pytest.approx(1 / (1 + math.exp(-log_odds)), abs=1e-4)
    else:
        assert (explained.score, explained.relation) == (0, "none")


@settings(max_examples=15)
@given(TITLES, TITLES, st.integers(0, 100))
def test_with_different_times_the_order_of_arguments_changes_nothing(one, other, hours):
    later = DAWN + timedelta(hours=hours, minutes=1)
    there = explain(one, other, outlet_a="الضحى", outlet_b="المرفأ", published_a=DAWN, published_b=later)
    back = explain(other, one, outlet_a="المرفأ", outlet_b="الضحى", published_a=later, published_b=DAWN)
    assert there == back


def test_times_are_compared_across_zones_and_naive_times_are_utc():
    riyadh = timezone(timedelta(hours=3))
    explained = explain(FLOODS, FLOODS, published_a=DAWN, published_b=datetime(2026, 3, 4, 10, tzinfo=riyadh))
    assert explained.evidence["hours_apart"] == 1
    explained = explain(FLOODS, FLOODS, published_a=DAWN, published_b=datetime(2026, 3, 4, 8))
    assert explained.evidence["hours_apart"] == 2


def test_the_threshold_is_compared_in_float32():
    score = explain(FLOODS, REWORDED).score
    for threshold in (score, float(str(score)[:7])):
        relation = explain(FLOODS, REWORDED, settings=Settings(threshold=threshold)).relation
        assert relation in ("copy", "same-news")
    assert explain(FLOODS, REWORDED, settings=Settings(threshold=min(score + 1e-3, 1))).relation == "related"


def test_an_explanation_equals_a_scan_of_the_two_headlines():
    rows = [
        {"title": FLOODS, "outlet": "الضحى", "published": DAWN.isoformat()},
        {"title": REWORDED, "outlet": "المرفأ", "published": (DAWN + timedelta(hours=2)).isoformat()},
    ]
    pair = find_duplicates(rows).pairs.row(0, named=True)
    explained = explain(
        *(row["title"] for row in rows), outlet_a="الضحى", outlet_b="المرفأ", published_a=DAWN,
        published_b=DAWN + timedelta(hours=2),
    )  # fmt: skip
    assert (pair["score"], pair["relation"]) == (pytest.approx(explained.score), explained.relation)
    assert {name: pair[name] for name in explained.evidence} == pytest.approx(explained.evidence)


def test_an_explanation_differs_from_a_scan_only_in_evidence_from_other_headlines(newsroom):
    """How crowded a key is, what else matches, how often a title recurs and how common words are: all from others."""
    result = find_duplicates(newsroom(120), settings=Settings(pairs_floor=0))
    of_other_headlines = {
        "log_bucket_size", "log_candidates", "left_relative_overlap", "right_relative_overlap", "recurrence_days",
        "hours_apart", "overlap", "containment_min", "containment_max", "reordered_share",
        *(feature.name for feature in EVIDENCE if feature.unit == "nats"),
    }  # fmt: skip
    titles = {row["headline_id"]: row for row in result.headlines.iter_rows(named=True)}
    for pair in result.pairs.sample(15, seed=5).iter_rows(named=True):
        left, right = titles[pair["left_id"]], titles[pair["right_id"]]
        explained = explain(
            left["title"], right["title"], outlet_a=left["outlet"] or None, outlet_b=right["outlet"] or None,
            published_a=left["published"], published_b=right["published"],
        )  # fmt: skip
        for name in explained.evidence.keys() - of_other_headlines:
            assert pair[name] == pytest.approx(explained.evidence[name], abs=1e-4), (
                name,
                left["title"],
                right["title"],
            )


def test_lone_surrogates_in_titles_are_accepted():
    assert explain(f"{FLOODS} \ud83d", FLOODS, outlet_a="\ud800").score > 0.5
    assert similar(f"{FLOODS} \udcff", find_duplicates([FLOODS]).headlines).height == 1
    assert normalize("\ud800").exact == normalize("\ufffd").exact


@pytest.mark.parametrize(
    ("report", "other", "evidence"),
    [
        ("وزارة الري تعلن انهيار جسر وادي السرو", "وزارة الري تنفي انهيار جسر وادي السرو", "denial_one_sided"),
        (
            "بدء محاكمة رئيس نادي الهضبة في قضية بيع التذاكر المزورة",
            "تأجيل محاكمة رئيس نادي الهضبة في قضية بيع التذاكر المزورة",
            "phase_clash",
        ),
        ("إغلاق معبر السرو أمام الشاحنات", "اتحاد النقل يستنكر إغلاق معبر السرو أمام الشاحنات", "reaction_one_sided"),
    ],
)
def test_denials_reactions_and_outcomes_are_no_matches_of_the_report(report, other, evidence):
    later = DAWN + timedelta(hours=3)
    when = {"outlet_a": "الضحى", "outlet_b": "المرفأ", "published_a": DAWN, "published_b": later}
    explained, alike = explain(report, other, **when), explain(report, report, **when)
    assert (explained.evidence[evidence], alike.evidence[evidence]) == (1, 0)
    assert explained.parts[evidence] <= 0 <= alike.parts[evidence]
    assert explained.score < alike.score
    assert (explained.relation, alike.relation) == ("related", "copy")
