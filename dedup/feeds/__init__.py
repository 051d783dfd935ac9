"""Files -> HEADLINES: walking, containers, encodings, formats, titles, dates, outlets, and what could not be read.

Public names are loaded on first use: the process that reads Parquet needs a fifth of these modules.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dedup.feeds.files.limits import Limits
    from dedup.feeds.read import Feeds, headlines_from, read_feeds, records

__all__ = ["Feeds", "Limits", "headlines_from", "read_feeds", "records"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'dedup.feeds' has no attribute {name!r}")
    home = "dedup.feeds.files.limits" if name == "Limits" else "dedup.feeds.read"
    return getattr(importlib.import_module(home), name)
