"""Read dates that people and editorial systems write, by patterns over whole columns.

Arabic month names of the Gulf and Egypt, of the Levant and of the Maghreb (``core.months``), Arabic-Indic digits, ص and
م, day/month/year in either order, the time before the date, named zones («بتوقيت مكة», Asia/Riyadh), seconds since
1970.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import NamedTuple

import polars as pl

from dedup.core.letters import FUZZY_LETTERS
from dedup.core.months import month_names
from dedup.feeds.fields.hijri_dates import read_hijri
from dedup.feeds.fields.zones import ABBREVIATIONS, zone_named
from dedup.frames import TIME

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
# Patterns use [0-9] for numbers: \d includes the digits of all scripts, which cannot be cast.
HALF = r"^\s*(am|pm|a\.m\.|p\.m\.|صباحا|مساء|ظهرا|ص|م)(?:[^\p{L}]|$)"
AFTERNOON = ("p", "م", "ظ")
CLOCK = r"^\s*([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,6})[0-9]*)?)?([^\d:].*)?$"
HOUR = r"(?:^|[^\d:+-])([0-9]{1,2})\s*$"
ZONE = r"(?:^|[\s0-9.])(?:gmt|utc)?\s*([+-][0-9]{1,2}):?([0-9]{2})?\s*(?:\(.*\))?$"
NAMED = r"(?:^|[\s0-9])([a-z]{1,5})(?:\s*\(.*\))?$"
FORMS = (
    # 24 March 2025, 24 آذار/مارس 2025, Mon, 24 Mar 25
    (
        r"(?:^|[^\d:])([0-9]{1,2})(?:st|nd|rd|th)?[\s.,/-]*⟨([0-9]{1,2})⟩[\s.,/(-]*(?:⟨[0-9]{1,2}⟩)?[\s.,/)-]*"
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
    # JSON of .NET, hours as the French write them or with a point
    (r"^/Date\(([0-9]{10,13})[+0-9]*\)/$", "$1"),
    (r"\b([0-9]{1,2}) ?[hH] ?([0-9]{2})\b", "$1:$2"),
    (r"(\d{4}|-\d{1,2})(?:,? +|T)(\d{1,2})\.(\d{2})\.(\d{2})\b", "$1 $2:$3:$4"),
    (r"(\d{4}|-\d{1,2}),? +(\d{1,2})\.(\d{2})(\s|$)", "$1 $2:$3$4"),
    # SAS
    (r"^(\d{1,2})([A-Za-z]{3})(\d{2}|\d{4}):(\d{2}:\d{2})", "$1 $2 $3 $4"),
    # ISO 8601 without separators, timestamps of 14 digits, and C's asctime, whose year comes last
    (r"^([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})$", "$1-$2-${3}T$4:$5:$6"),
    (r"^([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})", "$1-$2-${3}T$4:$5:$6"),
    (r"^([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})", "$1-$2-${3}T$4:$5"),
    (
        r"^(?:[A-Za-z]{3},? +)?([A-Za-z]{3}) +([0-9]{1,2}) +([0-9]{2}:[0-9]{2}:[0-9]{2})"
        r"(?: ([A-Z]{1,5}|[+-][0-9]{4}))? ([0-9]{4})$",
        "$2 $1 $5 $3 $4",
    ),
)
EPOCH = r"^([0-9]{10})(?:[0-9]{3}){0,3}(?:\.[0-9]+)?$"
SERIAL = r"^((?:3[5-9]|4[0-9]|5[0-9])[0-9]{3}(?:\.[0-9]{1,12})?)$"
"""Days since 30 December 1899, as spreadsheets count: 1995 to 2064."""
SERIAL_OF_1970 = 25_569
FIGURES = r"^([^0-9⟨]*)([0-9]{1,2})(\s*[-/.]\s*)([0-9]{1,2})(\s*[-/.]\s*)([0-9]{4}|[0-9]{2})((?:[^0-9].*)?)$"
"""Day and month in figures, in either order, before the year."""
LABEL = r"^[^0-9]{1,40}:\s*"
TIME_FIRST = (
    r"^[^0-9]*?([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?\s*(?:am|pm|صباحا|مساء|ظهرا|ص|م)?)(?:\s*[-–—|,]\s*|\s+)"
    r"([^:]*[^0-9:+-][0-9]{4}|[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4})[^0-9:]*$"
)
ZONE_PHRASE = r"[(\[]?\s*(?:حسب\s+)?بتوقيت\s+((?:\p{Arabic}+\s*){1,4}|[a-z]+(?:[/_ ][a-z]+){0,2})\s*[)\]]?"
ZONE_PATH = r"[(\[]?\b([a-z]{2,}/[a-z_]{2,}(?:/[a-z_]{2,})?)\b[)\]]?"
ZONE_TIME = r"[(\[]?\b([a-z]{4,}(?:\s+(?:standard|daylight|summer))?)\s+(?:local\s+)?time\b[)\]]?"
"""Names of zones in texts with folded letters: «بتوقيت مكة المكرمة», Asia/Riyadh, "Riyadh time"."""
UNKNOWN = "?"
UNKNOWN_NAME = r"^[a-z]{2,4}t$"
"""An abbreviation that is that of a zone («IST»), and not one that is known."""
NO_OFFSET = 100_000
"""Stands for the offset of an unknown zone, in minutes."""


@cache
def _months() -> tuple[list[str], list[str]]:
    """Return the folded month names, the longest first, and their replacements: the number between ⟨ and ⟩."""
    names = {
        "".join(LETTERS.get(letter, letter) for letter in month.name): f"⟨{month.number}⟩" for month in month_names()
    }
    ordered = sorted(names, key=len, reverse=True)
    return ordered, [names[name] for name in ordered]


class DateRemark(NamedTuple):
    """How the dates of a document were read."""

    document: int
    reason: str


def read_by_patterns(
    texts: pl.Series, zone: str | timedelta, documents: pl.Series | None = None, *, hijri_figures: bool = False
) -> tuple[pl.Series, list[DateRemark]]:
    """Read dates in any known form.

    A date is cut at its first colon. The parts before it (day and hour) and behind it (minutes, seconds, zone) repeat
    thousands of times in a million dates, so the costly patterns see each distinct part once.

    Args:
        texts: n dates; null where there is none.
        zone: of dates without one.
        documents: the document of each date, for the order of day and month.
        hijri_figures: whether 15/9/1447 is a Hijri date, also where nothing marks it as one.

    Returns:
        Times in UTC, and remarks on documents whose order of day and month was not plain, or that have Hijri dates.
    """
    if texts.null_count() == len(texts):
        return pl.repeat(None, len(texts), dtype=TIME, eager=True).alias("published"), []
    text = pl.col("text").str.strip_chars().str.slice(0, 100)
    for form, ordered in REWRITTEN:
        text = text.str.replace(form, ordered)
    frame = pl.DataFrame({"text": texts}).select(text)
    distinct = frame["text"].drop_nulls().unique()
    plain = _with_serials_read(_plain(distinct))
    gregorian = read_hijri(plain, in_figures=hijri_figures)
    zones = _named_zones(gregorian)
    prepared = pl.DataFrame({"text": distinct, "plain": _with_time_last(zones["text"]), "zone": zones["zone"]})
    prepared = prepared.with_columns(hijri=plain != gregorian)
    frame = frame.join(prepared, on="text", how="left", maintain_order="left")
    plain, remarks = _day_first(frame["plain"], documents)
    if documents is not None and prepared["hijri"].any():
        remarks += _remark_hijri(texts, documents, frame["hijri"])
    halves = plain.str.splitn(":", 2).struct.rename_fields(["head", "tail"]).struct.unnest()
    heads = _heads(halves["head"].drop_nulls().unique())
    tails = _tails(halves["tail"].drop_nulls().unique())
    parts = (
        halves.hstack([frame["zone"]])
        .join(heads, on="head", how="left", maintain_order="left")
        .join(tails, on="tail", how="left", maintain_order="left")
    )
    timed = pl.col("tail").is_not_null()
    hour = pl.when(timed).then("hour").otherwise(0)
    hour = (
        pl.when(pl.col("afternoon") & (hour <= 12)).then(hour % 12 + 12)
        .when(~pl.col("afternoon") & (hour <= 12)).then(hour % 12)
        .otherwise(hour)
    )  # fmt: skip
    day = pl.col("day_us")
    # An impossible time (25:61) makes the date unknown; a date alone is its midnight.
    since = day + hour.cast(pl.Int64) * 3_600_000_000 + pl.when(timed).then("clock_us").otherwise(0)
    stated = pl.col("offset").is_not_null() & (pl.col("offset") != NO_OFFSET)
    known_zone = stated | ((pl.col("zone") != UNKNOWN) & pl.col("offset").is_null())
    parts = parts.with_columns(naive=pl.when((hour < 24) & known_zone).then(since).cast(pl.Datetime("us")))
    offset = pl.col("offset").cast(pl.Int64) * 60_000_000
    there = parts.select((pl.col("naive") - offset.cast(pl.Duration("us"))).dt.replace_time_zone("UTC")).to_series()
    named = _in_named_zones(parts)
    here = in_utc(parts["naive"], zone)
    epoch = parts.select(pl.col("epoch").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")).to_series()
    return pl.select(pl.coalesce(there, named, here, epoch).cast(TIME).alias("published")).to_series(), remarks


def _named_zones(plain: pl.Series) -> pl.DataFrame:
    """Return the texts without the names of zones, and the zones: "" for none, ``UNKNOWN`` for other names."""
    names = plain.str.extract(ZONE_PHRASE, 1).fill_null(plain.str.extract(ZONE_PATH, 1))
    others = plain.str.extract(ZONE_TIME, 1)
    zones = {phrase: zone_named(phrase) or UNKNOWN for phrase in names.drop_nulls().unique()}
    # "Central Standard Time" is a zone, if an unknown one; "publishing time" is none.
    zones |= {
        phrase: zone_named(phrase) or (UNKNOWN if " " in phrase else "") for phrase in others.drop_nulls().unique()
    }
    names = names.fill_null(others)
    zone = names.replace_strict(list(zones), list(zones.values()), default="", return_dtype=pl.String).fill_null("")
    if not zones:
        return pl.DataFrame({"text": plain, "zone": zone})
    stripped = plain.str.replace(ZONE_PHRASE, " ").str.replace(ZONE_PATH, " ").str.replace(ZONE_TIME, " ")
    return pl.DataFrame({"text": stripped.str.strip_chars(), "zone": zone})


def _with_time_last(plain: pl.Series) -> pl.Series:
    """Strip a label, and move a time of day that precedes the date behind it."""
    return plain.str.replace(LABEL, "").str.replace(TIME_FIRST, "$2 $1")


def _day_first(plain: pl.Series, documents: pl.Series | None) -> tuple[pl.Series, list[DateRemark]]:
    """Rewrite dates in figures with the day first, decided for each document by the dates that settle the order."""
    frame = pl.DataFrame({"text": plain, "document": 0 if documents is None else documents}).with_row_index("row")
    numeric = frame.filter(pl.col("text").str.contains(FIGURES)).with_columns(
        first=pl.col("text").str.extract(FIGURES, 2).cast(pl.Int32),
        second=pl.col("text").str.extract(FIGURES, 4).cast(pl.Int32),
        short=pl.col("text").str.extract(FIGURES, 6).str.len_chars() == 2,
    )
    if numeric.is_empty():
        return plain, []
    first, second = pl.col("first"), pl.col("second")
    ambiguous = (first <= 12) & (second <= 12) & (first != second)
    orders = numeric.group_by("document", maintain_order=True).agg(
        day=((first > 12) & (second <= 12)).any(),
        month=((second > 12) & (first <= 12)).any(),
        count=ambiguous.sum(),
        example=pl.col("text").filter(ambiguous).first(),
    )
    remarks = []
    for document, day, month, count, example in orders.filter(pl.col("count") > 0).iter_rows():
        if day and month:
            reason = f"{count:,} dates such as {example!r} may have the day or the month first, and the column has both"
            remarks.append(DateRemark(document, f"{reason} orders"))
        elif not day and not month and documents is not None:
            reason = f"{count:,} dates such as {example!r} were read as day/month/year"
            remarks.append(DateRemark(document, f"{reason}; no date of the column settles the order"))
    numeric = numeric.join(orders.select("document", "day", "month"), on="document")
    swap = (second > 12) & (first <= 12) | (pl.col("month") & ~pl.col("day"))
    settled = pl.col("day") | pl.col("month")
    century = pl.when(pl.col("short") & settled).then(pl.lit("20")).otherwise(pl.lit(""))
    group = [pl.col("text").str.extract(FIGURES, number).fill_null("") for number in range(1, 8)]
    ordered = pl.concat_str(
        group[0], pl.when(swap).then(group[3]).otherwise(group[1]), group[2],
        pl.when(swap).then(group[1]).otherwise(group[3]), group[4], century, group[5], group[6],
    )  # fmt: skip
    unknown = ambiguous & pl.col("day") & pl.col("month")
    numeric = numeric.select("row", text=pl.when(unknown).then(pl.lit("")).otherwise(ordered))
    return plain.clone().scatter(numeric["row"], numeric["text"]), remarks


def _remark_hijri(texts: pl.Series, documents: pl.Series, is_hijri: pl.Series) -> list[DateRemark]:
    """Return a remark for each document with Hijri dates."""
    frame = pl.DataFrame({"document": documents, "text": texts}).filter(is_hijri.fill_null(value=False))
    grouped = frame.group_by("document", maintain_order=True).agg(pl.len(), pl.col("text").first())
    return [
        DateRemark(document, f"{count:,} Hijri dates such as {text!r} were read by the Umm al-Qura calendar")
        for document, count, text in grouped.iter_rows()
    ]


def _in_named_zones(parts: pl.DataFrame) -> pl.Series:
    """Return the times of rows that name a zone, in UTC; null for the others."""
    times = pl.repeat(None, parts.height, dtype=TIME, eager=True)
    for zone in parts["zone"].drop_nulls().unique().to_list():
        if zone not in ("", UNKNOWN):
            rows = (parts["zone"] == zone).fill_null(value=False).arg_true()
            times = times.scatter(rows, in_utc(parts["naive"].gather(rows), zone).cast(TIME))
    return times


def in_utc(naive: pl.Series, zone: str | timedelta) -> pl.Series:
    """Convert local times to UTC.

    An hour that a change of clocks skips is null; of one that it repeats the first is taken.
    """
    if zone == "UTC":
        return naive.dt.replace_time_zone("UTC")
    if isinstance(zone, timedelta):
        return (naive - zone).dt.replace_time_zone("UTC")
    return naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")


def _plain(texts: pl.Series) -> pl.Series:
    """Return texts in lower case, with ASCII digits and folded letters."""
    letters = DIGITS | LETTERS
    return texts.str.to_lowercase().str.replace_many(list(letters), list(letters.values()))


def _with_serials_read(plain: pl.Series) -> pl.Series:
    """Replace the serial numbers of spreadsheets by the dates that they stand for."""
    serials = plain.str.extract(SERIAL, 1)
    if serials.null_count() == len(serials):
        return plain
    seconds = ((serials.cast(pl.Float64) - SERIAL_OF_1970) * 86_400).round(0)
    written = (seconds * 1_000_000).cast(pl.Int64).cast(pl.Datetime("us")).dt.strftime("%Y-%m-%d %H:%M:%S")
    return plain.zip_with(serials.is_null(), written)


def _with_month_numbers(plain: pl.Series) -> pl.Series:
    """Replace month names by their numbers between ⟨ and ⟩."""
    names, numbers = _months()
    return plain.str.replace_many(names, numbers, leftmost=True)


def _heads(heads: pl.Series) -> pl.DataFrame:
    """Return the day (µs since 1970), hour, and seconds since 1970 of each text before the first colon."""
    text = pl.col("text")
    frame = pl.DataFrame({"head": heads, "text": _with_month_numbers(heads)})
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
    """Return minutes and seconds (µs), half of the day and offset (minutes) of each text behind the first colon."""
    names = ["minute", "second", "fraction", "rest"]
    frame = pl.DataFrame({"tail": tails, "text": tails}).with_columns(
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
    name = zone.str.extract(NAMED, 1)
    named = name.replace_strict(ABBREVIATIONS, default=None, return_dtype=pl.Int32)
    named = pl.when(named.is_null() & name.str.contains(UNKNOWN_NAME)).then(NO_OFFSET).otherwise(named)
    clock = (pl.col("minute") * 60 + pl.col("second")) * 1_000_000 + pl.col("fraction")
    return frame.select(
        "tail",
        # A leap second is the first of the next minute.
        clock_us=pl.when((pl.col("minute") < 60) & (pl.col("second") <= 60)).then(clock),
        afternoon=half.is_in(AFTERNOON),
        offset=pl.when(minutes <= 14 * 60)
        .then(sign * minutes)
        .when(minutes.is_not_null())
        .then(NO_OFFSET)
        .otherwise(named),
    )


def _possible() -> pl.Expr:
    """Return whether year, month and day are a date of the calendar; implausible years are removed later."""
    year, month, day = pl.col("year"), pl.col("month"), pl.col("day")
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    february = pl.when(leap).then(29).otherwise(28)
    longest = pl.when(month == 2).then(february).when(month.is_in([4, 6, 9, 11])).then(30).otherwise(31)
    return year.is_between(1, 9999) & month.is_between(1, 12) & day.is_between(1, longest)
