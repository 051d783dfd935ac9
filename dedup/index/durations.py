"""Lengths of time and moments as callers write them."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dedup.core.time_windows import MICROSECONDS_AN_HOUR
from dedup.errors import SettingError

if TYPE_CHECKING:
    from typing import TypeAlias

    Span: TypeAlias = str | float | timedelta

_HOURS = {"m": 1 / 60, "h": 1, "d": 24, "w": 168}
_LONGEST = 24 * 366 * 10_000
_SPAN = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([mhdw])\s*")


def hours(span: Span, setting: str) -> float:
    """Hours of ``"72h"``, ``"90d"``, ``"30m"``, ``"2w"``, of a number (hours) or a timedelta.

    Raises:
        SettingError: it is no length of time, or longer than ten thousand years.
    """
    length = math.nan
    if isinstance(span, timedelta):
        length = span / timedelta(hours=1)
    elif isinstance(span, (int, float)):
        length = float(span) if abs(span) <= _LONGEST else math.nan
    elif isinstance(span, str) and (found := _SPAN.fullmatch(span)):
        length = float(found[1]) * _HOURS[found[2]]
    if not 0 <= length <= _LONGEST:
        expected = "a length of time as 72h, 90d, 2w or 30m, or a number of hours; ten thousand years at most"
        raise SettingError(setting, span, expected)
    return length


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970 UTC; a time without a zone is UTC."""
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (zoned - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def moment(before: datetime | Span, latest: int | None) -> int:
    """A moment in microseconds: a time (also in ISO 8601), or so long before the latest.

    Raises:
        SettingError: it is neither.
    """
    if isinstance(before, datetime):
        return microseconds(before)
    if isinstance(before, str) and not _SPAN.fullmatch(before):
        try:
            return microseconds(datetime.fromisoformat(before))
        except ValueError:
            raise SettingError("before", before, "a time as 2026-03-01, or a length of time as 90d") from None
    now = latest if latest is not None else microseconds(datetime.now(UTC))
    return now - int(hours(before, "before") * MICROSECONDS_AN_HOUR)
