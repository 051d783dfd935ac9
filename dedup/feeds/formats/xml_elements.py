"""The roles of feed elements, shared by the strict and the tolerant reader.

RSS 0.9x/1.0/2.0, RDF and Atom differ in names, not in shape: an item has a title, links and dates as children. Names
are compared without case. A prefix stands for the namespace bound to it at the root, and for the customary one where
none is bound.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urljoin

OTHER, ROOT, FEED, ITEM, INSIDE, TITLE, LINK, GUID, DATE, OUTLET, TEXT = range(11)
# Roles up to INSIDE are structure, the others fields. INSIDE is a container whose children count as the item's own.


class Kind(NamedTuple):
    """The role of an element and its rank among elements of that role: the lowest rank present is used."""

    role: int
    rank: int = 0


NO_KIND = Kind(OTHER)
PLAIN = {
    "rss": Kind(ROOT),
    "rdf": Kind(ROOT),
    "feed": Kind(FEED),
    "channel": Kind(FEED),
    "item": Kind(ITEM),
    "entry": Kind(ITEM),
    "title": Kind(TITLE),
    "link": Kind(LINK),
    "guid": Kind(GUID),
    "pubdate": Kind(DATE, 0),
    "published": Kind(DATE, 1),
    "issued": Kind(DATE, 2),
    "created": Kind(DATE, 3),
    "date": Kind(DATE, 5),
    "updated": Kind(DATE, 6),
    "modified": Kind(DATE, 7),
    "lastbuilddate": Kind(DATE, 8),
    "source": Kind(OUTLET, 0),
    "description": Kind(TEXT, 0),
    "summary": Kind(TEXT, 1),
    "content": Kind(TEXT, 2),
}
"""RSS 2.0, RFC 4287 (Atom 1.0), Atom 0.3."""
SITEMAP = {
    "urlset": Kind(FEED),
    "url": Kind(ITEM),
    "loc": Kind(LINK),
    "lastmod": Kind(DATE, 6),
    "news": Kind(INSIDE),
    "publication": Kind(INSIDE),
    "name": Kind(OUTLET, 0),
    "title": Kind(TITLE),
    "publication_date": Kind(DATE, 0),
}
"""Sitemaps (sitemaps.org) and Google's extension for news."""
SITEMAP_PREFIXES = ("", "news", "n")
DUBLIN = {
    "title": Kind(TITLE, 1),
    "date": Kind(DATE, 4),
    "issued": Kind(DATE, 5),
    "created": Kind(DATE, 6),
    "available": Kind(DATE, 7),
    "modified": Kind(DATE, 8),
}
"""Dublin Core elements and terms, from which RSS 1.0 takes its dates."""
FOREIGN = frozenset(
    "media itunes content wfw sy slash georss geo feedburner thr app gd yt creativecommons googleplay podcast image"
    " opensearch cc admin xhtml html svg g ht news blogger openSearch fb wp excerpt source ag ev cloud".lower().split()
)
"""Prefixes of extensions, whose titles and links are not the item's."""
BASE = "xml:base"
"""The attribute with the base of the links in an element."""
DUBLIN_URI = "purl.org/dc/"
CORE_URIS = (
    "w3.org/2005/atom", "purl.org/atom", "purl.org/rss", "my.netscape.com", "backend.userland.com",
    "blogs.law.harvard.edu", "w3.org/1999/02/22-rdf", "channel.netscape.com", "rssboard.org",
)  # fmt: skip


class Kinds(dict[str, Kind]):
    """Map element names to kinds; each name is classified once.

    Args:
        prefixes: the prefixes bound at the root, with their namespaces.
    """

    def __init__(self, prefixes: dict[str, str] | None = None) -> None:
        super().__init__()
        self.prefixes = prefixes or {}
        self.sitemap = False

    def __missing__(self, name: str) -> Kind:
        prefix, _, local = name.lower().rpartition(":")
        if local == "urlset":
            self.sitemap = True
        kind = self._family(prefix).get(local, NO_KIND)
        if len(self) < 10_000:  # a hostile file may use a new name for every element
            self[name] = kind
        return kind

    def _family(self, prefix: str) -> dict[str, Kind]:
        """Return the elements of a prefix."""
        if self.sitemap:
            return SITEMAP if prefix in SITEMAP_PREFIXES or "sitemap" in self.prefixes.get(prefix, "") else {}
        if not prefix:
            return PLAIN
        uri = self.prefixes.get(prefix, "").strip().lower()
        if uri:
            if DUBLIN_URI in uri:
                return DUBLIN
            return PLAIN if any(core in uri for core in CORE_URIS) else {}
        if prefix in ("dc", "dcterms"):
            return DUBLIN
        return {} if prefix in FOREIGN else PLAIN


def base_of(attributes: dict[str, str], outer: str) -> str:
    """Return the base of the links in an element: its ``xml:base``, which may be relative to that around it.

    Examples:
        >>> base_of({"xml:base": "2026/"}, "https://paper.example/news/"), base_of({}, "https://paper.example/")
        ('https://paper.example/news/2026/', 'https://paper.example/')
    """
    own = attributes.get(BASE)
    return in_base(outer, own.strip()) if own else outer


def in_base(base: str, url: str) -> str:
    """Resolve a link against a base; without a base, it stays as it is.

    Examples:
        >>> in_base("https://paper.example/news/", "1.html"), in_base("", "1.html")
        ('https://paper.example/news/1.html', '1.html')
    """
    if not base or not url:
        return url
    try:
        return urljoin(base, url)
    except ValueError:  # of a bracket in the host
        return url


def link_rank(attributes: dict[str, str]) -> int | None:
    """Return the rank of an Atom link as the item's URL, or None for a link with another purpose.

    Examples:
        >>> link_rank({"rel": "alternate", "href": "https://paper.example/1"})
        1
        >>> link_rank({"rel": "enclosure", "href": "https://paper.example/1.mp3"})
    """
    rel = attributes.get("rel", "alternate").lower()
    if rel not in ("alternate", ""):
        return None
    return 1 if "html" in attributes.get("type", "text/html") else 2
