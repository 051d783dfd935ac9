"""The leaderboard on an invented corpus, and the rule that quick runs leave the repository alone."""

from __future__ import annotations

import gzip
import json
import sys
from types import SimpleNamespace

import polars as pl
import pytest

from benchmarks.__main__ import main
from benchmarks.quality import leaderboard
from benchmarks.quality.judge import join_scores
from benchmarks.quality.leaderboard import held_out_rows, number
from benchmarks.reporting.runs import ROOT

TITLES = [
    ("a", "وكالة واحة", "مصرع 5 أشخاص في سيول وادي السرو"),
    ("b", "الضحى", "عاجل | مصرع خمسة أشخاص في سيول وادي السرو"),
    ("c", "المرفأ", "مصرع 9 أشخاص في سيول وادي السرو"),
    ("d", "السدرة", "قافلة طبية تجوب قرى الهضبة"),
]
LABELS = """id_a\tid_b\tlabel\tdecidable\tkind\tweight
a\tb\tdup\ty\tcopy\t2
a\tc\trel\ty\ttoll\t1
b\td\tdiff\ty\tother\t5
"""


@pytest.fixture
def folder(tmp_path):
    rows = [
        {"id": name, "outlet": outlet, "title": title, "published": f"2026-03-04T0{hour}:00:00Z"}
        for hour, (name, outlet, title) in enumerate(TITLES)
    ]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (tmp_path / "valley.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "valley.tsv").write_text(LABELS, "utf-8")
    return tmp_path


def run(monkeypatch, *options):
    monkeypatch.setattr(sys, "argv", ["python -m benchmarks", "leaderboard", *map(str, options)])
    return main()


def test_every_method_has_a_row_with_intervals_and_a_curve(folder, tmp_path, monkeypatch, capsys):
    pytest.importorskip("matplotlib", reason="the bench extra has it")
    assert run(monkeypatch, "--data", folder, "--quick", "--output", tmp_path / "out") == 0
    text = capsys.readouterr().out
    rows = {line.split("|")[1].strip(): line.split("|") for line in text.splitlines() if line.startswith("| ")}
    assert {"dedup, shipped model", "rapidfuzz ratio", "char-3 Jaccard", "datasketch LSH + ratio"} <= set(rows)
    assert rows["dedup, shipped model"][3].strip().startswith("1.000 (")
    assert rows["rapidfuzz ratio"][4].strip().startswith("0.")
    assert "### valley" in (tmp_path / "out" / "benchmark.md").read_text("utf-8")
    assert "</svg>" in (tmp_path / "out" / "precision-recall.svg").read_text("utf-8")
    assert "| on labels drawn from all candidates | valley |" in (tmp_path / "out" / "README.md").read_text("utf-8")


def test_errors_are_listed_by_kind_with_their_share_of_the_weight():
    labels = pl.read_csv(LABELS.encode(), separator="\t").cast({"weight": pl.Float64})
    scored = pl.DataFrame({"left_id": ["a", "b"], "right_id": ["c", "d"], "score": 0.8})
    table = leaderboard.errors({"valley": join_scores(labels, scored, threshold=0.5)})
    assert table.splitlines()[-1] == "| valley | 2 | diff/other 0.83, rel/toll 0.17 | 1 | dup/copy 1.00 |"


def test_the_readme_has_a_table_that_the_leaderboard_rewrites():
    assert (ROOT / "README.md").read_text("utf-8").count("<!-- accuracy -->\n| on labels drawn") == 1


def test_the_summary_has_recorded_figures_and_the_precision_of_copies(monkeypatch):
    recorded = {"same_news timed default": {"folds by day": {"valley": {"recall": 0.5, "precision": 0.9}}}}
    monkeypatch.setattr(leaderboard, "load_model", lambda: SimpleNamespace(provenance={"figures": recorded}))
    labels = pl.read_csv(LABELS.encode(), separator="\t").cast({"weight": pl.Float64})
    scored = pl.DataFrame({"left_id": ["a", "a"], "right_id": ["b", "c"], "score": 0.8, "relation": "copy"})
    rows = leaderboard.summary({"valley": join_scores(labels, scored, threshold=0.5)}).splitlines()
    assert rows[2].endswith("| 0.90 / 0.50 |")
    assert rows[3].endswith("|  /  |")
    assert rows[4] == "| precision of copies | 0.67 |"


def test_the_chart_has_the_judged_scores_as_curves_and_the_held_out_figures_as_points(monkeypatch):
    recorded = {"same_news timed default": {"folds": {"valley": {"recall": 0.5, "precision": 0.9}, "other": {}}}}
    monkeypatch.setattr(leaderboard, "load_model", lambda: SimpleNamespace(provenance={"figures": recorded}))
    labels = pl.read_csv(LABELS.encode(), separator="\t").cast({"weight": pl.Float64})
    scored = pl.DataFrame({"left_id": ["a"], "right_id": ["b"], "score": [0.8]})
    judged = [leaderboard.row("my tool", 0.5, join_scores(labels, scored, threshold=0.5)), (["no scores"], None)]
    curves, points = leaderboard.panel("valley", judged)
    assert points == {"dedup, folds": (0.5, 0.9)}
    assert list(curves) == ["my tool"]
    score, same, weight = curves["my tool"]
    assert (score.tolist(), same.tolist(), weight.tolist()) == ([0.8, 0, 0], [True, False, False], [2, 1, 5])


def test_a_users_tool_gets_a_row_from_its_scores(folder, tmp_path, monkeypatch, capsys):
    (tmp_path / "valley.csv").write_text("left_id,right_id,score\nb,a,0.9\na,c,0.95\n", "utf-8")
    entry = ("--entry", "my tool", "0.85", tmp_path / "{corpus}.csv")
    missing = ("--entry", "no scores here", "0.5", tmp_path / "other-{corpus}.csv")
    assert run(monkeypatch, "--data", folder, "--quick", *entry, *missing) == 0
    rows = {line.split("|")[1].strip(): line.split("|") for line in capsys.readouterr().out.splitlines() if "|" in line}
    assert rows["my tool"][2].strip() == "0.85"
    assert rows["my tool"][4].strip().startswith("0.667")  # of the weights 2 and 1 that match, 2 are the same news
    assert rows["my tool"][5].strip().startswith("1.000")
    assert "no scores here" not in rows


def test_quick_runs_touch_no_tracked_file(folder, monkeypatch, capsys):
    before = (ROOT / "docs" / "benchmark.md").read_bytes()
    assert run(monkeypatch, "--data", folder, "--quick") == 0
    assert (ROOT / "docs" / "benchmark.md").read_bytes() == before
    assert "valley" in capsys.readouterr().out


def test_a_folder_without_labels_is_refused(tmp_path, monkeypatch, capsys):
    with pytest.raises(SystemExit):
        run(monkeypatch, "--data", tmp_path)
    error = capsys.readouterr().err
    assert "no corpus NAME.jsonl.gz with labels/NAME.tsv; build it by: python -m benchmarks data" in error


def test_figures_that_training_did_not_record_have_no_row():
    assert list(held_out_rows("no-such-corpus")) == []
    assert number(float("nan")) == number(None) == ""
