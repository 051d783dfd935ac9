"""Read exports of press databases and reference managers: RIS, EndNote, BibTeX, and the tagged text of Factiva.

ProQuest, EBSCO, Zotero and Mendeley write the first three. Their records name the headline, the paper, the day and the
link; authors, keywords and abstracts are left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from dedup.feeds.document import Document, Unusable
from dedup.feeds.formats.content import with_decoding_notes
from dedup.feeds.formats.records import fill_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dedup.feeds.formats.content import Content

SUFFIXES = (".ris", ".enw", ".bib", ".bibtex")
BIBTEX = re.compile(r"^\s*@\w+\s*\{[^{}\n]*,\s*$", re.MULTILINE)
BIBTEX_FIELD = re.compile(r'^[ \t]*(\w+)\s*=\s*(?:\{((?:[^{}]|\{[^{}]*\})*)\}|"([^"]*)"|(\w+))\s*,?\s*\}*\s*$')
BIBTEX_OTHERS = ("@comment", "@string", "@preamble")
"""Entries that are no records."""
BIBTEX_NAMES = {
    "title": "title", "journal": "outlet", "journaltitle": "outlet", "newspaper": "outlet", "publisher": "publisher",
    "date": "published", "year": "year", "month": "month", "day": "day", "url": "url",
}  # fmt: skip
LEXIS = re.compile(r"(?m)^[ \t]*\d+ of \d+ DOCUMENTS[ \t\r]*$|^(?:LOAD-DATE|PUBLICATION-TYPE): ")
MIN_TAGS = 3
"""Tags of a kind at the beginning of a text, from which on it is of that kind."""
MAX_VALUE = 4_000
"""Characters kept of a field."""


class Dialect(NamedTuple):
    """A text of tagged fields: the pattern of a tag with its value, the tag of a new record, and the fields by tag."""

    tag: re.Pattern[str]
    start: str
    names: Mapping[str, str]


DIALECTS = {
    "ris": Dialect(
        re.compile(r"([A-Z][A-Z0-9])  - ?(.*)"),
        "TY",
        {
            "TI": "title", "T1": "title", "T2": "outlet", "JO": "outlet", "JF": "outlet", "JA": "outlet",
            "DA": "published", "Y1": "published", "PY": "year", "UR": "url", "L2": "url",
        },
    ),
    "endnote": Dialect(
        re.compile(r"%([A-Z0-9@]) (.*)"),
        "0",
        {"T": "title", "J": "outlet", "B": "outlet", "8": "published", "D": "year", "U": "url"},
    ),
    "factiva": Dialect(
        re.compile(r"([A-Z]{2,3})(?:[ \t]+(.*))?"),
        "HD",
        {"HD": "title", "SN": "outlet", "PD": "published", "ET": "time"},
    ),
}  # fmt: skip
REQUIRED = {"ris": {"TY"}, "endnote": {"0", "T"}, "factiva": {"HD", "PD", "SN"}}
"""Tags without which a text is not of the kind."""


def dialect_of(content: Content) -> str | None:
    """Return the kind of citations, None for another text."""
    if BIBTEX.match(content.head) and "title" in content.head.lower():
        return "bibtex"
    lines = content.head.splitlines()[:400]
    for name, dialect in DIALECTS.items():
        tags = [match[1] for line in lines if (match := dialect.tag.fullmatch(line.strip("\ufeff")))]
        if len(tags) >= MIN_TAGS and REQUIRED[name] <= set(tags):
            return name
    return None


def is_citations(content: Content) -> bool:
    """Return whether the text holds citations."""
    return dialect_of(content) is not None or bool(LEXIS.search(content.head))


def read_citations(content: Content) -> Document:
    """Read the records of a text with citations.

    Raises:
        Unusable: it has no record with a title, or is a download of LexisNexis.
    """
    name = dialect_of(content)
    if name is None:
        raise Unusable("a LexisNexis download as text; download the list of results as Excel or CSV instead")
    document = Document(name)
    lines = content.decoded.text.split("\n")
    fields = _bibtex(lines) if name == "bibtex" else _tagged(lines, DIALECTS[name])
    fill_records(document, map(_dated, fields), content.watch, content.columns)
    return with_decoding_notes(content, document)


def _tagged(lines: list[str], dialect: Dialect) -> Iterator[dict[str, str]]:
    """Yield the fields of each record of a tagged text; a value may continue on the next lines."""
    record: dict[str, str] | None = None
    field = ""
    for raw in lines:
        line = raw.strip("\ufeff\r")
        match = dialect.tag.fullmatch(line)
        if match:
            if match[1] == dialect.start:
                if record is not None:
                    yield record
                record = {}
            record = {} if record is None else record
            field = dialect.names.get(match[1], "")
            field = "" if field in record else field
            line = match[2] or ""
        if record is not None and field and line.strip() and len(record.get(field, "")) < MAX_VALUE:
            record[field] = f"{record.get(field, '')} {line.strip()}".strip()
    if record is not None:
        yield record


def _bibtex(lines: list[str]) -> Iterator[dict[str, str]]:
    """Yield the fields of each entry of BibTeX, one field a line."""
    record: dict[str, str] | None = None
    for line in lines:
        if line.lstrip().startswith("@"):
            if record is not None:
                yield record
            record = None if line.lstrip().lower().startswith(BIBTEX_OTHERS) else {}
        elif (
            record is not None
            and len(line) <= MAX_VALUE
            and (match := BIBTEX_FIELD.match(line))
            and match[1].lower() in BIBTEX_NAMES
        ):
            value = next(filter(None, match.groups()[1:]), "")
            record.setdefault(BIBTEX_NAMES[match[1].lower()], re.sub(r"[{}]", "", value))
    if record is not None:
        yield record


def _dated(record: dict[str, str]) -> dict[str, str]:
    """Return a record with its day as one date (a year alone is no day) and its paper, else publisher, as outlet."""
    parts = [record.pop(name, "") for name in ("year", "month", "day")]
    if "published" not in record and all(parts):
        record["published"] = f"{parts[2]} {parts[1]} {parts[0]}"
    if "published" in record:
        record["published"] = record["published"].strip("/ ")
    if "outlet" not in record and "publisher" in record:
        record["outlet"] = record["publisher"]
    record.pop("publisher", None)
    return record
