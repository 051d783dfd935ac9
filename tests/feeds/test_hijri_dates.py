"""Hijri dates are read by the Umm al-Qura calendar, and never where a Gregorian date stands beside them."""

from __future__ import annotations

import polars as pl
import pytest

import dedup
from dedup.feeds import headlines_from
from dedup.feeds.fields.dates import read_dates

MORNING, MIDNIGHT = "2026-03-04T05:10:00+00:00", "2026-03-03T21:00:00+00:00"


def read(text):
    time = read_dates(pl.Series([text]), "Asia/Riyadh").item()
    return time and time.isoformat()


@pytest.mark.parametrize(
    "text",
    [
        "15 رمضان 1447", "١٥ رمضان ١٤٤٧هـ", "15 رمضان، 1447 هـ", "15 شهر رمضان عام 1447", "15 من رمضان 1447 هجري",
        "الأربعاء 15 رمضان 1447 هـ - 4 مارس 2026 م", "15 رمضان 1447هـ الموافق 4 مارس 2026م", "15/9/1447هـ",
        "4 مارس 2026م الموافق 15 رمضان 1447هـ", "1447/09/15 هـ", "15 Ramadan 1447 AH", "Ramadan 15, 1447",
    ],
)  # fmt: skip
def test_a_hijri_date_is_its_day(text):
    assert read(text) == MIDNIGHT


@pytest.mark.parametrize("text", ["08:10 - 15 رمضان 1447", "الأربعاء، ١٥ رمضان ١٤٤٧ هـ ٠٨:١٠ ص", "15/9/1447هـ 08:10"])
def test_a_hijri_date_keeps_its_time_of_day(text):
    assert read(text) == MORNING


@pytest.mark.parametrize(
    "text", ["15 رمضان", "31 رمضان 1447", "30 صفر 1447", "30/2/1447 هـ", "0 رمضان 1447", "رمضان 1447"]
)
def test_a_hijri_date_that_is_no_day_is_unknown(text):
    assert read(text) is None


@pytest.mark.parametrize(
    ("month", "day"),
    [
        ("محرم", "2025-06-26"), ("صفر", "2025-07-26"), ("ربيع الأول", "2025-08-24"), ("ربيع الآخر", "2025-09-23"),
        ("ربيع الثاني", "2025-09-23"), ("جمادى الأولى", "2025-10-23"), ("جمادى الآخرة", "2025-11-22"),
        ("جمادى الثانية", "2025-11-22"), ("رجب", "2025-12-21"), ("شعبان", "2026-01-20"), ("رمضان", "2026-02-18"),
        ("شوال", "2026-03-20"), ("ذو القعدة", "2026-04-18"), ("ذي الحجة", "2026-05-18"),
    ],
)  # fmt: skip
def test_every_month_has_its_names(month, day):
    assert str(read_dates(pl.Series([f"1 {month} 1447"])).item().date()) == day


def published(rows):
    feeds = headlines_from(
        [{"title": f"خبر {number}"} | row for number, row in enumerate(rows)], timezone="Asia/Riyadh"
    )
    return [time and time.isoformat() for time in feeds.headlines["published"]], feeds


@pytest.mark.parametrize("text", ["15/9/1447 08:10", "1447-09-15 08:10", "1447-09-15T08:10:00+03:00"])
def test_a_year_of_the_hijri_calendar_in_figures_is_one(text):
    times, feeds = published([{"published": text}])
    assert times == [MORNING]
    assert "Umm al-Qura" in feeds.remarks["remark"].item()
    assert feeds.counts["absurd_dates"] == feeds.counts["unreadable_dates"] == 0


def test_another_column_with_a_gregorian_date_goes_before_figures():
    assert published([{"date": "15/9/1447", "pubDate": "2026-03-04T08:10:00+03:00"}])[0] == [MORNING]


def test_a_persian_year_stays_unknown_and_is_named():
    times, feeds = published([{"published": "1404/12/13 08:10"}])
    assert times == [None]
    assert feeds.counts["absurd_dates"] == 1


def test_a_scan_orders_hijri_and_gregorian_times(tmp_path):
    title = "افتتاح جسر وادي السدرة بعد عامين من العمل"
    rows = [("الضحى", "15 رمضان 1447 هـ 09:00"), ("واحة", "2026-03-04 08:00")]
    file = tmp_path / "t.csv"
    file.write_text("outlet,title,published\n" + "".join(f"{outlet},{title},{time}\n" for outlet, time in rows))
    assert dedup.scan(file).stories["outlets"].to_list() == [["واحة", "الضحى"]]
