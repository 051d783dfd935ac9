"""What is written can be read again, whole or not at all."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime

import polars as pl
import pytest

from dedup.errors import OutputError, SettingError
from dedup.report import files

TABLE = pl.DataFrame(
    {
        "title": ["الأمطار تغمر «وادي السرو»", '=HYPERLINK("http://x")', '- ثلاثة، "أربعة"\nوخمسة'],
        "outlets": [["الضحى", 'المر"فأ'], [], ["السدرة"]],
        "published": [
            datetime(2026, 3, 4, 6, 30, tzinfo=UTC),
            None,
            datetime(2026, 3, 4, 6, 30, 0, 500000, tzinfo=UTC),
        ],
        "score": [0.5, None, -1.0],
    },
    schema_overrides={"published": pl.Datetime("us", "UTC")},
)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_parquet_gives_back_the_frame_itself(tmp_path):
    written = files.write({"headlines": TABLE.lazy()}, {}, tmp_path / "new" / "folder")
    assert [path.name for path in written] == ["headlines.parquet", "summary.json"]
    assert pl.read_parquet(written[0]).equals(TABLE)


def test_json_lines_keep_arabic_and_write_times_with_a_z(tmp_path):
    path, _ = files.write({"headlines": TABLE.lazy()}, {}, tmp_path, format="jsonl")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert "الأمطار" in lines[0]
    rows = [json.loads(line) for line in lines]
    assert [row["title"] for row in rows] == TABLE["title"].to_list()
    assert [row["outlets"] for row in rows] == TABLE["outlets"].to_list()
    assert [row["published"] for row in rows] == ["2026-03-04T06:30:00Z", None, "2026-03-04T06:30:00.500Z"]


def test_csv_opens_in_a_spreadsheet_and_holds_lists_as_json(tmp_path):
    path, _ = files.write({"headlines": TABLE.lazy()}, {}, tmp_path, format="csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [json.loads(row["outlets"]) for row in rows] == TABLE["outlets"].to_list()
    assert rows[0]["title"] == TABLE["title"][0]
    assert [row["score"] for row in rows] == ["0.5", "", "-1.0"]


def test_csv_cells_that_would_run_as_formulas_are_text(tmp_path):
    path, _ = files.write({"headlines": TABLE.lazy()}, {}, tmp_path, format="csv")
    titles = pl.read_csv(path)["title"].to_list()
    assert titles[1:] == ["'" + title for title in TABLE["title"].to_list()[1:]]


def test_the_summary_is_readable_and_lists_the_files(tmp_path):
    *_, path = files.write({"pairs": TABLE.lazy(), "stories": TABLE.lazy()}, {"outlets": ["الضحى"]}, tmp_path)
    text = path.read_text(encoding="utf-8")
    assert json.loads(text) == {"outlets": ["الضحى"], "files": ["pairs.parquet", "stories.parquet"]}
    assert "الضحى" in text


def test_a_run_that_dies_midway_leaves_the_files_of_the_run_before(tmp_path, monkeypatch):
    files.write({"pairs": TABLE.lazy(), "stories": TABLE.lazy()}, {"run": 1}, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(files._WRITERS, "parquet", lambda _, path: None if path.stem == "pairs" else full(path))
    with pytest.raises(OutputError, match=r"No space left on device.*free some disk space"):
        files.write({"pairs": TABLE.lazy(), "stories": TABLE.lazy()}, {"run": 2}, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_an_interrupted_run_leaves_nothing_behind(tmp_path, monkeypatch, error):
    def interrupt(_table, _path):
        raise error

    monkeypatch.setitem(files._WRITERS, "parquet", interrupt)
    with pytest.raises(error):
        files.write({"pairs": TABLE.lazy()}, {}, tmp_path)
    assert names(tmp_path) == []


def test_a_file_where_the_directory_should_be_is_named(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputError, match="is a file; name another directory"):
        files.write({"pairs": TABLE.lazy()}, {}, tmp_path / "out")
    with pytest.raises(OutputError, match="is a file; name another directory"):
        files.write({"pairs": TABLE.lazy()}, {}, tmp_path / "out" / "deeper")
    assert (tmp_path / "out").read_text() == "mine"


def test_another_format_is_refused_by_name(tmp_path):
    with pytest.raises(SettingError, match="format is 'xls'; it must be one of parquet, csv, jsonl, xlsx"):
        files.write({"pairs": TABLE.lazy()}, {}, tmp_path, format="xls")
    assert names(tmp_path) == []


def test_a_text_file_is_replaced_whole(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("old")
    files.write_file("جديد", page)
    assert page.read_text(encoding="utf-8") == "جديد"
    assert names(tmp_path) == ["page.html"]
    with pytest.raises(OutputError, match="is a directory"):
        files.write_file("x", tmp_path)


FORMULAS = (
    "=1+1",
    " =1+1",
    '"=1+1',
    "＝1+1",
    "＋1",
    "－1",
    "＠a",
    "@a",
    "+1",
    "-1",
    "\t=1",
    "خبر;=1+1",
    "خبر|@x",
    'خبر; "=1',
)


def test_no_cell_begins_a_formula_whichever_separator_a_spreadsheet_takes(tmp_path):
    table = pl.DataFrame({"title": FORMULAS}).lazy()
    path, _ = files.write({"headlines": table}, {}, tmp_path, format="csv")
    text = path.read_text(encoding="utf-8-sig")
    for separator in ",;|\t":
        for row in csv.reader(text.splitlines(), delimiter=separator):
            for cell in row:
                assert not re.match(r'[\s"]*[=+\-@＝＋－＠]', cell), (separator, row)


def test_plain_text_is_left_as_it_is_in_csv(tmp_path):
    titles = ["مباراة 3-1", "الدولار = 30 جنيها", "خبر; ثم خبر", "a@b.example"]
    path, _ = files.write({"headlines": pl.DataFrame({"title": titles}).lazy()}, {}, tmp_path, format="csv")
    assert pl.read_csv(path)["title"].to_list() == titles


def test_tables_of_an_earlier_run_in_another_format_are_removed(tmp_path):
    (tmp_path / "own.parquet").write_text("mine")
    files.write({"pairs": TABLE.lazy(), "stories": TABLE.lazy()}, {}, tmp_path)
    files.write({"pairs": TABLE.lazy()}, {}, tmp_path, format="csv")
    assert names(tmp_path) == ["own.parquet", "pairs.csv", "summary.json"]


@pytest.mark.parametrize("listed", ['["../victim.csv"]', '["own.parquet/../../victim.csv"]', "[7]", '"x"', "{"])
def test_a_summary_names_no_file_outside_its_folder(tmp_path, listed):
    (tmp_path / "victim.csv").write_text("mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "summary.json").write_text(f'{{"files": {listed}}}')
    files.write({"pairs": TABLE.lazy()}, {}, tmp_path / "out")
    assert (tmp_path / "victim.csv").read_text() == "mine"
