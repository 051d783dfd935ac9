"""Fields of an item and columns of a feed, collected by both XML readers."""

from __future__ import annotations

from dataclasses import dataclass, field

from dedup.feeds.document import Document, Notes
from dedup.feeds.formats.xml_elements import DATE, TITLE

FORMATS = {"rss": "rss", "rdf": "rdf", "feed": "atom", "channel": "rss"}


@dataclass(slots=True)
class Item:
    """The fields of the current item, each with the rank of its source element."""

    title: str = ""
    title_rank: int = 9
    url: str = ""
    url_rank: int = 9
    date: str = ""
    date_rank: int = 9
    fault: str = ""


@dataclass(slots=True)
class Feed:
    """The name of the root element, the fields of the feed itself (``own``), and the columns of its items."""

    root: str = ""
    own: Item = field(default_factory=Item)
    titles: list[str | None] = field(default_factory=list)
    urls: list[str | None] = field(default_factory=list)
    dates: list[str | None] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    items: int = 0
    notes: Notes = field(default_factory=Notes)

    def add(self, item: Item) -> None:
        """Append a complete item, or a note if its title cannot be read."""
        self.items += 1
        if item.fault:
            self.notes.add(f"item {self.items}", item.fault)
            return
        self.titles.append(item.title)
        self.urls.append(item.url or None)
        self.dates.append(item.date or None)
        self.places.append(self.items)

    def document(self) -> Document:
        """Convert the feed to a document."""
        kind = FORMATS.get(self.root, "rss")
        return Document(
            kind, titles=self.titles, places=self.places, urls=self.urls, dates=self.dates, items=self.items,
            feed_title=self.own.title, feed_link=self.own.url, notes=self.notes,
        )  # fmt: skip


def store(item: Item, role: int, rank: int, text: str, limit: int) -> None:
    """Set a field of an item, unless an element of a lower rank has set it."""
    if role == TITLE:
        if rank < item.title_rank and text:
            # Markup and blanks are removed later; a title of a hundred times the limit is cut here already.
            item.title, item.title_rank = text[: 100 * limit], rank
    elif role == DATE:
        if rank < item.date_rank and text:
            item.date, item.date_rank = text[:100], rank
    elif rank < item.url_rank and text:
        item.url, item.url_rank = text[:4_000], rank
