"""Read JSON: feeds, objects that hold a list of items, arrays, JSON lines, and several of these in one file.

orjson parses; Python's json parses the documents that orjson refuses and others accept (NaN, 1e400, lone surrogates in
old exports). Of a key given twice the last value counts, as in both. Lines are read one by one, so that an invalid line
costs only itself.
"""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from dedup.feeds.document import Document, Unusable
from dedup.feeds.files.discover import printable
from dedup.feeds.files.encoding import decode
from dedup.feeds.formats.content import with_decoding_notes
from dedup.feeds.formats.field_names import fold_name, has_title, rank_columns
from dedup.feeds.formats.records import COLLECTION, Records, kind_of, text_of, unwrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dedup.feeds.formats.content import Content

LONG = 32 * 1024 * 1024
"""Characters from which a JSON array is parsed item by item: parsed at once it takes up to ten times its size."""
MIN_VALUE = 8
"""The fewest characters per value in a long text: shorter values are numbers or empty lists, not headlines."""
ARRAY = re.compile(r'\s*(?:\[|\{.*?"(?:items|articles|messages|entries|results|stories|data)"\s*:\s*\[)', re.DOTALL)
BETWEEN = re.compile(r"[\s,]*")
PREFIX = re.compile(r"\s*(?:(?:var|let|const)\s+)?[A-Za-z_$][\w.$\[\]\"']*\s*[=(]\s*(?=[\[{])")
"""The start of a JavaScript assignment or call around JSON (JSONP, social media archives)."""
MAX_COLLECTIONS = 1_000
"""Objects of a list that are searched for lists of items."""
DEPTH = 5
"""Levels of objects that are searched for a list of items."""
HOST = re.compile(r"(?i)https?://(?:www\.)?([^/?#:\s]+)")
TEXT_NAMES = frozenset(map(fold_name, ("text", "content", "message", "full_text", "body", "caption")))
FEED_LISTS = ("feeds", "subscriptions", "sources", "channels", "users")
"""Keys of lists that name the feeds or accounts of the items beside them (Nextcloud News, Fever, X)."""
FEED_KEYS = ("feedId", "feed_id", "feedid", "source_id", "subscription_id", "author_id")


def is_json(content: Content) -> bool:
    """Return whether the text is JSON; a headline may begin with a bracket too, and a table with a quotation mark."""
    head = content.head
    prefix = PREFIX.match(head)
    if prefix and content.suffix in (".js", ".json", ".jsonp", ""):
        head = head[prefix.end() :]
    if head[:1] == '"':
        first = head.splitlines()[0].strip()
        return content.suffix in SUFFIXES or (_is_string(first) and not has_title([first.strip('"')]))
    if head[:1] not in ("{", "["):
        return content.suffix in LINE_SUFFIXES and bool(re.search(r"^\s*[{\[]", head, re.MULTILINE))
    return content.suffix in SUFFIXES or bool(re.match(r'\{\s*(?:"|\}|$)|\[\s*(?:[\[{"\]]|$)', head))


SUFFIXES = (".json", ".jsonl", ".ndjson", ".jl", ".ldjson", ".jsonfeed", ".geojson", ".js", ".jsonp")
LINE_SUFFIXES = (".jsonl", ".ndjson", ".jl", ".ldjson")


def _is_string(line: str) -> bool:
    try:
        return isinstance(orjson.loads(line), str)
    except orjson.JSONDecodeError:
        return False


def read_json(content: Content) -> Document:
    """Read JSON in any of its forms; of a damaged array the items before the damage.

    Raises:
        Unusable: no item has a title or text.
    """
    if _in_lines(content):
        if content.decoded_head.encoding == "utf-8":
            return read_lines(io.BytesIO(content.data), content)
        lines = (line.encode() for line in io.StringIO(content.decoded.text))
        return with_decoding_notes(content, read_lines(lines, content))
    return with_decoding_notes(content, read_values(content.decoded.text, content))


def _in_lines(content: Content) -> bool:
    """Return whether each line is a JSON value: the first one is closed, and another begins with the next line."""
    head = content.head
    if head[:1] == '"' or content.suffix in LINE_SUFFIXES:
        return True
    first, _, rest = head.partition("\n")
    last, following = first.rstrip()[-1:], rest.lstrip()[:1]
    return (head[0] == "{" and last == "}" and following in ("{", '"')) or (
        head[0] == "[" and last == "]" and following == "[" and len(first) > 2
    )


def read_lines(lines: Iterable[bytes], content: Content) -> Document:
    """Read JSON lines in UTF-8: an object, a bare title, an array of objects or a feed each.

    Raises:
        Unusable: no line has a title or text.
    """
    document = Document("jsonl", "line")
    records = Records(document, content.watch, content.columns)
    loads = orjson.loads
    for number, line in enumerate(lines, start=1):
        try:
            value = loads(line)
        except orjson.JSONDecodeError:
            if not line.strip():
                continue
            try:
                value = _parse_odd_line(line, number, document)
            except Unusable as fault:
                document.items += 1
                document.notes.add(f"line {number}", str(fault), "lines that are not JSON")
                continue
        if value.__class__ is dict and (("title" in value and "items" not in value) or _is_record(value)):
            proceed = records.add(value, number)
        else:
            proceed = _add_collection(value, number, records, content)
        if not proceed:
            break
    records.close()
    return document


def _add_collection(value: object, number: int, records: Records, content: Content) -> bool:
    """Add the items of a line that holds several; any other value as it is."""
    part = Document("json")
    try:
        items = find_items(value, part, content.columns) if isinstance(value, (dict, list)) else None
    except Unusable:
        items = None
    if items is None or (isinstance(value, list) and not any(isinstance(item, (dict, str)) for item in value)):
        return records.add(value, number)
    return all(records.add(item, number, part.feed_title) for item in items)


def _parse_odd_line(line: bytes, number: int, document: Document) -> object:
    """Parse a line that orjson refuses, perhaps only for its bytes."""
    decoded = decode(line.lstrip(b"\xef\xbb\xbf") if number == 1 else line)
    for note in decoded.notes:
        document.notes.add(f"line {number}", note.reason)
    return parse_json(decoded.text.rstrip().removesuffix(","))


def read_values(text: str, content: Content) -> Document:
    """Read one JSON value or several in a row.

    Raises:
        Unusable: no value holds items with a title or text.
    """
    document = Document("json")
    prefix = PREFIX.match(text[:1_000])
    if prefix:
        text = text[prefix.end() :].rstrip().rstrip(";)")
    records = Records(document, content.watch, content.columns)
    if len(text) > LONG and text[:1000].lstrip().startswith("["):
        values: list[Any] = []
        items: Iterable[Any] = _stream(text, document)
    else:
        values = _values(text, document)
        items = []
    if len(values) == 1:
        items = find_items(values[0], document, content.columns)
        values = []
    number = 0
    for value in values:
        part = Document("json")
        found = find_items(value, part, content.columns)
        document.format = part.format
        for item in found:
            number += 1
            if not records.add(item, number, part.feed_title):
                break
    for item in items:
        number += 1
        if not records.add(item, number):
            break
    records.close()
    return document


def _values(text: str, document: Document) -> list[Any]:
    """Parse the values of a text; of a damaged array the items before the damage, with a note."""
    try:
        return [parse_json(text)]
    except Unusable as fault:
        values = _several(text)
        if values:
            return values
        items = list(_stream(text, document))
        if not items:
            raise fault from None
        return [items]


def _several(text: str) -> list[Any]:
    """Parse values that follow each other, such as ``[…][…]``; an empty list where something else follows."""
    values, position, decoder = [], 0, json.JSONDecoder()
    while position < len(text):
        between = BETWEEN.match(text, position)
        try:
            value, position = decoder.raw_decode(text, between.end() if between else position)
        except (ValueError, RecursionError):
            return []
        values.append(value)
        between = BETWEEN.match(text, position)
        if between and between.end() == len(text):
            break
    return values


def parse_json(text: str | bytes | bytearray) -> Any:  # noqa: ANN401 - JSON may hold anything
    """Parse one JSON value.

    Raises:
        Unusable: with the fault and its place.
    """
    if len(text) > LONG and text.count("," if isinstance(text, str) else b",") * MIN_VALUE > len(text):  # type: ignore[arg-type]
        raise Unusable("JSON with a value in every few bytes, more than memory may hold; headlines are longer")
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


def _stream(text: str, document: Document) -> Iterator[Any]:
    """Yield the items of an array one by one; add a note where it is damaged or cut off."""
    start = ARRAY.match(text)
    if not start:
        return
    position, decoder, count = start.end(), json.JSONDecoder(), 0
    while True:
        between = BETWEEN.match(text, position)
        if not between:
            return
        if text.startswith("]", between.end()):
            following = ARRAY.match(text, between.end() + 1)
            if not following:
                return
            position = following.end()
            continue
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


def find_items(value: object, document: Document, mapping: Mapping[str, str] | None) -> list[Any]:
    """Return the items of a JSON value; fields of the collection around them go to the document.

    Raises:
        Unusable: the value holds no list of items.
    """
    if isinstance(value, list):
        return _items_of_list(value, mapping)
    if not isinstance(value, dict):
        raise Unusable(f"JSON, but {kind_of(value)} instead of a list of items")
    if "jsonfeed.org" in str(value.get("version")):
        document.format = "json-feed"
    columns = _columnar(value)
    if columns is not None:
        return columns
    mapped = (mapping or {}).get("title", "").split(".")[0]
    candidates = list(_lists(value, mapped))
    if candidates:
        items = _merge_lists(candidates, value, document)
        if document.format == "json-feed":
            _credit_authors(items, document.feed_link)
        _name_feeds(value, items)
        return [item for item in items if not _is_service_message(item)]
    if document.format == "json" and (rank_columns(tuple(map(str, value)))["title"] or mapped in value):
        return [value]
    if any(value.get(key) == [] for key in CONTAINERS):
        return []
    raise Unusable(f"a JSON object without a list of items, not a feed; its keys are: {_keys(value)}")


def _items_of_list(value: list[Any], mapping: Mapping[str, str] | None) -> list[Any]:
    """Return the items of an array: of objects, of rows below a header, of arrays, or of feeds."""
    header = value[0] if value else None
    if isinstance(header, list) and has_title(cell for cell in header if isinstance(cell, str)):
        return [dict(zip(map(str, header), row, strict=False)) for row in value[1:] if isinstance(row, list)]
    if value and all(isinstance(page, list) for page in value):
        value = [item for page in value for item in page]
    nested = [item for item in value if isinstance(item, dict) and not _is_record(item)]
    if nested and len(nested) == len(value) and (items := _items_of_feeds(nested, mapping)):
        return items
    return value


def _items_of_feeds(feeds: list[dict[str, Any]], mapping: Mapping[str, str] | None) -> list[Any]:
    """Return the items of a list of feeds, each with its feed's title; an empty list where they are no feeds."""
    items = []
    for feed in feeds:
        part = Document("json")
        try:
            found = find_items(feed, part, mapping)
        except Unusable:
            return []
        items += [
            {**item, COLLECTION: part.feed_title} if part.feed_title and isinstance(item, dict) else item
            for item in found
        ]
    return items


class _Candidate(NamedTuple):
    """A list of items in an object: its key, the object around it, the list, and the number of records in it."""

    key: str
    holder: dict[str, Any]
    items: list[Any]
    records: int


def _merge_lists(candidates: list[_Candidate], value: dict[str, Any], document: Document) -> list[Any]:
    """Return the items of the largest list and of all lists with its key, such as the messages of several chats."""
    sizes: Counter[str] = Counter()
    for candidate in candidates:
        sizes[candidate.key] += candidate.records
    key = max(sizes, key=lambda name: (name in CONTAINERS, sizes[name]))
    chosen = [candidate for candidate in candidates if candidate.key == key]
    if key not in CONTAINERS and all(candidate.holder is chosen[0].holder for candidate in candidates):
        chosen = candidates  # lists side by side under names of their own: of outlets or days
    if len(chosen) == 1:
        _describe(value, chosen[0].holder, document)
        items = chosen[0].items
    else:
        items = []
        for candidate in chosen:
            part = Document("json")
            _describe(candidate.holder, candidate.holder, part)
            title = part.feed_title if candidate.key == key and candidate.holder is not value else candidate.key
            items += [{COLLECTION: title, **item} for item in candidate.items if isinstance(item, dict)]
    others = sorted({candidate.key for candidate in candidates} - {candidate.key for candidate in chosen})
    if others:
        names = ", ".join(f"{name!r} ({sizes[name]:,} items)" for name in others[:5])
        document.notes.add("", f"the list {key!r} was read; other lists of the object were not: {names}")
    return items


def _lists(value: dict[str, Any], mapped: str, depth: int = 0) -> Iterator[_Candidate]:
    """Yield each list of items in an object."""
    for key, inner in value.items():
        if isinstance(inner, list):
            yield from _lists_in_list(key, inner, value, mapped, depth)
        elif isinstance(inner, dict) and depth < DEPTH:
            children = list(inner.values())
            columns = _columnar(inner)
            if columns is not None:
                yield _Candidate(key, value, columns, len(columns))
            elif len(children) > 1 and all(isinstance(child, dict) and _is_record(child) for child in children):
                items = [{"id": name, **child} for name, child in inner.items()]
                yield _Candidate(key, value, items, len(items))
            else:
                yield from _lists(inner, mapped, depth + 1)
    if depth == 0 and len(value) > 1 and all(isinstance(child, dict) and _is_record(child) for child in value.values()):
        items = [{"id": name, **child} for name, child in value.items()]
        yield _Candidate("", {}, items, len(items))


def _lists_in_list(key: str, inner: list[Any], holder: dict[str, Any], mapped: str, depth: int) -> Iterator[_Candidate]:
    """Yield a list of items, or the lists in its objects."""
    first = inner[0] if inner else None
    if isinstance(first, list) and has_title(cell for cell in first if isinstance(cell, str)):
        items = _items_of_list(inner, None)
        yield _Candidate(key, holder, items, len(items))
        return
    records = sum(isinstance(item, dict) and (_is_record(item) or mapped in item) for item in inner)
    if records and not (depth == 0 and key in FEED_LISTS and len(holder) > 1):
        yield _Candidate(key, holder, inner, records)
    elif inner and depth < DEPTH:
        for item in inner[:MAX_COLLECTIONS]:
            if isinstance(item, dict):
                yield from _lists(item, mapped, depth + 1)


def _is_record(item: dict[str, Any]) -> bool:
    """Return whether an object has a title, or a text that may stand in for it."""
    keys = [key for key in item if isinstance(key, str)]
    if any(
        isinstance(item[key], list) and len(item[key]) and isinstance(item[key][0], dict) and key in CONTAINERS
        for key in keys
    ):
        return False
    if rank_columns(tuple(keys))["title"]:
        return True
    if any(fold_name(key) in TEXT_NAMES and text_of(item[key], "text") is not None for key in keys):
        return True
    inner = unwrap(item)
    return inner is not item and has_title(key for key in inner if isinstance(key, str))


CONTAINERS = frozenset(
    ("items", "item", "entries", "articles", "messages", "posts", "stories", "results", "news", "docs")
)
"""Keys of lists that make an object with a title of its own a feed."""


def _columnar(value: dict[str, Any]) -> list[Any] | None:
    """Return the records of an object of columns, as pandas writes them; None for another object."""
    names, rows = value.get("columns"), value.get("data")
    if isinstance(names, list) and isinstance(rows, list) and has_title(map(str, names)):
        return [dict(zip(map(str, names), row, strict=False)) for row in rows if isinstance(row, list)]
    titles = next((inner for key, inner in value.items() if isinstance(key, str) and has_title([key])), None)
    if isinstance(titles, list) and len(titles) > 1 and all(isinstance(title, (str, type(None))) for title in titles):
        lists = {key: inner for key, inner in value.items() if isinstance(inner, list) and len(inner) == len(titles)}
        return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
    if isinstance(titles, dict) and len(titles) > 1 and all(key.isdigit() for key in titles):
        columns = {key: inner for key, inner in value.items() if isinstance(inner, dict)}
        return [{key: column.get(row) for key, column in columns.items()} for row in titles]
    return None


def _describe(value: dict[str, Any], holder: dict[str, Any], document: Document) -> None:
    """Take the title, link and date of the collection around a list of items."""
    inner = (value[key] for key in ("feed", "channel", "meta", "source", "site") if isinstance(value.get(key), dict))
    for outer in (holder, value, *inner):
        title = outer.get("title") or outer.get("name")
        if document.feed_title is None and title:
            document.feed_title = text_of(title)
        link = outer.get("home_page_url") or outer.get("link") or outer.get("url")
        if document.feed_link is None and isinstance(link, str):
            document.feed_link = link


def _credit_authors(items: list[Any], home: str | None) -> None:
    """Credit the items of a feed that collects several sites to their authors, which are outlets there."""
    hosts = {
        match[1].lower() for item in items if isinstance(item, dict) and (match := HOST.match(str(item.get("url"))))
    }
    own = HOST.match(home or "")
    if len(hosts) < 2 or (own and own[1].lower() in hosts):
        return
    for item in items:
        if isinstance(item, dict) and (author := text_of(item.get("authors") or item.get("author"), "outlet")):
            item[COLLECTION] = author


def _name_feeds(value: dict[str, Any], items: list[Any]) -> None:
    """Give items that refer to a feed by its id the title of that feed."""
    holders = [value, *(value[key] for key in ("includes", "data") if isinstance(value.get(key), dict))]
    feeds = next((holder[key] for holder in holders for key in FEED_LISTS if isinstance(holder.get(key), list)), None)
    if not feeds:
        return
    titles = {
        str(feed["id"]): text_of(feed.get("title") or feed.get("name"))
        for feed in feeds
        if isinstance(feed, dict) and "id" in feed
    }
    for item in items:
        key = next((key for key in FEED_KEYS if isinstance(item, dict) and key in item), None)
        if key and (title := titles.get(str(item[key]))):
            item[COLLECTION] = title


def _is_service_message(item: object) -> bool:
    """Return whether an item is a chat's own message (Telegram: joined, pinned), not a post."""
    return isinstance(item, dict) and item.get("type") == "service" and not item.get("text")


def _keys(value: dict[str, object]) -> str:
    """Return the keys of an object for a message."""
    return ", ".join(printable(str(key)[:60]) for key in list(value)[:30]) or "none"
