"""Look up the time zone in which a report shows times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from dedup.errors import SettingError

_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d{2})?")


def find_zone(name: str) -> tzinfo:
    """Return the time zone of a name or an offset.

    Args:
        name: a name such as ``Asia/Riyadh``, or an offset such as ``+03:00``.

    Raises:
        SettingError: there is no such zone.

    Examples:
        >>> find_zone("Africa/Cairo"), str(find_zone("+03:00")), str(find_zone("UTC"))
        (zoneinfo.ZoneInfo(key='Africa/Cairo'), 'UTC+03:00', 'UTC')
    """
    if name == "UTC":
        return UTC
    match = _OFFSET.fullmatch(name)
    if match and int(match[2]) <= 14:
        offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        return timezone(-offset if match[1] == "-" else offset)
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        expected = "the name of a time zone (Asia/Riyadh) or an offset (+03:00)"
        raise SettingError("display_timezone", name, expected) from error


def in_zone(time: datetime | None, zone: tzinfo) -> datetime | None:
    """Interpret a time without a zone as local time of ``zone``."""
    return time.replace(tzinfo=zone) if time is not None and time.tzinfo is None else time


def zone_name(zone: tzinfo) -> str:
    """Return the name of a zone such that ``find_zone`` finds it again.

    Examples:
        >>> zone_name(find_zone("+03:00")), zone_name(find_zone("Africa/Cairo"))
        ('+03:00', 'Africa/Cairo')
    """
    return str(zone) if isinstance(zone, ZoneInfo) else str(zone).removeprefix("UTC") or "UTC"
