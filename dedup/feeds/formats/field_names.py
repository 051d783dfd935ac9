"""Find the columns of title, outlet, time, link and id by their names in Arabic, English, French and others.

Names are compared without case, blanks, punctuation, marks of direction and the article «ال»; letters that typists
confuse are folded. The caller's mapping takes precedence.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from dedup.core.letters import fold_letters
from dedup.errors import SettingError
from dedup.feeds.document import Unusable
from dedup.feeds.fields.zones import ABBREVIATIONS, zone_named
from dedup.feeds.files.discover import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ROLES = ("title", "outlet", "published", "url", "id")
"""The roles that a mapping may name."""
NAMES: dict[str, tuple[str, ...]] = {
    "title": (
        "title", "headline", "عنوان", "عنوان الخبر", "عنوان المقال", "heading", "head line", "titre", "news title",
        "article title", "headline text", "نص العنوان", "عنوان رئيسي", "عنوان المادة", "عنوان الموضوع", "مانشيت",
        "post title", "story title", "item title", "news headline", "web title", "page title", "titre de l'article",
        "titre article", "manchette", "link text", "تيتر", "تيتر خبر", "سرتيتر", "سرخي", "شه سرخي", "başlık",
        "haber başlığı", "כותרת", "titel", "überschrift", "schlagzeile", "título", "titular", "titolo", "manchete",
        "заголовок",
    ),
    "text": (
        "text", "message", "post message", "full text", "tweet", "tweet text", "caption", "نص الخبر", "نص المنشور",
        "نص التغريدة", "منشور", "تغريدة", "content", "content text", "content html", "body", "description", "summary",
        "snippet", "hit sentence", "opening text", "محتوى", "متن الخبر", "خبر", "نص", "texte", "contenu",
    ),
    "outlet": (
        "outlet", "outlet name", "source name", "media name", "publication", "publication name", "publisher",
        "publisher name", "news outlet", "newspaper", "newspaper name", "source title", "feed title", "feed name",
        "source", "news source", "media", "media outlet", "media title", "channel", "channel name", "channel title",
        "page name", "account name", "account", "اسم الصحيفة", "اسم المصدر", "اسم الموقع", "اسم القناة", "اسم الجريدة",
        "اسم الوسيلة", "اسم الوسيلة الإعلامية", "اسم الوكالة", "اسم الصفحة", "اسم الحساب", "وسيلة الإعلام",
        "وسيلة إعلامية", "وسيلة", "صحيفة", "جريدة", "مصدر", "مصدر الخبر", "قناة", "وكالة", "وكالة الأنباء", "ناشر",
        "جهة النشر", "جهة الناشرة", "مؤسسة إعلامية", "صفحة", "حساب", "origin", "nom du média", "nom du media", "média",
        "nom de la source", "journal", "titre de presse", "éditeur", "support", "site name", "موقع", "site", "website",
        "provider", "feed", "domain", "domain name", "host", "hostname", "from", "user", "user name", "screen name",
        "collection title", "publication title", "container title", "journal title", "newspaper title", "منبع", "رسانه",
        "نام رسانه", "خبرگزاري", "روزنامه", "ذريعه", "ماخذ", "kaynak", "gazete", "מקור", "עיתון", "quelle", "zeitung",
        "fuente", "medio", "fonte", "testata", "источник", "сми",
    ),
    "published": (
        "published", "published at", "date unixtime", "date time pub", "pub date", "date gmt", "post date gmt",
        "published gmt", "published utc", "publication datetime", "published datetime", "datetime", "date time",
        "iso date", "date published", "published date", "published on", "publish date", "published time",
        "publication date", "publication time", "web publication date", "post date", "post created", "posted at",
        "posted on", "posted", "issued", "article date", "story date", "news date", "release date", "display date",
        "تاريخ ووقت النشر", "وقت وتاريخ النشر", "تاريخ النشر", "تاريخ والوقت", "تاريخ ووقت", "وقت النشر",
        "تاريخ الخبر", "تاريخ المقال", "تاريخ الإصدار", "date de publication", "date et heure", "date parution",
        "date de parution", "date", "تاريخ", "created at", "created", "created on time", "created time",
        "creation date", "تاريخ الإضافة", "published parsed", "timestamp", "time stamp", "time", "hour", "وقت", "ساعة",
        "ساعة النشر", "توقيت", "توقيت النشر", "heure", "heure de publication",
        "تاريخ انتشار", "زمان انتشار", "تاريخ اشاعت", "زمان", "ساعت", "tarih", "yayın tarihi", "saat", "תאריך פרסום",
        "תאריך", "שעה", "erscheinungsdatum", "datum", "uhrzeit", "fecha de publicación", "fecha", "hora",
        "data di pubblicazione", "data de publicação", "дата публикации", "дата", "created utc", "created gmt",
    ),
    "updated": (
        "updated", "updated at", "date updated", "update date", "last updated", "modified", "modified gmt",
        "date modified", "modified at", "updated parsed", "last modified", "lastmod", "آخر تحديث", "تاريخ التحديث",
        "timestamp usec", "date de mise à jour",
    ),
    "collected": (
        "seen date", "date seen", "crawled", "crawled at", "crawl date", "crawl time", "crawl time msec", "scraped at",
        "scraped", "scrape date", "fetched at", "fetched", "retrieved at", "collected at", "harvest date",
        "indexed date", "indexed at", "date added", "added at", "تاريخ الرصد", "وقت الرصد", "تاريخ الجمع",
        "date de collecte",
    ),
    "url": (
        "url", "link", "href", "permalink", "رابط", "رابط الخبر", "رابط المقال", "رابط المادة", "رابط المنشور",
        "article url", "article link", "news url", "news link", "story url", "post url", "post link", "web url",
        "page url", "canonical url", "canonical", "لينك", "پيوند", "لنك", "bağlantı",
        "קישור", "enlace", "ссылка", "alternate", "external url", "expanded url", "lien", "lien url",
        "lien de l'article", "uri", "loc", "links",
    ),
    "id": ("id", "headline id", "article id", "معرف", "رقم", "guid id"),
}  # fmt: skip
"""Names for each role, the surest first. ``text`` stands in for a missing title, ``updated`` and ``collected`` for a
missing time of publication. Those in other languages are of Persian, Urdu, Turkish, Hebrew, German, Spanish, Italian,
Portuguese and Russian tables."""
ZONE_NAMES = frozenset(("timezone", "tz", "zone", "utcoffset", "tzoffset", "منطقهزمنيه", "توقيتمحلي"))
"""Folded names of columns with the zone of the times beside them."""
TIMES_OF_DAY = frozenset(("time", "hour", "وقت", "ساعه", "ساعهنشر", "وقتنشر", "توقيت", "توقيتنشر", "heure"))
"""Folded names of columns with a time of day."""
DAY_NAMES = (("year", "سنه", "عام", "annee"), ("month", "شهر", "mois"), ("day", "يوم", "jour"))
"""Folded names of the columns of a date in three parts."""
ALIKE = {
    "title": re.compile(
        r"^(?:نص)?عنوان(?!.*(?:فرع|بريد|رابط|موقع|صفحه|ip|مصدر))"
        r"|^(?:news|article|story|post|main)?(?:headline|title)s?(?:ar|arabic|text|عربي)?$"
    ),
    "url": re.compile(
        r"^(?!.*(?:image|img|photo|video|thumb|logo|author|profile|icon|media|source|feed|home|comment|self|short|api|json"
        r"|next|prev|edit|pdf|audio|صور|فيديو|شعار|كاتب|موقع|مصدر))(?:(?:url|link|رابط).*|.*(?:url|link)s?)$"
    ),
    "outlet": re.compile(
        r"^(?:اسم)?(?:صحيف|جريد|وسيل|قناه?|وكال|موقع|مصدر|ناشر|جه[هة])(?!.*(?:رابط|نوع|بلد|دوله|تاريخ))"
        r"|^(?:news|media|press|web)?(?:publisher|source|outlet|media|newspaper|channel|site)(?:name|title)?$"
    ),
    "published": re.compile(
        r"^(?:تاريخ|وقت|توقيت|موعد)(?!.*(?:تحديث|تعديل|رصد|جمع|ميلاد[^ي]|انتهاء|حذف))"
        r"|^(?:date|time|publi|pub|post|news|article|issue|release|story|item|air|broadcast|gregorian|creat)[a-z]*"
        r"(?:date|time|datetime|dt|ts|timestamp|at|on|utc|gmt|gregorian)$"
    ),
}  # fmt: skip
"""Patterns of folded names for the roles that no column has by a name of ``NAMES``; a remark says so."""
HIJRI_NAME = re.compile(r"هجري|hijri")
LIKELY = {
    "outlet": re.compile(r"source|outlet|publish|media|newspaper|channel|صحيف|جريد|مصدر|قنا|وكال|موقع|وسيل|journal"),
    "published": re.compile(r"date|time|تاريخ|وقت|ساع|توقيت|heure"),
}
"""Words in names of columns that probably hold the role."""
OTHER_FIELDS = {
    "outlet": re.compile(r"date|time|url|link|uri|id$|country|lang|type|image|تاريخ|وقت|رابط|بلد|دوله|نوع"),
    "published": re.compile(r"url|link|id$|timezone|update"),
}
"""Words in names of columns that hold something else."""
MAX_NAME = 100
"""Characters of the longest name of a column that is looked up."""
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_ALTERNATIVES = re.compile(r"\s*[/|\\]\s*|\s[-–—]\s|\s(?:or|أو|ou)\s")
_OTHER_LANGUAGE = re.compile(r"(?i)[(\[_ -](?:en|eng|english|fr|french|translat\w+|انجليزي\w*|إنجليزي\w*|مترجم\w*)\b")
_OFFSET = re.compile(r"(?i)(?:gmt|utc|[(\[])\s*([+-])([01]?[0-9])(?::?([0-5][0-9]))?(?![0-9])")
_UTC = re.compile(r"(?i)(?:gmt|utc)[)\]\s]*$")
_ZONE = re.compile(r"[(\[]([^()\[\]]+)[)\]]|توقيت\s+([^()\[\]]+)")
_ZONED = re.compile(r"(?:[zZ]|[+-]\d\d:?\d\d)\s*$")
_PERSIAN = str.maketrans("یکہۀے", "يكههي")
"""Letters of Persian and Urdu, and those of Arabic in their place."""
_MARKS = re.compile(r"[\ufeff\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def strip_marks(text: str) -> str:
    """Strip marks of direction and of byte order."""
    return _MARKS.sub("", text)


def check_mapping(columns: Mapping[str, str] | None) -> None:
    """Check that a mapping names only roles that exist.

    Raises:
        SettingError: it names another one.
    """
    for role in columns or {}:
        if role not in ROLES:
            raise SettingError("columns", role, f"one of {', '.join(ROLES)}")


@lru_cache(maxsize=4096)
def fold_name(name: str) -> str:
    """Return the name of a column for comparison.

    Examples:
        >>> fold_name("تاريخ_النشر") == fold_name("التاريخ  نشر"), fold_name("publishedAt")
        (True, 'publishedat')
    """
    letters = fold_letters(re.sub(r"[\"'’#@*]", "", _MARKS.sub("", name)).translate(_PERSIAN))
    words = re.sub(r"[\s_.:/\\()\[\]-]+", " ", letters).strip()
    return re.sub(r"(^|\s)ال", "", words).replace(" ", "")


def _keys(name: str) -> list[str]:
    """Return the folded forms of a column's name: in full, without brackets, and each of its alternatives.

    Examples:
        >>> _keys("Headline (AR)"), _keys("الصحيفة/الموقع")
        (['headlinear', 'headline'], ['صحيفهموقع', 'صحيفه', 'موقع'])
    """
    if len(name) > MAX_NAME:
        return [""]
    bare = _BRACKETS.sub(" ", name)
    parts = _ALTERNATIVES.split(bare)
    return list(dict.fromkeys(filter(None, map(fold_name, (name, bare, *(parts if len(parts) > 1 else ()))))))


FOLDED = {
    role: {name: rank for rank, name in reversed(list(enumerate(dict.fromkeys(map(fold_name, names)))))}
    for role, names in NAMES.items()
}


NAMED = frozenset(key for names in FOLDED.values() for key in names)


@lru_cache(maxsize=1024)
def rank_columns(header: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the columns of each role, the surest first.

    Examples:
        >>> rank_columns(("Date", "Time", "Headline"))["published"]
        ['Date', 'Time']
    """
    keys = [_keys(str(name)) for name in header]
    ranked = {}
    known: set[int] = set()
    for role, names in FOLDED.items():
        columns = [
            (_is_translation(header[position]), min(names[key] for key in own if key in names), position)
            for position, own in enumerate(keys)
            if any(key in names for key in (own[:1] if _is_named(own) else own))
        ]
        known |= {position for *_, position in columns}
        ranked[role] = [header[position] for *_, position in sorted(columns)]
    if not ranked["title"] and ranked["url"] and ranked["published"] and ["name"] in keys:
        ranked["title"] = [header[keys.index(["name"])]]  # schema.org and Bing call a headline so
    for role in ALIKE:
        if not ranked[role] and (role != "title" or not ranked["text"]):
            alike = [position for position in _alike(role, keys) if position not in known]
            known |= set(alike)
            ranked[role] = [header[position] for position in alike]
    return ranked


def _is_translation(name: object) -> bool:
    """Return whether a column's name says that it holds another language: "Title (EN)" beside "Title (AR)"."""
    return bool(_OTHER_LANGUAGE.search(str(name)))


def _is_named(keys: Sequence[str]) -> bool:
    """Return whether the full name of a column is known, so that its parts do not matter."""
    return not NAMED.isdisjoint(keys[:1])


def _alike(role: str, keys: Sequence[Sequence[str]]) -> list[int]:
    """Return the columns whose names are like those of a role, Hijri dates last."""
    found = [position for position, own in enumerate(keys) if any(ALIKE[role].search(key) for key in own)]
    return sorted(found, key=lambda position: (bool(HIJRI_NAME.search("".join(keys[position]))), position))


def zone_column(header: Sequence[str]) -> str | None:
    """Return the column with the zone of the times beside it, None if there is none."""
    return next((name for name in header if len(name) <= MAX_NAME and fold_name(name) in ZONE_NAMES), None)


def date_parts(header: Sequence[str]) -> list[int] | None:
    """Return the columns of year, month and day; None if there are none, or another column has the date."""
    folded = [fold_name(name) if len(name) <= MAX_NAME else "" for name in header]
    parts = [next((folded.index(name) for name in names if name in folded), None) for names in DAY_NAMES]
    dates = set(rank_columns(tuple(header))["published"]) - {header[part] for part in parts if part is not None}
    if None in parts or any(fold_name(name) not in TIMES_OF_DAY for name in dates):
        return None
    return [part for part in parts if part is not None]


@lru_cache(maxsize=1024)
def zone_of_name(name: str) -> str:
    """Return the zone that a column's name states, to be written behind its times; "" if it states none.

    Examples:
        >>> zone_of_name("post_date_gmt"), zone_of_name("Date (GMT+3)"), zone_of_name("وقت النشر بتوقيت مكة")
        ('Z', '+03:00', ' Asia/Riyadh')
    """
    offset = _OFFSET.search(name)
    if offset:
        return f"{offset[1]}{int(offset[2]):02}:{offset[3] or '00'}"
    if _UTC.search(name):
        return "Z"
    for match in _ZONE.finditer(name):
        phrase = next(filter(None, match.groups()))
        minutes = ABBREVIATIONS.get(phrase.strip().lower())
        if minutes is not None:
            return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
        if zone := zone_named(phrase):
            return f" {zone}"
    return ""


def with_zone(value: str | None, zone: str) -> str | None:
    """Return a time with a zone behind it, if it is one without a zone."""
    if not value or not zone or ":" not in value or _ZONED.search(value):
        return value
    value = value.rstrip()
    return f"{value}{zone}" if value[-1:].isdigit() or zone[0] == " " else f"{value} {zone}"


class Columns(NamedTuple):
    """The columns of a table by role: positions, the surest first; an empty list where there is none."""

    title: list[int]
    text: list[int]
    outlet: list[int]
    url: list[int]
    id: list[int]
    dates: list[int]
    fallback_dates: list[int]


def find_columns(header: Sequence[str], mapping: Mapping[str, str] | None = None) -> Columns:
    """Return the columns of a table by role.

    Raises:
        Unusable: there is no column of titles, two equally likely ones, or a column of the mapping is missing.
    """
    header = [str(name) for name in header]
    ranked = dict(rank_columns(tuple(header)))
    for role, name in (mapping or {}).items():
        if name not in header:
            raise Unusable(f"no column {name!r} for {role}; {list_columns(header)}")
        ranked[role] = [name]
    first = ranked["title"][:2]
    if len(first) > 1 and fold_name(first[0]) == fold_name(first[1]):
        raise Unusable(f"{len(first)} columns are named like title; {list_columns(header)}")
    if not ranked["title"] and not ranked["text"]:
        raise Unusable(f"no title column; {list_columns(header)}; name one with --map title=COLUMN")
    if "published" in (mapping or {}):
        ranked["updated"] = []
    fallback = ranked["published"][2:] + ranked["updated"]
    if not ranked["published"]:
        fallback = ranked["updated"] + ranked["collected"]
    dates, fallback = (ranked["published"][:2], fallback) if ranked["published"] else (fallback[:1], fallback[1:])
    roles = [ranked[role] for role in ("title", "text", "outlet", "url", "id")]
    return Columns(*([header.index(name) for name in names] for names in (*roles, dates, fallback)))


def unused_columns(header: Sequence[str], roles_used: Iterable[str]) -> str | None:
    """Return a remark on columns recognized by likeness, and on unused ones that look like an outlet or time.

    Examples:
        >>> unused_columns(["title", "my outlet"], ["title"])
        "no outlet column was recognized; 'my outlet' may be one: --map outlet=COLUMN uses it"
    """
    ranked = rank_columns(tuple(map(str, header)))
    remarks = [
        f"column {printable(column[:60])!r} was taken for {role}: --map {role}=COLUMN names another"
        for role in ALIKE
        if role in (*roles_used, "title") and (column := next(iter(ranked[role]), ""))
        and not NAMED.intersection(_keys(column))
    ]  # fmt: skip
    missing = [role for role in LIKELY if role not in roles_used]
    taken = {column for columns in ranked.values() for column in columns}
    for role in missing:
        words = [(name, fold_name(str(name))) for name in header]
        likely = [name for name, word in words if LIKELY[role].search(word) and not OTHER_FIELDS[role].search(word)]
        likely = [name for name in likely if name not in taken]
        if likely:
            listed = ", ".join(repr(printable(str(name)[:60])) for name in likely[:5])
            remarks.append(f"no {role} column was recognized; {listed} may be one: --map {role}=COLUMN uses it")
    return "; ".join(remarks) or None


def has_title(header: Iterable[str], mapping: Mapping[str, str] | None = None) -> bool:
    """Return whether a header has a column of titles."""
    names = [str(name) for name in header]
    if (mapping or {}).get("title") in names:
        return True
    return any(key in FOLDED["title"] for name in names for key in _keys(name))


def list_columns(header: Sequence[str]) -> str:
    """Return the names of columns for a message."""
    shown = ", ".join(printable(name[:60]) for name in header[:30])
    return f"the columns are: {shown}{f' and {len(header) - 30} more' if len(header) > 30 else ''}"
