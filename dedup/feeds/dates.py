"""Dates as feeds spell them -> UTC, over whole columns.

RFC 822 (RSS) and ISO 8601 (Atom, JSON), and what editorial systems print: Arabic month names of the Gulf and Egypt, of the
Levant and of the Maghreb (``months.txt``), Arabic-Indic digits, ص and م, day/month/year, seconds since 1970. A date that
cannot be known is null, never a guess: relative ones («قبل 3 أيام»), month and year only, the Islamic calendar, 30
February, hour 25. Without a zone the caller's time zone is taken.

Libraries: dateutil costs 50 µs a date, dateparser 1.3 ms, and neither reads Levantine or Maghreb months; both make a date of
«12» or «now».
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import polars as pl

from dedup.errors import SettingError
from dedup.frames import TIME

OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=2)
ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "cet": 60, "west": 60, "bst": 60, "cest": 120, "eet": 120, "eest": 180,
    "ksa": 180, "msk": 180, "gst": 240, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360,
    "pst": -480, "pdt": -420,
}  # fmt: skip
"""Minutes east of Greenwich: RFC 822's names and those of the Arab world's neighbours. Other names count as none."""
DIGITS = {chr(base + digit): str(digit) for base in (0x660, 0x6F0) for digit in range(10)}
LETTERS = {
    "أ": "ا",
    "إ": "ا",
    "آ": "ا",
    "ـ": "",
    "\u200f": "",
    "\u200e": "",
    "\u202b": "",
    "\u202c": "",
    "،": ",",
    "\xa0": " ",
}
TIME_OF_DAY = r"(?:^|[^\d:+-])(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6})\d*)?)?(.*)$"
HALF = r"^\s*(am|pm|a\.m\.|p\.m\.|صباحا|مساء|ظهرا|ص|م)(?:[^\p{L}]|$)"
ZONE = r"(?:^|[\s\d.])(?:gmt|utc)?\s*([+-]\d{1,2}):?(\d{2})?\s*(?:\(.*\))?$"
NAMED = r"(?:^|[\s\d])([a-z]{1,5})(?:\s*\(.*\))?$"
NUMERIC = r"(?:^|[^\d:])(\d{4})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})(?:$|[^\d])"
COMPACT = r"^(\d{4})(\d{2})(\d{2})(?:t(\d{2})(\d{2})(\d{2})?(.*))?$"
SPELLED = r"(?:^|[^\d:])(\d{1,2})(?:st|nd|rd|th)?[\s.,/-]*⟨(\d{1,2})⟩[\s.,/-]*(?:⟨\d{1,2}⟩)?[\s.,/-]*(\d{4}|\d{2})(?:$|[^\d:])"
AMERICAN = r"⟨(\d{1,2})⟩[\s.]*(\d{1,2})(?:st|nd|rd|th)?\s*,?\s*(\d{4})(?:$|[^\d:])"
SHORT = r"(?:^|[^\d:])(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})(?:$|[^\d])"
EPOCH = r"^(\d{10})(\d{3})?(?:\.\d+)?$"
ONLY = r"^\d{4}\D?\d{0,2}$"


@cache
def _months() -> tuple[list[str], list[str]]:
    """Month names, the longest first, and what they are replaced by: their number between ⟨ and ⟩."""
    lines = files("dedup.feeds").joinpath("months.txt").read_text(encoding="utf-8").splitlines()
    names = {}
    for line in lines:
        if line and not line.startswith("#"):
            number, *words = line.split()
            for word in words:
                folded = "".join(LETTERS.get(letter, letter) for letter in word.replace("_", " "))
                names[folded] = f"⟨{number}⟩"
    ordered = sorted(names, key=len, reverse=True)
    return ordered, [names[name] for name in ordered]


def check_timezone(name: str) -> str | timedelta:
    """A zone's name, or an offset such as ``+03:00``.

    Raises:
        SettingError: the zone is unknown.
    """
    offset = re.fullmatch(r"([+-])(\d{1,2}):?(\d{2})?", name)
    if offset and int(offset[2]) <= 14:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        return timedelta(minutes=-minutes if offset[1] == "-" else minutes)
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise SettingError(
            "timezone", name, "a zone's name such as Africa/Cairo, or an offset such as +03:00"
        ) from None
    return name


def read_dates(texts: pl.Series, timezone: str = "UTC") -> pl.Series:
    """Times in UTC; null for what is absent or cannot be known."""
    zone = check_timezone(timezone)
    frame = pl.DataFrame({"text": texts.cast(pl.String)}).with_columns(pl.col("text").str.strip_chars())
    known = frame.unique("text").filter(pl.col("text").str.contains(r"[0-9٠-٩۰-۹]"))
    parsed = known.select("text", published=_instant(known["text"], zone))
    return frame.join(parsed, on="text", how="left", maintain_order="left")["published"]


def localize(times: pl.Series, timezone: str) -> pl.Series:
    """A column of times (with a zone or without) in UTC."""
    dtype = times.dtype
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        return times.dt.convert_time_zone("UTC").cast(TIME)
    return _in_utc(times.cast(pl.Datetime("us")), check_timezone(timezone))


def _in_utc(naive: pl.Series, zone: str | timedelta) -> pl.Series:
    if isinstance(zone, timedelta):
        return (naive - zone).dt.replace_time_zone("UTC")
    # An hour that the clocks skipped has no meaning; one that they repeated is taken as the first.
    return naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")


def _instant(texts: pl.Series, zone: str | timedelta) -> pl.Series:
    names, numbers = _months()
    letters = DIGITS | LETTERS
    plain = pl.DataFrame({"text": texts}).with_columns(
        pl.col("text")
        .str.slice(0, 100)
        .str.to_lowercase()
        .str.replace_many(list(letters), list(letters.values()))
        .str.replace_many(names, numbers, leftmost=True)
    )
    date = _dates(plain)
    clock = _clock(date)
    naive = pl.datetime("year", "month", "day", "hour", "minute", "second", "micro", time_unit="us")
    parts = clock.with_columns(
        naive=pl.when(_possible()).then(naive).otherwise(None), offset=pl.col("offset").cast(pl.Int64, strict=False)
    )
    here = _in_utc(parts["naive"], zone)
    there = (parts["naive"] - pl.Series(parts["offset"] * 60_000_000).cast(pl.Duration("us"))).dt.replace_time_zone(
        "UTC"
    )
    epoch = parts.select(
        (pl.col("text").str.extract(EPOCH, 1).cast(pl.Int64, strict=False) * 1_000_000).cast(pl.Datetime("us"))
    ).to_series()
    times = pl.DataFrame({"here": here, "there": there, "epoch": epoch.dt.replace_time_zone("UTC")})
    return times.select(pl.coalesce("there", "here", "epoch").cast(TIME)).to_series()


def _dates(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns year, month and day, from the first of the forms that fits; the rest of the text for the clock."""
    text = pl.col("text")
    forms = (
        (SPELLED, (3, 2, 1)),
        (NUMERIC, (1, 2, 3)),
        (SHORT, (3, 2, 1)),
        (AMERICAN, (3, 1, 2)),
        (COMPACT, (1, 2, 3)),
    )
    parts = {"year": [], "month": [], "day": []}  # type: dict[str, list[pl.Expr]]
    for pattern, groups in forms:
        for name, group in zip(parts, groups, strict=True):
            parts[name].append(text.str.extract(pattern, group))
    dated = frame.with_columns(
        **{name: pl.coalesce(found).cast(pl.Int32, strict=False) for name, found in parts.items()}
    )
    # RFC 822 had years of two digits; RFC 2822 reads them so.
    year = pl.col("year")
    return dated.with_columns(
        year=pl.when(year < 50).then(year + 2000).when(year < 100).then(year + 1900).otherwise(year)
    )


def _clock(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns hour, minute, second, micro and offset (minutes east; null where no zone is given)."""
    text = pl.col("text")
    # «T» stands between date and time in ISO 8601, whose compact form has no colons.
    spaced = text.str.replace(COMPACT, "$1-$2-$3 $4:$5:$6$7").str.replace(r"(\d)t(\d)", "$1 $2")
    groups = spaced.str.extract_groups(TIME_OF_DAY)
    frame = frame.with_columns(groups.alias("clock")).unnest("clock")
    rest = pl.col("5")
    half = rest.str.extract(HALF, 1).str.slice(0, 1)
    hour = pl.col("1").cast(pl.Int32, strict=False).fill_null(0)
    afternoon = half.is_in(["p", "م", "ظ"])
    hour = (
        pl.when(half.is_null()).then(hour)
        .when(hour > 12).then(hour)
        .when(afternoon).then(hour % 12 + 12)
        .otherwise(hour % 12)
    )  # fmt: skip
    tail = pl.when(half.is_null()).then(rest).otherwise(rest.str.replace(HALF, " ")).str.strip_chars()
    hours = tail.str.extract(ZONE, 1).cast(pl.Int32, strict=False)
    minutes = tail.str.extract(ZONE, 2).cast(pl.Int32, strict=False).fill_null(0)
    sign = pl.when(tail.str.extract(ZONE, 1).str.starts_with("-")).then(-1).otherwise(1)
    named = tail.str.extract(NAMED, 1).replace_strict(ZONES, default=None, return_dtype=pl.Int32)
    return frame.with_columns(
        hour=hour,
        minute=pl.col("2").cast(pl.Int32, strict=False).fill_null(0),
        second=pl.col("3").cast(pl.Int32, strict=False).fill_null(0),
        micro=pl.col("4").str.pad_end(6, "0").cast(pl.Int32, strict=False).fill_null(0),
        offset=pl.when(hours.abs() <= 14).then(hours * 60 + sign * minutes).otherwise(named),
    )


def _possible() -> pl.Expr:
    """Whether the parts are a date of the calendar and a time of the day; year 1 and the like are judged later."""
    month, day = pl.col("month"), pl.col("day")
    leap = (pl.col("year") % 4 == 0) & ((pl.col("year") % 100 != 0) | (pl.col("year") % 400 == 0))
    longest = (
        pl.when(month == 2)
        .then(pl.when(leap).then(29).otherwise(28))
        .when(month.is_in([4, 6, 9, 11]))
        .then(30)
        .otherwise(31)
    )
    return (
        pl.col("year").is_between(1, 9999) & month.is_between(1, 12) & day.is_between(1, longest)
        & (pl.col("hour") < 24) & (pl.col("minute") < 60) & (pl.col("second") < 60)
    )  # fmt: skip


def is_absurd(times: pl.Series, now: datetime | None = None) -> pl.Series:
    """Whether a time cannot be when a headline was published.

    That is before 1990; more than two days ahead of now; or, in a corpus that ended more than a month ago, ahead of its
    newest time by more than two days. A corpus's newest time is where the last stray ones (at most 2 %) are cut off
    by a gap ten times as long as any in its newer half.
    """
    now = now or datetime.now(UTC)
    latest = now + AHEAD
    usual = times.filter((times >= OLDEST) & (times <= latest)).sort()
    newest = _newest(usual)
    if newest is not None and newest < now - timedelta(days=30):
        latest = newest + AHEAD
    return ((times < OLDEST) | (times > latest)).fill_null(value=False)


def _newest(times: pl.Series) -> datetime | None:
    """The newest of sorted times that is not a stray."""
    if times.len() < 20:
        return times[-1] if times.len() else None
    gaps = times.diff()
    half = times.len() // 2
    strays = max(1, times.len() // 50)
    body = gaps[half : times.len() - strays].max()
    for position in range(times.len() - strays, times.len()):
        if gaps[position] > max(AHEAD, 10 * body):
            return times[position - 1]
    return times[-1]
