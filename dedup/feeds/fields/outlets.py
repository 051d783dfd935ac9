"""Whose feed it is: its own title without sections, else the host it links to, else the file's name.

«واج - دولــي» and «واج - رياضة» are one outlet. Which side of the dash is the section is told by the words of
``sections.txt`` and, better, by the other feeds of the same host: what their titles share is the outlet. A caller's
mapping of hosts, feed titles or outlets to names goes before all that.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cache
from importlib.resources import files
from pathlib import PurePath
from typing import TYPE_CHECKING

import polars as pl

from dedup.core.letters import fold_letters
from dedup.core.titles import clean
from dedup.feeds.fields.urls import SCHEME
from dedup.feeds.formats.detect import PACKED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dedup.feeds.collect import Source

SEPARATOR = re.compile(r"\s+[-–—|:»«/•·>]+\s+|\s*[|»«]\s*|\s+::\s+|:\s+")
HOST = r"(?i)^(?:[a-z][a-z0-9+.-]*:)?//(?:[^/?#@]*@)?(?:(?:www|m|amp|feeds?|rss)\.)?([^/?#:\s]+)"
SHELLS = (
    *PACKED,
    ".xml",
    ".rss",
    ".atom",
    ".rdf",
    ".json",
    ".jsonl",
    ".ndjson",
    ".csv",
    ".tsv",
    ".txt",
    ".parquet",
    ".html",
    ".htm",
)
IN_MEMORY = ("records", "frame")
"""Formats of what was never in a file: without an outlet of its own it has none."""

_FEW, _MOST = 64, 1 << 14
_seen_clean: set[str] = set()
"""Names that ``clean`` leaves as they are, at most so many, as far as they were met among few."""


def fold(name: str) -> str:
    """A name for comparison: without tatweel, hamza, case and repeated blanks."""
    return " ".join(fold_letters(name).split())


@cache
def _sections() -> frozenset[str]:
    lines = files("dedup.feeds.fields").joinpath("sections.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(_bare(fold(word)) for line in lines if not line.startswith("#") for word in line.split())


def _bare(word: str) -> str:
    """A word without «و» and «ال» before it."""
    word = word.removeprefix("و") if len(word) > 4 else word
    return word.removeprefix("ال") if len(word) > 4 else word


def _is_section(part: str) -> bool:
    words = re.findall(r"\w+", fold(part))
    return all(_bare(word) in _sections() or word.isdigit() for word in words)


def hosts(urls: pl.Series) -> pl.Series:
    """The host of each address, without ``www.``; null where there is none."""
    return urls.str.extract(HOST, 1).str.to_lowercase()


def mapped(names: pl.Series, mapping: Mapping[str, str]) -> pl.Series:
    """The caller's name for each name or host; null where the mapping has none."""
    folded = {fold(key).removeprefix("www."): name for key, name in mapping.items()}
    distinct = names.drop_nulls().unique()
    found = {name: folded[key] for name in distinct if (key := fold(name).removeprefix("www.")) in folded}
    return names.replace_strict(list(found), list(found.values()), default=None, return_dtype=pl.String)


def _cleaned(names: pl.Series) -> pl.Series:
    """The names for display; who reads item by item meets the same few again and again, and nearly all are clean."""
    if len(names) > _FEW:
        return clean(names)
    given = names.to_list()
    if _seen_clean.issuperset(given):
        return names
    cleaned = clean(names)
    if len(_seen_clean) < _MOST:
        _seen_clean.update(name for name, shown in zip(given, cleaned, strict=True) if name == shown)
    return cleaned


def add_outlets(rows: pl.DataFrame, sources: Sequence[Source], mapping: Mapping[str, str]) -> pl.DataFrame:
    """Column outlet: the row's own, else of its feed's title, else a host, else the file's name, else ""."""
    own = _cleaned(rows["outlet"]) if rows["outlet"].null_count() < rows.height else rows["outlet"]
    if not mapping and not own.null_count() and own.min() != "":  # the least text of all
        return rows.replace_column(rows.get_column_index("outlet"), own.alias("outlet"))
    titles = clean(pl.Series([source.feed_title for source in sources], dtype=pl.String))
    links = pl.Series([source.feed_link for source in sources], dtype=pl.String)
    sites = hosts(links)
    documents = pl.DataFrame(
        {
            "document": pl.Series(range(len(sources)), dtype=pl.Int32),
            "site": sites,
            "home": links.str.replace(SCHEME, "").str.strip_chars_end("/").str.to_lowercase(),
            "feed": pl.Series(_named(titles.str.replace_all("ـ", "").to_list(), sites.to_list()), dtype=pl.String),
        }
    )
    feeds = _renamed(rows, documents)
    named = ["" if source.format in IN_MEMORY else file_outlet(source.name) for source in sources]
    files = pl.Series(named, dtype=pl.String)

    def spread(column: pl.Series) -> pl.Series:
        return column.gather(rows["document"])

    own = pl.select(pl.when(own != "").then(own)).to_series()
    feed = spread(feeds)
    # Hosts cost a pattern for each address, and most feeds have a title.
    needed = bool(mapping) or bool((own.is_null() & feed.is_null()).any())
    host = hosts(rows["url"]) if needed else pl.repeat(None, rows.height, dtype=pl.String, eager=True)
    given = [mapped(name, mapping) for name in (own, spread(titles), feed, spread(sites), host)] if mapping else []
    outlet = pl.select(pl.coalesce(*given, own, feed, host, spread(sites), spread(files))).to_series()
    return rows.with_columns(outlet=outlet)


def _renamed(rows: pl.DataFrame, documents: pl.DataFrame) -> pl.Series:
    """The feeds' names, where feeds under different titles link to one home and share an item: a feed renamed.

    The commonest of the names is taken. A feed that links nowhere («/») goes with those that had its title.
    """
    several = pl.col("feed").n_unique().over("home") > 1
    doubtful = documents.filter(pl.col("site").is_not_null() & pl.col("feed").is_not_null() & several)
    if doubtful.is_empty():
        return documents["feed"]
    shared = (
        rows.filter(pl.col("url").is_not_null())
        .join(doubtful.select("document", "home", "feed"), on="document")
        .group_by("home", "url")
        .agg(pl.col("feed").unique().sort())
        .filter(pl.col("feed").list.len() > 1)
        .select("home", "feed")
        .unique()
    )
    usual = documents.group_by("home", "feed").len().sort("len", "feed", descending=[True, False])
    names: dict[tuple[str, str], str] = {}
    for home, feeds in shared.sort("home", "feed").iter_rows():
        known = [feed for other, feed in usual.select("home", "feed").iter_rows() if other == home and feed in feeds]
        names |= {(home, feed): known[0] for feed in feeds}
    everywhere = {feed: name for (_, feed), name in names.items()}
    renamed = [
        everywhere.get(feed, feed) if site is None else names.get((home, feed), feed)
        for site, home, feed in documents.select("site", "home", "feed").iter_rows()
    ]
    return pl.Series(renamed, dtype=pl.String)


def _named(titles: Sequence[str], sites: Sequence[str | None]) -> list[str | None]:
    """The outlet of each feed by its title; None where that names none and there is no site."""
    parts = [[part for part in map(str.strip, SEPARATOR.split(title)) if part] for title in titles]
    shared = _shared_parts(parts, sites)
    names: list[str | None] = []
    for title, pieces, site in zip(titles, parts, sites, strict=True):
        common = [piece for piece in pieces if fold(piece) in shared[site]]
        telling = [piece for piece in pieces if not _is_section(piece)]
        if len(pieces) < 2:
            names.append(title if telling else site)
        elif common:
            names.append(common[0])
        elif len(telling) < len(pieces):
            names.append(telling[0] if telling else site)
        else:
            names.append(title)
    return _one_spelling(names)


def _shared_parts(parts: Sequence[Sequence[str]], sites: Sequence[str | None]) -> dict[str | None, set[str]]:
    """For each host, the parts that different titles of its feeds share and that are no sections."""
    titles: dict[str | None, set[tuple[str, ...]]] = defaultdict(set)
    for pieces, site in zip(parts, sites, strict=True):
        titles[site].add(tuple(map(fold, pieces)))
    shared: dict[str | None, set[str]] = defaultdict(set)
    for site, different in titles.items():
        counts = Counter(piece for pieces in different for piece in set(pieces))
        shared[site] = {piece for piece, count in counts.items() if count > 1 and not _is_section(piece)}
    return shared


def _one_spelling(names: list[str | None]) -> list[str | None]:
    """Names that differ in hamza, tatweel or case only become the first of them."""
    first: dict[str, str] = {}
    return [name and first.setdefault(fold(name), name) for name in names]


def file_outlet(file: str) -> str:
    """The outlet of last resort: the file's name without its extensions."""
    path = PurePath(file)
    while path.suffix.lower() in SHELLS:
        path = path.with_suffix("")
    return path.name or file
