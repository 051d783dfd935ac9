"""Durations and times as callers write them."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dedup.core.time_windows import MICROSECONDS_AN_HOUR
from dedup.errors import SettingError

if TYPE_CHECKING:
    from typing import TypeAlias

    Duration: TypeAlias = str | float | timedelta

_HOURS_PER_UNIT = {"m": 1 / 60, "h": 1, "d": 24, "w": 168}
_MAX_HOURS = 24 * 366 * 10_000
_PATTERN = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([mhdw])\s*")


def parse_hours(duration: Duration, setting: str) -> float:
    """Return the hours of ``"72h"``, ``"90d"``, ``"30m"``, ``"2w"``, of a number (hours) or a timedelta.

    Args:
        duration: the duration.
        setting: the argument's name, for the error.

    Raises:
        SettingError: it is no duration, or longer than ten thousand years.

    Examples:
        >>> parse_hours("2d", "window")
        48.0
    """
    hours = math.nan
    if isinstance(duration, timedelta):
        hours = duration / timedelta(hours=1)
    elif isinstance(duration, (int, float)):
        hours = float(duration) if abs(duration) <= _MAX_HOURS else math.nan
    elif isinstance(duration, str) and (match := _PATTERN.fullmatch(duration)):
        hours = float(match[1]) * _HOURS_PER_UNIT[match[2]]
    if not 0 <= hours <= _MAX_HOURS:
        expected = "a duration as 72h, 90d, 2w or 30m, or a number of hours; ten thousand years at most"
        raise SettingError(setting, duration, expected)
    return hours


def to_microseconds(time: datetime) -> int:
    """Return microseconds since 1970 UTC; a time without a zone is UTC."""
    zoned = time if time.tzinfo else time.replace(tzinfo=UTC)
    return (zoned - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def parse_cutoff(before: datetime | Duration, latest: int | None) -> int:
    """Return a cutoff in microseconds since 1970 UTC.

    Args:
        before: a time (also in ISO 8601), or a duration before the latest time.
        latest: the latest time, microseconds; None stands for now.

    Raises:
        SettingError: it is neither.
    """
    if isinstance(before, datetime):
        return to_microseconds(before)
    if isinstance(before, str) and not _PATTERN.fullmatch(before):
        try:
            return to_microseconds(datetime.fromisoformat(before))
        except ValueError:
            raise SettingError("before", before, "a time as 2026-03-01, or a duration as 90d") from None
    now = latest if latest is not None else to_microseconds(datetime.now(UTC))
    return now - int(parse_hours(before, "before") * MICROSECONDS_AN_HOUR)
