"""Frames -> one JSON document: the report for programs."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.coverage import Coverage
    from dedup.report.terminal import View


def as_json(
    coverage: Coverage, files: pl.DataFrame, skipped: pl.DataFrame, summary: Mapping[str, object], view: View
) -> str:
    """A JSON object: the run's ``summary``, and of what the view shows ``stories``, ``outlets`` and ``overlap``.

    ``files`` and ``skipped`` are complete. Columns are those of the result files, times ISO 8601 in UTC.
    """
    wide = coverage.stories.filter(pl.col("n_outlets") >= view.min_outlets)
    document = {
        "summary": summary,
        "stories_found": wide.height,
        "stories": wide.head(view.top).to_dicts(),
        "outlets": coverage.outlets.to_dicts(),
        "overlap": coverage.overlap.to_dicts(),
        "files": files.to_dicts(),
        "skipped": skipped.to_dicts(),
    }
    return json.dumps(document, ensure_ascii=False, indent=2, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} has no form in JSON")
