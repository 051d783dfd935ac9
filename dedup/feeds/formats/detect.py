"""What a document is, by its first bytes; the name decides only between a list of headlines and any other text."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from dedup.feeds.document import Unusable
from dedup.feeds.files import encoding as decoding
from dedup.feeds.formats.html_pages import is_page
from dedup.feeds.formats.tables import is_table

if TYPE_CHECKING:
    from collections.abc import Mapping

HEAD = 65_536
FEED = re.compile(r"(?i)<(?:[a-z_][\w.-]*:)?(?:rss|feed|rdf|item|entry|channel)[\s/>]|<\?xml\s")
PACKED = (".gz", ".gzip", ".zst", ".zstd", ".zip")
TABLES = (".csv", ".tsv", ".tab")
TEXTS = (".txt", ".text", ".lst", ".list", "")
BINARY = {
    b"\x89PNG": "a PNG image", b"\xff\xd8\xff": "a JPEG image", b"GIF8": "a GIF image", b"%PDF": "a PDF document",
    b"\x7fELF": "a program", b"SQLite format 3": "an SQLite database", b"RIFF": "a RIFF file",
    b"ARROW1": "an Arrow file", b"\xd0\xcf\x11\xe0": "an old Office document", b"MZ": "a Windows program",
}  # fmt: skip


def extension(name: str) -> str:
    """The extension of a name without those of containers, in lower case: ``.csv`` of ``a.CSV.gz``."""
    path = PurePath(name)
    while path.suffix.lower() in PACKED:
        path = path.with_suffix("")
    return path.suffix.lower()


def sniff(data: bytes | bytearray, name: str, columns: Mapping[str, str] | None) -> str:
    """The document's form: markup, lines (JSON), json, table, page, text or parquet.

    Raises:
        Unusable: it is none of these; the message says what it is, where that can be told.
    """
    if data.startswith(b"PAR1"):
        return "parquet"
    for magic, words in BINARY.items():
        if data.startswith(magic):
            raise Unusable(f"{words}, not a feed")
    return _text_form(data, name, columns)


def _text_form(data: bytes | bytearray, name: str, columns: Mapping[str, str] | None) -> str:
    text = decoding.decode(data[:HEAD]).text
    stripped = text.lstrip("\ufeff \t\r\n\f\v\0")
    if not stripped:
        raise Unusable("empty: nothing but blanks" if data else "empty: no bytes at all")
    if stripped[0] == "<" or FEED.search(text):
        return "markup"
    if _binary(text):
        raise Unusable("binary data, not a feed")
    return _plain_form(text, stripped, extension(name), columns)


def _plain_form(text: str, stripped: str, kind: str, columns: Mapping[str, str] | None) -> str:
    """The form of text without tags."""
    json_named = kind.startswith(".json") or kind == ".ndjson"
    if stripped[0] in '{["' and (json_named or _json(stripped)):
        return _json_form(stripped, kind)
    first = stripped.splitlines()[0]
    if kind in TABLES or is_table(first, columns):
        return "table"
    if is_page(text):
        return "page"
    if kind in TEXTS:
        return "text"
    if json_named:
        return "lines"
    raise Unusable("text, but neither a feed nor a table; a list of headlines, one a line, must be named .txt")


def _binary(text: str) -> bool:
    """Whether the text is none: control characters, or letters that no encoding gives."""
    head = text[:4096]
    odd = sum(character < " " and character not in "\t\n\r\f\v\x1b" for character in head)
    return odd + head.count("\ufffd") > max(3, len(head) / 20)


def _json(text: str) -> bool:
    """Whether text that begins like JSON goes on like JSON: a headline may begin with a bracket, too."""
    return bool(re.match(r'\{\s*(?:"|\}|$)|\[\s*(?:[\[{"\]]|$)|"[^\n]*"\s*(?:\n|$)', text))


def _json_form(text: str, kind: str) -> str:
    if text[0] == "[":
        return "json"
    if text[0] == '"':
        return "lines"
    first, _, rest = text.partition("\n")
    # An object a line: the first line is closed, and another line begins another object.
    several = first.rstrip().endswith("}") and rest.lstrip().startswith(("{", '"'))
    return "lines" if several or kind in (".jsonl", ".ndjson") else "json"
