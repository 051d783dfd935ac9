from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.errors import SettingError
from dedup.feeds import headlines_from
from dedup.feeds.fields.date_patterns import read_by_patterns
from dedup.feeds.fields.dates import check_timezone, localize, read_dates
from dedup.feeds.fields.implausible_dates import count_times, is_implausible, latest_plausible

DAY = datetime(2026, 10, 24, tzinfo=UTC)
CLOCK = DAY.replace(hour=18, minute=53, second=43)
MONTHS = {
    1: "يناير كانون الثاني|جانفي",
    2: "فبراير|شباط|فيفري",
    3: "مارس|آذار|mars",
    4: "أبريل|ابريل|إبريل|نيسان|أفريل",
    5: "مايو|أيار|ماي|أيّار",
    6: "يونيو|يونيه|حزيران|جوان",
    7: "يوليو|يوليه|تموز|جويلية|يوليوز",
    8: "أغسطس|آب|أوت|غشت",
    9: "سبتمبر|أيلول|شتنبر",
    10: "أكتوبر|تشرين الأول",
    11: "نوفمبر|تشرين الثاني|نونبر",
    12: "ديسمبر|كانون الأول|دجنبر",
}
MONTHS[1] = "يناير|كانون الثاني|جانفي"


def one(text, timezone="UTC"):
    return read_dates(pl.Series([text]), timezone).item()


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("Sat, 24 Oct 2026 18:53:43 +0300", CLOCK - timedelta(hours=3)),
        ("Sat,24 Oct 2026 18:53:43 +03:00", CLOCK - timedelta(hours=3)),
        ("Sat, 24 Oct 2026 18:53:43 +0300 (AST)", CLOCK - timedelta(hours=3)),
        ("Sat, 24 Oct 26 18:53:43 GMT", CLOCK),
        ("Sat, 24 Oct 2026 18:53:43 EST", CLOCK + timedelta(hours=5)),
        ("24 Oct 2026", DAY),
        ("Sat Oct 24 18:53:43 2026", CLOCK),
        ("Sat Oct 24 18:53:43 UTC 2026", CLOCK),
        ("2026-10-24T18:53:43Z", CLOCK),
        ("2026-10-24T18:53:43.250+03:00", CLOCK - timedelta(hours=3) + timedelta(milliseconds=250)),
        ("2026-10-24T18:53:43 +03", CLOCK - timedelta(hours=3)),
        ("2026-10-24 18:53:43", CLOCK),
        ("2026-10-24 18.53.43", CLOCK),
        ("24.10.2026 18.53.43", CLOCK),
        ("٢٤/١٠/٢٠٢٦ ١٨.٥٣.٤٣", CLOCK),
        ("24/10/2026 0.05 ", DAY + timedelta(minutes=5)),
        ("24OCT2026:18:53:43", CLOCK),
        ("24OCT26:18:53:43.00", CLOCK),
        ("20261024T185343Z", CLOCK),
        ("20261024", DAY),
        ("2026/10/24 18:53:43", CLOCK),
        ("24/10/2026", DAY),
        ("05/04/2026", datetime(2026, 4, 5, tzinfo=UTC)),
        ("24-10-2026 06:53:43 PM", CLOCK),
        ("October 24, 2026", DAY),
        ("السبت، 24 أكتوبر 2026 12:05 ص", DAY + timedelta(minutes=5)),
        ("٢٤ أكتوبر ٢٠٢٦ - ٦:٥٣ م", DAY.replace(hour=18, minute=53)),
        ("24 تشرين الأول 2026 الساعة 10:30 مساءً", DAY.replace(hour=22, minute=30)),
        ("24 تشرين الأول/أكتوبر 2026", DAY),
        ("Sat, Oct 24 2026 18:53:43 +0000", CLOCK),
        ("Sat Oct 24 2026 18:53:43 GMT+0300 (Arabian Standard Time)", CLOCK - timedelta(hours=3)),
        ("sam., 24 octobre 2026 18:53:43 +0100", CLOCK - timedelta(hours=1)),
        ("samedi 24 octobre 2026 à 18h53", DAY.replace(hour=18, minute=53)),
        ("24 Oct 2026 18.53", DAY.replace(hour=18, minute=53)),
        ("نشر في: 24 أكتوبر 2026 | 6:53 مساء", DAY.replace(hour=18, minute=53)),
        ("6:53 م 24-10-2026", DAY.replace(hour=18, minute=53)),
        ("20261024185343", CLOCK),
        ("/Date(1792853623000)/", datetime.fromtimestamp(1792853623, UTC)),
        ("1792853623", datetime.fromtimestamp(1792853623, UTC)),
        ("1792853623000", datetime.fromtimestamp(1792853623, UTC)),
    ],
)
def test_a_date_reads_alone_and_in_a_column(text, time):
    assert one(text) == time
    assert read_dates(pl.Series([text] * 40)).unique().to_list() == [time]


@pytest.mark.parametrize(
    "text",
    [
        None, "", "12", "2026", "2026-10", "now", "tomorrow", "غدا", "قبل 3 أيام", "منذ ساعتين", "3 hours ago",
        "2026-02-30", "31 أبريل 2026", "Sat, 24 Oct 2026 25:61:61 +0300", "15 رمضان", "24 foo 2026",
        "2026-13-01", "::", "T:", "99999999999999999999",
    ],
)  # fmt: skip
def test_what_cannot_be_known_is_null_and_never_a_guess(text):
    assert one(text) is None


@pytest.mark.parametrize(
    ("month", "name"), [(month, name) for month, names in MONTHS.items() for name in names.split("|")]
)
def test_months_read_in_every_naming_system(month, name):
    assert one(f"7 {name} 2026") == datetime(2026, month, 7, tzinfo=UTC)


def test_without_a_zone_the_given_one_counts():
    assert one("2026-07-01 12:00", "Africa/Cairo") == datetime(2026, 7, 1, 9, tzinfo=UTC)
    assert one("2026-07-01 12:00", "+05:30") == datetime(2026, 7, 1, 6, 30, tzinfo=UTC)
    assert one("2026-07-01T12:00:00Z", "+05:30") == datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_an_unknown_zone_is_refused_with_an_example():
    with pytest.raises(SettingError, match="Africa/Cairo"):
        check_timezone("Mars/Olympus")


@settings(deadline=None)
@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), st.integers(-12, 14))
def test_what_is_written_in_iso_or_rfc_is_read_back(time, hours):
    time = time.replace(microsecond=0)
    true = time.replace(tzinfo=UTC) - timedelta(hours=hours)
    zone = f"{'-' if hours < 0 else '+'}{abs(hours):02}"
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    assert one(f"{time.isoformat()}{zone}:00") == true
    assert one(f"{time.day:02} {names[time.month - 1]} {time.year} {time:%H:%M:%S} {zone}00") == true


ZONES = (
    st.none()
    | st.sampled_from([ZoneInfo("Africa/Cairo"), UTC])
    | st.builds(timezone, st.timedeltas(timedelta(hours=-15), timedelta(hours=15)))
)


@settings(deadline=None)
@given(
    st.lists(st.datetimes(timezones=ZONES) | st.sampled_from([None, "", "no date"]), min_size=1),
    st.sampled_from(["UTC", "Africa/Cairo"]),
)
def test_times_of_python_are_what_their_texts_are(times, zone):
    def read(dates):
        found = headlines_from(
            [{"title": "عنوان", "date": date, "id": str(row)} for row, date in enumerate(dates)], timezone=zone
        )
        return found.headlines["published"].to_list(), found.counts

    assert read(times) == read([time.isoformat() if isinstance(time, datetime) else time for time in times])


@settings(deadline=None)
@given(st.text())
def test_no_text_makes_the_reader_fail(text):
    assert read_dates(pl.Series([text])).len() == 1


@pytest.mark.parametrize(
    "text", ["१२", "२४/०३/2026", "24/03/2026 १०:00", "२24/03/2026", "2026-03-24T१०:00", "24 March २०२६"]
)
def test_digits_of_other_scripts_are_no_date_and_no_failure(text):
    assert one(text) is None


def test_typed_times_come_to_utc():
    naive = pl.Series([datetime(2026, 7, 1, 12)])
    assert localize(naive, "+03:00").item() == datetime(2026, 7, 1, 9, tzinfo=UTC)
    assert localize(naive.dt.replace_time_zone("Asia/Amman"), "UTC").item() == datetime(2026, 7, 1, 9, tzinfo=UTC)


def test_times_before_1990_and_ahead_of_now_are_absurd():
    now = datetime(2026, 6, 1, tzinfo=UTC)
    times = [datetime(1447, 9, 15, tzinfo=UTC), now + timedelta(days=1), now + timedelta(days=3), now, None]
    assert is_implausible(pl.Series(times), now).tolist() == [True, False, True, False, False]


def test_a_stray_time_far_ahead_of_an_old_corpus_is_implausible():
    now = datetime(2026, 6, 1, tzinfo=UTC)
    times = [datetime(2013, 2, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(200)]
    stray = datetime(2013, 6, 1, tzinfo=UTC)
    assert is_implausible(pl.Series([*times, stray]), now).tolist() == [False] * 200 + [True]
    assert not is_implausible(pl.Series(times), now).any()


@given(st.lists(st.integers(0, 4_000), min_size=1, max_size=120), st.lists(st.integers(4_000, 90_000), max_size=3))
def test_the_end_of_a_corpus_counted_in_parts_is_that_of_all_its_times(hours, strays):
    now = datetime(2026, 6, 1, tzinfo=UTC)
    times = pl.Series([datetime(2013, 2, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in (*hours, *strays)])
    parts = [count_times(times[part::3]) for part in range(3)]
    latest = latest_plausible(pl.concat(parts), now)
    assert is_implausible(times, now).tolist() == (times.dt.epoch("us") > latest).to_list()


def test_a_young_corpus_is_measured_against_now():
    now = datetime(2026, 6, 1, tzinfo=UTC)
    times = [now - timedelta(days=9, hours=hour) for hour in range(50)]
    assert not is_implausible(pl.Series([*times, now]), now).any()


WRITTEN = st.builds(
    "{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}{}{}".format,
    st.sampled_from([0, 1, 999, 1000, 1969, 2000, 2024, 2031, 2999, 3000]),
    st.integers(0, 13), st.integers(0, 32), st.sampled_from("TT t"), st.integers(0, 25), st.integers(0, 61),
    st.integers(0, 61), st.sampled_from(["", "", ".", ".5", ".123456", ".1234567"]),
    st.sampled_from(["", "Z", "z", "+00:00", "-11:30", "+13:59", "+14:00", "+15:00", "+0300", " +02:00", "Z "]),
)  # fmt: skip

MAILED = st.builds(
    "{}, {:02} {} {:04} {:02}:{:02}:{:02} {}".format,
    st.sampled_from(["Mon", "Sun", "Mar", "mon"]), st.integers(0, 32),
    st.sampled_from(["Jan", "Feb", "Feb", "Sep", "Dec", "mar", "Mai"]),
    st.sampled_from([0, 1, 999, 1000, 1969, 2000, 2024, 2031, 2999, 3000]), st.integers(0, 25), st.integers(0, 61),
    st.integers(0, 61),
    st.sampled_from(["GMT", "UTC", "EST", "+0000", "-1130", "+1359", "+1400", "+0360", "*0300", "+03:00"]),
)  # fmt: skip


@given(
    st.lists(WRITTEN | WRITTEN.map(lambda text: text[:16]) | MAILED | st.none(), max_size=20),
    st.sampled_from(["UTC", "Africa/Cairo", "Europe/Paris", "+03:00"]),
)
def test_what_machines_write_is_read_as_the_patterns_read_it(texts, timezone):
    column = pl.Series(texts, dtype=pl.String)
    patterns = read_by_patterns(column, check_timezone(timezone))[0]
    # As numbers: what a zone puts before the year 1 is a time, but none that Python has.
    assert read_dates(column, timezone).to_physical().to_list() == patterns.to_physical().to_list()


@pytest.mark.parametrize(
    ("zone", "hour"), [("Arab", 3), ("Arabian", 2), ("Arabic", 3), ("Egypt", 4), ("Central", None), ("Martian", None)]
)
def test_windows_names_of_zones_are_read_or_make_the_time_unknown(zone, hour):
    [time] = read_dates(pl.Series([f"2026-03-03 06:00:00 {zone} Standard Time"])).to_list()
    assert (time and time.hour) == hour
