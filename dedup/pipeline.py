"""The order of the steps: files to HEADLINES to KEYS to PAIRS to STORIES to coverage."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from dedup.arabic.keys import add_keys
from dedup.arabic.learned_furniture import learn_furniture
from dedup.feeds import Limits, headlines_from, read_feeds
from dedup.matching.pairs import pair_up
from dedup.matching.timeline import ordered as put_in_order
from dedup.result import Clock, ReadReport, Result, conclude
from dedup.settings import Settings

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

    import polars as pl

    from dedup.feeds import Feeds
    from dedup.result import Progress


def scan(
    *paths: str | os.PathLike[str],
    settings: Settings = Settings(),  # noqa: B008 - frozen
    limits: Limits = Limits(),  # noqa: B008 - frozen
    timezone: str = "UTC",
    outlets: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    workers: int | None = None,
    memory_limit: int | None = None,
    strict: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Read feeds and say which headlines report the same news, who ran it first, and what nobody else has.

    Args:
        paths: files, folders, glob patterns, or ``-`` for JSON lines on standard input.
        settings: what matching works with.
        limits: what one file may ask of the reader.
        timezone: of times without a zone.
        outlets: names by host or feed title.
        columns: which column of a table holds a field, as ``{"title": "COLUMN"}``.
        workers: processes that read files; None for one per processor where there are many files.
        memory_limit: bytes that the scan is to keep to, at least a gigabyte; None for half of the machine's memory.
            TextArray and pairs that take more than a share of it go to the folder for temporary files until they are
            written. What is read of each headline, some 0.7 kB, is held at once whatever the limit.
        strict: raise for the first input that cannot be used, instead of listing it in ``skipped``.
        progress: called with a stage, what is done of it and of how much (None where unknown).

    Raises:
        InputError: strict, and an input cannot be used; or a path does not exist.
        SettingError: an argument cannot be used.
        NoRoomError: what does not fit into memory does not fit on the disk either.
    """
    clock = Clock(progress)
    # Not held here: what reading took is free again when the headlines are in order.
    return _find(
        read_feeds(
            *paths, limits=limits, timezone=timezone, outlets=outlets, columns=columns, workers=workers, strict=strict,
            progress=lambda done, total, _: clock.tell("reading", done, total),
        ),
        settings, clock, memory_limit,
    )  # fmt: skip


def find_duplicates(
    data: pl.DataFrame | Iterable[object],
    *,
    settings: Settings = Settings(),  # noqa: B008 - frozen
    timezone: str = "UTC",
    columns: Mapping[str, str] | None = None,
    memory_limit: int | None = None,
    strict: bool = False,
    progress: Progress | None = None,
) -> Result:
    """The same for headlines in memory: a Polars frame, or an iterable of dicts, dataclasses or strings.

    Raises:
        InputError: strict, and a record cannot be used.
        SettingError: an argument cannot be used.
    """
    clock = Clock(progress)
    feeds = headlines_from(data, timezone=timezone, columns=columns, strict=strict)
    return _find(feeds, settings, clock, memory_limit)


def _find(feeds: Feeds, settings: Settings, clock: Clock, memory_limit: int | None) -> Result:
    clock.done("reading")
    make = partial(add_keys, furniture=learn_furniture(feeds.headlines))
    ordered = put_in_order(
        feeds.headlines, make, memory_limit=memory_limit, progress=lambda done, total: clock.tell("keys", done, total)
    )
    read = ReadReport(feeds.skipped, feeds.files, feeds.counts)
    del feeds  # the headlines are there once more now, and in order
    clock.done("keys")
    paired = pair_up(
        ordered, settings, memory_limit=memory_limit, progress=lambda done, total: clock.tell("matching", done, total)
    )
    clock.done("matching")
    return conclude(read, paired, settings, clock)
