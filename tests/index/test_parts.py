"""The parts that an index is made of, beside slow and obvious ways to do the same."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import SettingError
from dedup.index.durations import parse_hours
from dedup.index.postings import KeyPostings, find_keys
from dedup.index.recurrence import DAY, RunDays, count_recurrences, title_hash
from dedup.matching.timeline import RECURS_WITHIN

ROW_BITS = 22


@given(st.lists(st.lists(st.integers(1, 30), max_size=12), max_size=25), st.data())
def test_postings_contain_the_keys_added_and_kept(batches, data):
    places, stored = KeyPostings(), []
    for batch in batches:
        rows = np.arange(len(stored), len(stored) + len(batch), dtype=np.uint64)
        places.add((np.array(batch, np.uint64) << np.uint64(ROW_BITS)) | rows)
        stored += batch
        if stored and data.draw(st.booleans()):
            kept = sorted(data.draw(st.sets(st.integers(0, len(stored) - 1))))
            places.keep(np.array(kept, np.int64), len(stored))
            stored = [stored[place] for place in kept]
    asked = sorted(data.draw(st.sets(st.integers(1, 30))))
    found = places.find(np.array(asked, np.uint64) << np.uint64(ROW_BITS))
    expected = [(key << ROW_BITS) | row for row, key in enumerate(stored) if key in asked]
    assert sorted(found.tolist()) == sorted(expected)
    assert len(places) == len(stored)


@pytest.mark.parametrize("spread", [64, 50, 24])
def test_keys_are_found_in_python_and_compiled_however_unevenly_they_are_spread(spread):
    rng = np.random.default_rng(spread)
    high, row_bits = rng.integers(0, 1 << (spread - ROW_BITS), 3_000, np.uint64), np.uint64((1 << ROW_BITS) - 1)
    high = np.concatenate([high[:2_000], high[:1_000] + np.uint64((1 << 42) - (1 << (spread - ROW_BITS)))])
    run = np.sort(high << np.uint64(ROW_BITS) | np.arange(len(high), dtype=np.uint64))
    keys = np.unique(np.concatenate([high[::7], rng.integers(0, 1 << 42, 200, np.uint64)])) << np.uint64(ROW_BITS)
    expected = run.searchsorted(keys), run.searchsorted(keys | row_bits, side="right")
    for find in (find_keys, find_keys.compiled):
        first, counts = np.empty((2, len(keys)), np.int64)
        find(run, keys, first, counts)
        np.testing.assert_array_equal(first, expected[0])
        np.testing.assert_array_equal(first + counts, expected[1])


@given(st.lists(st.integers(0, 33), max_size=40))
def test_earlier_days_of_a_title_are_counted_in_any_order(days):
    title, ran = title_hash("الضحى", "مواقيت الصلاه"), {}
    for at, day in enumerate(days):
        counts, changed = count_recurrences([title], [day * DAY + 5], ran)
        ran |= changed
        assert counts == [len({other for other in days[:at] if 0 < day - other <= RECURS_WITHIN})]


def test_days_of_more_than_a_month_ago_no_longer_count():
    days = RunDays(0)
    for day, expected in ((30, 1), (31, 1), (61, 1), (62, 1), (300, 0)):
        assert days.count_before(day) == expected
        days = days.with_day(day)
    assert days == RunDays(300)
    assert days.with_day(300) is days
    assert days.count_before(-1_000_000) == days.count_before(400) == 0


def test_a_title_without_outlet_or_letters_recurs_on_no_day():
    assert title_hash("", "كاريكاتير") == title_hash("الضحى", "") == 0
    assert count_recurrences([0, title_hash("الضحى", "خبر")], [5, None], {}) == ([0, 0], {})


@pytest.mark.parametrize(
    ("span", "expected"),
    [("72h", 72), ("90d", 2160), ("30m", 0.5), (" 2 w ", 336), ("1.5d", 36), (6, 6), (timedelta(days=1), 24)],
)
def test_durations_are_parsed(span, expected):
    assert parse_hours(span, "window") == expected


@pytest.mark.parametrize("span", ["", "d", "5", "5 years", "-3h", "٣"])
def test_invalid_durations_are_refused(span):
    with pytest.raises(SettingError, match="retention"):
        parse_hours(span, "retention")
