"""Find Arabic headlines that cover the same news, who ran it first, and who followed.

Public names are loaded on first use, so ``import dedup`` loads no heavy library.
"""

from __future__ import annotations

import importlib

from dedup.core import import_guard

TYPE_CHECKING = False  # typing takes 7 ms to import, in which Ctrl-C could not be handled
if TYPE_CHECKING:
    from dedup.arabic.keys import Keys, normalize
    from dedup.errors import DedupError
    from dedup.feeds import Feeds, Limits, read_feeds
    from dedup.index import HeadlineIndex, Verdict, Verdicts
    from dedup.matching.explain import Explanation, explain
    from dedup.matching.similar import similar
    from dedup.pipeline import find_duplicates, scan
    from dedup.result import Result
    from dedup.settings import Settings

__all__ = [
    "DedupError",
    "Explanation",
    "Feeds",
    "HeadlineIndex",
    "Keys",
    "Limits",
    "Result",
    "Settings",
    "Verdict",
    "Verdicts",
    "explain",
    "find_duplicates",
    "normalize",
    "read_feeds",
    "scan",
    "similar",
]

_HOMES = {
    "DedupError": "dedup.errors",
    "Explanation": "dedup.matching.explain",
    "Feeds": "dedup.feeds",
    "HeadlineIndex": "dedup.index",
    "Keys": "dedup.arabic.keys",
    "Limits": "dedup.feeds",
    "Result": "dedup.result",
    "Settings": "dedup.settings",
    "Verdict": "dedup.index",
    "Verdicts": "dedup.index",
    "explain": "dedup.matching.explain",
    "find_duplicates": "dedup.pipeline",
    "normalize": "dedup.arabic.keys",
    "read_feeds": "dedup.feeds",
    "scan": "dedup.pipeline",
    "similar": "dedup.matching.similar",
}


import_guard.install()


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'dedup' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
