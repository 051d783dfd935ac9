"""Read aggregator pages, as text or HTML: an article, a "read also" story, and a list of similar headlines.

Tables in HTML are read as well: editorial systems export them under the name of a workbook (``.xls``).

«المصدر:» (else the dateline of the first line) names the outlet of the page's article and of the stories under
«إقرأ أيضاً:», whose first line is their headline. The list under «مقالات مشابهة» has headlines of other outlets without
their names, so these are credited to the page or, in HTML, to the host of each link.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from dedup.feeds.document import Document, Unusable
from dedup.feeds.fields.stand_ins import MAX_HEADLINE
from dedup.feeds.files.limits import Stopped
from dedup.feeds.formats.content import with_decoding_notes
from dedup.feeds.formats.field_names import has_title
from dedup.feeds.formats.tables import block_from, fill_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.feeds.files.limits import Watch
    from dedup.feeds.formats.content import Content

SOURCE = re.compile(r"^(?:ال)?مصدر\s*:\s*(.*)$")
ALSO = re.compile(r"^(?:[إاأ]قر[أا]|طالع|شاهد)\s+[أا]يض[اًا]{1,2}\s*:?\s*(.*)$")
SIMILAR = re.compile(r"^(?:مقالات|[أا]خبار|مواضيع|موضوعات)\s+(?:مشابهة|ذات\s+صلة|متعلقة|مماثلة|مرتبطة)\s*:?$")
BULLET = re.compile(r"^[•●▪◦‣·*\-–—]\s*(.+)$")
DATELINE = re.compile(r"^([^\s،.,:؛-][^،.,:؛-]{1,40}?)\s*[-–—]\s*[^،.,:؛]{2,40}$")
TELEGRAM = '<div class="message default'


class Line(NamedTuple):
    """A displayed line of a page: its number, text and link; whether it is a list item, or the heading.

    Lines of text are numbered as in the source, lines of HTML as displayed.
    """

    number: int
    text: str
    url: str | None = None
    bullet: bool = False
    heading: bool = False


def is_page(content: Content) -> bool:
    """Return whether the text is an aggregator page: it has a list of similar articles or a "read also" story."""
    return any(SIMILAR.match(line) or ALSO.match(line) for line in map(str.strip, content.head.splitlines()))


def read_page(content: Content) -> Document:
    """Read an aggregator page in plain text."""
    lines = []
    for number, raw in enumerate(content.decoded.text.splitlines(), start=1):
        bullet = BULLET.match(raw.strip())
        if raw.strip():
            lines.append(Line(number, bullet[1] if bullet else raw.strip(), bullet=bool(bullet)))
    return with_decoding_notes(content, _page(lines))


def read_html(text: str, content: Content) -> Document:
    """Read an aggregator page in HTML, or a table of headlines in it.

    Raises:
        Unusable: the page is of another kind.
    """
    reader = _Lines(content.watch)
    stopped = _parse(text, reader)
    if any(SIMILAR.match(line.text) or ALSO.match(line.text) for line in reader.lines):
        return _with_note(_page(reader.lines), stopped)
    if "<t" in text and (table := _read_html_table(text, content)):
        return table
    if stopped:
        raise Unusable(stopped)
    if TELEGRAM in text:
        raise Unusable("a chat exported by Telegram as HTML; export it as JSON (result.json) instead")
    raise Unusable("an HTML page, not a feed; fetch the address of its feed instead")


def _parse(text: str, target: _Lines | _Cells) -> str:
    """Parse HTML; return why parsing stopped before the end, "" if it did not.

    lxml takes linear time; ``html.parser`` takes 19 s for 60 kB of "<a " (CVE-2025-6069 and its kind).
    """
    from lxml import etree  # noqa: PLC0415 - few files are pages

    parser = etree.HTMLParser(target=target, encoding="utf-8", huge_tree=True)
    try:
        parser.feed(text.encode("utf-8", "replace"))
        with suppress(etree.XMLSyntaxError):  # nothing in it
            parser.close()
    except Stopped as stop:
        target.close()
        return str(stop)
    return ""


def _with_note(document: Document, stopped: str) -> Document:
    """Add a note to the document of a page that was not parsed to its end."""
    if stopped:
        document.notes.add("", stopped)
    return document


def _read_html_table(text: str, content: Content) -> Document | None:
    """Return the first table with a row that names a column of titles among others, None if there is none."""
    cells = _Cells(content.watch)
    stopped = _parse(text, cells)
    headers = [row for row, names in enumerate(cells.rows) if len(names) > 1 and has_title(names, content.columns)]
    if not headers:
        return None
    document = Document("html-table", "row")
    fill_rows(document, [block_from(headers[0], cells.rows[headers[0] :])], content.watch, content.columns)
    return _with_note(document, stopped)


def _page(lines: list[Line]) -> Document:
    """Collect the headlines of a page's lines."""
    source = next((match[1] for line in lines if (match := SOURCE.match(line.text)) and match[1]), None)
    dateline = DATELINE.match(lines[0].text) if lines else None
    outlet = source or (dateline[1] if dateline else None)
    rows: list[tuple[Line, str, str | None]] = []
    heading = next((line for line in lines if line.heading), None)
    if heading:
        rows.append((heading, heading.text, outlet))
    section = ""
    for line in lines:
        read_also = ALSO.match(line.text)
        if read_also or SIMILAR.match(line.text):
            section = "also" if read_also else "similar"
            if read_also and read_also[1]:
                rows.append((line, read_also[1], outlet))
                section = ""
        elif section == "also":
            if len(line.text) <= MAX_HEADLINE:
                rows.append((line, line.text, outlet))
            section = ""
        elif section == "similar" and line.bullet:
            rows.append((line, line.text, None))
    return Document(
        "page", "line", titles=[title for _, title, _ in rows], places=[line.number for line, _, _ in rows],
        urls=[line.url for line, _, _ in rows], outlets=[outlet for _, _, outlet in rows], items=len(rows),
    )  # fmt: skip


BLOCKS = frozenset(
    (
        "address", "article", "aside", "blockquote", "body", "br", "dd", "div", "dl", "dt", "figcaption", "footer",
        "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "section", "table",
        "td", "th", "title", "tr", "ul",
    )
)  # fmt: skip
HIDDEN = frozenset(("script", "style", "noscript", "template", "head"))


class _Lines:
    """The target of a parser: split an HTML page into displayed lines at its block elements."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.lines: list[Line] = []
        self.words: list[str] = []
        self.url: str | None = None
        self.block = ""
        self.hidden = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take a start tag."""
        self.watch.count_tag()
        if tag in HIDDEN:
            self.hidden = self.hidden or tag
        elif tag in BLOCKS:
            self.end_line()
            self.block = tag if tag in ("li", "h1") else self.block if tag != "br" else ""
        elif tag == "a":
            self.url = self.url or attributes.get("href")

    def end(self, tag: str) -> None:
        """Take an end tag."""
        if tag == self.hidden:
            self.hidden = ""
        elif tag in BLOCKS:
            self.end_line()
            if tag == self.block:
                self.block = ""

    def data(self, text: str) -> None:
        """Take text between tags."""
        if not self.hidden:
            self.words.append(text)

    def close(self) -> None:
        """Take the end of the page."""
        self.end_line()

    def end_line(self) -> None:
        """Append the current line, if it has text."""
        text = " ".join("".join(self.words).split())
        if text:
            bullet = BULLET.match(text)
            text = bullet[1] if bullet else text
            is_bullet = self.block == "li" or bullet is not None
            self.lines.append(Line(len(self.lines) + 1, text, self.url, is_bullet, self.block == "h1"))
        self.words.clear()
        self.url = None


class _Cells:
    """The target of a parser: collect the cells of all tables, row by row; links are left out."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.rows: list[list[str]] = []
        self.words: list[str] | None = None

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        """Take a start tag."""
        self.watch.count_tag()
        if tag == "tr":
            self.end("td")
            self.rows.append([])
        elif tag in ("td", "th"):
            self.end("td")
            self.words = []

    def end(self, tag: str) -> None:
        """Take an end tag."""
        if tag in ("td", "th", "tr", "table") and self.words is not None:
            if not self.rows:
                self.rows.append([])
            self.rows[-1].append(" ".join("".join(self.words).split()))
            self.words = None

    def data(self, text: str) -> None:
        """Take text between tags."""
        if self.words is not None:
            self.words.append(text)

    def close(self) -> None:
        """Take the end of the page."""
        self.end("table")
