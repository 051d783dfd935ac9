"""Offsets of clocks are found where they were planted, and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import dedup
from dedup.coverage.clocks import correct_times, estimate_clocks
from dedup.frames import CLOCKS, MATCHES

START = datetime(2026, 3, 1, tzinfo=UTC)
OUTLETS = ("الضحى", "المرفأ", "السدرة", "واحة", "القبس الجديد", "المنارة", "السنابل", "الميناء", "صدى التلال")
SPEEDS = {
    "usual": lambda random, count: random.exponential(0.25, count),
    "fast": lambda random, count: random.exponential(0.05, count),
    "slow": lambda random, count: random.lognormal(np.log(1.0), 0.7, count),
    "very slow": lambda random, count: random.lognormal(np.log(2.5), 0.8, count),
    "varying": lambda random, count: random.uniform(0, 6, count),
    "batches": None,
}


def news_week(seed, planted=None, speeds=None, *, stories=700, share=0.35):
    """METADATA and MATCHES of a week: each story is published by a share of the outlets, with the lags of their speed.

    Args:
        seed: of the random numbers.
        planted: hours by which the clock of an outlet is late.
        speeds: names of SPEEDS by outlet, "usual" for the others. "batches" publishes at 8 and 20 o'clock only.
        stories: number of stories.
        share: of the outlets that publish a story.
    """
    random = np.random.default_rng(seed)
    # Newsrooms sleep: three of four stories fall between 8 and 20 o'clock.
    hour = np.where(random.random(stories) < 0.75, random.uniform(8, 20, stories), random.uniform(0, 24, stories))
    begun = 24.0 * random.integers(0, 7, stories) + hour
    rows = []
    for outlet in OUTLETS:
        runs = np.flatnonzero(random.random(stories) < share)
        speed = (speeds or {}).get(outlet, "usual")
        if speed == "batches":
            time = 12 * np.ceil((begun[runs] - 8) / 12) + 8 + random.uniform(0, 0.1, len(runs))
        else:
            time = begun[runs] + SPEEDS[speed](random, len(runs))
        time = time + (planted or {}).get(outlet, 0.0)
        rows += [(int(story), outlet, START + timedelta(hours=float(at))) for story, at in zip(runs, time, strict=True)]
    metadata = pl.DataFrame(rows, schema=["story", "outlet", "published"], orient="row").sort("published")
    metadata = metadata.with_row_index("row")
    pairs = metadata.join(metadata, on="story", suffix="_b").filter(pl.col("row") < pl.col("row_b"))
    matches = pairs.select(left="row", right="row_b", score=pl.lit(0.99, pl.Float32), relation=pl.lit("copy")).sort(
        "right", "left"
    )
    return metadata, matches.cast(MATCHES)


def found(metadata, matches):
    return dict(estimate_clocks(metadata, matches).select("outlet", "clock_offset_hours").iter_rows())


@pytest.mark.parametrize("hours", [-11, -5.5, -3, -2, -1, -0.5, 0.5, 1, 2, 3, 3.5, 9])
def test_a_planted_offset_is_found_with_its_interval_and_support(hours):
    clocks = estimate_clocks(*news_week(1, {"السدرة": hours}))
    [clock] = clocks.to_dicts()
    assert (clock["outlet"], clock["clock_offset_hours"], clock["clock_fixed"]) == ("السدرة", hours, False)
    assert clock["clock_offset_low"] < clock["clock_offset_high"]
    assert abs(clock["clock_offset_low"] + clock["clock_offset_high"] - 2 * hours) < 0.5
    assert clock["clock_support"] >= 100
    assert clock["clock_partners"] == len(OUTLETS) - 1


def test_offsets_planted_at_random_are_found_and_no_others_over_many_weeks():
    """Over 40 weeks, each with fast, slow, varying and batch outlets beside two of usual speed with wrong clocks."""
    correct = wrong = missed = 0
    for seed in range(40):
        random = np.random.default_rng(1000 + seed)
        names = random.permutation(OUTLETS)
        planted = dict(
            zip(names[:2].tolist(), random.choice([-3, -2, -1, -0.5, 0.5, 1, 2, 3, 8], 2).tolist(), strict=True)
        )
        kinds = random.choice(["fast", "slow", "very slow", "varying", "batches"], 3)
        clocks = found(*news_week(seed, planted, dict(zip(names[2:5].tolist(), kinds.tolist(), strict=True))))
        correct += sum(clocks.get(name) == hours for name, hours in planted.items())
        missed += sum(name not in clocks for name in planted)
        wrong += sum(planted.get(name) != hours for name, hours in clocks.items())
    assert correct / max(1, correct + wrong) >= 0.98, f"{wrong} wrong"
    assert correct / 80 >= 0.85, f"{missed} missed"


@pytest.mark.parametrize("speed", ["fast", "slow", "very slow", "varying", "batches"])
def test_an_outlet_of_another_speed_has_no_offset(speed):
    for seed in range(10):
        assert found(*news_week(seed, speeds={"واحة": speed})) == {}
        assert found(*news_week(seed, speeds={"واحة": speed, "الضحى": speed})) == {}


def test_several_outlets_with_one_offset_are_relative_to_the_larger_group():
    planted = dict.fromkeys(OUTLETS[:3], 3.0)
    assert found(*news_week(4, planted)) == planted
    assert found(*news_week(4, dict.fromkeys(OUTLETS[:6], 3.0))) == dict.fromkeys(OUTLETS[6:], -3.0)


def test_two_outlets_alone_cannot_be_judged():
    metadata, matches = news_week(5, {"الضحى": 3.0}, share=0.9)
    two = metadata["outlet"].is_in(OUTLETS[:2]).arg_true()
    assert (
        found(metadata, matches.filter(pl.col("left").is_in(two.implode()), pl.col("right").is_in(two.implode()))) == {}
    )


def test_two_groups_of_equal_size_cannot_be_judged():
    metadata, matches = news_week(6, dict.fromkeys(OUTLETS[:4], 3.0))
    eight = metadata["outlet"].is_in(OUTLETS[:8]).arg_true().implode()
    assert found(metadata, matches.filter(pl.col("left").is_in(eight), pl.col("right").is_in(eight))) == {}


def test_few_copies_are_no_evidence():
    assert found(*news_week(7, {"الضحى": 3.0}, stories=12)) == {}


def test_rewrites_and_undated_and_unnamed_headlines_are_no_evidence():
    metadata, matches = news_week(8, {"الضحى": 3.0})
    rewrites = matches.with_columns(relation=pl.lit("same-news"))
    undated = metadata.with_columns(published=pl.lit(None, metadata.schema["published"]))
    unnamed = metadata.with_columns(outlet=pl.lit(""))
    for frame, pairs in ((metadata, rewrites), (undated, matches), (unnamed, matches), (metadata, matches.clear())):
        assert estimate_clocks(frame, pairs).schema == pl.Schema(CLOCKS)
        assert estimate_clocks(frame, pairs).is_empty()


def test_corrected_times_have_no_offset_left():
    metadata, matches = news_week(9, {"الضحى": 3.0, "واحة": -2.0})
    corrected = correct_times(metadata, estimate_clocks(metadata, matches))
    assert corrected["published"].dtype == metadata["published"].dtype
    assert found(corrected, matches) == {}


WORDS = ("سيول", "حريق", "زلزال", "افتتاح", "مباراة", "قافلة", "معرض", "إضراب", "اتفاق", "وفاة")
PLACES = ("وادي السرو", "هضبة الريحان", "ميناء النخيل", "جسر العنادل", "قرية الصفصاف", "سهل الزعفران", "جبل الغار")


@pytest.fixture(scope="module")
def late_week():
    """Headlines of five outlets that copy each other, one of them three hours late by its clock."""
    random = np.random.default_rng(3)
    rows = []
    for number in range(150):
        begun = 5 + number + random.uniform(0, 1)
        words = random.permutation(WORDS)[:2]
        title = f"{words[0]} و{words[1]} في {random.choice(PLACES)} يشمل {number + 1000} شخصا من حي {2000 + 7 * number}"
        for outlet in OUTLETS[:5]:
            if random.random() < 0.6:
                hours = begun + random.exponential(0.2) + (3 if outlet == "المرفأ" else 0)
                rows.append({"outlet": outlet, "title": title, "published": START + timedelta(hours=hours)})
    return rows


def test_a_scan_reports_the_offset_and_leaves_the_times(late_week):
    result = dedup.find_duplicates(late_week)
    clock = result.outlets.drop_nulls("clock_offset_hours").row(0, named=True)
    assert (clock["outlet"], clock["clock_offset_hours"], clock["clock_fixed"]) == ("المرفأ", 3.0, False)
    assert [clock["outlet"] for clock in result.summary["clocks"]] == ["المرفأ"]
    assert result.headlines["published"].sort().to_list() == sorted(row["published"] for row in late_week)


def test_fixing_clocks_shifts_the_times_and_who_was_first(late_week):
    before, after = (dedup.find_duplicates(late_week, fix_clocks=fix) for fix in (False, True))
    firsts = [dict(result.outlets.select("outlet", "first").iter_rows())["المرفأ"] for result in (before, after)]
    assert firsts[0] < firsts[1] / 5
    late = {row["published"] - timedelta(hours=3) for row in late_week if row["outlet"] == "المرفأ"}
    assert set(after.headlines.filter(pl.col("outlet") == "المرفأ")["published"]) == late
    assert [(clock["outlet"], clock["clock_fixed"]) for clock in after.summary["clocks"]] == [("المرفأ", True)]
    assert after.at(0.99).summary["clocks"] == after.summary["clocks"]
    assert after.headlines.height == before.headlines.height
    narrowed = after.coverage.narrow(outlet="المرفأ").outlets
    assert narrowed.drop_nulls("clock_offset_hours")["clock_offset_hours"].to_list() == [3.0]
