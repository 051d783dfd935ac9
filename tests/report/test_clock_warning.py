"""The terminal warns of clocks that are hours off, with the evidence."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from dedup.report.view import View
from tests.report.conftest import print_report


def rendered(content, language="en"):
    return print_report(content, View(language=language), 10_000)


def with_offset(content, *, fixed):
    is_late = pl.col("outlet") == "الضحى"
    values = {
        "clock_offset_hours": 3.0, "clock_offset_low": 2.9, "clock_offset_high": 3.04, "clock_support": 1240,
        "clock_partners": 4, "clock_fixed": fixed,
    }  # fmt: skip
    columns = [pl.when(is_late).then(pl.lit(value)).alias(name) for name, value in values.items()]
    outlets = content.coverage.outlets.with_columns(columns)
    return replace(content, coverage=replace(content.coverage, outlets=outlets))


@pytest.mark.parametrize(("fixed", "heading"), [(False, "Warning: clocks are wrong"), (True, "Clocks corrected")])
def test_an_offset_is_listed_with_its_evidence(content, fixed, heading):
    text = rendered(with_offset(content, fixed=fixed))
    assert heading in text
    assert ("--fix-clocks" in text) is not fixed
    [line] = [line for line in text.splitlines() if "+3 h" in line]
    assert line.split() == ["+3", "h", "+2.9", "to", "+3.0", "h", "1,240", "4", "outlets", "الضحى"]


def test_the_warning_in_arabic_names_the_option_without_marks_of_direction(content):
    text = rendered(with_offset(content, fixed=False), "ar")
    assert "الخيار --fix-clocks يصححها" in text
    assert "الضحى: متأخرة 3 ساعات" in text
    assert not {"\u2066", "\u2069"} & set(text)


def test_nothing_is_said_of_clocks_without_evidence(content):
    assert "lock" not in rendered(content)
