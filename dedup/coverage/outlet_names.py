"""Outlets that occur under several names: a host, a Latin name, a name with and without «صحيفة».

Names are *merged* where evidence proves that they are one outlet:

* ``spelling``: they differ in case, hamza, tatweel, vowel marks, punctuation, the ``www.`` or ``m.`` of a host, or a
  technical word («الضحى RSS»);
* ``host``: one is a host (``duha.example``), or its first label (``duha``), and the links of the other lead there,
  those of no third name do; or both have one host and equal names without generic words («صحيفة الضحى», «الضحى»);
* ``link``: both have headlines with the same URLs, and the links of both, and of no third name, lead to one host: an
  article has one publisher;
* ``title``: the titles of one end with the name of the other («… - صحيفة الضحى»).

Names whose links lead to different hosts are never merged, whatever else speaks for it: «الشروق» is a paper in Egypt
and another in Algeria. The same holds for the names that a caller's table gives, and for platforms (``t.me``), whose
host is no outlet's.

Names are only *proposed* (``dedup outlets``, a table for ``--outlets``) where a person must decide:

* ``link`` and ``host`` without the second condition above: two papers of one house can share a site;
* ``name``: the names are equal without generic words and the ending of a host, and no host speaks against it;
* ``letters``: a Latin and an Arabic name have the same consonants (``alyaum``, «اليوم»).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from dedup.core.letters import fold_letters
from dedup.feeds.fields.outlets import hosts, is_platform

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from dedup.frames import Schema

PROPOSALS: Schema = {
    "outlet": pl.String(),
    "name": pl.String(),
    "evidence": pl.String(),
    "support": pl.Int64(),
}
"""One row per name to be replaced: the name, the name that replaces it, the kind of evidence, and the number of shared
URLs (link), of links that lead to the host (host), of titles (title), or of headlines of the name (others)."""

MIN_SHARE = 0.9
"""Least share of the links of a name that lead to one host, for the host to be its own."""

MIN_LINKS = 3
"""Shared URLs, headlines on a shared host, or titles with a suffix, from which on they are evidence."""

TITLES = 200
"""Titles of an outlet whose ends are looked at."""

MIN_LABEL = 3
"""Letters from which on the first label of a host is taken for a name."""

MIN_CONSONANTS = 2
"""Consonants from which on a Latin and an Arabic name are compared."""

_GENERIC = frozenset(
    fold_letters(word)
    for word in (
        *("صحيفة", "جريدة", "بوابة", "موقع", "وكالة", "شبكة", "قناة", "مجلة"),
        *("الإلكترونية", "أونلاين", "نيوز", "news", "online"),
    )
)
_NO_NAMES = frozenset(
    (
        *("articles", "arabic", "data", "export", "feed", "feeds", "file", "headlines", "index", "items", "media"),
        *("news", "output", "result", "results", "rss"),
    )
)
"""Names of files that could be the first label of a host by chance."""
_SUFFIX = re.compile(r"\.(?:com|net|org|info|news|tv|co|gov|edu|example)(?:\.[a-z]{2})?$|\.[a-z]{2,4}$")
_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?(?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:[:/?#].*)?", re.IGNORECASE)
_SUBDOMAIN = re.compile(r"^(?:www\d?|m|mobile|amp|feeds?|rss)\.(?=[^.]+\.)")
_TECHNICAL = re.compile(r"(?i)(?:[\s._|:–—-]+(?:rss|atom|xml|feeds?|json)(?:[ _-]?(?:2\.0|feeds?))?)+$")
_END = r"\s(?:[-–—|«»/•·:]+|\|\|)\s+([^-–—|«»/•·:]+?)\s*$"
_BARE = re.compile(r"[a-z0-9._/:?&=%-]+")
_LATIN = re.compile(r"[a-z0-9 ._&'-]+", re.IGNORECASE)


class Names(NamedTuple):
    """The names of outlets in some headlines, and where their links lead.

    Attributes:
        sizes: headlines by name.
        own: the host to which nearly all links of a name lead, with their number; platforms aside.
        links: name, URL and host of each headline that has a URL, platforms aside.
        kept: names that a caller gave, which are not merged with each other.
    """

    sizes: dict[str, int]
    own: dict[str, tuple[str, int]]
    links: pl.DataFrame
    kept: Collection[str] = ()

    def chosen(self, names: Iterable[str]) -> str:
        """Return the name to keep: the caller's, else one in words and not that of a host or file, else the usual."""
        return min(
            names, key=lambda name: (name not in self.kept, bool(_BARE.fullmatch(name)), -self.sizes[name], name)
        )

    def host_of(self, name: str) -> str | None:
        """Return the host that a name is, or to which nearly all its links lead."""
        return self.own[name][0] if name in self.own else as_host(name)

    def by_size(self) -> list[str]:
        """Return the names, the most frequent first."""
        return sorted(self.sizes, key=lambda name: (-self.sizes[name], name))


Pair = tuple[str, str, int]


def merge_names(headlines: pl.DataFrame, kept: Collection[str] = ()) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give one name to each outlet that provably occurs under several.

    Args:
        headlines: HEADLINES.
        kept: names that a caller gave; they are not merged with each other.

    Returns:
        The headlines with the names replaced; and PROPOSALS, the names that were replaced.

    Examples:
        >>> rows = [("duha.example", None), ("الضحى", "https://www.duha.example/1"), ("واحة", None)]
        >>> headlines = pl.DataFrame(
        ...     {"outlet": [row[0] for row in rows], "title": "خبر", "url": [row[1] for row in rows]}
        ... )
        >>> merged, names = merge_names(headlines)
        >>> merged["outlet"].to_list(), names.rows()
        (['الضحى', 'الضحى', 'واحة'], [('duha.example', 'الضحى', 'host', 1)])
    """
    merges = find_merges(_names(headlines, kept), headlines)
    return rename_outlets(headlines, merges), merges


def find_merges(names: Names | None, titles: pl.DataFrame) -> pl.DataFrame:
    """Return PROPOSALS of the names that are provably those of another outlet.

    Args:
        names: all names, see ``names_of``.
        titles: ``outlet`` and ``title`` of at least the first ``TITLES`` headlines of each outlet, in order of reading.
    """
    if names is None or len({host for host, _ in names.own.values()}) == len(names.sizes):
        return _frame(())  # one name, or each with a host of its own
    groups = _Groups(names)
    for evidence, find in _PROOFS.items():
        for pair in find(names, titles):
            groups.add(pair, evidence)
    return _frame(groups.merges())


def rename_outlets(headlines: pl.DataFrame, merges: pl.DataFrame) -> pl.DataFrame:
    """Return the headlines with the names replaced that ``find_merges`` found."""
    if merges.is_empty():
        return headlines
    return headlines.with_columns(outlet=headlines["outlet"].replace(merges["outlet"], merges["name"]))


def propose_names(headlines: pl.DataFrame) -> pl.DataFrame:
    """Propose names of outlets that are likely one outlet, but not provably.

    Args:
        headlines: HEADLINES, as ``merge_names`` returns them.

    Returns:
        PROPOSALS, those with the strongest evidence first.
    """
    names = _names(headlines, ())
    if names is None:
        return _frame(())
    proposals: dict[str, tuple[str, str, str, int]] = {}
    finders: tuple[tuple[str, Callable[[Names], Iterable[Pair]]], ...] = (
        ("link", _shared_links), ("host", _shared_hosts), ("name", _equal_cores), ("letters", _equal_letters),
    )  # fmt: skip
    for evidence, find in finders:
        for left, right, support in find(names):
            name = names.chosen((left, right))
            outlet = left if name == right else right
            if outlet not in proposals and name not in proposals:
                proposals[outlet] = (outlet, name, evidence, support)
    return _frame(proposals.values())


def _frame(rows: Iterable[tuple[str, str, str, int]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=PROPOSALS, orient="row")


def _names(headlines: pl.DataFrame, kept: Collection[str]) -> Names | None:
    """Return the names of outlets, None if there is only one."""
    sizes = headlines.group_by("outlet").agg(headlines=pl.len())
    if sizes.height < 2:  # nothing to compare
        return None
    links = links_of(headlines)
    return names_of(sizes, links.group_by("outlet", "host").len(), links, kept)


def links_of(headlines: pl.DataFrame) -> pl.DataFrame:
    """Return ``outlet``, ``url`` and ``host`` of the headlines of named outlets that have a URL with a host."""
    links = headlines.select("outlet", "url").filter(pl.col("url").is_not_null(), pl.col("outlet") != "")
    # One use of the regular expression for each distinct host.
    written = links["url"].str.splitn("/", 4).struct.field("field_2")
    distinct = written.unique().drop_nulls()
    host = written.replace_strict(distinct, hosts("//" + distinct), default=None, return_dtype=pl.String)
    return links.with_columns(host=host).drop_nulls("host")


def names_of(
    sizes: pl.DataFrame, on_hosts: pl.DataFrame, links: pl.DataFrame, kept: Collection[str] = ()
) -> Names | None:
    """Return the names of outlets from counts of their headlines; None if there is only one.

    Args:
        sizes: ``outlet`` and the number of its ``headlines``.
        on_hosts: ``outlet``, ``host`` and the number of the outlet's links to it, ``len``.
        links: see ``links_of``; of each outlet and host at least one, and all to the hosts of ``shared_hosts``.
        kept: names that a caller gave.
    """
    counts = sizes.filter(pl.col("outlet") != "")
    if counts.height < 2:
        return None
    own = {outlet: (host, count) for outlet, host, count in _own_hosts(on_hosts).iter_rows() if not is_platform(host)}
    return Names(dict(counts.iter_rows()), own, links, kept)


def shared_hosts(on_hosts: pl.DataFrame) -> list[str]:
    """Return the hosts to which two outlets link, and nearly all links of both lead: shared URLs are proof there.

    Args:
        on_hosts: see ``names_of``.
    """
    two = pl.col("outlet").n_unique().over("host") == 2
    owned = on_hosts.filter(two).join(_own_hosts(on_hosts), on=["outlet", "host"], how="semi")
    return sorted(owned.filter(pl.len().over("host") == 2)["host"].unique())


def _own_hosts(on_hosts: pl.DataFrame) -> pl.DataFrame:
    return on_hosts.filter(pl.col("len") >= MIN_SHARE * pl.col("len").sum().over("outlet"))


class _Groups:
    """Names joined by proofs, without those whose hosts contradict each other."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.members: dict[str, set[str]] = {name: {name} for name in names.sizes}
        self.proofs: list[tuple[str, str, str, int]] = []

    def add(self, pair: Pair, evidence: str) -> None:
        """Join the groups of two names, unless their hosts differ or a caller named both."""
        left, right, support = pair
        group = self.members[left] | self.members[right]
        sites = {host for name in group if (host := self.names.host_of(name))}
        if len(sites) > 1 or len(group & set(self.names.kept)) > 1 or self.members[left] is self.members[right]:
            return
        self.proofs.append((left, right, evidence, support))
        for name in group:
            self.members[name] = group

    def merges(self) -> Iterator[tuple[str, str, str, int]]:
        """Yield PROPOSALS: each name that is replaced, with the first proof that concerns it."""
        for name in self.names.by_size():
            if (chosen := self.names.chosen(self.members[name])) != name:
                yield next((name, chosen, proof[2], proof[3]) for proof in self.proofs if name in proof[:2])


def as_host(name: str) -> str | None:
    """Return the host that a name is, without ``www.`` and the like; None for other names.

    Examples:
        >>> as_host("http://m.duha.example/feed"), as_host("rss.duha.example"), as_host("El.Duha.News")
        ('duha.example', 'duha.example', None)
    """
    name = name.strip()
    match = _HOST.fullmatch(name) if "." in name and name.isascii() else None
    if match is None or (name[:1].isupper() and "//" not in name):  # «El.Duha.News» is an account on a platform
        return None
    return _SUBDOMAIN.sub("", match[1].lower())


def _label(host: str) -> str:
    """Return the label of a host that names its owner: ``duha`` of ``duha.com.sa``."""
    return _SUFFIX.sub("", host).rpartition(".")[2]


def _spelling(name: str) -> str:
    """Return a name without the differences of spelling."""
    if host := as_host(name):
        return host
    return " ".join(re.findall(r"\w+", fold_letters(_TECHNICAL.sub("", name))))


def _equal_spellings(names: Names, _headlines: pl.DataFrame) -> Iterator[Pair]:
    """Yield names that differ in spelling only."""
    first: dict[str, str] = {}
    for name in names.by_size():
        if (key := _spelling(name)) and first.setdefault(key, name) != name:
            yield first[key], name, names.sizes[name]


def _named_hosts(names: Names, _headlines: pl.DataFrame) -> Iterator[Pair]:
    """Yield a host, or its label, and the only name whose links lead there; and equal names whose links do."""
    owners: dict[str, list[str]] = defaultdict(list)
    addresses: dict[str, list[str]] = defaultdict(list)
    for name in names.by_size():
        host = as_host(name)
        if host and not is_platform(host):
            addresses[host].append(name)
        elif name in names.own:
            owners[names.own[name][0]].append(name)
    for on_host in owners.values():
        equal = [name for name in on_host if core_name(name) == core_name(on_host[0])]
        yield from ((equal[0], name, names.own[name][1]) for name in equal[1:])
    hosts_labelled = Counter(_label(host) for host in {*addresses, *owners})
    names_spelled: dict[str, list[str]] = defaultdict(list)
    for name in names.by_size():
        names_spelled[_TECHNICAL.sub("", name).lower()].append(name)
    linked = dict(names.links.group_by("host").agg(pl.col("outlet").unique()).iter_rows())
    for host in dict.fromkeys([*addresses, *owners]):
        label = _label(host)
        is_name = hosts_labelled[label] == 1 and label not in _NO_NAMES and len(label) >= MIN_LABEL
        group = [*addresses[host], *(names_spelled[label] if is_name else ())]
        if not group:
            continue
        if _is_sole(host, {*linked.get(host, ()), *owners[host]}):
            group += [name for name in owners[host] if name not in group]
        yield from ((group[0], name, names.own.get(name, (host, names.sizes[name]))[1]) for name in group[1:])


def _is_sole(host: str, linked: Iterable[str]) -> bool:
    """Return whether the names with links to a host are one name, but for generic words and the host's own name."""
    cores = {core_name(name) for name in linked if as_host(name) != host}
    return len(cores - {_label(host)}) <= 1


def _shared_articles(names: Names, _headlines: pl.DataFrame) -> list[Pair]:
    """Return names that share URLs of the one host to which the links of both lead."""
    owners = pl.DataFrame(
        [(outlet, host) for outlet, (host, _) in names.own.items()],
        schema={"outlet": pl.String, "host": pl.String}, orient="row",
    ).filter(pl.col("outlet").count().over("host") > 1)  # fmt: skip
    of_two = names.links.group_by("host").agg(pl.col("outlet").n_unique()).filter(pl.col("outlet") == 2)
    links = names.links.join(owners, on=["outlet", "host"], how="semi").join(of_two, on="host", how="semi")
    return _shared_links(names._replace(links=links))


def _ends_of_titles(names: Names, headlines: pl.DataFrame) -> Iterator[Pair]:
    """Yield names whose titles nearly all end with another name."""
    spelled = {_spelling(name): name for name in reversed(names.by_size())}
    titles = headlines.lazy().filter(pl.col("outlet") != "").select("outlet", "title").group_by("outlet").head(TITLES)
    ends = titles.with_columns(end=pl.col("title").str.extract(_END, 1)).collect()
    counts = ends.drop_nulls("end").group_by("outlet", "end").len()
    counts = counts.join(ends.group_by("outlet").len("titles"), on="outlet").sort("outlet", "end")
    for outlet, end, count, titles_read in counts.iter_rows():
        other = spelled.get(_spelling(end))
        if other not in (None, outlet) and count >= MIN_LINKS and count >= MIN_SHARE * titles_read:
            yield outlet, other, count


_PROOFS: dict[str, Callable[[Names, pl.DataFrame], Iterable[Pair]]] = {
    "spelling": _equal_spellings,
    "host": _named_hosts,
    "link": _shared_articles,
    "title": _ends_of_titles,
}
"""The kinds of proof, the strongest first, and the pairs of names that each finds."""


def _shared_links(names: Names) -> list[Pair]:
    """Return pairs of names that share URLs which no third name has, with their number."""
    links = names.links.unique()
    links = links.filter(~pl.col("host").is_in([host for host in links["host"].unique() if is_platform(host)]))
    shared = links.group_by("url").agg(pl.col("outlet").sort()).filter(pl.col("outlet").list.len() == 2)
    counts = shared.group_by("outlet").len().filter(pl.col("len") >= MIN_LINKS).sort("len", "outlet", descending=True)
    return [(left, right, count) for (left, right), count in counts.iter_rows()]


def _shared_hosts(names: Names) -> list[Pair]:
    """Return pairs of names with the same host, where no third name has it, with the headlines of the rarer name."""
    on_host = names.links.group_by("host", "outlet").len().sort("host", "len", "outlet", descending=True)
    groups = on_host.group_by("host", maintain_order=True).agg("outlet", "len").filter(pl.col("outlet").list.len() == 2)
    return [
        (pair[0], pair[1], counts[1])
        for host, pair, counts in groups.iter_rows()
        if counts[1] >= MIN_LINKS and all(names.own.get(name, ("",))[0] == host for name in pair)
    ]


def _equal_cores(names: Names) -> list[Pair]:
    """Return pairs of names that are equal without generic words, unless their hosts differ."""
    return _alike(names, core_name)


def _equal_letters(names: Names) -> list[Pair]:
    """Return pairs of a Latin and an Arabic name with the same consonants, unless their hosts differ."""
    return [
        (left, right, support)
        for left, right, support in _alike(names, consonants)
        if bool(_LATIN.fullmatch(left)) != bool(_LATIN.fullmatch(right))
    ]


def _alike(names: Names, key: Callable[[str], str]) -> list[Pair]:
    """Return pairs of names with equal keys, unless their hosts differ."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names.by_size():
        if value := key(name):
            groups[value].append(name)
    return [
        (first, name, names.sizes[name])
        for first, *rest in groups.values()
        for name in rest
        if _compatible(names, first, name)
    ]


def _compatible(names: Names, left: str, right: str) -> bool:
    """Return whether no different hosts are known of two names; names with few links do not speak against it."""
    sites = {names.own[name][0] for name in (left, right) if names.own.get(name, ("", 0))[1] >= MIN_LINKS}
    return len(sites) < 2


def core_name(name: str) -> str:
    """Return a name without generic words, case and the ending of a host.

    Examples:
        >>> core_name("صحيفة الضحى") == core_name("الضحى"), core_name("www.duha-news.com"), core_name("Duha")
        (True, 'duha-news', 'duha')
    """
    folded = _SUFFIX.sub("", as_host(name) or fold_letters(name).strip())
    return " ".join(word for word in re.findall(r"[\w.-]+", folded) if word not in _GENERIC)


_ARTICLE = re.compile(r"^(?:ال|[ae]l[- ]?|a[dnrstz]h?-)(?=..)")
_FINAL = re.compile(r"(?<=..)(?:[ae]h|ه)$")
_DIGRAPHS = (("kh", "k"), ("gh", "g"), ("sh", "s"), ("th", "t"), ("dh", "d"), ("ch", "s"))
_CONSONANTS = {
    ord(letter): written
    for written, letters in (
        ("b", "بp"), ("t", "تطث"), ("j", "جg"), ("h", "حه"), ("k", "خكقغqcx"), ("d", "دضظذ"), ("z", "ز"), ("s", "سصش"),
        ("r", "ر"), ("f", "فv"), ("l", "ل"), ("m", "م"), ("n", "ن"), ("y", "ي"), ("w", "و"), ("", "ءاع'aeiou"),
    )
    for letter in letters
}  # fmt: skip
"""Letters that are written for each other in Latin spellings of Arabic names, and vowels, which are left out."""


def consonants(name: str) -> str:
    """Return the consonants of a name in Latin or Arabic letters, without generic words and the article.

    Semivowels count at the beginning of a word only, since spellings differ in them; doubled letters count once.

    Examples:
        >>> consonants("Ad-Dostor"), consonants("جريدة الدستور"), consonants("eldostor.org"), consonants("اليوم")
        ('dstr', 'dstr', 'dstr', 'ym')
    """
    written = []
    for word in core_name(name).split():
        bare = _FINAL.sub("", _ARTICLE.sub("", word))
        for letters, letter in _DIGRAPHS:
            bare = bare.replace(letters, letter)
        bare = bare.translate(_CONSONANTS)
        written.append(bare[:1] + re.sub(r"[yw\W_]", "", bare[1:]))
    joined = re.sub(r"(.)\1+", r"\1", "".join(written))
    return joined if len(joined) >= MIN_CONSONANTS else ""
