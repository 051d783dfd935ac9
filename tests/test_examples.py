"""The examples are what their README says: read whole, in many formats, with the titles and outlets that we wrote."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from dedup.feeds import read_feeds

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="module")
def feeds():
    return read_feeds(EXAMPLES / "feeds")


@pytest.fixture(scope="module")
def truth():
    return pl.read_csv(EXAMPLES / "truth.tsv", separator="\t", quote_char=None)


def test_every_format_is_read_without_loss(feeds):
    assert feeds.skipped.height == 0
    assert feeds.files["format"].n_unique() >= 6
    assert (feeds.files["status"] == "read").all()


def test_every_headline_comes_out_as_written_under_its_outlet(feeds, truth):
    output = feeds.headlines.select("outlet", "title", "url")
    written = truth.with_columns(pl.col("url").replace("", None)).select("outlet", "title", "url")
    assert output.sort(pl.all()).equals(written.sort(pl.all()))


def test_the_item_in_two_sections_is_one_headline(feeds):
    assert feeds.files["headlines"].sum() == feeds.headlines.height + 1


def test_every_messy_file_is_named_with_its_reason():
    feeds = read_feeds(EXAMPLES / "messy")
    untold = {path.name for path in (EXAMPLES / "messy").iterdir()} - {
        Path(file).name for file in (*feeds.skipped["file"], *feeds.remarks["file"])
    }
    assert not untold
    assert feeds.skipped["reason"].str.len_chars().min() > 4
