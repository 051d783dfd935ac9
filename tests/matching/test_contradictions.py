"""Pairs of one wording that report two things, kind by kind: the feature that sees it, and no copy among them.

``contradictions.tsv`` lists them, with pairs that report one thing although they differ in such a word.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dedup import explain
from dedup.arabic.word_facts import alternatives
from dedup.matching.evidence.alignment import CLASS, MEMBER
from dedup.matching.evidence.schema import BY_NAME
from dedup.matching.scoring.contradiction import IN_WORDS

LINES = Path(__file__).with_name("contradictions.tsv").read_text("utf-8").splitlines()
PAIRS = [tuple(line.split("\t")) for line in LINES if not line.startswith("#")]
CONTRADICTIONS = [pair for pair in PAIRS if pair[0] != "same"]
MATCHES = {"copy", "same-news"}
DAWN = datetime(2026, 5, 1, 5, tzinfo=UTC)


def explained(hours, left, right):
    later = DAWN + timedelta(hours=float(hours))
    return explain(left, right, outlet_a="الضحى", outlet_b="المرفأ", published_a=DAWN, published_b=later)


def test_every_kind_has_eight_pairs():
    kinds = [kind for kind, *_ in PAIRS]
    assert min(map(kinds.count, kinds)) >= 8


@pytest.mark.parametrize(("kind", "hours", "feature", "left", "right"), CONTRADICTIONS)
def test_a_contradiction_is_seen_and_never_a_copy(kind, hours, feature, left, right):
    found = explained(hours, left, right)
    assert found.evidence[feature] > 0, kind
    assert found.relation != "copy", kind


@pytest.mark.parametrize(("kind", "hours", "feature", "left", "right"), CONTRADICTIONS)
def test_a_headline_does_not_contradict_itself(kind, hours, feature, left, right):
    for title in (left, right):
        found = explained(hours, title, title)
        assert found.evidence[feature] == 0, kind
        assert found.relation == "copy", kind


@pytest.mark.parametrize(("kind", "hours", "feature", "left", "right"), CONTRADICTIONS)
def test_a_contradiction_is_one_both_ways(kind, hours, feature, left, right):
    there, back = explained(hours, left, right), explained(hours, right, left)
    assert there.evidence[feature] == pytest.approx(back.evidence[feature])
    changed = [name for name in BY_NAME if BY_NAME[name].trend < 0 and name != "reordered_share"]
    assert [there.evidence[name] for name in changed] == pytest.approx([back.evidence[name] for name in changed]), kind


@pytest.mark.parametrize(("kind", "hours", "left", "right"), [(*pair[:2], *pair[3:]) for pair in PAIRS])
def test_a_pair_is_a_match_by_its_score_unless_a_rule_is_named(kind, hours, left, right):
    found = explained(hours, left, right)
    assert (found.relation in MATCHES) == (found.score >= found.threshold and not found.ruled_out_by), kind
    assert all(found.evidence[name] > 0 for name in found.ruled_out_by), kind
    assert found.ruled_out_by == explained(hours, right, left).ruled_out_by, kind


def test_the_rule_that_is_named_is_that_of_the_kind():
    rules = [(feature, explained(hours, *titles).ruled_out_by) for _, hours, feature, *titles in CONTRADICTIONS]
    assert all(feature in named for feature, named in rules if named and feature in IN_WORDS)
    assert {feature for feature, named in rules if named} >= IN_WORDS.keys() - {"month_clash"}


@pytest.mark.parametrize(("kind", "hours", "feature", "left", "right"), [pair for pair in PAIRS if pair[0] == "same"])
def test_what_reports_one_thing_still_matches(kind, hours, feature, left, right):
    assert explained(hours, left, right).relation in MATCHES, (kind, feature)


def test_few_contradictions_match_and_none_of_most_kinds():
    """An exchanged actor or object may be another word for the same one: only the score can tell."""
    matched = [
        kind for kind, hours, _, left, right in CONTRADICTIONS if explained(hours, left, right).relation in MATCHES
    ]
    open_kinds = {"actor", "object"}
    assert len([kind for kind in matched if kind not in open_kinds]) <= len(CONTRADICTIONS) // 20


def test_the_classes_of_alternatives_fit_their_bits():
    members = alternatives()
    assert members.select("class", "member").is_unique().all()
    sizes = members.group_by("class").len()["len"]
    assert sizes.max() <= MEMBER + 1
    assert len(sizes) <= CLASS >> 5
