"""The queue of writers: first come, first served, across processes, and never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from dedup import HeadlineIndex
from dedup.errors import HeadlineIndexError
from dedup.index.storage.sqlite.write_queue import WriteQueue
from tests.index.conftest import in_time

pytest.importorskip("fcntl")


def test_turns_are_granted_in_order_of_arrival(tmp_path):
    queue, order, waiting = WriteQueue(tmp_path / "i.db"), [], []
    with queue.turn(30):
        for number in range(6):
            thread = threading.Thread(target=lambda number=number: take(queue, order, number))
            thread.start()
            waiting.append(thread)
            time.sleep(0.1)  # the next one arrives later
        assert order == []
    for thread in waiting:
        thread.join(30)
    assert order == list(range(6))


def take(queue, order, number):
    with queue.turn(30):
        order.append(number)


def test_a_writer_that_waited_long_enough_leaves_the_queue(tmp_path):
    queue = WriteQueue(tmp_path / "i.db")
    with queue.turn(5), pytest.raises(TimeoutError), queue.turn(0.1):
        pass
    with queue.turn(5):  # the one that left has not taken it
        pass


def test_a_writer_that_was_killed_keeps_nobody_waiting(tmp_path):
    code = "import sys, time; from pathlib import Path; from dedup.index.storage.sqlite.write_queue import WriteQueue\n"
    code += "with WriteQueue(Path(sys.argv[1])).turn(5): print('held', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, tmp_path / "i.db"], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        process.kill()
    with WriteQueue(tmp_path / "i.db").turn(5):
        pass


def test_writers_work_without_a_queue_where_its_file_cannot_be_written(tmp_path):
    with WriteQueue(tmp_path / "no" / "i.db").turn(1), WriteQueue(None).turn(1):
        pass


def test_all_names_of_a_database_share_one_queue(tmp_path):
    (tmp_path / "other.db").symlink_to(tmp_path / "i.db")
    with (
        WriteQueue(tmp_path / "i.db").turn(1),
        pytest.raises(TimeoutError),
        WriteQueue(tmp_path / "other.db").turn(0.1),
    ):
        pass


def test_a_writer_behind_one_that_never_ends_raises(tmp_path, monkeypatch):
    monkeypatch.setattr("dedup.index.storage.sqlite.database.LOCK_TIMEOUT", 0.2)
    with HeadlineIndex.open(tmp_path / "i.db") as index, WriteQueue(tmp_path / "i.db").turn(5):
        with pytest.raises(HeadlineIndexError, match="another process has been writing"):
            index.add("خبر من وادي السرو")
        assert index.stats().headlines == 0


def test_the_log_is_on_disk_before_a_call_returns_and_after_the_next_writer_was_admitted(
    tmp_path, monkeypatch, newsroom
):
    path, synced = tmp_path / "i.db", []
    headlines = in_time(newsroom(20))
    with HeadlineIndex.open(path) as index:
        sync = os.fsync

        def recorded(descriptor):
            with WriteQueue(path).turn(1):  # free by now
                synced.append(os.fstat(descriptor).st_ino == os.stat(f"{path}-wal").st_ino)
            sync(descriptor)

        monkeypatch.setattr(os, "fsync", recorded)
        index.add_many(headlines[:10])
        assert synced == [True]
        index.add_many(headlines[:10])
        index.check_many(headlines)
        assert synced == [True]  # nothing was written
        monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("the cable was pulled")))
        with pytest.raises(HeadlineIndexError, match="the disk failed"):
            index.add_many(headlines[10:])
