"""Read columns of dates, in any spelling, to UTC.

The forms that machines write (ISO 8601, RFC 822) are read by Polars' ``strptime``, few dates by Python's own readers,
and all others by the patterns of ``date_patterns``, which give the same time where both apply.

A time that cannot be known is null, never a guess: month and year only, 30 February, hour 25, a zone that is named and
unknown. Without a zone the caller's time zone applies.

Libraries: dateutil takes 50 µs a date, dateparser 1.3 ms, and neither reads Levantine or Maghreb months; both turn
«12» and «now» into a date.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dedup.feeds.fields import date_patterns
from dedup.feeds.fields.date_patterns import in_utc
from dedup.feeds.fields.hijri_dates import YEARS_IN_FIGURES
from dedup.feeds.fields.relative_dates import find_relative, resolve_relative
from dedup.feeds.fields.zones import check_timezone
from dedup.frames import TIME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dedup.feeds.fields.date_patterns import DateRemark

__all__ = ["DateColumn", "check_timezone", "localize", "read_date_columns", "read_dates", "split_typed"]

SMALL = 32
"""Dates up to which Python's readers are faster than expressions of Polars."""
SAMPLE = 1_000
"""Dates from which the machine forms of a column are recognized."""
MIN_YEAR, MAX_YEAR = 1000, 2999
ZONED = r"(?:[zZ]|[+-](?:0[0-9]|1[0-3])(?::?[0-5][0-9])?|[+-]14(?::?00)?|GMT|UTC)$"
ZONED_TEXT = re.compile(ZONED)
COLON = re.compile(r"([+-]\d\d):(\d\d)$")
"""The colon in an offset, behind which email.utils would ignore the offset."""
TIME_ALONE = (
    r"^[^\p{Nd}/-]{0,15}\p{Nd}{1,2}:\p{Nd}{2}(?::\p{Nd}{2})?(?:\.\p{Nd}+)?\s*"
    r"[^\p{Nd}/]{0,24}(?:[+-]\p{Nd}{2}:?\p{Nd}{2})?$"
)
FRENCH_TIME = r"^\s*([0-9]{1,2}) ?[hH] ?([0-9]{2})\s*$"
MIDNIGHT = r"[T ]00:00(?::00(?:\.0+)?)?$"
EARLIER, LATER = timedelta(hours=14), timedelta(hours=38)
"""How far a time may be from the midnight (in another zone) of the day that a second column gives."""
_FIRST, _END = (
    (datetime(year, 1, 1) - datetime(1970, 1, 1)) // timedelta(microseconds=1) for year in (MIN_YEAR, MAX_YEAR + 1)
)
_EPOCH, _MINUTE, _MICROSECOND = datetime(1970, 1, 1), timedelta(minutes=1), timedelta(microseconds=1)
_EPOCH_UTC = _EPOCH.replace(tzinfo=UTC)
_MAX_OFFSET = timedelta(hours=14)


class DateColumn(NamedTuple):
    """Dates of several documents.

    Attributes:
        texts: n dates as spelled; null where there is none.
        documents: the number of the document of each; the order of day and month is decided for each document.
        details: further texts on the same moments, such as times of day; None if no document has them.
    """

    texts: pl.Series
    documents: pl.Series
    details: pl.Series | None = None


def read_dates(texts: pl.Series, timezone: str = "UTC") -> pl.Series:
    """Return times in UTC; null for dates that are absent or cannot be known.

    Examples:
        >>> read_dates(pl.Series(["Tue, 03 Mar 2026 08:10:00 +0300", "٣ آذار ٢٠٢٦"])).to_list()[0].isoformat()
        '2026-03-03T05:10:00+00:00'
    """
    documents = pl.Series([0], dtype=pl.Int32).new_from_index(0, len(texts))
    return read_date_columns(DateColumn(texts, documents), timezone)[0]


def read_date_columns(
    column: DateColumn, timezone: str, reference_of: Callable[[int], datetime | None] | None = None
) -> tuple[pl.Series, list[DateRemark]]:
    """Read dates of several documents.

    Args:
        column: the dates.
        timezone: of dates without a zone.
        reference_of: returns the time at which a document was written, from which relative dates count.

    Returns:
        Times in UTC, null for dates that are absent or cannot be known, and remarks on how documents were read.
    """
    zone = check_timezone(timezone)
    texts = column.texts.cast(pl.String)
    if column.details is not None:
        texts = _join_details(texts, column.details)
    read_machine_forms = _read_one_by_one if len(texts) <= SMALL else _read_machine_forms
    times, remaining = read_machine_forms(texts, zone)
    remarks: list[DateRemark] = []
    if len(remaining):
        rest, documents = texts.gather(remaining), column.documents.gather(remaining)
        read, remarks = date_patterns.read_by_patterns(rest, zone, documents)
        if reference_of and read.null_count():
            read = _read_relative(rest, read, documents, zone, reference_of, remarks)
        times = times.scatter(remaining, read)
    if column.details is not None and len(dates_alone := _dates_alone(texts, column.details).arg_true()):
        times = _with_times_of_day(times, dates_alone, column, timezone)
    return times, remarks


def _read_machine_forms(texts: pl.Series, zone: str | timedelta) -> tuple[pl.Series, pl.Series]:
    """Read ISO 8601 and RFC 822; return times, and the rows of the other dates."""
    times: pl.Series | None = None
    if texts.null_count() == len(texts):
        return pl.repeat(None, len(texts), dtype=TIME, eager=True).alias("published"), pl.Series([], dtype=pl.UInt32)
    remaining = texts.is_not_null().arg_true() if texts.null_count() else None
    forms = dict.fromkeys(
        form for text in (texts.head(SAMPLE) if remaining is None else texts.gather(remaining.head(SAMPLE))).to_list()
        if (form := _form(text))
    )  # fmt: skip
    for form in forms:
        part = texts if remaining is None else texts.gather(remaining)
        if not len(part):
            break
        zoned = form.endswith("z")
        read = part.str.to_datetime(form, strict=False, time_unit="us", time_zone="UTC" if zoned else None)
        if zoned:
            fits = part.str.contains(ZONED)
            read = read if fits.all() else pl.select(pl.when(fits).then(read)).to_series()
        elif form.endswith("GMT"):
            read = read.dt.replace_time_zone("UTC")
        if not _are_years_plausible(read):
            years = read.dt.year()
            read = pl.select(pl.when(years.is_between(MIN_YEAR, MAX_YEAR)).then(read)).to_series()
        if not zoned and not form.endswith("GMT"):
            read = in_utc(read, zone)
        if remaining is None and not read.null_count():
            return read.cast(TIME).alias("published"), pl.Series([], dtype=pl.UInt32)
        rows = pl.Series(range(len(texts)), dtype=pl.UInt32) if remaining is None else remaining
        done = read.is_not_null()
        times = pl.repeat(None, len(texts), dtype=TIME, eager=True) if times is None else times
        times = times.scatter(rows.filter(done), read.filter(done).cast(TIME))
        remaining = rows.filter(~done)
    times = pl.repeat(None, len(texts), dtype=TIME, eager=True) if times is None else times
    times = times.alias("published")
    return times, pl.Series(range(len(texts)), dtype=pl.UInt32) if remaining is None else remaining


def _are_years_plausible(times: pl.Series) -> bool:
    """Return whether all known times are of the years from ``MIN_YEAR`` to ``MAX_YEAR``."""
    micros = times.to_physical()
    first, last = micros.min(), micros.max()
    return first is None or bool(first >= _FIRST and last < _END)  # type: ignore[operator]  # of an integer column


def _read_one_by_one(texts: pl.Series, zone: str | timedelta) -> tuple[pl.Series, pl.Series]:
    """Do as ``_read_machine_forms`` with Python's readers, which need no start: 2 µs a date."""
    times: list[datetime | None] = []
    local, remaining = [], []
    for row, text in enumerate(texts.to_list()):
        form = _form(text) if text is not None else None
        time = _parse(text, form) if form else None
        times.append(time)
        if time is None:
            remaining += [row] if text is not None else []
        elif time.tzinfo is None:
            local.append(row)
    micros = [
        None if time is None else (time - (_EPOCH if time.tzinfo is None else _EPOCH_UTC)) // _MICROSECOND
        for time in times
    ]
    read = pl.Series("published", micros, dtype=pl.Int64).cast(TIME)
    if local and zone != "UTC":
        naive = pl.Series([micros[row] for row in local], dtype=pl.Int64).cast(pl.Datetime("us"))
        read = read.scatter(local, in_utc(naive, zone))
    return read, pl.Series(remaining, dtype=pl.UInt32)


def _parse(text: str, form: str) -> datetime | None:
    """Return the time of a date that machines write, None if a part of it is out of range."""
    zoned = form.endswith(("z", "GMT"))
    # email.utils would read the year 0001 as 2001, and fromisoformat seconds with an empty fraction.
    if (zoned and not ZONED_TEXT.search(text)) or ".Z" in text or (text[12:14] == "00" and form.startswith("%a")):
        return None
    try:
        time = (
            datetime.fromisoformat(text) if form.startswith("%Y") else parsedate_to_datetime(COLON.sub(r"\1\2", text))
        )
    except (ValueError, OverflowError):
        return None
    if not MIN_YEAR <= time.year <= MAX_YEAR:
        return None
    return time.replace(tzinfo=UTC) if zoned and time.tzinfo is None else time


def _form(text: str) -> str | None:
    """Return the format of a date for ``strptime`` if machines write it, else None.

    Examples:
        >>> _form("2026-03-03T08:10:00+03:00"), _form("Tue, 03 Mar 2026 08:10:00 GMT")
        ('%Y-%m-%dT%H:%M:%S%#z', '%a, %d %b %Y %H:%M:%S GMT')
    """
    if text[4:5] == text[7:8] == "-" and text[13:14] == ":" and text[10:11] in ("T", " "):
        seconds, fraction = ":%S" if text[16:17] == ":" else "", "%.f" if "." in text else ""
        zoned = "%#z" if text[-1] in "Zz" or text[16:].find("+") >= 0 or text[16:].find("-") >= 0 else ""
        return f"%Y-%m-%d{text[10]}%H:%M{seconds}{fraction}{zoned}"
    if text[3:5] == ", " and text[19:20] == ":" and text[22:23] == ":":
        return f"%a, %d %b %Y %H:%M:%S {'GMT' if text.endswith('GMT') else '%z'}"
    return None


def _join_details(texts: pl.Series, details: pl.Series) -> pl.Series:
    """Join dates with the times of day in a second column."""
    date, detail = pl.col("date"), pl.col("detail")
    frame = pl.DataFrame({"date": texts, "detail": details.cast(pl.String)})
    frame = frame.with_columns(pl.all().str.replace(FRENCH_TIME, "$1:$2"))
    alone = date.str.contains(TIME_ALONE)
    day = date.str.strip_chars().str.replace(MIDNIGHT, "")
    return frame.select(
        pl.when(alone & detail.is_not_null() & ~detail.str.contains(TIME_ALONE))
        .then(detail.str.strip_chars().str.replace(MIDNIGHT, "") + " " + date)
        .when(~alone & detail.str.contains(TIME_ALONE) & ~day.str.contains(":", literal=True))
        .then(day + " " + detail.str.strip_chars())
        .otherwise(date)
        .alias("date")
    ).to_series()


def _dates_alone(texts: pl.Series, details: pl.Series) -> pl.Series:
    """Return where a date has no time of day and the second column is a date with one."""
    return ~texts.str.contains(r":|T\d\d|\d{10}", strict=False).fill_null(value=True) & details.str.contains(
        r":|T\d\d|^\d{10,}", strict=False
    ).fill_null(value=False)


def _with_times_of_day(times: pl.Series, rows: pl.Series, column: DateColumn, timezone: str) -> pl.Series:
    """Replace midnights by the times of the second column that are within that day in some time zone."""
    if column.details is None:
        return times
    exact, _ = read_date_columns(DateColumn(column.details.gather(rows), column.documents.gather(rows)), timezone)
    days = times.gather(rows)
    within = ((exact - days) >= -EARLIER) & ((exact - days) <= LATER)
    return times.scatter(rows, days.zip_with(~within.fill_null(value=False), exact))


def _read_relative(
    texts: pl.Series, times: pl.Series, documents: pl.Series, zone: str | timedelta,
    reference_of: Callable[[int], datetime | None], remarks: list[DateRemark],
) -> pl.Series:  # fmt: skip
    """Read the dates that count from the time of their document, such as «منذ ساعتين»."""
    rows = (times.is_null() & find_relative(texts)).arg_true()
    if not len(rows):
        return times
    read: list[datetime | None] = []
    seen: dict[int, tuple[int, str]] = {}
    for text, document in zip(texts.gather(rows).to_list(), documents.gather(rows).to_list(), strict=True):
        reference = reference_of(document)
        time = resolve_relative(text, reference, zone) if reference else None
        if isinstance(time, str):
            time = date_patterns.read_by_patterns(pl.Series([time]), zone)[0].item()
        read.append(time)
        if time is not None:
            count, example = seen.get(document, (0, text))
            seen[document] = count + 1, example
    for document, (count, example) in seen.items():
        since = f"{reference_of(document):%Y-%m-%d %H:%M UTC}"
        reason = f"{count:,} relative dates such as {example!r} were counted from {since}, the file's own time"
        remarks.append(date_patterns.DateRemark(document, reason))
    return times.scatter(rows, pl.Series(read, dtype=TIME))


def localize(times: pl.Series, timezone: str) -> pl.Series:
    """Convert a column of times, with or without a zone, to UTC."""
    dtype = times.dtype
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        return times.dt.convert_time_zone("UTC").cast(TIME)
    return in_utc(times.cast(pl.Datetime("us")), check_timezone(timezone))


def split_typed(dates: Iterable[str | datetime | None], *, utc: bool) -> tuple[list[str | None], list[int | None]]:
    """Split a list of texts and ``datetime`` objects.

    Args:
        dates: n dates; None where there is none.
        utc: whether times without a zone are in UTC; others become texts.

    Returns:
        Texts, and times in microseconds since 1970, each of length n and at most one given. A ``datetime`` becomes a
        time where ``read_dates`` would read the same from its text.
    """
    texts: list[str | None] = []
    times: list[int | None] = []
    for date in dates:
        if isinstance(date, datetime):
            try:
                time = _microseconds(date, utc)
                text = date.isoformat() if time is None else None
            except Exception as error:  # a caller's zone may raise anything
                time, text = None, f"a zone that raises {type(error).__name__}"
            texts.append(text)
            times.append(time)
        else:
            texts.append(date)
            times.append(None)
    return texts, times


def _microseconds(time: datetime, utc: bool) -> int | None:
    """Return microseconds since 1970, None if ``read_dates`` must decide."""
    offset = time.utcoffset()
    plain = utc if offset is None else abs(offset) < _MAX_OFFSET and not offset % _MINUTE
    if not plain or not MIN_YEAR <= time.year <= MAX_YEAR or time.year in YEARS_IN_FIGURES:
        return None
    since = time.replace(tzinfo=None) - _EPOCH
    return (since if offset is None else since - offset) // _MICROSECOND
