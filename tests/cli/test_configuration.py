"""Defaults of options in dedup.toml and pyproject.toml."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def settings(inside, examples, *options):
    done = inside("scan", examples / "feeds", "--json", *options)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    return document["summary"]["settings"]["window"], document["timezone"], len(document["stories"])


def test_the_file_gives_defaults_that_the_command_line_overrides(inside, examples, folder):
    (folder / "dedup.toml").write_text('[scan]\nwindow = "48h"\ndisplay-timezone = "Asia/Riyadh"\ntop = 3\n')
    assert settings(inside, examples) == (48, "Asia/Riyadh", 3)
    assert settings(inside, examples, "--window", "24h") == (24, "Asia/Riyadh", 3)


def test_a_project_file_may_hold_them_too(inside, examples, folder):
    (folder / "pyproject.toml").write_text("[tool.dedup.scan]\ntop = 2\n[tool.other]\nx = 1\n")
    assert settings(inside, examples) == (72, "UTC", 2)


def test_commands_of_a_group_have_tables_of_their_own(inside, examples, folder):
    (folder / "dedup.toml").write_text('[index.add]\nwindow = "24h"\n')
    assert inside("index", "add", "news.db", examples / "feeds", "-q").returncode == 0
    refused = inside("index", "add", "news.db", examples / "feeds", "-q", "--window", "48h")
    assert refused.returncode == 1
    assert "window is 24.0, requested 48.0" in refused.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[scan]\ntreshold = 0.9\n", "dedup.toml: [scan] has no option 'treshold'"),
        ("[scn]\ntop = 1\n", "dedup.toml: [scn] is not a table of a command; there are [scan]"),
        ("[index.ad]\n", "dedup.toml: [index.ad] is not a table of a command; there are [index.add]"),
        ("top = 1\n", "dedup.toml: [top] is not a table of a command"),
        ("[scan\n", "dedup.toml: not a TOML file"),
        ('[scan]\nwindow = "long"\n', "'long' is not a span of time"),
    ],
)
def test_errors_in_the_file_are_usage_errors_that_name_it(inside, examples, folder, text, message):
    (folder / "dedup.toml").write_text(text)
    done = inside("scan", examples / "feeds")
    assert done.returncode == 2
    assert message in done.stderr


def test_a_project_file_that_is_no_toml_is_left_to_its_owner(inside, examples, folder):
    (folder / "pyproject.toml").write_text("[tool\n")
    assert settings(inside, examples)[0] == 72
