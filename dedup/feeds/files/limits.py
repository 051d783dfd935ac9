"""Limits on one input: bytes, items, characters, depth. Everything beyond a limit is reported in SKIPPED."""

from __future__ import annotations

from dataclasses import dataclass, fields

from dedup.errors import SettingError

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The largest input that a reader accepts from one file.

    Attributes:
        file_bytes: size of a file in bytes after decompression, of an archive all members together. Larger files are
            refused.
        ratio: uncompressed size over compressed size, checked beyond 32 MiB. Feeds reach 5 to 6, logs 30, bombs 1,000
            and more.
        items: items, rows or lines of one file. The rest is not read.
        title: characters of a title. A longer one is cut.
        depth: nesting of XML elements.
        members: files in one archive.
    """

    file_bytes: int = 256 * MIB
    ratio: int = 200
    items: int = 10_000_000
    title: int = 1_000
    depth: int = 1_000
    members: int = 100_000

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, int) or value < 1:
                raise SettingError(f"limits.{field.name}", value, "a whole number of at least 1")

    def unpacked(self, packed: int) -> int:
        """Return the largest accepted size of ``packed`` bytes after decompression."""
        return min(self.file_bytes, max(32 * MIB, packed * self.ratio))
