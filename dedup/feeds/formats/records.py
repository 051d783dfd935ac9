"""Fill the columns of a document from objects: parsed JSON, mappings in memory.

Records are independent: the fields of each are found by its own keys, not by those of its neighbours. Records of the
same keys share a plan, so that a column is taken from thousands of them in one step.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from dedup.feeds.document import Document, Unusable, unexpected
from dedup.feeds.files.limits import Stopped
from dedup.feeds.formats.field_names import (
    has_title,
    list_columns,
    rank_columns,
    unused_columns,
    with_zone,
    zone_column,
    zone_of_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dedup.feeds.files.limits import Watch

    Record = dict[str, Any]
    Path = tuple[str, ...]

BLOCK = 20_000
"""Records held at a time: they are many times larger than the columns taken from them."""
MAX_TEXT = 1_000
"""Characters kept of a text that stands in for a title."""
WRAPPERS = (
    "_source",
    "attributes",
    "article",
    "data",
    "fields",
    "node",
    "snippet",
    "item",
    "doc",
    "document",
    "story",
    "post",
    "tweet",
    "entry",
    "record",
    "news",
)
"""Keys under which APIs put the record itself: Elasticsearch, JSON:API, GraphQL and others."""
MAX_WRAPPERS = 3
XML_TEXT = ("__cdata", "_cdata", "cdata", "#cdata-section", "$t", "_text", "_")
"""Keys of the text of an element where XML was converted to JSON."""
INNER_NAMES = {
    "title": (
        "rendered", "main", "#text", "text", "value", "title", "name", "ar", "arabic", "default", "stringValue",
        *XML_TEXT,
    ),
    "outlet": (
        "name", "title", "display_name", "displayName", "full_name", "#text", "text", "value", "rendered", "username",
        "domain", "uri", "url", "stringValue", *XML_TEXT,
    ),
    "url": ("href", "url", "rendered", "@href", "#text", "value", "link", "uri", "stringValue", *XML_TEXT),
    "date": (
        "$date", "$numberLong", "iso", "dateTime", "datetime", "date", "timestampValue", "timestamp", "_seconds",
        "seconds", "#text", "text", "value", "rendered", "stringValue", "integerValue", "utc", "gmt", *XML_TEXT,
    ),
}  # fmt: skip
"""Keys of nested objects that hold a field's text, the surest first; of other fields as of titles."""
MIN_PARTS = 6
"""Numbers of a list that is a date: year, month, day, hour, minute, second."""
COLLECTION = "collection title"
"""Key for the title of the collection around a record, where a document holds several collections."""


def text_of(value: object, role: str = "title") -> str | None:
    """Return the text of a field, None if it has none.

    Of a nested object it is the text where APIs put it (``source: {name}``, ``title: {rendered}``,
    ``canonical: [{href}]``), of a title in pieces all of them, of another list the first.

    Examples:
        >>> text_of({"rendered": "عنوان"}), text_of(["عاجل", {"type": "bold", "text": " | خبر"}]), text_of(7)
        ('عنوان', 'عاجل | خبر', '7')
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict):
        names = INNER_NAMES.get(role, INNER_NAMES["title"])
        return next((text for name in names if name in value and (text := text_of(value[name], role))), None)
    if isinstance(value, (list, tuple)):
        texts = [text for piece in value[:100] if (text := text_of(piece, role))]
        if role not in ("title", "text"):
            return texts[0] if texts else None
        return ("" if any(isinstance(piece, dict) for piece in value) else " ").join(texts) or None
    if isinstance(value, bool):
        return None
    return value.isoformat() if isinstance(value, (datetime, date)) else str(value)


class Plan(NamedTuple):
    """Where records of one set of keys have their fields: paths for each role, the surest first."""

    title: list[Path]
    text: list[Path]
    outlet: list[Path]
    url: list[Path]
    id: list[Path]
    dates: list[Path]
    fallback_dates: list[Path]
    zone: str | None


class Records:
    """Collects records block by block, and fills the columns of a document.

    Args:
        document: the document to fill.
        watch: on the number of items and the time.
        mapping: of roles to keys; a dotted path (``article.headline``, ``links.0.href``) leads into nested objects.
    """

    def __init__(self, document: Document, watch: Watch, mapping: Mapping[str, str] | None) -> None:
        self.document, self.watch, self.mapping = document, watch, dict(mapping or {})
        self.plans: dict[tuple[str, ...], Plan] = {}
        self.block: list[Record] = []
        self.columns: dict[str, list[Any]] = {
            name: [] for name in ("title", "text", "outlet", "url", "id", "date", "date_detail", "date_fallback")
        }
        self.places: list[int] = []
        self.seen_keys: dict[str, None] = {}
        self.roles_used: set[str] = set()

    def add(self, item: object, number: int, outlet: str | None = None) -> bool:
        """Add an object or string.

        Args:
            item: the object, or a bare title.
            number: its line or position in the document.
            outlet: of the collection around it, where a document holds several.

        Returns:
            Whether the document may take further items.
        """
        document = self.document
        document.items += 1
        if document.items < self.watch.due and item.__class__ is dict and outlet is None:  # as nearly all
            self.block.append(item)
            self.places.append(number)
            if len(self.block) == BLOCK:
                self.flush()
            return True
        place = f"{document.unit} {number}"
        try:
            self.watch.check(document.items)
        except Stopped as stop:
            document.notes.add(place, str(stop))
            return False
        if isinstance(item, Exception):
            document.notes.add(place, unexpected(item), "records in error")
            return True
        if isinstance(item, str):
            item = {"title": item}
        if isinstance(item, dict):
            self.block.append({**item, COLLECTION: outlet} if outlet else item)
            self.places.append(number)
            if len(self.block) == BLOCK:
                self.flush()
        else:
            document.notes.add(place, f"{kind_of(item)} instead of an object with a title", "items that are no objects")
        return True

    def flush(self) -> None:
        """Take the columns of the current block."""
        groups: dict[tuple[str, ...], Sequence[int]] = {}
        first = tuple(self.block[0]) if self.block else ()
        if all(map(first.__eq__, map(tuple, self.block))):
            groups[first] = range(len(self.block))
        else:
            listed: dict[tuple[str, ...], list[int]] = defaultdict(list)
            for row, record in enumerate(self.block):
                listed[tuple(record)].append(row)
            groups |= listed
        start = len(self.columns["title"])
        for column in self.columns.values():
            column.extend([None] * len(self.block))
        for keys, rows in groups.items():
            try:
                self.fill_group(keys, rows, start)
            except Exception:
                self.fill_one_by_one(keys, rows, start)
        self.block.clear()

    def fill_one_by_one(self, keys: tuple[str, ...], rows: Sequence[int], start: int) -> None:
        """Set the rows of records of one set of keys one by one: a record that raises anything costs itself."""
        for row in rows:
            try:
                self.fill_group(keys, [row], start)
            except Exception as error:
                for column in self.columns.values():
                    column[start + row] = None
                reason = unexpected(error)
                self.document.notes.add(f"{self.document.unit} {self.places[start + row]}", reason, "records in error")

    def fill_group(self, keys: tuple[str, ...], rows: Sequence[int], start: int) -> None:
        """Set the rows of records of one set of keys, given by their positions in the block."""
        every = len(rows) == len(self.block)
        plan, records = self.plan(keys, self.block[rows[0]]), self.block if every else [self.block[row] for row in rows]
        if not plan.title and (any(key in keys for key in WRAPPERS) or (len(keys) == 1 and not plan.text)):
            for row, record in zip(rows, map(unwrap, records), strict=True):
                self.fill([start + row], [record], self.plan(tuple(map(str, record)), record))
        else:
            self.fill(range(start, start + len(rows)) if every else [start + row for row in rows], records, plan)

    def plan(self, keys: tuple[str, ...], record: Record) -> Plan:
        """Return where records of these keys have their fields."""
        if keys not in self.plans:
            if len(self.plans) > 10_000:  # a hostile file may use new keys in every record
                self.plans.clear()
            self.plans[keys] = self.new_plan(list(map(str, keys)), record)
        return self.plans[keys]

    def new_plan(self, keys: list[str], record: Record) -> Plan:
        """Find the fields of records with these keys."""
        if len(self.seen_keys) < 1_000:
            self.seen_keys |= dict.fromkeys(keys)
        ranked: dict[str, list[Path]] = {
            role: [(name,) for name in names] for role, names in rank_columns(tuple(keys)).items()
        }
        for role, name in self.mapping.items():
            ranked[role] = [(name,)] if name in record else [tuple(re.split(r"[.\[\]]+", name.rstrip("]")))]
        if "title" in self.mapping:
            ranked["text"] = []
        if "published" in self.mapping:
            ranked["updated"] = []
        if self.document.format == "json-feed":
            ranked["title"], ranked["url"] = [("title",)], [("url",), ("external_url",)]
            ranked["published"], ranked["updated"] = [("date_published",)], [("date_modified",)]
            ranked["text"] = [("content_text",), ("content_html",), ("summary",)]
            ranked["id"] = []
        fallback = ranked["published"][2:] + ranked["updated"]
        if not ranked["published"]:
            fallback = ranked["updated"] + ranked["collected"]
        self.roles_used |= {role for role in ("title", "outlet", "published", "url") if ranked[role]}
        if fallback:
            self.roles_used.add("published")
        return Plan(
            ranked["title"],
            ranked["text"],
            ranked["outlet"],
            ranked["url"],
            ranked["id"],
            ranked["published"],
            fallback,
            zone_column(keys),
        )

    def fill(self, rows: Sequence[int], records: list[Record], plan: Plan) -> None:
        """Set the rows of all columns from records of one plan."""
        for role in ("title", "outlet", "url", "id"):
            self.store(role, rows, [field_texts(records, path, role) for path in getattr(plan, role)[:4]])
        if plan.text and None in (titles := [self.columns["title"][row] for row in rows]):
            texts = [
                next((text[:MAX_TEXT] for path in plan.text if (text := field_text(record, path, "text"))), None)
                if title is None
                else None
                for record, title in zip(records, titles, strict=True)
            ]
            self.store("text", rows, [texts])
        self.fill_dates(rows, records, plan)

    def fill_dates(self, rows: Sequence[int], records: list[Record], plan: Plan) -> None:
        """Set the first dates that the records have, in order of rank."""
        if plan.dates:
            self.document.date_name = ".".join(plan.dates[0])
        columns = [self.dates(records, path, plan.zone) for path in plan.dates[:4]]
        fallbacks = [self.dates(records, path, plan.zone) for path in plan.fallback_dates[:3]]
        if len(columns) == 1 and not fallbacks:
            self.store("date", rows, columns)
            return
        for position, row in enumerate(rows):
            first = [value for column in columns if (value := column[position])]
            later = [value for column in fallbacks if (value := column[position])]
            if not first:
                first, later = later[:1], later[1:]
            chosen = (first[:1], map(_as_text, first[1:2]), map(_as_text, [*first[2:], *later]))
            for name, values in zip(("date", "date_detail", "date_fallback"), chosen, strict=True):
                self.columns[name][row] = next(iter(values), None)

    def dates(self, records: list[Record], path: Path, zone_key: str | None) -> list[str | datetime | None]:
        """Return a column of dates; ``datetime`` objects are kept, times named as UTC or of a zone get it."""
        key = path[0]
        values: list[Any] = [record.get(key) if len(path) == 1 else at_path(record, path) for record in records]
        zone = zone_of_name(path[-1])
        if not zone and zone_key is None and all(value.__class__ is str for value in values):
            return values
        for position, value in enumerate(values):
            if value.__class__ is datetime:  # subclasses may have more information in their text
                self.document.typed = True
            elif value.__class__ is not str:
                values[position] = _date_text(value)
            if isinstance(values[position], str) and (zone or zone_key):
                stated = records[position].get(zone_key) if zone_key else None
                values[position] = with_zone(values[position], f" {stated}" if isinstance(stated, str) else zone)
        return values

    def store(self, role: str, rows: Sequence[int], candidates: Sequence[Sequence[Any]]) -> None:
        """Set a column's rows to the first value that is not empty."""
        column = self.columns[role]
        if isinstance(rows, range) and candidates and all(candidates[0]):
            column[rows.start : rows.stop] = candidates[0]
            return
        for values in candidates:
            for row, value in zip(rows, values, strict=True):
                if not column[row] and value:
                    column[row] = value

    def close(self) -> None:
        """Hand the columns to the document.

        Raises:
            Unusable: no record has a title or text.
        """
        document = self.document
        if self.block:
            self.flush()
        if not any(self.columns["title"]) and not any(self.columns["text"]) and document.items:
            raise self.no_title()
        filled = {name: column if any(column) else None for name, column in self.columns.items()}
        document.titles, document.places = self.columns["title"], self.places
        document.texts, document.urls = filled["text"], filled["url"]
        document.outlets, document.ids = filled["outlet"], filled["id"]
        document.dates = filled["date"]
        document.date_details, document.date_fallbacks = filled["date_detail"], filled["date_fallback"]
        credited = ["outlet"] if document.feed_title or document.format == "records" else []
        remark = unused_columns(list(self.seen_keys), [*self.roles_used, *credited])
        if remark:
            document.notes.remark(remark)

    def no_title(self) -> Unusable:
        """Return the error of a document without titles."""
        keys, title = list(self.seen_keys), self.mapping.get("title")
        if title is not None and keys:
            return Unusable(f"no column {title!r} for title; {list_columns(keys)}")
        if keys and "title" not in self.roles_used:
            return Unusable(f"no title column; {list_columns(keys)}; name one with --map title=COLUMN")
        first = next(iter(self.document.notes.listed), None)
        return Unusable(first.reason if first else f"none of the {self.document.items:,} items has a title")


def fill_records(document: Document, items: Iterable[object], watch: Watch, mapping: Mapping[str, str] | None) -> None:
    """Fill a document from objects or bare titles.

    Raises:
        Unusable: none of them has a title.
    """
    records = Records(document, watch, mapping)
    for number, item in enumerate(items, start=1):
        if not records.add(item, number):
            break
    records.close()


def at_path(record: Record, path: Path) -> object:
    """Return the value at a path, None if the path leads nowhere; an object in a list is the first."""
    value: Any = record
    for key in path:
        if isinstance(value, list) and not key.isdigit():
            value = value[0] if value else None
        if isinstance(value, list):
            value = value[int(key)] if int(key) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(key)
        else:
            return None
    return value


def field_text(record: Record, path: Path, role: str) -> str | None:
    """Return the text of a field of one record."""
    return text_of(at_path(record, path), role)


def field_texts(records: list[Record], path: Path, role: str) -> list[str | None]:
    """Return the texts of a field of many records."""
    if len(path) == 1:
        values = [record.get(path[0]) for record in records]
        return [value if value.__class__ is str else text_of(value, role) for value in values]
    return [field_text(record, path, role) for record in records]


def _date_text(value: object) -> str | None:
    """Return a date of another type as text, and the beginning of a value that is no date: it counts as unreadable."""
    if (
        isinstance(value, (list, tuple))
        and len(value) >= MIN_PARTS
        and all(part.__class__ is int for part in value[:6])
    ):
        return "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format(*value[:6])  # feedparser's published_parsed, in UTC
    if isinstance(value, dict) and (parts := at_path(value, ("date-parts", "0"))):  # CSL: Zotero, Crossref
        days = [f"{part!s:0>2}" for part in parts[:3]] if isinstance(parts, list) else []
        return "-".join(days) if len(days) > 2 else None
    text = text_of(value, "date")
    return str(value)[:100] if text is None and value not in (None, [], {}, ()) else text


def _as_text(value: str | datetime) -> str:
    """Return a date as text."""
    return value.isoformat() if isinstance(value, datetime) else value


def unwrap(record: Record) -> Record:
    """Return the object inside a wrapper, with the outer fields that it lacks."""
    for _ in range(MAX_WRAPPERS):
        values = list(record.values())
        alone = values[0] if len(values) == 1 and isinstance(values[0], dict) else None
        inner = next((record[key] for key in WRAPPERS if isinstance(record.get(key), dict)), alone)
        if inner is None:
            break
        record = {**{key: value for key, value in record.items() if value is not inner}, **inner}
        if has_title(map(str, record)):
            break
    return record


def kind_of(value: object) -> str:
    """Return the name of a JSON type for a message."""
    names = {list: "a list", dict: "an object", str: "a string", type(None): "null", bool: "true or false"}
    return names.get(type(value), "a number")
