"""Render the report as one self-contained HTML page, in Arabic from right to left or in English.

The page holds its data, style and script; a content security policy with their hashes forbids everything else,
including every request. The template escapes by default (Jinja2), the script writes text nodes only, and links lead to
http and https only. Feeds are untrusted, so each of these would do on its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Any

import jinja2
import polars as pl

from dedup.core.letters import FUZZY_LETTERS, IGNORED
from dedup.matching.evidence.schema import BY_NAME
from dedup.report.page.dataset import build_dataset, pack
from dedup.report.texts import evidence_meaning, load_texts, period_in_words
from dedup.report.view import Totals, View, duration, skipped_groups
from dedup.report.wording import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.coverage import Coverage
    from dedup.report.content import Content

_OUTLET_COLUMNS = ("headlines", "shared", "exclusive", "first", "tied", "copies", "rewrites", "repeats", "standing")
_DIGITS = {chr(zero + value): str(value) for zero in (0x660, 0x6F0) for value in range(10)}
_REMARKS = 50
_STATIC_STORIES = 25  # stories in the page for readers without JavaScript


def render(content: Content, view: View) -> str:
    """Render the page.

    Args:
        content: the data.
        view: filters, time zone, language, initial minimum of outlets. The page holds all stories.

    Returns:
        The text of an HTML file.
    """
    texts = load_texts(view.language)
    dataset = build_dataset(content, zone=view.zone)
    totals = Totals.of(content.coverage)
    options = {
        "minOutlets": view.min_outlets,
        "features": _describe_features(dataset["features"], view.language),
        "fold": IGNORED | FUZZY_LETTERS | _DIGITS,
    }
    skipped, skipped_more = skipped_groups(content.skipped)
    script, style = _read("page.js"), _read("page.css")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(_read("page.html.j2")).render(
        t=texts,
        language=view.language,
        style=style,
        script=script,
        style_hash=_digest(style),
        script_hash=_digest(script),
        data=pack(dataset),
        texts=_as_script_data(texts),
        options=_as_script_data(options),
        period=period_in_words(totals.first, totals.last, view.zone, view.language),
        zone=str(view.zone),
        filters=plain(view.filters),
        index=None if view.index is None else plain(view.index),
        figures=_figures(totals, content, view, texts),
        outlets=_outlet_rows(content.coverage.outlets),
        columns=_OUTLET_COLUMNS,
        stories=_static_stories(content.coverage, view),
        skipped=skipped,
        skipped_more=skipped_more,
        remarks=_remarks(content.remarks),
        clocks=_clocks(content.coverage.outlets),
        undated=content.coverage.outlets.filter(pl.col("undated") > 0).select("outlet", "undated").rows(),
        summary=content.summary,
        plain=plain,
    )


def _read(name: str) -> str:
    return (resources("dedup.report.page") / name).read_text(encoding="utf-8")


def _describe_features(names: list[str], language: str) -> list[list[str]]:
    """List the meaning and the unit of each feature."""
    return [[evidence_meaning(name, language), BY_NAME[name].unit] for name in names]


def _clocks(outlets: pl.DataFrame) -> list[dict[str, Any]]:
    """List the outlets whose clocks are off."""
    late = outlets.drop_nulls("clock_offset_hours")
    names = ("outlet", "clock_offset_hours", "clock_support", "clock_partners", "clock_fixed")
    return [{**row, "outlet": plain(row["outlet"])} for row in late.select(names).iter_rows(named=True)]


def _remarks(remarks: pl.DataFrame | None) -> list[tuple[str, ...]]:
    """List the file and the text of each remark."""
    if remarks is None:
        return []
    return [tuple(plain(str(value)) for value in row if value) for row in remarks.head(_REMARKS).iter_rows()]


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _as_script_data(value: object) -> str:
    """Serialize a value for a data block; ``<`` is escaped, so that no text can close the block."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _figures(totals: Totals, content: Content, view: View, texts: Mapping[str, Any]) -> list[tuple[str, int]]:
    names = ("headlines", "outlets", "covered", "exclusive", "copies", "rewrites", "repeats", "standing", "undated")
    figures = {name: int(getattr(totals, name)) for name in names}
    if view.index is None:
        figures |= {"files": content.files.height, "skipped": content.skipped["file"].n_unique()}
    return [(texts["totals_labels"][name], value) for name, value in figures.items()]


def _outlet_rows(outlets: pl.DataFrame) -> list[dict[str, Any]]:
    """List the rows of the table of outlets, with the length of each bar in percent of the column's maximum."""
    peaks = {name: max(1, int(outlets[name].max() or 0)) for name in _OUTLET_COLUMNS}  # type: ignore[arg-type]
    return [
        {
            "name": plain(row["outlet"]),
            "lag": row["median_lag_minutes"],
            "cells": [(row[name], round(100 * row[name] / peaks[name])) for name in _OUTLET_COLUMNS],
        }
        for row in outlets.iter_rows(named=True)
    ]


def _static_stories(coverage: Coverage, view: View) -> list[dict[str, Any]]:
    stories, _ = View(top=_STATIC_STORIES, min_outlets=view.min_outlets).stories(coverage)
    return [
        {
            "title": plain(row["title"]),
            "n_outlets": row["n_outlets"],
            "outlets": [plain(name) for name in row["outlets"]],
            "minutes": duration(row),
        }
        for row in stories.iter_rows(named=True)
    ]
