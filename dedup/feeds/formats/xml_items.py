"""Fields of an item and columns of a feed, collected by both XML readers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dedup.feeds.document import Document, Notes
from dedup.feeds.formats.xml_elements import DATE, OUTLET, TEXT, TITLE

if TYPE_CHECKING:
    from dedup.feeds.files.limits import Watch

FORMATS = {"rss": "rss", "rdf": "rdf", "feed": "atom", "channel": "rss", "urlset": "sitemap"}
MAX_TEXT = 4_000
"""Characters of markup kept of a text that stands in for a title."""
SOURCE_TITLE = re.compile(r"(?is)<(?:\w+:)?title\b[^<>]*>(.*?)</")


@dataclass(slots=True)
class Item:
    """The fields of the current item, each with the rank of its source element."""

    title: str = ""
    title_rank: int = 9
    url: str = ""
    url_rank: int = 9
    date: str = ""
    date_rank: int = 99
    later_date: str = ""
    later_rank: int = 99
    outlet: str = ""
    outlet_rank: int = 9
    text: str = ""
    text_rank: int = 9
    fault: str = ""


@dataclass(slots=True)
class Feed:
    """The name of the root element, the fields of the feed itself (``own``), and the columns of its items.

    Columns that most feeds lack are kept as row -> value.
    """

    root: str = ""
    own: Item = field(default_factory=Item)
    titles: list[str | None] = field(default_factory=list)
    urls: list[str | None] = field(default_factory=list)
    dates: list[str | None] = field(default_factory=list)
    later_dates: dict[int, str] = field(default_factory=dict)
    outlets: dict[int, str] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    places: list[int] = field(default_factory=list)
    items: int = 0
    notes: Notes = field(default_factory=Notes)
    watch: Watch | None = None

    def add(self, item: Item) -> None:
        """Append a complete item, or a note if its title cannot be read.

        Raises:
            Stopped: the limit of items or seconds is exceeded.
        """
        self.items += 1
        if self.watch is not None and self.items >= self.watch.due:
            self.watch.check(self.items)
        if item.fault:
            self.notes.add(f"item {self.items}", item.fault)
            return
        self.titles.append(item.title)
        self.urls.append(item.url or None)
        self.dates.append(item.date or None)
        row = len(self.places)
        if item.later_date:
            self.later_dates[row] = item.later_date
        if item.outlet:
            self.outlets[row] = item.outlet
        if item.text and not item.title:
            self.texts[row] = item.text
        self.places.append(self.items)

    def column(self, values: dict[int, str]) -> list[str | None] | None:
        """Return the column with these values in its rows, None if there are none."""
        return [values.get(row) for row in range(len(self.places))] if values else None

    def document(self) -> Document:
        """Convert the feed to a document."""
        kind = FORMATS.get(self.root, "rss")
        return Document(
            kind, titles=self.titles, places=self.places, urls=self.urls, dates=self.dates, items=self.items,
            date_fallbacks=self.column(self.later_dates), outlets=self.column(self.outlets),
            texts=self.column(self.texts),
            feed_title=self.own.title, feed_link=self.own.url, feed_date=self.own.date or None, notes=self.notes,
        )  # fmt: skip


def store(item: Item, role: int, rank: int, text: str, limit: int) -> None:  # noqa: C901 - one branch for each role
    """Set a field of an item, unless an element of a lower rank has set it."""
    if role == TITLE:
        if rank < item.title_rank and text:
            # Markup and blanks are removed later; a title of a hundred times the limit is cut here already.
            item.title, item.title_rank = text[: 100 * limit], rank
    elif role == DATE:
        if text and rank < item.date_rank:
            item.later_date, item.later_rank = item.date, item.date_rank
            item.date, item.date_rank = text[:100], rank
        elif text and rank < item.later_rank:
            item.later_date, item.later_rank = text[:100], rank
    elif role == OUTLET:
        if rank < item.outlet_rank and text:
            item.outlet, item.outlet_rank = _source_name(text), rank
    elif role == TEXT:
        if rank < item.text_rank and text:
            item.text, item.text_rank = text[:MAX_TEXT], rank
    elif rank < item.url_rank and text:
        item.url, item.url_rank = text[:4_000], rank


def _source_name(text: str) -> str:
    """Return the name in a source element: its text (RSS), or the title inside it (Atom)."""
    if text[0] == "<":
        title = SOURCE_TITLE.search(text)
        text = title[1] if title else ""
    return text.strip()[:300]
