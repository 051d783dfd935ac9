"""Name the outlet of each item: its own, else that of its feed's title, else a host or the name of the file.

«واج - دولــي» and «واج - رياضة» are one outlet. Which side of the dash is the section is decided by the words of
``sections.txt`` and, better, by the other feeds of the host: the part that their titles share is the outlet. Names of
platforms («- YouTube», ``platforms.txt``) are no outlets: feeds on one platform are outlets of their own. A caller's
mapping of hosts, feed titles or outlets to names takes precedence.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cache
from importlib.resources import files
from os.path import basename, splitext
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dedup.core.letters import fold_letters
from dedup.core.titles import clean
from dedup.feeds.fields.sections import is_section
from dedup.feeds.fields.urls import SCHEME
from dedup.feeds.files.suffixes import unpacked_name
from dedup.feeds.formats.registry import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dedup.feeds.collect import Source

SEPARATOR = re.compile(r"\s+[-–—|:»«/•·>]+\s+|\s*[|»«]\s*|\s+::\s+|:\s+")
HOST = r"(?i)^(?:[a-z][a-z0-9+.-]*:)?//(?:[^/?#@]*@)?(?:(?:www|m|amp|feeds?|rss)\.)?([^/?#:\s]+)"
IN_MEMORY = ("records", "frame")
"""Formats of data that were never in a file: without an outlet of their own they have none."""
PREFIX = re.compile(r"(?i)^(?:telegram|twitter|youtube|facebook|instagram|tiktok|nitter|x)\s*[@:/]+\s*(?=\S)")
HANDLE = re.compile(r"\s*\(@\w+\)$|^@\w+$")
CHANNEL = re.compile(r"(?i)^(?:https?:)?//[^/]+/(?:(?:s|c|channel|user|profile|pages)/)?@?([^/?#]+)")
"""The name of a channel in its URL on a platform."""

MAX_NAME = 300
"""Characters kept of the name of an outlet: later steps compare names by patterns."""
SMALL_BATCH, MAX_CACHED = 64, 1 << 14
_known_clean: set[str] = set()
"""Names of small batches that ``clean`` returns unchanged, at most ``MAX_CACHED``."""


def fold(name: str) -> str:
    """Return a name for comparison: without tatweel, hamza, case and repeated blanks.

    Examples:
        >>> fold("وكالـة  الأنباء") == fold("وكاله الانباء")
        True
    """
    return " ".join(fold_letters(name).split())


def hosts(urls: pl.Series) -> pl.Series:
    """Return the host of each URL, without ``www.``; null where there is none."""
    return urls.str.extract(HOST, 1).str.to_lowercase()


def mapped(names: pl.Series, mapping: Mapping[str, str]) -> pl.Series:
    """Look up the caller's name for each name or host; null where the mapping has none."""
    folded = {fold(key).removeprefix("www."): name for key, name in mapping.items()}
    distinct = names.drop_nulls().unique()
    found = {name: folded[key] for name in distinct if (key := fold(name).removeprefix("www.")) in folded}
    return names.replace_strict(list(found), list(found.values()), default=None, return_dtype=pl.String)


def _bounded(names: pl.Series) -> pl.Series:
    """Return the names, each cut to the length of the longest that is kept."""
    if names.estimated_size() <= MAX_NAME or (names.str.len_bytes().max() or 0) <= MAX_NAME:  # type: ignore[operator]
        return names
    return names.str.slice(0, MAX_NAME)


def _cleaned(names: pl.Series) -> pl.Series:
    """Clean names for display; small batches are checked against a cache of names known to be clean."""
    if len(names) > SMALL_BATCH:
        return clean(names)
    given = names.to_list()
    if _known_clean.issuperset(given):
        return names
    cleaned = clean(names)
    if len(_known_clean) < MAX_CACHED:
        _known_clean.update(name for name, shown in zip(given, cleaned, strict=True) if name == shown)
    return cleaned


def add_outlets(rows: pl.DataFrame, sources: Sequence[Source], mapping: Mapping[str, str]) -> pl.DataFrame:
    """Set the column outlet: the row's own, else from its feed's title, else a host, else the file's name, else ""."""
    own = _cleaned(_bounded(rows["outlet"])) if rows["outlet"].null_count() < rows.height else rows["outlet"]
    if not mapping and not own.null_count() and own.min() != "":  # the smallest text
        return rows.replace_column(rows.get_column_index("outlet"), own.alias("outlet"))
    titles = clean(_bounded(pl.Series([source.feed_title for source in sources], dtype=pl.String)))
    links = pl.Series([source.feed_link for source in sources], dtype=pl.String)
    sites = hosts(links)
    documents = pl.DataFrame(
        {
            "document": pl.Series(range(len(sources)), dtype=pl.Int32),
            "site": sites,
            "home": links.str.replace(SCHEME, "").str.strip_chars_end("/").str.to_lowercase(),
            "feed": pl.Series(
                _name_feeds(titles.str.replace_all("ـ", "").to_list(), sites.to_list(), links.to_list()),
                dtype=pl.String,
            ),
        }
    )
    feeds = _unify_renamed(rows, documents)
    names = ["" if source.format in IN_MEMORY else file_outlet(source.name) for source in sources]
    files = pl.Series(names, dtype=pl.String)

    def broadcast(column: pl.Series) -> pl.Series:
        return column.gather(rows["document"])

    own = pl.select(pl.when(own != "").then(own)).to_series()
    feed = broadcast(feeds)
    # Hosts take a regular expression per URL, and most feeds have a title.
    needed = bool(mapping) or bool((own.is_null() & feed.is_null()).any())
    host = _hosts_or_channels(rows["url"]) if needed else pl.repeat(None, rows.height, dtype=pl.String, eager=True)
    given = (
        [mapped(name, mapping) for name in (own, broadcast(titles), feed, broadcast(sites), host)] if mapping else []
    )
    outlet = pl.select(pl.coalesce(*given, own, feed, host, broadcast(sites), broadcast(files))).to_series()
    return rows.with_columns(outlet=_bounded(outlet))


def _unify_renamed(rows: pl.DataFrame, documents: pl.DataFrame) -> pl.Series:
    """Return the names of the feeds, with one name for a feed that was renamed.

    Feeds of different titles that link to one home and share an item are one feed; its most frequent name is used. A
    feed without a link («/») goes with those of its title.
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


def _name_feeds(titles: Sequence[str], sites: Sequence[str | None], links: Sequence[str | None]) -> list[str | None]:
    """Return the outlet of each feed by its title; None where that names none and there is no site."""
    parts = [[part for part in map(str.strip, SEPARATOR.split(PREFIX.sub("", title))) if part] for title in titles]
    parts = [[part for part in pieces if fold(part) not in platforms().names] for pieces in parts]
    parts = [
        _without_handles(pieces) if is_platform(site) else pieces for pieces, site in zip(parts, sites, strict=True)
    ]
    shared = _shared_parts(parts, sites)
    names: list[str | None] = []
    for title, pieces, site, link in zip(titles, parts, sites, links, strict=True):
        common = [piece for piece in pieces if fold(piece) in shared[site]]
        telling = [piece for piece in pieces if not is_section(piece)]
        if any(fold(piece) in platforms().searches for piece in pieces):
            names.append(None)  # the rest of the title is a query
        elif not pieces:
            names.append(_channel(link) or site)
        elif len(pieces) < 2:
            names.append((title if title in pieces[0] else pieces[0]) if telling else _channel(link) or site)
        elif common or (is_platform(site) and telling):
            names.append((common or telling)[0])
        elif len(telling) < len(pieces):
            names.append(telling[0] if telling else _channel(link) or site)
        else:
            names.append(_without_platforms(title))
    return _one_spelling(names)


class Platforms(NamedTuple):
    """Folded names and hosts of platforms, and names of search services."""

    names: frozenset[str]
    hosts: frozenset[str]
    searches: frozenset[str]


@cache
def platforms() -> Platforms:
    """Return the platforms of ``platforms.txt``."""
    found: dict[str, set[str]] = {"names": set(), "hosts": set(), "searches": set()}
    for line in files("dedup.feeds.fields").joinpath("platforms.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            kind, _, listed = line.partition(": ")
            found[kind] |= {fold(name) for name in listed.split(",")}
    return Platforms(*(frozenset(found[kind]) for kind in Platforms._fields))


def is_platform(host: str | None) -> bool:
    """Return whether a host is that of a platform.

    Examples:
        >>> is_platform("www.youtube.com"), is_platform("paper.example")
        (True, False)
    """
    while host:
        if host in platforms().hosts:
            return True
        host = host.partition(".")[2]
    return False


def _channel(link: str | None) -> str | None:
    """Return the name of a channel in its URL on a platform, None for other URLs."""
    match = CHANNEL.match(link or "")
    if not match or not is_platform(hosts(pl.Series([link])).item() or ""):
        return None
    return None if match[1].lower() in ("rss", "feed", "feeds", "search", "watch", "alerts", "p") else match[1]


def _without_handles(parts: list[str]) -> list[str]:
    """Drop the name of an account («@mirror») beside the name of its owner."""
    named = [HANDLE.sub("", part) for part in parts]
    return [part for part in named if part] or parts


def _without_platforms(title: str) -> str:
    """Return a title without the platform at its beginning or end."""
    parts = SEPARATOR.split(PREFIX.sub("", title))
    if fold(parts[-1]) in platforms().names:
        title = title[: title.rindex(parts[-1])].rstrip(" -–—|:»«/•·>")
    if fold(parts[0]) in platforms().names:
        title = title[title.index(parts[0]) + len(parts[0]) :].lstrip(" -–—|:»«/•·>")
    return PREFIX.sub("", title)


def _hosts_or_channels(urls: pl.Series) -> pl.Series:
    """Return the host of each URL, on a platform the channel."""
    found = hosts(urls)
    on_platform = [host for host in found.drop_nulls().unique().to_list() if is_platform(host)]
    if not on_platform:
        return found
    rows = found.is_in(on_platform).arg_true()
    channels = [_channel(url) or host for url, host in zip(urls.gather(rows), found.gather(rows), strict=True)]
    return found.clone().scatter(rows, pl.Series(channels, dtype=pl.String))


def _shared_parts(parts: Sequence[Sequence[str]], sites: Sequence[str | None]) -> dict[str | None, set[str]]:
    """Return, for each host, the parts that different titles of its feeds share, sections and platforms aside."""
    titles: dict[str | None, set[tuple[str, ...]]] = defaultdict(set)
    for pieces, site in zip(parts, sites, strict=True):
        if not is_platform(site):
            titles[site].add(tuple(map(fold, pieces)))
    shared: dict[str | None, set[str]] = defaultdict(set)
    for site, different in titles.items():
        counts = Counter(piece for pieces in different for piece in set(pieces))
        shared[site] = {piece for piece, count in counts.items() if count > 1 and not is_section(piece)}
    return shared


def _one_spelling(names: list[str | None]) -> list[str | None]:
    """Replace names that differ only in hamza, tatweel or case by the first of them."""
    first: dict[str, str] = {}
    return [name and first.setdefault(fold(name), name) for name in names]


def file_outlet(file: str) -> str:
    """Return the outlet of last resort: the file's name without its suffixes.

    Examples:
        >>> file_outlet("feeds/alyaum.rss.gz")
        'alyaum'
    """
    path = unpacked_name(file)
    stem, suffix = splitext(path)
    while suffix.lower() in SUFFIXES:
        path = unpacked_name(stem)
        stem, suffix = splitext(path)
    return basename(path) or file
