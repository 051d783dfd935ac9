"""The cost of the worst inputs found grows with their size and no faster, for every format."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.robustness.worst import WORST

ROOT = Path(__file__).parents[2]
SIZE = 15_000
MAX_RATIO, MAX_SECONDS, MAX_MEGABYTES = 2.6, 5, 250
NOISE = 0.1
"""Seconds by which two readings of one small input differ on a busy machine."""
MEASURE = """
import json, resource, sys, tempfile, time
from pathlib import Path
from dedup.feeds import read_feeds
from tests.robustness.worst import WORST

def peak():
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024

folder = Path(tempfile.mkdtemp())
(folder / "warm.html").write_text("<html><body>" + "<li>a" * 20)
(folder / "warm.jsonl").write_text('{"title": "a", "published": "24 March 2020", "outlet": "b"}')
read_feeds(folder, workers=1)
for name in WORST:
    if name.split(":")[0] not in sys.argv[2].split(","):
        continue
    costs = []
    for size in (int(sys.argv[1]), 2 * int(sys.argv[1])):
        file, data = WORST[name](size)
        (folder / file).write_bytes(data)
        times, before = [], peak()
        for _ in range(3):
            start = time.process_time()
            feeds = read_feeds(folder / file, workers=1)
            times.append(time.process_time() - start)
            if times[-1] > 3:
                break
        costs.append((min(times), peak() - before, feeds.headlines.height, feeds.skipped.height))
    print(json.dumps([name, costs]), flush=True)
"""
FORMATS = ("xml,tolerant", "html,page", "csv,tsv,txt", "json,jsonl", "gzip,zstd,zip,parquet")


@pytest.fixture(scope="module", params=FORMATS)
def costs(request):
    command = [sys.executable, "-c", MEASURE, str(SIZE), request.param]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=500, check=False)
    measured = dict(map(json.loads, done.stdout.splitlines()))
    expected = [name for name in WORST if name.split(":")[0] in request.param.split(",")]
    assert list(measured) == expected, done.stderr[-500:]
    return measured


def test_twice_the_input_costs_twice_the_time_and_little_memory(costs):
    for name, ((once, _, _, _), (twice, megabytes, rows, notes)) in costs.items():
        assert twice < MAX_RATIO * once + NOISE, name
        assert twice < MAX_SECONDS, name
        assert megabytes < MAX_MEGABYTES, name
        assert rows or notes, name
