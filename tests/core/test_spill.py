"""Spilled frames have the same rows as frames in memory, and leave nothing on the disk."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from dedup import scan
from dedup.core import spill
from dedup.core.spill import MIN_MEMORY, SpillableFrames, memory_share
from dedup.errors import SettingError, SpillError
from dedup.matching import timeline
from tests.interruptions import interruptions

ROWS = pl.DataFrame({"n": range(30), "title": [f"خبر {n}" if n % 7 else None for n in range(30)]})


def frames_of(sizes, max_bytes):
    """Build frames of these sizes from ROWS."""
    frames, start = SpillableFrames(max_bytes), 0
    for size in sizes:
        frames.add(ROWS.slice(start, size))
        start += size
    return frames


def all_on_disk(frames):
    return frames._folder is not None and len(list(frames._folder.glob("*.parquet"))) == len(frames._frames)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5), st.sampled_from([0, 300, 1 << 20]), st.data())
def test_rows_are_the_same_in_memory_and_on_disk(sizes, max_bytes, data):
    frames, rows = frames_of(sizes, max_bytes), ROWS.head(sum(sizes))
    assert len(frames) == len(rows)
    assert_frame_equal(frames.lazy().collect(), rows)
    start, count = data.draw(st.integers(0, len(rows))), data.draw(st.integers(0, 12))
    assert_frame_equal(frames.slice(start, count, ["title"]), rows.select("title").slice(start, count))
    wanted = data.draw(st.lists(st.integers(0, max(len(rows) - 1, 0)), max_size=9)) if len(rows) else []
    assert frames.gather("title", np.array(wanted, np.int64)).to_list() == [rows["title"][row] for row in wanted]
    doubled = frames.map(lambda part: part.with_columns(pl.col("n") * 2))
    assert_frame_equal(doubled.lazy().collect(), rows.with_columns(pl.col("n") * 2))


def test_large_frames_are_written_to_disk_and_removed_with_their_object():
    small = ROWS.slice(0, 10).estimated_size()
    assert frames_of([10], small)._folder is None
    frames = frames_of([10, 10, 10], small * 1.5)
    assert all_on_disk(frames)
    folder = frames._folder
    assert {path.suffix for path in folder.iterdir()} == {".parquet", ""}
    del frames
    gc.collect()
    assert not folder.exists()


def test_frames_stopped_at_any_step_leave_no_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    alive, stops = [SpillableFrames(0)], 0
    for _ in interruptions(spill, lambda: alive[0].add(ROWS)):
        alive[0] = SpillableFrames(0)
        gc.collect()
        assert not list(tmp_path.iterdir())
        stops += 1
    assert stops > 10


def test_the_folder_of_a_killed_run_is_removed_by_the_next_and_that_of_a_live_one_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = """
import os, signal, sys, tempfile
import polars as pl
from dedup.core.spill import SpillableFrames
tempfile.tempdir = sys.argv[1]
frames = SpillableFrames(0)
frames.add(pl.DataFrame({"n": [1]}))
os.kill(os.getpid(), signal.SIGKILL)
"""
    live = frames_of([10, 10], 0)
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert len(list(tmp_path.iterdir())) == 2
    own = frames_of([10], 0)
    assert set(tmp_path.iterdir()) == {live._folder, own._folder}
    assert_frame_equal(live.lazy().collect(), ROWS.head(20))


def test_a_disk_without_room_raises_spill_error(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(SpillError, match="TMPDIR"):
        frames_of([10], 0)


def test_a_limit_below_the_minimum_is_refused():
    assert memory_share(MIN_MEMORY) < memory_share(4 * MIN_MEMORY)
    assert memory_share(None) > 0
    with pytest.raises(SettingError, match="memory_limit is 1000; it must be at least"):
        memory_share(1000)


def test_a_small_machine_gets_the_minimum_share(monkeypatch):
    monkeypatch.setattr(os, "sysconf", lambda name: 4096 if name == "SC_PAGE_SIZE" else 1 << 17)
    assert memory_share(None) == memory_share(MIN_MEMORY)


def test_a_spilled_scan_equals_a_scan_in_memory(monkeypatch, tmp_path, newsroom):
    newsroom(300).write_parquet(tmp_path / "news.parquet")
    in_memory = scan(tmp_path / "news.parquet")
    monkeypatch.setattr("dedup.matching.timeline.memory_share", lambda _: 0)
    monkeypatch.setattr("dedup.matching.pairs.memory_share", lambda _: 0)
    monkeypatch.setattr(timeline, "PART", 64)
    spilled = scan(tmp_path / "news.parquet")
    assert all_on_disk(spilled._paired.rows)
    assert all_on_disk(spilled._paired.timeline.texts)
    for name in ("headlines", "pairs", "stories", "outlets", "overlap"):
        assert_frame_equal(getattr(spilled, name), getattr(in_memory, name), check_exact=True)
    for name, result in (("memory", in_memory), ("disk", spilled)):
        result.at(0.8).write(tmp_path / name, format="csv")
    for name in ("headlines", "pairs", "stories"):
        assert (tmp_path / "disk" / f"{name}.csv").read_bytes() == (tmp_path / "memory" / f"{name}.csv").read_bytes()
    story = in_memory.stories["story_id"][0]
    assert_frame_equal(spilled.duplicates_of(story), in_memory.duplicates_of(story))
