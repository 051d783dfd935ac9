"""Cache what is read from a file until the file changes."""

from __future__ import annotations

from functools import lru_cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Content = TypeVar("Content")

_FILES = 8  # files whose content is kept


def cached_until_changed(read: Callable[[str], Content]) -> Callable[[str], Content]:
    """Cache a function of a file's path; its results count for as long as the file has the same time of change."""

    @lru_cache(maxsize=_FILES)
    def cached(path: str, _changed: int) -> Content:
        return read(path)

    @wraps(read)
    def current(path: str) -> Content:
        try:
            changed = Path(path).stat().st_mtime_ns
        except OSError:
            changed = 0  # reading it names the reason
        return cached(path, changed)

    return current
