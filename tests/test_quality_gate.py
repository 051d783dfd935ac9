"""The quality gate on real labels, and what it says when floors or data are not what they were."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import main

CORPUS = "saudi2015"


@pytest.fixture
def gate(monkeypatch, capsys):
    """Run the command; its exit code, and what it wrote on stderr."""

    def run(data, *options):
        monkeypatch.setattr(sys, "argv", ["python -m benchmarks", "gate", "--data", str(data), *options])
        return main(), capsys.readouterr().err

    return run


@pytest.fixture
def labelled(data):
    if not (data / f"{CORPUS}.jsonl.gz").exists():
        pytest.skip(f"no {CORPUS} in {data}")
    return data


def test_accuracy_holds_its_floors(gate, labelled):
    code, output = gate(labelled, "--only", CORPUS, "--only", "ans-stance")
    assert code == 0, output


def test_the_gate_fails_and_names_a_figure_below_its_floor(gate, labelled, tmp_path):
    floors = json.loads((Path(__file__).parents[1] / "benchmarks" / "quality" / "floors.json").read_text("utf-8"))
    floors["ans-stance"]["figures"]["recall"] = 1.0
    (tmp_path / "floors.json").write_text(json.dumps(floors), "utf-8")
    code, output = gate(labelled, "--only", "ans-stance", "--floors", str(tmp_path / "floors.json"))
    assert code == 1
    assert "ans-stance: recall" in output
    assert "below its floor 1.000" in output


def test_the_gate_refuses_other_labels(gate, labelled, tmp_path):
    folder = tmp_path / "data"
    (folder / "labels").mkdir(parents=True)
    (folder / f"{CORPUS}.jsonl.gz").symlink_to(labelled / f"{CORPUS}.jsonl.gz")
    labels = (labelled / "labels" / f"{CORPUS}.tsv").read_text("utf-8").splitlines(keepends=True)
    (folder / "labels" / f"{CORPUS}.tsv").write_text("".join(labels[:-1]), "utf-8")
    code, output = gate(folder, "--only", CORPUS)
    assert code == 2
    assert f"{CORPUS}: labels" in output
    assert gate(folder, "--only", CORPUS, "--update")[0] == 2


def test_floors_are_set_on_new_data_and_raised_later(gate, labelled, tmp_path):
    floors = tmp_path / "floors.json"
    options = ("--only", "ans-stance", "--floors", str(floors))
    assert gate(labelled, *options)[0] == 2
    assert gate(labelled, *options, "--update")[0] == 0
    first = json.loads(floors.read_text("utf-8"))
    assert gate(labelled, *options, "--update")[0] == 0
    assert json.loads(floors.read_text("utf-8")) == first
