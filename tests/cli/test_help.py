"""Help, versions and usage errors: quick, with examples, and saying what to do."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from dedup.cli.commands import commands
from dedup.cli.index_commands import index

EVERY = commands.commands | {f"index {name}": command for name, command in index.commands.items()}
HEAVY = ("polars", "numpy", "datasketch", "rapidfuzz", "feedparser", "rich")


@pytest.mark.parametrize("command", ["", *EVERY])
def test_every_help_has_examples(inside, command):
    done = inside(*command.split(), "--help")
    assert done.returncode == 0
    assert f"Examples:\n    dedup {command}" in done.stdout
    assert done.stderr == ""


def test_every_option_is_explained():
    for command in EVERY.values():
        unexplained = [p.name for p in command.params if p.param_type_name == "option" and not p.help]
        assert unexplained == []


def test_help_loads_no_heavy_library():
    code = "import sys\nfrom dedup.cli.commands import commands\ncommands.main(['--help'], standalone_mode=False)\n"
    code += f"print(sorted(set(sys.modules) & set({HEAVY!r})), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_the_version_is_printed_as_a_line_or_as_json(dedup):
    done = dedup("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("dedup 0.")
    for arguments in (["--version", "--json"], ["--json", "--version"]):
        done = dedup(*arguments)
        assert done.returncode == 0
        answer = json.loads(done.stdout)
        assert answer["distribution"] == "headline-dedup"
        assert set(answer["versions"]) >= {"dedup", "python", "polars", "numpy"}
        assert len(answer["model"]["digest"]) == len(answer["fingerprint"]) == 12


def test_json_before_a_command_is_refused(dedup):
    done = dedup("--json", "scan", "examples/feeds")
    assert done.returncode == 2
    assert "give it after the command" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["scna", "x"], "No such command 'scna'. Did you mean 'scan'?"),
        (["scan", "examples/feeds", "--treshold", "0.9"], "No such option '--treshold'. Did you mean '--threshold'?"),
        (["scan"], "Missing argument 'PATH...'"),
        (["scan", "no/such/folder"], "'no/such/folder' does not exist."),
        (
            ["scan", "examples/feeds", "--window", "3 weeks"],
            "'3 weeks' is not a span of time; write it as 72h, 3d or 90m.",
        ),
        (["scan", "examples/feeds", "--threshold", "90"], "90.0 is not in the range 0<=x<=1."),
        (["scan", "examples/feeds", "--since", "yesterday"], "'yesterday' is not a time; write it as 2026-03-04"),
        (["scan", "examples/feeds", "--map", "titel=x"], "'titel=x' is not FIELD=COLUMN with a FIELD of title, outlet"),
        (["scan", "examples/feeds", "--max-bytes", "big"], "'big' is not a size; write it as 500k, 256M or 1G."),
        (
            ["scan", "examples/feeds", "--outlets", "nowhere.tsv"],
            "'nowhere.tsv' cannot be read (No such file or directory).",
        ),
        (["scan", "examples/feeds", "--format", "xls"], "'xls' is not one of 'parquet', 'csv', 'jsonl', 'xlsx'."),
        (["explain", "عنوان واحد"], "Missing argument 'B'"),
        (["index", "ad", "news.db"], "No such command 'ad'. Did you mean 'add'?"),
        (["index", "add", "news.db"], "Missing argument 'PATH...'"),
        (["index", "add", "news.db", "no/such/folder"], "'no/such/folder' does not exist."),
        (["index", "add", "news.db", "examples/feeds", "--retention", "90"], "'90' is not a span of time"),
        (["index", "report", "news.db", "--precise", "--wide"], "--precise and --wide exclude each other: choose one."),
    ],
)
def test_usage_errors_say_what_is_wrong_and_what_would_be_right(dedup, arguments, message):
    done = dedup(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
