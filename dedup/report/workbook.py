"""Write results as an Excel workbook for editors: a sheet per table, with links, filters and fixed heads.

Sheets of a workbook in Arabic run from right to left. Text is written as text: a title never becomes a formula. Times
are local times of a zone that the first sheet names, because Excel knows no zones. Excel holds 1,048,576 rows and
65,530 links per sheet; further rows are left out and counted on the first sheet, further links are plain text.
"""

from __future__ import annotations

import json
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Any

import polars as pl
import polars.selectors as cs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo
    from pathlib import Path

    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

_MAX_ROWS, _MAX_LINKS = 1_048_575, 65_530
_SHEETS = ("stories", "headlines", "exclusives", "related", "outlets", "overlap", "skipped")
_BARS = ("related_score", "n_outlets", "headlines", "shared", "exclusive", "first", "stories")
_WIDTHS = {
    "title": 70,
    "story_title": 70,
    "related_title": 70,
    "outlets": 50,
    "url": 30,
    "published": 17,
    "first_published": 17,
    "last_published": 17,
    "reason": 60,
}


def write_workbook(
    tables: Mapping[str, pl.LazyFrame], summary: Mapping[str, Any], path: Path, *, zone: tzinfo, language: str
) -> None:
    """Write the tables as sheets of a workbook.

    Args:
        tables: frames by name; pairs are left out.
        summary: the summary of the run, for the first sheet.
        path: the file.
        zone: the time zone of times.
        language: ``ar`` or ``en``, of the names of sheets and columns.
    """
    from xlsxwriter import Workbook  # noqa: PLC0415 - used for this format only

    words = json.loads((resources("dedup.report") / "workbook.json").read_text(encoding="utf-8"))[language]
    options = {"strings_to_urls": False, "strings_to_formulas": False, "strings_to_numbers": False}
    with Workbook(path, options) as workbook:
        about = _sheet(workbook, words["sheets"]["about"], language)
        rows = [(words["about"]["headlines"], summary["counts"]["headlines"]), (words["about"]["zone"], str(zone))]
        tables = _with_titles_of_related(tables)
        for name in (name for name in _SHEETS if name in tables):
            frame = _readable(tables[name], zone).collect()
            sheet = _sheet(workbook, words["sheets"][name], language)
            _write_table(workbook, sheet, frame.head(_MAX_ROWS), words["columns"])
            rows.append((words["sheets"][name], frame.height))
            if frame.height > _MAX_ROWS:
                rows.append((words["about"]["left_out"], frame.height - _MAX_ROWS))
        rows.append((words["about"]["version"], summary["versions"]["dedup"]))
        about.set_column(0, 1, 30)
        for number, row in enumerate(rows):
            about.write_row(number, 0, row)


def _with_titles_of_related(tables: Mapping[str, pl.LazyFrame]) -> Mapping[str, pl.LazyFrame]:
    """Put the titles of the first headlines beside the ids of related stories."""
    if "related" not in tables:
        return tables
    firsts = tables["headlines"].filter(pl.col("role").is_in(["first", "single", "standing"]))
    related = tables["related"]
    for name in ("related", "story"):
        titles = firsts.select(pl.col("title").alias(f"{name}_title"), pl.col("story_id").alias(f"{name}_id"))
        related = related.join(titles, on=f"{name}_id", how="left", maintain_order="left")
    order = ("story_title", "related_title", "related_score", "hours_apart", "story_id", "related_id")
    return {**tables, "related": related.select(order)}


def _sheet(workbook: Workbook, name: str, language: str) -> Worksheet:
    sheet = workbook.add_worksheet(name)
    if language == "ar":
        sheet.right_to_left()
    return sheet


def _readable(table: pl.LazyFrame, zone: tzinfo) -> pl.LazyFrame:
    """Join lists to text, and convert times to local times without a zone."""
    times = cs.datetime().map_batches(lambda column: _local(column, zone), return_dtype=pl.Datetime("us"))
    return table.with_columns(cs.list().list.join("، "), times)


def _local(times: pl.Series, zone: tzinfo) -> pl.Series:
    naive = [None if time is None else time.astimezone(zone).replace(tzinfo=None) for time in times]
    return pl.Series(times.name, naive, dtype=pl.Datetime("us"))


def _write_table(workbook: Workbook, sheet: Worksheet, frame: pl.DataFrame, words: Mapping[str, str]) -> None:
    titles = {name: words.get(name, name) for name in frame.columns}
    frame.rename(titles).write_excel(
        workbook,
        sheet,
        table_style="Table Style Light 1",
        column_widths={titles[name]: 7 * _WIDTHS.get(name, 14) for name in frame.columns},
        column_formats={cs.string(): {"text_wrap": False}},
        dtype_formats={pl.Datetime: "yyyy-mm-dd hh:mm", pl.Float32: "0.00", pl.Float64: "0.00"},
        conditional_formats={
            titles[name]: {"type": "data_bar", "bar_color": "#9fd3c7", "bar_solid": True}
            for name in frame.columns
            if name in _BARS and frame.height
        },
        freeze_panes=(1, 0),
        autofilter=True,
    )
    if "url" in frame.columns:
        column = frame.columns.index("url")
        web = frame["url"].head(_MAX_LINKS).fill_null("")
        for row, url in enumerate(web, 1):
            if url.startswith(("http://", "https://")) and len(url) <= 2_079:
                sheet.write_url(row, column, url, string=url)
