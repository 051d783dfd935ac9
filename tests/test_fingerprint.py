"""The fingerprint changes with everything that shapes results, and no constant is forgotten."""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import dedup
from dedup import Settings, matching, stories
from dedup.fingerprint import SHAPING, fingerprint, shaping
from dedup.stories.linkage import LinkageRule

NOT_SHAPING = {
    "matching.all_pairs": {"FLOOR": "settings.exact is in the fingerprint; the floor is the oracle's"},
    "matching.blocking.candidates": {"MAX_ROWS": "a limit that raises"},
    "matching.blocking.word_pairs": {"MAX_PAIRS": "follows from INFORMATIVE"},
    "matching.evidence.alignment": {
        "NO_INFORMATION": "zero",
        "HALF": "arithmetic",
        "SLOTS": "any number finds the same words",
    },
    "matching.evidence.bounds": {"MAX_EDGES": "a limit that raises", "UNREACHABLE": "a marker"},
    "matching.evidence.changes": {"NEGATION": "an index into FACTS"},
    "matching.evidence.facts": {"FACT_COUNT": "follows from FACTS", "NUMBER": "an index into FACTS"},
    "matching.evidence.schema": {"UNKNOWN": "a marker"},
    "matching.similar": {
        "HUBS": "what a search lists; nothing is kept",
        "HUB_SCORE": "what a search lists; nothing is kept",
        "CLOSE": "what a search lists; nothing is kept",
    },
    "matching.timeline": {"PART": "headlines processed at a time; any number gives the same keys"},
    "matching.windows": {
        "SLICE": "headlines processed at a time; any number gives the same pairs",
        "HALO_WINDOWS": "windows that slices are matched with; fewer than the evidence needs would be an error",
    },
    "matching.word_information": {"NO_HOUR": "a marker"},
    "stories.related": {"MAX_RELATED": "what is listed; no story depends on it"},
}
"""Public numbers that do not shape results, and why."""


def modules():
    for package in (matching, stories):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield module.name.removeprefix("dedup."), import_module(module.name)


def assigned(module):
    """Public numbers of a module, but for positions in a row of evidence and bit masks (unsigned integers of NumPy)."""
    source = Path(module.__file__).read_text(encoding="utf-8")
    for line in re.findall(r"^([A-Z][A-Z0-9_, ]*) = (?!offsets)", source, re.MULTILINE):
        for name in re.findall(r"[A-Z][A-Z0-9_]*", line):
            value = getattr(module, name)
            if isinstance(value, (int, float, np.generic)) and not isinstance(value, np.unsignedinteger):
                yield name


def test_every_public_number_of_matching_and_stories_shapes_the_fingerprint_or_is_exempt_with_a_reason():
    numbers = {(name, constant) for name, module in modules() for constant in assigned(module)}
    known = {(name, constant) for table in (SHAPING, NOT_SHAPING) for name in table for constant in table[name]}
    assert ("matching.scoring.relation", "COPY_SIMILARITY") in numbers
    assert numbers - known == set()


@pytest.mark.parametrize(("module", "constant"), [(name, one) for name, names in SHAPING.items() for one in names])
def test_the_fingerprint_changes_with_each_shaping_constant(monkeypatch, module, constant):
    before = fingerprint(Settings())
    value = getattr(import_module(f"dedup.{module}"), constant)
    monkeypatch.setattr(f"dedup.{module}.{constant}", value * 2)
    assert fingerprint(Settings()) != before


def test_the_fingerprint_changes_with_the_linkage_rule():
    assert (
        len(
            {
                fingerprint(Settings(), rule)
                for rule in (LinkageRule(), LinkageRule(0.6), LinkageRule(mean=0.4), LinkageRule(copies=False))
            }
        )
        == 4
    )


def test_the_fingerprint_changes_with_every_setting_but_those_that_select():
    changes = {
        "window": 24.0, "permutations": 64, "bands": 16, "rows": 2, "seed": 2, "bucket_limit": 100, "exact": True,
    }  # fmt: skip
    assert changes.keys() == set(Settings.__slots__) - {"threshold", "pairs_floor", "calibration", "words"}
    prints = {fingerprint(Settings(**{"bands": 8, name: value})) for name, value in changes.items()}
    assert len(prints | {fingerprint(Settings())}) == len(changes) + 1


def test_the_shaping_values_name_the_model_and_the_language_data():
    assert {"model", "language data", "normalizer"} <= shaping(dedup.Settings()).keys()
