"""What is forgotten, what stays bounded, and what is given back."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from dedup import HeadlineIndex, Settings
from dedup.errors import SettingError, UnknownStoryError
from dedup.index.session import load_features
from dedup.index.window import WindowCache
from tests.index.conftest import StoredState, in_time

DAY = timedelta(days=1)
DAWN = datetime(2026, 3, 1, tzinfo=UTC)
TITLE = "مصرع {} أشخاص في سيول جارفة اجتاحت وادي السرو"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "i.db"


def test_pruning_removes_older_headlines_and_nothing_else(index, newsroom):
    headlines = in_time(newsroom(400, days=30, undated=0))
    index.add_many(headlines)
    moment = DAWN + 15 * DAY
    kept = headlines.filter(pl.col("published") >= moment)
    assert index.prune(before=moment) == len(headlines) - len(kept)
    stored = StoredState(index)
    assert stored.stories.keys() == set(kept["headline_id"])
    assert {headline for pair in stored.pairs for headline in pair} <= stored.stories.keys()
    assert index.stats().first >= moment


@pytest.mark.parametrize("before", ["2026-03-16", "2026-03-16T00:00:00+00:00", datetime(2026, 3, 16)])
def test_the_limit_of_pruning_may_be_written_in_many_ways(index, newsroom, before):
    index.add_many(in_time(newsroom(200, days=30, undated=0)))
    index.prune(before=before)
    assert index.stats().first >= datetime(2026, 3, 16, tzinfo=UTC)


def test_a_length_of_time_counts_back_from_the_latest_headline(index, newsroom):
    headlines = in_time(newsroom(200, days=30, undated=0))
    index.add_many(headlines)
    index.prune(before="10d")
    assert index.stats().first >= headlines["published"].max() - 10 * DAY


def test_invalid_limits_of_pruning_are_refused(index):
    with pytest.raises(SettingError, match="before is 'spring'"):
        index.prune(before="spring")


@pytest.mark.parametrize(
    "length", [-1, math.nan, math.inf, 1e300, 10**30, "99999999999w", -DAY, None, date(2026, 3, 1)]
)
def test_impossible_durations_are_refused(index, length):
    with pytest.raises(SettingError, match="before is"):
        index.prune(before=length)
    if length is not None:
        with pytest.raises(SettingError, match=r"retention is|window is"):
            HeadlineIndex.open(":memory:", retention=length)


def test_a_story_keeps_its_id_when_its_first_headline_is_pruned(index):
    hours = [0, 30, 60]
    for hour in hours:
        index.add({"id": f"h{hour}", "title": TITLE.format(5), "published": DAWN + timedelta(hours=hour)})
    index.prune(before=DAWN + timedelta(hours=10))
    assert index.story("h0").story_id == "h0"
    assert index.story("h30").headlines["headline_id"].to_list() == ["h30", "h60"]
    verdict = index.add({"id": "h70", "title": TITLE.format(5), "published": DAWN + timedelta(hours=70)})
    assert (verdict.story_id, verdict.is_new_story) == ("h0", False)
    index.prune(before=DAWN + timedelta(hours=500))
    with pytest.raises(UnknownStoryError):
        index.story("h0")


def test_ids_of_merged_stories_are_found_after_their_headlines_are_pruned(index, newsroom):
    headlines = in_time(newsroom(300, days=8, undated=0))
    verdicts = [one for at in range(0, 300, 10) for one in index.add_many(headlines[at : at + 10])]
    now = {one.story_id: index.story(one.story_id) for one in verdicts}
    moment = DAWN + 4 * DAY
    index.prune(before=moment)
    for story_id, story in now.items():
        left = story.headlines.filter(pl.col("published") >= moment)["headline_id"].to_list()
        if left:
            assert index.story(story_id).headlines["headline_id"].to_list() == left
            assert index.story(story_id).story_id == story.story_id
        else:
            with pytest.raises(UnknownStoryError):
                index.story(story_id)


def test_rebuilding_after_pruning_keeps_every_id_findable(index, newsroom):
    headlines = in_time(newsroom(300, days=8, undated=0))
    verdicts = [one for at in range(0, 300, 10) for one in index.add_many(headlines[at : at + 10])]
    index.prune(before=DAWN + 4 * DAY)
    findable = {one.story_id for one in verdicts if index._storage.find(one.story_id)}
    index.rebuild()
    for story_id in findable:
        assert len(index.story(story_id).headlines)


def test_a_pruned_headline_is_new_again(index):
    item = {"title": TITLE.format(5), "published": DAWN}
    index.add(item)
    index.prune(before=DAWN + DAY)
    assert not index.add(item).known


def test_other_processes_notice_that_recent_headlines_were_pruned(path):
    with HeadlineIndex.open(path) as one, HeadlineIndex.open(path) as other:
        one.add({"id": "a", "title": TITLE.format(5), "published": DAWN})
        assert other.check({"title": TITLE.format(5), "published": DAWN + DAY / 24}).story_id == "a"
        one.prune(before=DAWN + DAY)
        assert other.check({"title": TITLE.format(5), "published": DAWN + DAY / 24}).is_new_story


def test_headlines_without_a_time_are_pruned_by_the_time_of_adding(index):
    index.add({"id": "old", "title": "عصا ذكية للمكفوفين من طلاب سمرانيا"})
    index.add({"id": "dated", "title": TITLE.format(5), "published": datetime.now(UTC) - timedelta(hours=1)})
    index.add({"id": "late", "title": "حريق هائل يلتهم سوق الزهراوية"})
    index.prune(before=datetime.now(UTC) - timedelta(minutes=30))
    assert StoredState(index).stories.keys() == {"old"}


def test_pruning_shrinks_the_file(path, newsroom):
    with HeadlineIndex.open(path) as index:
        for seed in range(4):
            headlines = newsroom(1_000, seed=seed, days=30, undated=0)
            index.add_many(headlines.with_columns(headline_id=pl.format("{}-{}", pl.lit(seed), "headline_id")))
        index.prune(before="30d")
        full = path.stat().st_size
        index.prune(before="1d")
        assert index.stats().bytes == path.stat().st_size < full / 4


@pytest.mark.parametrize("least", [1, 500])
def test_retention_prunes_while_headlines_are_added(path, monkeypatch, least):
    monkeypatch.setattr("dedup.index.session._PRUNED_PER_CALL", least)  # at least a batch is pruned
    with HeadlineIndex.open(path, window="24h", retention="10d") as index:
        for day in range(40):
            index.add_many(
                [
                    {"title": TITLE.format(day), "outlet": str(hour), "published": DAWN + day * DAY + DAY / 24 * hour}
                    for hour in range(20)
                ]
            )
            stats = index.stats()
            assert stats.last - stats.first <= 10.2 * DAY
            assert stats.headlines <= 11 * 20


def test_the_size_of_the_cache_depends_on_the_window_alone(monkeypatch, newsroom):
    monkeypatch.setattr("dedup.index.window._MIN_CAPACITY", 64)
    with HeadlineIndex.open(":memory:", window="24h") as index:
        for week in range(12):
            shifted = pl.col("published") + timedelta(days=7 * week)
            headlines = newsroom(400, seed=week, days=7, undated=0).with_columns(
                published=shifted, headline_id=pl.format("{}-{}", pl.lit(week), "headline_id")
            )
            index.add_many(in_time(headlines))
        live = index._session._cache
        assert index.stats().headlines == 12 * 400
        assert len(live) <= 400
        assert len(live._features) <= 1_200
        assert len(live._postings) <= len(live) * 100


def test_headlines_out_of_reach_are_evicted_and_others_stay_findable(newsroom, monkeypatch):
    monkeypatch.setattr("dedup.index.window._MIN_CAPACITY", 8)
    headlines = in_time(newsroom(300, days=20, undated=0.1))
    with HeadlineIndex.open(":memory:", window="24h") as small:
        monkeypatch.setattr("dedup.index.window._MIN_CAPACITY", 10_000)
        with HeadlineIndex.open(":memory:", window="24h") as large:
            for at in range(0, 300, 15):
                monkeypatch.setattr("dedup.index.window._MIN_CAPACITY", 8)
                small.add_many(headlines[at : at + 15])
                monkeypatch.setattr("dedup.index.window._MIN_CAPACITY", 10_000)
                large.add_many(headlines[at : at + 15])
            assert small.stats().cached < large.stats().cached
            assert (StoredState(small).pairs, StoredState(small).stories) == (
                StoredState(large).pairs,
                StoredState(large).stories,
            )


def test_an_empty_cache_has_no_candidates():
    settings = Settings()
    none = load_features([], settings)
    assert len(WindowCache(settings, none).find_candidates(none).features) == 0
