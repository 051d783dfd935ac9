"""docs/outputs.md names every column of every table that coverage makes, and none that it does not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

import dedup
from dedup.coverage import EXCLUSIVE_COLUMNS, OUTLET_COLUMNS, OVERLAP_COLUMNS, STORY_COLUMNS
from dedup.frames import KEYS, PAIRS, RELATED, SKIPPED
from dedup.matching.evidence.schema import EVIDENCE
from dedup.report.json_report import to_json

DOCUMENT = Path(__file__).parents[1] / "docs" / "outputs.md"


def documented(table):
    section = re.search(rf"^## {table}\b.*?(?=^## |\Z)", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    cells = [line.split("|")[1] for line in section[0].splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("headlines", (*KEYS, "story_id", "role", "matched_id", "score")),
        ("stories", STORY_COLUMNS),
        ("exclusives", EXCLUSIVE_COLUMNS),
        ("related", tuple(RELATED)),
        ("outlets", OUTLET_COLUMNS),
        ("overlap", OVERLAP_COLUMNS),
        ("skipped", tuple(SKIPPED)),
    ],
)
def test_every_column_is_described(table, columns):
    assert documented(table) == set(columns)


@pytest.fixture(scope="module")
def result():
    return dedup.find_duplicates(["سيول تجتاح وادي السرو", "سيول تجتاح وادي السرو وتقطع الطرق"])


def test_every_column_of_pairs_is_described(result):
    assert documented("pairs") == set(result.pairs.columns)


UNITS = {"nats": "nats", "share": "0..1", "count": "number", "flag": "0, 1", "hours": "hours", "log": "log(1 + n)"}


def test_every_feature_is_described_in_the_words_of_its_schema():
    section = DOCUMENT.read_text(encoding="utf-8").partition("| evidence | unit | meaning |")[2].partition("##")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    assert lines == [
        f"| `{feature.name}` | {UNITS[feature.unit]} | {feature.meaning} |"
        for feature in EVIDENCE
        if feature.name not in PAIRS
    ]


def test_every_field_of_a_verdict_is_described():
    assert documented("Verdicts") == set(dedup.Verdict.__slots__) - {"headline_id"}


def test_every_key_of_the_summary_is_described(result):
    assert documented("summary.json") == {*result.summary, "files"}


def test_every_count_is_described():
    scanned = dedup.scan(DOCUMENT.parents[1] / "examples" / "feeds")
    section = DOCUMENT.read_text(encoding="utf-8").partition("Counts of reading:")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", section)) == set(scanned.summary["counts"])


def test_the_json_report_has_the_documented_schema():
    schema = json.loads((DOCUMENT.parent / "report.schema.json").read_text(encoding="utf-8"))
    scanned = dedup.scan(DOCUMENT.parents[1] / "examples" / "feeds", DOCUMENT.parents[1] / "examples" / "messy")
    printed = json.loads(to_json(scanned.to_dict()))
    jsonschema.validate(printed, schema, format_checker=jsonschema.FormatChecker())
    assert len(printed["stories"]) == printed["stories_found"] > 20
    assert any(headline["reasons"] for headline in printed["stories"][0]["headlines"])
