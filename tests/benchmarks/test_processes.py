"""Measured processes: what they print, how long, how much memory, and why one did not finish."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import time

import polars as pl
import pytest

from benchmarks.__main__ import main
from benchmarks.reporting import runs
from benchmarks.speed import scale
from benchmarks.speed.processes import ProcessRun, in_turn, noise, run, summarize

PYTHON = sys.executable


def python(code, **limits):
    return run([PYTHON, "-c", code], **limits)


def test_a_process_is_timed_and_its_output_kept():
    ran = python("import time; print('done'); time.sleep(0.3)")
    assert ran.output == "done\n"
    assert ran.failure is None
    assert ran.seconds >= 0.3


def test_memory_of_children_counts_and_that_of_the_benchmark_does_not():
    held = bytearray(200_000_000)
    assert python("import time; time.sleep(0.2)").peak_mb < 100
    child = "import time; held = bytearray(150_000_000); time.sleep(0.5)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    assert 150 < python(code).peak_mb < 300
    assert held


def test_too_much_time_or_memory_ends_the_whole_tree():
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    started = time.perf_counter()
    assert python(code, timeout=0.5).failure == "stopped after 0 s"
    assert "GB" in python("import time; held = bytearray(300_000_000); time.sleep(60)", memory_mb=200).failure
    assert time.perf_counter() - started < 20


def test_a_failure_reports_the_last_line_of_stderr():
    assert python("raise SystemExit('no such model')").failure == "exit code 1: no such model"
    assert python("raise SystemExit(3)", codes=(0, 3)).failure is None


def test_commands_run_in_turn_the_first_twice_and_a_failed_one_once():
    order = []

    def command(name, failure=None):
        return lambda: order.append(name) or ProcessRun(len(order), 10.0, failure, "")

    ran = in_turn({"a": command("a"), "b": command("b", "broken")}, rounds=2)
    assert order == ["a", "b", "a", "a", "a"]
    assert summarize(ran["b"]) == {"failure": "broken"}
    assert summarize(ran["a"]) == {"seconds": 2.5, "range": [1, 4], "peak_mb": 10.0, "runs": 2}
    assert noise(ran) == pytest.approx(4 / 2.5)


def test_a_quick_run_prints_only_and_a_full_run_writes_results_and_document(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(runs, "ROOT", tmp_path)
    drawn = []
    full = runs.provenance(quick=False)
    runs.record("speed", full | {"quick": True}, "quick table", drawn.append, output=None)
    assert list(tmp_path.iterdir()) == []
    runs.record("speed", full, "full table", drawn.append, output=None)
    runs.record("speed", full, "elsewhere", drawn.append, output=tmp_path / "out")
    assert drawn == [tmp_path / "docs" / "speed.svg", tmp_path / "out" / "speed.svg"]
    assert "full table" in (tmp_path / "docs" / "benchmarks.md").read_text("utf-8")
    lines = (tmp_path / "benchmarks" / "results" / "speed.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["quick"] for line in lines] == [False]
    assert "quick table" in capsys.readouterr().out


def test_a_commit_has_a_plus_when_code_differs_and_not_when_tables_do(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "ROOT", tmp_path)
    assert runs.commit() is None
    for folder in ("dedup", "benchmarks/results", "docs"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "file").write_text("1", "utf-8")
    git = ["git", "-c", "user.name=me", "-c", "user.email=me@example.org"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
        subprocess.run([*git, *words], cwd=tmp_path, check=True)
    for folder in ("benchmarks/results", "docs"):
        (tmp_path / folder / "file").write_text("2", "utf-8")
    clean = runs.commit()
    assert len(clean) == 10
    (tmp_path / "dedup" / "file").write_text("2", "utf-8")
    assert runs.commit() == f"{clean}+"


def test_provenance_of_a_run_names_no_machine_and_no_path():
    text = json.dumps(runs.provenance(quick=True)) + runs.heading(runs.provenance(quick=True) | {"noise": 1.04})
    assert runs.platform.node() not in text or not runs.platform.node()
    assert "/" not in text.replace("GB/", "")
    assert "factor of 1.04" in text


@pytest.mark.parametrize(
    ("name", "size", "days", "outlets"),
    [("100k", 100_000, 36, 30), ("1m", 1_000_000, 365, 30), ("1m-dense", 1_000_000, 36, 300)],
)
def test_the_name_of_a_size_states_headlines_and_days(name, size, days, outlets):
    one = scale.parse_shape(name)
    generator = one.generator(None, 1)
    assert (one.size, one.days, generator.outlets) == (size, days, outlets)


@pytest.mark.parametrize("name", ["", "0k", "100", "1m-rss-dense", "k"])
def test_an_unknown_size_is_an_error_that_names_it(name):
    with pytest.raises(ValueError, match="is not a size"):
        scale.parse_shape(name)


def test_pictures_are_drawn_of_the_available_results(tmp_path):
    pytest.importorskip("matplotlib", reason="the bench extra has it")
    charts = importlib.import_module("benchmarks.reporting.charts")
    charts.stacked_bars({"one": {"reading": 1.0, "keys": 2.0}, "other": {"keys": 1.0}}, tmp_path / "a.svg", unit="s")
    charts.scatter({"dedup": (1.0, 0.9), "other": (20.0, 0.4)}, tmp_path / "b.svg", x="seconds", y="AP")
    charts.growth({"seconds": {"thin": [(10, 1.0), (100, 9.0)]}}, tmp_path / "c.svg", x="headlines")
    assert all("<svg" in (tmp_path / f"{name}.svg").read_text("utf-8") for name in "abc")


def test_the_scale_benchmark_runs_from_end_to_end(newsroom, tmp_path, monkeypatch, capsys):
    pytest.importorskip("matplotlib", reason="the bench extra has it")
    source = tmp_path / "source.jsonl"
    news = newsroom(1500, seed=5, days=9).drop_nulls("published").rename({"headline_id": "id"})
    news.with_columns(pl.col("published").dt.strftime("%Y-%m-%dT%H:%M:%SZ")).write_ndjson(source)
    options = ["--from", str(source), "--sizes", "1k,1k-rss", "--quick", "--output", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", ["python -m benchmarks", "scale", *options])
    assert main() == 0
    output = json.loads((tmp_path / "out" / "scale.jsonl").read_text("utf-8"))
    assert [row["headlines"] for row in output["rows"]] == [1000, 1000]
    assert all(row["planted"]["copy_matched"] > 0.5 for row in output["rows"])
    assert (tmp_path / "out" / "scale.svg").exists()
    assert "| 1k-rss |" in capsys.readouterr().out
