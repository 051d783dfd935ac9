"""Markup that expat refuses: found tag by tag, in one pass over the text, in linear time.

Nothing here believes that a tag is closed. An item begins at its start tag, ends at its end tag, the next item's start
or, where that was lost, at a second title; a field ends at its own end tag or at the next tag of the feed. A CDATA
section or comment that holds another's beginning was never closed and is not skipped. Lost tags cost the item they
stand in, and nothing else.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from dedup.feeds.formats.xml_elements import FEED, GUID, ITEM, LINK, OTHER, ROOT, TITLE, Kind, Kinds, link_rank
from dedup.feeds.formats.xml_items import Feed, Item, store

if TYPE_CHECKING:
    from dedup.feeds.files.limits import Limits

TOKEN = re.compile(r"<(?:!\[CDATA\[|!--|(/?)([A-Za-z_][\w.-]{0,40}(?::[A-Za-z_][\w.-]{0,40})?)(?=[\s/>]))")
ATTRIBUTE = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
REFERENCE = re.compile(r"&(#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});")
ENTITY = re.compile(r"<!ENTITY\s+([\w.-]+)\s")
HEAD = 100_000
"""Characters at the beginning in which a DTD is looked for."""
LAYERS = frozenset(("image", "textinput", "source", "author", "contributor", "enclosure"))
"""Elements with titles and links of their own, which are not the item's."""
TAG_LENGTH = 4_000


def read_tolerant(text: str, limits: Limits) -> Feed:
    """Read what items the text holds."""
    scan = _Scan(text, limits)
    scan.run()
    return scan.feed


class _Scan:
    """One pass over a text."""

    def __init__(self, text: str, limits: Limits) -> None:
        self.text, self.limits = text, limits
        self.feed = Feed()
        self.declared = {f"&{name};" for name in ENTITY.findall(text, 0, HEAD)}
        self.kinds = Kinds()
        self.item: Item | None = None
        self.layer = ""
        self.started = False
        self.closers: dict[str, int] = {}

    def run(self) -> None:
        position = 0
        while token := TOKEN.search(self.text, position):
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

    def skip(self, token: re.Match[str]) -> int:
        """Past a CDATA section or comment, unless another begins before it ends."""
        opener, closer = token[0], "]]>" if token[0].endswith("[") else "-->"
        end = self.find(closer, token.end())
        if end < 0 or self.text.find(opener, token.end(), end) >= 0:
            return token.end()
        return end + 3

    def find(self, closer: str, start: int) -> int:
        """``text.find``, remembered, so that a thousand openers without a closer stay linear."""
        known = self.closers.get(closer, 0)
        if known >= 0 and known < start:
            known = self.closers[closer] = self.text.find(closer, start)
        return known

    def other(self, name: str, *, closing: bool) -> None:
        local = name.lower()
        if local in LAYERS:
            self.layer = "" if closing else local

    def close(self, kind: Kind) -> None:
        if kind.role in (ITEM, FEED, ROOT):
            self.flush()

    def open(self, kind: Kind, token: re.Match[str]) -> int:
        """Act on a start tag; returns where to read on."""
        role = kind.role
        tag_end = self.text.find(">", token.end(), token.end() + TAG_LENGTH)
        next_tag = self.text.find("<", token.end(), token.end() + TAG_LENGTH)
        whole = tag_end >= 0 and not (0 <= next_tag < tag_end)
        after = tag_end + 1 if whole else token.end()
        attributes = _attributes(self.text[token.end() : tag_end]) if whole else {}
        if role in (ROOT, FEED):
            # Another feed may follow the first; its title is no headline.
            self.flush()
            self.started = False
            self.feed.root = self.feed.root or token[2].lower().rpartition(":")[2]
            return after
        if role == ITEM:
            self.flush()
            self.item, self.layer, self.started = Item(), "", True
            return after
        if self.layer or (whole and self.text[tag_end - 1] == "/" and "href" not in attributes):
            return after
        return self.field(kind, token, after, attributes)

    def field(self, kind: Kind, token: re.Match[str], after: int, attributes: dict[str, str]) -> int:
        role, rank = kind
        if role == TITLE and rank == 0 and self.started and (self.item is None or self.item.title_rank == 0):
            # A title outside any item, or a second one within: the item's own tag was lost.
            self.flush()
            self.item = Item()
        target = self.item or self.feed.own
        limit = self.limits.title
        if role == LINK and "href" in attributes:
            link = link_rank(attributes)
            if link is not None:
                store(target, LINK, link, html.unescape(attributes["href"]).strip(), limit)
            return after
        value, end, closed = self.content(token[2], after)
        value = value.strip()
        if role == TITLE and not closed:
            target.fault = "the title is cut off, or its CDATA section never closes"
        if role == GUID:
            if value.startswith(("http://", "https://")) and attributes.get("isPermaLink", "true") == "true":
                store(target, LINK, 4, value, limit)
        else:
            store(target, role, rank, value, limit)
        if role == TITLE and any(entity in value for entity in self.declared):
            target.fault = "the title is an entity that cannot be expanded"
        return end

    def content(self, name: str, start: int) -> tuple[str, int, bool]:
        """The text of an element that opened before ``start``, where it ends, and whether it was whole."""
        position, whole = start, True
        while token := TOKEN.search(self.text, position):
            if token[2] is None:
                after = self.skip(token)
                if token[0] == "<![CDATA[" and after == token.end():
                    whole = False
                position = after
                continue
            if token[2] == name and token[1]:
                return _cooked(self.text[start : token.start()]), token.end(), whole
            # Markup inside a title goes on; a tag of the feed ends it.
            if self.kinds[token[2]].role != OTHER or ":" in token[2] or token[2].lower() in BESIDE:
                return _cooked(self.text[start : token.start()]), token.start(), whole
            position = token.end()
        return _cooked(self.text[start:]), len(self.text), False

    def flush(self) -> None:
        if self.item is not None:
            self.feed.add(self.item)
        self.item, self.layer = None, ""


BESIDE = frozenset(
    ("description", "summary", "content", "category", "author", "comments", "enclosure", "source", "subtitle", "id")
)
"""Elements that stand beside a title, so that one of them ends a title whose own end tag was lost."""


def _attributes(tag: str) -> dict[str, str]:
    return {name: first or second for name, first, second in ATTRIBUTE.findall(tag)}


def _cooked(raw: str) -> str:
    """Element content as a parser would give it: CDATA as it stands, references resolved elsewhere."""
    if "<![CDATA[" not in raw:
        return _resolved(raw)
    parts = CDATA.split(raw)
    # split alternates: outside, inside, outside, …
    return "".join(part if index % 2 else _resolved(part) for index, part in enumerate(parts)).replace("<![CDATA[", "")


def _resolved(text: str) -> str:
    """References resolved; surrogate pairs written as two references (old systems do) become their letter."""
    if "&" not in text:
        return text
    resolved = REFERENCE.sub(_letter, text)
    return resolved.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _letter(match: re.Match[str]) -> str:
    name = match[1]
    if name[0] == "#":
        code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
        if 0xD800 <= code <= 0xDFFF:
            return chr(code)
    return html.unescape(match[0])
