"""Inputs that broke readers once, in their smallest form, and some fresh mutations of all formats."""

from __future__ import annotations

import io
import random
import zipfile

import pytest

from benchmarks.robustness.mutations import Seed, mutate, own_seeds
from dedup.feeds import read_feeds

TITLE = "حريق كبير في ميناء الصويرة"


def archive(method=zipfile.ZIP_DEFLATED):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as file:
        file.writestr("a.txt", f"{TITLE}\n" * 50)
    return bytearray(packed.getvalue())


def with_bytes(data, position, values):
    data[position : position + len(values)] = values
    return bytes(data)


def end_of_directory(offset, values):
    data = archive()
    return with_bytes(data, data.rindex(b"PK\x05\x06") + offset, values)


def directory(offset, values):
    data = archive()
    return with_bytes(data, data.rindex(b"PK\x01\x02") + offset, values)


JSON_FEED = '{"version":"https://jsonfeed.org/version/1","title":"%s","home_page_url":"%s","items":[{"title":"خبر"}]}'
FOUND = {
    "a lone surrogate in a feed's title": ("a.json", (JSON_FEED % ("\\ud83d", "")).encode()),
    "a lone surrogate in a feed's address": ("a.json", (JSON_FEED % ("", "http://\\ud83d")).encode()),
    "a damaged LZMA member": ("a.zip", with_bytes(archive(zipfile.ZIP_LZMA), 40, b"\xff" * 8)),
    "a damaged bzip2 member": ("a.zip", with_bytes(archive(zipfile.ZIP_BZIP2), 45, b"\xff" * 8)),
    "a directory that begins before the file": ("a.zip", end_of_directory(16, b"\xff\xff\xff\x7f")),
    "a directory of the wrong size": ("a.zip", end_of_directory(12, b"\xff\xff\xff\x00")),
    "a member that begins before the file": ("a.zip", directory(42, b"\xff\xff\xff\x7f")),
    "a member of an unknown method": ("a.zip", directory(10, b"\x63\x00")),
    "a member with a broken extra field": ("a.zip", directory(30, b"\xff\xff")),
    "numbers beyond floats": ("a.json", b'[{"title":1e999},{"title":-1e999,"published":1e999}]'),
    "an integer of 5,000 digits": ("a.jsonl", b'{"title":' + b"9" * 5000 + b"}\n"),
    "objects a thousand deep": ("a.json", b'{"a":' * 1000 + b"1" + b"}" * 1000),
    "a title a hundred lists deep": ("a.jsonl", b'{"title":' + b"[" * 100 + b"]" * 100 + b"}\n"),
    "NUL in a title": ("a.txt", b"\xd8\xae\xd8\xa8\xd8\xb1 \0 \xd8\xb9\xd8\xa7\xd8\xac\xd9\x84\n"),
    "half of a UTF-16 letter": ("a.xml", "<rss><item><title>خبر</title></item></rss>".encode("utf-16")[:-1]),
    "Parquet without its footer": ("a.parquet", b"PAR1" + bytes(100) + b"PAR1"),
    "Parquet with a footer larger than it": ("a.parquet", b"PAR1" + b"\xff" * 40 + b"\xff\xff\xff\x7fPAR1"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_an_input_that_broke_a_reader_is_read_or_named(tmp_path, name):
    file, data = FOUND[name]
    (tmp_path / file).write_bytes(data)
    (tmp_path / "good.txt").write_text(f"{TITLE}\n", encoding="utf-8")
    feeds = read_feeds(tmp_path)
    assert TITLE in feeds.headlines["title"].to_list()
    rows = feeds.files.filter(feeds.files["file"].str.ends_with(file))
    assert rows["status"].item() != "read" or rows["headlines"].item()
    assert "an error in dedup" not in str(feeds.skipped.rows())


def test_a_nul_is_not_dropped_in_silence(tmp_path):
    (tmp_path / "a.txt").write_bytes(FOUND["NUL in a title"][1])
    assert "NUL" in str(read_feeds(tmp_path).skipped.rows())


@pytest.mark.parametrize("number", range(4))
def test_mutated_inputs_are_read_or_named(tmp_path, number):
    dice, seeds = random.Random(number), list(own_seeds())  # noqa: S311 - not for secrets
    for _ in range(60):
        seed = mutate(dice.choice(seeds), seeds, dice)
        assert_read_or_named(seed, tmp_path)


def assert_read_or_named(seed: Seed, folder):
    path = folder / seed.name
    path.write_bytes(seed.data)
    feeds = read_feeds(path, workers=1)
    counts = feeds.counts
    assert counts["items"] <= counts["headlines"] + counts["repeated_items"] or feeds.skipped.height
    assert "an error in dedup" not in str(feeds.skipped.rows())
    path.unlink()
