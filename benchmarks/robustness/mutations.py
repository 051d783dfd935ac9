"""Seeds of every input format, and mutations of them."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import polars as pl
import zstandard

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

TITLES = ("حريق كبير في ميناء الصويرة", "الوزير يفتتح معرض الزهور", "سيول تجتاح وادي السرو", "السوق يغلق على ارتفاع")
MAX_SEED, MAX_INPUT = 200_000, 1_000_000
_WORDS = (
    "<item>", "</item>", "<title>", "</title>", "<![CDATA[", "]]>", "<!--", "-->", "<?", "<a ", "<a x='", "&",
    "&#", "&x;", "<!DOCTYPE a [<!ENTITY b 'c'>]>", "<rss>", "<feed>", "<html><body>", "</", "<", ">", '"', '""',
    ",", ";", "|", "'", "=", "{", "}", "[", "]", '{"title":', '"title":', '"Title":', '"outlet":', '"published":',
    '"id":', "NaN", "1e999", "null", "-", "title", "العنوان", "published", "2026-03-04T05:06:07Z", "9999-12-31",
    "إقرأ أيضاً:", "مقالات مشابهة", "PAR1", "ـ",
)  # fmt: skip
_LETTERS = ("\0", "\ufeff", "\u202e", "\x1b[", '"\n', "\t", "\r", "\n", '"\\ud83d"', "\\u0000", "PK\x03\x04")
_RUNS = ("9" * 400, "[" * 400, '{"a":' * 200, "\u0640" * 50, "\u064b" * 50, "&amp;" * 50, "&lt;" * 50, " " * 200)
_BYTES = (b"\xff\xfe", b"\xfe\xff", b"\xed\xa0\xbd", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xc3", b"\x80", b"\xff" * 8)
TOKENS = (*(token.encode() for token in (*_WORDS, *_LETTERS, *_RUNS)), *_BYTES)
"""Pieces of the formats, and what breaks readers, to be inserted anywhere."""


class Seed(NamedTuple):
    """An input: the name that it is given (the suffix counts) and its bytes."""

    name: str
    data: bytes


def _texts(rows: list[dict[str, str]]) -> Iterator[Seed]:
    """Yield a table without a header, and citations."""
    columns = ("published", "outlet", "title", "url")
    yield Seed("d.csv", "\n".join(",".join(row[name] for name in columns) for row in rows).encode())  # no header
    ris = "".join(f"TY  - NEWS\nTI  - {row['title']}\nDA  - 2026/03/04\nUR  - {row['url']}\nER  - \n\n" for row in rows)
    yield Seed("a.ris", ris.encode())
    bibtex = "".join(f"@article{{a,\n  title = {{{row['title']}}},\n  date = {{2026-03-04}}\n}}\n\n" for row in rows)
    yield Seed("a.bib", bibtex.encode())
    yield Seed("b.txt", "".join(f"HD \n{row['title']}\nPD 4 March 2026\nSN الضحى\n\n" for row in rows).encode())


def own_seeds() -> Iterator[Seed]:
    """Yield small inputs of every format, made here."""
    rows = [
        {
            "id": f"h{number}",
            "title": title,
            "outlet": "الضحى",
            "published": f"2026-03-0{number}T08:00:00Z",
            "url": f"https://a.example/{number}",
        }
        for number, title in enumerate(TITLES, start=1)
    ]
    date = "<pubDate>Wed, 04 Mar 2026 08:00:00 +0300</pubDate>"
    items = "".join(f"<item><title>{row['title']}</title><link>{row['url']}</link>{date}</item>" for row in rows)
    head = '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0">'
    rss = f"{head}<channel><title>الضحى</title>{items}</channel></rss>"
    entries = "".join(
        f'<entry><title>{row["title"]}</title><link href="{row["url"]}"/><updated>{row["published"]}</updated></entry>'
        for row in rows
    )
    feed = {"version": "https://jsonfeed.org/version/1", "title": "الضحى", "items": rows}
    table = pl.DataFrame(rows)
    parquet = io.BytesIO()
    table.write_parquet(parquet)
    yield Seed("a.xml", rss.encode())
    yield Seed("a.atom", f'<feed xmlns="http://www.w3.org/2005/Atom"><title>الضحى</title>{entries}</feed>'.encode())
    yield Seed("b.xml", rss.replace("UTF-8", "windows-1256").encode("cp1256"))
    yield Seed("c.xml", rss.encode("utf-16"))
    yield Seed("a.json", json.dumps(feed).encode())
    yield Seed("b.json", json.dumps(rows, ensure_ascii=False).encode())
    yield from _texts(rows)
    yield Seed("a.jsonl", "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode())
    yield Seed("a.csv", table.write_csv().encode())
    yield Seed("a.tsv", table.write_csv(separator="\t").encode())
    yield Seed("a.txt", "\n".join(TITLES).encode())
    yield Seed("a.parquet", parquet.getvalue())
    page = f"<html><body><h1>{TITLES[0]}</h1><p>المصدر: الضحى</p><h3>مقالات مشابهة</h3><ul>" + "".join(
        f'<li><a href="{row["url"]}">{row["title"]}</a></li>' for row in rows
    )
    yield Seed("a.html", f"{page}</ul></body></html>".encode())
    yield Seed("page.txt", f"{TITLES[0]}\nالمصدر: الضحى\nمقالات مشابهة\n• {TITLES[1]}\n• {TITLES[2]}\n".encode())
    yield Seed("a.xml.gz", gzip.compress(rss.encode()))
    yield Seed("a.xml.zst", zstandard.compress(rss.encode()))
    cells = "".join(f"<tr><td>{row['title']}<td>{row['outlet']}<td>{row['published']}</tr>" for row in rows)
    yield Seed("a.xls", f"<html><table><tr><th>title<th>source<th>date</tr>{cells}</table>".encode())
    yield Seed(
        "chat.txt", "".join(f"03/03/2026, 08:0{row['id'][1]} - الضحى: {row['title']}\n" for row in rows).encode()
    )
    dated = "".join(f"{row['title']},الضحى,1{row['id'][1]}/9/1447,08:10,Asia/Riyadh\n" for row in rows)
    yield Seed("b.csv", f"العنوان (عربي),الصحيفة/الموقع,التاريخ الهجري,الوقت (GMT+3),timezone\n{dated}".encode())
    parts = "".join(f"{row['title']},3,3,2026,46084.25\n" for row in rows)
    yield Seed("c.csv", f"العنوان,اليوم,الشهر,السنة,published_ts\n{parts}".encode())
    nested = [{"tweet": {"full_text": row["title"], "created_at": {"$date": row["published"]}}} for row in rows]
    yield Seed("a.js", b"window.data = " + json.dumps(nested).encode())
    for mode in ("w", "w:gz"):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode=mode) as tar:  # type: ignore[call-overload]  # of both modes
            for name, content in (("a.xml", rss.encode()), ("b/c.csv", table.write_csv().encode())):
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
        yield Seed("a.tar", packed.getvalue())
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", method) as archive:
            archive.writestr("a.xml", rss)
            archive.writestr("b/c.csv", table.write_csv())
        yield Seed("a.zip", packed.getvalue())


def shared_seeds(data: Path) -> Iterator[Seed]:
    """Yield the small files of a data folder: real feeds, the conformance suite, hostile files, earlier attacks."""
    for folder in ("feeds", "cases/trust", "cases/inputs"):
        for path in sorted((data / folder).rglob("*")):
            if path.is_file() and path.suffix not in (".py", ".db") and path.stat().st_size <= MAX_SEED:
                yield Seed(path.name, path.read_bytes())
    for archive in ("conformance/gofeed.tar.gz", "hostile/hostile.tar.gz"):
        if (data / archive).is_file():
            with tarfile.open(data / archive) as tar:
                for member in tar:
                    if member.isfile() and member.size <= MAX_SEED and (file := tar.extractfile(member)):
                        yield Seed(Path(member.name).name, file.read())


def mutate(seed: Seed, seeds: list[Seed], dice: random.Random) -> Seed:
    """Change a seed in one to eight places; sometimes give it another seed's name, or pack it."""
    data = bytearray(seed.data)
    for _ in range(dice.choice((1, 1, 1, 2, 3, 8))):
        data = dice.choice(_CHANGES)(data, seeds, dice)[:MAX_INPUT]
    name, changed = seed.name, bytes(data)
    if dice.random() < 0.1:
        name = dice.choice(seeds).name
    if dice.random() < 0.05:
        name, changed = f"{name}.gz", gzip.compress(changed)
    return Seed(name, changed)


def _position(data: bytearray, dice: random.Random) -> int:
    return dice.randrange(len(data) + 1)


def _flip(data: bytearray, seeds: list[Seed], dice: random.Random) -> bytearray:  # noqa: ARG001 - one signature
    for _ in range(min(dice.choice((1, 4, 40)), len(data))):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return data


def _cut(data: bytearray, seeds: list[Seed], dice: random.Random) -> bytearray:  # noqa: ARG001 - as above
    start, end = sorted((_position(data, dice), _position(data, dice)))
    return data[:start] if dice.random() < 0.3 else data[:start] + data[end:]


def _repeat(data: bytearray, seeds: list[Seed], dice: random.Random) -> bytearray:  # noqa: ARG001 - as above
    start = _position(data, dice)
    piece = data[start : start + dice.choice((1, 2, 8, 100, 2000))]
    return data[:start] + piece * dice.choice((2, 10, 300, 5000)) + data[start:]


def _splice(data: bytearray, seeds: list[Seed], dice: random.Random) -> bytearray:
    other = dice.choice(seeds).data
    start, length = dice.randrange(len(other) + 1), dice.choice((10, 300, 20_000))
    position = _position(data, dice)
    return data[:position] + other[start : start + length] + data[position + dice.choice((0, length)) :]


def _insert(data: bytearray, seeds: list[Seed], dice: random.Random) -> bytearray:  # noqa: ARG001 - as above
    position = _position(data, dice)
    return data[:position] + dice.choice(TOKENS) * dice.choice((1, 1, 2, 50, 3000)) + data[position:]


def _overwrite(data: bytearray, seeds: list[Seed], dice: random.Random) -> bytearray:  # noqa: ARG001 - as above
    position, noise = _position(data, dice), dice.randbytes(dice.choice((1, 4, 8, 64)))
    return data[:position] + noise + data[position + len(noise) :]


def _move(data: bytearray, seeds: list[Seed], dice: random.Random) -> bytearray:  # noqa: ARG001 - as above
    start, end = sorted((_position(data, dice), _position(data, dice)))
    piece = data[start:end]
    rest = data[:start] + data[end:]
    position = _position(rest, dice)
    return rest[:position] + piece + rest[position:]


_CHANGES = (_flip, _cut, _repeat, _splice, _insert, _insert, _overwrite, _move)
