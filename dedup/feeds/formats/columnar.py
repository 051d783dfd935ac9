"""Read Parquet, Excel and OpenDocument sheets, and frames in memory."""

from __future__ import annotations

import importlib.util
import io
import re
from typing import TYPE_CHECKING, Any

import polars as pl

from dedup.feeds.document import Document, Unusable
from dedup.feeds.files.limits import Watch
from dedup.feeds.files.sandbox import sandbox
from dedup.feeds.formats.field_names import find_columns, has_title, list_columns, unused_columns
from dedup.feeds.formats.headless import name_columns
from dedup.feeds.formats.tables import MAX_PREAMBLE, MAX_TEXT, block_from, fill_headless, fill_rows, remark_skipped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.feeds.files.limits import Limits
    from dedup.feeds.formats.content import Content

FAULTS = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError)
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
EMPTY_PART = re.compile(r"^1(?:899-12-3|900-01-0)[01] (?=\d\d:\d\d:\d\d)|(?<=^\d{4}-\d\d-\d\d) 00:00:00(?:\.0+)?$")
"""The empty half of a cell with a time alone (day 0 of the calendar) or a date alone (midnight)."""
EXCEL_SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


def is_parquet(content: Content) -> bool:
    """Return whether the document begins as Parquet does."""
    return content.data.startswith(b"PAR1")


def read_parquet(content: Content) -> Document:
    """Read the columns of Parquet that are used, in a process with limits on memory and time.

    Raises:
        Unusable: it is damaged, too large, or has no column of titles.
    """
    memory = 4 * content.limits.unpacked(len(content.data))
    document: Document = sandbox.run(
        read_parquet_here,
        bytes(content.data),
        content.limits,
        dict(content.columns),
        memory=memory,
        seconds=content.limits.seconds,
    )
    return document


def read_parquet_here(data: bytes, limits: Limits, mapping: Mapping[str, str] | None) -> Document:
    """Read Parquet in this process: ``read_parquet`` without limits on memory and time.

    Raises:
        Unusable: as ``read_parquet``.
    """
    try:
        header = list(pl.read_parquet_schema(io.BytesIO(data)))
        names = used_columns(header, mapping)
        scan = pl.scan_parquet(io.BytesIO(data))
        rows = scan.select(pl.len()).collect().item()
        if rows > limits.items:
            raise Unusable(f"parquet with {rows:,} rows, over the limit of {limits.items:,} items in a file")
        frame = scan.select(list(dict.fromkeys(names.values()))).collect()
    except FAULTS as error:
        words = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Unusable(f"damaged parquet: {words[:200]}") from None
    texts = frame.select(pl.col(pl.String, pl.Binary).cast(pl.Binary).bin.size().sum().cast(pl.Int64))
    size, allowed = sum(texts.row(0)) if texts.width else 0, limits.unpacked(len(data))
    if size > allowed:
        raise Unusable(
            f"parquet: {len(data):,} bytes become {size:,}, which is over the limit of {allowed:,}"
            f" (file_bytes {limits.file_bytes:,}, ratio {limits.ratio})"
        )
    document = frame_document(frame, names, "parquet")
    remark = unused_columns(
        header, [role for role, name in (("outlet", "outlet"), ("published", "date"), ("url", "url")) if name in names]
    )
    if remark:
        document.notes.remark(remark)
    return document


def used_columns(header: list[str], mapping: Mapping[str, str] | None) -> dict[str, str]:
    """Return the names of the columns to use, by column of RAW.

    Raises:
        Unusable: there is no column of titles.
    """
    found = find_columns(header, mapping)
    columns = {
        "title": found.title, "text": found.text, "url": found.url, "outlet": found.outlet, "own_id": found.id,
        "date": found.dates, "date_detail": found.dates[1:], "date_fallback": found.fallback_dates,
    }  # fmt: skip
    if not found.title:
        raise Unusable(f"no title column; {list_columns(header)}; name one with --map title=COLUMN")
    return {role: header[positions[0]] for role, positions in columns.items() if positions}


def frame_document(frame: pl.DataFrame, names: Mapping[str, str], kind: str) -> Document:
    """Build a document from the named columns of a frame."""
    document = Document(kind, "row", places=range(1, frame.height + 1), items=frame.height)
    columns = {role: _text(frame[name]) for role, name in names.items() if role not in ("date", "text")}
    document.titles = columns["title"]
    document.urls, document.outlets, document.ids = columns.get("url"), columns.get("outlet"), columns.get("own_id")
    if "text" in names and frame[names["text"]].dtype == pl.String:
        empty = document.titles.fill_null("").str.strip_chars() == ""
        if empty.any():
            text = frame[names["text"]].str.slice(0, MAX_TEXT)
            document.texts = text.zip_with(empty, pl.Series([None], dtype=pl.String).new_from_index(0, frame.height))
    if "date" in names:
        dates = frame[names["date"]]
        document.date_name = names["date"]
        document.dates = dates.cast(pl.Datetime("us")) if dates.dtype == pl.Date else dates
        if not isinstance(document.dates.dtype, pl.Datetime):
            document.dates = _text(dates)
            document.date_details, document.date_fallbacks = columns.get("date_detail"), columns.get("date_fallback")
        elif dates.dtype == pl.Date and "date_detail" in columns:
            document.dates, document.date_details = _text(dates), columns["date_detail"]
            document.date_fallbacks = columns.get("date_fallback")
    return document


def _text(column: pl.Series) -> pl.Series:
    """Return a column as strings; values that cannot be one become null.

    Raises:
        Unusable: the column is nested.
    """
    if column.dtype == pl.String:
        return column
    if column.dtype == pl.Binary:
        return pl.Series(column.name, [_utf8(value) for value in column.to_list()], dtype=pl.String)
    if column.dtype.is_nested():
        raise Unusable(f"the column {column.name!r} is {column.dtype}, not text")
    try:
        return column.cast(pl.String, strict=False)
    except pl.exceptions.PolarsError:  # durations and Python objects
        raise Unusable(f"the column {column.name!r} is {column.dtype}, not text") from None


def _utf8(value: bytes | None) -> str | None:
    try:
        return value.decode() if value is not None else None
    except UnicodeDecodeError:
        return None


def is_workbook(content: Content) -> bool:
    """Return whether the document is a workbook; other zip archives were unpacked before."""
    return content.data.startswith(b"PK\x03\x04") or (
        content.data.startswith(OLD_OFFICE) and content.suffix in EXCEL_SUFFIXES
    )


def read_workbook(content: Content) -> list[Document]:
    """Read the sheets of an Excel or OpenDocument workbook that have a column of titles.

    Raises:
        Unusable: the library is missing, the workbook is damaged, or no sheet has a column of titles.
    """
    if importlib.util.find_spec("fastexcel") is None:
        reason = "an Excel workbook; pip install 'headline-dedup[excel]' to read it, or save it as CSV"
        raise Unusable(reason)
    memory = 8 * content.limits.unpacked(len(content.data))
    columns = dict(content.columns)
    documents: list[Document] = sandbox.run(
        read_workbook_here, bytes(content.data), content.limits, columns, memory=memory, seconds=content.limits.seconds
    )
    return documents


def read_workbook_here(data: bytes, limits: Limits, mapping: Mapping[str, str]) -> list[Document]:
    """Read a workbook in this process: ``read_workbook`` without limits on memory and time.

    Raises:
        Unusable: as ``read_workbook``.
    """
    import fastexcel  # noqa: PLC0415 - an optional dependency

    opened = Watch(limits).started
    try:
        workbook = fastexcel.read_excel(data)
        loaded = {name: workbook.load_sheet(name, header_row=None, dtypes="string") for name in workbook.sheet_names}
        sheets = {name: _rows_of(sheet) for name, sheet in loaded.items()}
    except Exception as error:
        words = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Unusable(f"damaged workbook: {words[:200]}") from None
    headers = {name: row for name, rows in sheets.items() if (row := _header_row(rows, mapping)) is not None}
    named = {} if headers else {name: found for name, rows in sheets.items() if (found := name_columns(rows, mapping))}
    if not headers and not named:
        first = next((row for rows in sheets.values() for row in rows if any(row)), [])
        raise Unusable(f"no title column; {list_columns(first)}; name one with --map title=COLUMN")
    documents = []
    for name in headers or named:
        document, watch = Document("excel", "row", member=name if len(sheets) > 1 else ""), Watch(limits, opened)
        start = headers.get(name, 0)
        if loaded[name].visible != "visible":
            document.notes.remark("the sheet is hidden in the workbook, and was read")
        block = block_from(start, sheets[name][start:])
        if name in named:
            fill_headless(document, [block], watch, named[name])
        else:
            remark_skipped(document, start, "header")
            fill_rows(document, [block], watch, mapping)
        documents.append(document)
    return documents


def _rows_of(sheet: Any) -> list[list[str]]:  # noqa: ANN401 - of an optional library
    """Return the cells of a sheet as text."""
    return [["" if cell is None else EMPTY_PART.sub("", cell) for cell in row] for row in sheet.to_polars().iter_rows()]


def _header_row(rows: list[list[str]], mapping: Mapping[str, str] | None) -> int | None:
    """Return the index of the row that names a column of titles, None if there is none."""
    return next((index for index, row in enumerate(rows[:MAX_PREAMBLE]) if has_title(row, mapping)), None)
