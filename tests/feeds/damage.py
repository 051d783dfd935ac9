"""A well-formed feed, and twenty-six ways to damage it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

WORDS = (
    "الوزير يفتتح معرض الزهور في حديقة المدينة",
    "بعد ترميم النافورة القديمة ورئيس البلدية يعلن موعد سباق الدراجات",
    "وفريق الحي يفوز بكأس الصيف والمكتبة العامة تمدد ساعات العمل خلال العطلة",
    "وسائقو الحافلات يطالبون بمواقف جديدة",
)
WORD_LIST = [word for words in WORDS for word in words.split()]


class Feed(NamedTuple):
    """A feed: its bytes, those of each item, and the titles."""

    data: bytes
    items: list[bytes]
    titles: list[str]


def make_feed(rng: random.Random, items: int = 12) -> Feed:
    """A feed of invented news; some titles in CDATA, some with entities."""
    titles, parts = [], []
    for number in range(items):
        title = " ".join(rng.sample(WORD_LIST, rng.randint(4, 9))) + f" {number}"
        spelled = title
        form = rng.randrange(4)
        if form == 0:
            spelled = f"<![CDATA[{title}]]>"
        elif form == 1:
            title, spelled = f"{title} & غيره", f"{title} &amp; غيره"
        titles.append(title)
        parts.append(
            f"<item>\n<title>{spelled}</title>\n<link>https://bustan.example/{number}</link>\n"
            f'<guid isPermaLink="false">b{number}</guid>\n'
            f"<pubDate>Mon, {number % 27 + 1:02} Jun 2026 08:00:00 +0300</pubDate>\n"
            f"<description><![CDATA[<p>{' '.join(rng.sample(WORD_LIST, 12))}</p>]]></description>\n</item>\n"
        )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>صحيفة البستان</title>\n'
    data = head + "".join(parts) + "</channel></rss>\n"
    return Feed(data.encode(), [part.encode() for part in parts], titles)


def _spot(data: bytes, rng: random.Random, pattern: bytes) -> re.Match[bytes]:
    return rng.choice(list(re.finditer(pattern, data)))


def _drop(pattern: bytes) -> Callable[[bytes, random.Random], bytes]:
    """Lose one place that matches."""

    def damage(data: bytes, rng: random.Random) -> bytes:
        spot = _spot(data, rng, pattern)
        return data[: spot.start()] + data[spot.end() :]

    return damage


def _insert(pattern: bytes, text: bytes) -> Callable[[bytes, random.Random], bytes]:
    """Put text right after one place that matches."""

    def damage(data: bytes, rng: random.Random) -> bytes:
        spot = _spot(data, rng, pattern)
        return data[: spot.end()] + text + data[spot.end() :]

    return damage


def _everywhere(text: bytes, other: bytes) -> Callable[[bytes, random.Random], bytes]:
    return lambda data, _: data.replace(text, other)


def _chunk(data: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(200, len(data) - 400)
    return start, start + rng.randrange(20, 300)


def _lost_chunk(data: bytes, rng: random.Random) -> bytes:
    start, end = _chunk(data, rng)
    return data[:start] + data[end:]


def _copied_chunk(data: bytes, rng: random.Random) -> bytes:
    start, end = _chunk(data, rng)
    return data[:end] + data[start:end] + data[end:]


def _flipped_bit(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(200, len(data) - 50)
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]


def _windows_title(data: bytes, rng: random.Random) -> bytes:
    spot = _spot(data, rng, rb"<title>([^<&]+)</title>\n<link>")
    return data[: spot.start(1)] + spot[1].decode().encode("cp1256") + data[spot.end(1) :]


def _all_windows(data: bytes, rng: random.Random) -> bytes:  # noqa: ARG001 - one signature for all
    return data.decode().encode("cp1256")


WARNING = "<br />\n<b>Warning</b>:  mysql_connect(): الخادم مشغول in <b>feed.php</b> on line <b>7</b><br />\n".encode()
KINDS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "cut off": lambda data, rng: data[: rng.randrange(400, len(data) - 20)],
    "lost <": _drop(rb"<(?=/?\w)"),
    "lost >": _drop(rb">"),
    "raw & in a title": _insert(rb"<title>(?!<!\[)[^<]{3}", b"A & B"),
    "raw < in a title": _insert(rb"<title>(?!<!\[)[^<]{3}", b" < 5 "),
    "raw & in a link": _insert(rb"example/\d+", b"?a=1&b=2"),
    "NUL": _insert(rb"</\w+>", b"\0"),
    "control character": _insert(rb"<title>(?!<!\[)", b"\x1b[1m"),
    "bad byte": _insert(rb"<title>(?!<!\[)[^<]{8}", b"\xc3"),
    "flipped bit": _flipped_bit,
    "missing </title>": _drop(rb"</title>(?=\n<link>)"),
    "missing </item>": _drop(rb"</item>"),
    "missing <item>": _drop(rb"<item>"),
    "missing <title>": _drop(rb"<title>(?=[^\n]*</title>\n<link>)"),
    "missing </channel></rss>": _drop(rb"</channel></rss>"),
    "lost chunk": _lost_chunk,
    "copied chunk": _copied_chunk,
    "unclosed CDATA": _drop(rb"\]\]>"),
    "unclosed comment": _insert(rb"</item>\n", b"<!-- "),
    "PHP warning before": lambda data, _: WARNING + data,
    "PHP warning within": _insert(rb"</item>\n", WARNING),
    "junk after": lambda data, _: data + b"<script>track('&');</script>\n",
    "undeclared entity": _insert(rb"<title>(?!<!\[)[^<]{3}", b"&nbsp;&laquo;"),
    "one windows-1256 title": _windows_title,
    "windows-1256 labelled UTF-8": _all_windows,
    "lying label": _everywhere(b'encoding="UTF-8"', b'encoding="windows-1256"'),
}


WHOLE_FILE = frozenset(("windows-1256 labelled UTF-8",))
"""Damage that changes every item's bytes and should cost none."""


def untouched(feed: Feed, damaged: bytes, kind: str) -> list[str]:
    """The titles of items whose bytes came through the damage."""
    return [title for item, title in zip(feed.items, feed.titles, strict=True) if kind in WHOLE_FILE or item in damaged]
