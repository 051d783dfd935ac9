"""Raw rows -> HEADLINES, SKIPPED, FILES and counts, over whole columns: cleaned, dated, named, and each item once."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup.core.hashing import true_at
from dedup.core.titles import clean
from dedup.feeds.document import Note
from dedup.feeds.fields.dates import read_dates
from dedup.feeds.fields.identity import fold_repeats, name_headlines
from dedup.feeds.fields.implausible_dates import is_implausible
from dedup.feeds.fields.outlets import add_outlets
from dedup.feeds.fields.urls import clean_urls
from dedup.feeds.files.discover import printable
from dedup.frames import FILES, HEADLINES, SKIPPED, check, empty

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dedup.feeds.collect import Gathering, Source
    from dedup.feeds.files.discover import Found
    from dedup.feeds.files.limits import Limits


_NONE = empty(SKIPPED)

_WRAPPED = 100
"""How many times longer than allowed a title is looked at: markup and blanks may go, megabytes of them need not be kept
until then."""


def assemble(
    gathering: Gathering, limits: Limits, outlets: Mapping[str, str] | None
) -> tuple[pl.DataFrame, pl.DataFrame, pl.Series, dict[str, int]]:
    """HEADLINES and SKIPPED of all that was gathered, the document of each row that was read, and counts."""
    sources = gathering.sources
    counts = {"items": sum(source.items for source in sources)}
    rows = _titled(gathering.raw(), sources, limits, counts)
    documents = rows["document"]
    rows = _addressed(rows, sources)
    rows = _dated(rows, gathering.timezone, counts)
    rows = add_outlets(rows, sources, outlets or {})
    numbers = pl.Series("file", [source.file for source in sources], dtype=pl.Int32)
    rows = rows.hstack([_places(rows, sources), _of_documents(numbers, rows)])
    rows = fold_repeats(rows, counts)
    headlines = name_headlines(rows, counts)[list(HEADLINES)]
    counts |= {"headlines": headlines.height, "undated": headlines["published"].null_count()}
    skipped = _skipped(gathering.files, sources)
    return check(headlines, HEADLINES, "HEADLINES"), skipped, documents, counts


def _titled(rows: pl.DataFrame, sources: Sequence[Source], limits: Limits, counts: dict[str, int]) -> pl.DataFrame:
    """Clean the titles; items without one are noted and left out, those with a cut or damaged one are noted."""
    title, most = rows["title"], _WRAPPED * limits.title
    untitled = endless = long = broken = None
    if title.estimated_size() > most and (title.str.len_bytes() > most).any():
        endless = title.str.len_chars() > most
        title = title.str.slice(0, most)
    title = clean(title)
    if title.min() == "":  # the least text of all
        untitled = title == ""
    if title.estimated_size() > limits.title:  # one headline, or a few, are shorter together than any may be
        long = title.str.len_chars() > limits.title
    if endless is not None:
        long = endless if long is None else long | endless
    if damaged := [number for number, source in enumerate(sources) if source.damaged]:
        broken = title.str.contains("\ufffd", literal=True) & rows["document"].is_in(damaged)
    faults = {
        "untitled": (untitled, "no title"),
        "cut_titles": (
            long, f"the title is longer than {limits.title:,} characters, the limit; the rest of it is cut off",
        ),
        "damaged_titles": (broken, "the title holds bytes that are no text; \ufffd stands for them"),
    }  # fmt: skip
    for name, (fault, reason) in faults.items():
        counts[name] = 0 if fault is None else int(fault.sum())
        if fault is not None and counts[name]:
            for number, place in rows.filter(fault).select("document", "place").iter_rows():
                sources[number].notes.append(Note(f"{sources[number].unit} {place}", reason))
    if counts["cut_titles"]:
        title = title.str.slice(0, limits.title).str.strip_chars_end()
    rows.replace_column(rows.get_column_index("title"), title)
    return rows if untitled is None else rows.filter(~untitled)


def _addressed(rows: pl.DataFrame, sources: Sequence[Source]) -> pl.DataFrame:
    """Clean the addresses, and complete those that begin at the root of the feed's own site."""
    if rows["url"].null_count() == rows.height:
        return rows
    rows.replace_column(rows.get_column_index("url"), clean_urls(rows["url"]))
    if not any(source.feed_link for source in sources):
        return rows
    links = pl.Series([source.feed_link for source in sources], dtype=pl.String)
    site = links.str.extract(r"^(https?://[^/?#\s]+)", 1).gather(rows["document"])
    rooted = pl.col("url").str.starts_with("/") & ~pl.col("url").str.starts_with("//")
    return rows.with_columns(url=pl.when(rooted).then(pl.concat_str(site.fill_null(""), "url")).otherwise("url"))


def _dated(rows: pl.DataFrame, timezone: str, counts: dict[str, int]) -> pl.DataFrame:
    times = rows["time"]
    if rows["date"].null_count() < rows.height:
        read = read_dates(rows["date"], timezone)
        times = read if times.null_count() == len(times) else times.zip_with(times.is_not_null(), read)
    counts["unreadable_dates"] = 0
    if times.null_count():
        counts["unreadable_dates"] = int((rows["date"].is_not_null() & times.is_null()).sum())
    absurd = true_at(is_implausible(times))
    counts["absurd_dates"] = len(absurd)
    if len(absurd):
        times = times.scatter(absurd, None)
    rows.drop_in_place("date")
    return rows.replace_column(rows.get_column_index("time"), times.alias("published"))


def _places(rows: pl.DataFrame, sources: Sequence[Source]) -> pl.Series:
    """File and place of each row: ``a.csv:12`` (line 12), ``b.xml#3`` (item 3)."""
    names = [f"{source.name}{':' if source.unit == 'line' else '#'}" for source in sources]
    files = _of_documents(pl.Series("source", names, dtype=pl.String), rows)
    return files + rows["place"].cast(pl.String)


def _of_documents(values: pl.Series, rows: pl.DataFrame) -> pl.Series:
    """What is said of documents, spread to their rows."""
    return values.new_from_index(0, rows.height) if len(values) == 1 else values.gather(rows["document"])


def _skipped(files: Sequence[Found], sources: Sequence[Source]) -> pl.DataFrame:
    found = [(file.name, "", file.reason) for file in files if file.status]
    noted = [
        (source.name, printable(note.place), printable(note.reason))
        for source in sorted(sources, key=lambda source: source.file)
        for note in source.notes
    ]
    return pl.DataFrame([*found, *noted], schema=SKIPPED, orient="row") if found or noted else _NONE.clone()


def files_of(gathering: Gathering, documents: pl.Series) -> pl.DataFrame:
    """FILES of all that was gathered, given the document of each row that was read."""
    files, sources = gathering.files, gathering.sources
    read = np.bincount(documents.to_numpy(), minlength=len(sources)).tolist()
    grouped: dict[int, list[int]] = defaultdict(list)
    for number, source in enumerate(sources):
        grouped[source.file].append(number)
    rows = []
    for position, file in enumerate(files):
        theirs = [sources[number] for number in grouped[position]]
        forms = ", ".join(dict.fromkeys(source.format for source in theirs if source.format))
        items = sum(source.items for source in theirs)
        headlines = sum(read[number] for number in grouped[position])
        rows.append((file.name, forms, file.status or _status(theirs), items, headlines))
    return pl.DataFrame(rows, schema=FILES, orient="row")


def _status(documents: Sequence[Source]) -> str:
    if all(source.reason for source in documents):
        return "failed"
    return "warned" if any(source.notes for source in documents) else "read"
