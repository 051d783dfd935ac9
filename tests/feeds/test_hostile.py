"""The hostile files of the data folder behave as their expectations say."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from dedup.feeds import read_feeds

STATUS = {"ok": "read", "warn": "warned", "error": "failed", "skip": "skipped"}
PROBE = """
import resource, sys
from dedup.feeds import read_feeds
idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
read_feeds(sys.argv[1])
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - idle) / 1024)
"""
LARGE = 7_000
"""Bytes on disk from which a case may need memory at all; only these get a process of their own."""


def _names() -> list[str]:
    folder = os.environ.get("DEDUP_DATA", Path(__file__).parents[2] / ".." / "shared" / "data")
    path = Path(folder).resolve() / "hostile" / "expectations.json"
    if not path.is_file():
        return []
    cases = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return [case["file"] for case in cases if not case["file"].startswith("(")]


@pytest.fixture(scope="module")
def hostile(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    with tarfile.open(data / "hostile" / "hostile.tar.gz") as archive:
        archive.extractall(folder, filter="fully_trusted")  # noqa: S202 - links and modes are what is tested
    inner = folder / "hostile"
    root = inner if inner.is_dir() else folder
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(root)  # a socket's address may have 107 bytes only
        server.bind("134_socket.xml")
        os.chdir(here)
    yield root
    (root / "136_noperm_dir").chmod(0o700)


@pytest.fixture(scope="module")
def cases(data):
    listed = json.loads((data / "hostile" / "expectations.json").read_text(encoding="utf-8"))["cases"]
    return {case["file"]: case for case in listed}


def _statuses(case: dict) -> set[str]:
    """The statuses that the case allows: its own, and those that its alternatives begin with."""
    also = {word for text in case.get("also_acceptable", []) for word in STATUS if text.startswith(word)}
    loose = any(text[0].isdigit() or "title" in text for text in case.get("also_acceptable", []))
    return {STATUS[word] for word in {case["status"], *also}} | ({"read", "warned"} if loose else set())


@pytest.mark.parametrize("name", _names())
def test_a_hostile_file_behaves_as_expected(name, hostile, cases):
    case = cases[name]
    if name == "136_noperm_dir" and os.access(hostile / name, os.R_OK):
        pytest.skip("modes do not bind this user")
    path = hostile / name
    started = time.perf_counter()
    feeds = read_feeds(path)
    assert time.perf_counter() - started < case["max_seconds"]
    statuses, titles = feeds.files["status"].to_list(), feeds.headlines["title"].to_list()
    said = " ".join(" ".join(row) for row in (*feeds.skipped.rows(), *feeds.remarks.rows()))
    worst = max(statuses, key=["read", "skipped", "warned", "failed"].index)
    if name == "130_loop":
        assert set(statuses) == {"read", "skipped"}  # a link not followed is a file of its own
    else:
        assert worst in _statuses(case)
    if worst != "read":
        assert Path(name.replace("\n", "\\n")).name in said
    wanted = case.get("titles")
    if wanted is not None and worst != "failed":
        assert not set(wanted) - set(titles)
        assert len(titles) == len(wanted) or case.get("also_acceptable")
    if "entries" in case and not case.get("also_acceptable"):
        assert feeds.files["headlines"].sum() == case["entries"]
    if worst != "read":
        for word in case.get("message_must_mention", []):
            assert word in said
    for text in case.get("output_must_not_contain", []):
        assert text not in said + " ".join(titles)
    if path.is_file() and path.stat().st_size > LARGE:
        probe = subprocess.run(
            [sys.executable, "-c", PROBE, str(path)], capture_output=True, text=True, check=True, timeout=60
        )
        assert float(probe.stdout) < case["max_extra_rss_mb"]
        assert "Traceback" not in probe.stderr


def test_the_whole_folder_is_read_with_every_file_in_one_state(hostile):
    started = time.perf_counter()
    feeds = read_feeds(*(path for path in sorted(hostile.iterdir()) if path.name != "_outside"))
    assert time.perf_counter() - started < 60
    assert feeds.files["file"].is_unique().all()
    assert set(feeds.files["status"]) <= set(STATUS.values())
    not_read = set(feeds.files.filter(feeds.files["status"] != "read")["file"])
    named = {name.split("!")[0] for name in (*feeds.skipped["file"], *feeds.remarks["file"])}
    assert not_read == named
    assert "HOSTILE-SECRET" not in str(feeds.headlines.rows()) + str(feeds.skipped.rows())
    assert (feeds.files["headlines"] <= feeds.files["items"]).all()


def test_a_folder_that_may_not_be_opened_is_named(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    if os.access(closed, os.R_OK):
        pytest.skip("modes do not bind this user")
    feeds = read_feeds(tmp_path)
    closed.chmod(0o700)
    assert feeds.files["status"].to_list() == ["failed"]
    assert "ermission" in feeds.skipped["reason"].item()
