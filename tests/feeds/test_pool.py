from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import polars as pl
import pytest

from dedup.feeds import read_feeds, workers
from dedup.feeds.parse import read_file

PARENT = os.getpid()


def deadly(path, **options):
    """Reads like ``read_file``, but a file named so kills the process that reads it."""
    if "killer" in path and os.getpid() != PARENT:
        os.kill(os.getpid(), signal.SIGKILL)
    return read_file(path, **options)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "FEW", 4)
    monkeypatch.setattr(workers, "LITTLE", 0)
    monkeypatch.setattr(workers, "BATCH_FILES", 3)
    for number in range(25):
        (tmp_path / f"{number:02}.txt").write_text(f"خبر رقم {number}\n", encoding="utf-8")
    return tmp_path


def test_many_files_by_processes_read_as_by_a_loop(folder):
    pl.DataFrame({"title": ["خبر من جدول"]}).write_parquet(folder / "zz.parquet")
    parallel, loop = read_feeds(folder, workers=2), read_feeds(folder, workers=1)
    assert parallel.headlines.equals(loop.headlines)
    assert parallel.headlines.height == 26
    assert parallel.files.equals(loop.files)


@pytest.mark.parametrize("killers", [1, 3])
def test_a_file_that_kills_its_reader_is_named_and_the_others_are_kept(folder, monkeypatch, killers):
    monkeypatch.setattr(workers, "read_file", deadly)
    for number in range(killers):
        (folder / f"0{number * 4}-killer.txt").write_text("خبر\n", encoding="utf-8")
    seen = []
    feeds = read_feeds(folder, workers=2, progress=lambda *numbers: seen.append(numbers))
    assert feeds.headlines.height == 25
    assert feeds.skipped.height == killers
    assert feeds.skipped["file"].str.contains("killer").all()
    assert feeds.skipped["reason"].str.contains("killed").all()
    assert seen[-1] == (25 + killers, 25 + killers, 25)


def test_a_file_removed_after_the_listing_is_named(tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("خبر\n", encoding="utf-8")
    gone = tmp_path / "gone.txt"
    gone.write_text("خبر\n", encoding="utf-8")

    def vanishing(path, **options):
        gone.unlink(missing_ok=True)
        return read_file(path, **options)

    monkeypatch.setattr(workers, "read_file", vanishing)
    feeds = read_feeds(tmp_path)
    assert feeds.files["status"].to_list() == ["read", "failed"]


SLOW = """
import os, sys, time
from dedup.core import streams
from dedup.feeds import read_feeds, workers

def slow(path, **options):
    with open(os.path.join(sys.argv[2], str(os.getpid())), "w"):
        time.sleep(120)

workers.read_file, workers.FEW, workers.LITTLE, workers.BATCH_FILES = slow, 4, 0, 3
streams.clean_up_on_signals()
read_feeds(sys.argv[1], workers=2)
"""


def runs(pid):
    """Return whether a process runs: one that ended is gone, or waits to be reaped by whoever adopted it."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="looks processes up in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_ends_a_program_that_reads_and_its_processes_at_once(folder, tmp_path_factory, number):
    began = tmp_path_factory.mktemp("began")
    command = [sys.executable, "-c", SLOW, str(folder), str(began)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as program:
        assert wait_until(lambda: len(os.listdir(began)) == 2)
        start = time.monotonic()
        program.send_signal(number)
        program.wait(60)
    assert wait_until(lambda: not any(map(runs, os.listdir(began))))
    assert time.monotonic() - start < 30
