"""Coverage on frames small enough to check by hand, and what must hold on any."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.coverage import tallies
from dedup.errors import FrameError
from dedup.frames import CLOCKS, KEYS, PAIRS
from tests.placed import BY_ID, cover

DAWN = datetime(2026, 3, 4, 6, 0, tzinfo=UTC)


def keys(*rows):
    """KEYS from (id, outlet, minutes after dawn or None)."""
    return pl.DataFrame(
        [
            {
                "headline_id": name,
                "outlet": outlet,
                "title": f"خبر {name}",
                "url": None,
                "published": None if minutes is None else DAWN + timedelta(minutes=minutes),
                "source": "made.csv",
                "exact_key": f"خبر {name}",
                "fuzzy_key": f"خبر {name}",
                "tag": None,
            }
            for name, outlet, minutes in rows
        ],
        schema=KEYS,
    )


def pairs(*rows):
    """PAIRS of matches from (left, right, score, relation)."""
    return pl.DataFrame(
        [(left, right, score, score, relation != "none", relation, 0.0) for left, right, score, relation in rows],
        schema=PAIRS,
        orient="row",
    )


def stories(*rows):
    """Stories from (id, story, matched, score, relation)."""
    return pl.DataFrame(rows, schema=BY_ID, orient="row")


@pytest.fixture
def morning():
    """A story of three outlets with a repeat, a story that one outlet runs twice, and two single headlines."""
    return cover(
        keys(("a", "الضحى", 0), ("b", "المرفأ", 10), ("c", "السدرة", 40), ("d", "المرفأ", 50))
        .vstack(keys(("e", "الضحى", 5), ("f", "الضحى", 65)))
        .vstack(keys(("g", "السدرة", 7), ("h", "المرفأ", None))),
        pairs(
            ("a", "b", 0.9, "copy"), ("a", "c", 0.6, "same-news"), ("b", "d", 0.95, "copy"), ("e", "f", 1, "copy")
        ).vstack(pairs(("b", "c", 0.4, "none"), ("g", "h", 0.99, "copy"))),
        stories(("a", "s1", None, None, None), ("b", "s1", "a", 0.9, "copy"), ("c", "s1", "a", 0.6, "same-news"))
        .vstack(stories(("d", "s1", "b", 0.95, "copy"), ("e", "s2", None, None, None), ("f", "s2", "e", 1, "copy")))
        .vstack(stories(("g", "s3", None, None, None), ("h", "s4", None, None, None))),
    )


def test_each_headline_has_its_role_in_the_story(morning):
    roles = dict(morning.headlines.collect().select("headline_id", "role").iter_rows())
    assert roles == {
        "a": "first",
        "b": "copy",
        "c": "rewrite",
        "d": "repeat",
        "e": "first",
        "f": "repeat",
        "g": "single",
        "h": "single",
    }


def test_headlines_are_in_order_of_time_with_undated_ones_first(morning):
    assert "".join(morning.headlines.collect()["headline_id"]) == "haegbcdf"


def test_a_story_lists_its_outlets_in_order_its_times_counts_and_cohesion(morning):
    story = morning.stories.row(0, named=True)
    assert story == {
        "story_id": "a",
        "title": "خبر a",
        "n_headlines": 4,
        "n_outlets": 3,
        "outlets": ["الضحى", "المرفأ", "السدرة"],
        "first_outlet": "الضحى",
        "first_outlets": ["الضحى"],
        "first_published": DAWN,
        "last_published": DAWN + timedelta(minutes=50),
        "n_undated": 0,
        "n_copies": 1,
        "n_rewrites": 1,
        "n_repeats": 1,
        "weakest_score": pytest.approx(0.6),
        "cohesion": pytest.approx(3 / 6),
    }


def test_repeats_of_one_outlet_are_a_story_with_one_outlet(morning):
    story = morning.stories.filter(pl.col("story_id") == "e").row(0, named=True)
    assert (story["n_headlines"], story["n_outlets"], story["n_repeats"], story["cohesion"]) == (2, 1, 1, 1.0)
    outlet = morning.outlets.filter(pl.col("outlet") == "الضحى").row(0, named=True)
    assert (outlet["shared"], outlet["exclusive"]) == (1, 2)


def test_single_headlines_are_no_stories(morning):
    assert morning.stories["story_id"].to_list() == ["a", "e"]


def test_an_outlet_has_counts_of_shared_stories_and_its_median_lag(morning):
    outlet = morning.outlets.filter(pl.col("outlet") == "المرفأ").row(0, named=True)
    assert outlet == {
        "outlet": "المرفأ",
        "headlines": 3,
        "shared": 2,
        "exclusive": 1,
        "standing": 0,
        "stories": 2,
        "shared_stories": 1,
        "first": 0,
        "tied": 0,
        "copies": 1,
        "rewrites": 0,
        "repeats": 1,
        "undated": 1,
        "median_lag_minutes": 10.0,
        **dict.fromkeys((name for name in CLOCKS if name != "outlet"), None),
    }


def test_the_overlap_of_two_outlets_counts_shared_stories_and_leads(morning):
    row = morning.overlap.row(by_predicate=(pl.col("outlet_a") == "الضحى"), named=True)
    assert row == {
        "outlet_a": "الضحى",
        "outlet_b": "المرفأ",
        "stories": 1,
        "jaccard": pytest.approx(1 / 3),
        "a_first": 1,
        "b_first": 0,
        "tied": 0,
        "unknown": 0,
        "median_lag_minutes": 10.0,
    }


def pair_story(first, second, relation="copy"):
    """The coverage of one story of two headlines, a and b, of which a founded it."""
    return cover(
        keys(first, second),
        pairs(("a", "b", 0.9, relation)),
        stories(("a", "s", None, None, None), ("b", "s", "a", 0.9, relation)),
    )


def test_a_tie_in_time_has_two_first_outlets_and_no_single_one():
    tie = pair_story(("a", "الضحى", 3), ("b", "المرفأ", 3))
    story = tie.stories.row(0, named=True)
    assert story["first_outlet"] is None
    assert sorted(story["first_outlets"]) == ["الضحى", "المرفأ"]
    assert tie.outlets.select("first", "tied", "median_lag_minutes").rows() == [(0, 1, None), (0, 1, None)]
    assert tie.overlap.select("a_first", "b_first", "tied", "unknown").row(0) == (0, 0, 1, 0)


def test_undated_stories_have_no_first_outlet():
    unknown = pair_story(("a", "الضحى", None), ("b", "المرفأ", None))
    story = unknown.stories.row(0, named=True)
    assert (story["first_outlet"], story["first_outlets"], story["n_undated"]) == (None, [], 2)
    assert unknown.outlets["first"].sum() == unknown.outlets["tied"].sum() == 0
    assert unknown.overlap.select("a_first", "b_first", "tied", "unknown").row(0) == (0, 0, 0, 1)


def test_a_dated_headline_precedes_the_undated_one_that_began_the_story():
    story = pair_story(("a", "الضحى", None), ("b", "المرفأ", 8))
    assert story.stories.select("first_outlet", "title", "n_undated").row(0) == ("المرفأ", "خبر b", 1)
    assert story.headlines.collect().select("headline_id", "role", "matched_id").rows() == [
        ("a", "copy", "b"),
        ("b", "first", None),
    ]


def test_headlines_without_an_outlet_have_roles_and_count_for_no_outlet():
    nameless = pair_story(("a", "", 0), ("b", "", 1))
    assert nameless.headlines.collect()["role"].to_list() == ["first", "copy"]
    assert nameless.stories.select("n_outlets", "first_outlet").row(0) == (0, None)
    assert nameless.outlets.select("outlet", "headlines", "shared", "exclusive").row(0) == ("", 2, 0, 2)
    assert nameless.overlap.height == 0


def test_narrowing_keeps_whole_stories(morning):
    late = morning.narrow(since=DAWN + timedelta(minutes=3))
    assert set(late.headlines.collect()["story_id"]) == {"e", "g"}
    assert late.outlets["shared"].sum() == 0
    early = morning.narrow(until=DAWN + timedelta(minutes=3))
    assert "".join(early.headlines.collect()["headline_id"]) == "abcd"
    assert early.stories.equals(morning.stories.head(1))
    assert morning.narrow(outlet="السدرة").stories["story_id"].to_list() == ["a"]
    assert morning.narrow().outlets.equals(morning.outlets)


def test_no_headlines_give_empty_frames():
    nothing = cover(keys(), pairs(), stories())
    assert [
        frame.height for frame in (nothing.headlines.collect(), nothing.stories, nothing.outlets, nothing.overlap)
    ] == [0] * 4


def test_missing_stories_raise_an_error():
    with pytest.raises(FrameError, match="STORIES: 0 rows for 1 headlines"):
        cover(keys(("a", "الضحى", 1)), pairs(), stories())


@st.composite
def news(draw):
    """Headlines of few outlets, times and stories, each matched with its story's founder."""
    n = draw(st.integers(0, 24))
    outlets = draw(st.lists(st.sampled_from(["الضحى", "المرفأ", "السدرة", "الراصد", ""]), min_size=n, max_size=n))
    times = draw(st.lists(st.none() | st.integers(0, 9), min_size=n, max_size=n))
    homes = draw(st.lists(st.integers(0, 6), min_size=n, max_size=n))
    relations = draw(st.lists(st.sampled_from(["copy", "same-news"]), min_size=n, max_size=n))
    founders = {home: f"h{i}" for i, home in reversed(list(enumerate(homes)))}
    rows, found = [], []
    for i, (home, relation) in enumerate(zip(homes, relations, strict=True)):
        founder = founders[home]
        alone = founder == f"h{i}"
        rows.append((f"h{i}", f"s{home}", *((None,) * 3 if alone else (founder, 0.8, relation))))
        found += [] if alone else [(founder, f"h{i}", 0.8, relation)]
    named = [(f"h{i}", outlet, at) for i, (outlet, at) in enumerate(zip(outlets, times, strict=True))]
    return keys(*named), pairs(*found), stories(*rows)


@given(news())
def test_counts_of_headlines_stories_and_outlets_are_consistent(frames):
    coverage = cover(*frames)
    outlets, rows, headlines = coverage.outlets, coverage.stories, coverage.headlines.collect()
    assert outlets["headlines"].sum() == headlines.height == frames[0].height
    assert (outlets["shared"] + outlets["exclusive"] + outlets["standing"] == outlets["headlines"]).all()
    assert (rows["n_headlines"] == 1 + rows["n_copies"] + rows["n_rewrites"] + rows["n_repeats"]).all()
    assert rows["n_headlines"].sum() == headlines.filter(pl.col("role") != "single").height
    covered = rows.filter(pl.col("n_outlets") >= 2)
    assert covered["n_headlines"].sum() == outlets["shared"].sum()
    assert covered["n_outlets"].sum() == outlets["shared_stories"].sum()
    assert covered["first_outlet"].count() == outlets["first"].sum()
    assert (rows["n_outlets"] == rows["outlets"].list.len()).all()
    assert rows["cohesion"].is_between(0, 1).all()
    shared = coverage.overlap
    assert (shared["stories"] == shared["a_first"] + shared["b_first"] + shared["tied"] + shared["unknown"]).all()
    assert shared["jaccard"].is_between(0, 1).all()


@given(news(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(frames, random):
    shuffled = [frame[random.sample(range(frame.height), frame.height)] for frame in frames]
    coverage, again = cover(*frames), cover(*shuffled)
    assert coverage.headlines.collect().equals(again.headlines.collect())
    assert coverage.stories.equals(again.stories)
    assert coverage.outlets.equals(again.outlets)
    assert coverage.overlap.equals(again.overlap)


@given(news(), st.integers(1, 5))
def test_counts_of_some_stories_and_of_the_others_add_up(frames, parts):
    members = cover(*frames).headlines.collect().select("outlet", "published", "role", story="story_id")
    members = members.sort("published", pl.col("role") != "first", nulls_last=True, maintain_order=True)
    part = members["story"].str.slice(1).cast(pl.Int64) % parts
    counts = [
        tallies.count_outlets(own, tallies.entries(own)) for own in (members.filter(part == n) for n in range(parts))
    ]
    added = tallies.summed(tallies.Counts(*(pl.concat(frames) for frames in zip(*counts, strict=True))))
    for found, expected in zip(added, tallies.tallies(members, tallies.entries(members)), strict=True):
        assert found.equals(expected)


@given(news())
def test_narrowing_by_time_drops_undated_stories(frames):
    coverage = cover(*frames)
    dated = coverage.headlines.collect().filter(pl.col("published").is_not_null())["story_id"].unique()
    kept = coverage.narrow(since=DAWN - timedelta(days=1))
    assert set(kept.headlines.collect()["story_id"]) == set(dated)
    assert coverage.narrow(until=DAWN - timedelta(days=1)).headlines.collect().height == 0
