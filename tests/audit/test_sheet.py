"""Tables to label: written, filled, and read back; wrong ones are refused with the reason."""

from __future__ import annotations

import polars as pl
import pytest

from dedup import audit
from dedup.errors import AuditError


def fill(path, labels, separator=","):
    """Label a table as a person would, and save it with another separator."""
    table = pl.read_csv(path, infer_schema=False)
    table.with_columns(label=pl.Series(labels)).write_csv(path, separator=separator)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_labels_are_read_as_keys_or_words_from_csv(drawn, tmp_path, separator):
    path = audit.write_pairs(drawn, tmp_path / "audit.csv")
    given = ["1", "2", "3", "4", "0", "Copy", " same-news ", "", *[""] * (len(drawn) - 8)]
    fill(path, given, separator)
    (table,) = audit.read_labels(path).values()
    words = ["copy", "same-news", "related", "different", "unsure", "copy", "same-news", None]
    assert table["label"].head(8).to_list() == words
    assert table.drop("label", "left_title", "right_title").equals(drawn.drop("label", "left_title", "right_title"))


def test_labels_are_read_from_a_workbook(drawn, tmp_path):
    pytest.importorskip("xlsxwriter")
    pytest.importorskip("fastexcel")
    path = audit.write_pairs(drawn.with_columns(label=pl.lit("2")), tmp_path / "audit.xlsx")
    (table,) = audit.read_labels(path).values()
    assert set(table["label"]) == {"same-news"}
    assert table["score"].to_list() == pytest.approx(drawn["score"].to_list())
    assert table["left_title"].to_list() == drawn["left_title"].to_list()


def test_cells_that_look_like_formulas_are_quoted(drawn, tmp_path):
    hostile = drawn.with_columns(left_title=pl.lit('=HYPERLINK("https://a.example")'))
    path = audit.write_pairs(hostile, tmp_path / "audit.csv")
    assert pl.read_csv(path)["left_title"][0].startswith("'=")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda table: table.with_columns(label=pl.lit("7")), "has the label '7' at pair"),
        (lambda table: table.drop("weight"), "has no column weight"),
        (lambda table: table.with_columns(weight=pl.lit("many")), "has changed columns"),
        (lambda table: table.with_columns(score=pl.lit(None, pl.String)), "lacks pair, score or weight"),
    ],
)
def test_a_changed_table_is_refused_with_the_reason(drawn, tmp_path, change, reason):
    path = audit.write_pairs(drawn, tmp_path / "audit.csv")
    change(pl.read_csv(path, infer_schema=False)).write_csv(path)
    with pytest.raises(AuditError, match=reason):
        audit.read_labels(path)


def test_unknown_formats_are_refused(drawn, tmp_path):
    with pytest.raises(AuditError, match=r"ends in \.pdf"):
        audit.write_pairs(drawn, tmp_path / "audit.pdf")
    with pytest.raises(AuditError, match=r"read from \.csv and \.xlsx"):
        audit.read_labels(tmp_path / "audit.html")


def test_the_page_contains_no_markup_of_headlines(drawn):
    title = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"
    page = audit.label_page(drawn.with_columns(left_title=pl.lit(title)))
    assert page.count("<script>") == page.count("</script>") == 1
    assert "<img" not in page
