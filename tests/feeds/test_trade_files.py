"""Each tool's file is read out of the box, and docs/formats.md has a line for each."""

from __future__ import annotations

from pathlib import Path

import pytest

from dedup.feeds import read_feeds

from .trade_files import CASES

DOCS = Path(__file__).parents[2] / "docs" / "formats.md"


def read(case, folder, **options):
    path = folder / case.name
    path.write_bytes(case.content)
    mapping = dict(option.split("=") for option in case.options if "=" in option)
    return read_feeds(path, columns=mapping or None, **options)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.tool)
def test_the_file_of_a_tool_reads_with_titles_outlets_times_and_links(case, tmp_path):
    if case.name.endswith((".xlsx", ".ods", "old.xls")):
        pytest.importorskip("fastexcel")
    feeds = read(case, tmp_path)
    headlines = feeds.headlines.select("title", "outlet", "published", "url").rows()
    rows = {(title, outlet, time and time.isoformat(), url) for title, outlet, time, url in headlines}
    assert rows == set(case.rows)
    assert bool(len(feeds.skipped)) == (case.code == 3)


def line(case):
    """The line of a case in docs/formats.md: the fields that its headlines have, and the exit code."""
    fields = (
        ["yes" if all(row[place] for row in case.rows) else "no" for place in range(4)] if case.rows else ["no"] * 4
    )
    return f"| {case.tool} | `{case.name.rpartition('.')[2]}` | {' | '.join(fields)} | {case.code} |"


def test_the_table_of_formats_has_a_line_for_each_tool():
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    missing = [line(case) for case in CASES if line(case) not in lines]
    assert not missing, "\n".join(missing)
    assert sum(text.startswith("| ") for text in lines) == len(CASES) + 1
