"""File name suffixes of compressed files and archives; those of formats are in the registry of formats.

Content decides how a file is read. A suffix only breaks ties between texts, and counts for the expected size.
"""

from __future__ import annotations

import os

PACKED = frozenset((".gz", ".gzip", ".zst", ".zstd", ".zip"))
"""Suffixes of compressed files and archives."""


def is_packed(name: str) -> bool:
    """Return whether the name is that of a compressed file or archive.

    Examples:
        >>> is_packed("feeds/a.XML.zstd")
        True
    """
    return os.path.splitext(name)[1].lower() in PACKED


def unpacked_name(name: str) -> str:
    """Strip the suffixes of compression.

    Examples:
        >>> unpacked_name("feeds/a.csv.gz")
        'feeds/a.csv'
    """
    stem, suffix = os.path.splitext(name)
    while suffix.lower() in PACKED:
        name = stem
        stem, suffix = os.path.splitext(name)
    return name
