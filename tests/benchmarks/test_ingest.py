"""The benchmark of ingestion: every row is used once, and every figure is printed."""

from __future__ import annotations

import json
import sys
from collections import Counter

import polars as pl
import pytest

from benchmarks.__main__ import main
from benchmarks.speed import ingest
from benchmarks.speed.indexes import BATCHES, INDEXES, Plan

KEYS = ["سيول جارفه تجتاح وادي السرو", "سيول جارفه تجتاح وادي السرو الان", "نقابه النحالين تنتخب مجلسا"]


def test_every_row_is_added_or_queried_once():
    plan = Plan(remembered=30, singles=5, batches=2, each=2)
    rows = pl.DataFrame({"row": range(30 + plan.queried)})
    asked = [row for size in BATCHES for batch in plan.batch(rows, size) for row in batch["row"]]
    parts = [Plan(30, 5, 2, 2, part=part) for part in range(plan.writers)]
    written = [row for part in parts for batch in part.work(rows) for row in batch["row"]]
    assert set(Counter([*range(30), *asked, *written]).values()) == {1}
    assert len(asked) + len(written) == plan.queried


@pytest.mark.parametrize("name", INDEXES)
def test_each_index_adds_and_answers(name):
    times = [1_772_500_000_000_000 + minutes * 60_000_000 for minutes in (0, 20, 40)]
    outlets = ["الضحى", "المرفأ", "السدرة"]
    rows = {"id": ["a", "b", "c"], "outlet": outlets, "title": KEYS, "url": None, "key": KEYS, "time": times}
    news = pl.DataFrame(rows).with_columns(published=pl.from_epoch("time", "us").dt.replace_time_zone("UTC"))
    memory = INDEXES[name](":memory:" if name == "dedup" else "memory")
    memory.fill(memory.prepare(news.head(1)))
    memory.check(memory.prepare(news[1]))
    memory.add(memory.prepare(news[1]))
    memory.add(memory.prepare(news[2:]))
    if name == "dedup":
        with memory._index as index:
            assert index.stats().headlines == 3
            assert index.matches("b")["headline_id"].to_list() == ["a"]
    else:
        assert set(memory._known) == {"a", "b", "c"}
        assert "a" in memory._index.query(memory._sketches(memory.prepare(news[1]))[0])


def test_the_benchmark_of_ingestion_runs_from_end_to_end(folder, monkeypatch, capsys):
    source, out = str(folder / "invented.jsonl.gz"), folder / "out"
    options = ["--from", source, "--quick", "--sizes", "1k", "--only", "dedup, SQLite", "--output", str(out)]
    monkeypatch.setattr(sys, "argv", ["python -m benchmarks", "ingest", *options])
    assert main() == 0
    (size,) = json.loads((out / "ingest.jsonl").read_text("utf-8"))["sizes"]
    (row,) = size["rows"]
    assert "failure" not in row
    assert row["stored_bytes"] / size["remembered"] > 100
    assert min(row[what]["p50"] for what in ("check", "add_1", "add_100", "add_1000")) > 0
    assert row["together_rate"] > 0
    assert "### 1k headlines in the index" in capsys.readouterr().out


def test_recipes_are_not_measured_beyond_their_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(ingest, "measure", lambda name, *_, **__: {"name": name})
    for remembered, names in (
        (ingest.RECIPE_LIMIT, [ingest.SQLITE, ingest.REDIS, ingest.IN_MEMORY, ingest.ON_REDIS]),
        (ingest.RECIPE_LIMIT + 1, [ingest.SQLITE, ingest.REDIS]),
    ):
        rows = ingest._rows(None, tmp_path, "redis://", tmp_path, Plan(remembered, 1, 1, 1), 1)
        assert [row["name"] for row in rows] == names
