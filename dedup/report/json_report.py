"""Render results as JSON, for programs: stories with their headlines, roles, links and reasons."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from dedup.report.evidence_words import evidence_of, reasons
from dedup.report.view import related_stories

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.matching.scoring.model import Model
    from dedup.report.content import Content
    from dedup.report.view import View

_MEMBER_COLUMNS = ("headline_id", "outlet", "title", "url", "published", "role", "matched_id", "score")
UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that control terminals or reorder lines, and lone surrogates: written as escapes."""


def document(content: Content, view: View) -> dict[str, Any]:
    """Build the JSON report as described by docs/report.schema.json.

    Args:
        content: the frames.
        view: the stories to include; the other tables are complete.

    Returns:
        ``summary``, ``stories`` with their ``headlines`` and ``related`` stories, ``exclusives``, ``outlets``,
        ``overlap``, ``files`` and ``skipped``. Columns are those of the result files; times are datetimes in UTC.
    """
    coverage = content.coverage
    stories, total = view.stories(coverage)
    return {
        "summary": dict(content.summary),
        "timezone": str(view.zone),
        "stories_found": total,
        "stories": _with_members(stories, content),
        "exclusives": coverage.exclusives().collect().to_dicts(),
        "outlets": coverage.outlets.to_dicts(),
        "overlap": coverage.overlap.to_dicts(),
        "files": content.files.to_dicts(),
        "skipped": content.skipped.to_dicts(),
    }


def report(content: Content, view: View) -> str:
    """Serialize the JSON report."""
    return to_json(document(content, view))


def to_json(document: Mapping[str, object]) -> str:
    """Serialize to JSON, with Arabic unescaped and times in ISO 8601.

    Examples:
        >>> print(to_json({"title": "سيول"}))
        {
          "title": "سيول"
        }
    """
    text = json.dumps(document, ensure_ascii=False, indent=2, default=_serializable)
    return UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _serializable(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} cannot be serialized to JSON")


def _with_members(stories: pl.DataFrame, content: Content) -> list[dict[str, Any]]:
    """List stories, each with its headlines in order of time, and the reasons of their matches."""
    shown = stories.lazy().select("story_id")
    members = (
        content.coverage.headlines.select("story_id", *_MEMBER_COLUMNS)
        .join(shown, on="story_id", how="semi", maintain_order="left")
        .sort("published", pl.col("role") != "first", nulls_last=True, maintain_order=True)
        .collect()
    )
    why = _reasons(content.pairs, members, content.model)
    related = _related(content, stories)
    by_story: dict[str, list[dict[str, Any]]] = {}
    for member in members.iter_rows(named=True):
        story = member.pop("story_id")
        by_story.setdefault(story, []).append(member | {"reasons": list(why.get(member["headline_id"], ()))})
    return [
        row | {"headlines": by_story[row["story_id"]]} | related.get(row["story_id"], {})
        for row in stories.iter_rows(named=True)
    ]


def _related(content: Content, stories: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """Return ``related`` of each story: its related stories with the title of their first headline."""
    if content.related is None:
        return {}
    listed: dict[str, list[dict[str, Any]]] = {story: [] for story in stories["story_id"]}
    columns = ("story_id", "related_id", "title", "related_score", "hours_apart")
    for story, *values in related_stories(content, stories).select(columns).iter_rows():
        listed[story].append(dict(zip(("story_id", *columns[2:]), values, strict=True)))
    return {story: {"related": others} for story, others in listed.items()}


def _reasons(pairs: pl.LazyFrame, members: pl.DataFrame, model: Model) -> dict[str, tuple[str, ...]]:
    """Return the strongest evidence in words for the match of each headline that follows another."""
    follows = members.lazy().select("headline_id", "matched_id").drop_nulls()
    both_ways = pl.concat(
        follows.select("headline_id", left_id=left, right_id=right)
        for left, right in (("matched_id", "headline_id"), ("headline_id", "matched_id"))
    )
    found = pairs.filter("is_match").join(both_ways, on=["left_id", "right_id"]).collect()
    words: dict[str, tuple[str, ...]] = {}
    for scorer, rows, evidence in model.divided(evidence_of(found)):
        parts = scorer.parts(scorer.same_news, evidence)
        words |= zip(found["headline_id"].gather(rows), reasons(evidence, parts), strict=True)
    return words
