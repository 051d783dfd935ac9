"""Figures and times in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dedup.report.wording import ARABIC, chance, count, period, span

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (None, "–"),
        (0, "0 min"),
        (0.5, "30 s"),
        (12, "12 min"),
        (59.8, "1 h"),
        (250, "4 h 10 min"),
        (1440, "1 d"),
        (1440 * 3 + 125, "3 d 2 h"),
    ],
)
def test_a_span_has_at_most_two_units(minutes, words):
    assert span(minutes) == words


def test_a_span_in_arabic_units():
    assert span(95, ARABIC) == "1 س 35 د"


def test_a_count_carries_its_noun():
    assert [count(n, "copy", "copies") for n in (0, 1, 1204)] == ["0 copies", "1 copy", "1,204 copies"]
    assert count(2, "outlet") == "2 outlets"


def test_a_period_names_one_day_once():
    assert period(NOON, NOON + timedelta(hours=2)) == "2026-03-04 12:00 to 14:00 UTC"
    assert period(NOON, NOON + timedelta(days=1)) == "2026-03-04 12:00 to 2026-03-05 12:00 UTC"
    assert period(None, None) == "no times known"


def test_only_certainty_is_shown_as_one():
    assert [chance(score) for score in (0, 0.29, 0.707, 0.996, 1)] == ["0.00", "0.29", "0.70", "0.99", "1.00"]
