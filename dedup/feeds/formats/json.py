"""JSON in its forms -> documents: JSON Feed, a JSON array, or a line for each headline.

orjson reads; what it refuses and Python's json allows (NaN, 1e400, lone surrogates in old exports) is read by that.
Of an object with a key twice the last counts, as in both. Lines are decided one by one: a bad line costs itself.
"""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import orjson

from dedup.feeds.document import Document, Unusable
from dedup.feeds.files.discover import printable
from dedup.feeds.files.encoding import decode
from dedup.feeds.formats.field_names import ROLES, find_columns, has_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dedup.feeds.files.limits import Limits

ARRAY = re.compile(r'\s*(?:\[|\{.*?"items"\s*:\s*\[)', re.DOTALL)
BLOCK = 20_000
"""Objects held at once."""
LONG = 32 * 1024 * 1024
"""From so many characters on, JSON is not held as objects as a whole: that takes up to ten times its size."""
CROWDED = 8
"""Fewer characters than this for each value of a long text: numbers or empty lists by the million, and no headlines."""
BETWEEN = re.compile(r"\s*,?\s*")


def parse_json(text: str | bytes | bytearray) -> Any:  # noqa: ANN401 - JSON may hold anything
    """Parse one JSON value.

    Raises:
        Unusable: with the fault and its place.
    """
    if len(text) > LONG and text.count("," if isinstance(text, str) else b",") * CROWDED > len(text):  # type: ignore[arg-type]
        raise Unusable("JSON with a value in every few bytes, more than can be held; no headlines are so short")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        fault = error
    try:
        return json.loads(text)
    except RecursionError:
        raise Unusable("JSON nested too deep") from None
    except ValueError:
        place = f"line {fault.lineno}, column {fault.colno}"
        raise Unusable(f"no JSON: {fault.msg.split(':')[0]} ({place})") from None


def text_of(value: object) -> str | None:
    """A field's text: of a nested value, the name that APIs put there (``source: {name}``, ``title: {rendered}``)."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict):
        return next((text_of(value[key]) for key in ("rendered", "name", "value", "#text") if key in value), None)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (bool, list)):
        return None
    return str(value)


def read_lines(lines: Iterable[bytes], limits: Limits, mapping: Mapping[str, str] | None) -> Document:
    """Read JSON lines in UTF-8: an object, or a bare string, for each headline.

    Raises:
        Unusable: no line is an object with a title.
    """
    document = Document("jsonl", "line")
    table = _Table(document, mapping)
    loads = orjson.loads
    for number, line in enumerate(lines, start=1):
        try:
            row = loads(line)
        except orjson.JSONDecodeError:
            if not line.strip():
                continue
            try:
                row = _odd_line(line, number, document)
            except Unusable as fault:
                document.items += 1
                document.notes.add(f"line {number}", str(fault), "lines that are no JSON")
                continue
        if not table.add(row, number, limits):
            break
    table.close()
    return document


def _odd_line(line: bytes, number: int, document: Document) -> object:
    """A line that orjson refuses, perhaps for its bytes only."""
    decoded = decode(line.lstrip(b"\xef\xbb\xbf") if number == 1 else line)
    for note in decoded.notes:
        document.notes.add(f"line {number}", note.reason)
    return parse_json(decoded.text)


def read_json(text: str, limits: Limits, mapping: Mapping[str, str] | None) -> Document:
    """Read a JSON Feed, any object with a list of items, or an array; of damaged ones the items before the damage.

    Raises:
        Unusable: it holds no such list, or none of its items has a title.
    """
    document = Document("json")
    if len(text) > LONG and text[:1000].lstrip().startswith("["):
        fill_records(document, _elements(text, document), limits, mapping)
        return document
    try:
        value = parse_json(text)
    except Unusable as fault:
        items: Iterable[Any] = list(_elements(text, document))
        if not items:
            raise fault from None
    else:
        items = _items(value, document)
    fill_records(document, items, limits, mapping)
    return document


def _items(value: object, document: Document) -> list[Any]:
    """The list of items in a JSON value, whose own fields go to the document."""
    if isinstance(value, dict):
        if "jsonfeed.org" in str(value.get("version")):
            document.format = "json-feed"
        items = value.get("items")
        if isinstance(items, list):
            document.feed_title, document.feed_link = text_of(value.get("title")), text_of(value.get("home_page_url"))
            return items
        if document.format == "json" and has_title(value):
            return [value]
        raise Unusable(f"a JSON object without a list of items, not a feed; its keys are: {_keys(value)}")
    if isinstance(value, list):
        return value
    raise Unusable(f"JSON, but {_kind(value)} instead of a list of items")


def _elements(text: str, document: Document) -> Iterator[Any]:
    """The items of a list, one by one; where it is damaged or cut off, a note."""
    start = ARRAY.match(text)
    if not start:
        return
    position, decoder, count = start.end(), json.JSONDecoder(), 0
    while (between := BETWEEN.match(text, position)) and not text.startswith("]", between.end()):
        try:
            item, position = decoder.raw_decode(text, between.end())
        except (ValueError, RecursionError) as error:
            reason = "nested too deep" if isinstance(error, RecursionError) else "damaged or cut off"
            document.notes.add(
                f"after item {count}", f"the JSON is {reason} (character {between.end():,}); the rest is not read"
            )
            return
        count += 1
        yield item


def fill_records(
    document: Document, items: Iterable[object], limits: Limits, mapping: Mapping[str, str] | None
) -> None:
    """Fill a document from objects or bare strings.

    Raises:
        Unusable: none of them has a title.
    """
    table = _Table(document, mapping)
    for number, item in enumerate(items, start=1):
        if not table.add(item, number, limits):
            break
    table.close()


class _Table:
    """Columns from objects, block by block: the objects are many times larger than what is wanted of them."""

    def __init__(self, document: Document, mapping: Mapping[str, str] | None) -> None:
        self.document, self.mapping = document, mapping
        self.columns: dict[str, list[Any]] = {role: [] for role in ROLES}
        self.places: list[int] = []
        self.rows: list[dict[str, Any]] = []
        self.fault: Unusable | None = None

    def add(self, item: object, number: int, limits: Limits) -> bool:
        """Add an object or string; False when the document has reached its limit."""
        document, place = self.document, f"{self.document.unit} {number}"
        document.items += 1
        if document.items > limits.items:
            document.notes.add(place, f"over the limit of {limits.items:,} items in a file; the rest is not read")
            return False
        if isinstance(item, str):
            item = {"title": item}
        if isinstance(item, dict):
            self.rows.append(item)
            self.places.append(number)
            if len(self.rows) == BLOCK:
                self.flush()
        else:
            document.notes.add(place, f"{_kind(item)} instead of an object with a title", "items that are no objects")
        return True

    def flush(self) -> None:
        """Take the columns of the rows collected; they are those of any of these rows."""
        header = list(dict.fromkeys(key for row in self.rows for key in row))
        try:
            names = self.names(header)
        except Unusable as fault:
            self.fault, names = fault, {}
        for role, column in self.columns.items():
            key = names.get(role)
            if key is None:
                column.extend([None] * len(self.rows))
            else:
                values = [row.get(key) for row in self.rows]
                told = self.date_of if role == "published" else text_of
                column.extend(value if value.__class__ is str else told(value) for value in values)
        self.rows.clear()

    def date_of(self, value: object) -> str | datetime | None:
        """A date's text; a time of Python stays one, to be written and read again is not for it."""
        if value.__class__ is not datetime:  # a library's own kind of time may tell more in its text
            return text_of(value)
        self.document.typed = True
        return value

    def names(self, header: list[str]) -> dict[str, str]:
        if self.document.format == "json-feed":
            return {"title": "title", "url": "url", "published": "date_published"}
        return {role: header[position] for role, position in find_columns(header, self.mapping).items()}

    def close(self) -> None:
        """Hand the columns to the document."""
        document = self.document
        if self.rows:
            self.flush()
        if not any(self.columns["title"]) and document.items:
            first = next(iter(document.notes.listed), None)
            raise self.fault or Unusable(first.reason if first else f"none of the {document.items:,} items has a title")
        filled = {role: column if any(column) else None for role, column in self.columns.items()}
        document.titles, document.places = self.columns["title"], self.places
        document.urls, document.dates = filled["url"], filled["published"]
        document.outlets, document.ids = filled["outlet"], filled["id"]


def _kind(value: object) -> str:
    names = {list: "a list", dict: "an object", str: "a string", type(None): "null", bool: "true or false"}
    return names.get(type(value), "a number")


def _keys(value: dict[str, object]) -> str:
    return ", ".join(printable(str(key)[:60]) for key in list(value)[:30]) or "none"
