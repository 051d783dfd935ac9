"""Several processes on one index lose nothing, add nothing twice, and end as one does."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading

import pytest

from dedup import HeadlineIndex
from tests.index.conftest import ScanState, StoredState, in_time

WRITER = """
import sys
import polars as pl
from dedup import HeadlineIndex

where, retention, feed, batch = sys.argv[1], sys.argv[2] or None, pl.read_parquet(sys.argv[3]), int(sys.argv[4])
with HeadlineIndex.open(where, retention=retention) as index:
    for at in range(0, len(feed), batch):
        index.add_many(feed[at : at + batch])
"""


def test_four_processes_with_overlapping_feeds_end_as_one_writer_does(shared, tmp_path, newsroom):
    headlines, (where, retention) = in_time(newsroom(600)), shared
    writers = []
    for writer in range(4):
        theirs, feed = headlines.gather(range(writer, 600, 2)), tmp_path / f"{writer}.parquet"  # each is in two feeds
        theirs.write_parquet(feed)
        command = [sys.executable, "-c", WRITER, where, retention or "", feed, str(9 + writer)]
        writers.append(subprocess.Popen(command))
    assert [writer.wait(timeout=300) for writer in writers] == [0, 0, 0, 0]
    with HeadlineIndex.open(where, retention=retention) as index, HeadlineIndex.open(":memory:") as alone:
        alone.add_many(headlines)
        assert index.stats().headlines == 600
        many, one = index.result(), alone.result()
        assert many.headlines.drop("source").equals(one.headlines.drop("source"))
        assert many.stories.equals(one.stories)
        assert many.pairs.equals(one.pairs)
        index.rebuild()
        stored, expected = StoredState(index), ScanState(headlines)
    assert (stored.pairs, stored.stories) == (expected.pairs, expected.stories)


@pytest.mark.parametrize("turns", [1, 3])
def test_two_writers_that_take_turns_equal_one_writer(tmp_path, newsroom, turns):
    headlines, path = in_time(newsroom(400)), tmp_path / "i.db"
    with HeadlineIndex.open(path) as one, HeadlineIndex.open(path) as other:
        for turn, at in enumerate(range(0, 400, 10)):
            (one if turn // turns % 2 else other).add_many(headlines[at : at + 10])
        stored, expected = StoredState(one), ScanState(headlines)
    assert (stored.pairs, stored.stories) == (expected.pairs, expected.stories)


def test_readers_are_not_blocked_by_a_writer(tmp_path, newsroom):
    headlines, path = in_time(newsroom(100)), tmp_path / "i.db"
    with HeadlineIndex.open(path) as index, HeadlineIndex.open(path, mode="r") as reader:
        index.add_many(headlines[:90])
        writer = sqlite3.connect(path, isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM headlines")
        assert reader.stats().headlines == index.stats().headlines == 90
        assert len(reader.check_many(headlines[90:])) == len(index.check_many(headlines[90:])) == 10
        with HeadlineIndex.open(path, mode="r") as late:
            assert late.result().headlines.height == 90
        writer.execute("ROLLBACK")
        writer.close()


def test_a_writer_waits_for_another(tmp_path):
    path, done = tmp_path / "i.db", []
    HeadlineIndex.open(path).close()
    lock = sqlite3.connect(path, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    with HeadlineIndex.open(path, mode="r") as reader:
        thread = threading.Thread(target=lambda: done.append(_add(path)))
        thread.start()
        thread.join(0.5)
        assert (thread.is_alive(), reader.stats().headlines) == (True, 0)
        lock.execute("COMMIT")
        thread.join(30)
        assert (done, reader.stats().headlines) == ([True], 1)
    lock.close()


def _add(path):
    with HeadlineIndex.open(path) as index:
        return index.add("خبر من وادي السرو").is_new_story
