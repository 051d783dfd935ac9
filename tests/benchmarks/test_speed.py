"""The benchmark of speed tells stages, steps, start-up and reading, and what was found."""

from __future__ import annotations

import cProfile
import json
import sys

import pytest

import dedup
from benchmarks.__main__ import COMMANDS, main
from benchmarks.speed.processes import ProcessRun
from benchmarks.speed.profile import steps
from benchmarks.speed.stages import read_rate


def test_the_benchmark_of_speed_runs_from_end_to_end(folder, monkeypatch, capsys):
    pytest.importorskip("matplotlib", reason="the bench extra has it")
    out = folder / "out"
    options = ["--data", str(folder), "--quick", "--output", str(out)]
    monkeypatch.setattr(sys, "argv", ["python -m benchmarks", "speed", *options])
    assert main() == 0
    output = json.loads((out / "speed.jsonl").read_text("utf-8"))
    (scan,) = output["scans"]
    assert scan["headlines"] == 1200
    assert scan["quality"]["ap"] > 0.5
    assert {"reading", "keys", "matching", "start, files"} <= set(scan["stages"])
    assert {row["name"] for row in output["starts"]} >= {"import dedup", "dedup --help", "dedup scan examples/feeds"}
    assert [row for row in output["starts"] if "failure" in row] == []
    assert all(row["rate"] > 0 for row in output["reading"])
    assert (out / "speed.svg").exists()
    assert "`pipeline.scan`" in capsys.readouterr().out


def test_steps_are_the_packages_own_functions_longest_first():
    profile = cProfile.Profile()
    profile.runcall(dedup.normalize, "عاجل | مصرع خمسة في سيول")
    found = steps(profile)
    assert [step["seconds"] for step in found] == sorted((step["seconds"] for step in found), reverse=True)
    assert all(not step["step"].startswith("polars") for step in found)
    assert any(step["step"] == "arabic.keys.normalize" for step in found)


def test_a_rate_is_items_by_the_seconds_that_the_reader_took():
    output = read_rate(
        [
            ProcessRun(2.0, 50, None, "1000 0.5\n"),
            ProcessRun(2.0, 50, None, "1000 0.25\n"),
            ProcessRun(2.0, 50, None, "1000 1\n"),
        ]
    )
    assert (output["items"], output["rate"], output["best"]) == (1000, 2000, 4000)
    assert "failure" in read_rate([ProcessRun(2.0, 50, "broken", "")])


def test_every_command_has_a_description(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["python -m benchmarks", "--help"])
    assert main() == 0
    output = capsys.readouterr().out
    assert all(name in output and summary in output for name, (_, summary) in COMMANDS.items())
