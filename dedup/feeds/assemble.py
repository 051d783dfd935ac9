"""Raw rows -> HEADLINES, SKIPPED, FILES and counts, over whole columns: cleaned, dated, named, and each item once."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import polars as pl

from dedup.feeds.absurd import is_absurd
from dedup.feeds.dates import read_dates
from dedup.feeds.document import Note
from dedup.feeds.identity import fold_repeats, name_headlines
from dedup.feeds.outlets import add_outlets
from dedup.feeds.titles import clean
from dedup.feeds.walk import printable
from dedup.frames import FILES, HEADLINES, SKIPPED, check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dedup.feeds.gather import Gathering, Source
    from dedup.feeds.limits import Limits
    from dedup.feeds.walk import Found

UNSAFE = r"(?i)^\s*(javascript|data|vbscript|file):"
"""Schemes that no report may turn into a link."""
CONTROL = r"[\x00-\x1f\x7f]"


def assemble(
    gathering: Gathering, limits: Limits, outlets: Mapping[str, str] | None
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, dict[str, int]]:
    """HEADLINES, SKIPPED, FILES and counts of all that was gathered."""
    sources = gathering.sources
    counts = {"items": sum(source.items for source in sources)}
    rows = _titled(gathering.raw(), sources, limits, counts)
    read = rows.group_by("document").len()
    url = pl.col("url").str.replace_all(CONTROL, "").str.strip_chars()
    rows = rows.with_columns(url=pl.when((url != "") & ~url.str.contains(UNSAFE)).then(url))
    rows = _absolute(rows, sources)
    rows = _dated(rows, gathering.timezone, counts)
    rows = add_outlets(rows, sources, outlets or {})
    rows = rows.with_columns(source=_places(rows, sources), file=_files_of(rows, sources))
    rows = fold_repeats(rows, counts)
    headlines = name_headlines(rows, counts).select(*HEADLINES)
    counts |= {"headlines": headlines.height, "undated": headlines["published"].null_count()}
    skipped, files = _skipped(gathering.files, sources), _files(gathering.files, sources, dict(read.iter_rows()))
    return check(headlines, HEADLINES, "HEADLINES"), skipped, files, counts


def _titled(rows: pl.DataFrame, sources: Sequence[Source], limits: Limits, counts: dict[str, int]) -> pl.DataFrame:
    """Clean the titles; items without one are noted and left out, those with a cut or damaged one are noted."""
    rows = rows.with_columns(clean(rows["title"]))
    title, document = pl.col("title"), pl.col("document")
    damaged = [number for number, source in enumerate(sources) if source.damaged]
    broken = title.str.contains("\ufffd", literal=True) & document.is_in(damaged) if damaged else pl.lit(value=False)
    faults = {
        "untitled": (title == "", "no title"),
        "cut_titles": (
            title.str.len_chars() > limits.title,
            f"the title is longer than {limits.title:,} characters, the limit; the rest of it is cut off",
        ),
        "damaged_titles": (broken, "the title holds bytes that are no text; \ufffd stands for them"),
    }
    for name, (condition, reason) in faults.items():
        found = rows.filter(condition).select("document", "place")
        counts[name] = found.height
        for number, place in found.iter_rows():
            sources[number].notes.append(Note(f"{sources[number].unit} {place}", reason))
    short = title.str.slice(0, limits.title).str.strip_chars_end() if counts["cut_titles"] else title
    return rows.filter(title != "").with_columns(title=short)


def _absolute(rows: pl.DataFrame, sources: Sequence[Source]) -> pl.DataFrame:
    """Complete the addresses that begin at the root of the feed's own site."""
    links = pl.Series([source.feed_link for source in sources], dtype=pl.String)
    site = links.str.extract(r"^(https?://[^/?#\s]+)", 1).gather(rows["document"])
    url = pl.col("url")
    rooted = url.str.starts_with("/") & ~url.str.starts_with("//")
    return rows.with_columns(url=pl.when(rooted).then(pl.concat_str(site.fill_null(""), url)).otherwise(url))


def _dated(rows: pl.DataFrame, timezone: str, counts: dict[str, int]) -> pl.DataFrame:
    read = read_dates(rows["date"], timezone)
    times = rows.select(pl.coalesce("time", read)).to_series()
    absurd = is_absurd(times)
    counts["unreadable_dates"] = rows.select((pl.col("date").is_not_null() & times.is_null()).sum()).item()
    counts["absurd_dates"] = int(absurd.sum())
    return rows.with_columns(published=pl.when(~absurd).then(times)).drop("date", "time")


def _places(rows: pl.DataFrame, sources: Sequence[Source]) -> pl.Series:
    """File and place of each row: ``a.csv:12`` (line 12), ``b.xml#3`` (item 3)."""
    names = pl.Series([f"{source.name}{':' if source.unit == 'line' else '#'}" for source in sources], dtype=pl.String)
    return pl.select(pl.concat_str(names.gather(rows["document"]), rows["place"])).to_series()


def _files_of(rows: pl.DataFrame, sources: Sequence[Source]) -> pl.Series:
    return pl.Series([source.file for source in sources], dtype=pl.Int32).gather(rows["document"])


def _skipped(files: Sequence[Found], sources: Sequence[Source]) -> pl.DataFrame:
    found = [(file.name, "", file.reason) for file in files if file.status]
    noted = [
        (source.name, printable(note.place), printable(note.reason))
        for source in sorted(sources, key=lambda source: source.file)
        for note in source.notes
    ]
    return pl.DataFrame([*found, *noted], schema=SKIPPED, orient="row")


def _files(files: Sequence[Found], sources: Sequence[Source], read: Mapping[int, int]) -> pl.DataFrame:
    grouped: dict[int, list[int]] = defaultdict(list)
    for number, source in enumerate(sources):
        grouped[source.file].append(number)
    rows = []
    for position, file in enumerate(files):
        documents = [sources[number] for number in grouped[position]]
        forms = ", ".join(dict.fromkeys(source.format for source in documents if source.format))
        items = sum(source.items for source in documents)
        headlines = sum(read.get(number, 0) for number in grouped[position])
        rows.append((file.name, forms, file.status or _status(documents), items, headlines))
    return pl.DataFrame(rows, schema=FILES, orient="row")


def _status(documents: Sequence[Source]) -> str:
    if all(source.reason for source in documents):
        return "failed"
    return "warned" if any(source.notes for source in documents) else "read"
