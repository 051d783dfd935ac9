"""The registry of formats, and format detection.

A new format is one module with its reader and one line here; its suffixes come with it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dedup.feeds.document import Unusable
from dedup.feeds.formats import citations, columnar, html_pages, json, markup, tables
from dedup.feeds.formats.content import Format

if TYPE_CHECKING:
    from dedup.feeds.formats.content import Content

BINARY_FORMATS: dict[str, Format] = {
    "parquet": Format((".parquet", ".pq"), columnar.is_parquet, columnar.read_parquet, in_parent=True),
    "workbook": Format(columnar.EXCEL_SUFFIXES, columnar.is_workbook, columnar.read_workbook, in_parent=True),
}
"""Formats that are no text, recognized by their first bytes."""
FORMATS: dict[str, Format] = BINARY_FORMATS | {
    "json": Format(json.SUFFIXES, json.is_json, json.read_json),
    "markup": Format(markup.SUFFIXES, markup.is_markup, markup.read_markup),
    "citations": Format(citations.SUFFIXES, citations.is_citations, citations.read_citations),
    "table": Format(tables.TABLE_SUFFIXES, tables.is_table, tables.read_table),
    "page": Format((), html_pages.is_page, html_pages.read_page),
    "text": Format(tables.TEXT_SUFFIXES, tables.is_text, tables.read_text),
}
"""Name -> format, in the order in which they are tried."""
SUFFIXES = frozenset(suffix for form in FORMATS.values() for suffix in form.suffixes if suffix)

ODD = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")
"""Control characters that text does not have, and marks of undecodable bytes."""
UNSUPPORTED = {
    b"\x89PNG": "a PNG image", b"\xff\xd8\xff": "a JPEG image", b"GIF8": "a GIF image",
    b"%PDF": "a PDF document; export the list of articles as CSV or Excel instead",
    b"\x7fELF": "a program", b"SQLite format 3": "an SQLite database; export the table as CSV",
    b"RIFF": "a RIFF file", b"ARROW1": "an Arrow file; save it as Parquet",
    b"\xd0\xcf\x11\xe0": "an old Office document; save it as CSV or .xlsx", b"MZ": "a Windows program",
    b"WARC/": "a WARC web archive; extract the feeds and pages in it first",
    b"From ": "an mbox mailbox; export the messages as CSV",
    b"Return-Path:": "an e-mail message", b"Received: ": "an e-mail message", b"Delivered-To:": "an e-mail message",
    b"MIME-Version:": "an e-mail message or a saved MHTML page", b"BEGIN:VCALENDAR": "a calendar",
    b"bplist": "a property list", b"Obj\x01": "an Avro file; save it as Parquet",
    b"ORC": "an ORC file; save it as Parquet",
    b"{\\rtf": "an RTF document; save it as text",
}  # fmt: skip
"""First bytes of other formats, with their names and the remedy."""


def detect(content: Content) -> Format:
    """Return the format of a document.

    Raises:
        Unusable: it has none of the formats; the message names its own where that is known.
    """
    for form in BINARY_FORMATS.values():
        if form.recognizes(content):
            return form
    start = bytes(content.data[:64]).removeprefix(b"\xef\xbb\xbf")
    if start.startswith(tuple(UNSUPPORTED)):
        name = next(name for magic, name in UNSUPPORTED.items() if start.startswith(magic))
        kind, _, remedy = name.partition("; ")
        raise Unusable(f"{kind}, not a feed{remedy and '; '}{remedy}")
    if not content.head:
        raise Unusable("empty: nothing but blanks" if content.data else "empty: no bytes at all")
    for name, form in FORMATS.items():
        if name in BINARY_FORMATS or not form.recognizes(content):
            continue
        if name == "markup" or not _is_binary(content.decoded_head.text):  # feeds may have stray control characters
            return form
    if _is_binary(content.decoded_head.text):
        raise Unusable("binary data, not a feed")
    raise Unusable("text, but neither a feed nor a table; name a list of headlines, one a line, with the suffix .txt")


def _is_binary(text: str) -> bool:
    """Return whether decoded bytes are no text: control characters, or undecodable ones."""
    head = text[:4096]
    return len(ODD.findall(head)) > max(3, len(head) / 20)
