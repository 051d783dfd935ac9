"""The JSON report beside what tests/test_outputs_documented.py checks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import polars as pl
import pytest

import dedup
from dedup.report.json_report import document, to_json
from dedup.report.view import View

SCHEMA = Path(__file__).parents[2] / "docs" / "report.schema.json"
TITLES = ["سيول تجتاح وادي السرو", "افتتاح متحف بحري في جزيرة النوارس"]
ROWS = [
    {"title": TITLES[0], "outlet": "الضحى", "published": "2026-03-04T06:00"},
    {"title": TITLES[0], "outlet": "المرفأ", "published": "2026-03-04T07:00"},
    {"title": TITLES[1], "outlet": "المرفأ", "published": "2026-03-04T09:30"},
]


@pytest.fixture
def content():
    given = dedup.find_duplicates(ROWS)
    ids = dict(given.headlines.select("title", "story_id").unique().iter_rows())
    columns = {"story_id": ids[TITLES[0]], "related_id": ids[TITLES[1]], "related_score": 0.75, "hours_apart": 3.5}
    related = pl.DataFrame([columns], schema_overrides={"related_score": pl.Float32, "hours_apart": pl.Float32})
    return replace(given.content(), related=related)


def test_a_story_lists_its_related_stories_with_their_titles(content):
    [story] = document(content, View())["stories"]
    [related] = story["related"]
    assert (related["title"], related["related_score"], related["hours_apart"]) == (TITLES[1], 0.75, 3.5)
    assert related["story_id"] == content.related["related_id"].item()


def test_stories_have_no_related_ones_where_none_were_looked_for(content):
    [story] = document(replace(content, related=None), View())["stories"]
    assert "related" not in story


def test_related_stories_are_part_of_the_schema(content):
    printed = json.loads(to_json(document(content, View())))
    jsonschema.validate(printed, json.loads(SCHEMA.read_text(encoding="utf-8")))
