"""What an index does to a Redis server: few round trips, all or nothing, nothing twice."""

from __future__ import annotations

import threading
import time
import uuid
from itertools import pairwise

import polars as pl
import pytest
import redis.connection

from dedup import HeadlineIndex, Settings
from dedup.errors import HeadlineIndexError, WriteConflictError
from dedup.index.storage.redis import RedisStorage
from dedup.index.storage.redis.transaction import Transaction
from tests.index.conftest import ScanState, StoredState, in_time

FLOOD = "مصرع 5 أشخاص في سيول جارفة اجتاحت وادي السرو"
LONG = "3650d"


@pytest.fixture
def trips(monkeypatch):
    """Counts how often a client sends something and waits for what comes back."""
    sent, whole = [], redis.connection.AbstractConnection.send_packed_command

    def counted(self, command, check_health=True):
        sent.append(command)
        return whole(self, command, check_health=check_health)

    monkeypatch.setattr(redis.connection.AbstractConnection, "send_packed_command", counted)
    return sent


@pytest.mark.parametrize("size", [1, 30, 300])
def test_a_call_takes_few_round_trips_whatever_its_batch(address, newsroom, trips, size):
    headlines = in_time(newsroom(1_000))
    with (
        HeadlineIndex.open(address, retention=LONG) as index,
        HeadlineIndex.open(address, retention=LONG) as other,
    ):
        index.add_many(headlines[:280])
        index.add_many(headlines[280:300])  # the server knows all scripts by now
        other.add_many(headlines[300:320])
        index.check(FLOOD)
        trips.clear()
        index.add_many(headlines[320 : 320 + size])
        assert len(trips) <= 5
        trips.clear()
        other.check_many(headlines[320 : 350 + size])
        assert len(trips) <= 3
        trips.clear()
        other.add_many(headlines[320 : 350 + size])
        assert len(trips) <= 6


@pytest.mark.parametrize("turns", [1, 3])
def test_two_writers_that_take_turns_equal_one_writer(address, newsroom, turns, monkeypatch):
    monkeypatch.setattr("dedup.index.session.SNAPSHOT_AFTER", 200)
    headlines = in_time(newsroom(400))
    with (
        HeadlineIndex.open(address, window="48h", retention=LONG) as one,
        HeadlineIndex.open(address, window="48h", retention=LONG) as other,
    ):
        for turn, at in enumerate(range(0, 400, 10)):
            (one if turn // turns % 2 else other).add_many(headlines[at : at + 10])
        stored, expected = StoredState(one), ScanState(headlines, Settings(window=48))
        other.check(FLOOD)
        one.check(FLOOD)
        deltas = one._session._cache.snapshot().tolist()
        assert deltas == other._session._cache.snapshot().tolist()
        with HeadlineIndex.open(address, window="48h", retention=LONG) as new:
            new.check(FLOOD)
            known = new._session._cache.snapshot().tolist()
            assert set(known) < set(deltas)  # headlines out of reach are evicted some time later
            assert [delta for delta in deltas if delta[0] > 200] == [delta for delta in known if delta[0] > 200]
    assert (stored.pairs, stored.stories) == (expected.pairs, expected.stories)


def test_a_worker_that_lost_its_lock_writes_nothing_and_retries(address, newsroom, client, monkeypatch):
    headlines, overtaken = in_time(newsroom(200)), []
    with (
        HeadlineIndex.open(address, retention=LONG) as slow,
        HeadlineIndex.open(address, retention=LONG) as quick,
    ):
        slow.add_many(headlines[:100])
        commit = Transaction.commit

        def stalled(self, lifetime):
            if self is slow._storage._transaction and not overtaken:
                overtaken.append(True)
                client.delete(self.connection.keys["lock"])
                quick.add_many(headlines[100:150])
            commit(self, lifetime)

        monkeypatch.setattr(Transaction, "commit", stalled)
        known = [verdict.known for verdict in slow.add_many(headlines[130:])]
        assert known == [True] * 20 + [False] * 50
        stored, expected = StoredState(quick), ScanState(headlines)
    assert overtaken
    assert (stored.pairs, stored.stories) == (expected.pairs, expected.stories)


def test_repeated_write_conflicts_raise(address, client, monkeypatch):
    with HeadlineIndex.open(address) as index:
        index.add(FLOOD)
        acquire = Transaction._acquire_lock

        def late(self):
            acquire(self)
            client.hset(self.connection.keys["head"], "token", uuid.uuid4().hex)

        monkeypatch.setattr(Transaction, "_acquire_lock", late)
        with pytest.raises(WriteConflictError, match="nothing was written, call again"):
            index.add("حريق هائل يلتهم سوق الزهراوية القديم")
        monkeypatch.undo()
        assert index.stats().headlines == 1


def test_a_commit_whose_answer_was_lost_is_not_done_twice(address, newsroom, monkeypatch):
    headlines, lost = in_time(newsroom(120)), []
    with HeadlineIndex.open(address, retention=LONG) as index:
        index.add_many(headlines[:60])
        read = redis.connection.AbstractConnection.read_response

        def deaf(self, *arguments, **options):
            answer = read(self, *arguments, **options)
            if answer == 1 and not lost:  # of commit.lua; the batch is written
                lost.append(True)
                raise redis.ConnectionError("the cable was pulled")
            return answer

        monkeypatch.setattr(redis.connection.AbstractConnection, "read_response", deaf)
        verdicts = index.add_many(headlines[60:])
        assert not any(verdict.known for verdict in verdicts)
        stored, expected = StoredState(index), ScanState(headlines)
    assert lost
    assert (stored.pairs, stored.stories) == (expected.pairs, expected.stories)


@pytest.mark.parametrize("step", ["append", "load_stories", "look_up"])
def test_a_call_that_fails_half_way_writes_nothing(address, newsroom, monkeypatch, step):
    headlines = in_time(newsroom(200))
    whole = getattr(RedisStorage, step)

    def failing(self, *arguments):
        whole(self, *arguments)
        raise HeadlineIndexError("redis", "it caught fire")

    with HeadlineIndex.open(address, retention=LONG) as index:
        index.add_many(headlines[:100])
        with monkeypatch.context() as broken:
            broken.setattr(RedisStorage, step, failing)
            with pytest.raises(HeadlineIndexError, match="caught fire"):
                index.add_many(headlines[100:150])
        assert index.stats().headlines == 100
        index.add_many(headlines[100:])
        stored, expected = StoredState(index), ScanState(headlines)
    assert (stored.pairs, stored.stories) == (expected.pairs, expected.stories)


def test_a_large_transaction_is_sent_in_parts_and_committed_as_one(address, newsroom, monkeypatch):
    monkeypatch.setattr("dedup.index.storage.redis.transaction._SCRIPT_ARGUMENTS", 500)
    monkeypatch.setattr("dedup.index.storage.redis.transaction._COMMAND_ARGUMENTS", 100)
    monkeypatch.setattr("dedup.index.storage.redis.headlines._FETCHED", 70)
    headlines = newsroom(400)
    with HeadlineIndex.open(address, retention=LONG) as index:
        index.add_many(headlines[:200])
        index.add_many(headlines[200:])
        index.rebuild()
        stored, expected = StoredState(index), ScanState(headlines)
        assert (stored.pairs, stored.stories) == (expected.pairs, expected.stories)
        assert index.stats().matches == len(stored.pairs)


def test_readers_are_not_blocked_by_a_writer_and_see_nothing_half_done(address, newsroom):
    headlines = in_time(newsroom(100))
    with HeadlineIndex.open(address, retention=LONG) as writer, HeadlineIndex.open(address, mode="r") as reader:
        writer.add_many(headlines[:90])
        with writer._storage.writing():
            assert reader.stats().headlines == 90
            assert reader.check_many(headlines[90:]).frame.height == 10
            assert reader.result().headlines.height == 90


def test_headlines_added_during_a_read_are_hidden(address, newsroom):
    headlines = in_time(newsroom(200))
    with HeadlineIndex.open(address, retention=LONG) as writer, HeadlineIndex.open(address, mode="r") as reader:
        writer.add_many(headlines[:100])
        storage = reader._storage
        with storage.reading():
            reader._session.catch_up()
            writer.add_many(headlines[100:])
            ids = headlines["headline_id"].to_list()
            assert max(storage.look_up(ids, [])[0].values()) == 100
            stories = storage.load_stories(range(1, 101))
            assert max(member.row for member in stories.members) == 100
            assert all(match.right <= 100 and match.left <= 100 for match in stories.matches)
            assert storage.headlines().height == 100


def test_a_writer_waits_for_a_live_writer_but_not_for_a_dead_one(address, monkeypatch):
    monkeypatch.setattr("dedup.index.storage.redis.transaction._LOCK_LIFETIME", 1.0)
    with HeadlineIndex.open(address) as index, HeadlineIndex.open(address) as other:
        with other._storage.writing():
            thread = threading.Thread(target=index.add, args=(FLOOD,))
            thread.start()
            thread.join(1.5)  # the lock is renewed for as long as its holder lives
            assert thread.is_alive()
        thread.join(30)
        assert index.stats().headlines == 1
        other._storage._connection.run_script("acquire_lock", "a worker that died", 500)
        started = time.monotonic()
        assert other.add(FLOOD).known
        assert index.add("حريق هائل يلتهم سوق الزهراوية القديم").is_new_story
        assert time.monotonic() - started < 10


def test_a_writer_gives_up_after_the_timeout(address, monkeypatch):
    monkeypatch.setattr("dedup.index.storage.redis.transaction._LOCK_TIMEOUT", 0.2)
    with HeadlineIndex.open(address) as index:
        index._storage._connection.run_script("acquire_lock", "another", 60_000)
        with pytest.raises(HeadlineIndexError, match=r"another worker has been writing .* call again"):
            index.add(FLOOD)


def test_sqlite_and_redis_prune_and_keep_the_same_headlines(address, newsroom):
    headlines, days = in_time(newsroom(500, days=12)), [1.5, 3, 3.2, 7, 11]
    start = headlines["published"].min()
    with HeadlineIndex.open(address, retention=LONG) as index, HeadlineIndex.open(":memory:") as other:
        for (first, last), day in zip(pairwise(range(0, 501, 100)), days, strict=True):
            for one in (index, other):
                one.add_many(headlines[first:last])
            before = start + pl.duration(days=day)
            before = pl.select(before).item()
            assert index.prune(before=before) == other.prune(before=before)
            assert told_all(index) == told_all(other)
            mine, theirs = index.stats(), other.stats()
            fields = ("headlines", "stories", "matches", "undated", "first", "last")
            assert [getattr(mine, name) for name in fields] == [getattr(theirs, name) for name in fields]
            for one in headlines["headline_id"]:
                with index._storage.reading(), other._storage.reading():
                    assert index._storage.find(one) == other._storage.find(one)
            index.rebuild()
            other.rebuild()
            assert told_all(index) == told_all(other)


def told_all(index):
    """All that the storage tells of its headlines."""
    storage = index._storage
    with storage.reading():
        keys = storage.headlines()
        stories = storage.load_stories(keys["row"])
        matches = {row: sorted(storage.matches(row)) for row in keys["row"]}
    return keys.rows(), matches, stories.members, sorted(stories.matches), sorted(stories.pruned_founders)
