"""Outlets that occur under several names: a host, a Latin name, a name with and without «صحيفة».

Two names are proposed to be one outlet on evidence of three kinds, from proof to likelihood:

* ``link``: both names have headlines with the same URL, of an ordinary site. An article has one publisher;
* ``host``: nearly all headlines of both names link to the same host, which no third name shares;
* ``name``: the names are equal without generic words («صحيفة», «جريدة», «بوابة»), case and the ending of a host
  (``alyaum.com``). Such names can be two outlets: «الشروق» is a paper in Egypt and another in Algeria.

Nothing is merged here. The proposals are a table for ``--outlets``, to be read by someone who knows the outlets. Names
whose headlines link to different hosts are never proposed by name alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from dedup.core.letters import fold_letters
from dedup.feeds.fields.outlets import hosts, is_platform

if TYPE_CHECKING:
    from collections.abc import Iterable

PROPOSALS = {
    "outlet": pl.String(),
    "name": pl.String(),
    "evidence": pl.String(),
    "support": pl.Int64(),
}
"""One row per name to be replaced: the name, the outlet's more frequent name, the kind of evidence, and the number of
shared URLs (link), of headlines of the name on the shared host (host), or of headlines of the name (name)."""

MIN_SHARE = 0.9
"""Least share of the links of a name that lead to one host, for the host to be its own."""

MIN_LINKS = 3
"""Shared URLs, or headlines on a shared host, from which on they are evidence."""

_GENERIC = frozenset(
    fold_letters(word)
    for word in (
        *("صحيفة", "جريدة", "بوابة", "موقع", "وكالة", "شبكة", "قناة", "مجلة"),
        *("الإلكترونية", "أونلاين", "نيوز", "news", "online"),
    )
)
_SUFFIX = re.compile(r"\.(?:com|net|org|info|news|tv|co)(?:\.[a-z]{2})?$|\.[a-z]{2}$")


def propose_names(headlines: pl.DataFrame) -> pl.DataFrame:
    """Propose names of outlets that are one outlet.

    Args:
        headlines: HEADLINES.

    Returns:
        PROPOSALS, those with the strongest evidence first.
    """
    named = headlines.select("outlet", "url", host=hosts(headlines["url"])).filter(pl.col("outlet") != "")
    sizes = dict(named.group_by("outlet").len().iter_rows())
    own = _own_hosts(named)
    proposals: dict[str, tuple[str, str, int]] = {}

    def propose(pairs: Iterable[tuple[str, str, int]], evidence: str) -> None:
        for left, right, support in pairs:
            name, outlet = sorted((left, right), key=lambda name: (-sizes[name], name))
            if outlet not in proposals and name not in proposals:
                proposals[outlet] = (name, evidence, support)

    propose(_shared_links(named), "link")
    propose(_shared_hosts(named, own), "host")
    propose(_alike(sizes, own), "name")
    rows = [(outlet, *found) for outlet, found in proposals.items()]
    return pl.DataFrame(rows, schema=PROPOSALS, orient="row")


def _own_hosts(named: pl.DataFrame) -> dict[str, str]:
    """Return the host to which nearly all links of a name lead, platforms aside."""
    counts = named.drop_nulls("host").group_by("outlet", "host").len()
    shares = counts.with_columns(share=pl.col("len") / pl.col("len").sum().over("outlet"))
    main = shares.filter(pl.col("share") >= MIN_SHARE, pl.col("len") >= MIN_LINKS)
    return {outlet: host for outlet, host in main.select("outlet", "host").iter_rows() if not is_platform(host)}


def _shared_links(named: pl.DataFrame) -> list[tuple[str, str, int]]:
    """Return pairs of names that share URLs which no third name has, with their number."""
    links = named.drop_nulls("url").select("outlet", "url", "host").unique()
    links = links.filter(~pl.col("host").is_in([host for host in links["host"].unique() if is_platform(host)]))
    shared = links.group_by("url").agg(pl.col("outlet").sort()).filter(pl.col("outlet").list.len() == 2)
    counts = shared.group_by("outlet").len().filter(pl.col("len") >= MIN_LINKS).sort("len", "outlet", descending=True)
    return [(left, right, count) for (left, right), count in counts.iter_rows()]


def _shared_hosts(named: pl.DataFrame, own: dict[str, str]) -> list[tuple[str, str, int]]:
    """Return pairs of names with the same host, where no third name has it, with the headlines of the rarer name."""
    on_host = named.drop_nulls("host").group_by("host", "outlet").len().sort("host", "len", "outlet", descending=True)
    groups = on_host.group_by("host", maintain_order=True).agg("outlet", "len").filter(pl.col("outlet").list.len() == 2)
    return [
        (names[0], names[1], counts[1])
        for host, names, counts in groups.iter_rows()
        if counts[1] >= MIN_LINKS and all(own.get(name) == host for name in names)
    ]


def _alike(sizes: dict[str, int], own: dict[str, str]) -> list[tuple[str, str, int]]:
    """Return pairs of names that are equal without generic words, unless their hosts differ."""
    groups: dict[str, list[str]] = {}
    for name in sorted(sizes, key=lambda name: (-sizes[name], name)):
        if core := core_name(name):
            groups.setdefault(core, []).append(name)
    return [
        (names[0], name, sizes[name])
        for names in groups.values()
        for name in names[1:]
        if own.get(name, host := own.get(names[0])) == host or host is None
    ]


def core_name(name: str) -> str:
    """Return a name without generic words, case and the ending of a host.

    Examples:
        >>> core_name("صحيفة الضحى") == core_name("الضحى"), core_name("www.duha-news.example.com"), core_name("Duha")
        (True, 'duha-news.example', 'duha')
    """
    folded = _SUFFIX.sub("", fold_letters(name).strip().lower().removeprefix("www."))
    return " ".join(word for word in folded.split() if word not in _GENERIC)
