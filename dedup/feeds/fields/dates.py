"""Dates as feeds spell them -> UTC, over whole columns.

RFC 822 (RSS) and ISO 8601 (Atom, JSON), and what editorial systems print: Arabic month names of the Gulf and Egypt,
of the Levant and of the Maghreb (``core.months``), Arabic-Indic digits, ص and م, day/month/year, seconds since 1970. A
date that cannot be known is null, never a guess: relative ones («قبل 3 أيام»), month and year only, the Islamic
calendar, 30 February, hour 25. Without a zone the caller's time zone is taken.

Libraries: dateutil costs 50 µs a date, dateparser 1.3 ms, and neither reads Levantine or Maghreb months; both make a
date of «12» or «now».
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from dedup.core.hashing import true_at
from dedup.core.letters import FUZZY_LETTERS
from dedup.core.months import month_names
from dedup.errors import SettingError
from dedup.feeds.fields.iso_dates import LOCAL, OTHER, machine_times
from dedup.frames import TIME

ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "cet": 60, "west": 60, "bst": 60, "cest": 120, "eet": 120,
    "eest": 180, "ksa": 180, "msk": 180, "gst": 240, "est": -300, "edt": -240, "cst": -360, "cdt": -300,
    "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
}  # fmt: skip
"""Minutes east of Greenwich: RFC 822's names and those of the Arab world's neighbours. Other names count as none."""
DIGITS = {chr(base + digit): str(digit) for base in (0x660, 0x6F0) for digit in range(10)}
LETTERS = (
    FUZZY_LETTERS
    | {
        "ـ": "",
        "\u200f": "",
        "\u200e": "",
        "\u202b": "",
        "\u202c": "",
        "،": ",",
        "\xa0": " ",
    }
    | dict.fromkeys(map(chr, range(0x64B, 0x653)), "")
)
"""Spellings of one letter, marks of direction, and vowels."""
# What is to be a number is written [0-9]: \d has the digits of all scripts, of which no number can be made.
HALF = r"^\s*(am|pm|a\.m\.|p\.m\.|صباحا|مساء|ظهرا|ص|م)(?:[^\p{L}]|$)"
AFTERNOON = ("p", "م", "ظ")
CLOCK = r"^\s*([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,6})[0-9]*)?)?([^\d:].*)?$"
HOUR = r"(?:^|[^\d:+-])([0-9]{1,2})\s*$"
ZONE = r"(?:^|[\s0-9.])(?:gmt|utc)?\s*([+-][0-9]{1,2}):?([0-9]{2})?\s*(?:\(.*\))?$"
NAMED = r"(?:^|[\s0-9])([a-z]{1,5})(?:\s*\(.*\))?$"
FORMS = (
    # 24 March 2025, 24 آذار/مارس 2025, Mon, 24 Mar 25
    (
        r"(?:^|[^\d:])([0-9]{1,2})(?:st|nd|rd|th)?[\s.,/-]*⟨([0-9]{1,2})⟩[\s.,/-]*(?:⟨[0-9]{1,2}⟩)?[\s.,/-]*"
        r"([0-9]{4}|[0-9]{2})(?:$|\D)",
        (3, 2, 1),
    ),
    # 2025-03-24, 2025/3/24
    (r"(?:^|[^\d:])([0-9]{4})\s*[-/.]\s*([0-9]{1,2})\s*[-/.]\s*([0-9]{1,2})(?:$|\D)", (1, 2, 3)),
    # 24/03/2025: the day first, as everywhere but in the United States
    (r"(?:^|[^\d:])([0-9]{1,2})\s*[-/.]\s*([0-9]{1,2})\s*[-/.]\s*([0-9]{4})(?:$|\D)", (3, 2, 1)),
    # March 24, 2025
    (r"⟨([0-9]{1,2})⟩[\s.]*([0-9]{1,2})(?:st|nd|rd|th)?\s*,?\s*([0-9]{4})(?:$|\D)", (3, 1, 2)),
    # 20250324
    (r"^([0-9]{4})([0-9]{2})([0-9]{2})$", (1, 2, 3)),
)
REWRITTEN = (
    # ISO 8601 without marks, and C's asctime, whose year comes last
    (r"^([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})", "$1-$2-${3}T$4:$5:$6"),
    (r"^([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})", "$1-$2-${3}T$4:$5"),
    (
        r"^(?:[A-Za-z]{3},? +)?([A-Za-z]{3}) +([0-9]{1,2}) +([0-9]{2}:[0-9]{2}:[0-9]{2})(?: ([A-Z]{1,5}))? ([0-9]{4})$",
        "$2 $1 $5 $3 $4",
    ),
)
_LOOKED_AT = 1 << 16  # dates held as code points at once
EPOCH = r"^([0-9]{10})(?:[0-9]{3})?(?:\.[0-9]+)?$"


@cache
def _months() -> tuple[list[str], list[str]]:
    """Return the folded month names, the longest first, and their replacements: the number between ⟨ and ⟩."""
    names = {
        "".join(LETTERS.get(letter, letter) for letter in month.name): f"⟨{month.number}⟩" for month in month_names()
    }
    ordered = sorted(names, key=len, reverse=True)
    return ordered, [names[name] for name in ordered]


@lru_cache(maxsize=16)
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
    """Times in UTC; null for what is absent or cannot be known.

    ISO 8601 as machines write it is read in one step, all else by patterns, which give the same where both apply.
    """
    zone = check_timezone(timezone)
    texts = texts.cast(pl.String)
    parts = [machine_times(texts.slice(at, _LOOKED_AT)) for at in range(0, max(len(texts), 1), _LOOKED_AT)]
    micros, forms = (np.concatenate(part) for part in zip(*parts, strict=True))
    times = pl.Series("published", micros, dtype=TIME)
    if zone != "UTC" and (local := true_at(forms == LOCAL)).size:
        times = times.scatter(local, _in_utc(pl.Series(micros[local], dtype=pl.Datetime("us")), zone))
    if (others := true_at(forms == OTHER)).size:
        rest = texts.gather(others)
        times = times.scatter(others, by_patterns(rest, zone) if rest.null_count() < len(rest) else None)
    return times


def by_patterns(texts: pl.Series, zone: str | timedelta) -> pl.Series:
    """Times in UTC, in whatever form they are written.

    A date is cut at its first colon. What stands before it (day and hour) and after it (minutes, seconds, zone) repeats
    thousands of times in a million dates, so the costly patterns see each distinct half once.
    """
    text = pl.col("text").str.strip_chars().str.slice(0, 100)
    for form, ordered in REWRITTEN:
        text = text.str.replace(form, ordered)
    halves = pl.DataFrame({"text": texts}).select(text.str.splitn(":", 2).struct.rename_fields(["head", "tail"]))
    frame = halves.unnest("text")
    heads = _heads(frame["head"].drop_nulls().unique())
    tails = _tails(frame["tail"].drop_nulls().unique())
    parts = frame.join(heads, on="head", how="left", maintain_order="left").join(
        tails, on="tail", how="left", maintain_order="left"
    )
    timed = pl.col("tail").is_not_null()
    hour = pl.when(timed).then("hour").otherwise(0)
    hour = (
        pl.when(pl.col("afternoon") & (hour <= 12)).then(hour % 12 + 12)
        .when(~pl.col("afternoon") & (hour <= 12)).then(hour % 12)
        .otherwise(hour)
    )  # fmt: skip
    day = pl.col("day_us")
    # A time that is none (25:61) makes the whole date unknown; a date alone is its midnight.
    since = day + hour.cast(pl.Int64) * 3_600_000_000 + pl.when(timed).then("clock_us").otherwise(0)
    parts = parts.with_columns(naive=pl.when(hour < 24).then(since).cast(pl.Datetime("us")))
    offset = pl.col("offset").cast(pl.Int64) * 60_000_000
    here = _in_utc(parts["naive"], zone)
    there = parts.select((pl.col("naive") - offset.cast(pl.Duration("us"))).dt.replace_time_zone("UTC")).to_series()
    epoch = parts.select(pl.col("epoch").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")).to_series()
    return pl.select(pl.coalesce(there, here, epoch).cast(TIME).alias("published")).to_series()


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


def _plain(texts: pl.Series) -> pl.Series:
    """Lower case, ASCII digits, letters without hamza, month names as ⟨number⟩."""
    letters = DIGITS | LETTERS
    names, numbers = _months()
    plain = texts.str.to_lowercase().str.replace_many(list(letters), list(letters.values()))
    return plain.str.replace_many(names, numbers, leftmost=True)


def _heads(heads: pl.Series) -> pl.DataFrame:
    """For each text before the first colon: its day (µs since 1970) and hour, or its seconds since 1970."""
    text = pl.col("text")
    frame = pl.DataFrame({"head": heads, "text": _plain(heads)})
    parts: dict[str, list[pl.Expr]] = {"year": [], "month": [], "day": []}
    for pattern, groups in FORMS:
        for name, group in zip(parts, groups, strict=True):
            parts[name].append(text.str.extract(pattern, group))
    year = pl.coalesce(parts["year"])
    # RFC 822 had years of two digits; RFC 2822 reads them so.
    century = pl.when(year.str.len_chars() > 2).then(0).when(year < "50").then(2000).otherwise(1900)
    frame = frame.with_columns(
        year=year.cast(pl.Int32) + century,
        month=pl.coalesce(parts["month"]).cast(pl.Int32),
        day=pl.coalesce(parts["day"]).cast(pl.Int32),
    )
    return frame.select(
        "head",
        day_us=pl.when(_possible()).then(pl.date("year", "month", "day")).cast(pl.Datetime("us")).to_physical(),
        hour=text.str.extract(HOUR, 1).cast(pl.Int32),
        epoch=text.str.extract(EPOCH, 1).cast(pl.Int64) * 1_000_000,
    )


def _tails(tails: pl.Series) -> pl.DataFrame:
    """For each text after the first colon: minutes and seconds (µs), the half of the day, minutes east of Greenwich."""
    names = ["minute", "second", "fraction", "rest"]
    frame = pl.DataFrame({"tail": tails, "text": _plain(tails)}).with_columns(
        pl.col("text").str.extract_groups(CLOCK).struct.rename_fields(names).alias("clock")
    )
    frame = frame.unnest("clock").with_columns(
        minute=pl.col("minute").cast(pl.Int64), second=pl.col("second").cast(pl.Int64).fill_null(0),
        fraction=pl.col("fraction").str.pad_end(6, "0").cast(pl.Int64).fill_null(0), rest=pl.col("rest").fill_null(""),
    )  # fmt: skip
    half = pl.col("rest").str.extract(HALF, 1).str.slice(0, 1)
    zone = pl.when(half.is_null()).then("rest").otherwise(pl.col("rest").str.replace(HALF, " ")).str.strip_chars()
    hours = zone.str.extract(ZONE, 1)
    minutes = hours.cast(pl.Int32).abs() * 60 + zone.str.extract(ZONE, 2).cast(pl.Int32).fill_null(0)
    sign = pl.when(hours.str.starts_with("-")).then(-1).otherwise(1)
    named = zone.str.extract(NAMED, 1).replace_strict(ZONES, default=None, return_dtype=pl.Int32)
    clock = (pl.col("minute") * 60 + pl.col("second")) * 1_000_000 + pl.col("fraction")
    return frame.select(
        "tail",
        # A leap second is the next minute's first.
        clock_us=pl.when((pl.col("minute") < 60) & (pl.col("second") <= 60)).then(clock),
        afternoon=half.is_in(AFTERNOON),
        offset=pl.when(minutes <= 14 * 60).then(sign * minutes).otherwise(named),
    )


def _possible() -> pl.Expr:
    """Whether year, month and day are a date of the calendar; year 1 and the like are judged later."""
    year, month, day = pl.col("year"), pl.col("month"), pl.col("day")
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    february = pl.when(leap).then(29).otherwise(28)
    longest = pl.when(month == 2).then(february).when(month.is_in([4, 6, 9, 11])).then(30).otherwise(31)
    return year.is_between(1, 9999) & month.is_between(1, 12) & day.is_between(1, longest)
