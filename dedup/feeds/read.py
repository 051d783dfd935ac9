"""Read files, or records in memory, to HEADLINES."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from typing import TYPE_CHECKING

import polars as pl

from dedup.core.arguments import require_callback, require_names, require_path, require_type
from dedup.errors import InputError, SettingError
from dedup.feeds.collect import Collector
from dedup.feeds.document import Document, Unusable
from dedup.feeds.fields.zones import check_timezone
from dedup.feeds.files.discover import Found, find_files
from dedup.feeds.files.limits import Limits, Watch
from dedup.feeds.formats.columnar import frame_document, used_columns
from dedup.feeds.formats.field_names import check_mapping
from dedup.feeds.formats.records import fill_records
from dedup.feeds.headlines import assemble, files_of
from dedup.feeds.workers import read_files

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence


OUTLETS = '{"duha.example": "الضحى"}'
"""An example of a mapping of outlets, for error messages."""


@dataclass(frozen=True, slots=True)
class Feeds:
    """Headlines read from feeds, and reports on everything that was not read.

    Attributes:
        headlines: HEADLINES, each item once, in the order of files and items.
        skipped: SKIPPED: every file, row or item not used, or used only in part.
        remarks: REMARKS: how inputs were read, where nothing was lost.
        files: FILES: one row for each file found.
        counts: items, headlines, repeated_items (kept once), undated, unreadable_dates, absurd_dates (both undated
            now), untitled, titles_from_text (the first sentence of the text stands in), cut_titles, damaged_titles,
            repaired_titles (mojibake), lost_titles (question marks), placeholder_titles (of error pages), shared_ids
            (made distinct).
    """

    headlines: pl.DataFrame
    skipped: pl.DataFrame
    remarks: pl.DataFrame
    files: pl.DataFrame
    counts: dict[str, int]


def read_feeds(
    *paths: str | os.PathLike[str],
    limits: Limits = Limits(),  # noqa: B008 - frozen
    timezone: str = "UTC",
    outlets: Mapping[str, str] | None = None,
    outlet_timezones: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    workers: int | None = None,
    strict: bool = False,
    progress: Callable[[int, int, int], None] | None = None,
) -> Feeds:
    """Read feeds, tables and lists of headlines.

    Args:
        paths: files, folders (with everything below them), glob patterns, ``-`` for standard input.
        limits: on the input from one file.
        timezone: of times without a zone: a zone's name, or an offset such as ``+03:00``.
        outlets: names for hosts, feed titles or outlets.
        outlet_timezones: zones of outlets' times without a zone, by the outlet's name; others are in ``timezone``.
        columns: role (title, outlet, published, url, id) -> name of its column, or dotted path in JSON
            (``article.headline``).
        workers: processes; the default is the number of cores. Few or small files are read without any.
        strict: raise for the first input that cannot be used completely.
        progress: called with files done, files in all, headlines so far.

    Raises:
        SettingError: an argument has an invalid value.
        InputError: none of the paths leads to a file; or, when strict, an input cannot be used completely.
    """
    for path in paths:
        require_path("paths", path)
    check_arguments(limits, timezone, outlets, columns)
    require_names("outlet_timezones", outlet_timezones, '{"الضحى": "Africa/Cairo"}')
    for zone in (outlet_timezones or {}).values():
        check_timezone(zone)
    if workers is not None:
        require_type("workers", workers, int, "a whole number of at least 1, or None")
    require_callback("progress", progress)
    found = find_files(paths)
    if strict:
        _raise_first((file.name, "", file.reason) for file in found if file.status)
    if found and all(file.missing for file in found):
        raise_missing(found)
    positions = [position for position, file in enumerate(found) if not file.status]
    collector = Collector(found, timezone, outlet_timezones or {})
    reading = read_files([found[position] for position in positions], limits, columns, workers)
    for done, (position, documents) in enumerate(reading, start=1):
        # Removed from the list, a document is freed as soon as it is packed.
        while documents:
            collector.add(positions[position], documents.pop(0))
        if progress:
            progress(done, len(positions), collector.rows)
    return _feeds(collector, limits, outlets, strict=strict)


def headlines_from(
    data: pl.DataFrame | Iterable[object],
    *,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    timezone: str = "UTC",
    outlets: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    strict: bool = False,
) -> Feeds:
    """Read headlines in memory: a Polars frame, or mappings, dataclasses, or strings (titles only).

    Columns and keys are recognized by the same names as in files.

    Raises:
        SettingError: an argument has an invalid value.
        InputError: the data have no titles; or, when strict, a row cannot be used completely.

    Examples:
        >>> headlines_from([{"title": "افتتاح جسر النهر", "source": "المرفأ"}]).headlines["outlet"].to_list()
        ['المرفأ']
    """
    require_names("outlets", outlets, OUTLETS)
    return _feeds(_collect(data, limits, timezone, columns), limits, outlets, strict=strict)


def check_arguments(limits: object, timezone: object, outlets: object, columns: object) -> None:
    """Check the arguments that reading files and reading data in memory share.

    Raises:
        SettingError: one of them has an invalid value or type.
    """
    require_type("limits", limits, Limits, "a dedup.Limits, such as Limits(items=1000)")
    require_type("timezone", timezone, str, "a zone's name such as Africa/Cairo, or an offset such as +03:00")
    check_timezone(str(timezone))
    require_names("outlets", outlets, OUTLETS)
    require_names("columns", columns, '{"title": "COLUMN"}')
    check_mapping(columns)  # type: ignore[arg-type]  # a mapping, see above


def records(
    data: pl.DataFrame | Iterable[object],
    *,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    timezone: str = "UTC",
    columns: Mapping[str, str] | None = None,
    outlets: Mapping[str, str] | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return HEADLINES and SKIPPED like ``headlines_from``, without the rest: the fast path for single headlines.

    Raises:
        SettingError: an argument has an invalid value.
        InputError: the data have no titles.
    """
    assembled = assemble(_collect(data, limits, timezone, columns), limits, outlets)
    return assembled.headlines, assembled.skipped


def _collect(
    data: pl.DataFrame | Iterable[object], limits: Limits, timezone: str, columns: Mapping[str, str] | None
) -> Collector:
    """Collect the rows of data in memory."""
    check_arguments(limits, timezone, None, columns)
    if isinstance(data, (str, bytes, Mapping)) or not isinstance(data, (pl.DataFrame, Iterable)):
        expected = "a frame, or an iterable of mappings, dataclasses or strings; put one headline into a list"
        raise SettingError("data", data, expected)
    try:
        document = _document(data, limits, columns)
    except Unusable as fault:
        raise InputError("data", str(fault)) from None
    collector = Collector([Found("", "data")], timezone)
    collector.add(0, document)
    return collector


def _document(data: pl.DataFrame | Iterable[object], limits: Limits, columns: Mapping[str, str] | None) -> Document:
    """Convert data in memory to a document."""
    if isinstance(data, pl.DataFrame):
        return frame_document(data, used_columns(data.columns, columns), "frame")
    document = Document("records", "row")
    fill_records(document, map(_record, data), Watch(limits), columns)
    return document


def _record(item: object) -> object:
    """Convert a dataclass or mapping to a dictionary; return the exception that this raises."""
    try:
        if is_dataclass(item) and not isinstance(item, type):
            return asdict(item)
        return dict(item) if isinstance(item, Mapping) else item
    except Exception as error:
        return error


def _feeds(collector: Collector, limits: Limits, outlets: Mapping[str, str] | None, *, strict: bool) -> Feeds:
    """Assemble the frames of a read."""
    read = assemble(collector, limits, outlets)
    if strict:
        _raise_first(read.skipped.iter_rows())
    return Feeds(read.headlines, read.skipped, read.remarks, files_of(collector, read.documents), read.counts)


def _raise_first(skipped: Iterable[tuple[str, str, str]]) -> None:
    """Raise an error for the first skipped input, if any."""
    for file, place, reason in skipped:
        raise InputError(file, reason, place)


def raise_missing(found: Sequence[Found]) -> None:
    """Raise an error that names the paths, none of which leads to a file.

    Raises:
        InputError: always.
    """
    names, reasons = [file.name for file in found], dict.fromkeys(file.reason for file in found)
    raise InputError(", ".join(names[:5]) or "no path", "; ".join(reasons) or "nothing to read")
