"""`dedup scan` on the examples: streams, files, exit codes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time

import polars as pl
import pytest

TABLES = ("headlines", "pairs", "stories", "related", "outlets", "overlap", "exclusives", "skipped")


@pytest.fixture(scope="module")
def document(dedup, examples):
    """The examples' report as JSON."""
    done = dedup("scan", examples / "feeds", "--json", "--top", 1000)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_the_report_goes_to_stdout_and_nothing_to_stderr(dedup, examples):
    done = dedup("scan", examples / "feeds")
    assert (done.returncode, done.stderr) == (0, "")
    assert "files      10 (10 read)" in done.stdout
    assert "headlines  109 of 9 outlets, 2026-03-01 06:00 to 2026-03-07 18:45 UTC, 4 without a time" in done.stdout
    assert "مصرع 5 أشخاص في سيول جارفة اجتاحت وادي السرو" in done.stdout
    assert "\x1b" not in done.stdout
    assert max(len(line) - len(line.rstrip()) for line in done.stdout.splitlines()) == 0


def test_a_width_in_the_environment_is_kept_to(dedup, examples):
    done = dedup("scan", examples / "feeds", env={"COLUMNS": "70"})
    assert max(map(len, done.stdout.splitlines())) <= 70


def test_skipped_inputs_give_exit_code_3_and_are_each_named(dedup, examples):
    done = dedup("scan", examples / "messy")
    assert done.returncode == 3
    for name in (
        "truncated.xml",
        "error-page.xml",
        "no-title-column.csv",
        "empty.xml",
        "subscriptions.opml",
        "truncated.xml.gz",
    ):
        assert f"messy/{name}" in done.stdout
    assert "--map title=COLUMN" in done.stdout


def test_quiet_prints_no_report_but_names_what_was_skipped(dedup, examples):
    done = dedup("scan", examples / "feeds", examples / "messy", "--quiet")
    assert (done.returncode, done.stdout) == (3, "")
    assert all(line.startswith(("dedup: skipped ", "dedup: note on ")) for line in done.stderr.splitlines())
    done = dedup("scan", examples / "feeds", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_json_holds_summary_stories_outlets_and_skipped(document):
    assert document["skipped"] == []
    assert len(document["files"]) == 10
    assert sum(outlet["headlines"] for outlet in document["outlets"]) == 109
    widest = document["stories"][0]
    assert widest["n_outlets"] >= 5
    assert widest["first_published"].endswith("Z")
    assert document["stories_found"] == len(document["stories"])


@pytest.mark.parametrize("file_format", ["parquet", "csv", "jsonl"])
def test_output_holds_every_table_and_a_summary(dedup, examples, tmp_path, file_format):
    done = dedup("scan", examples / "feeds", "-o", tmp_path / "out", "--format", file_format, "--quiet")
    assert done.returncode == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "summary.json",
        *(f"{name}.{file_format}" for name in TABLES),
    }
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert set(summary["files"]) == {f"{name}.{file_format}" for name in TABLES}


def test_output_is_complete_whatever_the_report_shows(dedup, examples, tmp_path):
    done = dedup("scan", examples / "feeds", "-o", tmp_path, "--since", "2026-03-07", "--top", 0)
    assert done.stderr == f"dedup: wrote 9 files to {tmp_path}\n"
    assert "only       stories first run from 2026-03-07 00:00 UTC" in done.stdout
    assert pl.read_parquet(tmp_path / "headlines.parquet").height == 109


def test_an_outlet_is_shown_with_its_partners(dedup, examples):
    done = dedup("scan", examples / "feeds", "--outlet", "السدرة نت")
    assert "Shares stories, ahead or behind: السدرة نت" in done.stdout


def test_an_unknown_outlet_is_refused_with_the_nearest_names(dedup, examples):
    done = dedup("scan", examples / "feeds", "--outlet", "السدره")
    assert done.returncode == 2
    assert "no headline has the outlet 'السدره'; did you mean السدرة نت" in done.stderr


def test_a_page_is_written(dedup, examples, tmp_path):
    done = dedup("scan", examples / "feeds", "--html", tmp_path / "report.html", "-q")
    assert done.returncode == 0
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_a_place_that_cannot_be_written_to_is_one_line_and_exit_code_1(dedup, examples, tmp_path):
    (tmp_path / "out").write_text("mine")
    done = dedup("scan", examples / "feeds", "-o", tmp_path / "out")
    assert done.returncode == 1
    reason = "this path, or one of its parents, is a file; name another directory"
    assert done.stderr == f"dedup: {tmp_path / 'out'}: {reason}\n"


def test_strict_fails_at_the_first_bad_input(dedup, examples):
    done = dedup("scan", examples / "messy" / "empty.xml", "--strict")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "empty.xml" in done.stderr


def test_names_that_look_like_options_work_after_two_dashes(dedup, examples, tmp_path):
    shutil.copy(examples / "feeds" / "waha.xml", tmp_path / "-rf --help.xml")
    done = dedup("scan", "--json", "--", "-rf --help.xml", cwd=tmp_path)
    assert len(json.loads(done.stdout)["files"]) == 1


def test_file_names_are_printed_escaped(dedup, tmp_path):
    name = os.fsencode(tmp_path) + b"/a\x1b[2J\n\xff.xml"
    with open(name, "wb"):
        pass
    done = dedup("scan", tmp_path)
    assert done.returncode == 3
    assert r"a\x1b[2J\n\udcff.xml: empty" in done.stdout


def test_json_lines_come_from_stdin(dedup):
    rows = [{"title": "سيول تجتاح وادي السرو", "outlet": name} for name in ("الضحى", "المرفأ")]
    done = dedup("scan", "-", "--json", text="\n".join(json.dumps(row) for row in rows))
    assert done.returncode == 0
    assert [outlet["outlet"] for outlet in json.loads(done.stdout)["outlets"]] == ["الضحى", "المرفأ"]


def test_ctrl_c_is_one_line_and_exit_code_130(start):
    process = start("scan", "-", stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(2.5)  # it waits for stdin by then
    process.send_signal(signal.SIGINT)
    _, messages = process.communicate(timeout=30)
    assert process.returncode == 130
    assert messages.strip() == "dedup: interrupted"


def test_a_closed_pipe_is_no_error(start, examples):
    process = start("scan", examples / "feeds", "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    process.wait(timeout=30)
