"""Each file in ``files/`` reads as the JSON beside it says."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import polars as pl
import pytest
import zstandard

from dedup.feeds import read_feeds

FILES = Path(__file__).parent / "files"
CASES = sorted(path for path in FILES.iterdir() if path.suffix != ".json")


def check(feeds, expected):
    headlines = feeds.headlines
    assert headlines["title"].to_list() == expected["titles"]
    assert headlines["url"].to_list() == expected["urls"]
    assert [time.isoformat() for time in headlines["published"]] == expected["published"]
    assert list(dict.fromkeys(headlines["outlet"])) == expected.get("outlets", [expected.get("outlet")])
    assert feeds.files["status"].to_list() == [expected["status"]]


def expected_of(path: Path) -> dict:
    return json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_a_file_reads_as_expected(path):
    check(read_feeds(path), expected_of(path))


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress], ids=["gzip", "zstd"])
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_compressed_and_under_another_name_it_reads_the_same(path, pack, tmp_path):
    packed = tmp_path / "something.dat"
    packed.write_bytes(pack(path.read_bytes()))
    check(read_feeds(packed), expected_of(path))


def test_all_of_them_in_a_zip_are_read(tmp_path):
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as members:
        for path in CASES:
            members.write(path, path.name)
    feeds = read_feeds(archive)
    assert sorted(feeds.headlines["title"]) == sorted(title for path in CASES for title in expected_of(path)["titles"])
    expected = [expected_of(path) for path in CASES]
    assert set(feeds.headlines["outlet"]) == {
        outlet for case in expected for outlet in case.get("outlets", [case.get("outlet")])
    }


def test_parquet_reads_and_says_what_it_is_under_any_name(tmp_path):
    frame = pl.DataFrame({"headline": ["قطار المساء يصل في موعده"], "source": ["المحطة"], "id": [7]})
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    path = tmp_path / "table.csv"
    path.write_bytes(buffer.getvalue())
    feeds = read_feeds(path)
    assert feeds.headlines.select("headline_id", "outlet", "title").rows() == [
        ("7", "المحطة", "قطار المساء يصل في موعده")
    ]
    assert feeds.files["format"].to_list() == ["parquet"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("<opml version='2.0'><body><outline xmlUrl='https://a.example/'/></body></opml>", "OPML"),
        ("<urlset><url><loc>https://a.example/</loc></url></urlset>", "sitemap"),
        ("<!DOCTYPE html><html><title>404</title><p>لا توجد صفحة</p></html>", "HTML"),
        ("<!doctype html><p>لا توجد صفحة", "HTML"),
        ("<library><book/></library>", "library"),
        ("", "empty"),
        (" \n\t", "empty"),
        ('{"version": "https://jsonfeed.org/version/1.1"}', "items"),
        ("id,name\n1,x\n", "title"),
    ],
)
def test_what_is_no_feed_is_named_for_what_it_is(text, word, tmp_path):
    path = tmp_path / ("a.csv" if text.startswith("id") else "a.xml")
    path.write_text(text, encoding="utf-8")
    feeds = read_feeds(path)
    assert feeds.files["status"].to_list() == ["failed"]
    assert word in feeds.skipped["reason"].item()
    assert feeds.headlines.is_empty()


ATOM_BASES = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://tilal.example/news/"><title>مرآة التلال</title>'
    '<entry xml:base="2026/"><title>افتتاح متحف القرية</title><link href="a.html"/></entry>'
    '<entry><title>تأجيل مباراة النهائي</title><link xml:base="/sport/" href="b.html"/></entry>'
    '<entry><title>عودة القطار البطيء</title><link href="https://sada.example/c"/></entry>'
)
RSS_BASES = (
    '<rss xml:base="https://tilal.example/"><channel xml:base="news/"><title>مرآة التلال</title>'
    '<item xml:base="2026/"><title>افتتاح متحف القرية</title><link>a.html</link></item>'
    "<item><title>تأجيل مباراة النهائي</title><link>/sport/b.html</link></item>"
    "<item><title>عودة القطار البطيء</title><link>https://sada.example/c</link></item>"
)
BASED = ["https://tilal.example/news/2026/a.html", "https://tilal.example/sport/b.html", "https://sada.example/c"]


@pytest.mark.parametrize("damage", ["", "<b>"], ids=["well-formed", "damaged"])
@pytest.mark.parametrize(("feed", "end"), [(ATOM_BASES, "</feed>"), (RSS_BASES, "</channel></rss>")])
def test_relative_links_are_resolved_against_the_base_of_their_element(feed, end, damage, tmp_path):
    path = tmp_path / "a.xml"
    path.write_text(f"{feed}{damage}{end}", encoding="utf-8")
    assert read_feeds(path).headlines["url"].to_list() == BASED
