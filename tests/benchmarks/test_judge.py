"""The judge of scored pairs: figures on small labels computed by hand, file formats, and wrong input."""

from __future__ import annotations

import json
import math
import sys
from functools import partial

import numpy as np
import polars as pl
import pytest

from benchmarks.__main__ import main
from benchmarks.quality.judge import join_scores, judge, read_labels, read_table

LABELS = """id_a\tid_b\tlabel\tdecidable\tkind\tweight
a\tb\tdup\ty\tcopy\t1
a\tc\tdup\ty\treword\t3
a\td\trel\ty\ttoll\t2
b\te\tdiff\ty\ttemplate\t4
b\tf\tdiff\ty\ttopic\t0
"""


@pytest.fixture
def labels(tmp_path):
    path = tmp_path / "labels.tsv"
    path.write_text(LABELS, "utf-8")
    return path


def scored_pairs(**columns):
    pairs = {"left_id": ["b", "a", "a"], "right_id": ["a", "d", "c"], "score": [0.9, 0.8, 0.3]}
    return pl.DataFrame(pairs | columns)


def test_figures_weigh_each_pair_by_the_candidates_it_stands_for(labels):
    figures = judge(join_scores(read_labels(labels), scored_pairs(), threshold=0.5))
    same = figures["same_news"]
    assert (figures["pairs"], figures["scored"]) == (4, 3)
    assert same["precision"] == pytest.approx(1 / 3)
    assert same["recall"] == pytest.approx(1 / 4)
    # Thresholds 0.9, 0.8, 0.3 have precision 1, 1/3, 4/6 and recall 1/4, 1/4, 1.
    assert same["ap"] == pytest.approx(1 / 4 + 3 / 4 * 4 / 6)
    assert same["wrong_by_kind"] == {"rel/toll": 1.0}
    assert same["missed_by_kind"] == {"dup/reword": 1.0}
    assert figures["related"]["of_matches"] == 1.0
    low, high = same["precision_interval"]
    assert low <= same["precision"] <= high


def test_the_order_of_ids_and_repeated_pairs_do_not_matter(labels):
    pairs = scored_pairs()
    swapped = pairs.select(left_id="right_id", right_id="left_id", score="score")
    repeated = pl.concat([swapped, pairs.with_columns(score=pl.col("score") / 2)])
    first, second = (join_scores(read_labels(labels), table, threshold=0.5) for table in (pairs, repeated))
    assert first.score.tolist() == second.score.tolist() == [0.9, 0.3, 0.8, 0.0]


def test_related_and_copy_are_judged_where_the_tool_reports_them(labels):
    pairs = scored_pairs(
        is_match=[True, False, True], relation=["copy", "related", "same-news"], related_score=[0.9, 0.8, 0.7]
    )
    figures = judge(join_scores(read_labels(labels), pairs))
    assert figures["copy"]["precision"] == 1.0
    assert figures["related"]["precision"] == figures["related"]["recall"] == figures["related"]["ap"] == 1.0
    assert figures["same_news"]["precision"] == 1.0


def test_stories_are_judged_by_the_same_pairs(labels):
    headlines = pl.DataFrame({"headline_id": list("abcde"), "story_id": ["s", "s", "t", "s", "u"]})
    story = judge(join_scores(read_labels(labels), scored_pairs(), threshold=0.5), headlines)["story"]
    assert story["precision"] == pytest.approx(1 / 3)
    assert story["recall"] == pytest.approx(1 / 4)
    assert story["related_precision"] == 1.0
    assert story["ids_missing"] == 0


def test_figures_without_any_match_are_undefined(labels):
    figures = judge(join_scores(read_labels(labels), scored_pairs(), threshold=0.99))
    assert math.isnan(figures["same_news"]["precision"])
    assert figures["same_news"]["recall"] == 0


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_every_format_of_pairs_gives_the_same_figures(labels, tmp_path, monkeypatch, capsys, suffix):
    path = tmp_path / f"pairs{suffix}"
    write = {
        ".csv": pl.DataFrame.write_csv,
        ".tsv": partial(pl.DataFrame.write_csv, separator="	"),
        ".jsonl": pl.DataFrame.write_ndjson,
        ".parquet": pl.DataFrame.write_parquet,
    }
    write[suffix](scored_pairs(), file=path)
    options = ["--labels", str(labels), "--pairs", str(path), "--threshold", "0.5", "--json"]
    monkeypatch.setattr(sys, "argv", ["python -m benchmarks", "judge", *options])
    assert main() == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["same_news"]["precision"] == pytest.approx(1 / 3)
    assert figures["copy"]["precision"] is None


def test_numeric_ids_are_read_as_text(tmp_path):
    path = tmp_path / "pairs.csv"
    path.write_text("left_id,right_id,score\n007,8,0.5\n", "utf-8")
    assert read_table(path, ("left_id", "right_id", "score")).row(0) == ("007", "8", 0.5)


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("left_id,right_id\na,b\n", [], "no column score"),
        ("left_id,right_id,score\na,b,0.5\n", [], "give a threshold"),
        ("left_id,right_id,score\na,b,high\n", ["--threshold", "0.5"], "score"),
    ],
)
def test_wrong_pairs_are_refused_with_the_reason(labels, tmp_path, monkeypatch, capsys, text, options, expected):
    path = tmp_path / "pairs.csv"
    path.write_text(text, "utf-8")
    monkeypatch.setattr(
        sys, "argv", ["python -m benchmarks", "judge", "--labels", str(labels), "--pairs", str(path), *options]
    )
    with pytest.raises(SystemExit) as exited:
        main()
    assert exited.value.code == 2
    assert expected in capsys.readouterr().err


def test_an_unknown_label_is_refused(tmp_path):
    path = tmp_path / "labels.tsv"
    path.write_text(LABELS.replace("\tdup\t", "\tsame\t"), "utf-8")
    with pytest.raises(ValueError, match="same"):
        read_labels(path)


def test_average_precision_does_not_depend_on_the_order_of_rows(labels):
    frame = read_labels(labels)
    shuffled = frame.sample(fraction=1, shuffle=True, seed=5)
    scores = [join_scores(rows, scored_pairs(), threshold=0.5) for rows in (frame, shuffled)]
    first, second = (judge(table)["same_news"]["ap"] for table in scores)
    assert np.isclose(first, second)
