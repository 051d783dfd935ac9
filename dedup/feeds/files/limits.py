"""Limits on one input: bytes, items, characters, depth, seconds. Everything beyond a limit is reported in SKIPPED."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, fields

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
        seconds: processor time for one file, all members of an archive and all attempts together; the rest is not read.
            Readers look every 4,096 items.
    """

    file_bytes: int = 256 * MIB
    ratio: int = 200
    items: int = 10_000_000
    title: int = 1_000
    depth: int = 1_000
    members: int = 100_000
    seconds: int = 60

    def __post_init__(self) -> None:
        for name in (limit.name for limit in fields(self)):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise SettingError(f"limits.{name}", value, "a whole number of at least 1")

    def unpacked(self, packed: int) -> int:
        """Return the largest accepted size of ``packed`` bytes after decompression."""
        return min(self.file_bytes, max(32 * MIB, packed * self.ratio))


EVERY = 4096
"""Items, or tags, between two looks at the clock."""


class Stopped(Exception):  # noqa: N818 - a way out of nested readers
    """A document is over the limit of items or seconds; the message says so."""


@dataclass(slots=True)
class Watch:
    """Watches the number of items of a document and the time that reading them takes.

    Attributes:
        limits: on both.
        started: processor seconds of this thread when the file was opened.
        due: number of items from which on ``check`` looks; hot loops compare it themselves and spare the call.
        tags: tags counted by ``count_tag``.
    """

    limits: Limits
    started: float = field(default_factory=time.thread_time)
    due: int = field(init=False)
    tags: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.due = min(EVERY, self.limits.items + 1)

    def check(self, items: int) -> None:
        """Compare the items read with the limits.

        Raises:
            Stopped: the limit of items or seconds is exceeded.
        """
        if items < self.due:
            return
        if items > self.limits.items:
            raise Stopped(f"over the limit of {self.limits.items:,} items in a file; the rest is not read")
        self.check_time()
        self.due = min(items + EVERY, self.limits.items + 1)

    def count_tag(self) -> None:
        """Count a tag; look at the clock at times, since a text may have any number of tags and no item.

        Raises:
            Stopped: the limit of seconds is exceeded.
        """
        self.tags += 1
        if not self.tags % EVERY:
            self.check_time()

    def check_time(self) -> None:
        """Compare the time that the file has taken with the limit.

        Raises:
            Stopped: it is exceeded.
        """
        if time.thread_time() - self.started > self.limits.seconds:
            raise Stopped(f"over the limit of {self.limits.seconds:,} seconds for a file; the rest is not read")
