"""Check arguments of public functions, so that any object in gives a ``SettingError`` and nothing worse."""

from __future__ import annotations

from datetime import UTC, datetime

from dedup.core.text_arrays import replace_surrogates
from dedup.errors import SettingError


def text_argument(name: str, value: object) -> str:
    """Return a text without lone surrogates.

    Raises:
        SettingError: it is no text.

    Examples:
        >>> text_argument("title", "خبر")
        'خبر'
    """
    if not isinstance(value, str):
        raise SettingError(name, type(value).__name__, "a text")
    return replace_surrogates(value)


def time_argument(name: str, value: object) -> datetime | None:
    """Return a time in UTC, where times without a zone are; None stays None.

    Raises:
        SettingError: it is no time, or none that UTC can express.
    """
    if value is None:
        return None
    if not isinstance(value, datetime):
        raise SettingError(name, type(value).__name__, "a datetime, or None")
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (OverflowError, ValueError, TypeError) as error:
        raise SettingError(name, str(value), f"a time in the years 1 to 9999 ({error})") from None
