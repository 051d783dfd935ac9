"""The ingestion loop of the examples: what is new is reported once, whatever is read again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def ingest(*arguments):
    return subprocess.run(
        [sys.executable, "examples/ingest.py", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )


def test_the_loop_tells_each_headline_once(tmp_path):
    output = ingest(tmp_path / "news.db", "examples/feeds").stdout.splitlines()
    assert len(output) == 109
    assert "new: مصرع 5 أشخاص في سيول جارفة اجتاحت وادي السرو" in output
    assert sum(line.startswith("new: ") for line in output) == 49
    assert sum(line.startswith("copy (") for line in output) > 20
    again = ingest(tmp_path / "news.db", "examples/feeds")
    assert again.stdout == ""


def test_what_cannot_be_read_is_named(tmp_path):
    done = ingest(tmp_path / "news.db", "examples/messy")
    assert "skipped examples/messy/empty.xml : empty" in done.stderr
    assert done.stdout
