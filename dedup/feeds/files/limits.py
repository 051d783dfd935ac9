"""How much of one input is believed: bytes, items, letters, depth. What passes a limit is named."""

from __future__ import annotations

from dataclasses import dataclass, fields

from dedup.errors import SettingError

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one file may ask of the reader.

    Attributes:
        file_bytes: bytes of a file after decompression (an archive counts as a whole). Larger files are refused.
        ratio: how often its own size a compressed file may grow once it has passed 32 MiB. Feeds reach 5 to 6, long
            logs 30; bombs 1,000 and more.
        items: items, rows or lines of one file. The rest is named, with its number.
        title: characters of a title. The rest is cut off, and the title is named.
        depth: XML elements within each other.
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
        """The bytes that ``packed`` bytes of compressed data may become."""
        return min(self.file_bytes, max(32 * MIB, packed * self.ratio))
