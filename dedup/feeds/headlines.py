"""Build HEADLINES, SKIPPED, REMARKS, FILES and counts from the collected rows, over whole columns."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial, reduce
from operator import or_
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup.core.hashing import true_at
from dedup.core.mojibake import LOST
from dedup.core.placeholders import find_placeholders
from dedup.core.titles import clean_and_repair, clean_ids
from dedup.feeds.document import MAX_NOTES, Note
from dedup.feeds.fields.date_patterns import read_by_patterns
from dedup.feeds.fields.dates import DateColumn, read_date_columns, read_dates
from dedup.feeds.fields.hijri_dates import HAS_YEAR
from dedup.feeds.fields.identity import fold_repeats, mark_shared_links, name_headlines
from dedup.feeds.fields.implausible_dates import OLDEST, is_implausible, is_possible, microseconds
from dedup.feeds.fields.outlets import add_outlets, mapped
from dedup.feeds.fields.stand_ins import first_sentence
from dedup.feeds.fields.urls import clean_urls
from dedup.feeds.fields.zones import check_timezone
from dedup.feeds.files.discover import printable
from dedup.frames import FILES, HEADLINES, REMARKS, SKIPPED, check, empty

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from dedup.feeds.collect import Collector, Source
    from dedup.feeds.fields.date_patterns import DateRemark
    from dedup.feeds.files.discover import Found
    from dedup.feeds.files.limits import Limits

_OLDEST = microseconds(OLDEST)
_NONE_SKIPPED, _NO_REMARKS = empty(SKIPPED), empty(REMARKS)

FEW = 64
"""Texts up to which Python is faster than an expression of Polars."""
MARKUP_FACTOR = 100
"""A title is cut at this multiple of its limit before markup and blanks are stripped."""
TEXT_MARK = "~text"
"""End of ``source`` where the first sentence of the text stands in for a missing title."""


@dataclass(slots=True)
class Assembled:
    """The frames and counts of a read, and the document of each row before repeats were removed."""

    headlines: pl.DataFrame
    skipped: pl.DataFrame
    remarks: pl.DataFrame
    documents: pl.Series
    counts: dict[str, int] = field(default_factory=dict)


def assemble(collector: Collector, limits: Limits, outlets: Mapping[str, str] | None) -> Assembled:
    """Clean, date and name the collected rows, and keep each item once."""
    sources = collector.sources
    rows, counts = clean_rows(collector, limits, outlets)
    documents = rows["document"]
    rows = drop_implausible(rows, is_implausible(rows["published"]), sources, counts)
    rows = fold_repeats(mark_shared_links(rows), counts)
    headlines = name_headlines(rows, counts)[list(HEADLINES)]
    counts |= {"headlines": headlines.height, "undated": headlines["published"].null_count()}
    skipped, remarks = skipped_inputs(collector.files, sources), remarks_on(sources)
    return Assembled(check(headlines, HEADLINES, "HEADLINES"), skipped, remarks, documents, counts)


def clean_rows(
    collector: Collector, limits: Limits, outlets: Mapping[str, str] | None
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Clean and date the collected rows: every step that looks at no other file.

    Returns:
        ``document``, ``place``, ``title``, ``url``, ``outlet``, ``own_id``, ``published`` (which may be implausible),
        ``source`` and ``file`` of every row that has a title, and the counts of what was cleaned.
    """
    sources = collector.sources
    counts = {"items": sum(source.items for source in sources)}
    rows = _with_stand_ins(collector.raw(), counts)
    rows = _clean_titles(rows, sources, limits, counts)
    rows.replace_column(rows.get_column_index("own_id"), clean_ids(rows["own_id"]))
    rows = _clean_urls(rows, sources)
    rows = add_outlets(rows, sources, outlets or {})
    rows = _date(rows, collector, counts)
    numbers = pl.Series("file", [source.file for source in sources], dtype=pl.Int32)
    return rows.hstack([_locations(rows, sources), _broadcast(numbers, rows)]), counts


def _with_stand_ins(rows: pl.DataFrame, counts: dict[str, int]) -> pl.DataFrame:
    """Let the first sentence of the text stand in for missing titles, and mark these rows."""
    counts["titles_from_text"] = 0
    texts = rows.drop_in_place("text")
    if texts.null_count() == len(texts):
        return rows
    titles = rows["title"]
    wanted = true_at((texts.is_not_null() & (titles.fill_null("").str.strip_chars() == "")).to_numpy())
    found = [first_sentence(text) for text in texts.gather(wanted).to_list()]
    counts["titles_from_text"] = sum(map(bool, found))
    titles = titles.scatter(wanted, pl.Series(found, dtype=pl.String))
    stands_in = np.zeros(len(titles), bool)
    stands_in[wanted] = [bool(text) for text in found]
    return rows.with_columns(titles.alias("title"), stands_in=pl.Series(stands_in))


def _clean_titles(
    rows: pl.DataFrame, sources: Sequence[Source], limits: Limits, counts: dict[str, int]
) -> pl.DataFrame:
    """Clean the titles; drop items without one with a note, and note cut, damaged and repaired titles."""
    title, most = rows["title"], MARKUP_FACTOR * limits.title
    untitled = endless = long = broken = None
    if title.estimated_size() > most and (title.str.len_bytes() > most).any():
        endless = title.str.len_chars() > most
        title = title.str.slice(0, most)
    nul = _containing(title, "\0")
    title, repaired = clean_and_repair(title)
    if title.min() == "":  # the smallest text
        untitled = title == ""
    if title.estimated_size() > limits.title:  # together shorter than the limit for one: none is longer
        long = title.str.len_chars() > limits.title
    long = endless if long is None else long if endless is None else long | endless
    if damaged := [number for number, source in enumerate(sources) if source.damaged]:
        broken = title.str.contains("\ufffd", literal=True) & rows["document"].is_in(damaged)
    faults = {
        "untitled": (untitled, "no title"),
        "cut_titles": (
            long, f"the title is longer than {limits.title:,} characters, the limit; the rest of it is cut off",
        ),
        "nul_titles": (nul, "the title holds NUL characters; they were removed"),
        "damaged_titles": (broken, "the title holds bytes that are not text; they were replaced by \ufffd"),
    }  # fmt: skip
    for name, (fault, reason) in faults.items():
        counts[name] = 0 if fault is None else int(fault.sum())
        if fault is not None and counts[name]:
            _note_rows(rows.filter(fault), sources, reason)
    if counts["cut_titles"]:
        title = title.str.slice(0, limits.title).str.strip_chars_end()
    counts["repaired_titles"] = len(repaired)
    if len(repaired):
        _remark_repaired(rows["document"].gather(repaired), sources)
    rows.replace_column(rows.get_column_index("title"), title)
    rows = rows if untitled is None else rows.filter(~untitled)
    _note_placeholders(rows, sources, counts)
    return rows


def _containing(texts: pl.Series, part: str) -> pl.Series | None:
    """Return which texts contain a part, None if none does; Python checks up to ``FEW`` texts faster than Polars."""
    if len(texts) <= FEW and not any(part in text for text in texts.to_list() if text):
        return None
    found = texts.str.contains(part, literal=True)
    return found if found.any() else None


def _note_rows(rows: pl.DataFrame, sources: Sequence[Source], reason: str) -> None:
    """Add one note for each row, as many as a document may have of one kind."""
    grouped = rows.group_by("document", maintain_order=True).agg("place")
    for document, places in grouped.iter_rows():
        source = sources[document]
        source.notes.extend(Note(f"{source.unit} {place}", reason) for place in places[:MAX_NOTES])
        if len(places) > MAX_NOTES:
            rest = f"{len(places) - MAX_NOTES} more of: {reason}"
            source.notes.append(Note(f"… {source.unit} {places[-1]}", rest))


def _remark_repaired(documents: pl.Series, sources: Sequence[Source]) -> None:
    """Add a remark to each document with repaired titles."""
    for number, count in documents.value_counts(name="count").iter_rows():
        reason = f"{count:,} titles were UTF-8 read in another encoding (such as «Ù…ØµØ±») and were repaired"
        sources[number].notes.append(Note("", reason, lost=False))


def _note_placeholders(rows: pl.DataFrame, sources: Sequence[Source], counts: dict[str, int]) -> None:
    """Note titles that lost their letters, and remark on those of error pages and placeholders."""
    titles, counts["lost_titles"], counts["placeholder_titles"] = rows["title"], 0, 0
    if _containing(titles, "??") is not None:
        lost = titles.str.contains(LOST)
        counts["lost_titles"] = int(lost.sum())
        reason = "the title was saved in an encoding without Arabic: question marks replace its letters"
        _note_rows(rows.filter(lost), sources, reason)
    placeholders = find_placeholders(titles)
    if not len(placeholders):
        return
    counts["placeholder_titles"] = len(placeholders)
    grouped = rows[placeholders].group_by("document", maintain_order=True).agg(pl.col("title"))
    for document, found in grouped.iter_rows():
        examples = ", ".join(repr(printable(title)) for title in list(dict.fromkeys(found))[:4])
        reason = f"{len(found):,} titles are of error pages or placeholders, such as {examples}; they are not matched"
        sources[document].notes.append(Note("", reason, lost=False))


def _clean_urls(rows: pl.DataFrame, sources: Sequence[Source]) -> pl.DataFrame:
    """Clean the URLs, and complete those that begin at the root of the feed's own site."""
    if rows["url"].null_count() == rows.height:
        return rows
    rows.replace_column(rows.get_column_index("url"), clean_urls(rows["url"]))
    if not any(source.feed_link for source in sources):
        return rows
    links = pl.Series([source.feed_link for source in sources], dtype=pl.String)
    site = links.str.extract(r"^(https?://[^/?#\s]+)", 1).gather(rows["document"])
    rooted = pl.col("url").str.starts_with("/") & ~pl.col("url").str.starts_with("//")
    return rows.with_columns(url=pl.when(rooted).then(pl.concat_str(site.fill_null(""), "url")).otherwise("url"))


def _date(rows: pl.DataFrame, collector: Collector, counts: dict[str, int]) -> pl.DataFrame:
    """Replace the columns of dates by ``published``; note dates that cannot be read, by document."""
    sources, documents = collector.sources, rows["document"]
    typed, texts = rows["time"], rows.drop_in_place("date")
    details: pl.Series | None = rows.drop_in_place("date_detail")
    details = None if details is None or details.null_count() == len(details) else details
    fallbacks = rows.drop_in_place("date_fallback")
    times, zones = typed, _zones(rows["outlet"], collector.outlet_timezones)
    if texts.null_count() < rows.height:
        references = _References(collector)
        column = DateColumn(texts, documents, details)
        read, remarks = read_date_columns(column, collector.timezone, references)
        _remark_dates(remarks, sources)
        read = _in_own_zones(read, zones, lambda zone: read_date_columns(column, zone, references)[0])
        times = read if typed.null_count() == len(typed) else typed.zip_with(typed.is_not_null(), read)
    for others in (details, fallbacks):
        if others is not None and others.null_count() < rows.height:
            fall_back = partial(_fall_back, times, others, documents)
            times = _in_own_zones(fall_back(collector.timezone), zones, fall_back)
    if texts.null_count() < rows.height and (times.null_count() or times.cast(pl.Int64).min() < _OLDEST):  # type: ignore[operator]
        times = _read_hijri_figures(times, texts, documents, zones, collector)
    counts["unreadable_dates"] = 0
    if times.null_count():
        given = [column.is_not_null() for column in (typed, texts, details, fallbacks) if column is not None]
        unread = true_at((reduce(or_, given) & times.is_null()).to_numpy())
        counts["unreadable_dates"] = len(unread)
        _note_dates(rows[unread], texts.gather(unread), sources, "cannot be read as dates")
    return rows.replace_column(rows.get_column_index("time"), times.alias("published"))


def _read_hijri_figures(
    times: pl.Series,
    texts: pl.Series,
    documents: pl.Series,
    zones: list[tuple[str, pl.Series]],
    collector: Collector,
) -> pl.Series:
    """Read dates such as 15/9/1447 as Hijri where that year is no Gregorian one and no other column has the time."""
    rows = true_at(~is_possible(times) & texts.str.contains(HAS_YEAR).fill_null(value=False).to_numpy())
    if not len(rows):
        return times
    texts, of_rows = texts.gather(rows), documents.gather(rows)
    read, remarks = read_by_patterns(texts, check_timezone(collector.timezone), of_rows, hijri_figures=True)
    zones = [(zone, of_zone.gather(rows)) for zone, of_zone in zones]
    read = _in_own_zones(read, zones, lambda zone: read_by_patterns(texts, check_timezone(zone), hijri_figures=True)[0])
    usable = pl.Series(is_possible(read))
    used = set(of_rows.filter(usable))
    _remark_dates((remark for remark in remarks if remark.document in used), collector.sources)
    return times.scatter(rows[usable.to_numpy()], read.filter(usable))


def drop_implausible(
    rows: pl.DataFrame, implausible: NDArray[np.bool_], sources: Sequence[Source], counts: dict[str, int]
) -> pl.DataFrame:
    """Remove the times that are implausible, with a note for each document."""
    dropped, times = true_at(implausible), rows["published"]
    counts["absurd_dates"] = len(dropped)
    if not len(dropped):
        return rows
    shown = times.gather(dropped).dt.strftime("%Y-%m-%d %H:%M")
    _note_dates(rows[dropped], shown, sources, "are before 1990 or ahead of the newest plausible date")
    return rows.with_columns(times.scatter(dropped, None))


def _zones(outlets: pl.Series, timezones: Mapping[str, str]) -> list[tuple[str, pl.Series]]:
    """Return each zone of ``timezones`` (by outlet) and whether the rows are of an outlet with this zone."""
    if not timezones:
        return []
    own = mapped(outlets, timezones)
    return [(zone, (own == zone).fill_null(value=False)) for zone in own.drop_nulls().unique(maintain_order=True)]


def _in_own_zones(times: pl.Series, zones: list[tuple[str, pl.Series]], read: Callable[[str], pl.Series]) -> pl.Series:
    """Return the times, those of outlets with a zone of their own as ``read`` reads the column in that zone."""
    for zone, of_zone in zones:
        times = times.zip_with(~of_zone, read(zone))
    return times


def _remark_dates(remarks: Iterable[DateRemark], sources: Sequence[Source]) -> None:
    """Add remarks on dates to their documents."""
    for document, reason in remarks:
        source = sources[document]
        source.notes.append(Note("", f"column {source.date_name!r}: {reason}", lost=False))


class _References:
    """The times at which documents were written, looked up when a relative date is read."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self.times: dict[int, datetime | None] = {}

    def __call__(self, document: int) -> datetime | None:
        """Return the time of a document: the one in it, else that of the file's last change; None if unknown."""
        if document not in self.times:
            source = self.collector.sources[document]
            own = read_dates(pl.Series([source.feed_date], dtype=pl.String), self.collector.timezone).item()
            changed = self.collector.files[source.file].changed
            self.times[document] = own or (datetime.fromtimestamp(changed, UTC) if changed else None)
        return self.times[document]


def _fall_back(times: pl.Series, fallbacks: pl.Series, documents: pl.Series, timezone: str) -> pl.Series:
    """Use the second date where the first is missing or implausible."""
    wanted = true_at(~is_possible(times) & fallbacks.is_not_null().to_numpy())
    if not len(wanted):
        return times
    column = DateColumn(fallbacks.gather(wanted), documents.gather(wanted))
    read, _ = read_date_columns(column, timezone)
    usable = is_possible(read)
    return times.scatter(wanted[usable], read.filter(pl.Series(usable)))


def _note_dates(rows: pl.DataFrame, values: pl.Series, sources: Sequence[Source], fault: str) -> None:
    """Add one note for each document: how many dates have the fault, with an example."""
    if rows.is_empty():
        return
    table = rows.select("document", "place").with_columns(value=values)
    grouped = table.group_by("document", maintain_order=True).agg(
        pl.len(), pl.col("place").first(), pl.col("value").drop_nulls().first()
    )
    for document, count, place, value in grouped.iter_rows():
        source = sources[document]
        example = f", such as {printable(value[:60])!r}" if value else ""
        reason = f"column {source.date_name!r}: {count:,} values {fault}{example}; these headlines have no time"
        source.notes.append(Note(f"{source.unit} {place}", reason))


def _locations(rows: pl.DataFrame, sources: Sequence[Source]) -> pl.Series:
    """Return the file and place of each row: ``a.csv:12`` (line 12), ``b.xml#3`` (item 3)."""
    names = [f"{source.name}{':' if source.unit == 'line' else '#'}" for source in sources]
    files = _broadcast(pl.Series("source", names, dtype=pl.String), rows)
    locations = files + rows["place"].cast(pl.String)
    if "stands_in" not in rows.columns:
        return locations
    return locations.zip_with(~rows["stands_in"], locations + TEXT_MARK)


def _broadcast(values: pl.Series, rows: pl.DataFrame) -> pl.Series:
    """Return the value of each row's document."""
    return values.new_from_index(0, rows.height) if len(values) == 1 else values.gather(rows["document"])


def skipped_inputs(files: Sequence[Found], sources: Sequence[Source]) -> pl.DataFrame:
    """Return SKIPPED: files that were not read, and notes on what was lost of the others."""
    unread = [(file.name, "", file.reason) for file in files if file.status]
    noted = [
        (source.name, printable(note.place), printable(note.reason))
        for source in sorted(sources, key=lambda source: source.file)
        for note in source.notes
        if note.lost
    ]
    return pl.DataFrame([*unread, *noted], schema=SKIPPED, orient="row") if unread or noted else _NONE_SKIPPED.clone()


def remarks_on(sources: Sequence[Source]) -> pl.DataFrame:
    """Return REMARKS: how files were read, where nothing was lost."""
    noted = [
        (source.name, printable(note.reason))
        for source in sorted(sources, key=lambda source: source.file)
        for note in source.notes
        if not note.lost
    ]
    return pl.DataFrame(noted, schema=REMARKS, orient="row") if noted else _NO_REMARKS.clone()


def files_of(collector: Collector, documents: pl.Series) -> pl.DataFrame:
    """Return FILES of everything collected, given the document of each row that was read."""
    files, sources = collector.files, collector.sources
    read = np.bincount(documents.to_numpy(), minlength=len(sources)).tolist()
    grouped: dict[int, list[int]] = defaultdict(list)
    for number, source in enumerate(sources):
        grouped[source.file].append(number)
    rows = []
    for position, file in enumerate(files):
        own = [sources[number] for number in grouped[position]]
        formats = ", ".join(dict.fromkeys(source.format for source in own if source.format))
        items = sum(source.items for source in own)
        headlines = sum(read[number] for number in grouped[position])
        rows.append((file.name, formats, file.status or _status(own), items, headlines))
    return pl.DataFrame(rows, schema=FILES, orient="row")


def _status(documents: Sequence[Source]) -> str:
    """Return the status of a file from its documents."""
    if all(source.reason for source in documents):
        return "failed"
    return "warned" if any(source.notes for source in documents) else "read"
