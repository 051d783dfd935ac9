"""Write results as an Excel workbook for editors: a sheet per table, with links, filters and fixed heads.

Sheets of a workbook in Arabic run from right to left. Text is written as text: a title never becomes a formula. Times
are local times of a zone that the first sheet names, because Excel knows no zones. Excel holds 1,048,576 rows and
65,530 links per sheet; further rows are left out and counted on the first sheet, further links are plain text.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Any

import polars as pl
import polars.selectors as cs

from dedup.report.texts import load_texts, period_in_words
from dedup.report.view import IS_FIRST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo
    from pathlib import Path

    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

_MAX_ROWS, _MAX_LINKS = 1_048_575, 65_530
_SHEETS = {
    "stories": ("title", "n_outlets", "first_outlet", "first_published", "within_hours", "outlets", "n_headlines",
                "n_copies", "n_rewrites", "n_repeats", "n_undated", "weakest_score"),
    "headlines": ("published", "outlet", "title", "role", "story_title", "score", "url"),
    "exclusives": ("published", "outlet", "title", "url"),
    "related": ("story_title", "related_title", "related_score", "hours_apart"),
    "outlets": (),
    "overlap": (),
    "skipped": (),
}  # fmt: skip
"""The sheets and the columns of each, () for all. Ids and keys are left to the other formats: editors see titles."""

_BARS = ("related_score", "n_outlets", "headlines", "shared", "exclusive", "first", "stories")
_ARABIC = {"title", "story_title", "related_title", "outlets"}
"""Columns of Arabic text, which Excel would order from left to right where it begins with a figure."""

_WIDTHS = {
    "title": 70,
    "story_title": 70,
    "related_title": 70,
    "outlets": 50,
    "outlet": 24,
    "outlet_a": 24,
    "outlet_b": 24,
    "first_outlet": 24,
    "url": 30,
    "published": 17,
    "first_published": 17,
    "file": 40,
    "reason": 80,
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

    words = _load_words(language)
    options = {"strings_to_urls": False, "strings_to_formulas": False, "strings_to_numbers": False}
    with Workbook(path, options) as workbook:
        about = _sheet(workbook, words["sheets"]["about"], language)
        tables, heights = _with_titles(tables), {}
        for name in (name for name in _SHEETS if name in tables):
            frame = _readable(tables[name], zone, language).collect()
            sheet = _sheet(workbook, words["sheets"][name], language)
            _write_table(workbook, sheet, frame.head(_MAX_ROWS), words["columns"], _SHEETS[name])
            heights[name] = frame.height
        _write_about(workbook, about, heights, summary, _period(tables["headlines"], zone, language), zone, language)


def _period(headlines: pl.LazyFrame, zone: tzinfo, language: str) -> str:
    """Return the period of the headlines in words."""
    times = headlines.select(first=pl.col("published").min(), last=pl.col("published").max()).collect()
    first, last = times.row(0)
    return period_in_words(first, last, zone, language)


def _write_about(
    workbook: Workbook,
    sheet: Worksheet,
    heights: Mapping[str, int],
    summary: Mapping[str, Any],
    period: str,
    zone: tzinfo,
    language: str,
) -> None:
    """Write the first sheet: what the report covers, and a link to each sheet with its number of rows."""
    texts, words = load_texts(language), _load_words(language)
    about = words["about"]
    start = {"align": "right" if language == "ar" else "left", "reading_order": 2 if language == "ar" else 1}
    bold, plain = workbook.add_format({**start, "bold": True}), workbook.add_format(start)
    figure = workbook.add_format({**start, "num_format": "#,##0"})
    sheet.write(0, 0, texts["title"], workbook.add_format({**start, "bold": True, "font_size": 16}))
    sheet.hide_gridlines(2)
    facts = ((about["period"], period), (about["zone"], str(zone)), (about["threshold"], f"{summary['threshold']:.2f}"))
    for row, (name, value) in enumerate(facts, 2):
        sheet.write(row, 0, name, bold)
        sheet.write(row, 1, value, plain)
    for column, name in enumerate(("sheet", "rows", "meaning")):
        sheet.write(6, column, about[name], bold)
    link = workbook.add_format({**start, "font_color": "#0a6a5c", "underline": 1})
    for row, (name, height) in enumerate(heights.items(), 7):
        title, left_out = words["sheets"][name], height - _MAX_ROWS
        sheet.write_url(row, 0, f"internal:'{title}'!A1", link, title)
        sheet.write(row, 1, height, figure)
        note = f" ({about['left_out'].format(n=f'{left_out:,}')})" if left_out > 0 else ""
        sheet.write(row, 2, words["meanings"][name] + note, plain)
    made = about["version"].format(version=summary["versions"]["dedup"], model=summary["model"]["digest"])
    sheet.write(8 + len(heights), 0, made, plain)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 52)
    sheet.set_column(2, 2, 70)


def _with_titles(tables: Mapping[str, pl.LazyFrame]) -> Mapping[str, pl.LazyFrame]:
    """Put the title of the first headline beside the id of a story; a headline alone in its story gets none."""
    headlines = tables["headlines"]

    def titles(name: str, which: pl.Expr) -> pl.LazyFrame:
        return headlines.filter(which).select(
            pl.col("title").alias(f"{name}_title"), pl.col("story_id").alias(f"{name}_id")
        )

    shared = titles("story", pl.col("role") == "first")
    added = {"headlines": headlines.join(shared, on="story_id", how="left", maintain_order="left")}
    if "related" in tables:
        related = tables["related"]
        for name in ("related", "story"):
            related = related.join(titles(name, IS_FIRST), on=f"{name}_id", how="left", maintain_order="left")
        added["related"] = related
    return {**tables, **added}


def _sheet(workbook: Workbook, name: str, language: str) -> Worksheet:
    """Add a sheet; in print its columns fit on a landscape page of A4."""
    sheet = workbook.add_worksheet(name)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    if language == "ar":
        sheet.right_to_left()
    return sheet


def _readable(table: pl.LazyFrame, zone: tzinfo, language: str) -> pl.LazyFrame:
    """Put a table into the words of editors: lists as text, local times, roles by their names, the time of a story."""
    names = table.collect_schema().names()
    if "last_published" in names:
        spread = pl.col("last_published") - pl.col("first_published")
        table = table.with_columns(within_hours=spread.dt.total_minutes() / 60)
    if "role" in names:
        table = table.with_columns(pl.col("role").replace(load_texts(language)["roles"]))
    times = cs.datetime().map_batches(lambda column: _local(column, zone), return_dtype=pl.Datetime("us"))
    return table.with_columns(cs.list().list.join("، "), times)


def _distinct(titles: dict[str, str]) -> dict[str, str]:
    """Make titles of columns distinct, as Excel demands: the second of two alike gets its name in the table too."""
    seen: set[str] = set()
    for name, title in titles.items():
        titles[name] = f"{title} ({name})" if title in seen else title
        seen.add(title)
    return titles


@lru_cache
def _load_words(language: str) -> Mapping[str, Any]:
    """Load the names of sheets and columns, and what the first sheet says of them."""
    words: dict[str, Any] = json.loads((resources("dedup.report") / "workbook.json").read_text(encoding="utf-8"))
    return words[language]  # type: ignore[no-any-return]


def _local(times: pl.Series, zone: tzinfo) -> pl.Series:
    naive = [None if time is None else time.astimezone(zone).replace(tzinfo=None) for time in times]
    return pl.Series(times.name, naive, dtype=pl.Datetime("us"))


def _write_table(
    workbook: Workbook, sheet: Worksheet, frame: pl.DataFrame, words: Mapping[str, str], columns: Sequence[str]
) -> None:
    """Write the given columns of a table, () for all, with filters, fixed heads, bars and links."""
    frame = frame.select(columns) if columns else frame
    titles = _distinct({name: words.get(name, name) for name in frame.columns})
    frame.rename(titles).write_excel(
        workbook,
        sheet,
        table_style="Table Style Light 1",
        column_widths={titles[name]: 7 * _WIDTHS.get(name, 14) for name in frame.columns},
        column_formats={
            cs.string(): {"text_wrap": False},
            **{titles[name]: {"reading_order": 2} for name in frame.columns if name in _ARABIC},
        },
        dtype_formats={pl.Datetime: "yyyy-mm-dd hh:mm", pl.Float32: "0.00", pl.Float64: "0.00"},
        conditional_formats={
            titles[name]: {"type": "data_bar", "bar_color": "#9fd3c7", "bar_solid": True}
            for name in frame.columns
            if name in _BARS and frame.height
        },
        freeze_panes=(1, 0),
        autofilter=True,
    )
    sheet.repeat_rows(0)
    if "url" in frame.columns:
        column = frame.columns.index("url")
        web = frame["url"].head(_MAX_LINKS).fill_null("")
        for row, url in enumerate(web, 1):
            if url.startswith(("http://", "https://")) and len(url) <= 2_079:
                sheet.write_url(row, column, url, string=url)
