"""Any split into batches, in order of time, gives what one scan gives."""

from __future__ import annotations

import random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

import dedup
from dedup import HeadlineIndex, Settings
from dedup.matching.timeline import with_recurrence
from tests.index.conftest import ScanState, StoredState, in_time


def added(index, headlines, sizes):
    """Add headlines in batches of these sizes, over and over."""
    at, turn = 0, 0
    while at < len(headlines):
        index.add_many(headlines[at : at + sizes[turn % len(sizes)]])
        at, turn = at + sizes[turn % len(sizes)], turn + 1
    return index


def require_same(index, headlines, settings=Settings()):  # noqa: B008 - frozen
    stored, expected = StoredState(index), ScanState(headlines, settings)
    assert stored.pairs == expected.pairs
    assert stored.stories == expected.stories


@pytest.mark.parametrize("sizes", [[1], [7], [1, 100, 3], [1000]], ids=str)
def test_every_split_gives_the_pairs_scores_and_stories_of_one_scan(index, newsroom, sizes):
    headlines = in_time(newsroom(400))
    require_same(added(index, headlines, sizes), headlines)


@bounded(max_examples=15)
@given(
    st.integers(0, 1000), st.lists(st.integers(1, 90), min_size=1, max_size=5), st.sampled_from([0.0, 0.1, 0.6, 1.0])
)
def test_news_of_any_kind_gives_the_same_in_any_split(newsroom, seed, sizes, undated):
    headlines = in_time(newsroom(150, seed=seed, days=12, undated=undated))
    with HeadlineIndex.open(":memory:", window="48h") as index:
        require_same(added(index, headlines, sizes), headlines, Settings(window=48))


def test_full_buckets_are_cut_as_a_scan_cuts_them(newsroom):
    headlines = in_time(newsroom(300, undated=0.2))
    settings = Settings(bucket_limit=3)
    with HeadlineIndex.open(":memory:", settings=settings) as index:
        require_same(added(index, headlines, [13]), headlines, settings)


def test_recurring_titles_are_standing_as_in_a_scan(index):
    days = [f"2026-03-{day:02}T0{hour}:00:00" for day in range(1, 9) for hour in (6, 7)]
    rows = [
        {"id": f"{outlet}{place:02}", "title": "سامر الدهيبي يكتب عن دفاتر الميناء", "outlet": outlet, "published": day}
        for place, day in enumerate(days)
        for outlet in ("الضحى", "المرفأ")
    ]
    for row in rows:
        index.add(row)
    with index._storage.reading():
        stored = dict(index._storage.headlines().select("headline_id", "recurs").iter_rows())
        expected = with_recurrence(index._storage.headlines().drop("recurs")).select("headline_id", "recurs")
    assert stored == dict(expected.iter_rows())
    assert max(stored.values()) == 7


@pytest.mark.parametrize("sizes", [[1, 17, 200], [1000]], ids=str)
def test_a_stream_of_real_headlines_gives_the_results_of_a_scan(index, real, sizes):
    dice = random.Random(5)  # noqa: S311 - it takes times away
    undated = pl.Series([dice.random() < 0.03 for _ in range(len(real))])
    headlines = in_time(real.with_columns(published=pl.when(~undated).then("published")))
    require_same(added(index, headlines, sizes), headlines)


def test_late_headlines_still_find_nearly_all_pairs_of_a_scan(index, real):
    dice, moments = random.Random(6), (real["published"].dt.epoch("s") / 3600).to_list()  # noqa: S311 - it delays news
    delays = pl.Series([moment + dice.random() * 71 for moment in moments])
    late = real.sort(delays)
    stored, expected = StoredState(added(index, late, [50])), ScanState(real)
    kept = stored.pairs.keys() & expected.pairs.keys()
    assert len(kept) >= 0.99 * len(expected.pairs)
    # Some matched before what came late set them apart, or made their words common (docs/decisions.md).
    assert len(kept) >= 0.93 * len(stored.pairs)


def test_the_result_equals_a_scans_for_late_headlines(index, newsroom):
    headlines = newsroom(300)
    added(index, headlines, [40])
    result = index.result()
    expected = ScanState(headlines)
    assert set(result.pairs.filter("is_match").select("left_id", "right_id").iter_rows()) == expected.pairs.keys()
    named = result.headlines.filter(pl.col("role") != "standing").select("headline_id", "story_id")
    assert all(expected.stories[headline] == story for headline, story in named.iter_rows())


def test_a_rebuilt_index_equals_a_scan(index, newsroom):
    headlines = newsroom(300)
    added(index, headlines, [40])
    before = StoredState(index).stories
    index.rebuild()
    require_same(index, headlines)
    for story in before.values():
        assert story in index.story(story).headlines["headline_id"]


def test_a_rebuilt_index_continues_like_one_that_was_never_rebuilt(index, newsroom):
    headlines = in_time(newsroom(400))
    added(index, headlines[:300], [60])
    index.rebuild()
    added(index, headlines[300:], [20])
    require_same(index, headlines)


def several_names():
    """Headlines of one outlet under a host and a name, and copies of them in another outlet."""
    rows = []
    for number, title in enumerate(
        ("افتتاح جسر الوادي الكبير", "بنك التلال يخفض سعر الفائدة", "عودة القطار البطيء إلى الخدمة")
    ):
        time, link = f"2026-03-0{number + 1}T06:00:00Z", f"https://duha.example/{number}"
        rows += [
            {"id": f"a{number}", "title": title, "outlet": "duha.example", "published": time, "url": f"{link}0"},
            {"id": f"b{number}", "title": title, "outlet": "صحيفة الضحى", "published": time, "url": f"{link}1"},
            {"id": f"c{number}", "title": title, "outlet": "المرفأ", "published": time, "url": f"https://marfa.example/{number}"},
        ]  # fmt: skip
    return rows


def test_the_result_merges_names_of_outlets_as_a_scan_does(index):
    rows = several_names()
    expected = dedup.find_duplicates(rows)
    assert len(expected.summary["merged_outlets"]) == 1
    index.add_many(rows)
    merged, kept = index.result(), index.result(merge_outlets=False)
    assert merged.summary["merged_outlets"] == expected.summary["merged_outlets"]
    columns = ["headline_id", "outlet", "role", "matched_id"]
    assert (
        merged.headlines.select(columns)
        .sort("headline_id")
        .equals(expected.headlines.select(columns).sort("headline_id"))
    )
    assert kept.outlets.height == 3


def test_names_given_at_opening_hold_at_once(tmp_path):
    names = {"duha.example": "الضحى", "صحيفة الضحى": "الضحى"}
    with HeadlineIndex.open(tmp_path / "a.db", outlets=names) as index:
        verdicts = [index.add(row) for row in several_names()[:3]]
    assert [verdict.n_outlets for verdict in verdicts] == [1, 1, 2]
    with HeadlineIndex.open(":memory:") as index:
        assert [index.add(row).n_outlets for row in several_names()[:3]] == [1, 2, 3]
