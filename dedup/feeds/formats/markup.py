"""Read XML and HTML: feeds by the strict reader, else by the tolerant one; pages; other documents are refused by name.

A file that the strict reader refuses is decoded by evidence, parsed once more if that changed its bytes, and else read
by the tolerant scanner (``xml_tolerant``). Measured on 1,040 feeds damaged in 26 ways (``tests/feeds/damage.py``, 40 of
each kind), on the 11,527 titles of undamaged items: this reader loses none; expat with feedparser as its fallback, on
text decoded here, loses 246 (204 of them to a comment that never closes), 24 files silently, and takes three times as
long. feedparser also needs a time limit (over a minute for 100,000 attributes).
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from dedup.feeds.document import Document, Note, Unusable
from dedup.feeds.fields.urls import slug_words
from dedup.feeds.files.encoding import declaration_note, decode
from dedup.feeds.formats.html_pages import read_html
from dedup.feeds.formats.tables import is_header
from dedup.feeds.formats.xml import Refused, read_strict
from dedup.feeds.formats.xml_items import Feed
from dedup.feeds.formats.xml_tolerant import read_tolerant

if TYPE_CHECKING:
    from dedup.feeds.formats.content import Content

SUFFIXES = (".xml", ".rss", ".atom", ".rdf", ".html", ".htm", ".xhtml", ".opml")
FEED = re.compile(r"(?i)<(?:[a-z_][\w.-]*:)?(?:rss|feed|rdf|item|entry|channel|urlset)[\s/>]|<\?xml\s")
ROOT = re.compile(
    r"(?i)<(?:[a-z_][\w.-]*:)?(rss|feed|rdf|channel|item|entry|opml|urlset|sitemapindex|html|body)(?=[\s/>])"
)
FEEDS = frozenset(("rss", "feed", "rdf", "channel", "item", "entry", "urlset"))
LISTS = {
    "opml": "OPML: a list of feed addresses, not a feed; fetch the feeds that it names",
    "workbook": "an Excel workbook in XML of 2003; save it as .xlsx or CSV",
    "sitemapindex": "a sitemap index: a list of sitemaps, not a feed; fetch the sitemaps that it names",
}
PAGES = frozenset(
    ("html", "body", "head", "title", "meta", "p", "div", "br", "b", "h1", "h2", "center", "script", "table", "span")
)
DOCTYPE = re.compile(r"(?i)\s*<!doctype\s+html")
BLANKS = b" \t\r\n"


def is_markup(content: Content) -> bool:
    """Return whether the text has tags at its beginning, or feed tags further on, behind other output of a server."""
    head = content.head
    return head[0] == "<" or (bool(FEED.search(head)) and not is_header(head.splitlines()[0], content.columns))


def read_markup(content: Content) -> Document:
    """Read a feed, sitemap or page.

    Raises:
        Unusable: the document is of another kind, or no item can be read.
    """
    data = content.data
    notes: list[Note] = []
    if data[:1] in (b" ", b"\t", b"\r", b"\n") and data.lstrip(BLANKS).startswith(b"<?xml"):
        data = data.lstrip(BLANKS)
        notes.append(Note("", "the XML declaration is preceded by blanks", lost=False))
    utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:4]
    try:
        if utf16:
            raise Refused("UTF-16")
        feed = _counted(read_strict(data, content.watch), data, content)
        if not data.startswith(codecs.BOM_UTF8) and (note := declaration_note(data)):
            notes.append(Note("", note, lost=False))
        text = None
    except Refused as refusal:
        feed, text, more = _second_reading(data, refusal, content)
        notes += more
    if feed.root not in FEEDS and not feed.items:
        return _read_other(feed.root, text if text is not None else decode(data).text, content)
    if feed.root == "rdf" and not feed.items and not feed.own.title:
        raise Unusable("RDF that is no feed (RSS 1.0): no items; a reference manager exports RIS or CSV as well")
    document = feed.document()
    if feed.root == "urlset" and not any(document.titles):
        texts = [slug_words(url) for url in feed.urls]
        if not any(texts):
            raise Unusable("a sitemap of page addresses without headlines; fetch the site's feed or its news sitemap")
        document.texts = texts
        document.notes.remark("a sitemap without headlines; the words in its URLs stand in for them")
    document.notes.extend(notes)
    document.damaged = text is not None and "\ufffd" in text
    return document


def _counted(feed: Feed, data: bytes | bytearray, content: Content) -> Feed:
    """Return the feed, read by the tolerant scanner if the data have more item tags than were read.

    A CDATA section that is never closed ends with the next one: the file stays well-formed, with items inside a
    description.
    """
    name = b"<entry" if feed.root == "feed" else b"<item"
    if data.count(name + b">") + data.count(name + b" ") <= feed.items:
        return feed
    scanned = read_tolerant(decode(data).text, content.watch)
    if scanned.items <= feed.items:
        return feed
    reason = f"{scanned.items - feed.items:,} items are inside other text (a CDATA section or comment never closed?)"
    scanned.notes.add("", f"{reason}; read item by item")
    return scanned


def _second_reading(data: bytes | bytearray, refusal: Refused, content: Content) -> tuple[Feed, str, list[Note]]:
    """Decode data that expat refused, parse them again if decoding changed the bytes, else scan them."""
    decoded = decode(data)
    text = decoded.text
    if decoded.encoding != "utf-8" or decoded.notes:
        try:
            return read_strict(text.lstrip().encode("utf-8", "replace"), content.watch), text, decoded.notes
        except Refused as second:
            refusal = second
    match = ROOT.search(text)
    root = match[1].lower() if match else ""
    if root not in FEEDS:
        return Feed(root=root), text, decoded.notes
    feed = read_tolerant(text, content.watch)
    return feed, text, [*decoded.notes, Note("", f"not well-formed XML: {refusal}; read item by item")]


def _read_other(root: str, text: str, content: Content) -> Document:
    """Read a page that lists headlines, or has a table of them; refuse other documents by name."""
    if root in LISTS:
        raise Unusable(LISTS[root])
    if root in PAGES or DOCTYPE.match(text):
        return read_html(text, content)
    name = f"XML with the root element <{root}>" if root else "text with tags"
    raise Unusable(f"{name}, not a feed: neither RSS, Atom nor RDF, and no items in it")
