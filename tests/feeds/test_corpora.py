"""Public feeds and corpora, by path: floors that a change must not go under."""

from __future__ import annotations

import json
import tarfile
import time
from collections import Counter
from datetime import datetime

import polars as pl
import pytest

from dedup.core.titles import clean
from dedup.feeds import Limits, read_feeds
from dedup.feeds.fields.dates import read_dates
from dedup.feeds.parse import read_file

FLOORS = {"titles": (48, 50), "links": (13, 17), "dates": (8, 8), "feed titles": (53, 55)}
"""gofeed's suite: right, and expected. The rest: Atom 1.0 in base64, several links of one item, xml:base."""


def _link(item: dict) -> str | None:
    links = [link if isinstance(link, str) else link.get("href") for link in item.get("links") or []]
    return item.get("link") or next(iter(links), None) or item.get("url")


def _cleaned(texts):
    return clean(pl.Series(texts, dtype=pl.String)).to_list()


def test_gofeeds_own_suite_reads_as_its_expectations_say(data, tmp_path):
    with tarfile.open(data / "conformance" / "gofeed.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    seen: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for path in sorted(tmp_path.rglob("*.xml")):
        beside = path.with_suffix(".json")
        expected = json.loads(beside.read_text(encoding="utf-8")) if beside.is_file() else None
        [document] = read_file(str(path), Limits(), None)
        if not isinstance(expected, dict) or document.reason:
            continue
        items = expected.get("items") or expected.get("entries") or []
        assert document.items == len(items), path.name
        dates = read_dates(pl.Series(document.dates, dtype=pl.String)).to_list()
        times = [item.get("publishedParsed") or item.get("pubDateParsed") for item in items]
        pairs = {
            "titles": zip(_cleaned([item.get("title") for item in items]), _cleaned(document.titles), strict=True),
            "links": zip(map(_link, items), document.urls, strict=True),
            "dates": zip([text and datetime.fromisoformat(text) for text in times], dates, strict=True),
            "feed titles": zip(_cleaned([expected.get("title")]), _cleaned([document.feed_title]), strict=True),
        }
        for kind, both in pairs.items():
            for wanted, got in both:
                if wanted:
                    seen[kind] += 1
                    right[kind] += wanted == got
    for kind, (floor, total) in FLOORS.items():
        assert seen[kind] == total
        assert right[kind] >= floor, kind


def test_each_real_outlet_has_one_name_and_every_item_a_time(data):
    feeds = read_feeds(data / "feeds")
    assert set(feeds.files["status"]) == {"read"}
    folders = feeds.headlines.group_by(pl.col("source").str.extract(r"feeds/(\w+)/"), "outlet").len()
    assert folders.height == 4
    assert feeds.counts["undated"] == 0


def test_the_aggregator_page_gives_its_ten_headlines(data):
    headlines = read_feeds(data / "seed").headlines
    assert headlines.height == 10
    assert headlines["title"][0] == headlines["title"][1]
    assert headlines["outlet"].n_unique() == 2


@pytest.mark.parametrize(("name", "rows"), [("egypt2013", 86_209), ("saudi2015", 18_937)])
def test_a_corpus_keeps_every_row_and_every_labelled_id(data, name, rows):
    started = time.perf_counter()
    feeds = read_feeds(data / f"{name}.jsonl.gz")
    assert time.perf_counter() - started < 20  # a fifth of that on an idle machine
    assert feeds.headlines.height == rows
    labels = pl.read_csv(data / "labels" / f"{name}.tsv", separator="\t", quote_char=None)
    labelled = set(labels["id_a"]) | set(labels["id_b"])
    assert labelled <= set(feeds.headlines["headline_id"])
