"""Check arguments of public functions, so that any object in gives a ``SettingError`` and nothing worse."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime

from dedup.core.text_arrays import replace_surrogates
from dedup.errors import ArgumentTypeError, SettingError
from dedup.settings import Settings


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


def require_type(name: str, value: object, kind: type | tuple[type, ...], expected: str) -> None:
    """Refuse an argument of another type; ``bool`` is no number.

    Raises:
        ArgumentTypeError: it is of another type.

    Examples:
        >>> require_type("workers", 2, int, "a whole number")
        >>> require_type("settings", {"window": 48}, Settings, "a dedup.Settings, such as Settings(window=48)")
        Traceback (most recent call last):
            ...
        dedup.errors.ArgumentTypeError: settings is {'window': 48}; it must be a dedup.Settings, such as ...
    """
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if not isinstance(value, kind) or (isinstance(value, bool) and bool not in kinds and int in kinds):
        raise ArgumentTypeError(name, value, expected)


def require_settings(settings: object) -> None:
    """Refuse anything but settings.

    Raises:
        ArgumentTypeError: it is something else.
    """
    require_type("settings", settings, Settings, "a dedup.Settings, such as Settings(window=48)")


def require_names(name: str, value: object, example: str) -> None:
    """Refuse anything but None and a mapping of texts to texts.

    Raises:
        ArgumentTypeError: it is something else.
    """
    if value is None:
        return
    expected = f"a mapping of texts to texts, such as {example}, or None"
    require_type(name, value, Mapping, expected)
    try:
        texts = [*value.keys(), *value.values()]  # type: ignore[attr-defined]  # a mapping, see above
    except Exception:
        raise ArgumentTypeError(name, value, expected) from None
    for text in texts:
        require_type(name, text, str, expected)


def require_path(name: str, value: object) -> None:
    """Refuse anything but a path.

    Raises:
        ArgumentTypeError: it is something else.
        SettingError: it holds a NUL character, which no file system takes.
    """
    require_type(name, value, (str, os.PathLike), "a path")
    try:
        path = os.fsencode(value)  # type: ignore[arg-type]  # a path, see above
    except Exception:  # of a caller's class, or letters without bytes
        raise ArgumentTypeError(name, value, "a path") from None
    if b"\0" in path:
        raise SettingError(name, value, "a path without NUL characters")


def require_callback(name: str, value: object) -> None:
    """Refuse anything but None and a function.

    Raises:
        ArgumentTypeError: it is something else.
    """
    if value is not None and not callable(value):
        raise ArgumentTypeError(name, value, "a function, or None")


def require_number(name: str, value: object, least: int = 1, *, optional: bool = False) -> None:
    """Refuse anything but whole numbers from ``least`` on, and None if it is ``optional``.

    Raises:
        ArgumentTypeError: it is something else.
        SettingError: it is too small.
    """
    if value is None and optional:
        return
    expected = f"a whole number of at least {least}{', or None' if optional else ''}"
    require_type(name, value, int, expected)
    if value < least:  # type: ignore[operator]  # a number, see above
        raise SettingError(name, value, expected)
