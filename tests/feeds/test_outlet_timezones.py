"""Times without a zone are in the zone of their outlet, where one is given."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from dedup.errors import SettingError
from dedup.feeds import read_feeds

ROWS = {
    "outlet": ["الضحى", "واحة", "الضحى"],
    "title": ["سيول تجتاح وادي السرو", "افتتاح جسر العنادل", "فتح طريق الهضبة"],
    "published": ["2026-03-04 09:00", "2026-03-04 09:00", "2026-03-04T09:00:00Z"],
}


def hours(path, **options):
    return read_feeds(path, **options).headlines["published"].dt.hour().to_list()


def test_only_times_without_a_zone_of_that_outlet_change(tmp_path):
    path = tmp_path / "a.csv"
    pl.DataFrame(ROWS).write_csv(path)
    assert hours(path) == [9, 9, 9]
    assert hours(path, outlet_timezones={"الضحى": "Asia/Riyadh"}) == [6, 9, 9]
    assert hours(path, outlet_timezones={"الضحي": "+03:00"}, timezone="-01:00") == [6, 10, 9]
    assert hours(path, outlet_timezones={"الضحى": "Asia/Riyadh", "واحة": "Asia/Tehran"}) == [6, 5, 9]


def test_typed_times_without_a_zone_change_too(tmp_path):
    path = tmp_path / "a.parquet"
    pl.DataFrame(ROWS | {"published": [datetime(2026, 3, 4, 9)] * 3}).write_parquet(path)
    assert hours(path, outlet_timezones={"الضحى": "Asia/Riyadh"}) == [6, 9, 6]
    pl.DataFrame(ROWS | {"published": [datetime(2026, 3, 4, 9, tzinfo=UTC)] * 3}).write_parquet(path)
    assert hours(path, outlet_timezones={"الضحى": "Asia/Riyadh"}) == [9, 9, 9]


def test_names_of_the_mapping_have_the_zone(tmp_path):
    path = tmp_path / "a.csv"
    pl.DataFrame(ROWS | {"outlet": ["x.example"] * 3}).write_csv(path)
    assert hours(path, outlets={"x.example": "الضحى"}, outlet_timezones={"الضحى": "Asia/Riyadh"}) == [6, 6, 9]


def test_an_unknown_zone_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    pl.DataFrame(ROWS).write_csv(path)
    with pytest.raises(SettingError, match="Mars"):
        read_feeds(path, outlet_timezones={"الضحى": "Mars"})
