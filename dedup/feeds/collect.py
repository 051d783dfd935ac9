"""Pack documents, as they are read, into one frame of RAW rows and a list of sources.

Documents are packed at once: a million titles as Python strings take four times the memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from dedup.core.text_arrays import replace_surrogates
from dedup.feeds.fields.dates import check_timezone, localize, split_typed
from dedup.frames import RAW, TIME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dedup.feeds.document import Column, Document, Note
    from dedup.feeds.files.discover import Found

TEXT_COLUMNS = {
    "title": "titles", "text": "texts", "url": "urls", "date": "dates", "date_detail": "date_details",
    "date_fallback": "date_fallbacks", "outlet": "outlets", "own_id": "ids",
}  # fmt: skip
"""Columns of RAW and the attributes of documents that fill them."""
PACK = 50_000
"""Rows held as Python strings before they are packed."""
_NULLS = {name: pl.Series(name, [None], dtype=dtype) for name, dtype in RAW.items()}
_FIRST = pl.Series("document", [0], dtype=RAW["document"])


@dataclass(slots=True)
class Source:
    """A document without its columns: where it comes from, and how reading went."""

    file: int
    name: str
    format: str
    unit: str
    items: int
    feed_title: str | None
    feed_link: str | None
    feed_date: str | None
    date_name: str
    damaged: bool
    reason: str
    notes: list[Note]


@dataclass(slots=True)
class Collector:
    """Collects the documents of the listed files."""

    files: Sequence[Found]
    timezone: str
    outlet_timezones: Mapping[str, str] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)
    rows: int = 0
    _waiting: list[tuple[int, Document]] = field(default_factory=list)
    _packed: list[pl.DataFrame] = field(default_factory=list)
    _unpacked: int = 0

    def add(self, file: int, document: Document) -> None:
        """Add a document of a file."""
        found = self.files[file]
        name = f"{found.name}!{document.member}" if document.member else found.name
        if document.reason:
            document.notes.add("", document.reason)
        feed_title, feed_link = (_without_surrogates(text) for text in (document.feed_title, document.feed_link))
        self.sources.append(
            Source(
                file, name, document.format, document.unit, document.items, feed_title, feed_link,
                _without_surrogates(document.feed_date), document.date_name, document.damaged, document.reason,
                document.notes.all(),
            )
        )  # fmt: skip
        number, count = len(self.sources) - 1, len(document.titles)
        self.rows += count
        if isinstance(document.titles, pl.Series):
            self._packed.append(_frame(number, document, self.timezone, keep_local=bool(self.outlet_timezones)))
        elif count:
            self._waiting.append((number, document))
            self._unpacked += count
            if self._unpacked >= PACK:
                self._pack()

    def raw(self) -> pl.DataFrame:
        """Return all rows in the order of the files, in whatever order these were read; callable once."""
        self._pack()
        rows = self._packed[0] if len(self._packed) == 1 else pl.concat([pl.DataFrame(schema=RAW), *self._packed])
        self._packed.clear()
        if len(self.sources) < 2:
            return rows
        files = pl.Series([source.file for source in self.sources], dtype=pl.Int32)
        if files.is_sorted():
            return rows.sort("document", maintain_order=True)
        return rows.sort(files.gather(rows["document"]), maintain_order=True)

    def _is_utc(self) -> bool:
        """Return whether all times without a zone are in UTC."""
        return not self.outlet_timezones and check_timezone(self.timezone) == "UTC"

    def _pack(self) -> None:
        """Convert the waiting documents to a frame."""
        if self._waiting:
            try:
                self._packed.append(_joined(self._waiting, utc=self._is_utc()))
            except UnicodeEncodeError:
                for number, document in self._waiting:
                    self.sources[number].damaged |= _replace_surrogates(document)
                self._packed.append(_joined(self._waiting, utc=self._is_utc()))
        self._waiting.clear()
        self._unpacked = 0


def _frame(number: int, document: Document, timezone: str, *, keep_local: bool) -> pl.DataFrame:
    """Return the rows of a document whose columns are Series; ``keep_local`` leaves times without a zone as texts."""
    height = len(document.titles)
    columns: dict[str, Any] = {name: getattr(document, attribute) for name, attribute in TEXT_COLUMNS.items()}
    columns["place"] = document.places
    dates = document.dates
    if isinstance(dates, pl.Series) and isinstance(dates.dtype, pl.Datetime):
        if keep_local and dates.dtype.time_zone is None:
            columns["date"] = dates.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f")
        else:
            columns["time"], columns["date"] = localize(dates, timezone), None
    series = [
        pl.Series(name, columns[name], dtype=dtype)
        if columns.get(name) is not None
        else pl.repeat(number if name == "document" else None, height, dtype=dtype, eager=True).alias(name)
        for name, dtype in RAW.items()
    ]
    return pl.DataFrame(series)


def _without_surrogates(text: str | None) -> str | None:
    """Replace the lone surrogates of a field of the document itself."""
    return text and replace_surrogates(text)


def _replace_surrogates(document: Document) -> bool:
    """Replace lone surrogates, which JSON escapes and Python strings may hold; return whether there were any."""
    damaged = False
    for attribute in TEXT_COLUMNS.values():
        column: Column | None = getattr(document, attribute)
        if column is not None:
            replaced = [replace_surrogates(value) if isinstance(value, str) else value for value in column]
            damaged |= replaced != column
            setattr(document, attribute, replaced)
    return damaged


def _joined(documents: Sequence[tuple[int, Document]], *, utc: bool) -> pl.DataFrame:
    """Return the rows of documents whose columns are lists."""

    def column(attribute: str) -> list[Any]:
        joined: list[Any] = []
        for _, document in documents:
            values: Column | None = getattr(document, attribute)
            joined.extend(values if values is not None else [None] * len(document.titles))
        return joined

    counts = [len(document.titles) for _, document in documents]
    places = [document.places for _, document in documents]
    height = sum(counts)
    texts: dict[str, list[str | None]] = {
        name: column(attribute)
        for name, attribute in TEXT_COLUMNS.items()
        if any(getattr(document, attribute) is not None for _, document in documents)
    }
    place = places[0] if len(places) == 1 else list(chain.from_iterable(places))
    columns = {"place": pl.Series("place", place, dtype=pl.Int64)}
    if len(documents) > 1 or documents[0][0]:
        numbers = np.array([number for number, _ in documents], np.int32)
        columns["document"] = pl.Series("document", numbers.repeat(counts))
    else:  # the first document, or the only one
        columns["document"] = _FIRST.new_from_index(0, height)
    if any(document.typed for _, document in documents):
        texts["date"], times = split_typed(texts["date"], utc=utc)
        columns["time"] = pl.Series("time", times, dtype=pl.Int64).cast(TIME)
        if texts["date"].count(None) == height:
            del texts["date"]
    columns |= {name: pl.Series(name, values, dtype=pl.String) for name, values in texts.items()}
    return pl.DataFrame([columns[name] if name in columns else _NULLS[name].new_from_index(0, height) for name in RAW])
