"""Render results as JSON, for programs."""

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
    """Build the JSON report: ``summary``, ``stories``, ``outlets``, ``overlap``, ``files`` and ``skipped``.

    ``stories`` are those of the view; the other tables are complete. Columns are those of the
    result files, times are ISO 8601 in UTC.
    """
    stories, total = view.stories(coverage)
    document = {
        "summary": summary,
        "stories_found": total,
        "stories": stories.to_dicts(),
        "outlets": coverage.outlets.to_dicts(),
        "overlap": coverage.overlap.to_dicts(),
        "files": files.to_dicts(),
        "skipped": skipped.to_dicts(),
    }
    return to_json(document)


def to_json(document: Mapping[str, object]) -> str:
    """Serialize to JSON, with Arabic unescaped and times in ISO 8601.

    Examples:
        >>> print(to_json({"title": "سيول"}))
        {
          "title": "سيول"
        }
    """
    return json.dumps(document, ensure_ascii=False, indent=2, default=_serializable)


def _serializable(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} cannot be serialized to JSON")
