"""What a call returned is there afterwards, whatever happens; what it did not return is there whole or not at all."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import numpy as np
import polars as pl
import pytest

from dedup import HeadlineIndex
from dedup.errors import HeadlineIndexError
from tests.index.conftest import ScanState, StoredState, in_time

BATCH = 7
LIVES = 30
"""Writers that are killed in each of four runs: one in six while it starts, the others between two commits."""

WRITERS = f"""
import json, os, sys
import dedup.index.headline_index
from dedup.matching.scoring import model
from dedup.matching.blocking import minhash

path, lives = sys.argv[1], int(sys.argv[3])
with open(sys.argv[2], encoding="utf-8") as file:
    feed = [json.loads(line) for line in file]
# A writer that is born knowing these can be killed sooner. Nothing here may use Polars, whose threads no fork survives.
model.load_model(), minhash.permutations(128, 1)
for _ in range(lives):
    writer = os.fork()
    if not writer:
        with dedup.index.headline_index.HeadlineIndex.open(path) as index:
            print("ready", os.getpid(), flush=True)
            for at in range(index.stats().headlines, len(feed), {BATCH}):
                added = index.add_many(feed[at : at + {BATCH}])
                print(*(verdict.headline_id for verdict in added), flush=True)
        os._exit(0)
    os.waitpid(writer, 0)
    print("dead", flush=True)
"""


def entries(path):
    """Return the ids in a file, after its integrity was checked.

    The next writer may be recovering the log meanwhile, which keeps it locked: on a loaded machine perhaps for longer
    than SQLite's default timeout of 5 seconds.
    """
    connection = sqlite3.connect(path, timeout=60)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    ids = [row[0] for row in connection.execute("SELECT headline_id FROM headlines")]
    connection.close()
    return ids


@pytest.mark.skipif(not hasattr(os, "fork"), reason="writers are forked")
@pytest.mark.parametrize("run", range(4))
def test_a_writer_killed_at_any_moment_loses_nothing_it_acknowledged(tmp_path, newsroom, run):
    dice, path = random.Random(run), tmp_path / "i.db"  # noqa: S311 - it picks moments
    headlines = in_time(newsroom(4_000, seed=run, days=90))
    feed = tmp_path / "feed.jsonl"
    headlines.select("outlet", "title", "published", id="headline_id").write_ndjson(feed)
    acknowledged = set()
    command = [sys.executable, "-c", WRITERS, path, feed, str(LIVES)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as writers:
        lives = writer = batches = killed_at_work = 0
        for line in writers.stdout:
            words = line.split()
            if words[0] == "ready":
                writer, batches = int(words[1]), dice.randrange(1, 6) if lives % 6 else 0
            if words[0] != "dead" and batches == 0:
                time.sleep(dice.random() * (0.3 if words[0] == "ready" else 0.03))
                os.kill(writer, signal.SIGKILL)
                killed_at_work += words[0] != "ready"
            batches -= 1
            if words[0] == "ready":
                continue
            if words[0] == "dead":
                lives += 1
                ids = entries(path)
                assert len(set(ids)) == len(ids)
                assert acknowledged <= set(ids)
                assert len(ids) % BATCH == 0
            else:
                acknowledged.update(words)
    assert lives == LIVES
    assert killed_at_work == LIVES * 5 // 6
    assert len(acknowledged) >= killed_at_work * BATCH
    with HeadlineIndex.open(path) as index:
        stored = StoredState(index)
        assert index.verify().problems == ()
    expected = ScanState(headlines.filter(pl.col("headline_id").is_in(list(stored.stories))))
    assert (stored.pairs, stored.stories) == (expected.pairs, expected.stories)


@pytest.fixture
def index(tmp_path, newsroom):
    """An index of some headlines on disk."""
    with HeadlineIndex.open(tmp_path / "i.db") as opened:
        opened.add_many(in_time(newsroom(200))[:100])
        yield opened


def test_a_full_disk_raises_and_loses_nothing(index, newsroom):
    execute, headlines = index._storage._connection.execute, in_time(newsroom(200))
    before, room = StoredState(index), execute("PRAGMA max_page_count").fetchone()[0]
    execute(f"PRAGMA max_page_count = {execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(HeadlineIndexError, match="the disk is full; make room and call again"):
        index.add_many(headlines[100:])
    stored = StoredState(index)
    assert (stored.pairs, stored.stories) == (before.pairs, before.stories)
    execute(f"PRAGMA max_page_count = {room}")
    index.add_many(headlines[100:])
    stored, expected = StoredState(index), ScanState(headlines)
    assert (stored.pairs, stored.stories) == (expected.pairs, expected.stories)


@pytest.mark.parametrize("step", ["append", "load_stories", "look_up"])
def test_a_call_that_fails_half_way_writes_nothing(index, newsroom, monkeypatch, step):
    headlines = in_time(newsroom(200))
    storage, whole = type(index._storage), getattr(type(index._storage), step)

    def failing(self, *arguments):
        whole(self, *arguments)
        raise sqlite3.OperationalError("the disk caught fire")

    with monkeypatch.context() as broken:
        broken.setattr(storage, step, failing)
        with pytest.raises(HeadlineIndexError, match="caught fire"):
            index.add_many(headlines[100:150])
    assert index.stats().headlines == 100
    index.add_many(headlines[100:])
    stored, expected = StoredState(index), ScanState(headlines)
    assert (stored.pairs, stored.stories) == (expected.pairs, expected.stories)


def test_a_snapshot_equals_the_sum_of_its_deltas(tmp_path, newsroom, monkeypatch):
    monkeypatch.setattr("dedup.index.session.SNAPSHOT_AFTER", 50)
    headlines, path = in_time(newsroom(600)), tmp_path / "i.db"
    with HeadlineIndex.open(path) as one, HeadlineIndex.open(path) as other:
        for at in range(0, 600, 20):
            writer = other if at % 60 else one
            writer.add_many(headlines[at : at + 20])
            with HeadlineIndex.open(path) as new:
                new.check("خبر")
                stored, known = new._session._cache.snapshot(), writer._session._cache.snapshot()
                assert stored.tolist() == known[np.isin(known["row"], stored["row"])].tolist()
        stored, expected = StoredState(one), ScanState(headlines)
    assert (stored.pairs, stored.stories) == (expected.pairs, expected.stories)
