"""Ids stay distinct, short and cheap however many items share them."""

from __future__ import annotations

import polars as pl
import pytest

from dedup.feeds.fields.identity import MAX_ID, _numbered
from dedup.feeds.read import headlines_from

LINE = "حريق كبير في ميناء الصويرة"


def ids(records):
    return headlines_from(records).headlines["headline_id"].to_list()


def test_identical_undated_titles_are_all_kept_under_short_distinct_ids():
    made = ids([LINE] * 3000)
    assert len(set(made)) == 3000
    assert max(map(len, made)) <= 40


def test_numbers_avoid_ids_that_are_taken():
    given = pl.Series(["a", "a~2", "a", "a~3", "a", "a~2", "b"])
    assert _numbered(given).to_list() == ["a", "a~2", "a~4", "a~3", "a~5", "a~2~2", "b"]


@pytest.mark.parametrize("length", [MAX_ID, MAX_ID + 1, 100_000])
def test_own_ids_are_bounded_and_stay_distinct(length):
    made = ids([{"id": "x" * length + end, "title": LINE + end} for end in "ab"])
    assert len(set(made)) == 2
    assert max(map(len, made)) <= MAX_ID
