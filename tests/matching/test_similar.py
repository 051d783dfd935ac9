"""One headline against many."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import polars as pl
import pytest

from dedup.arabic.keys import add_keys
from dedup.frames import HEADLINES
from dedup.matching.blocking.candidates import Candidates
from dedup.matching.evidence.compute import LITTLE_OVERLAP, compute_evidence
from dedup.matching.features import headline_features
from dedup.matching.scoring.model import load_model
from dedup.matching.similar import CLOSE, HUB_SCORE, HUBS, similar
from dedup.matching.timeline import with_recurrence
from dedup.pipeline import find_duplicates
from dedup.settings import Settings

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


SUBJECTS = (
    "انهيار جدار سد الغدير يغرق ثلاث قرى وادي السرو",
    "سيول جارفة تجتاح وادي السرو مصرع خمسة أشخاص",
    "وزير الري يتفقد سد الغدير ويعد سكان القرى بتعويض",
    "فرسان التلال يهزم نجوم الميناء بثلاثية في النهائي",
)
"""What the generated headlines take most of their words from."""


def generated(seed):
    """A headline, and undated ones of few words, of which some are equal and one has no letter."""
    choose = random.Random(seed)  # noqa: S311 - no secret
    words = " ".join(SUBJECTS).split()

    def title():
        subject = choose.choice(SUBJECTS).split()
        return " ".join(choose.sample(subject, choose.randint(2, 5)) + choose.sample(words, choose.randint(0, 3)))

    titles = [title() for _ in range(40)]
    titles += [choose.choice(titles) for _ in range(5)] + ["!!!"]
    rows = [(f"{choose.getrandbits(32):08x}", choose.choice("أبت"), text, None, None, "x") for text in titles]
    return title(), pl.DataFrame(rows, schema=HEADLINES, orient="row").unique("headline_id")


def closeness_pair_by_pair(title, headlines):
    """Closeness of the listed headlines by their ids, and by way of which; found by looking at all pairs one by one."""
    query = pl.DataFrame([("", "", title, None, None, "")], schema=HEADLINES, orient="row")
    parts = [headline_features(with_recurrence(add_keys(part)), Settings()) for part in (headlines, query)]
    features = parts[0].concat(parts[1])
    features = replace(features, information=features.words.weight)
    ids = headlines.sort("headline_id")["headline_id"].to_list()
    last = len(ids)
    words = [set(stems[:length]) for stems, length in zip(features.words.stem, features.words.length, strict=True)]
    keys = [{int(key) >> 22 for key in row if key} for row in features.blocking_keys]

    def bucket(left, right):
        return min((sum(key in others for others in keys) - 1 for key in keys[left] & keys[right]), default=0)

    def related_scores(pairs, min_overlap):
        pairs = sorted(pairs, key=lambda pair: pair[::-1])
        left, right = np.array(pairs, np.int32).reshape(-1, 2).T
        size = np.array([bucket(*pair) for pair in pairs], np.int32)
        found = compute_evidence(features, Candidates(left, right, size, 0), min_overlap=min_overlap)
        compared = zip(found.candidates.left.tolist(), found.candidates.right.tolist(), strict=True)
        return dict(zip(compared, load_model().scores(found.columns).related_score.tolist(), strict=True))

    def sharing(row, rows):
        pairs = ((min(row, other), max(row, other)) for other in rows if other != row)
        return {(one, other) for one, other in pairs if words[one] & words[other] or keys[one] & keys[other]}

    direct = related_scores(sharing(last, range(last)), LITTLE_OVERLAP)
    hubs = {}
    for (row, _), score in sorted(direct.items(), key=lambda item: (-item[1], item[0])):
        if score >= HUB_SCORE and len(hubs) < HUBS:
            hubs.setdefault(features.key[row], row)
    steps = related_scores(set().union(*(sharing(hub, range(last)) for hub in hubs.values())), LITTLE_OVERLAP)
    paths = {}
    for row in range(last):
        ways = [(direct.get((row, last), 0.0), 1, 0)]
        for hub in hubs.values():
            step = steps.get((min(row, hub), max(row, hub)), 0.0)
            ways.append((min(direct[hub, last], step), 0, -hub))
        score, is_direct, hub = max(ways)
        if (row, last) in direct or score >= CLOSE:
            paths[row] = (score, None if is_direct else ids[-hub])
    further = related_scores({(row, last) for row in paths if (row, last) not in direct}, 0)
    paths |= {row: (score, None) for (row, _), score in further.items() if score > paths[row][0]}
    return {ids[row]: path for row, path in paths.items()}


@pytest.mark.parametrize("seed", range(6))
def test_closeness_is_the_best_of_all_paths_of_one_or_two_steps(seed):
    title, headlines = generated(seed)
    found = similar(title, headlines)
    expected = closeness_pair_by_pair(title, headlines)
    paths = {row["headline_id"]: (row["closeness"], row["through"]) for row in found.iter_rows(named=True)}
    assert len(paths) == found.height
    assert found["through"].drop_nulls().len() > 0
    assert paths == {row: (pytest.approx(score, abs=1e-6), through) for row, (score, through) in expected.items()}


@pytest.mark.parametrize("published", [None, DAWN])
def test_the_order_of_the_headlines_does_not_matter(published):
    title, headlines = generated(7)
    found = similar(title, headlines, published=published)
    assert found.height > 10
    assert similar(title, headlines.reverse(), published=published).equals(found)
