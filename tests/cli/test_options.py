"""What the command line's values mean."""

from __future__ import annotations

from datetime import UTC, datetime

import click
import pytest

from dedup.cli import console, parameter_types
from dedup.cli.commands import commands
from dedup.cli.parameter_types import FieldColumn, Moment, OutletNames, OutletTable, Size, Span


@pytest.mark.parametrize(("text", "hours"), [("72h", 72), ("3d", 72), ("90m", 1.5), ("1.5 d", 36)])
def test_spans_are_hours(text, hours):
    assert Span()(text) == hours


@pytest.mark.parametrize("text", ["", "72", "0h", "-1h", "h", "3w"])
def test_other_spans_are_refused(text):
    with pytest.raises(click.BadParameter, match="not a span of time"):
        Span()(text)


@pytest.mark.parametrize(("text", "size"), [("12", 12), ("500k", 512_000), ("256M", 268_435_456), ("1GiB", 1 << 30)])
def test_sizes_are_bytes(text, size):
    assert Size()(text) == size


def test_a_day_starts_at_midnight_and_as_an_end_includes_itself():
    assert Moment()("2026-03-04") == datetime(2026, 3, 4, tzinfo=UTC)
    assert Moment(ends=True)("2026-03-04") == datetime(2026, 3, 5, tzinfo=UTC)
    assert Moment(ends=True)("2026-03-04T12:00") == datetime(2026, 3, 4, 12, tzinfo=UTC)
    assert Moment()("2026-03-04T12:00+03:00") == datetime(2026, 3, 4, 9, tzinfo=UTC)


def test_a_column_name_may_hold_anything():
    assert FieldColumn()("title=العنوان = الرئيسي") == ("title", "العنوان = الرئيسي")


@pytest.mark.parametrize(
    "text",
    [
        "x.example\tالضحى\nقناة، الضحى\tالضحى\n",
        '\ufeffx.example,الضحى\n\n"قناة، الضحى",الضحى\n',
        '{"x.example": "الضحى", "قناة، الضحى": "الضحى"}',
    ],
)
def test_outlet_names_come_from_tsv_csv_or_json(tmp_path, text):
    path = tmp_path / "names"
    path.write_text(text, encoding="utf-8")
    assert OutletNames()(str(path)) == OutletTable({"x.example": "الضحى", "قناة، الضحى": "الضحى"}, {})


@pytest.mark.parametrize(
    "text",
    [
        "x.example,الضحى,Asia/Riyadh\ny.example,واحة\n",
        "support\toutlet\tname\ttimezone\n3\tx.example\tالضحى\tAsia/Riyadh\n1\ty.example\tواحة\t\n",
    ],
)
def test_a_table_of_outlets_may_give_time_zones_and_name_its_columns(tmp_path, text):
    path = tmp_path / "names"
    path.write_text(text, encoding="utf-8")
    assert OutletNames()(str(path)) == OutletTable(
        {"x.example": "الضحى", "y.example": "واحة"}, {"الضحى": "Asia/Riyadh"}
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a,b,c,d\n", "line 1 has 4 columns"),
        ("a,b,Mars\n", "line 1: 'Mars' is not a time zone"),
        ("a,c,Asia/Riyadh\nb,c,UTC\n", "line 2: 'c' has two time zones"),
        ("{", "Expecting"),
        ('{"a": 1}', "must map each host or feed title to a name"),
    ],
)
def test_other_files_of_outlet_names_are_refused(tmp_path, text, problem):
    path = tmp_path / "names"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(click.BadParameter, match=problem):
        OutletNames()(str(path))


def test_visual_order_without_its_packages_is_refused_before_anything_is_read(monkeypatch):
    monkeypatch.setattr(parameter_types, "BIDI_PACKAGES", ("no_such_package",))
    with pytest.raises(click.UsageError, match=r"headline-dedup\[bidi\]"):
        commands.main(["scan", "examples", "--bidi", "visual"], standalone_mode=False)


@pytest.mark.parametrize(
    ("bidi", "is_terminal", "term", "expected"),
    [
        ("auto", True, "alacritty", True),
        ("auto", True, "xterm-256color", False),
        ("auto", False, "alacritty", False),  # what is written to a pipe or a file stays in the order of the text
        ("visual", False, "xterm-256color", True),
        ("terminal", True, "alacritty", False),
    ],
)
def test_lines_are_put_in_visual_order_where_it_is_wanted_or_needed(monkeypatch, bidi, is_terminal, term, expected):
    monkeypatch.setattr(console.os, "environ", {"TERM": term})
    assert console._is_visual(bidi, is_terminal=is_terminal) is expected
