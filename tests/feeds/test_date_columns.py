"""Dates are decided by column: order of day and month, times in a second column, zones, relative dates."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

from dedup.feeds import headlines_from, read_feeds


@pytest.fixture
def times_of(tmp_path):
    """Write a CSV with these columns of dates, and return its times, skipped reasons and remarks."""

    def read(*rows, header="date", changed=None, **options):
        path = tmp_path / "t.csv"
        lines = [f"title,outlet,{header}", *(f"خبر رقم {number} عن النهر,x,{row}" for number, row in enumerate(rows))]
        path.write_text("\n".join(lines), encoding="utf-8")
        if changed:
            os.utime(path, (changed.timestamp(), changed.timestamp()))
        feeds = read_feeds(path, **options)
        times = [time and time.strftime("%Y-%m-%d %H:%M") for time in feeds.headlines["published"]]
        return times, " ".join(feeds.skipped["reason"]), " ".join(feeds.remarks["remark"])

    return read


def test_one_date_with_the_month_first_settles_the_column(times_of):
    times, skipped, remarks = times_of("3/13/2026 8:10", "3/2/2026 18:05", "12/25/2025 7:00")
    assert times == ["2026-03-13 08:10", "2026-03-02 18:05", "2025-12-25 07:00"]
    assert not skipped
    assert not remarks


def test_one_date_with_the_day_first_settles_the_column(times_of):
    assert times_of("13/3/2026", "3/2/2026")[0] == ["2026-03-13 00:00", "2026-02-03 00:00"]


def test_a_column_that_settles_nothing_is_read_with_the_day_first_and_named(times_of):
    times, skipped, remarks = times_of("3/2/2026", "5/4/2026", "6/6/2026")
    assert times == ["2026-02-03 00:00", "2026-04-05 00:00", "2026-06-06 00:00"]
    assert not skipped
    assert "'date': 2 dates such as '3/2/2026' were read as day/month" in remarks


def test_of_a_column_with_both_orders_the_ambiguous_dates_are_unknown(times_of):
    times, skipped, remarks = times_of("3/13/2026", "13/3/2026", "3/4/2026")
    assert times == ["2026-03-13 00:00", "2026-03-13 00:00", None]
    assert "'3/4/2026'" in skipped
    assert "both orders" in remarks


def test_years_of_two_digits_are_read_where_the_order_is_settled(times_of):
    assert times_of("3/13/26 8:10 AM", "3/2/26 10:00 PM")[0] == ["2026-03-13 08:10", "2026-03-02 22:00"]
    assert times_of("3/2/26")[0] == [None]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Date,Time", "2026-03-03,08:10"),
        ("Time,Date", "08:10,2026-03-03"),
        ("التاريخ,وقت النشر", "٣ مارس ٢٠٢٦,٨:١٠ ص"),
        ("date,time", "2026-03-03 00:00:00,8:10 AM"),
        ("date,dateTime", "2026-03-03,2026-03-03T08:10:00Z"),
        ("date,timestamp", "2026-03-03,1772525400"),
        ("date,updated", "1447-09-14,2026-03-03 08:10"),
        ("date,created_at", "1404/12/12,2026-03-03 08:10"),
        ("date,updated", "غير معروف,2026-03-03 08:10"),
    ],
)
def test_two_columns_give_one_time(times_of, header, row):
    assert times_of(row, header=header)[0] == ["2026-03-03 08:10"]


def test_a_time_of_another_day_does_not_replace_a_date(times_of):
    assert times_of("2026-03-03,2026-03-09 08:10", header="date,created_at")[0] == ["2026-03-03 00:00"]


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-03 08:10 بتوقيت مكة المكرمة", "3 مارس 2026 - 08:10 (بتوقيت الرياض)", "2026-03-03 07:10 بتوقيت القاهرة",
        "Tue 03 Mar 2026 08:10:00 Asia/Riyadh", "03 Mar 2026 08:10:00 KSA", "03 Mar 2026 08:10:00 AST",
        "2026-03-03 08:10 Riyadh time", "08:10 - 3/3/2026 بتوقيت مكة", "الثلاثاء 3 آذار 2026 08:10:00 +0300",
        "2026-03-03 05:10 بتوقيت غرينتش", "08:10 ص - 3 مارس 2026 بتوقيت السعودية",
    ],
)  # fmt: skip
def test_a_named_zone_counts(times_of, text):
    assert times_of(text, timezone="America/New_York")[0] == ["2026-03-03 05:10"]


@pytest.mark.parametrize("zone", ["بتوقيت المريخ", "Mars/Olympus", "IST"])
def test_with_an_unknown_zone_the_time_is_unknown_and_named(times_of, zone):
    times, skipped, _ = times_of(f"2026-03-03 08:10:00 {zone}")
    assert times == [None]
    assert zone in skipped


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("منذ ساعتين", "2026-03-03 06:00"), ("قبل 5 دقائق", "2026-03-03 07:55"), ("قبل ثلاث ساعات", "2026-03-03 05:00"),
        ("منذ نصف ساعة", "2026-03-03 07:30"),
        ("منذ يومين", "2026-03-01 08:00"), ("3 hours ago", "2026-03-03 05:00"),
        ("il y a 20 minutes", "2026-03-03 07:40"), ("أمس 21:15", "2026-03-02 21:15"),
        ("اليوم 7:30 ص", "2026-03-03 07:30"),
        ("الآن", "2026-03-03 08:00"), ("قبل 3 أشهر", None), ("قبل المباراة", None),
    ],
)  # fmt: skip
def test_relative_dates_count_from_the_files_own_time(times_of, text, time):
    times, _, remarks = times_of(text, changed=datetime(2026, 3, 3, 8, tzinfo=UTC))
    assert times == [time]
    assert ("own time" in remarks) == (time is not None)


def test_relative_dates_in_memory_are_unknown():
    assert headlines_from([{"title": "عنوان", "date": "منذ ساعتين"}]).headlines["published"].to_list() == [None]


def test_dates_that_cannot_be_read_are_counted_and_named_with_an_example(times_of):
    times, skipped, _ = times_of("2026-03-03", "قريبا", "لاحقا", header="Publication Date")
    assert times == ["2026-03-03 00:00", None, None]
    assert "'Publication Date': 2 values cannot be read as dates, such as 'قريبا'" in skipped
