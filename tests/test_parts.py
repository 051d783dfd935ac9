"""Frames in parts: the same rows wherever they lie, and nothing left behind on the disk."""

from __future__ import annotations

import gc
import os
import tempfile

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from dedup import scan
from dedup.core.spill import MIN_MEMORY, SpillableFrames, memory_share
from dedup.errors import SettingError, SpillError
from dedup.matching import timeline

ROWS = pl.DataFrame({"n": range(30), "title": [f"خبر {n}" if n % 7 else None for n in range(30)]})


def parted(sizes, most):
    """Rows in parts of these sizes."""
    parts, at = SpillableFrames(most), 0
    for size in sizes:
        parts.add(ROWS.slice(at, size))
        at += size
    return parts


def all_on_disk(parts):
    return parts._folder is not None and len(list(parts._folder.iterdir())) == len(parts._parts)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5), st.sampled_from([0, 300, 1 << 20]), st.data())
def test_rows_are_the_same_wherever_they_lie(sizes, most, data):
    parts, rows = parted(sizes, most), ROWS.head(sum(sizes))
    assert len(parts) == len(rows)
    assert_frame_equal(parts.lazy().collect(), rows)
    start, count = data.draw(st.integers(0, len(rows))), data.draw(st.integers(0, 12))
    assert_frame_equal(parts.slice(start, count, ["title"]), rows.select("title").slice(start, count))
    asked = data.draw(st.lists(st.integers(0, max(len(rows) - 1, 0)), max_size=9)) if len(rows) else []
    assert parts.gather("title", np.array(asked, np.int64)).to_list() == [rows["title"][row] for row in asked]
    doubled = parts.map(lambda part: part.with_columns(pl.col("n") * 2))
    assert_frame_equal(doubled.lazy().collect(), rows.with_columns(pl.col("n") * 2))


def test_what_has_no_room_goes_to_disk_and_leaves_it_with_its_parts():
    small = ROWS.slice(0, 10).estimated_size()
    assert parted([10], small)._folder is None
    parts = parted([10, 10, 10], small * 1.5)
    assert all_on_disk(parts)
    folder = parts._folder
    assert {path.suffix for path in folder.iterdir()} == {".parquet"}
    del parts
    gc.collect()
    assert not folder.exists()


def test_a_disk_that_takes_nothing_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(SpillError, match="TMPDIR"):
        parted([10], 0)


def test_a_limit_below_what_one_slice_takes_is_refused():
    assert memory_share(MIN_MEMORY) < memory_share(4 * MIN_MEMORY)
    assert memory_share(None) > 0
    with pytest.raises(SettingError, match="memory_limit is 1000; it must be at least"):
        memory_share(1000)


def test_a_small_machine_scans_without_a_limit_too(monkeypatch):
    monkeypatch.setattr(os, "sysconf", lambda name: 4096 if name == "SC_PAGE_SIZE" else 1 << 17)
    assert memory_share(None) == memory_share(MIN_MEMORY)


def test_a_scan_on_disk_is_the_scan_in_memory(monkeypatch, tmp_path, newsroom):
    newsroom(300).write_parquet(tmp_path / "news.parquet")
    whole = scan(tmp_path / "news.parquet")
    monkeypatch.setattr("dedup.matching.timeline.memory_share", lambda _: 0)
    monkeypatch.setattr("dedup.matching.pairs.memory_share", lambda _: 0)
    monkeypatch.setattr(timeline, "PART", 64)
    spilled = scan(tmp_path / "news.parquet")
    assert all_on_disk(spilled._paired.rows)
    assert all_on_disk(spilled._paired.ordered.texts)
    for name in ("headlines", "pairs", "stories", "outlets", "overlap"):
        assert_frame_equal(getattr(spilled, name), getattr(whole, name), check_exact=True)
    for name, result in (("memory", whole), ("disk", spilled)):
        result.at(0.8).write(tmp_path / name, format="csv")
    for name in ("headlines", "pairs", "stories"):
        assert (tmp_path / "disk" / f"{name}.csv").read_bytes() == (tmp_path / "memory" / f"{name}.csv").read_bytes()
    known = whole.stories["story_id"][0]
    assert_frame_equal(spilled.duplicates_of(known), whole.duplicates_of(known))
