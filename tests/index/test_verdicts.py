"""What an index answers, and what it takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl
import pytest

from dedup import HeadlineIndex, Verdict, find_duplicates, read_feeds
from dedup.errors import InputError, SettingError, UnknownHeadlineError, UnknownStoryError
from dedup.frames import HEADLINES
from tests.index.conftest import StoredState, in_time

FLOOD = "مصرع 5 أشخاص في سيول جارفة اجتاحت وادي السرو"
AGAIN = "عاجل | مصرع خمسة أشخاص في سيول جارفة اجتاحت وادى السرو"
FIRE = "حريق هائل يلتهم سوق الزهراوية القديم دون إصابات"


def record(title, outlet, hour, **more):
    return {"title": title, "outlet": outlet, "published": f"2026-03-01T{hour:02}:00:00", **more}


def test_a_headline_without_matches_begins_a_story(index):
    verdict = index.add(record(FLOOD, "الضحى", 6, id="a"))
    assert verdict == Verdict("a", "a", True, "none", None, None, None, None, (), "الضحى", 1, False)


def test_a_verdict_on_a_copy_names_story_match_and_reasons(index):
    index.add(record(FLOOD, "الضحى", 6, id="a"))
    verdict = index.add(record(AGAIN, "المرفأ", 7, id="b"))
    assert (verdict.story_id, verdict.is_new_story, verdict.relation, verdict.matched_id) == ("a", False, "copy", "a")
    assert verdict.score > 0.9
    assert (verdict.first_outlet, verdict.n_outlets) == ("الضحى", 2)
    assert 1 <= len(verdict.reasons) <= 3
    assert any("(+" in reason for reason in verdict.reasons)


def test_reasons_are_signed_parts_of_the_score(index):
    index.add(record(FLOOD, "الضحى", 6))
    assert all(
        (reason[-1] == ")" and "(+" in reason) or "(-" in reason for reason in index.add(record(AGAIN, "", 7)).reasons
    )


def test_a_headline_that_contradicts_the_closest_says_why_it_does_not_match(index):
    place = "مصرع عامل وإصابة اثنين بسقوط سقالة في مصنع {} للأسمدة"
    index.add(record(place.format("المرجان"), "الضحى", 6, id="a"))
    verdict = index.add(record(place.format("النخيل"), "المرفأ", 7, id="b"))
    assert (verdict.relation, verdict.matched_id, verdict.related_story_id) == ("related", None, "a")
    assert verdict.reasons == ("no match whatever the score: each names a place that the other does not",)
    assert index.add(record(place.format("النخيل"), "السدرة", 8, id="c")).matched_id == "b"
    assert index.add(record(place.format("النخيل"), "المرفأ", 7, id="b")).reasons == ()


def test_a_standing_title_says_that_it_is_one(index):
    verdicts = [index.add(record("حالة الطقس المتوقعة اليوم", outlet, 6)) for outlet in ("الضحى", "المرفأ")]
    assert [verdict.relation for verdict in verdicts] == ["none", "none"]
    assert verdicts[0].reasons == ()
    assert verdicts[1].reasons[0].startswith("no match whatever the score: a standing title")


def test_a_repeated_item_is_known_and_changes_nothing(index):
    index.add_many([record(FLOOD, "الضحى", 6, url="https://duha.example/1"), record(AGAIN, "المرفأ", 7)])
    before, first = StoredState(index).pairs, index.stats()
    for item in (record(FLOOD, "الضحى", 6, url="https://duha.example/1"), record(AGAIN, "المرفأ", 7)):
        verdict = index.add(item)
        assert (verdict.known, verdict.is_new_story, verdict.reasons) == (True, False, ())
    assert verdict.relation == "copy"
    assert verdict.score == pytest.approx(next(iter(before.values()))[0])
    assert verdict.matched_id == next(iter(before))[0]
    assert (index.stats().headlines, StoredState(index).pairs) == (first.headlines, before)


def test_a_batch_may_hold_known_and_new_items(index):
    index.add(record(FLOOD, "الضحى", 6, id="a"))
    verdicts = index.add_many(
        [record(FIRE, "السدرة", 8, id="c"), record(FLOOD, "الضحى", 6, id="a"), record(AGAIN, "", 7, id="b")]
    )
    assert [(one.headline_id, one.known, one.story_id) for one in verdicts] == [
        ("c", False, "c"),
        ("a", True, "a"),
        ("b", False, "a"),
    ]


def test_check_gives_the_verdict_of_add_and_writes_nothing(index, newsroom):
    headlines = in_time(newsroom(200))
    for at in range(0, 200, 8):
        batch = headlines[at : at + 8]
        checked = index.check_many(batch)
        assert index.stats().headlines == at
        assert list(checked) == list(index.add_many(batch))


def test_the_number_of_outlets_grows_with_the_story(index):
    seen = [index.add(record(FLOOD, outlet, hour)).n_outlets for hour, outlet in enumerate(("أ", "ب", "ب", "", "ج"))]
    assert seen == [1, 2, 2, 2, 3]


def test_no_outlet_is_first_on_a_tie_or_without_times(index):
    index.add(record(FLOOD, "الضحى", 6))
    assert index.add(record(AGAIN, "المرفأ", 6)).first_outlet is None
    assert index.add({"title": FIRE, "outlet": "السدرة"}).first_outlet is None


@dataclass
class Item:
    title: str
    outlet: str
    published: datetime


@pytest.mark.parametrize(
    "item",
    [FLOOD, {"title": FLOOD}, Item(FLOOD, "الضحى", datetime(2026, 3, 1, tzinfo=UTC))],
    ids=["a string", "a dict", "a dataclass"],
)
def test_records_of_every_kind_are_taken(index, item):
    assert index.add(item).is_new_story
    assert not index.check(AGAIN).is_new_story


def test_frames_and_feeds_are_taken_with_the_ids_of_a_scan(index):
    frame = pl.DataFrame([record(FLOOD, "الضحى", 6), record(AGAIN, "المرفأ", 7)])
    ids = find_duplicates(frame).headlines["headline_id"].to_list()
    assert [one.headline_id for one in index.add_many(frame)] == ids


def test_feeds_are_taken_as_they_were_read(index, tmp_path):
    (tmp_path / "news.jsonl").write_text(f'{{"title": "{FLOOD}"}}\n{{"title": 5}}\nno json\n', encoding="utf-8")
    verdicts = index.add_many(read_feeds(tmp_path))
    assert (len(verdicts), verdicts.skipped["place"].to_list()) == (2, ["line 3"])


def test_records_that_cannot_be_used_are_named_and_the_others_remembered(index):
    verdicts = index.add_many([record(FLOOD, "الضحى", 6), {"title": "  "}, 7])
    assert len(verdicts) == 1
    assert sorted(verdicts.skipped["place"]) == ["row 2", "row 3"]
    assert index.stats().headlines == 1


def test_a_batch_of_nothing_usable_is_no_error(index):
    verdicts = index.add_many([{"language": "ar"}])
    assert (len(verdicts), len(verdicts.skipped)) == (0, 1)
    assert len(index.add_many([])) == 0


@pytest.mark.parametrize("call", ["add", "check"])
def test_one_headline_that_cannot_be_used_is_an_error(index, call):
    with pytest.raises(InputError, match="title"):
        getattr(index, call)({"title": " "})


def test_verdicts_are_a_frame_too(index):
    verdicts = index.add_many([record(FLOOD, "الضحى", 6), record(AGAIN, "المرفأ", 7)])
    assert verdicts.frame["is_new_story"].to_list() == [True, False]
    assert verdicts.frame.columns == [*Verdict.__dataclass_fields__]
    assert index.add_many([]).frame.columns == verdicts.frame.columns


def test_headlines_without_letters_match_nothing(index):
    assert all(index.add({"title": "!!!", "outlet": name}).is_new_story for name in ("أ", "ب", "ج"))


def test_a_story_lists_its_headlines_and_outlets(index):
    for hour, (title, outlet) in enumerate(((FLOOD, "الضحى"), (FIRE, ""), (AGAIN, "المرفأ"), (FLOOD, "الضحى"))):
        index.add(record(title, outlet, hour, id=f"h{hour}"))
    story = index.story("h0")
    assert (story.story_id, story.headlines["headline_id"].to_list()) == ("h0", ["h0", "h2", "h3"])
    assert story.outlets == ("الضحى", "المرفأ")


def test_matches_are_found_from_both_sides(index):
    index.add_many([record(FLOOD, "الضحى", 6, id="a"), record(AGAIN, "المرفأ", 9, id="b"), record(FIRE, "", 9, id="c")])
    for one, other in (("a", "b"), ("b", "a")):
        matches = index.matches(one)
        assert matches.select("headline_id", "story_id", "relation", "hours_apart").rows() == [
            (other, "a", "copy", 3.0)
        ]
    assert index.matches("c").is_empty()


@pytest.mark.parametrize("title", ["سيول \ud83d جارفة", "\udcff"])
def test_lone_surrogates_are_replaced_and_named(index, title):
    record = {"title": title, "outlet": "\ud800", "id": "\ud800", "published": "\ud800", "url": "\ud800"}
    verdicts = index.add_many([record, {"title": FLOOD}])
    assert len(verdicts) == 2
    assert "bytes that are not text" in verdicts.skipped["reason"][0]
    assert index.add(record).known
    assert index.similar(title, outlet="\ud800").height <= 2
    for call, unknown in ((index.story, UnknownStoryError), (index.matches, UnknownHeadlineError)):
        with pytest.raises(unknown):
            call("\ud800")


def test_a_frame_with_nulls_is_read_like_any_other(index):
    rows = {"headline_id": [None, "b", "c"], "outlet": [None, "", None], "title": [None, FLOOD, FLOOD], "url": None}
    frame = pl.DataFrame(rows | {"published": None, "source": None}, schema=dict(HEADLINES))
    verdicts = index.add_many(frame)
    assert [one.headline_id for one in verdicts] == ["b", "c"]
    assert verdicts.skipped["reason"].to_list() == ["no title"]


def test_a_time_in_the_far_future_evicts_nothing(index):
    rows = {"headline_id": ["a", "b"], "outlet": "", "title": [FLOOD, FIRE], "url": None, "source": ""}
    times = {"published": [datetime(9999, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, 6, tzinfo=UTC)]}
    index.add(record(FLOOD, "الضحى", 5) | {"id": "c"})
    index.add_many(pl.DataFrame(rows | times, schema=dict(HEADLINES)))
    assert index.stats().undated == 1
    assert index.check(record(AGAIN, "المرفأ", 7)).matched_id is not None
    assert index.prune(before="90d") == 0


@pytest.mark.parametrize("data", [None, 5, pl.LazyFrame({"title": [FLOOD]}), FLOOD, {"title": FLOOD}])
def test_data_without_records_is_refused_with_the_accepted_types(index, data):
    for call in (index.add_many, index.check_many):
        with pytest.raises(SettingError, match="an iterable of mappings, dataclasses or strings"):
            call(data)


def test_unknown_ids_are_errors_that_say_so(index):
    with pytest.raises(UnknownStoryError, match="'x'"):
        index.story("x")
    with pytest.raises(UnknownHeadlineError, match="'x'"):
        index.matches("x")


def test_a_story_that_became_part_of_an_older_one_is_found_by_its_own_id(index, newsroom):
    headlines = in_time(newsroom(1200))
    verdicts = [verdict for at in range(0, 1200, 10) for verdict in index.add_many(headlines[at : at + 10])]
    merged = 0
    for verdict in verdicts:
        story = index.story(verdict.story_id)
        assert verdict.headline_id in story.headlines["headline_id"]
        merged += story.story_id != verdict.story_id
    assert merged > 5


def test_the_id_of_a_story_is_that_of_an_older_headline_for_ever(index, newsroom):
    headlines, places = in_time(newsroom(300)), {}
    for at in range(0, 300, 10):
        batch = headlines[at : at + 10]
        places |= {one: at for at, one in enumerate(batch["headline_id"], len(places))}
        before = StoredState(index).stories
        index.add_many(batch)
        for headline, story in StoredState(index).stories.items():
            assert places[story] <= places[before.get(headline, headline)]


def test_stats_count_what_a_scan_counts(index, newsroom):
    headlines = in_time(newsroom(200))
    index.add_many(headlines)
    stats, stored = index.stats(), StoredState(index)
    assert (stats.headlines, stats.matches) == (200, len(stored.pairs))
    assert stats.stories == len(set(stored.stories.values()))
    assert stats.undated == headlines["published"].null_count()
    assert (stats.first, stats.last) == (headlines["published"].min(), headlines["published"].max())
    assert stats.cached == 200


def test_an_empty_index_answers(index):
    assert (index.stats().headlines, index.stats().first, index.stats().cached) == (0, None, None)
    assert index.result().headlines.is_empty()
    index.rebuild()
    assert index.check(FLOOD).is_new_story


def test_threads_may_share_an_index(tmp_path, newsroom):
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - for this test

    headlines = newsroom(120)
    with HeadlineIndex.open(tmp_path / "i.db") as index, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda at: index.add_many(headlines[at : at + 10]), range(0, 120, 5)))
        assert index.stats().headlines == 120


def test_a_headline_without_a_match_names_the_closest_story_of_its_running_story(index):
    title = "هبوط الطائرة الثالثة للمساعدات في مطار السرو"
    later = "هبوط الطائرة الرابعة للمساعدات في مطار السرو"
    first = index.add({"title": title, "outlet": "الضحى", "published": "2026-03-01T08:00"})
    second = index.add({"title": later, "outlet": "المرفأ", "published": "2026-03-01T20:00"})
    assert (first.relation, first.related_story_id, first.related_score) == ("none", None, None)
    assert (second.relation, second.related_story_id, second.matched_id) == ("related", first.story_id, None)
    assert 0.5 < second.related_score <= 1
    assert index.result().related["related_id"].to_list() == [first.story_id, second.story_id][::-1]
