"""``read_feeds`` and ``headlines_from``: files, or records in memory, to HEADLINES."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from typing import TYPE_CHECKING

import polars as pl

from dedup.errors import InputError, SettingError
from dedup.feeds.collect import Gathering
from dedup.feeds.document import Document, Unusable
from dedup.feeds.fields.dates import check_timezone
from dedup.feeds.files.discover import Found, find_files
from dedup.feeds.files.limits import Limits
from dedup.feeds.formats.field_names import check_mapping, find_columns
from dedup.feeds.formats.json import fill_records
from dedup.feeds.formats.tables import frame_document
from dedup.feeds.headlines import assemble, files_of
from dedup.feeds.workers import read_files

if TYPE_CHECKING:
    import os
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Feeds:
    """What was read, and what was not.

    Attributes:
        headlines: HEADLINES, each item once, in the order of files and items.
        skipped: SKIPPED: every file, row or item not used, or used only in part.
        files: FILES: one row for each file found.
        counts: items, headlines, repeated_items (seen again and counted once), undated, unreadable_dates, absurd_dates
            (both undated now), untitled, cut_titles, damaged_titles, shared_ids (made distinct).
    """

    headlines: pl.DataFrame
    skipped: pl.DataFrame
    files: pl.DataFrame
    counts: dict[str, int]


def read_feeds(
    *paths: str | os.PathLike[str],
    limits: Limits = Limits(),  # noqa: B008 - frozen
    timezone: str = "UTC",
    outlets: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    workers: int | None = None,
    strict: bool = False,
    progress: Callable[[int, int, int], None] | None = None,
) -> Feeds:
    """Read feeds, tables and lists of headlines.

    Args:
        paths: files, folders (read with all below them), glob patterns, ``-`` for standard input.
        limits: what one file may ask of the reader.
        timezone: of times that carry none: a zone's name, or an offset such as ``+03:00``.
        outlets: names for hosts, feed titles or outlets.
        columns: for tables: role (title, outlet, published, url, id) -> name of its column.
        workers: processes; the default is the number of cores. Few or small files are read without any.
        strict: raise for the first input that cannot be used as it stands.
        progress: called with files done, files in all, headlines so far.

    Raises:
        SettingError: an argument has a value that cannot be used.
        InputError: only when strict.
    """
    check_timezone(timezone)
    check_mapping(columns)
    found = find_files(paths)
    if strict:
        _insist((file.name, "", file.reason) for file in found if file.status)
    positions = [position for position, file in enumerate(found) if not file.status]
    gathering = Gathering(found, timezone)
    reading = read_files([found[at] for at in positions], limits, columns, workers)
    for done, (position, documents) in enumerate(reading, start=1):
        # Taken out of the list, a document is freed as soon as it is packed.
        while documents:
            gathering.add(positions[position], documents.pop(0))
        if progress:
            progress(done, len(positions), gathering.rows)
    return _feeds(gathering, limits, outlets, strict=strict)


def headlines_from(
    data: pl.DataFrame | Iterable[object],
    *,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    timezone: str = "UTC",
    outlets: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    strict: bool = False,
) -> Feeds:
    """The same for headlines in memory: a Polars frame, or mappings, dataclasses, or strings (titles only).

    Columns and keys are found by the same names as in files.

    Raises:
        SettingError: an argument has a value that cannot be used.
        InputError: nothing in the data is a title; or, when strict, for the first row that cannot be used.
    """
    return _feeds(_gathered(data, limits, timezone, columns), limits, outlets, strict=strict)


def records(
    data: pl.DataFrame | Iterable[object],
    *,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    timezone: str = "UTC",
    columns: Mapping[str, str] | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """HEADLINES and SKIPPED that ``headlines_from`` finds, for who asks headline by headline and for nothing else.

    Raises:
        SettingError: as ``headlines_from``.
        InputError: nothing in the data is a title.
    """
    headlines, skipped, _, _ = assemble(_gathered(data, limits, timezone, columns), limits, None)
    return headlines, skipped


def _gathered(
    data: pl.DataFrame | Iterable[object], limits: Limits, timezone: str, columns: Mapping[str, str] | None
) -> Gathering:
    check_timezone(timezone)
    check_mapping(columns)
    if isinstance(data, (str, bytes, Mapping)) or not isinstance(data, (pl.DataFrame, Iterable)):
        expected = "a frame, or an iterable of mappings, dataclasses or strings; put one headline into a list"
        raise SettingError("data", data, expected)
    try:
        document = _in_memory(data, limits, columns)
    except Unusable as fault:
        raise InputError("data", str(fault)) from None
    gathering = Gathering([Found("", "data")], timezone)
    gathering.add(0, document)
    return gathering


def _in_memory(data: pl.DataFrame | Iterable[object], limits: Limits, columns: Mapping[str, str] | None) -> Document:
    if isinstance(data, pl.DataFrame):
        found = find_columns(data.columns, columns)
        return frame_document(data, {role: data.columns[position] for role, position in found.items()}, "frame")
    document = Document("records", "row")
    fill_records(document, map(_record, data), limits, columns)
    return document


def _record(item: object) -> object:
    if is_dataclass(item) and not isinstance(item, type):
        return asdict(item)
    return dict(item) if isinstance(item, Mapping) else item


def _feeds(gathering: Gathering, limits: Limits, outlets: Mapping[str, str] | None, *, strict: bool) -> Feeds:
    headlines, skipped, documents, counts = assemble(gathering, limits, outlets)
    if strict:
        _insist(skipped.iter_rows())
    return Feeds(headlines, skipped, files_of(gathering, documents), counts)


def _insist(skipped: Iterable[tuple[str, str, str]]) -> None:
    for file, place, reason in skipped:
        raise InputError(file, reason, place)
