"""The libraries beside dedup: what each proposes, and one run of the benchmark on a small labelled folder."""

from __future__ import annotations

import json
import sys
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from rapidfuzz import fuzz

from benchmarks.__main__ import main
from benchmarks.speed.library_pipelines import PIPELINES, WINDOW, _pairs_of_clusters
from dedup.arabic.keys import add_keys

MODULES = {"datasketch": "datasketch", "rensa": "rensa", "gaoya": "gaoya"}
DAY = 24 * 3_600_000_000


@pytest.fixture(scope="module")
def keyed(newsroom):
    frame = add_keys(newsroom(400, seed=2, undated=0)).filter(pl.col("fuzzy_key").str.len_chars() > 3)
    return frame.sort("published", "headline_id")


def proposed(name, keyed):
    found = PIPELINES[name](keyed["fuzzy_key"].to_list(), keyed["published"].dt.epoch("us").to_numpy(), sys.executable)
    return set(zip(found.left.tolist(), found.right.tolist(), strict=True))


@pytest.mark.parametrize("name", MODULES)
def test_a_library_proposes_all_equal_keys_and_hardly_any_unlike_ones(name, keyed):
    pytest.importorskip(MODULES[name], reason="the bench extra has it")
    found, keys = proposed(name, keyed), keyed["fuzzy_key"].to_list()
    equal = {pair for pair in combinations(range(len(keys)), 2) if keys[pair[0]] == keys[pair[1]]}
    assert equal
    assert equal <= found
    unlike = sum(fuzz.ratio(keys[one], keys[other]) < 30 for one, other in found)
    assert unlike <= len(found) / 100
    assert all(one < other for one, other in found)


def test_brute_force_finds_every_similar_pair_of_the_window(keyed):
    keys, times = keyed["fuzzy_key"].to_list(), keyed["published"].dt.epoch("us").to_list()
    expected = {
        (one, other)
        for one, other in combinations(range(len(keys)), 2)
        if times[other] - times[one] <= WINDOW and fuzz.ratio(keys[one], keys[other]) >= 50
    }
    assert proposed("rapidfuzz", keyed) == expected


def test_clusters_become_all_their_pairs_within_the_window():
    clusters = np.array([0, 0, 2, 0, 2, 5])
    times = np.array([0, 1, 1, 2, 9, 9]) * DAY
    found = _pairs_of_clusters(clusters, times)
    assert set(zip(found.left.tolist(), found.right.tolist(), strict=True)) == {(0, 1), (0, 3), (1, 3)}


@pytest.fixture
def bare(tmp_path):
    """An interpreter without any library."""
    path = tmp_path / "python"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n', "utf-8")
    path.chmod(0o755)
    return path


def test_the_benchmark_judges_real_and_generated_headlines(folder, bare, monkeypatch, capsys):
    pytest.importorskip("matplotlib", reason="the bench extra has it")
    out = folder / "out"
    options = ["--data", str(folder), "--sizes", "1000,1500", "--only", "datasketch", "--only", "text-dedup", "--quick"]
    options += ["--output", str(out), "--python", f"text-dedup={bare}"]
    monkeypatch.setattr(sys, "argv", ["python -m benchmarks", "libraries", *options])
    assert main() == 0
    real, generated = json.loads((out / "libraries.jsonl").read_text("utf-8"))["sizes"]
    assert [row["name"] for row in real["rows"]] == ["dedup", "dedup, low scores kept", "datasketch", "text-dedup"]
    assert not real["planted"]
    assert real["rows"][2]["ap"] > 0.9
    assert "not installed" in real["rows"][3]["failure"]
    assert generated["planted"]
    assert generated["rows"][0]["planted_copy"] > 0.5
    assert "| datasketch |" in capsys.readouterr().out
    assert (out / "libraries.svg").exists()


@pytest.mark.parametrize(
    ("options", "output"),
    [(["--corpus", "other"], "no labelled corpus other"), (["--python", "foo=x"], "--python foo")],
)
def test_wrong_options_are_named(folder, monkeypatch, capsys, options, output):
    monkeypatch.setattr(sys, "argv", ["python -m benchmarks", "libraries", "--data", str(folder), *options])
    with pytest.raises(SystemExit):
        main()
    assert output in capsys.readouterr().err
