"""Read well-formed feeds with the standard library's expat, in one pass.

A file of the usual size is one ``Parse`` call: expat before 2.6 takes quadratic time for a large token that arrives in
pieces (20 MB comment: 0.2 s at once, 10 s in pieces of 64 KB). The encoding is forced to UTF-8, since the bytes were
decoded by evidence before. HTML entities that no DTD declares (``&nbsp;``, ``&laquo;``: the commonest fault of real
feeds) are resolved in the same pass: a "foreign DTD" makes expat report them instead of refusing the file. External
entities are never opened. expat limits the expansion of internal entities (since 2.4.1).

Rejected: ElementTree and lxml trees (as fast, five times the memory), lxml's recover mode and fastfeedparser (both drop
    everything behind an error, silently), namespaces resolved by expat (an unbound ``media:`` prefix, which is common,
    makes it refuse the file).
"""

from __future__ import annotations

from base64 import b64decode
from html.entities import html5
from typing import TYPE_CHECKING
from xml.parsers import expat

from dedup.feeds.files.limits import Stopped
from dedup.feeds.formats.xml_elements import (
    BASE,
    FEED,
    GUID,
    INSIDE,
    ITEM,
    LINK,
    TEXT,
    TITLE,
    Kinds,
    base_of,
    in_base,
    link_rank,
)
from dedup.feeds.formats.xml_items import Feed, Item, store

if TYPE_CHECKING:
    from collections.abc import Callable

    from dedup.feeds.files.limits import Limits, Watch


MAX_ENTITY = 64
"""Characters of an entity that is expanded. Real ones are letters and names of feeds; a long or nested one can make a
text a hundred times longer, in attributes before any handler could stop it."""
MAX_REMARKS = 50
"""The most remarks on entities for one document."""


class Refused(Exception):  # noqa: N818 - a way out to the tolerant reader
    """The file is not well-formed; the message has the reason, line and column."""


SMALL = 1 << 23
"""Bytes of a document whose text needs no bound if it declares no entities."""


PIECE = 1 << 25
"""Bytes that are parsed between two looks at the clock, for documents without items."""


class TooDeep(Exception):  # noqa: N818 - raised inside a handler to end the parse
    """Elements nested deeper than the limit."""


class Amplified(Exception):  # noqa: N818 - as TooDeep
    """An entity that can make the document many times longer."""


def read_strict(data: bytes | bytearray, watch: Watch) -> Feed:
    """Parse a well-formed document.

    Raises:
        Refused: the document is not well-formed.
    """
    parser = expat.ParserCreate(encoding="utf-8")
    feed, limits = Feed(watch=watch), watch.limits
    finish = _connect(parser, feed, limits, is_small=len(data) <= SMALL and b"<!ENTITY" not in data)
    view = memoryview(data)
    try:
        for start in range(0, len(data) or 1, PIECE):
            if start:
                watch.check_time()
            parser.Parse(view[start : start + PIECE], start + PIECE >= len(data))
    except expat.ExpatError as error:
        raise Refused(f"{expat.ErrorString(error.code)} (line {error.lineno}, column {error.offset + 1})") from None
    except Amplified:
        raise Refused(f"it declares a long or nested entity (line {parser.CurrentLineNumber})") from None
    except Stopped as stop:
        feed.notes.add(f"item {feed.items}", str(stop))
    except TooDeep:
        reason = f"elements nested deeper than {limits.depth:,}, the limit; the rest of the file is not read"
        feed.notes.add(f"line {parser.CurrentLineNumber}", reason)
        finish()
    return feed


def _connect(parser: expat.XMLParserType, feed: Feed, limits: Limits, *, is_small: bool) -> Callable[[], None]:  # noqa: C901, PLR0915 - see below
    """Set the parser's handlers; return the function to call when the parse stops before the end of the document.

    The text of an element is collected up to a limit, unless the document is small and thus all its text (5 % faster).

    The handlers share local variables instead of attributes: they run eight times per item, and this halves their cost.
    """
    kinds = Kinds()
    depth = item_depth = feed_depth = capture_depth = inside = 0
    role = rank = 0
    in_base64 = False
    feed_base = base = ""
    item = Item()
    text: list[str] = []
    length = 0
    max_depth, max_title, max_text = limits.depth, limits.title, 100 * limits.title
    external: set[str] = set()

    def collect(piece: str) -> None:
        nonlocal length
        if length <= max_text:
            text.append(piece)
            length += len(piece)

    receive = text.append if is_small else collect

    def start(name: str, attributes: dict[str, str]) -> None:  # noqa: C901 - as the function around it
        nonlocal depth, item_depth, feed_depth, capture_depth, item, role, rank, in_base64
        depth += 1
        kind = kinds[name]
        if capture_depth:
            collect(f"<{name}>")
        elif kind[0] and kind[0] <= INSIDE:
            structure(kind[0], attributes)
        elif kind[0]:
            if depth == item_depth + 1 + inside and item_depth:
                if kind[0] == TEXT and item.title:
                    return
                target = item
            elif depth == feed_depth + 1 and not item_depth:
                target = feed.own
            else:
                return
            if kind[0] == LINK and "href" in attributes:
                link = link_rank(attributes)
                if link is not None:
                    url = attributes["href"].strip()
                    if base or BASE in attributes:
                        url = in_base(base_of(attributes, base), url)
                    store(target, LINK, link, url, max_title)
            elif kind[0] != GUID or attributes.get("isPermaLink", "true") == "true":
                capture_depth = depth
                role, rank = kind
                in_base64 = "base64" in attributes.values()
                parser.CharacterDataHandler = receive
        if depth > max_depth:
            raise TooDeep

    def first(name: str, attributes: dict[str, str]) -> None:
        nonlocal kinds
        feed.root = name.lower().rpartition(":")[2]
        kinds = Kinds({key[6:].lower(): uri for key, uri in attributes.items() if key.startswith("xmlns:")})
        parser.StartElementHandler = start
        start(name, attributes)

    def structure(role_of_tag: int, attributes: dict[str, str]) -> None:
        nonlocal item_depth, feed_depth, item, inside, feed_base, base
        if role_of_tag == INSIDE and item_depth and depth == item_depth + 1 + inside:
            inside += 1
        elif role_of_tag == ITEM and not item_depth:
            item, item_depth, inside = Item(), depth, 0
            base = base_of(attributes, feed_base)
            if "rdf:about" in attributes:
                store(item, LINK, 5, in_base(base, attributes["rdf:about"]), max_title)
        elif role_of_tag <= FEED and not item_depth:
            feed_base = base = base_of(attributes, feed_base)
            if role_of_tag == FEED and not feed_depth:
                feed_depth = depth

    def end(name: str) -> None:
        nonlocal depth, item_depth, feed_depth, capture_depth, length, inside, base
        if depth == capture_depth:
            capture_depth = 0
            parser.CharacterDataHandler = None
            value = "".join(text).strip()
            text.clear()
            length = 0
            if in_base64:
                value = _decode_base64(value)
            if role == LINK:
                value = in_base(base, value)
            if role != GUID:
                store(item if item_depth else feed.own, role, rank, value, max_title)
            elif value.startswith(("http://", "https://")):
                store(item if item_depth else feed.own, LINK, 4, value, max_title)
        elif capture_depth:
            collect(f"</{name}>")
        elif depth == item_depth:
            feed.add(item)
            item_depth = 0
            base = feed_base
        elif inside and depth == item_depth + inside:
            inside -= 1
        elif depth == feed_depth:
            feed_depth = 0
        depth -= 1

    def skipped_entity(name: str, is_parameter: bool) -> None:
        if is_parameter:
            return
        letter = html5.get(f"{name};")
        _note_entity(feed, name, letter)
        if capture_depth:
            collect(letter or f"&{name};")

    def external_entity(context: str | None, _base: str | None, system: str | None, _public: str | None) -> int:
        if context is None:
            # The foreign DTD or the file's own: parsed as empty, so that expat reports undeclared entities and
            # continues.
            parser.ExternalEntityParserCreate(None).Parse(b"", True)
        elif system and item_depth and capture_depth and role == TITLE:
            item.fault = "the title holds an external entity, which is never opened"
        return 1

    def entity(name: str, is_parameter: bool, value: str | None, _base: object, system: str | None, *_: object) -> None:
        if value is not None and not is_parameter and (len(value) > MAX_ENTITY or "&" in value):
            raise Amplified
        if system and is_parameter and name not in external:
            external.add(name)
            feed.notes.add("DTD", f"an external entity is declared (%{name};); it is not opened")

    def finish() -> None:
        if item_depth:
            feed.add(item)

    parser.buffer_text = True
    parser.buffer_size = 65_536
    parser.StartElementHandler, parser.EndElementHandler = first, end
    parser.UseForeignDTD(True)
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_ALWAYS)
    parser.SkippedEntityHandler = skipped_entity
    parser.ExternalEntityRefHandler = external_entity
    parser.EntityDeclHandler = entity
    return finish


def _decode_base64(text: str) -> str:
    """Decode base64, which Atom 0.3 allows; return other text unchanged."""
    try:
        return b64decode(text, validate=True).decode()
    except ValueError:
        return text


def _note_entity(feed: Feed, name: str, letter: str | None) -> None:
    """Note an undeclared entity."""
    if letter is None:
        reason = f"the undeclared entity &{name}; has no meaning and was kept as written"
        feed.notes.add("", reason, "undeclared entities")
    elif len(feed.notes.listed) < MAX_REMARKS:
        feed.notes.remark(f"the undeclared entity &{name}; was read as HTML's entity")
