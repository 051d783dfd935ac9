"""Checks of arguments: any object may be passed, and only ``SettingError`` comes of it."""

from __future__ import annotations

from datetime import UTC, datetime

from dedup.core.arguments import require_names
from dedup.errors import SettingError
from dedup.feeds.read import OUTLETS
from dedup.settings import Settings

_FIRST, _LAST = datetime(1000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""Times between which a window can be added and subtracted."""


def require_text(name: str, value: object) -> None:
    """Refuse anything but a string.

    Raises:
        SettingError: the value is no string.
    """
    if not isinstance(value, str):
        raise SettingError(name, value, "a string")


def require_time(name: str, value: object) -> datetime:
    """Return a time; one without a zone is UTC.

    Raises:
        SettingError: the value is no time between the years 1000 and 9000.
    """
    expected = "a datetime between the years 1000 and 9000"
    if not isinstance(value, datetime):
        raise SettingError(name, value, expected)
    try:
        time = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError):
        raise SettingError(name, value, expected) from None
    if not _FIRST <= time < _LAST:
        raise SettingError(name, value, expected)
    return time


def require_options(settings: object, timezone: object, columns: object, outlets: object) -> None:
    """Refuse options of ``HeadlineIndex.open`` of another type.

    Raises:
        SettingError: naming the option.
    """
    if settings is not None and not isinstance(settings, Settings):
        raise SettingError("settings", settings, "a Settings, or None")
    require_text("timezone", timezone)
    require_names("columns", columns, '{"title": "FIELD"}')
    require_names("outlets", outlets, OUTLETS)
