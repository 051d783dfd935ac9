"""Every reader stops at the limits of seconds and items, keeps what it has read, and says so."""

from __future__ import annotations

import json
import zipfile
from itertools import count

import pytest

from dedup.feeds import Limits, read_feeds
from dedup.feeds.files import limits as limits_module
from dedup.feeds.files.limits import EVERY

ITEMS, REST = 20_000, "the rest is not read"
TITLES = [f"افتتاح الجسر رقم {number}" for number in range(ITEMS)]
FILES = {
    "a.jsonl": "\n".join(json.dumps({"title": title}) for title in TITLES),
    "b.json": json.dumps([{"title": title} for title in TITLES]),
    "c.csv": "title,id\n" + "".join(f"{title},{number}\n" for number, title in enumerate(TITLES)),
    "d.txt": "\n".join(TITLES),
    "e.xml": "<rss><channel>"
    + "".join(f"<item><title>{title}</title></item>" for title in TITLES)
    + "</channel></rss>",
    "f.xml": "<rss><channel>" + "".join(f"<item><title>{title}</item>" for title in TITLES),
    "g.html": "<html><table><tr><th>title<th>source</tr>"
    + "".join(f"<tr><td>{title}<td>الضحى</tr>" for title in TITLES),
    "h.txt": "".join(f"03/03/2026, 06:00 - الضحى: {title}\n" for title in TITLES),
}


@pytest.fixture(params=FILES)
def file(request, tmp_path):
    path = tmp_path / request.param
    path.write_text(FILES[request.param], encoding="utf-8")
    return path


@pytest.fixture
def _fast_clock(monkeypatch):
    begun = limits_module.time.thread_time()  # a watch begins with the clock as it was
    seconds = count(begun, step=10)
    monkeypatch.setattr(limits_module.time, "thread_time", lambda: next(seconds))


@pytest.mark.usefixtures("_fast_clock")
def test_a_reader_stops_at_the_limit_of_seconds_and_names_it(file):
    feeds = read_feeds(file, limits=Limits(seconds=25), workers=1)
    assert 0 < feeds.headlines.height < ITEMS
    assert sum(
        "over the limit of 25 seconds for a file; the rest is not read" in reason for reason in feeds.skipped["reason"]
    )


@pytest.mark.usefixtures("_fast_clock")
def test_a_line_left_out_where_the_clock_is_due_does_not_end_the_watch(tmp_path):
    lines = FILES["c.csv"].splitlines()
    lines[EVERY] = '"a quotation mark that is never closed,1'  # the item of this number, below the header
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    feeds = read_feeds(path, limits=Limits(seconds=25), workers=1)
    assert 0 < feeds.headlines.height < ITEMS - 1
    assert sum(
        "over the limit of 25 seconds for a file; the rest is not read" in reason for reason in feeds.skipped["reason"]
    )


def test_a_reader_stops_at_the_limit_of_items_and_names_it(file):
    feeds = read_feeds(file, limits=Limits(items=300), workers=1)
    assert feeds.headlines.height == 300
    assert sum(
        "over the limit of 300 items in a file; the rest is not read" in reason for reason in feeds.skipped["reason"]
    )


def test_usual_files_are_within_the_limits(file):
    assert read_feeds(file, workers=1).headlines.height == ITEMS


def slow(name):
    """A file whose parts cost time without any item, and many of them."""
    tags = 40 * EVERY
    return {
        "refused.xml": "<rss><channel>" + "<item><title>افتتاح الجسر</title></item>" * (3 * EVERY) + "<b x>" * tags,
        "tags.xml": "<rss><channel>" + "<b x>" * tags,
        "tags.html": "<html><p>" + "<b>" * tags,
        "quotes.csv": "title,url\n" + '"افتتاح الجسر,x\n' * 50 + '"',
    }[name]


@pytest.mark.usefixtures("_fast_clock")
@pytest.mark.parametrize("name", ["refused.xml", "tags.xml", "tags.html", "quotes.csv"])
def test_all_attempts_at_a_file_share_one_limit_of_seconds(name, tmp_path):
    path = tmp_path / name
    path.write_text(slow(name), encoding="utf-8")
    feeds = read_feeds(path, limits=Limits(seconds=95), workers=1)
    assert sum(REST in reason for reason in feeds.skipped["reason"]) == 1
    assert limits_module.time.thread_time() < 400  # a look at the clock takes 10 s of the fast one


@pytest.mark.usefixtures("_fast_clock")
def test_all_members_of_an_archive_share_one_limit_of_seconds(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20):
            archive.writestr(f"{number}.txt", f"افتتاح الجسر رقم {number}")
    feeds = read_feeds(path, limits=Limits(seconds=75), workers=1)
    assert 0 < feeds.headlines.height < 10
    assert feeds.skipped["reason"].str.contains(REST).sum() == 20 - feeds.headlines.height
