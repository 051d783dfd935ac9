"""The raw columns of one document, as the file spells them, and notes on everything that was not used as it is.

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

MAX_NOTES = 1_000
"""The most notes of one kind that a document lists; the rest is counted in one further note."""


class Unusable(Exception):  # noqa: N818 - a way out of nested readers, not an error that a caller sees
    """Nothing can be read from this document; the message says why, and what to do."""


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
    """A note on a part of a document.

    Attributes:
        place: the part, such as "line 7"; "" for the document.
        reason: the fault and its consequence.
        lost: whether something was not used (a row of SKIPPED), or all was read (a row of REMARKS).
    """

    place: str
    reason: str
    lost: bool = True


@dataclass(slots=True)
class Notes:
    """The notes on one document, bounded: a million invalid lines give about a thousand notes."""

    listed: list[Note] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    last: dict[str, str] = field(default_factory=dict)

    def add(self, place: str, reason: str, kind: str | None = None) -> None:
        """Note that the part at ``place`` was not used; ``kind`` groups reasons that differ only in values."""
        kind = kind or reason
        self.counts[kind] += 1
        if self.counts[kind] <= MAX_NOTES:
            self.listed.append(Note(place, reason))
        else:
            self.last[kind] = place

    def remark(self, reason: str) -> None:
        """Note how the document was read, once for each reason; nothing of it was lost."""
        note = Note("", reason, lost=False)
        if note not in self.listed:
            self.listed.append(note)

    def extend(self, notes: Sequence[Note]) -> None:
        """Take over notes of another step."""
        for note in notes:
            if note.lost:
                self.add(note.place, note.reason)
            else:
                self.remark(note.reason)

    def all(self) -> list[Note]:
        """Return the notes, with one more for each kind beyond the limit that counts the rest."""
        rest = (
            Note(f"… {place}", f"{self.counts[kind] - MAX_NOTES} more of: {kind}") for kind, place in self.last.items()
        )
        return [*self.listed, *rest]


@dataclass(slots=True)
class Document:
    """Raw columns of equal length, one row per item.

    Attributes:
        format: such as rss, json-feed, csv, page; "" where none was recognized.
        unit: the unit of ``places``: "item", "line" or "row".
        titles: as in the file, markup and entities included; "" or None where the item has none.
        places: the number of each row's item, line or row, from 1.
        texts: the text of items without a title, whose first sentence stands in for it.
        urls: links; None, as every following column, when the document has none.
        dates: as spelled, or a Series of times.
        date_details: a second column on the same moment, such as a time of day.
        date_fallbacks: dates to use where the first cannot be read or is implausible.
        ids: the input's own ids.
        outlets: the input's own outlets.
        items: number of items in the document, unreadable ones included.
        feed_title: the feed's own title, as in the file.
        feed_link: the feed's own URL.
        feed_date: the time at which the feed was written, as spelled.
        date_name: name of the column of dates, for messages.
        member: name inside an archive, "" outside.
        damaged: whether undecodable bytes were replaced by U+FFFD.
        reason: why nothing could be read; "" for a document that was read.
        typed: whether the list of dates holds ``datetime`` objects.
    """

    format: str
    unit: str = "item"
    titles: Column = field(default_factory=list)
    places: Sequence[int] = ()
    texts: Column | None = None
    urls: Column | None = None
    dates: Column | list[str | datetime | None] | None = None
    date_details: Column | None = None
    date_fallbacks: Column | None = None
    ids: Column | None = None
    outlets: Column | None = None
    items: int = 0
    feed_title: str | None = None
    feed_link: str | None = None
    feed_date: str | None = None
    date_name: str = "date"
    notes: Notes = field(default_factory=Notes)
    member: str = ""
    damaged: bool = False
    reason: str = ""
    typed: bool = False
