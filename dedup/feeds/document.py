"""What one document gave: raw columns, still as the file spells them, and notes on all that could not be used.

Documents cross process borders, so they hold plain lists. Cleaning, dates, outlets and ids come later, over the columns
of all documents at once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import polars as pl

    Column = list[str | None] | pl.Series

NOTES_OF_A_KIND = 1_000
"""Of one kind of fault in one document, so many are named one by one; the others are counted in one last note."""


class Unusable(Exception):  # noqa: N818 - a way out of nested readers, not an error that a caller sees
    """Nothing can be taken from this document; the message says why, and what to do."""


def unexpected(error: BaseException) -> str:
    """Describe an exception that no reader expects: the last resort, which costs one document or record, not the run.

    Examples:
        >>> unexpected(KeyError("title"))
        "an error in dedup (KeyError: 'title'); please report it with this input"
    """
    trace, place = error.__traceback__, ""
    while trace is not None:
        place = f" at {PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    try:
        words = str(error).partition("\n")[0][:200]
    except Exception:  # an input's own exceptions may have no text
        words = ""
    name = f"{type(error).__name__}{': ' if words else ''}{words}"
    return f"an error in dedup ({name}{place}); please report it with this input"


class Note(NamedTuple):
    """A part of a document that was not used, or not as it stands."""

    place: str
    reason: str


@dataclass(slots=True)
class Notes:
    """The notes on one document, bounded: a million bad lines must not become a million messages."""

    listed: list[Note] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    last: dict[str, str] = field(default_factory=dict)

    def add(self, place: str, reason: str, kind: str | None = None) -> None:
        """Note that the part at ``place`` was not used; ``kind`` groups reasons that differ in their values only."""
        kind = kind or reason
        self.counts[kind] += 1
        if self.counts[kind] <= NOTES_OF_A_KIND:
            self.listed.append(Note(place, reason))
        else:
            self.last[kind] = place

    def all(self) -> list[Note]:
        """The notes, and for each kind that overflowed one that counts the rest."""
        rest = (
            Note(f"… {place}", f"{self.counts[kind] - NOTES_OF_A_KIND} more of: {kind}")
            for kind, place in self.last.items()
        )
        return [*self.listed, *rest]


@dataclass(slots=True)
class Document:
    """Raw columns of equal length, one row per item that could be read.

    Attributes:
        format: rss, atom, rdf, json-feed, jsonl, json, csv, tsv, parquet, text, page; or what it is instead of a feed.
        unit: what ``places`` count: "item", "line" or "row".
        titles: as in the file, markup and entities included; "" or None where the item has none.
        places: the number of each row's item, line or row, from 1.
        urls: links, or None when the document has none at all.
        dates: as spelled, or a Series of times.
        ids: the input's own ids, or None.
        outlets: the input's own outlets, or None.
        items: how many items the document holds, unreadable ones included.
        feed_title: the feed's own title, as in the file.
        feed_link: the feed's own address.
        member: the name inside an archive, "" outside.
        damaged: whether bytes that are no text were replaced by U+FFFD, so that titles must be looked at.
        reason: why nothing could be taken; "" for a document that was read.
        typed: whether times of Python (``datetime``) stand among the dates of a list.
    """

    format: str
    unit: str = "item"
    titles: Column = field(default_factory=list)
    places: Sequence[int] = ()
    urls: Column | None = None
    dates: Column | list[str | datetime | None] | None = None
    ids: Column | None = None
    outlets: Column | None = None
    items: int = 0
    feed_title: str | None = None
    feed_link: str | None = None
    notes: Notes = field(default_factory=Notes)
    member: str = ""
    damaged: bool = False
    reason: str = ""
    typed: bool = False
