"""Whose feed it is: its own title without sections, else the host it links to, else the file's name.

«واج - دولــي» and «واج - رياضة» are one outlet. Which side of the dash is the section is told by the words of
``sections.txt`` and, better, by the other feeds of the same host: what their titles share is the outlet. A caller's mapping
of hosts, feed titles or outlets to names goes before all that.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cache
from importlib.resources import files
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dedup.feeds.sniff import PACKED
from dedup.feeds.titles import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SEPARATOR = re.compile(r"\s+[-–—|:»«/•·>]+\s+|\s*[|»«]\s*|\s+::\s+|:\s+")
HOST = r"(?i)^(?:[a-z][a-z0-9+.-]*:)?//(?:[^/?#@]*@)?(?:(?:www|m|amp|feeds?|rss)\.)?([^/?#:\s]+)"
FOLD = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "ـ": None})
SHELLS = (*PACKED, ".xml", ".rss", ".atom", ".rdf", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt", ".parquet", ".html", ".htm")


class Origin(NamedTuple):
    """What a document says about whose it is."""

    title: str | None
    link: str | None
    file: str


def fold(name: str) -> str:
    """A name for comparison: without tatweel, hamza, case and repeated blanks."""
    return " ".join(name.translate(FOLD).casefold().split())


@cache
def _sections() -> frozenset[str]:
    lines = files("dedup.feeds").joinpath("sections.txt").read_text(encoding="utf-8").splitlines()
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


def name_outlets(origins: Sequence[Origin]) -> list[str | None]:
    """The outlet of each document by its own title; None where that names none (then its items' hosts do)."""
    titles = clean(pl.Series([origin.title for origin in origins], dtype=pl.String)).str.replace_all("ـ", "").to_list()
    sites = hosts(pl.Series([origin.link for origin in origins], dtype=pl.String)).to_list()
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


def _shared_parts(parts: list[list[str]], sites: list[str | None]) -> dict[str | None, set[str]]:
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
