"""Any object may come in; only DedupError comes out."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dedup
from dedup.errors import DedupError
from dedup.feeds.read import headlines_from

TITLE = "حريق كبير في ميناء الصويرة"


class Hostile:
    """An object whose every conversion raises."""

    def __str__(self):
        raise RuntimeError("no text")

    def __bool__(self):
        raise RuntimeError("no truth")

    def __iter__(self):
        raise RuntimeError("no items")

    def __eq__(self, other):
        raise RuntimeError("no equality")

    __hash__ = object.__hash__


HUGE = int("9" * 4000) ** 2
"""Python refuses to write it in digits."""
ODD = (
    HUGE, -HUGE, "\ud83d", "\0", "\u202e", Hostile(), object(), Hostile, float("nan"), pl.Series([1]), pl.DataFrame(),
    pl.Null, datetime.min, datetime.max, date.min, timedelta.max, ..., NotImplemented, len, b"\xff",
    datetime.max.replace(tzinfo=timezone(timedelta(hours=-23))), datetime.min.replace(tzinfo=UTC),
)  # fmt: skip
PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.datetimes(), st.dates(),
    st.timedeltas(), st.decimals(), st.complex_numbers(), st.uuids(),
)  # fmt: skip
LEAVES = PLAIN | st.integers(0, len(ODD) - 1).map(ODD.__getitem__)


def nested(inner):
    return st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)


ANYTHING = st.recursive(LEAVES, nested, max_leaves=5)
NAMES = ("title", "Title", "outlet", "source", "published", "date", "url", "id", "", "عنوان", 7, None, b"title")
RECORDS = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), ANYTHING, max_size=5) | ANYTHING
some = settings(max_examples=40, suppress_health_check=list(HealthCheck))


@some
@given(st.lists(RECORDS, max_size=6))
def test_records_of_anything_cost_themselves(records):
    feeds = headlines_from([*records, {"title": TITLE, "outlet": "الضحى", "id": "good"}])
    assert TITLE in feeds.headlines["title"].to_list()
    assert feeds.headlines["headline_id"].n_unique() == feeds.headlines.height


@some
@given(ANYTHING)
def test_data_of_anything_is_read_or_refused(data):
    if not isinstance(data, Hostile):  # iterating it raises the caller's own error
        with suppress(DedupError):
            headlines_from(data)


@some
@given(ANYTHING, ANYTHING)
def test_normalize_takes_texts_and_refuses_the_rest(title, outlet):
    with suppress(DedupError):
        dedup.normalize(title, outlet=outlet).exact.encode()


@some
@given(st.text() | ANYTHING, st.text() | ANYTHING, ANYTHING, ANYTHING)
def test_explain_and_similar_take_texts_and_times_and_refuse_the_rest(left, right, outlet, published):
    headlines = headlines_from([TITLE]).headlines
    with suppress(DedupError):
        dedup.explain(left, right, outlet_a=outlet, published_a=published)
    with suppress(DedupError):
        dedup.similar(left, headlines, outlet=outlet, published=published)
    with suppress(DedupError):
        dedup.similar(TITLE, right)


BAD = (HUGE, Hostile(), {"name": Hostile()}, [Hostile()], "\ud83d", b"\xff", float("nan"))


@pytest.mark.parametrize("number", range(len(BAD)))
def test_a_record_that_cannot_be_read_costs_itself(number):
    with dedup.HeadlineIndex.open(":memory:") as index:
        index.add_many([{"title": BAD[number], "id": BAD[number]}, {"title": TITLE, "id": "good"}])
        assert index.add({"title": TITLE, "id": "copy"}).matched_id == "good"
