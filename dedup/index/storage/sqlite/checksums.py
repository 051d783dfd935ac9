"""Checksums of the rows of an index in SQLite.

SQLite stores no checksums of its own: a flipped bit in a title is read back as another title. Each row therefore
carries the CRC-32 of its values and their types, which is compared whenever the row is read as a whole;
``dedup index verify`` compares those of all rows.

Rows of ``headlines`` and ``pruned`` change their story when stories merge. Their checksum is the CRC-32 of the other
columns plus the story, so that one SQL expression updates both.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Row = tuple[Any, ...]

STORY_TABLES = ("headlines", "pruned")
"""Tables whose last columns are story and checksum."""


class ChecksumError(ValueError):
    """A row does not have the checksum that was stored with it.

    Attributes:
        table: the table.
        key: the first column of the row.
    """

    def __init__(self, table: str, key: object) -> None:
        self.table, self.key = table, key
        super().__init__(f"the checksum of a row of {table} differs, {key!r}")


def row_checksum(values: Sequence[Any], blob: bytes = b"") -> int:
    """Return the CRC-32 of the values of a row, their types, and the bytes of its BLOB.

    Examples:
        >>> row_checksum([1, "a"]) == row_checksum(["1", "a"])
        False
    """
    return zlib.crc32(blob, zlib.crc32(orjson.dumps(values)))


def story_row_checksum(values: Sequence[Any], story: int) -> int:
    """Return the checksum of a row of ``headlines`` or ``pruned``; ``values`` are its columns without the story."""
    return row_checksum(values) + story


def verified(table: str, rows: Iterable[Row]) -> Iterator[Row]:
    """Yield rows, read with ``SELECT *``, without their checksum.

    Raises:
        ChecksumError: a checksum differs.
    """
    for row in rows:
        if not is_intact(table, row):
            raise ChecksumError(table, row[0])
        yield row[:-1]


def is_intact(table: str, row: Row) -> bool:
    """Return whether a row, read with ``SELECT *``, has the checksum that was stored with it."""
    try:
        if table in STORY_TABLES:
            *values, story, checksum = row
            return bool(checksum == story_row_checksum(values, story))
        *values, checksum = row
        blob = values.pop() if isinstance(values[-1], bytes) else b""
        return bool(checksum == row_checksum(values, blob))
    except (TypeError, ValueError, OverflowError):  # values of a type that the column never has
        return False
