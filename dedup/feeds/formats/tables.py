"""CSV and TSV, plain text and Parquet -> documents.

CSV is read by the standard library: it gives every row with its length and line, where Polars refuses a whole file for
a lone quotation mark or drops fields silently. An opening quotation mark that is never closed would swallow the rest of
the file, so a row of several lines must stand up to the strict reader too. TSV fields are taken as they stand
(headlines begin with quotation marks), but for fields wholly in quotes.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import polars as pl

from dedup.feeds.document import Document, Unusable
from dedup.feeds.files.sandbox import sandbox
from dedup.feeds.formats.field_names import ROLES, find_columns, has_title

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dedup.feeds.files.limits import Limits

DELIMITERS = (",", ";", "\t", "|")
LONGEST_ROW = 200
"""Lines that one row in quotes may take."""
LINE = re.compile(r"[^\r\n]*(?:\r\n|[\r\n]|\Z)")
DAMAGE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError)


def lines_of(text: str) -> Iterator[str]:
    """The lines of a text, whichever of the three line ends it has, and nothing else (U+2028) taken for one.

    ``io.StringIO`` does the same with four bytes a letter, which is a gigabyte for the largest file allowed.
    """
    for match in LINE.finditer(text):
        line = match[0]
        if line:
            yield line if line[-1] not in "\r\n" else line.rstrip("\r\n") + "\n"


def delimiter_of(header: str) -> str:
    """The delimiter of a table with this first line: the one that gives a title column, else the commonest."""
    return max(DELIMITERS, key=lambda mark: (has_title(_cells(header, mark)), header.count(mark)))


def is_table(header: str, mapping: Mapping[str, str] | None) -> bool:
    """Whether a first line names a title column, among others or alone."""
    return any(has_title(_cells(header, mark), mapping) for mark in DELIMITERS)


def _cells(line: str, mark: str) -> list[str]:
    return [cell.strip().strip('"') for cell in line.split(mark)]


def read_table(text: str, limits: Limits, mapping: Mapping[str, str] | None) -> Document:
    """Read CSV or TSV whose first line names the columns.

    Raises:
        Unusable: it has no title column, or two.
    """
    lines = list(lines_of(text))
    mark = delimiter_of(lines[0].rstrip("\n"))
    document = Document("tsv" if mark == "\t" else "csv", "line")
    rows = _tabbed(lines) if mark == "\t" else _quoted(lines, mark, document)
    _, header = next(rows)
    header = [name.strip() for name in header]
    found = find_columns(header, mapping)
    wanted = [(role, found[role]) for role in ROLES if role in found]
    columns: dict[str, list[str | None]] = {role: [] for role, _ in wanted}
    places = []
    for place, row in rows:
        if not any(row):
            continue
        document.items += 1
        if document.items > limits.items:
            document.notes.add(
                f"line {place}", f"over the limit of {limits.items:,} rows in a file; the rest is not read"
            )
            break
        if len(row) != len(header):
            reason = f"{len(row)} fields where the header has {len(header)}; read as far as it goes"
            document.notes.add(f"line {place}", reason, "rows with too few or too many fields")
        places.append(place)
        for role, position in wanted:
            columns[role].append(row[position] if position < len(row) else None)
    document.places = places
    document.titles, document.urls, document.dates = columns["title"], columns.get("url"), columns.get("published")
    document.outlets, document.ids = columns.get("outlet"), columns.get("id")
    return document


def _tabbed(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    for place, line in enumerate(lines, start=1):
        row = line.rstrip("\n").split("\t")
        if '"' in line:
            row = [
                cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == cell[-1] == '"' and _even(cell) else cell
                for cell in row
            ]
        yield place, row


def _even(cell: str) -> bool:
    """Whether the quotation marks inside a quoted cell are doubled, so that the outer ones are no part of the text."""
    return '"' not in cell[1:-1].replace('""', "")


def _quoted(lines: list[str], mark: str, document: Document) -> Iterator[tuple[int, list[str]]]:
    """Rows of CSV with the lines that they begin at; after a row that runs away, reading begins again one line on."""
    limit = csv.field_size_limit(2**31 - 1)
    try:
        start, width = 0, 0
        while start < len(lines):
            for first, after, row in _rows(lines, start, mark):
                if after - first > 1 and not _closed(lines[first:after], mark, width or len(row)):
                    document.items += 1
                    document.notes.add(
                        f"line {first + 1}", "a quotation mark opens and is never closed; the line is left out"
                    )
                    start = first + 1
                    break
                width = width or len(row)
                start = after
                yield first + 1, row
            else:
                return
    finally:
        csv.field_size_limit(limit)


def _closed(lines: list[str], mark: str, width: int) -> bool:
    """Whether several lines are truly one row: no longer than allowed, as wide as the header, each quotation closed."""
    if len(lines) > LONGEST_ROW or sum(line.count('"') for line in lines) % 2:
        return False
    try:
        [row] = csv.reader(lines, delimiter=mark, strict=True)
    except (csv.Error, ValueError):
        return False
    return len(row) == width


def _rows(lines: list[str], start: int, mark: str) -> Iterator[tuple[int, int, list[str]]]:
    """Rows from line ``start`` on: the first line of each, the line after it, and its fields."""
    first = position = start

    def feed() -> Iterator[str]:
        nonlocal position
        while position < len(lines) and position - first <= LONGEST_ROW:
            position += 1
            yield lines[position - 1]

    for row in csv.reader(feed(), delimiter=mark):
        yield first, position, row
        first = position


def read_text(text: str, limits: Limits) -> Document:
    """Read a headline a line."""
    document = Document("text", "line")
    titles, places = [], []
    for place, line in enumerate(lines_of(text), start=1):
        title = line.strip()
        if not title:
            continue
        document.items += 1
        if document.items > limits.items:
            document.notes.add(
                f"line {place}", f"over the limit of {limits.items:,} lines in a file; the rest is not read"
            )
            break
        titles.append(title)
        places.append(place)
    document.titles, document.places = list(titles), places
    return document


def read_parquet(data: bytes | bytearray, limits: Limits, mapping: Mapping[str, str] | None) -> Document:
    """Read Parquet, in a process with limits on memory and time.

    Raises:
        Unusable: it is damaged, too large, or has no title column.
    """
    memory = 4 * limits.unpacked(len(data))
    document: Document = sandbox.run(read_parquet_here, bytes(data), limits, mapping, memory=memory)
    return document


def read_parquet_here(data: bytes, limits: Limits, mapping: Mapping[str, str] | None) -> Document:
    """Read Parquet in this process: ``read_parquet`` without limits on memory and time.

    Raises:
        Unusable: as ``read_parquet``.
    """
    try:
        header = pl.read_parquet_schema(io.BytesIO(data))
        found = find_columns(list(header), mapping)
        names = [list(header)[position] for position in found.values()]
        scan = pl.scan_parquet(io.BytesIO(data))
        rows = scan.select(pl.len()).collect().item()
        if rows > limits.items:
            raise Unusable(f"parquet with {rows:,} rows, over the limit of {limits.items:,} items in a file")
        frame = scan.select(names).collect()
    except DAMAGE as error:
        words = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Unusable(f"damaged parquet: {words[:200]}") from None
    texts = frame.select(pl.col(pl.String, pl.Binary).cast(pl.Binary).bin.size().sum().cast(pl.Int64))
    size, allowed = sum(texts.row(0)) if texts.width else 0, limits.unpacked(len(data))
    if size > allowed:
        raise Unusable(
            f"parquet: {len(data):,} bytes become {size:,}, which is over the limit of {allowed:,}"
            f" (file_bytes {limits.file_bytes:,}, ratio {limits.ratio})"
        )
    return frame_document(frame, dict(zip(found, names, strict=True)), "parquet")


def frame_document(frame: pl.DataFrame, names: Mapping[str, str], kind: str) -> Document:
    """A document from a frame's columns, given the role of each."""
    document = Document(kind, "row", places=range(1, frame.height + 1), items=frame.height)
    columns = {role: _text(frame[name]) for role, name in names.items() if role != "published"}
    document.titles = columns["title"]
    document.urls, document.outlets, document.ids = columns.get("url"), columns.get("outlet"), columns.get("id")
    if "published" in names:
        dates = frame[names["published"]]
        document.dates = dates.cast(pl.Datetime("us")) if dates.dtype == pl.Date else dates
        if not isinstance(document.dates.dtype, pl.Datetime):
            document.dates = _text(dates)
    return document


def _text(column: pl.Series) -> pl.Series:
    """A column as strings; what cannot be one becomes null."""
    if column.dtype == pl.String:
        return column
    if column.dtype == pl.Binary:
        return pl.Series(column.name, [_utf8(value) for value in column.to_list()], dtype=pl.String)
    if column.dtype.is_nested():
        raise Unusable(f"the column {column.name!r} is {column.dtype}, not text")
    return column.cast(pl.String, strict=False)


def _utf8(value: bytes | None) -> str | None:
    try:
        return value.decode() if value is not None else None
    except UnicodeDecodeError:
        return None
