"""What an index was made with, and whether that is what it is asked to work with now.

Keys, candidates, scores and stories that were made with other settings or another version cannot be compared with new
ones: the index would not fail, it would quietly match less. So an index carries all that shapes them by name, and
opening it with anything else names what differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dedup.errors import HeadlineIndexError, IncompatibleIndexError, SettingError
from dedup.fingerprint import shaping
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1
"""Raised whenever the layout of what is remembered changes."""

_SHAPING = ("window", "permutations", "bands", "rows", "seed", "bucket_limit")


def passport(settings: Settings) -> dict[str, object]:
    """All that shapes an index, by name; JSON-ready.

    Raises:
        SettingError: settings that an index cannot work with.
    """
    if settings.exact:
        raise SettingError("exact", True, "False for an index: it compares candidates only")
    return {"format": FORMAT, **shaping(settings), "threshold": settings.threshold}


def settings_of(stored: Mapping[str, Any], where: str) -> Settings:
    """The settings that an index was made with.

    Raises:
        HeadlineIndexError: the passport is not readable to this version.
    """
    if stored.get("format") != FORMAT:
        reason = f"its format is {stored.get('format')!r}, this dedup reads {FORMAT}; use the version that made it"
        raise HeadlineIndexError(where, reason)
    try:
        return Settings(threshold=stored["threshold"], **{name: stored[name] for name in _SHAPING})
    except (KeyError, SettingError) as error:
        raise HeadlineIndexError(where, f"what it was made with cannot be read ({error}); restore a copy") from error


def require_equal(stored: Mapping[str, object], asked: Mapping[str, object], where: str) -> None:
    """Refuse an index that was made with anything else.

    Raises:
        IncompatibleIndexError: naming each difference.
    """
    names = list(dict.fromkeys([*stored, *asked]))
    differences = {name: (stored.get(name), asked.get(name)) for name in names if stored.get(name) != asked.get(name)}
    if differences:
        raise IncompatibleIndexError(where, differences)
