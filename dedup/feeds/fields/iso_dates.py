"""Dates as machines write them, ISO 8601 and RFC 822 with all digits in their places, read from code points.

Data in memory, JSON and tables have little else than the first, and RSS than the second. In ms, for one date and for
65,536, in one run:

    read by                       one   65,536
    the patterns, ISO 8601        9.5       53
    this                          0.2       38
    the patterns, RFC 822         6.8       52
    this                          0.5       90

So RFC 822 is left to the patterns from ``MANY`` dates on; a scan of a few feeds is spared their start.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from dedup.core.hashing import true_at
from dedup.core.text_arrays import encode, join_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl
    from numpy.typing import NDArray

    from dedup.core.hashing import Codes, Positions

MANY = 10_000
"""Dates in one go from which the patterns, which take 6 ms to start, read those of RFC 822 sooner."""

OTHER, LOCAL, ZONED = range(3)
"""Whether a date is written in another way, without a zone, or with one."""
_FORM = encode("0000-00-00T00:00:00")
_HIGHEST = np.array([9 if chr(code) == "0" else 0 for code in _FORM])  # that a letter lies above the form's
_BLANK_FOR_T = ord(" ") - ord("T")
_PLACES = np.zeros((len(_FORM), 6), np.int64)
_PLACES[:4, 0] = 1000, 100, 10, 1
_PLACES[[5, 8, 11, 14, 17], range(1, 6)], _PLACES[[6, 9, 12, 15, 18], range(1, 6)] = 10, 1
_LEAST, _MOST = np.array([1000, 1, 1, 0, 0, 0]), np.array([2999, 12, 31, 23, 59, 59])
_ZONE, _HIGHEST_OF_ZONE, _MINUTES = encode("+00:00"), np.array([0, 9, 9, 0, 5, 9]), np.array([0, 600, 60, 0, 10, 1])
_FURTHEST = 14 * 60  # minutes from Greenwich
_MAIL = encode("Mon, 00 Jan 0000 00:00:00 +0000")
_MAIL_MARKS = np.array([3, 4, 7, 11, 16, 19, 22, 25])
_ISO_OF_MAIL = np.array([12, 13, 14, 15, 0, 0, 0, 0, 5, 6, 0, 17, 18, 0, 20, 21, 0, 23, 24, 26, 27, 28, 0, 29, 30])
"""Where each letter of ISO 8601 stands in RFC 822, 0 for the month and the marks."""
_ISO_MARKS, _ISO_MONTH = np.array([4, 7, 10, 13, 16, 22]), [5, 6]
_MONTHS, _WEEKDAYS = "JanFebMarAprMayJunJulAugSepOctNovDec", "MonTueWedThuFriSatSun"
_GMT, _UTC = encode("GMT"), encode("+0000")
_FINEST = 6  # digits of a second's fraction
_DAY = 86_400
_MICROSECONDS = 1_000_000
_EPOCH, _MINUTE, _MICROSECOND = datetime(1970, 1, 1), timedelta(minutes=1), timedelta(microseconds=1)
_FURTHEST_ZONE = _FURTHEST * _MINUTE


def machine_times(texts: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Times of dates such as 2031-03-24T17:05:00, also with .123456, with Z or +03:00 behind.

    A blank may stand for the T, and 17:05 alone. Of fewer than ``MANY`` dates, also those of RFC 822.

    Args:
        texts: n dates as they are written; null where there is none.

    Returns:
        Microseconds since 1970, in the zone's or without one in local time, 0 for others, and what they are (OTHER,
        LOCAL, ZONED), each of shape (n,).
    """
    codes = encode(join_lines(texts.fill_null("") if texts.null_count() else texts))
    edges = true_at(codes == ord("\n"))
    micros, form = _iso_times(codes, edges)
    for rewrite in (_with_seconds, _as_iso) if len(texts) < MANY else (_with_seconds,):
        if form.all():
            break
        which, lines = rewrite(codes, edges)
        if len(which):
            micros[which], form[which] = _iso_times(lines, true_at(lines == ord("\n")))
    return micros, form


def told_apart(dates: Iterable[str | datetime | None], *, utc: bool) -> tuple[list[str | None], list[int | None]]:
    """Of dates among which times of Python stand, the texts, and the times in microseconds since 1970.

    Args:
        dates: n dates; None where there is none.
        utc: whether times without a zone are in UTC; else they are told as texts.

    Returns:
        Each of length n; of a text and a time one at most is given. A time stays one where ``machine_times`` would read
        the same from its text.
    """
    texts, times = list[str | None](), list[int | None]()
    for date in dates:
        if isinstance(date, datetime):
            time = _microseconds(date, utc)
            texts.append(date.isoformat() if time is None else None)
            times.append(time)
        else:
            texts.append(date)
            times.append(None)
    return texts, times


def _microseconds(time: datetime, utc: bool) -> int | None:
    east = time.utcoffset()
    readable = utc if east is None else abs(east) < _FURTHEST_ZONE and not east % _MINUTE
    if not readable or not _LEAST[0] <= time.year <= _MOST[0]:
        return None
    since = time.replace(tzinfo=None) - _EPOCH
    return (since if east is None else since - east) // _MICROSECOND


def _with_seconds(codes: Codes, edges: Positions) -> tuple[Positions, Codes]:
    """The lines as long as «2031-03-24 17:05», and the same with seconds."""
    which = true_at((edges[1:] - edges[:-1]) - 1 == len(_FORM) - 3)
    written = codes.take(edges[which][:, None] + 1 + np.arange(len(_FORM) + 1), mode="clip")
    written[:, -4:] = encode(":00\n")
    return which, np.concatenate([encode("\n"), written.ravel()])


def _as_iso(codes: Codes, edges: Positions) -> tuple[Positions, Codes]:
    """The lines of RFC 822, such as «Mon, 24 Mar 2031 17:05:00 +0300» or GMT, and lines of ISO 8601 for them.

    Whether digits stand where they should is left to whoever reads those.
    """
    length = edges[1:] - edges[:-1] - 1
    which = true_at((length == len(_MAIL)) | (length == len(_MAIL) - 2))
    at = edges[which][:, None] + 1 + np.arange(len(_MAIL))
    written = codes.take(at, mode="clip")
    gmt = length[which] < len(_MAIL)
    fits = ~gmt | (written[:, 26:29] == _GMT).all(axis=1)
    written[gmt, 26:] = _UTC
    month, weekday = _place(written[:, 8:11], _MONTHS), _place(written[:, :3], _WEEKDAYS)
    fits &= (written[:, _MAIL_MARKS] == _MAIL[_MAIL_MARKS]).all(axis=1) & (month >= 0) & (weekday >= 0)
    which, written, month = which[fits], written[fits], month[fits] + 1
    lines = np.full((len(which), len(_ISO_OF_MAIL) + 1), ord("\n"), np.uint32)
    lines[:, :-1] = written[:, _ISO_OF_MAIL]
    lines[:, _ISO_MARKS] = encode("--T:::")
    lines[:, _ISO_MONTH] = np.stack([month // 10, month % 10], axis=1) + ord("0")
    return which, np.concatenate([encode("\n"), lines.ravel()])


def _packed(names: Codes) -> NDArray[np.int64]:
    """Names of three letters, shape (n, 3), as one number each."""
    first, second, third = names.astype(np.int64).T
    packed: NDArray[np.int64] = first << 42 | second << 21 | third
    return packed


def _place(names: Codes, listed: str) -> Positions:
    """Which of the listed names of three letters each is; -1 for another."""
    known, asked = _packed(encode(listed).reshape(-1, 3)), _packed(names)
    order = known.argsort()
    at = np.searchsorted(known, asked, sorter=order).clip(max=len(known) - 1)
    return np.where(known[order[at]] == asked, order[at], -1)


def _iso_times(codes: Codes, edges: Positions) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """``machine_times`` of ISO 8601 alone, in lines that begin and end at these edges."""
    micros, form = np.zeros(len(edges) - 1, np.int64), np.zeros(len(edges) - 1, np.int8)
    which = true_at((edges[1:] - edges[:-1]) > len(_FORM))
    start, end = edges[which] + 1, edges[which + 1]
    above = codes[start[:, None] + np.arange(len(_FORM))].astype(np.int64) - _FORM
    above[above[:, 10] == _BLANK_FOR_T, 10] = 0
    fits = ((above >= 0) & (above <= _HIGHEST)).all(axis=1)
    if not fits.all():
        which, start, end, above = which[fits], start[fits], end[fits], above[fits]
    fields = above @ _PLACES
    year, month, day, hour, minute, second = fields.T
    months = (year - 1970) * 12 + month - 1
    first, next_first = np.stack([months, months + 1]).view("M8[M]").astype("M8[D]").view(np.int64)
    fits = ((fields >= _LEAST) & (fields <= _MOST)).all(axis=1) & (day <= next_first - first)
    fraction, at = _fraction(codes, start + len(_FORM))
    zoned, east = _zone(codes, at, end)
    fits &= zoned | (at == end)
    seconds = (first + day - 1) * _DAY + hour * 3600 + (minute - east) * 60 + second
    micros[which] = (seconds * _MICROSECONDS + fraction) * fits
    form[which] = (LOCAL + zoned) * fits
    return micros, form


def _digits(codes: Codes) -> NDArray[np.int64]:
    """The values of digits; more than 9 for what is none."""
    return (codes - np.uint32(ord("0"))).astype(np.int64)


def _fraction(codes: Codes, at: Positions) -> tuple[Positions, Positions]:
    """Microseconds written from these places on, and where they end."""
    begins = (codes[at] == ord(".")) & (_digits(codes[np.minimum(at + 1, len(codes) - 1)]) <= 9)
    value = np.zeros(len(at), np.int64)
    if not begins.any():
        return value, at
    at, inside = at + begins, begins
    for place in range(_FINEST):
        digit = _digits(codes[np.minimum(at, len(codes) - 1)])
        inside = inside & (digit <= 9)
        value += np.where(inside, digit, 0) * 10 ** (_FINEST - 1 - place)
        at = at + inside
    return value, at


def _zone(codes: Codes, at: Positions, end: Positions) -> tuple[NDArray[np.bool_], Positions]:
    """Whether Z or an offset stands in the rest, and the minutes east of Greenwich."""
    east = np.zeros(len(at), np.int64)
    zoned = (end - at == 1) & (codes[at] == ord("Z"))
    offset = true_at(end - at == len(_ZONE))
    if len(offset):
        above = codes[at[offset][:, None] + np.arange(len(_ZONE))].astype(np.int64) - _ZONE
        west = above[:, 0] == ord("-") - ord("+")
        above[west, 0] = 0
        minutes = above @ _MINUTES
        fits = ((above >= 0) & (above <= _HIGHEST_OF_ZONE)).all(axis=1) & (minutes < _FURTHEST)
        zoned[offset], east[offset] = fits, np.where(west, -minutes, minutes) * fits
    return zoned, east
