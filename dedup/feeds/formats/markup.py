"""Text with tags -> a document: a feed by the strict reader, else by the tolerant one; anything else by its name.

A file that the strict reader refuses is decoded by evidence, tried once more where that changed its bytes, and then
scanned for what items it holds by a scanner of our own (``tolerant.py``). Measured on 1,040 feeds damaged in 26 ways
(``tests/feeds/damage.py``, 40 of each kind), of 11,527 titles whose items were not touched: this reader loses none;
expat with feedparser behind it, on text decoded here, loses 246 (204 of them to a comment that never closes), 24 files
silently, and takes three times as long. feedparser also needs a time limit (over a minute for 100,000 attributes).
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from dedup.feeds.document import Document, Note, Unusable
from dedup.feeds.files.encoding import decode, label_note
from dedup.feeds.formats.html_pages import read_html
from dedup.feeds.formats.xml import Refused, read_strict
from dedup.feeds.formats.xml_items import Feed
from dedup.feeds.formats.xml_tolerant import read_tolerant

if TYPE_CHECKING:
    from dedup.feeds.files.limits import Limits

ROOT = re.compile(
    r"(?i)<(?:[a-z_][\w.-]*:)?(rss|feed|rdf|channel|item|entry|opml|urlset|sitemapindex|html|body)(?=[\s/>])"
)
FEEDS = frozenset(("rss", "feed", "rdf", "channel", "item", "entry"))
LISTS = {
    "opml": "OPML: a list of feed addresses, not a feed; fetch the feeds that it names",
    "urlset": "a sitemap: a list of page addresses without headlines, not a feed",
    "sitemapindex": "a sitemap index: a list of sitemaps, not a feed",
}
PAGES = frozenset(
    ("html", "body", "head", "title", "meta", "p", "div", "br", "b", "h1", "h2", "center", "script", "table", "span")
)
DOCTYPE = re.compile(r"(?i)\s*<!doctype\s+html")
BLANKS = b" \t\r\n"


def read_markup(data: bytes | bytearray, limits: Limits) -> Document:
    """Read a feed or page.

    Raises:
        Unusable: it is something else, or nothing can be taken from it.
    """
    notes: list[Note] = []
    if data[:1] in (b" ", b"\t", b"\r", b"\n") and data.lstrip(BLANKS).startswith(b"<?xml"):
        data = data.lstrip(BLANKS)
        notes.append(Note("", "blanks stand before the XML declaration"))
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:4]
    try:
        if wide:
            raise Refused("UTF-16")
        feed = _counted(read_strict(data, limits), data, limits)
        if not data.startswith(codecs.BOM_UTF8) and (note := label_note(data)):
            notes.append(Note("", note))
        text = None
    except Refused as refusal:
        feed, text, more = _second_reading(data, refusal, limits)
        notes += more
    if feed.root not in FEEDS and not feed.items:
        return _other(feed.root, text if text is not None else decode(data).text)
    document = feed.document()
    for place, reason in notes:
        document.notes.add(place, reason)
    document.damaged = text is not None and "\ufffd" in text
    return document


def _counted(feed: Feed, data: bytes | bytearray, limits: Limits) -> Feed:
    """The feed, unless more item tags stand in the bytes than were read.

    A CDATA section that was never closed may run on to the end of the next, and leave a well-formed file with items
    inside a description.
    """
    name = b"<entry" if feed.root == "feed" else b"<item"
    if data.count(name + b">") + data.count(name + b" ") <= feed.items:
        return feed
    scanned = read_tolerant(decode(data).text, limits)
    if scanned.items <= feed.items:
        return feed
    reason = f"{scanned.items - feed.items:,} items stand inside other text (a CDATA section or comment never closed?)"
    scanned.notes.add("", f"{reason}; read item by item")
    return scanned


def _second_reading(data: bytes | bytearray, refusal: Refused, limits: Limits) -> tuple[Feed, str, list[Note]]:
    """What expat refused: decoded, parsed again where decoding changed the bytes, else scanned."""
    decoded = decode(data)
    text = decoded.text
    if decoded.encoding != "utf-8" or decoded.notes:
        try:
            return read_strict(text.lstrip().encode("utf-8", "replace"), limits), text, decoded.notes
        except Refused as second:
            refusal = second
    found = ROOT.search(text)
    root = found[1].lower() if found else ""
    if root not in FEEDS:
        return Feed(root=root), text, decoded.notes
    feed = read_tolerant(text, limits)
    return feed, text, [*decoded.notes, Note("", f"not well-formed XML: {refusal}; read item by item")]


def _other(root: str, text: str) -> Document:
    """Markup that is no feed: a page that lists headlines, or a file to be named."""
    if root in LISTS:
        raise Unusable(LISTS[root])
    if root in PAGES or DOCTYPE.match(text):
        return read_html(text)
    what = f"XML with the root element <{root}>" if root else "text with tags"
    raise Unusable(f"{what}, not a feed: neither RSS, Atom nor RDF, and no items in it")
