"""The steps of a scan in order: files → HEADLINES → KEYS → PAIRS → STORIES → coverage."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from dedup.arabic.keys import add_keys
from dedup.arabic.learned_furniture import learn_furniture
from dedup.core.arguments import require_callback, require_settings
from dedup.core.spill import memory_share
from dedup.coverage.clocks import correct_times, estimate_clocks
from dedup.coverage.outlet_names import merge_names
from dedup.feeds import Limits, headlines_from, read_feeds
from dedup.matching.pairs import match_headlines
from dedup.matching.timeline import build_timeline
from dedup.result import Clock, ReadReport, Result, build_result
from dedup.settings import Settings

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Iterable, Mapping

    import polars as pl

    from dedup.feeds import Feeds
    from dedup.result import Progress


def scan(
    *paths: str | os.PathLike[str],
    settings: Settings = Settings(),  # noqa: B008 - frozen
    limits: Limits = Limits(),  # noqa: B008 - frozen
    timezone: str = "UTC",
    outlets: Mapping[str, str] | None = None,
    outlet_timezones: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    workers: int | None = None,
    merge_outlets: bool = True,
    fix_clocks: bool = False,
    memory_limit: int | None = None,
    strict: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Read feeds and report which headlines cover the same news, who ran it first, and which nobody else has.

    Args:
        paths: files, folders, glob patterns, or ``-`` for JSON lines on standard input.
        settings: parameters of matching.
        limits: limits on the size of one file.
        timezone: zone of times that name none.
        outlets: display names, by host or feed title.
        outlet_timezones: zones of outlets' times that name none, by the outlet's name; others are in ``timezone``.
        columns: the columns that hold each field of a table, as ``{"title": "COLUMN"}``.
        workers: number of processes that read files; None for one per core where there are many files.
        merge_outlets: give one name to an outlet that provably occurs under several (``coverage.outlet_names``);
            ``summary["merged_outlets"]`` lists them. Names that ``outlets`` gives are not merged with each other.
        fix_clocks: correct the times of outlets whose clocks are found to be off by whole or half hours
            (``coverage.clocks``), and match again. ``summary["clocks"]`` lists them.
        memory_limit: memory to stay within, in bytes, at least 1 GiB; None for half of the machine's memory. Texts and
            pairs beyond a share of it are kept in temporary files. The headlines that are being read (about 0.7 kB
            each) stay in memory whatever the limit.
        strict: raise for the first input that cannot be used, instead of listing it in ``skipped``.
        progress: called with the stage, the work done and the total (None if unknown).

    Raises:
        InputError: a path does not exist; under ``strict``, an input cannot be used.
        SettingError: an argument has a value that cannot be used.
        SpillError: temporary files cannot be written.

    Examples:
        >>> import dedup
        >>> result = dedup.scan("examples/feeds")
        >>> result.headlines.height, result.stories["n_outlets"].max()
        (109, 8)
    """
    _check_arguments(settings, memory_limit, progress)
    clock = Clock(progress)
    # The feeds are passed on without a name here, so that their memory is freed once the headlines are sorted.
    return _find(
        read_feeds(
            *paths, limits=limits, timezone=timezone, outlets=outlets,
            outlet_timezones=outlet_timezones, columns=columns, workers=workers, strict=strict,
            progress=lambda done, total, _: clock.report("reading", done, total),
        ),
        settings, clock, memory_limit, fix_clocks=fix_clocks, merge_outlets=merge_outlets,
        kept=frozenset((outlets or {}).values()),
    )  # fmt: skip


def find_duplicates(
    data: pl.DataFrame | Iterable[object],
    *,
    settings: Settings = Settings(),  # noqa: B008 - frozen
    timezone: str = "UTC",
    columns: Mapping[str, str] | None = None,
    merge_outlets: bool = True,
    fix_clocks: bool = False,
    memory_limit: int | None = None,
    strict: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Match headlines in memory, as ``scan`` does with files.

    Args:
        data: a Polars frame, or an iterable of dicts, dataclasses or strings (titles).
        settings: parameters of matching.
        timezone: zone of times that name none.
        columns: the columns or keys that hold each field, as ``{"title": "COLUMN"}``.
        merge_outlets: as for ``scan``.
        fix_clocks: as for ``scan``.
        memory_limit: as for ``scan``.
        strict: raise for the first record that cannot be used, instead of listing it in ``skipped``.
        progress: as for ``scan``.

    Raises:
        InputError: under ``strict``, a record cannot be used.
        SettingError: an argument has a value that cannot be used.

    Examples:
        >>> import dedup
        >>> titles = ["مصرع 5 أشخاص في سيول وادي السرو", "عاجل | مصرع خمسة أشخاص في سيول وادى السرو"]
        >>> dedup.find_duplicates(titles).headlines["role"].to_list()
        ['first', 'copy']
    """
    _check_arguments(settings, memory_limit, progress)
    clock = Clock(progress)
    feeds = headlines_from(data, timezone=timezone, columns=columns, strict=strict)
    return _find(feeds, settings, clock, memory_limit, fix_clocks=fix_clocks, merge_outlets=merge_outlets)


def _check_arguments(settings: object, memory_limit: int | None, progress: object) -> None:
    """Check arguments before anything is read.

    Raises:
        SettingError: one of them has an invalid value or type.
    """
    require_settings(settings)
    memory_share(memory_limit)
    require_callback("progress", progress)


def _find(
    feeds: Feeds,
    settings: Settings,
    clock: Clock,
    memory_limit: int | None,
    *,
    fix_clocks: bool,
    merge_outlets: bool,
    kept: Collection[str] = (),
) -> Result:
    clock.finish("reading")
    merged = None
    if merge_outlets:
        headlines, merged = merge_names(feeds.headlines, kept)
        feeds = replace(feeds, headlines=headlines)
        del headlines
    make_keys = partial(add_keys, furniture=learn_furniture(feeds.headlines))
    ordered = build_timeline(
        feeds.headlines,
        make_keys,
        memory_limit=memory_limit,
        progress=lambda done, total: clock.report("keys", done, total),
    )
    read = ReadReport(feeds.skipped, feeds.remarks, feeds.files, feeds.counts, merged)
    del feeds  # frees the unsorted headlines
    clock.finish("keys")
    match = partial(
        match_headlines,
        settings=settings,
        memory_limit=memory_limit,
        progress=lambda done, total: clock.report("matching", done, total),
    )
    paired = match(ordered)
    clock.finish("matching")
    clocks = estimate_clocks(ordered.metadata, paired.matches()) if fix_clocks else None
    if clocks is not None and len(clocks):
        # The keys do not depend on times; everything after them does.
        keys = correct_times(ordered.keys().collect(), clocks)
        del ordered, paired  # frees the pairs of the wrong times
        paired = match(build_timeline(keys, lambda part: part, memory_limit=memory_limit))
        clocks = clocks.with_columns(clock_fixed=True)
        clock.finish("matching again")
    return build_result(read, paired, settings, clock, clocks)
