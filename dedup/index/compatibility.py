"""The fingerprint of an index, and its comparison with the current settings and version.

Keys, candidates, scores and stories computed with other settings or another version are not comparable with new ones:
an index that mixed them would not fail, it would silently match less. Each index therefore stores everything that
shapes them by name, and opening it with anything else raises an error that lists the differences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dedup.errors import HeadlineIndexError, IncompatibleIndexError, SettingError
from dedup.fingerprint import shaping
from dedup.index.storage.protocol import FORMAT
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

_STORED_SETTINGS = ("window", "permutations", "bands", "rows", "seed", "bucket_limit")


def fingerprint(settings: Settings) -> dict[str, object]:
    """Return everything that shapes the content of an index, by name; serializable as JSON.

    Raises:
        SettingError: an index cannot work with these settings.

    Examples:
        >>> fingerprint(Settings(window=48))["window"]
        48.0
    """
    if settings.exact:
        raise SettingError("exact", True, "False for an index: it compares candidates only")
    return {"format": FORMAT, **shaping(settings), "threshold": settings.threshold}


def settings_from(stored: Mapping[str, Any], where: str) -> Settings:
    """Return the settings in a fingerprint.

    Raises:
        HeadlineIndexError: this version cannot read the fingerprint.
    """
    if stored.get("format") != FORMAT:
        reason = f"its format is {stored.get('format')!r}, this dedup reads {FORMAT}; use the version that made it"
        raise HeadlineIndexError(where, reason)
    try:
        return Settings(threshold=stored["threshold"], **{name: stored[name] for name in _STORED_SETTINGS})
    except (KeyError, SettingError) as error:
        raise HeadlineIndexError(where, f"its fingerprint cannot be read ({error}); restore a copy") from error


def require_equal(stored: Mapping[str, object], current: Mapping[str, object], where: str) -> None:
    """Refuse an index with another fingerprint.

    Raises:
        IncompatibleIndexError: naming each difference.
    """
    names = dict.fromkeys([*stored, *current])
    differences = {
        name: (stored.get(name), current.get(name)) for name in names if stored.get(name) != current.get(name)
    }
    if differences:
        raise IncompatibleIndexError(where, differences)
