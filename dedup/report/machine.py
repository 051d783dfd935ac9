"""Frames -> JSON: the report for programs."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from dedup.coverage import Coverage
    from dedup.report.view import View


def report(
    coverage: Coverage, files: pl.DataFrame, skipped: pl.DataFrame, summary: Mapping[str, object], view: View
) -> str:
    """A JSON object: the run's ``summary``, and of what the view shows ``stories``, ``outlets`` and ``overlap``.

    ``files`` and ``skipped`` are complete. Columns are those of the result files, times ISO 8601 in UTC.
    """
    shown, found = view.stories(coverage)
    document = {
        "summary": summary,
        "stories_found": found,
        "stories": shown.to_dicts(),
        "outlets": coverage.outlets.to_dicts(),
        "overlap": coverage.overlap.to_dicts(),
        "files": files.to_dicts(),
        "skipped": skipped.to_dicts(),
    }
    return in_json(document)


def in_json(document: Mapping[str, object]) -> str:
    """JSON text with Arabic as it is and times in ISO 8601."""
    return json.dumps(document, ensure_ascii=False, indent=2, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} has no form in JSON")
