"""The join of blocking keys against one that looks at every two headlines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.arabic.vocabulary import tokenize
from dedup.core.hashing import mix64
from dedup.core.time_windows import NO_TIME
from dedup.errors import TooManyHeadlinesError
from dedup.matching.blocking import candidates
from dedup.matching.blocking.candidates import MAX_ROWS, NO_KEY, Candidates
from dedup.matching.blocking.join import BEYOND, DEPTH, join
from dedup.matching.blocking.shingles import code_points
from dedup.matching.blocking.word_pairs import word_pair_keys

KEYS_PER_HEADLINE = 3


@st.composite
def keyed_headlines(draw):
    """Times in order, those without one first, and some blocking keys of each headline."""
    count = draw(st.integers(0, 16))
    times = [draw(st.none() | st.integers(0, 20)) for _ in range(count)]
    times = sorted(NO_TIME if time is None else time for time in times)
    keys = [list(draw(st.sets(st.integers(1, 5), max_size=KEYS_PER_HEADLINE))) for _ in range(count)]
    keys = [[*row, *[0] * (KEYS_PER_HEADLINE - len(row))] for row in keys]
    named = np.array(keys, np.uint64).reshape(count, KEYS_PER_HEADLINE)
    return np.array(times, np.int64), np.where(named == 0, NO_KEY, mix64(named))


def one_by_one(keys, times, *, window, limit, since):
    """Each pair with its smallest bucket size, and the number of pairs that the limit left out."""
    bucket_sizes, left_out = {}, 0
    for right in range(since, len(times)):
        buckets = []
        for key in sorted(keys[right][keys[right] != NO_KEY]):
            earlier = [row for row in reversed(range(right)) if key in keys[row]]
            undated = [row for row in earlier if times[row] == NO_TIME]
            dated = [row for row in earlier if times[row] != NO_TIME and times[right] - times[row] <= window]
            buckets.append(dated + undated)
        latest = {row for bucket in buckets for row in bucket[:limit]}
        beyond = [row for bucket in buckets for row in bucket[limit : DEPTH * limit] if row not in latest]
        twice = list(dict.fromkeys(row for place, row in enumerate(beyond) if row in beyond[:place]))
        paired = latest.union(twice[: BEYOND * limit])
        left_out += sum(len(bucket[DEPTH * limit :]) for bucket in buckets) + len(set(beyond) - paired)
        for left in paired:
            bucket_sizes[left, right] = min(len(bucket) for bucket in buckets if left in bucket[: DEPTH * limit])
    return bucket_sizes, left_out


@given(keyed_headlines(), st.integers(0, 25), st.integers(1, 6), st.integers(0, 17))
def test_headlines_are_paired_with_the_latest_of_a_bucket_and_beyond_them_with_those_that_share_two_keys(
    headlines, window, limit, since
):
    times, keys = headlines
    found = join(keys, times, window=window, limit=limit, since=since)
    pairs = list(zip(found.left.tolist(), found.right.tolist(), strict=True))
    bucket_sizes, left_out = one_by_one(keys, times, window=window, limit=limit, since=since)
    assert dict(zip(pairs, found.bucket_size.tolist(), strict=True)) == bucket_sizes
    assert pairs == sorted(bucket_sizes, key=lambda pair: pair[::-1])
    assert found.left_out == left_out


def keys_of(*rows):
    """Blocking keys of headlines, each a text of one letter per key."""
    width = max(map(len, rows))
    named = np.array([[ord(letter) for letter in row] + [0] * (width - len(row)) for row in rows], np.uint64)
    return np.where(named == 0, NO_KEY, mix64(named))


def pairs_with_last(*rows, limit):
    """The rows that the last of some headlines, an hour apart, is paired with."""
    found = join(keys_of(*rows), np.arange(len(rows)), window=len(rows), limit=limit, since=len(rows) - 1)
    return found.left.tolist(), found.left_out


def test_a_second_shared_key_reaches_beyond_the_limit_of_full_buckets_and_no_further_than_their_depth():
    flood = ["a", "b"] * 4
    assert pairs_with_last("ab", *flood, "ab", limit=1) == ([0, 7, 8], 6)
    assert pairs_with_last("ac", *flood, "ab", limit=1) == ([7, 8], 7)
    assert pairs_with_last("ab", *["a", "b"] * DEPTH, "ab", limit=1)[0] == [2 * DEPTH - 1, 2 * DEPTH]


def test_headlines_that_share_all_keys_are_paired_up_to_a_multiple_of_the_limit():
    for limit in (1, 3):
        found, left_out = pairs_with_last(*["ab"] * 40, limit=limit)
        assert len(found) == (1 + BEYOND) * limit
        assert found[-limit:] == [*range(39 - limit, 39)]
        assert left_out == (min(39, DEPTH * limit) - len(found)) + 2 * max(0, 39 - DEPTH * limit)


def test_the_bucket_size_of_a_pair_is_that_of_the_smallest_bucket_though_it_is_beyond_the_limit_there():
    found = join(keys_of("b", "ab", "b", "b", "ab"), np.arange(5), window=5, limit=1, since=4)
    assert dict(zip(found.left.tolist(), found.bucket_size.tolist(), strict=True)) == {1: 1, 3: 4}
    found = join(keys_of(*"bbb", "ab", "b", "ab"), np.arange(6), window=6, limit=1, since=5)
    assert dict(zip(found.left.tolist(), found.bucket_size.tolist(), strict=True)) == {3: 1, 4: 5}


@given(keyed_headlines(), st.integers(0, 25), st.integers(1, 6), st.integers(0, 17))
def test_a_join_since_a_row_gives_the_pairs_whose_later_headline_is_at_it_or_after(headlines, window, limit, since):
    times, keys = headlines
    whole = join(keys, times, window=window, limit=limit)
    part = join(keys, times, window=window, limit=limit, since=since)
    late = whole.take(np.flatnonzero(whole.right >= since))
    for name in ("left", "right", "bucket_size"):
        np.testing.assert_array_equal(getattr(part, name), getattr(late, name))


@pytest.mark.parametrize(("rows", "width"), [(0, 3), (4, 0), (4, 3)])
def test_no_keys_give_no_pairs(rows, width):
    found = join(np.full((rows, width), NO_KEY), np.arange(rows), window=9, limit=9)
    assert [len(part) for part in (found.left, found.right, found.bucket_size)] == [0, 0, 0]
    assert found.left_out == 0


def test_more_headlines_than_postings_can_number_raise_an_error_with_advice(monkeypatch):
    monkeypatch.setattr(candidates, "MAX_ROWS", 3)
    with pytest.raises(TooManyHeadlinesError, match="4 headlines share one window or have no time") as caught:
        join(np.ones((4, 1), np.uint64), np.arange(4), window=9, limit=9)
    assert (caught.value.headlines, caught.value.limit) == (4, 3)


def shared(*titles):
    """How many word-pair keys the first two titles share."""
    keys = word_pair_keys(tokenize(*code_points(titles)))
    one, other = (set(row[row != NO_KEY].tolist()) for row in keys[:2])
    return len(one & other)


def test_two_informative_words_make_a_key_whatever_their_order_and_company():
    assert shared("ميرخوفيتش في الزهراوية", "الزهراوية تستقبل الرئيس ميرخوفيتش") == 1


def test_one_informative_word_or_two_common_ones_make_no_key():
    assert shared("ميرخوفيتش في زياره", "استقاله ميرخوفيتش مفاجءه") == 0
    assert shared("من في علي", "علي من في") == 0


def test_a_repeated_word_makes_no_key_with_itself():
    keys = word_pair_keys(tokenize(*code_points(["ميرخوفيتش ميرخوفيتش", "ميرخوفيتش"])))
    assert (keys == NO_KEY).all()


@settings(max_examples=25)
@given(st.lists(st.text(alphabet="ابتثجح ", max_size=60), max_size=5))
def test_the_keys_of_a_headline_are_distinct(titles):
    for row in word_pair_keys(tokenize(*code_points(titles))):
        held = row[row != NO_KEY]
        assert len(set(held.tolist())) == len(held)


def test_pair_codes_are_distinct_at_the_maximum_number_of_rows():
    one, last = np.array([0, 1, 2], np.int32), np.array([MAX_ROWS - 1] * 3, np.int32)
    codes = Candidates(one, last, one, 0).codes(MAX_ROWS)
    assert codes.tolist() == [(MAX_ROWS - 1) * MAX_ROWS + row for row in range(3)]
