"""One headline against many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest

from dedup.frames import HEADLINES
from dedup.matching.scoring.model import load_model
from dedup.matching.similar import HUBS, similar
from dedup.pipeline import find_duplicates

DAWN = datetime(2026, 3, 3, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def headlines():
    rows = [
        ("a", "الضحى", "مصرع 5 أشخاص في سيول جارفة اجتاحت وادي السرو", DAWN),
        ("b", "المرفأ", "سيول جارفة تجتاح وادي السرو ومصرع خمسة أشخاص", DAWN + timedelta(hours=1)),
        ("c", "السدرة", "فرسان التلال يهزم نجوم الميناء بثلاثية", DAWN),
        ("d", "الراصد", "سيول جارفة تجتاح وادي السرو ومصرع 5 أشخاص", DAWN - timedelta(days=9)),
        ("e", "الراصد", "!!!", DAWN),
    ]
    return pl.DataFrame(
        [(i, outlet, title, None, at, "x") for i, outlet, title, at in rows], schema=HEADLINES, orient="row"
    )


def test_results_are_sorted_by_closeness_and_exclude_unrelated_headlines(headlines):
    found = similar("سيول جارفة تجتاح وادي السرو ومصرع 5 أشخاص", headlines)
    assert found["headline_id"].to_list()[:1] in (["b"], ["d"])
    assert set(found["headline_id"]) == {"a", "b", "d"}
    assert found["closeness"].is_sorted(descending=True)
    assert (found["closeness"] >= found["related_score"]).all()
    assert found["relation"][0] == "copy"


def test_a_time_limits_the_search_to_the_window(headlines):
    found = similar("سيول وادي السرو", headlines, published=DAWN)
    assert set(found["headline_id"]) == {"a", "b"}


def test_a_weekly_column_is_no_match_although_its_earlier_issues_are_outside_of_the_window():
    rows = [(str(week), "الضحى", "نافذة على البحر", None, DAWN - timedelta(weeks=week), "x") for week in range(5)]
    found = similar("نافذة على البحر", pl.DataFrame(rows, schema=HEADLINES, orient="row"), published=DAWN)
    assert found.select("headline_id", "relation").rows() == [("0", "none")]


def test_equal_moments_in_any_zone_give_equal_results(headlines):
    moments = [DAWN, DAWN.astimezone(timezone(timedelta(hours=3))), DAWN.replace(tzinfo=None)]
    found = [similar("سيول وادي السرو", headlines, published=moment) for moment in moments]
    assert found[0].height == 2
    assert found[1].equals(found[0])
    assert found[2].equals(found[0])


def test_the_headlines_of_a_scan_can_be_searched(headlines):
    scanned = find_duplicates(headlines).headlines
    found = similar("سيول وادي السرو", scanned)
    assert set(found["headline_id"]) == {"a", "b", "d"}
    assert found.columns == [
        "closeness",
        "through",
        "score",
        "related_score",
        "relation",
        "hours_apart",
        "ruled_out_by",
        *HEADLINES,
    ]


def test_a_headline_that_contradicts_one_with_a_high_score_names_the_rule():
    headlines = find_duplicates(
        ["البرازيل تهزم الأرجنتين في افتتاح البطولة", "افتتاح البطولة بلقاء البرازيل"]
    ).headlines
    found = similar("الأرجنتين تهزم البرازيل في افتتاح البطولة", headlines)
    assert found["score"][0] >= load_model().thresholds["default"]
    assert found["relation"][0] == "related"
    assert found["ruled_out_by"].to_list() == ["the same names stand in exchanged roles", None]
    assert similar(headlines["title"][0], headlines)["ruled_out_by"].to_list() == [None, None]


def test_a_headline_that_shares_no_word_is_found_by_way_of_one_that_is_related():
    titles = [
        "وزير الري يتفقد سد الغدير بعد انهيار جداره",
        "انهيار جدار سد الغدير يغرق ثلاث قرى في وادي السرو",
        "إجلاء سكان ثلاث قرى في وادي السرو",
        "فرسان التلال يهزم نجوم الميناء بثلاثية",
    ]
    headlines = find_duplicates(titles[1:]).headlines
    found = similar(titles[0], headlines)
    assert found["title"].to_list() == titles[1:3]
    ids = dict(headlines.select("title", "headline_id").iter_rows())
    assert found["through"].to_list() == [None, ids[titles[1]]]
    step = similar(titles[1], headlines.filter(title=titles[2]))["related_score"].item()
    assert found["closeness"].to_list() == pytest.approx(
        [found["related_score"][0], min(found["related_score"][0], step)], abs=0.02
    )


def test_copies_of_the_headline_leave_room_for_those_that_lead_further():
    query = "وزير الري يتفقد سد الغدير بعد انهيار جداره"
    titles = ["انهيار جدار سد الغدير يغرق ثلاث قرى في وادي السرو", "إجلاء سكان ثلاث قرى في وادي السرو"]
    rows = [(str(row), f"o{row}", title, None, None, "x") for row, title in enumerate([*titles, *[query] * HUBS])]
    found = similar(query, pl.DataFrame(rows, schema=HEADLINES, orient="row"))
    assert found.height == len(rows)
    assert found.filter(headline_id="1")["through"].to_list() == ["0"]


def test_a_headline_close_to_one_that_is_hardly_related_is_not_listed():
    headlines = find_duplicates(["محافظ السرو يفتتح معرض الكتاب", "إقبال كبير على معرض الكتاب في يومه الأول"]).headlines
    found = similar("إصابة محافظ سابق في حادث سير", headlines)
    assert headlines["title"][1] not in found["title"]


def test_a_headline_without_letters_has_no_similar_headlines(headlines):
    assert similar("؟!", headlines).height == 0


def test_an_empty_frame_gives_no_similar_headlines(headlines):
    assert similar("سيول وادي السرو", headlines.clear()).height == 0
