"""Read XML that is not well-formed, tag by tag, in one pass and linear time.

No tag is assumed to be closed. An item begins at its start tag and ends at its end tag, at the start of the next item
or, if that tag is lost, at a second title; a field ends at its own end tag or at the next feed tag. A CDATA section or
comment that contains the start of another was never closed and is not skipped. A lost tag costs the item around it and
no other.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from dedup.feeds.files.limits import Stopped
from dedup.feeds.formats.xml_elements import (
    FEED,
    GUID,
    INSIDE,
    ITEM,
    LINK,
    OTHER,
    OUTLET,
    ROOT,
    TEXT,
    TITLE,
    Kind,
    Kinds,
    base_of,
    in_base,
    link_rank,
)
from dedup.feeds.formats.xml_items import Feed, Item, store

if TYPE_CHECKING:
    from dedup.feeds.files.limits import Watch

TOKEN = re.compile(r"<(?:!\[CDATA\[|!--|(/?)([A-Za-z_][\w.-]{0,40}(?::[A-Za-z_][\w.-]{0,40})?)(?=[\s/>]))")
ATTRIBUTE = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
REFERENCE = re.compile(r"&(#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});")
ENTITY = re.compile(r"<!ENTITY\s+([\w.-]+)\s")
HEAD = 100_000
"""Characters at the beginning that are searched for a DTD."""
LAYERS = frozenset(("image", "textinput", "author", "contributor", "enclosure"))
"""Elements with titles and links of their own, which are not the item's."""
TAG_LENGTH = 4_000


def read_tolerant(text: str, watch: Watch) -> Feed:
    """Read the items of a text."""
    scan = _Scan(text, watch)
    try:
        scan.run()
    except Stopped as stop:
        scan.feed.notes.add(f"item {scan.feed.items}", str(stop))
    return scan.feed


class _Scan:
    """The state of one pass over a text."""

    def __init__(self, text: str, watch: Watch) -> None:
        self.text, self.watch, self.limits = text, watch, watch.limits
        self.feed = Feed(watch=watch)
        self.declared = {f"&{name};" for name in ENTITY.findall(text, 0, HEAD)}
        self.kinds = Kinds()
        self.item: Item | None = None
        self.layer = ""
        self.started = False
        self.feed_base = self.base = ""
        self.closers: dict[str, int] = {}

    def run(self) -> None:
        """Scan the text."""
        position = 0
        while token := self.token(position):
            position = token.end()
            if token[2] is None:
                position = self.skip(token)
                continue
            kind = self.kinds[token[2]]
            if kind.role == OTHER:
                self.other(token[2], closing=bool(token[1]))
            elif token[1]:
                self.close(kind)
            else:
                position = self.open(kind, token)
        self.flush()

    def token(self, position: int) -> re.Match[str] | None:
        """Return the next token."""
        self.watch.count_tag()
        return TOKEN.search(self.text, position)

    def skip(self, token: re.Match[str]) -> int:
        """Return the position behind a CDATA section or comment, unless another begins inside it."""
        opener, closer = token[0], "]]>" if token[0].endswith("[") else "-->"
        end = self.find(closer, token.end())
        if end < 0 or self.text.find(opener, token.end(), end) >= 0:
            return token.end()
        return end + 3

    def find(self, closer: str, start: int) -> int:
        """Find the closer; results are cached, so that a thousand openers without a closer take linear time."""
        position_of_closer = self.closers.get(closer, 0)
        if position_of_closer >= 0 and position_of_closer < start:
            position_of_closer = self.closers[closer] = self.text.find(closer, start)
        return position_of_closer

    def other(self, name: str, *, closing: bool) -> None:
        """Track elements that have titles of their own."""
        local = name.lower()
        if local in LAYERS:
            self.layer = "" if closing else local

    def close(self, kind: Kind) -> None:
        """Process an end tag."""
        if kind.role in (ITEM, FEED, ROOT):
            self.flush()

    def open(self, kind: Kind, token: re.Match[str]) -> int:
        """Process a start tag; return the position to continue from."""
        role = kind.role
        tag_end = self.text.find(">", token.end(), token.end() + TAG_LENGTH)
        next_tag = self.text.find("<", token.end(), token.end() + TAG_LENGTH)
        complete = tag_end >= 0 and not (0 <= next_tag < tag_end)
        after = tag_end + 1 if complete else token.end()
        attributes = _attributes(self.text[token.end() : tag_end]) if complete else {}
        if role in (ROOT, FEED):
            # A second feed may follow the first; its title is not a headline.
            self.flush()
            self.started = False
            self.feed_base = self.base = base_of(attributes, self.feed_base)
            self.feed.root = self.feed.root or token[2].lower().rpartition(":")[2]
            return after
        if role == ITEM:
            self.flush()
            self.item, self.layer, self.started = Item(), "", True
            self.base = base_of(attributes, self.feed_base)
            return after
        if role == INSIDE:
            return after
        if self.layer or (complete and self.text[tag_end - 1] == "/" and "href" not in attributes):
            return after
        return self.field(kind, token, after, attributes)

    def field(self, kind: Kind, token: re.Match[str], after: int, attributes: dict[str, str]) -> int:
        """Store a field of the item or feed; return the position to continue from."""
        role, rank = kind
        if role == TITLE and rank == 0 and self.started and (self.item is None or self.item.title_rank == 0):
            # A title outside any item, or a second one within an item: the item's own tag was lost.
            self.flush()
            self.item = Item()
        target = self.item or self.feed.own
        limit = self.limits.title
        if role == LINK and "href" in attributes:
            link = link_rank(attributes)
            if link is not None:
                url = in_base(base_of(attributes, self.base), html.unescape(attributes["href"]).strip())
                store(target, LINK, link, url, limit)
            return after
        if role == OUTLET and token[2].lower() == "source":
            return self.source(token[2], after)
        value, end, closed = self.content(token[2], after)
        value = value.strip()
        if role == TITLE and not closed:
            target.fault = "the title is cut off, or its CDATA section never closes"
        if role == TEXT and target.title:
            return end
        if role == GUID:
            if value.startswith(("http://", "https://")) and attributes.get("isPermaLink", "true") == "true":
                store(target, LINK, 4, value, limit)
        else:
            store(target, role, rank, in_base(self.base, value) if role == LINK else value, limit)
        if role == TITLE and any(entity in value for entity in self.declared):
            target.fault = "the title is an entity that cannot be expanded"
        return end

    def source(self, name: str, start: int) -> int:
        """Store the outlet that a source element names, in its text (RSS) or title (Atom); return its end."""
        end = self.text.find(f"</{name}", start, start + TAG_LENGTH)
        if end < 0:
            return start
        if self.item is not None:
            store(self.item, OUTLET, 0, _parsed(self.text[start:end]).strip(), self.limits.title)
        return end

    def content(self, name: str, start: int) -> tuple[str, int, bool]:
        """Return the text of the element that opened before ``start``, its end position, and whether it is complete."""
        position, complete = start, True
        while token := self.token(position):
            if token[2] is None:
                after = self.skip(token)
                if token[0] == "<![CDATA[" and after == token.end():
                    complete = False
                position = after
                continue
            if token[2] == name and token[1]:
                return _parsed(self.text[start : token.start()]), token.end(), complete
            # HTML tags belong to the title; a feed tag ends it.
            if self.kinds[token[2]].role != OTHER or ":" in token[2] or token[2].lower() in SIBLINGS:
                return _parsed(self.text[start : token.start()]), token.start(), complete
            position = token.end()
        return _parsed(self.text[start:]), len(self.text), False

    def flush(self) -> None:
        """Append the current item, if any."""
        if self.item is not None:
            self.feed.add(self.item)
        self.item, self.layer = None, ""


SIBLINGS = frozenset(
    ("description", "summary", "content", "category", "author", "comments", "enclosure", "source", "subtitle", "id")
)
"""Siblings of a title: one of them ends a title whose end tag was lost."""


def _attributes(tag: str) -> dict[str, str]:
    """Parse the attributes of a tag."""
    return {name: first or second for name, first, second in ATTRIBUTE.findall(tag)}


def _parsed(raw: str) -> str:
    """Return element content as a parser would: CDATA verbatim, references resolved elsewhere."""
    if "<![CDATA[" not in raw:
        return _resolve(raw)
    parts = CDATA.split(raw)
    # split alternates: outside, inside, outside, …
    return "".join(part if index % 2 else _resolve(part) for index, part in enumerate(parts)).replace("<![CDATA[", "")


def _resolve(text: str) -> str:
    """Resolve references; surrogate pairs written as two references (by old systems) become one character."""
    if "&" not in text:
        return text
    resolved = REFERENCE.sub(_letter, text)
    return resolved.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _letter(match: re.Match[str]) -> str:
    """Return the character of a reference; a surrogate stays one."""
    name = match[1]
    if name[0] == "#":
        code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
        if 0xD800 <= code <= 0xDFFF:
            return chr(code)
    return html.unescape(match[0])
