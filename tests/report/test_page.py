"""The HTML page: complete in itself, escaped, well formed."""

from __future__ import annotations

from html.parser import HTMLParser

import polars as pl

from dedup.coverage import Coverage
from dedup.report.page import page
from dedup.report.view import View

VOID = {"meta", "br", "link", "img"}


class Reader(HTMLParser):
    """Notes the elements, attributes and texts of a page, and that each element closes."""

    def __init__(self):
        super().__init__()
        self.open, self.links, self.texts, self.tags = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in {"href", "src"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def read(text):
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


def hostile(coverage, **changes):
    """The coverage with the first headline's columns changed."""
    rows = coverage.headlines.with_columns(
        **{
            name: pl.when(pl.col("headline_id") == "a1").then(pl.lit(value)).otherwise(name)
            for name, value in changes.items()
        }
    )
    return Coverage(rows, coverage.stories, coverage.outlets, coverage.overlap)


def test_the_page_is_arabic_right_to_left_and_loads_nothing(coverage, files, skipped):
    text = page(coverage, files, skipped, View())
    reader = read(text)
    assert text.startswith('<!DOCTYPE html>\n<html lang="ar" dir="rtl">')
    assert not {"script", "link", "img", "iframe", "object"} & set(reader.tags)
    assert "url(" not in text
    assert "@import" not in text
    assert all(link.startswith("https://x.example/") for link in reader.links)


def test_every_headline_of_a_shown_story_stands_in_it(coverage, files, skipped):
    texts = read(page(coverage, files, skipped, View())).texts
    shown = coverage.headlines.filter(pl.col("role") != "single").collect()
    assert set(shown["title"]) | set(shown["outlet"]) <= set(texts)
    assert "حوار: لن نبيع قطرة ماء" not in texts


def test_markup_in_feeds_stays_text(coverage, files, skipped):
    bad = "<script>alert(1)</script>\"'&\x1b"
    text = page(hostile(coverage, title=bad, outlet=bad), files, skipped, View())
    reader = read(text)
    assert "script" not in reader.tags
    assert "<script>alert(1)</script>\"'&\\x1b" in reader.texts


def test_only_web_addresses_become_links(coverage, files, skipped):
    for url in ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", " https://x.example"):
        assert url.strip() not in read(page(hostile(coverage, url=url), files, skipped, View())).links
    assert (
        'https://x.example/?a="b"'
        in read(page(hostile(coverage, url='https://x.example/?a="b"'), files, skipped, View())).links
    )


def test_top_says_how_many_stories_it_leaves_out(coverage, files, skipped):
    assert "(1 من 4)" in page(coverage, files, skipped, View(top=1))


def test_nothing_read_is_a_page_too(coverage, files, skipped):
    read(page(coverage.narrow(outlet="nobody"), files.clear(), skipped.clear(), View()))
