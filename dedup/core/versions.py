"""Versions of dedup, of its libraries and of Python, for summaries and support requests."""

from __future__ import annotations

import importlib.metadata
import platform

DISTRIBUTION = "headline-dedup"
"""Name on the package index, where ``dedup`` is another package. Import name and command are ``dedup``."""

UNKNOWN = "unknown"
"""Version where the package runs from its sources and is not installed."""

_LIBRARIES = ("polars", "numpy", "datasketch", "rapidfuzz")


def dedup_version() -> str:
    """Return the version of the installed distribution, or ``UNKNOWN``."""
    return library_version(DISTRIBUTION)


def library_version(distribution: str) -> str:
    """Return the version of an installed distribution, or ``UNKNOWN``."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return UNKNOWN


def versions() -> dict[str, str]:
    """Return the versions of dedup, of the libraries that shape its results, and of Python."""
    libraries = {name: library_version(name) for name in _LIBRARIES}
    return {"dedup": dedup_version(), **libraries, "python": platform.python_version()}
