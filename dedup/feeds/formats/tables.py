"""Read CSV and TSV, and headlines one a line.

CSV is parsed by the standard library: it gives every row with its length and line, where Polars refuses the file for a
lone quotation mark or drops fields silently. An opening quotation mark that is never closed would include the rest of
the file, so a row of several lines must also pass the strict reader. TSV fields are taken verbatim (headlines begin
with quotation marks), except fields enclosed in quotes.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING

from dedup.feeds.document import Document, Unusable
from dedup.feeds.fields.stand_ins import MAX_HEADLINE
from dedup.feeds.files.limits import Stopped
from dedup.feeds.formats.content import with_decoding_notes
from dedup.feeds.formats.field_names import (
    date_parts,
    find_columns,
    has_title,
    strip_marks,
    unused_columns,
    with_zone,
    zone_column,
    zone_of_name,
)
from dedup.feeds.formats.headless import HALF_DAY, ROWS, name_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dedup.feeds.files.limits import Watch
    from dedup.feeds.formats.content import Content
    from dedup.feeds.formats.field_names import Columns
    from dedup.feeds.formats.headless import Named

    Block = tuple[Sequence[int], list[list[str]]]
    """Rows of a table, and the number of the first line of each."""

DELIMITERS = (",", ";", "\t", "|")
TABLE_SUFFIXES = (".csv", ".tsv", ".tab")
TEXT_SUFFIXES = (".txt", ".text", ".lst", ".list", "")
JOINED = "date"
"""Name of the column of dates that were in three columns."""
RULE = "|:- "
MAX_ROW_LINES, MAX_ROW_LENGTH = 200, 1_000_000
"""Lines and characters that one row in quotes may have; a quotation mark that is never closed costs as much."""
BY_NUMBER = "--map title=1 takes the column of that number"
MAX_PREAMBLE = 40
"""Lines that may precede the header: titles, notes, filters of a report, ``sep=;``."""
MAX_HEADER = 100_000
"""Characters of the longest line that may be a header."""
BLOCK = 4_096
"""Rows that are parsed and checked at a time."""
ESCAPED = re.compile(r'(?<!\\)\\"')
ESCAPED_INSIDE = re.compile(r'(?<!\\)\\"[^"\s,;|]')
GUARDS = frozenset("='")
"""First characters of a cell that a spreadsheet may not compute."""
MAX_TEXT = 1_000
"""Characters kept of a text that stands in for a title."""


def lines_of(text: str) -> list[str]:
    """Return the lines of a text between any of the three line ends; U+2028 and the like are part of a line.

    ``io.StringIO`` does the same with four bytes a letter, which is a gigabyte for the largest file allowed.
    """
    lines = (text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text).split("\n")
    return lines if lines[-1] else lines[:-1]


def block_from(start: int, rows: list[list[str]]) -> Block:
    """Return rows of a line each as a block; ``start`` lines are before them."""
    return range(start + 1, start + 1 + len(rows)), rows


def delimiter_of(header: str) -> str:
    """Return the delimiter that gives the header a column of titles, else the most frequent one.

    Examples:
        >>> delimiter_of("العنوان;المصدر")
        ';'
    """
    header = header[:MAX_HEADER]
    return max(DELIMITERS, key=lambda mark: (has_title(_cells(header, mark)), header.count(mark)))


def _cells(line: str, mark: str) -> list[str]:
    return [cell.strip().strip('"') for cell in line.split(mark)]


def is_header(line: str, mapping: Mapping[str, str] | None) -> bool:
    """Return whether a line names a column of titles, among others or alone."""
    return len(line) <= MAX_HEADER and any(has_title(_cells(line, mark), mapping) for mark in DELIMITERS)


def is_table(content: Content) -> bool:
    """Return whether the document is a table, by its name or by a header in its first lines."""
    if content.suffix in TABLE_SUFFIXES:
        return True
    lines = [line for line in content.head[:10_000].splitlines()[:MAX_PREAMBLE] if line.strip()]
    if not lines:
        return False
    if not _is_chat(content) and _headless(lines, content.columns):
        return True
    if is_header(lines[0], content.columns) and lines[0][0] not in "{[<":
        return True
    return content.suffix not in TEXT_SUFFIXES[:-1] and any(
        is_header(line, content.columns) and sum(line.count(mark) for mark in DELIMITERS) > 1 for line in lines
    )


def read_table(content: Content) -> Document:
    """Read CSV or TSV with a header.

    Raises:
        Unusable: it has no column of titles, or two.
    """
    text, escaped = _with_doubled_quotes(content.decoded.text)
    lines = lines_of(text)
    first = _header_line(lines, content.columns)
    headless = _headless(lines[first : first + ROWS], content.columns)
    mark, named = headless or (delimiter_of(lines[first]), None)
    document = Document("tsv" if mark == "\t" else "csv", "line")
    remark_skipped(document, first, "first row" if named else "header")
    if escaped:
        document.notes.remark('quotation marks inside fields are written \\" and were read so')
    blocks = _tabbed(lines, first) if mark == "\t" else _quoted(lines, mark, document, first, content.watch)
    if named:
        fill_headless(document, blocks, content.watch, named)
    else:
        try:
            fill_rows(document, blocks, content.watch, content.columns)
        except Unusable as fault:
            hint = "" if is_header(lines[first], content.columns) else f"; if it has no header, {BY_NUMBER}"
            raise Unusable(f"{fault}{hint}") from None
    return with_decoding_notes(content, document)


def _with_doubled_quotes(text: str) -> tuple[str, bool]:
    r"""Double the quotation marks that a table of MySQL or PHP writes as ``\"``; return whether there were any."""
    if '\\"' not in text or not ESCAPED_INSIDE.search(text):
        return text, False
    return ESCAPED.sub('""', text), True


def _headless(lines: Sequence[str], mapping: Mapping[str, str] | None) -> tuple[str, Named] | None:
    """Return the delimiter and names for the columns of a table without a header; None if its first line may be one.

    Args:
        lines: at the beginning of the table; ``ROWS`` of them are enough.
        mapping: the caller's.
    """
    if not lines or is_header(lines[0], mapping):
        return None
    if any(len(line) > MAX_HEADER for line in lines):
        return None
    for mark in [mark for mark in DELIMITERS if mark in lines[0]] or DELIMITERS[:1]:
        if mark == "\t":
            rows = [row for _, block in _tabbed(lines, 0) for row in block]
        else:
            rows = [row for *_, row in _rows(lines, 0, mark)]
        if named := name_columns(rows, mapping):
            return mark, named
    return None


def _header_line(lines: Sequence[str], mapping: Mapping[str, str] | None) -> int:
    """Return the index of the header: the first line that names a column of titles, else the first with text."""
    candidates = [index for index, line in enumerate(lines[:MAX_PREAMBLE]) if line.strip()]
    headers = [index for index in candidates if is_header(lines[index], mapping)]
    # A column of titles alone may also be a word in a line of notes.
    several = [index for index in headers if any(mark in lines[index] for mark in DELIMITERS)]
    if headers and headers[0] == candidates[0]:
        return headers[0]
    skipped = [index for index in candidates if not lines[index].lower().startswith("sep=")]
    return next(iter([*several, *headers, *skipped, *candidates]), 0)


def remark_skipped(document: Document, count: int, before: str) -> None:
    """Remark on the lines or rows that precede the header, if any."""
    if count:
        unit = document.unit
        skipped = f"{unit} 1 precedes" if count == 1 else f"{unit}s 1 to {count} precede"
        document.notes.remark(f"{skipped} the {before}; skipped")


def fill_headless(document: Document, blocks: Iterable[Block], watch: Watch, named: Named) -> None:
    """Fill a document from rows without a header, whose columns were named by their values."""
    document.notes.remark(named.remark)
    fill_rows(document, chain([([0], [named.header])], blocks), watch, None)


def fill_rows(document: Document, blocks: Iterable[Block], watch: Watch, mapping: Mapping[str, str] | None) -> None:
    """Fill a document from rows with their line numbers, the header first.

    Raises:
        Unusable: the header has no column of titles, or two.
    """
    blocks = iter(blocks)
    lines, rows = next(blocks)
    raw_header, blocks = rows[0], chain([(lines[1:], rows[1:])], blocks)
    header = [name.strip() for name in raw_header]
    while header and not header[-1]:  # a delimiter at the end of each line
        header.pop()
    if parts := date_parts(header):
        blocks = _with_dates_joined(blocks, parts, len(header))
        header, raw_header = [*header, JOINED], [*raw_header, JOINED]
    columns = find_columns(header, mapping)
    wanted = _wanted(columns, header)
    values: dict[str, list[str | None]] = {name: [] for name, _ in wanted}
    title = columns.title[0] if columns.title else 0
    body = _Body(document, watch, header, title, raw_header[title])
    places: list[int] = []
    for block in blocks:
        lines, rows = body.usable(*block)
        places.extend(lines)
        for name, position in wanted:
            values[name].extend(map(itemgetter(position), rows))
        if body.is_cut:
            break
    if body.repeated:
        document.notes.remark(f"{body.repeated:,} rows repeat the header and were skipped")
    document.places = places
    for name in ("title", "outlet"):
        _strip_guards(values.get(name, []))
    _add_zones(values, wanted, header)
    _set_columns(document, values, len(places))
    if columns.dates:
        document.date_name = header[columns.dates[0]]
    _remark_missing_outlets(document, values.get("outlet", []), [header[position] for position in columns.outlet])
    taken = {"outlet": columns.outlet, "published": columns.dates, "url": columns.url}
    used = [role for role, found in taken.items() if found]
    remark = unused_columns(header, used)
    if remark:
        document.notes.remark(remark)


@dataclass(slots=True)
class _Body:
    """The rows below the header of a table.

    Attributes:
        document: receives the number of items and the notes.
        watch: over items and time.
        header: names of the columns.
        title: position of the column of titles, whose name in the file is ``raw_title``.
        repeated: rows so far that repeat the header.
        is_cut: whether a limit is reached, so that no further row is read.
    """

    document: Document
    watch: Watch
    header: list[str]
    title: int
    raw_title: str
    repeated: int = 0
    is_cut: bool = False

    def usable(self, lines: Sequence[int], rows: list[list[str]]) -> Block:
        """Return the rows of a block that are items, none shorter than the header, and their lines."""
        if not self.are_plain(rows):
            return self.chosen(lines, rows)
        self.document.items += 1
        if self.document.items >= self.watch.due and not _may_continue(self.document, self.watch, lines[0]):
            self.is_cut = True
            return [], []
        self.document.items += len(rows) - 1
        return lines, rows

    def are_plain(self, rows: list[list[str]]) -> bool:
        """Return whether all rows are items as wide as the header, within the limit, as nearly always."""
        return (
            self.document.items + len(rows) <= self.watch.limits.items
            and set(map(len, rows)) == {len(self.header)}
            and all(map(itemgetter(0), rows))
            and self.raw_title not in map(itemgetter(self.title), rows)
        )

    def chosen(self, lines: Sequence[int], rows: list[list[str]]) -> Block:
        """Do as ``usable`` row by row."""
        document, width = self.document, len(self.header)
        places, kept = [], []
        for place, row in zip(lines, rows, strict=True):
            if not row or (not row[0] and not "".join(row).strip(RULE)):  # the rule of a Markdown table
                continue
            if self.repeats_header(row):
                self.repeated += 1
                continue
            document.items += 1
            if document.items >= self.watch.due and not _may_continue(document, self.watch, place):
                self.is_cut = True
                break
            if len(row) != width and (len(row) < width or any(row[width:])):
                reason = f"{len(row)} fields where the header has {width}; read as far as it goes"
                document.notes.add(f"line {place}", reason, "rows with too few or too many fields")
                row.extend([""] * (width - len(row)))
            places.append(place)
            kept.append(row)
        return places, kept

    def repeats_header(self, row: list[str]) -> bool:
        """Return whether the row is the header once more, as in files put together."""
        return (
            self.title < len(row)
            and row[self.title] == self.raw_title
            and [cell.strip() for cell in row[: len(self.header)]] == self.header
        )


def _remark_missing_outlets(document: Document, outlets: Sequence[str | None], names: Sequence[str]) -> None:
    """Remark on rows without an outlet beside others: a merged cell gives its text to its first row only."""
    missing = sum(not outlet for outlet in outlets)
    if 0 < missing < len(outlets):
        document.notes.remark(
            f"column {names[0]!r}: {missing:,} of {len(outlets):,} rows have no outlet (merged cells?)"
        )


def _wanted(columns: Columns, header: Sequence[str]) -> list[tuple[str, int]]:
    """Return the columns of a document that a table fills, and their positions in it."""
    names = ("title", "text", "url", "outlet", "id", "date", "date_detail", "date_fallback")
    firsts = [columns.title[:1], columns.text[:1], columns.url[:1], columns.outlet[:1], columns.id[:1]]
    dates = [columns.dates[:1], columns.dates[1:2], columns.fallback_dates[:1]]
    wanted = [(name, position[0]) for name, position in zip(names, [*firsts, *dates], strict=True) if position]
    if zone := zone_column(header):
        wanted.append(("zone", header.index(zone)))
    return wanted


def _with_dates_joined(blocks: Iterable[Block], parts: Sequence[int], width: int) -> Iterator[Block]:
    """Yield the rows with a further field: the date whose year, month and day are in three."""
    for lines, rows in blocks:
        joined = []
        for row in rows:
            fields = [row[part].strip() for part in parts if part < len(row)]
            date = "-".join(fields) if len(fields) == len(parts) else ""
            joined.append([*row, *[""] * (width - len(row)), date])
        yield lines, joined


def _add_zones(
    values: Mapping[str, list[str | None]], wanted: Sequence[tuple[str, int]], header: Sequence[str]
) -> None:
    """Write the zone that a column of zones or a column's name states behind the times."""
    stated = values.get("zone")
    for name, position in wanted:
        zone = zone_of_name(header[position])
        if name.startswith("date") and stated is not None:
            pairs = zip(values[name], stated, strict=True)
            values[name][:] = [with_zone(value, f" {own}" if own else zone) for value, own in pairs]
        elif name.startswith("date") and zone:
            values[name][:] = [with_zone(value, zone) for value in values[name]]


def _strip_guards(column: list[str | None]) -> None:
    """Strip the guards that keep spreadsheets from computing a cell: ``="text"``, ``'=text``."""
    if GUARDS.isdisjoint(map(itemgetter(slice(1)), filter(None, column))):  # as nearly always
        return
    for row, cell in enumerate(column):
        if cell and cell[:2] == '="' and cell[-1] == '"':
            column[row] = cell[2:-1]
        elif cell and cell[0] == "'" and cell[1:2] and cell[1] in "=+-@":
            column[row] = cell[1:]


def _may_continue(document: Document, watch: Watch, place: int) -> bool:
    """Return whether further rows may be read; if not, note the limit."""
    try:
        watch.check(document.items)
    except Stopped as stop:
        document.notes.add(f"line {place}", str(stop))
        return False
    return True


def _set_columns(document: Document, values: Mapping[str, list[str | None]], height: int) -> None:
    """Set the columns of a document; texts are kept for rows without a title only."""
    document.titles = values.get("title") or [None] * height
    if "text" in values:
        document.texts = [
            None if title and title.strip() else text and text[:MAX_TEXT]
            for title, text in zip(document.titles, values["text"], strict=True)
        ]
    document.urls, document.dates = values.get("url"), values.get("date")
    document.date_details, document.date_fallbacks = values.get("date_detail"), values.get("date_fallback")
    document.outlets, document.ids = values.get("outlet"), values.get("id")


def _tabbed(lines: Sequence[str], start: int) -> Iterator[Block]:
    """Yield the rows of TSV with their line numbers."""
    for first in range(start, len(lines), BLOCK):
        part = lines[first : first + BLOCK]
        rows = [line.split("\t") for line in part]
        for row, line in zip(rows, part, strict=True):
            if '"' in line:
                row[:] = [cell[1:-1].replace('""', '"') if _is_enclosed(cell) else cell for cell in row]
        yield block_from(first, rows)


def _is_enclosed(cell: str) -> bool:
    """Return whether quotes enclose the cell and those inside are doubled, so that the outer ones are not its text."""
    return len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in cell[1:-1].replace('""', "")


def _quoted(lines: list[str], mark: str, document: Document, start: int, watch: Watch) -> Iterator[Block]:
    """Yield the rows of CSV with their first lines."""
    limit = csv.field_size_limit(2**31 - 1)
    try:
        width = 0
        while start < len(lines):
            rows = _one_a_line(lines[start : start + BLOCK], mark)
            if rows is None:
                yield from _over_lines(lines, mark, document, start, watch, width)
                return
            width = width or next((len(row) for row in rows if row), 0)
            yield block_from(start, rows)
            start += len(rows)
    finally:
        csv.field_size_limit(limit)


def _one_a_line(lines: list[str], mark: str) -> list[list[str]] | None:
    """Return the rows of lines that are a row each, None if some row has several lines."""
    try:
        rows = list(csv.reader([*lines, ""], delimiter=mark))  # the last line would be part of an unclosed quotation
    except csv.Error:
        return None
    return rows[:-1] if len(rows) == len(lines) + 1 else None


def _over_lines(
    lines: list[str], mark: str, document: Document, start: int, watch: Watch, width: int
) -> Iterator[Block]:
    """Yield rows that may have several lines each; after an unclosed quote, parsing resumes on the next line."""
    places: list[int] = []
    rows: list[list[str]] = []
    try:
        while start < len(lines):
            for first, after, row in _rows(lines, start, mark):
                if after - first > 1 and not _is_closed(lines[first:after], mark, width or len(row)):
                    document.items += 1
                    document.notes.add(
                        f"line {first + 1}", "a quotation mark opens and is never closed; the line is left out"
                    )
                    start = first + 1
                    watch.check_time()
                    break
                width = width or len(row)
                start = after
                places.append(first + 1)
                rows.append(row)
                if len(rows) == BLOCK:
                    yield places, rows
                    places, rows = [], []
            else:
                break
    except Stopped as stop:  # lines with unclosed quotes cost far more than others
        document.notes.add(f"line {start + 1}", str(stop))
    yield places, rows


def _is_closed(lines: list[str], mark: str, width: int) -> bool:
    """Return whether several lines are one row: within the limit, as wide as the header, each quote closed."""
    if len(lines) > MAX_ROW_LINES or sum(line.count('"') for line in lines) % 2:
        return False
    try:
        [row] = csv.reader([f"{line}\n" for line in lines], delimiter=mark, strict=True)
    except (csv.Error, ValueError):
        return False
    return len(row) == width


def _rows(lines: Sequence[str], start: int, mark: str) -> Iterator[tuple[int, int, list[str]]]:
    """Yield the rows from line ``start``: the first line of each, the line behind it, and its fields."""
    first = position = start
    length = 0

    def feed() -> Iterator[str]:
        nonlocal position, length
        while position < len(lines):
            line = lines[position]
            if position > first:  # the row has several lines
                length += len(line)
                if position - first > MAX_ROW_LINES or length > MAX_ROW_LENGTH:
                    return
            position += 1
            yield f"{line}\n"

    for row in csv.reader(feed(), delimiter=mark):
        yield first, position, row
        first, length = position, 0


def is_text(content: Content) -> bool:
    """Return whether the document is a list of headlines, which only its name can tell."""
    return content.suffix in TEXT_SUFFIXES


CHAT = re.compile(
    r"\[?(\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}[/.-]\d{1,2}[/.-]\d{1,2})[,،]?\s+"
    rf"(\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:\s?{HALF_DAY})?)(?:\]|\s+[-–])\s+([^:]{{1,60}}):\s+(.+)",
    re.IGNORECASE,
)
"""A message of an exported chat: date, time, sender, text."""
MIN_CHAT = 0.5
"""Least share of the first lines that begin a message, for a text to be an exported chat."""
HEAD_LINES = 40
LONG_SHARE = 0.1
"""Share of lines longer than a headline from which on a remark says so."""


def _is_chat(content: Content) -> bool:
    """Return whether the text is a chat exported by WhatsApp."""
    lines = [line for line in strip_marks(content.head).splitlines()[:HEAD_LINES] if line.strip()]
    return bool(lines) and sum(CHAT.match(line) is not None for line in lines) >= MIN_CHAT * len(lines)


def _read_chat(content: Content) -> Document:
    """Read a message per line of an exported chat; further lines of a message are left out."""
    document, watch = Document("chat", "line"), content.watch
    columns: dict[str, list[str | None]] = {"titles": [], "outlets": [], "dates": []}
    places: list[int] = []
    for place, line in enumerate(lines_of(strip_marks(content.decoded.text)), start=1):
        match = CHAT.match(line)
        if match is None:
            continue
        document.items += 1
        if not _may_continue(document, watch, place):
            break
        for column, value in zip(columns.values(), (match[4], match[3], f"{match[1]} {match[2]}"), strict=True):
            column.append(value.strip())
        places.append(place)
    document.titles, document.outlets, document.dates = columns["titles"], columns["outlets"], columns["dates"]
    document.places, document.date_name = places, "date"
    document.notes.remark("a chat exported by WhatsApp: the first line of each message is its headline")
    return with_decoding_notes(content, document)


def read_text(content: Content) -> Document:
    """Read a headline per line, or an exported chat.

    Raises:
        Unusable: it is a table without delimiters.
    """
    if _is_chat(content):
        return _read_chat(content)
    document, watch = Document("text", "line"), content.watch
    titles, places = [], []
    lines = lines_of(content.decoded.text)
    if has_title(columns := re.split(r"\s{2,}", (lines or [""])[0][:MAX_HEADER].strip())) and len(columns) > 1:
        raise Unusable("a table with columns of fixed width, which is not read; save it as CSV")
    for place, line in enumerate(lines, start=1):
        title = line.strip()
        if not title:
            continue
        document.items += 1
        if not _may_continue(document, watch, place):
            break
        titles.append(title)
        places.append(place)
    long = sum(len(title) > MAX_HEADLINE for title in titles)
    if long > LONG_SHARE * len(titles):
        document.notes.remark(
            f"{long:,} of {len(titles):,} lines have over {MAX_HEADLINE} characters; each line is read as one headline"
        )
    document.titles, document.places = list(titles), places
    return with_decoding_notes(content, document)
