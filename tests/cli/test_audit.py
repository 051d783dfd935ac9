"""The commands of ``dedup audit``, from the draw to the calibration."""

from __future__ import annotations

import json

import polars as pl


def label(path, positive):
    """Label a drawn table: the same news from a score on, unless a function says otherwise."""
    table = pl.read_csv(path, infer_schema=False)
    table.with_columns(label=pl.Series([positive(float(score)) for score in table["score"]])).write_csv(path)


def test_an_audit_runs_from_draw_to_report_and_fit(dedup, examples, tmp_path):
    page, table = tmp_path / "audit.html", tmp_path / "audit.csv"
    ran = dedup("audit", "draw", examples / "feeds", "--pairs", 150, "--out", page, "--out", table)
    assert ran.returncode == 0, ran.stderr
    assert "wrote 150 of" in ran.stderr
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    label(table, lambda score: "2" if score > 0.8 else "4")
    report = dedup("audit", "report", table, "--precision", "0.9")
    assert report.returncode == 0, report.stderr
    assert "150 pairs labelled" in report.stdout
    assert "for precision 0.9: --threshold" in report.stdout
    listed = dedup("audit", "report", table, "--threshold", "0.5", "--list", 2).stdout
    assert "wrong match: " in listed
    assert "missed: 0 of the labelled pairs" in listed
    assert listed.count("  pair ") == 2
    figures = json.loads(dedup("audit", "report", table, "--threshold", "0.5", "--json").stdout)
    assert [row["name"] for row in figures["thresholds"]] == ["given", "default", "precise", "wide"]
    fitted = dedup("audit", "fit", table, "--out", tmp_path / "calibration.json")
    assert fitted.returncode == 0, fitted.stderr
    assert "same news: log loss" in fitted.stdout
    assert f"dedup scan --calibration {tmp_path / 'calibration.json'}" in fitted.stdout
    assert json.loads((tmp_path / "calibration.json").read_text("utf-8"))["provenance"]["labels"] == 150
    scans = [
        dedup("scan", examples / "feeds", "--output", tmp_path / name, "--quiet", *options)
        for name, options in (("plain", ()), ("mapped", ("--calibration", tmp_path / "calibration.json")))
    ]
    assert [scan.returncode for scan in scans] == [0, 0]
    plain, mapped = (json.loads((tmp_path / name / "summary.json").read_text("utf-8")) for name in ("plain", "mapped"))
    assert plain["model"]["digest"] != mapped["model"]["digest"]


def test_an_unlabelled_table_is_refused_in_one_line(dedup, examples, tmp_path):
    table = tmp_path / "audit.csv"
    dedup("audit", "draw", examples / "feeds", "--pairs", 30, "--out", table, "--quiet")
    ran = dedup("audit", "report", table)
    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1
    assert "0 pairs are labelled" in ran.stderr


def test_a_file_of_no_known_format_is_refused_before_the_scan(dedup, examples, tmp_path):
    ran = dedup("audit", "draw", examples / "feeds", "--out", tmp_path / "audit.pdf")
    assert ran.returncode == 2
    assert "ends in none of .html, .csv, .xlsx" in ran.stderr
