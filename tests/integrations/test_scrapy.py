"""The Scrapy pipeline, in a crawl of a local server by a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from scrapy.exceptions import NotConfigured
from scrapy.settings import Settings

from dedup import HeadlineIndex
from dedup.errors import SettingError
from dedup.integrations.scrapy import DedupPipeline

ROOT = Path(__file__).parents[2]
NEWS = [
    ("الضحى", "05:40", "سيول جارفة تجتاح وادي السرو وتقطع الطريق الجبلي"),
    ("المرفأ", "06:10", "عاجل | سيول جارفة تجتاح وادى السرو وتقطع الطريق الجبلي"),
    ("السدرة", "07:00", "نقابة النحالين تنتخب مجلسا جديدا في الزهراوية"),
    ("السدرة", "07:30", ""),
]
SPIDER = """
import json, sys
from dataclasses import dataclass
import scrapy
from scrapy.crawler import CrawlerProcess

class Made(scrapy.Item):
    title, outlet, published, dedup = (scrapy.Field() for _ in range(4))

class Bare(scrapy.Item):
    title, outlet, published = (scrapy.Field() for _ in range(3))

@dataclass
class Data:
    title: str
    outlet: str
    published: str
    dedup: dict | None = None

MAKE = {"dict": lambda **fields: fields, "Item": Made, "dataclass": Data, "Bare": Bare}[sys.argv[1]]

class News(scrapy.Spider):
    name = "news"
    start_urls = [sys.argv[2]]

    def parse(self, response):
        for row in response.css("article"):
            outlet, time = row.attrib["outlet"], row.attrib["time"]
            yield MAKE(title=row.css("::text").get(""), outlet=outlet, published=f"2026-03-03T{time}:00Z")

    def closed(self, reason):
        stats = self.crawler.stats.get_stats()
        kept = {k: v for k, v in stats.items() if k.startswith(("dedup/", "item_", "log_count/ERROR"))}
        print(json.dumps(kept))

settings = {"ITEM_PIPELINES": {"dedup.integrations.scrapy.DedupPipeline": 300}, "TELNETCONSOLE_ENABLED": False}
process = CrawlerProcess(settings | {"FEEDS": {sys.argv[3]: {"format": "jsonlines"}}} | json.loads(sys.argv[4]))
process.crawl(News)
process.start()
"""


class Handler(BaseHTTPRequestHandler):
    """A page of news."""

    def do_GET(self):
        rows = (f'<article outlet="{name}" time="{time}">{escape(title)}</article>' for name, time, title in NEWS)
        body = f'<meta charset="utf-8">{"".join(rows)}'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Keep quiet."""


@pytest.fixture(scope="module")
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def crawl(site, tmp_path):
    """Crawl with items of some class and some settings; the items that came out, the stats, and what was logged."""
    (tmp_path / "spider.py").write_text(SPIDER, encoding="utf-8")

    def run(kind="dict", **settings):
        out = tmp_path / "items.jsonl"
        out.unlink(missing_ok=True)
        settings = {"DEDUP_INDEX": str(tmp_path / "news.db")} | settings
        done = subprocess.run(
            [sys.executable, tmp_path / "spider.py", kind, site, out, json.dumps(settings)],
            capture_output=True,
            encoding="utf-8",
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "no_proxy": "*"},
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()] if out.exists() else []
        return rows, json.loads(done.stdout.splitlines()[-1]), done.stderr

    return run


@pytest.mark.parametrize("kind", ["dict", "Item", "dataclass"])
def test_items_of_every_class_are_marked_in_their_order(crawl, tmp_path, kind):
    items, stats, _ = crawl(kind)
    assert sorted(item["title"] for item in items) == sorted(title for *_, title in NEWS)
    output = {item["title"]: item.get("dedup") for item in items}
    first, copy, other, untitled = (output[title] for *_, title in NEWS)
    assert (first["is_new_story"], other["is_new_story"], untitled) == (True, True, None)
    assert (copy["relation"], copy["matched_id"], copy["n_outlets"]) == ("copy", first["headline_id"], 2)
    assert (stats["dedup/new_stories"], stats["dedup/copy"], stats["dedup/unusable"]) == (2, 1, 1)
    with HeadlineIndex.open(tmp_path / "news.db", mode="r") as index:
        assert index.stats().headlines == 3


def test_copies_are_dropped_and_so_is_what_was_crawled_before(crawl):
    items, stats, output = crawl(DEDUP_ACTION="drop")
    assert {item["title"] for item in items} == {NEWS[0][2], NEWS[2][2], ""}
    assert stats["item_dropped_count"] == 1
    assert "is copy of" in output
    items, stats, _ = crawl(DEDUP_ACTION="drop")
    assert [item["title"] for item in items] == [""]
    assert stats["dedup/known"] == 3


def test_an_item_without_the_field_is_an_error_that_says_what_to_do(crawl):
    items, stats, output = crawl("Bare")
    assert [item["title"] for item in items] == [""]
    assert stats["log_count/ERROR"] == 3
    assert "DEDUP_FIELD is 'dedup'; it must be a field of Bare; add it to the class, or name another field" in output


def test_without_an_index_the_pipeline_is_off():
    with pytest.raises(NotConfigured):
        DedupPipeline(Settings(), None)


@pytest.mark.parametrize(
    ("name", "value"), [("DEDUP_ACTION", "delete"), ("DEDUP_DROP", ["copies"])], ids=["action", "drop"]
)
def test_settings_that_cannot_be_used_are_refused(name, value):
    with pytest.raises(SettingError, match=name):
        DedupPipeline(Settings({"DEDUP_INDEX": ":memory:", name: value}), None)
