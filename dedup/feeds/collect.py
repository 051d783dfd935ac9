"""Documents, one by one as they are read -> one frame of raw rows, and a list of where they come from.

Documents are packed into frames at once: a million titles as Python strings take four times the memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from dedup.core.text_arrays import replace_surrogates
from dedup.feeds.fields.dates import check_timezone, localize
from dedup.feeds.fields.iso_dates import told_apart
from dedup.frames import TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedup.feeds.document import Column, Document, Note
    from dedup.feeds.files.discover import Found

RAW: dict[str, pl.DataType] = {
    "document": pl.Int32(), "place": pl.Int64(), "title": pl.String(), "url": pl.String(), "date": pl.String(),
    "time": TIME, "outlet": pl.String(), "own_id": pl.String(),
}  # fmt: skip
"""``date`` is as spelled, ``time`` a time that came typed; one of them at most is given."""
_NONE = {name: pl.Series(name, [None], dtype=dtype) for name, dtype in RAW.items()}
_FIRST = pl.Series("document", [0], dtype=RAW["document"])
PACK = 50_000
"""Rows held as Python strings before they are packed."""


@dataclass(slots=True)
class Source:
    """A document's origin and fate, without its columns."""

    file: int
    name: str
    format: str
    unit: str
    items: int
    feed_title: str | None
    feed_link: str | None
    damaged: bool
    reason: str
    notes: list[Note]


@dataclass(slots=True)
class Gathering:
    """Collects the documents of the files found."""

    files: Sequence[Found]
    timezone: str
    sources: list[Source] = field(default_factory=list)
    rows: int = 0
    _waiting: list[tuple[int, Document]] = field(default_factory=list)
    _packed: list[pl.DataFrame] = field(default_factory=list)
    _unpacked: int = 0

    def add(self, file: int, document: Document) -> None:
        """Take a document of a file."""
        found = self.files[file]
        name = f"{found.name}!{document.member}" if document.member else found.name
        if document.reason:
            document.notes.add("", document.reason)
        self.sources.append(
            Source(
                file, name, document.format, document.unit, document.items, document.feed_title, document.feed_link,
                document.damaged, document.reason, document.notes.all(),
            )
        )  # fmt: skip
        number, count = len(self.sources) - 1, len(document.titles)
        self.rows += count
        if isinstance(document.titles, pl.Series):
            self._packed.append(_frame(number, document, self.timezone))
        elif count:
            self._waiting.append((number, document))
            self._unpacked += count
            if self._unpacked >= PACK:
                self._pack()

    def raw(self) -> pl.DataFrame:
        """All rows, in the order of their files whatever order these were read in; handed over once."""
        self._pack()
        rows = self._packed[0] if len(self._packed) == 1 else pl.concat([pl.DataFrame(schema=RAW), *self._packed])
        self._packed.clear()
        if len(self.sources) < 2:
            return rows
        files = pl.Series([source.file for source in self.sources], dtype=pl.Int32)
        if files.is_sorted():
            return rows.sort("document", maintain_order=True)
        return rows.sort(files.gather(rows["document"]), maintain_order=True)

    def _pack(self) -> None:
        if self._waiting:
            try:
                self._packed.append(_joined(self._waiting, self.timezone))
            except UnicodeEncodeError:
                for number, document in self._waiting:
                    self.sources[number].damaged |= _mend(document)
                self._packed.append(_joined(self._waiting, self.timezone))
        self._waiting.clear()
        self._unpacked = 0


def _frame(number: int, document: Document, timezone: str) -> pl.DataFrame:
    """The frame of a document that came as one."""
    dates = document.dates
    typed: pl.Series | None = None
    if isinstance(dates, pl.Series) and isinstance(dates.dtype, pl.Datetime):
        typed = localize(dates, timezone)
        dates = None
    columns = {
        "document": [number], "place": document.places, "title": document.titles, "url": document.urls, "date": dates,
        "time": typed, "outlet": document.outlets, "own_id": document.ids,
    }  # fmt: skip
    height = len(document.titles)
    series = [
        pl.Series(name, columns[name], dtype=dtype)
        if columns[name] is not None and name != "document"
        else pl.repeat(number if name == "document" else None, height, dtype=dtype, eager=True).alias(name)
        for name, dtype in RAW.items()
    ]
    return pl.DataFrame(series)


def _mend(document: Document) -> bool:
    """Replace lone surrogates, which JSON escapes and Python strings may hold, and tell whether there were any."""
    damaged = False
    for name in ("titles", "urls", "dates", "outlets", "ids"):
        column: Column | None = getattr(document, name)
        if column is not None:
            whole = [replace_surrogates(value) if isinstance(value, str) else value for value in column]
            damaged |= whole != column
            setattr(document, name, whole)
    return damaged


def _joined(documents: Sequence[tuple[int, Document]], timezone: str) -> pl.DataFrame:
    """One frame from the lists of many documents."""

    def column(name: str) -> list[Any]:
        joined: list[Any] = []
        for _, document in documents:
            values: Column | None = getattr(document, name)
            joined.extend(values if values is not None else [None] * len(document.titles))
        return joined

    counts = [len(document.titles) for _, document in documents]
    places = [document.places for _, document in documents]
    height = sum(counts)
    attributes = {"title": "titles", "url": "urls", "date": "dates", "outlet": "outlets", "own_id": "ids"}
    texts: dict[str, list[str | None]] = {
        name: column(attribute)
        for name, attribute in attributes.items()
        if any(getattr(document, attribute) is not None for _, document in documents)
    }
    place = places[0] if len(places) == 1 else list(chain.from_iterable(places))
    columns = {"place": pl.Series("place", place, dtype=pl.Int64)}
    if len(documents) > 1 or documents[0][0]:
        numbers = np.array([number for number, _ in documents], np.int32)
        columns["document"] = pl.Series("document", numbers.repeat(counts))
    else:  # the first, or the only one, as all that comes one by one
        columns["document"] = _FIRST.new_from_index(0, height)
    if any(document.typed for _, document in documents):
        texts["date"], times = told_apart(texts["date"], utc=check_timezone(timezone) == "UTC")
        columns["time"] = pl.Series("time", times, dtype=pl.Int64).cast(TIME)
        if texts["date"].count(None) == height:
            del texts["date"]
    columns |= {name: pl.Series(name, values, dtype=pl.String) for name, values in texts.items()}
    return pl.DataFrame([columns[name] if name in columns else _NONE[name].new_from_index(0, height) for name in RAW])
