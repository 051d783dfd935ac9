"""Documents -> HEADLINES: cleaned, dated, named, and each item counted once.

All of it works on whole columns. Documents arrive one by one and are packed into frames at once: a million titles as
Python strings take four times the memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from dedup.feeds.dates import is_absurd, localize, read_dates
from dedup.feeds.document import Note
from dedup.feeds.identity import fold_repeats, name_headlines
from dedup.feeds.outlets import Origin, file_outlet, hosts, mapped, name_outlets
from dedup.feeds.titles import clean
from dedup.feeds.walk import printable
from dedup.frames import FILES, HEADLINES, SKIPPED, TIME, check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dedup.feeds.document import Column, Document
    from dedup.feeds.limits import Limits
    from dedup.feeds.walk import Found

RAW = {
    "document": pl.Int32, "place": pl.Int64, "title": pl.String, "url": pl.String, "date": pl.String, "time": TIME,
    "outlet": pl.String, "own_id": pl.String,
}  # fmt: skip
PACK = 50_000
"""Rows held as Python strings before they are packed."""
UNSAFE = r"(?i)^\s*(javascript|data|vbscript|file):"
"""Schemes that no report may turn into a link."""
CONTROL = r"[\x00-\x1f\x7f]"


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
class Assembly:
    """Collects documents, then makes the frames."""

    files: Sequence[Found]
    limits: Limits
    timezone: str
    outlets: Mapping[str, str] | None
    sources: list[Source] = field(default_factory=list)
    waiting: list[tuple[int, Document]] = field(default_factory=list)
    packed: list[pl.DataFrame] = field(default_factory=list)
    rows: int = 0
    unpacked: int = 0

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
        count = len(document.titles)
        if count:
            self.waiting.append((len(self.sources) - 1, document))
            self.rows += count
            self.unpacked += count
            if self.unpacked >= PACK:
                self.pack()

    def pack(self) -> None:
        """Turn the documents waiting into a frame."""
        if self.waiting:
            frames = [self._frame(number, document) for number, document in self.waiting if _is_frame(document)]
            plain = [(number, document) for number, document in self.waiting if not _is_frame(document)]
            self.packed += [*frames, *([_joined(plain)] if plain else [])]
        self.waiting.clear()
        self.unpacked = 0

    def _frame(self, number: int, document: Document) -> pl.DataFrame:
        dates = document.dates
        timed = isinstance(dates, pl.Series) and isinstance(dates.dtype, pl.Datetime)
        columns = {
            "place": pl.Series(document.places, dtype=pl.Int64),
            "title": document.titles, "url": document.urls, "outlet": document.outlets, "own_id": document.ids,
            "date": None if timed else dates,
            "time": localize(dates, self.timezone) if timed and isinstance(dates, pl.Series) else None,
        }  # fmt: skip
        height = len(document.titles)
        series = [
            pl.Series(name, column, dtype=RAW[name]) if column is not None else pl.repeat(None, height, dtype=RAW[name], eager=True).alias(name)
            for name, column in columns.items()
        ]
        return pl.DataFrame(series).select(pl.lit(number, pl.Int32).alias("document"), *list(RAW)[1:])

    def finish(self) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, dict[str, int]]:
        """HEADLINES, SKIPPED, FILES and counts."""
        self.pack()
        raw = pl.concat(self.packed) if self.packed else pl.DataFrame(schema=RAW)
        self.packed.clear()
        counts: dict[str, int] = {}
        order = self._order()
        rows = raw.join(order, on="document", how="left", maintain_order="left").sort("order", maintain_order=True)
        rows = rows.drop("order", "document_right", strict=False)
        rows = rows.with_columns(clean(rows["title"]))
        self._note_titles(rows, counts)
        rows = rows.filter(pl.col("title") != "").with_columns(pl.col("title").str.slice(0, self.limits.title).str.strip_chars_end())
        counts["items"] = sum(source.items for source in self.sources)
        per_file = rows.select(pl.col("document").replace_strict(dict(enumerate(s.file for s in self.sources)), return_dtype=pl.Int32).alias("file")).group_by("file").len()
        rows = self._addressed(self._dated(rows, counts))
        rows = fold_repeats(rows, counts)
        headlines = name_headlines(rows, counts).select(*HEADLINES)
        counts["headlines"] = headlines.height
        counts["undated"] = headlines["published"].null_count()
        return check(headlines, HEADLINES, "HEADLINES"), self._skipped(), self._files(per_file), counts

    def _order(self) -> pl.DataFrame:
        """Documents in the order of their files, whatever order they were read in."""
        return pl.DataFrame(
            {"document": range(len(self.sources)), "order": [source.file for source in self.sources]},
            schema={"document": pl.Int32, "order": pl.Int32},
        )

    def _note_titles(self, rows: pl.DataFrame, counts: dict[str, int]) -> None:
        """Note the items without a title, with damaged bytes in it, and those whose title is cut."""
        title = pl.col("title")
        length = title.str.len_chars()
        damaged = pl.Series([number for number, source in enumerate(self.sources) if source.damaged], dtype=pl.Int32)
        faults = {
            "untitled": (title == "", "no title"),
            "cut_titles": (length > self.limits.title, f"the title is longer than {self.limits.title:,} characters, the limit; the rest is cut off"),
            "damaged_titles": (title.str.contains("\ufffd") & pl.col("document").is_in(damaged.implode()), "the title holds bytes that are no text; \ufffd stands for them"),
        }
        for name, (condition, reason) in faults.items():
            found = rows.filter(condition).select("document", "place")
            counts[name] = found.height
            for number, place in found.iter_rows():
                source = self.sources[number]
                source.notes.append(Note(f"{source.unit} {place}", reason))

    def _dated(self, rows: pl.DataFrame, counts: dict[str, int]) -> pl.DataFrame:
        times = rows.select(pl.coalesce("time", read_dates(rows["date"], self.timezone))).to_series().alias("published")
        counts["unreadable_dates"] = rows.select((times.is_null() & pl.col("date").is_not_null()).sum()).item()
        absurd = is_absurd(times)
        counts["absurd_dates"] = int(absurd.sum())
        return rows.with_columns(published=pl.when(absurd).then(None).otherwise(times)).drop("date", "time")

    def _addressed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Columns url, outlet and source."""
        url = pl.col("url").str.replace_all(CONTROL, "").str.strip_chars()
        rows = rows.with_columns(url=pl.when((url == "") | url.str.contains(UNSAFE)).then(None).otherwise(url))
        names = name_outlets([Origin(s.feed_title, s.feed_link, s.name) for s in self.sources])
        documents = pl.DataFrame(
            {
                "document": range(len(self.sources)),
                "feed": names,
                "feed_title": clean(pl.Series([s.feed_title for s in self.sources], dtype=pl.String)),
                "site": hosts(pl.Series([s.feed_link for s in self.sources], dtype=pl.String)),
                "last": [file_outlet(s.name) for s in self.sources],
                "name": [s.name for s in self.sources],
                "unit": [":" if s.unit == "line" else "#" for s in self.sources],
            },
            schema_overrides={"document": pl.Int32, "feed": pl.String},
        )
        rows = rows.join(documents, on="document", how="left", maintain_order="left")
        own = clean(rows["outlet"])
        rows = rows.with_columns(outlet=pl.when(own == "").then(None).otherwise(own), host=hosts(rows["url"]))
        given = [mapped(rows[name], self.outlets or {}) for name in ("outlet", "feed_title", "feed", "site", "host")] if self.outlets else []
        return rows.with_columns(
            outlet=pl.coalesce(*given, "outlet", "feed", "host", "site", "last"),
            source=pl.concat_str("name", "unit", "place"),
        )

    def _skipped(self) -> pl.DataFrame:
        found = [(file.name, "", file.reason) for file in self.files if file.status]
        noted = [
            (source.name, printable(note.place), printable(note.reason))
            for source in sorted(self.sources, key=lambda source: source.file)
            for note in source.notes
        ]
        return pl.DataFrame([*found, *noted], schema=SKIPPED, orient="row")

    def _files(self, per_file: pl.DataFrame) -> pl.DataFrame:
        headlines = dict(per_file.iter_rows())
        rows = []
        for position, file in enumerate(self.files):
            sources = [source for source in self.by_file.get(position, [])]
            rows.append((file.name, _format(sources), _status(file, sources), sum(s.items for s in sources), headlines.get(position, 0)))
        return pl.DataFrame(rows, schema=FILES, orient="row")

    @property
    def by_file(self) -> dict[int, list[Source]]:
        grouped: dict[int, list[Source]] = {}
        for source in self.sources:
            grouped.setdefault(source.file, []).append(source)
        return grouped


def _is_frame(document: Document) -> bool:
    return isinstance(document.titles, pl.Series)


def _joined(documents: Sequence[tuple[int, Document]]) -> pl.DataFrame:
    """One frame from the lists of many documents."""

    def column(name: str) -> list[str | None]:
        joined: list[str | None] = []
        for _, document in documents:
            values: Column | None = getattr(document, name)
            joined.extend(values if values is not None else [None] * len(document.titles))
        return joined

    counts = [len(document.titles) for _, document in documents]
    numbers = pl.Series([number for number, _ in documents], dtype=pl.Int32)
    return pl.DataFrame(
        {
            "document": numbers.repeat_by(pl.Series(counts)).explode(),
            "place": [place for _, document in documents for place in document.places],
            "title": column("titles"), "url": column("urls"), "date": column("dates"), "time": None,
            "outlet": column("outlets"), "own_id": column("ids"),
        },
        schema=RAW,
    )  # fmt: skip


def _format(sources: Sequence[Source]) -> str:
    return ", ".join(dict.fromkeys(source.format for source in sources if source.format))


def _status(file: Found, sources: Sequence[Source]) -> str:
    if file.status:
        return file.status
    if all(source.reason for source in sources):
        return "failed"
    return "warned" if any(source.notes for source in sources) else "read"
