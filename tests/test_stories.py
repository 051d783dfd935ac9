"""Stories: what a matched pair may join, and what it never may, on graphs small enough to count."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from dedup.frames import PAIRS
from dedup.settings import Settings
from dedup.stories.assemble import assign_in_order, link
from dedup.stories.linkage import DEFAULT_RULE, LinkageRule, StoryClustering
from tests.placed import BY_ID, assemble

WINDOW = 20
LEAST = DEFAULT_RULE.mean
DAWN = datetime(2026, 3, 4, 6, tzinfo=UTC)


class Graph:
    """Headlines in order of time, the matched pairs of them (the earlier row first), and which of these are copies."""

    def __init__(self, times, edges, scores=None, least=LEAST, copies=()):
        self.times = np.array([np.nan if time is None else time for time in times])
        self.count, self.edges, self.least = len(times), sorted(edges, key=lambda edge: edge[::-1]), least
        self.left, self.right = (np.array([edge[side] for edge in self.edges], np.int64) for side in (0, 1))
        self.scores = scores or {}
        self.score = np.array([self.scores.get(edge, 1.0) for edge in self.edges], np.float32)
        self.copies = set(copies)
        self.is_copy = np.array([edge in self.copies for edge in self.edges], bool)

    def first(self, count):
        edges = [edge for edge in self.edges if edge[1] < count]
        return Graph(self.times[:count].tolist(), edges, self.scores, self.least, self.copies)

    def linked(self):
        return link(
            self.count,
            self.left,
            self.right,
            self.score,
            self.is_copy,
            StoryClustering(self.times, WINDOW, LinkageRule(mean=self.least)),
        )

    def walked(self):
        story = np.arange(self.count)
        clustering = StoryClustering(self.times, WINDOW, LinkageRule(mean=self.least))
        assign_in_order(story, self.left, self.right, self.score, self.is_copy, clustering)
        return story


@st.composite
def graphs(draw):
    """Any matches within the window, dense or thin; headlines without a time come first and match at any distance."""
    count = draw(st.integers(0, 14))
    undated = draw(st.integers(0, 2))
    times = sorted(draw(st.lists(st.integers(0, 50), min_size=count, max_size=count)))
    times = [None] * undated + times
    near = [
        (left, right)
        for right in range(len(times))
        for left in range(right)
        if times[left] is None or times[right] - times[left] <= WINDOW
    ]
    dense = draw(st.booleans())
    picked = draw(st.sets(st.sampled_from(near))) if near else set()
    edges = sorted(set(near) - picked if dense else picked)
    least = draw(st.sampled_from([LEAST, 0.2, 0.0]))  # never above the threshold, nor so above any score
    lowest = float(np.float32(max(least, 0.01)))
    scores = draw(st.lists(st.floats(lowest, 1, width=32), min_size=len(edges), max_size=len(edges)))
    copies = draw(st.sets(st.sampled_from(edges))) if edges else ()
    return Graph(times, edges, dict(zip(edges, scores, strict=True)), float(np.float32(least)), copies)


def members(story):
    return [np.flatnonzero(story == name).tolist() for name in sorted(set(story.tolist()))]


@given(graphs())
def test_in_every_story_at_least_half_of_all_pairs_match_where_copies_are_like_other_headlines(graph):
    for rows in members(Graph(graph.times.tolist(), graph.edges, graph.scores, graph.least).linked()):
        pairs = [(left, right) for right in rows for left in rows if left < right]
        assert sum(pair in set(graph.edges) for pair in pairs) >= len(pairs) / 2


@given(graphs())
def test_in_every_story_half_of_all_pairs_match_if_copies_match_as_the_headlines_that_they_copy(graph):
    edges = {frozenset(edge) for edge in graph.edges}
    for rows in members(graph.linked()):
        matching = pairs = 0
        for right in rows:
            copied = [left for left in rows if (left, right) in graph.copies]
            for left in (row for row in rows if row < right):
                pairs += 1
                matching += {left, right} in edges or any({left, other} in edges for other in copied)
        assert matching >= pairs / 2


@given(graphs())
def test_every_headline_of_a_story_matches_another_one_of_it(graph):
    edges = {frozenset(edge) for edge in graph.edges}
    for rows in (rows for rows in members(graph.linked()) if len(rows) > 1):
        assert all(any({row, other} in edges for other in rows) for row in rows)


@given(graphs())
def test_counting_cliques_gives_the_stories_of_assignment_one_by_one(graph):
    np.testing.assert_array_equal(graph.linked(), graph.walked())


@given(graphs())
def test_a_story_is_named_by_its_first_headline_and_ends_with_the_window_after_it(graph):
    story = graph.linked()
    for rows in members(story):
        assert (story[rows] == rows[0]).all()
        if len(rows) > 1 and not np.isnan(graph.times[rows[0]]):
            assert graph.times[rows[-1]] - graph.times[rows[0]] <= WINDOW


@given(graphs(), st.integers(0, 16))
def test_later_headlines_never_split_a_story_and_rename_it_only_when_an_older_one_absorbs_it(graph, count):
    assume(count <= graph.count)
    before, after = graph.first(count).linked(), graph.linked()[:count]
    for row in range(count):
        together = np.flatnonzero(after == after[row])
        assert after[row] == before[together].min()
        assert (after[before == before[row]] == after[row]).all()


def test_a_chain_of_matches_is_not_one_story():
    count = 400
    graph = Graph([0] * count, [(row, row + 1) for row in range(count - 1)])
    assert max(Counter(graph.linked().tolist()).values()) <= 3


def test_a_chain_of_copies_is_not_one_story_either():
    chain = [(row, row + 1) for row in range(400)]
    sizes = Counter(Graph([0] * 401, chain, copies=chain).linked().tolist())
    assert 3 < max(sizes.values()) <= 5


def test_a_copy_of_a_headline_is_in_its_story_whatever_else_it_matches():
    story = [(left, right) for right in range(5) for left in range(right)]
    alone = Graph([0] * 6, [*story, (2, 5)])
    assert members(alone.linked()) == [[0, 1, 2, 3, 4], [5]]
    copy = Graph([0] * 6, [*story, (2, 5)], copies=[(2, 5)])
    assert members(copy.linked()) == [[0, 1, 2, 3, 4, 5]]
    late = Graph([*[0] * 5, WINDOW + 1], [*story, (2, 5)], copies=[(2, 5)])
    assert members(late.linked()) == [[0, 1, 2, 3, 4], [5]]


def test_a_copy_of_a_headline_at_the_edge_of_a_story_stays_outside():
    core = [(left, right) for right in range(8) for left in range(right) if 5 not in (left, right)]
    edge = [(0, 5), (1, 5), (2, 5)]
    assert members(Graph([0] * 9, [*core, *edge, (5, 8)], copies=[(5, 8)]).linked()) == [list(range(9))]
    wider = [*core, *[(row, 8) for row in range(8) if row != 5]]
    assert members(Graph([0] * 10, [*wider, *edge, (5, 9)], copies=[(5, 9)]).linked()) == [list(range(9)), [9]]


def test_a_chain_in_time_ends_with_the_window():
    every = Graph(range(0, 60, 5), [(left, right) for right in range(12) for left in range(max(0, right - 4), right)])
    assert [len(rows) for rows in members(every.linked())] == [5, 5, 2]


def test_two_groups_are_merged_when_half_of_the_pairs_between_them_match():
    inside = [(0, 1), (0, 2), (1, 2), (3, 4)]
    one = Graph([0] * 6, [*inside, (0, 5), (1, 5), (2, 5), (3, 5), (4, 5)])
    assert members(one.linked()) == [[0, 1, 2, 5], [3, 4]]
    half = Graph([0] * 6, [*inside, (0, 3), (0, 5), (1, 5), (2, 5), (3, 5), (4, 5), (2, 4)])
    assert members(half.linked()) == [[0, 1, 2, 3, 4, 5]]


def scored(times, scores, least=LEAST):
    return members(Graph(times, list(scores), scores, least).linked())


def test_matching_half_of_a_story_suffices_only_with_high_scores():
    assert scored([0] * 3, {(0, 1): 0.9, (1, 2): 0.66}) == [[0, 1], [2]]
    assert scored([0] * 3, {(0, 1): 0.9, (1, 2): 0.9}) == [[0, 1, 2]]


def test_high_scores_with_less_than_half_of_a_story_do_not_suffice():
    story = {(left, right): 1.0 for right in range(5) for left in range(right)}
    assert scored([0] * 6, {**story, (0, 5): 1.0, (1, 5): 1.0}) == [[0, 1, 2, 3, 4], [5]]


def test_a_headline_joins_the_story_with_the_highest_mean_score():
    # Matched by two of the older story's three and by one of the younger's two; no match across keeps them apart.
    older = {(0, 1): 0.9, (0, 2): 0.9, (1, 2): 0.9}
    assert scored([0] * 6, {**older, (3, 4): 0.9, (0, 5): 0.66, (1, 5): 0.66, (3, 5): 0.99}) == [[0, 1, 2], [3, 4, 5]]


def test_two_groups_are_merged_only_if_the_mean_score_between_them_suffices():
    inside = {(0, 1): 0.9, (2, 3): 0.9, (0, 4): 0.9, (1, 4): 0.9, (2, 4): 0.9, (3, 4): 0.9}
    across = [(0, 2), (1, 3)]
    assert scored([0] * 5, inside | dict.fromkeys(across, 0.9)) == [[0, 1, 2, 3, 4]]
    unsure = {pair: score - 0.24 for pair, score in inside.items()} | dict.fromkeys(across, 0.3)
    assert len(scored([0] * 5, unsure)) == 2


@pytest.mark.parametrize("threshold", [0.1, 0.2, 0.3])
def test_headlines_that_all_match_are_one_story_at_any_threshold(threshold):
    lowest = float(np.nextafter(np.float32(threshold), np.float32(1)))
    pairs = [(left, right, lowest) for right in range(7) for left in range(right)]
    matches = paired(*pairs).with_columns(is_match=pl.lit(value=True))
    entangled = pl.concat([matches, paired((0, 7, 0.99))])
    found = named(assemble(keys(range(8)), entangled, Settings(threshold=threshold)))
    assert list(found.values())[:7] == ["h000"] * 7


def keys(times):
    """Headlines named in order of time, by minutes after dawn."""
    return pl.DataFrame(
        {
            "headline_id": [f"h{place:03}" for place in range(len(times))],
            "published": [None if minutes is None else DAWN + timedelta(minutes=minutes) for minutes in times],
        },
        schema={"headline_id": pl.String, "published": pl.Datetime("us", "UTC")},
    )


def paired(*rows):
    """PAIRS from (left, right, score): matches from one half on, copies from 0.9 on."""
    return pl.DataFrame(
        [
            (f"h{left:03}", f"h{right:03}", score, score, score >= 0.5, "copy" if score >= 0.9 else "same-news", 1.0)
            for left, right, score in rows
        ],
        schema=PAIRS,
        orient="row",
    )


def named(frame):
    return dict(frame.select("headline_id", "story_id").iter_rows())


def test_pairs_that_do_not_match_join_nothing():
    groups = [(0, 1, 0.9), (0, 2, 0.8), (1, 2, 0.7), (3, 4, 0.9), (3, 5, 0.8), (4, 5, 0.7)]
    across = [(left, right, 0.49) for left in range(3) for right in range(3, 6)]
    loose = [(left, 6, 0.3) for left in range(6)]
    found = named(assemble(keys(range(7)), paired(*groups, *across, *loose), Settings()))
    assert list(found.values()) == ["h000"] * 3 + ["h003"] * 3 + ["h006"]


def test_one_match_of_nine_between_two_groups_does_not_merge_them():
    groups = [(0, 1, 0.8), (0, 2, 0.8), (1, 2, 0.7), (3, 4, 0.8), (3, 5, 0.8), (4, 5, 0.7), (2, 3, 0.89)]
    found = named(assemble(keys(range(6)), paired(*groups), Settings()))
    assert list(found.values()) == ["h000"] * 3 + ["h003"] * 3


def test_each_headline_is_reported_with_its_best_earlier_match_in_the_story():
    found = assemble(keys(range(4)), paired((0, 1, 0.8), (0, 2, 0.6), (1, 2, 0.95), (2, 3, 0.4)), Settings())
    assert found.rows() == [
        ("h000", "h000", None, None, None),
        ("h001", "h000", "h000", pytest.approx(0.8), "same-news"),
        ("h002", "h000", "h001", pytest.approx(0.95), "copy"),
        ("h003", "h003", None, None, None),
    ]


@st.composite
def matched(draw):
    """KEYS and PAIRS of some headlines of one day."""
    count = draw(st.integers(0, 9))
    times = draw(st.lists(st.none() | st.integers(0, 900), min_size=count, max_size=count))
    scores = st.floats(0, 1, width=32)
    rows = [
        (left, right, draw(scores)) for right in range(count) for left in range(right) if draw(st.integers(0, 2)) == 0
    ]
    return keys(times), paired(*rows)


@given(matched(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(frames, dice):
    headlines, pairs = frames
    output = assemble(headlines, pairs, Settings())
    seed = dice.randrange(1000)
    mixed = assemble(
        headlines.sample(fraction=1, shuffle=True, seed=seed),
        pairs.sample(fraction=1, shuffle=True, seed=seed),
        Settings(),
    )
    assert_frame_equal(output, mixed, check_row_order=False)
    assert output["headline_id"].to_list() == headlines["headline_id"].to_list()


@given(matched())
def test_only_the_headline_that_began_a_story_has_no_earlier_match(frames):
    headlines, pairs = frames
    found = assemble(headlines, pairs, Settings())
    order = headlines.sort("published", "headline_id", nulls_last=False)["headline_id"].to_list()
    matches = {frozenset(pair) for pair in pairs.filter("is_match").select("left_id", "right_id").iter_rows()}
    home = named(found)
    for row in found.iter_rows(named=True):
        own = row["headline_id"]
        earlier = [other for other in order[: order.index(own)] if home[other] == home[own] and {own, other} in matches]
        if row["matched_id"] is None:
            assert earlier == []
            assert row["score"] is row["relation"] is None
        else:
            assert row["matched_id"] in earlier
        if own == row["story_id"]:
            assert row["matched_id"] is None


def test_no_headlines_have_no_stories():
    found = assemble(keys([]), paired(), Settings())
    assert found.schema == pl.Schema(BY_ID)
    assert found.height == 0
