"""Titles of error pages and placeholders are found in any spelling, in few titles as in many."""

from __future__ import annotations

import polars as pl
import pytest

from dedup.core.patterns import FEW
from dedup.core.placeholders import find_placeholders


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("403 Forbidden", True), ("شاهد الفيديو", True), ("شاهدوا الصور", True), ("الصفحة غير موجوده!", True),
        ("الصَّفحـة غير موجودة", True), ("مُسوَّدة", True), ("Page Not Found - مرآة التلال", True),
        ("عاجل", True), ("خبر عاجل |", True), ("علاج عاجل", False), ("عاجل: افتتاح جسر", False),
        ("افتتاح جسر الوادي", False), ("الصفحة الأولى من صحيفة التلال", False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("copies", [1, FEW + 1])
def test_placeholders_are_found_in_any_spelling(title, found, copies):
    assert len(find_placeholders(pl.Series([title] * copies))) == found * copies
