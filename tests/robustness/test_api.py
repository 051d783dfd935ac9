"""Any object may come in; only DedupError comes out."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dedup
from dedup.errors import DedupError, InputError, SettingError
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


VALUES = (
    None, 0, -1, 1.5, float("nan"), True, "x", "", "\ud83d", "\0", b"x", [], {}, {"a": 1}, {1: "a"}, ("a",), {1},
    object(), Hostile(), dedup.Settings, pl.Series([1]), HUGE, datetime.min,
)  # fmt: skip
READING = (
    "limits",
    "timezone",
    "outlets",
    "outlet_timezones",
    "columns",
    "workers",
    "progress",
    "memory_limit",
    "settings",
)
MATCHING = ("settings", "timezone", "columns", "memory_limit", "progress")


@pytest.fixture(scope="module")
def result():
    return dedup.find_duplicates([TITLE, TITLE])


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("api") / "a.csv"
    path.write_text(f"title,outlet\n{TITLE},الضحى\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_options_of_any_type_are_taken_or_refused_by_name(value, result, file, tmp_path):
    calls = [(name, lambda name=name: dedup.scan(file, **{name: value})) for name in READING]
    calls += [(name, lambda name=name: dedup.find_duplicates([TITLE], **{name: value})) for name in MATCHING]
    calls += [
        ("settings", lambda: dedup.similar(TITLE, result.headlines, settings=value)),
        ("threshold", lambda: result.at(value)),
        ("headline_id", lambda: result.duplicates_of(value)),
        ("language", lambda: result.to_html(language=value)),
        ("timezone", lambda: result.to_html(timezone=value)),
        ("format", lambda: result.write(tmp_path / "out", format=value)),
        ("language", lambda: result.write(tmp_path / "out", format="xlsx", language=value)),
    ]
    if not isinstance(value, str):
        calls += [("directory", lambda: result.write(value)), ("paths", lambda: dedup.scan(value))]
        calls += [("paths", lambda: dedup.read_feeds(value))]
    for name, call in calls:
        if name == "progress" and callable(value):
            continue  # it is called
        refused = None
        with suppress(DedupError):
            try:
                call()
            except SettingError as error:
                refused = error.setting
                raise
            finally:
                assert refused in (None, name, "display_timezone")


@pytest.mark.parametrize("value", [None, {"window": 48}, "precise", dedup.Settings], ids=str)
def test_settings_of_another_type_are_a_type_error_that_says_what_to_pass(value):
    with pytest.raises(TypeError, match=r"settings is .*; it must be a dedup\.Settings, such as Settings\(window=48\)"):
        dedup.find_duplicates([TITLE], settings=value)


BAD = (HUGE, Hostile(), {"name": Hostile()}, [Hostile()], "\ud83d", b"\xff", float("nan"))


@pytest.mark.parametrize("number", range(len(BAD)))
def test_a_record_that_cannot_be_read_costs_itself(number):
    with dedup.HeadlineIndex.open(":memory:") as index:
        index.add_many([{"title": BAD[number], "id": BAD[number]}, {"title": TITLE, "id": "good"}])
        assert index.add({"title": TITLE, "id": "copy"}).matched_id == "good"


class RaisingZone(tzinfo):
    """A zone that does not know its offset."""

    def utcoffset(self, when):
        raise RuntimeError(when)

    def dst(self, when):
        raise RuntimeError(when)


def test_a_zone_that_raises_leaves_its_headline_without_a_time():
    good = {"title": TITLE, "outlet": "a", "published": datetime(2026, 3, 3, tzinfo=UTC)}
    bad = {"title": TITLE, "outlet": "b", "published": datetime(2026, 3, 3, tzinfo=RaisingZone())}
    result = dedup.find_duplicates([good, bad])
    assert result.summary["counts"]["unreadable_dates"] == 1
    assert "RuntimeError" in result.skipped["reason"].item()
    assert result.headlines["published"].null_count() == 1


@pytest.mark.parametrize("column", [[timedelta(1)], pl.Series([object()], dtype=pl.Object)], ids=["duration", "object"])
@pytest.mark.parametrize("name", ["title", "published"])
def test_columns_that_are_no_text_are_named(name, column):
    frame = pl.DataFrame({"title": [TITLE], "published": ["2026-03-03"]} | {name: column})
    with pytest.raises(InputError, match=f"'{name}' is (?:Duration|Object)"):
        dedup.find_duplicates(frame)


@pytest.mark.parametrize("path", ["a\0b", "\ud83d"])
def test_paths_that_no_file_system_takes_are_refused(path):
    with pytest.raises(SettingError, match="paths"):
        dedup.scan(path)
