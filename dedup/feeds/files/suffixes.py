"""File name suffixes of compressed files and archives; those of formats are in the registry of formats.

Content decides how a file is read. A suffix only breaks ties between texts, and counts for the expected size.
"""

from __future__ import annotations

from pathlib import PurePath

PACKED = frozenset((".gz", ".gzip", ".zst", ".zstd", ".zip"))
"""Suffixes of compressed files and archives."""


def is_packed(name: str) -> bool:
    """Return whether the name is that of a compressed file or archive.

    Examples:
        >>> is_packed("feeds/a.XML.zstd")
        True
    """
    return PurePath(name).suffix.lower() in PACKED


def unpacked_name(name: str) -> PurePath:
    """Strip the suffixes of compression.

    Examples:
        >>> unpacked_name("feeds/a.csv.gz").name
        'a.csv'
    """
    path = PurePath(name)
    while path.suffix.lower() in PACKED:
        path = path.with_suffix("")
    return path
