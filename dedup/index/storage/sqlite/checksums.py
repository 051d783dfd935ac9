"""Checksums of the rows of an index in SQLite.

SQLite stores no checksums of its own: a flipped bit in a title is read back as another title. Each row therefore
carries the CRC-32 of its values and their types. ``dedup index verify`` compares them all; ordinary calls compare those
of the neighbour statistics only, which are read as opaque bytes.

Rows of ``headlines`` and ``pruned`` change their story when stories merge. Their checksum is the CRC-32 of the other
columns plus the story, so that one SQL expression updates both.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

_Value = str | int | float | None


class ChecksumError(ValueError):
    """A row does not have the checksum that was stored with it.

    Attributes:
        table: the table.
        key: the row's primary key.
    """

    def __init__(self, table: str, key: object) -> None:
        self.table, self.key = table, key
        super().__init__(f"{table} {key!r}: its checksum differs")


def row_checksum(values: Sequence[_Value], blob: bytes = b"") -> int:
    """Return the CRC-32 of the values of a row, their types, and the bytes of its BLOB.

    Examples:
        >>> row_checksum([1, "a"]) == row_checksum(["1", "a"])
        False
    """
    return zlib.crc32(blob, zlib.crc32(orjson.dumps(values)))


def story_row_checksum(values: Sequence[_Value], story: int) -> int:
    """Return the checksum of a row of ``headlines`` or ``pruned``; ``values`` are its columns without the story."""
    return row_checksum(values) + story
