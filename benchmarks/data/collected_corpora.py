"""mena2026 and mixed2026: corpora collected from the files and the history of repositories that gather headlines.

Each source yields sightings of headlines; repeated sightings are dropped (``_distinct``), and a corpus joins the
sources that it consists of up to its last day (``mena2026``, ``mixed2026``).
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from benchmarks.data.sources import EASTERN_NEWS_BOT, KHABARAK_ENDI, LEBANESE_NEWS, MENA_NEWSSTAND

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from benchmarks.data.git_clone import Clone

Row = dict[str, Any]
"""``outlet``, ``title``, ``published`` (ISO text) and ``url`` (None where unknown) of a headline."""

MENA_OUTLETS = ("Al Manar", "Al Mayadeen", "Al-Akhbar", "Falastin al-Youm")
"""Outlets of the newsstand that publish in Arabic; titles of the others are machine translations."""

SENT_FILES = ("sent_news", "sent_general", "sent_services", "sent_weather", "sent_jobs", "sent_jobs_2")
"""Files in which the news bot remembers the items that it sent."""

MENA_END, MIXED_END = datetime(2026, 6, 26, 12, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC)
"""First moment after each corpus; later headlines are kept back for later evaluations."""

_ARABIC = re.compile(r"[\u0600-\u06ff]")
_TAG = re.compile(r"<[^>]+>")
_OUTLET_SUFFIX = re.compile(r"(.*\S)\s+-\s+([^-]{2,60})$")
_REPEATED_OUTLET = re.compile(r"(.*\S)\s+[-|]\s+([^-|]{2,60})$")
_MARKS = re.compile(
    r"[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\u061c]"
)


def mena2026(clones: Path) -> Iterator[Row]:
    """Yield the rows of mena2026."""
    return _joined("mena2026", MENA_END, [newsstand(MENA_NEWSSTAND.clone(clones))])


def mixed2026(clones: Path) -> Iterator[Row]:
    """Yield the rows of mixed2026: a Saudi province, Lebanese papers and Yemeni republishers."""
    sources = [
        news_bot(EASTERN_NEWS_BOT.clone(clones)),
        lebanese_papers(LEBANESE_NEWS.clone(clones)),
        yemeni_republishers(KHABARAK_ENDI.clone(clones)),
    ]
    return _joined("mixed2026", MIXED_END, sources)


def newsstand(clone: Clone) -> Iterator[Row]:
    """Yield the headlines of Arabic outlets in all versions of ``headlines.json``.

    The first title of a URL counts. Items without a time get that of the first commit of their version.
    """
    sightings: dict[tuple[str, str], Row] = {}
    for time, document in _json_versions(clone, "headlines.json"):
        for section in _sections(document):
            for item in section["headlines"] or []:
                title = (item.get("title") or "").strip()
                if not is_arabic(title):
                    continue
                key = section["source"], item.get("url") or title
                row = {"outlet": key[0], "title": title, "published": item.get("published") or time}
                sightings.setdefault(key, row | {"url": item.get("url")})
    return (row for row in sightings.values() if row["outlet"] in MENA_OUTLETS)


def news_bot(clone: Clone) -> Iterator[Row]:
    """Yield the Google News items in all versions of the bot's files, with the outlet cut off the title.

    The earliest time of an item counts: the bot writes when it sent it.
    """
    sightings: dict[str, Row] = {}
    for name in SENT_FILES:
        for _, document in _json_versions(clone, f"{name}.json"):
            for key, item in document.items() if isinstance(document, dict) else ():
                if not isinstance(item, dict):
                    continue
                title, time = (
                    plain_text(item.get("title")),
                    item.get("sent_at") or item.get("date") or item.get("published"),
                )
                if not title or not time or not is_arabic(title, share=0.4):
                    continue
                row = sightings.setdefault(key, {"title": title, "published": time})
                row["published"] = min(row["published"], time)
    for row in sightings.values():
        outlet, title = split_outlet(row["title"])
        yield {"outlet": outlet, "title": title, "published": row["published"], "url": None}


def lebanese_papers(clone: Clone) -> Iterator[Row]:
    """Yield the headlines of the daily ``news_*.csv`` files; times are local, at best to the minute."""
    for path, blob in sorted(clone.files().items()):
        match = re.fullmatch(r"news_(?:unified_)?(\d{4}-\d\d-\d\d)\.csv", path)
        if match is None:
            continue
        (content,) = clone.contents([blob])
        for record in csv.DictReader(io.StringIO(content.decode("utf-8-sig", "replace"))):
            title = (record.get("title") or "").strip()
            if is_arabic(title):
                published = lebanese_time((record.get("date") or "").strip(), match[1])
                yield {"outlet": record["source"], "title": title, "published": published, "url": record.get("url")}


def yemeni_republishers(clone: Clone) -> Iterator[Row]:
    """Yield the articles of 2025 in all versions of the site's files, without its hand-made samples."""
    for path in ("data/news.json", "news.json", "data/samplenews.json"):
        for _, document in _json_versions(clone, path):
            for article in (document.get("articles") if isinstance(document, dict) else document) or []:
                if not isinstance(article, dict) or not is_arabic(article.get("title") or ""):
                    continue
                url, published = article.get("url") or article.get("link") or "", article.get("date") or ""
                if article.get("time"):
                    published = _feed_time(article["time"])
                if re.search(r"/article/(123|456|789)\b", url) or not published.startswith("2025"):
                    continue
                outlet = re.sub(r"^www\.", "", article["source"])
                published = published.replace("Z", "+00:00")
                yield {"outlet": outlet, "title": plain_text(article["title"]), "published": published, "url": url}


def is_arabic(title: str, share: float = 0.5) -> bool:
    """Return whether a title has at least four Arabic letters, which are at least ``share`` of its letters.

    Examples:
        >>> is_arabic("افتتاح جسر جديد"), is_arabic("PDF: جسر")
        (True, False)
    """
    arabic = len(_ARABIC.findall(title))
    return arabic > 3 and arabic >= share * sum(map(str.isalpha, title))


def plain_text(markup: str | None) -> str:
    """Return text without tags and entities, its white space joined.

    Examples:
        >>> plain_text("<b>a</b>&amp;b  c")
        'a &b c'
    """
    text = " ".join(_TAG.sub(" ", html.unescape(markup or "")).split())
    return " ".join(html.unescape(text).split())  # feeds escape entities twice


def split_outlet(title: str) -> tuple[str, str]:
    """Split a Google News title into outlet and title; the outlet is ``unknown`` if the title has none.

    Examples:
        >>> split_outlet("افتتاح جسر - صحيفة الجسر - صحيفة الجسر")
        ('صحيفة الجسر', 'افتتاح جسر')
    """
    match = _OUTLET_SUFFIX.match(title)
    outlet = match[2].strip() if match else "unknown"
    title = match[1] if match else title
    while (repeated := _REPEATED_OUTLET.match(title)) and _letters(repeated[2]) == _letters(outlet):
        title = repeated[1]
    return outlet, title


def lebanese_time(text: str, day: str) -> str:
    """Return the ISO time of a date as the papers write it; without a date, that of the file's day.

    Examples:
        >>> lebanese_time("3.2.2026 14:05", "2026-02-04"), lebanese_time("9:30", "2026-02-04")
        ('2026-02-03T14:05', '2026-02-04T09:30')
    """
    iso = re.match(r"(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d:\d\d))?", text)
    if iso:
        return f"{iso[1]}-{iso[2]}-{iso[3]}" + (f"T{iso[4]}" if iso[4] else "")
    date = re.match(r"(\d{1,2})\s*[.\-/]\s*(\d{1,2})\s*[.\-/]\s*(\d{4})", text)
    clock = re.search(r"(\d{1,2}):(\d\d)", text)
    if date:
        day = f"{date[3]}-{int(date[2]):02d}-{int(date[1]):02d}"
    return day + (f"T{int(clock[1]):02d}:{clock[2]}" if clock else "")


def _letters(text: str) -> str:
    """Return the letters and digits of a name, folded, to compare two spellings of an outlet."""
    text = _MARKS.sub("", html.unescape(text)).lower()
    text = text.translate(str.maketrans("إأآٱىةؤئ" + "٠١٢٣٤٥٦٧٨٩", "اااايهوي" + "0123456789"))
    return " ".join(re.sub(r"[^\w]+", " ", text).split())


def _feed_time(text: str) -> str:
    """Return an RFC 822 time as ISO text, or the text itself if it is not one."""
    try:
        return parsedate_to_datetime(text).isoformat()
    except (TypeError, ValueError):
        return text


def _json_versions(clone: Clone, path: str) -> Iterator[tuple[str, Any]]:
    """Yield time of the first commit and content of each distinct version of a file, skipping invalid JSON."""
    first = {version.blob: version.time for version in reversed(clone.versions(path))}
    blobs = list(dict.fromkeys(version.blob for version in clone.versions(path)))
    for blob, content in zip(blobs, clone.contents(blobs), strict=True):
        try:
            document = json.loads(content)
        except ValueError:
            continue
        yield first[blob], document


def _sections(document: object) -> Iterator[dict[str, Any]]:
    """Yield every object with ``source`` and ``headlines``, at any depth."""
    if isinstance(document, list):
        for value in document:
            yield from _sections(value)
    elif isinstance(document, dict):
        if "headlines" in document and "source" in document:
            yield document
        else:
            for value in document.values():
                yield from _sections(value)


def _distinct(rows: Iterable[Row]) -> Iterator[Row]:
    """Sort rows by time and drop repetitions: the same outlet and URL, or outlet, title and day."""
    seen: set[tuple[str, ...]] = set()
    for row in sorted(rows, key=lambda row: (row["published"] or "9", row["outlet"], row["title"])):
        keys = {("title", row["outlet"], row["title"], row["published"][:10])}
        if row["url"]:
            keys.add(("url", row["outlet"], row["url"]))
        if seen.isdisjoint(keys):
            seen |= keys
            yield row


def _joined(name: str, end: datetime, sources: Iterable[Iterable[Row]]) -> Iterator[Row]:
    """Yield the distinct rows of all sources before ``end``, with the id derived from their content."""
    ids = set()
    for source in sources:
        for row in _distinct(source):
            outlet, title, published = row["outlet"] or "", " ".join(row["title"].split()), row["published"]
            digest = blake2b(f"{outlet}|{published}|{title}".encode(), digest_size=5).hexdigest()
            time = datetime.fromisoformat(published.replace("Z", "+00:00"))
            time = time if time.tzinfo else time.replace(tzinfo=UTC)
            if title and digest not in ids and time < end:
                yield {"id": name[:2] + digest, "outlet": outlet, "title": title, "published": published}
            ids.add(digest)
