"""The process that reads Parquet and workbooks."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime

import polars as pl
import pytest

from dedup.feeds import Limits
from dedup.feeds.document import Document
from dedup.feeds.files import sandbox as module
from dedup.feeds.files.sandbox import Sandbox
from dedup.feeds.formats.columnar import read_parquet_here

LIMITS = Limits()


@pytest.fixture
def box():
    box = Sandbox()
    yield box
    box._stop()


def parquet(frame):
    file = io.BytesIO()
    frame.write_parquet(file)
    return file.getvalue()


def read(box, data):
    memory = 4 * LIMITS.unpacked(len(data))
    return box.run(read_parquet_here, data, LIMITS, {}, memory=memory, seconds=60)


@pytest.mark.parametrize("in_memory", [True, False])
def test_documents_of_one_worker_keep_their_own_columns(box, monkeypatch, in_memory):
    if not in_memory:
        monkeypatch.delattr(os, "memfd_create", raising=False)
    frames = [
        pl.DataFrame({
            "title": [f"{word} {number}" for number in range(count)],
            "published": [None, *[datetime(2026, 3, 1, hour % 24, tzinfo=UTC) for hour in range(1, count)]],
        })
        for word, count in (("سفينة", 3_000), ("قطار", 50), ("جسر", 9_000))
    ]  # fmt: skip
    documents = [read(box, parquet(frame)) for frame in frames]
    for frame, document in zip(frames, documents, strict=True):
        assert document.titles.to_list() == frame["title"].to_list()
        assert document.dates.to_list() == frame["published"].to_list()
        assert document.urls is None
    assert read(box, parquet(frames[0].clear())).titles.is_empty()


def test_columns_of_other_lengths_come_back_too():
    document = Document("x", titles=pl.Series(["سفينة", None]), urls=pl.Series(["u"]), dates=pl.Series([1, 2]))
    restored = module._unpack(*module._pack(document, None))
    for column in ("titles", "urls", "dates"):
        assert getattr(restored, column).to_list() == getattr(document, column).to_list()


def test_a_large_table_within_the_limits_is_read(box):
    title = pl.format("افتتاح الجسر الكبير على نهر السرو بحضور وفد من البلديات {}", pl.int_range(800_000))
    frame = pl.select(id=pl.int_range(800_000), title=title, url=pl.format("https://mirror.example/{}", title))
    assert 190e6 < frame.estimated_size() < LIMITS.file_bytes
    assert len(read(box, parquet(frame)).titles) == 800_000


def test_a_process_that_was_forked_starts_a_worker_of_its_own(box):
    data = parquet(pl.DataFrame({"title": ["سفينة تصل"]}))
    read(box, data)
    with box._process as process:
        box._owner = -1  # as after a fork
        assert read(box, data).titles.to_list() == ["سفينة تصل"]
        assert box._process.pid != process.pid
        process.kill()
