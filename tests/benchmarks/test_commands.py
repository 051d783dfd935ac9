"""The command line of the benchmarks: what stops a command is said in one line, and every family has its evidence."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

import benchmarks.__main__ as command_line
from benchmarks.reporting.runs import ROOT
from benchmarks.reporting.tables import TABLES
from dedup.errors import InputError

SHARED = "".join(
    (ROOT / "benchmarks" / name).read_text("utf-8")
    for name in ("data/corpora.py", "speed/scale.py", "reporting/runs.py")
)


@pytest.fixture
def run(monkeypatch):
    """Run a command whose module does what a function does; return the exit code."""

    def with_main(main, *options):
        monkeypatch.setattr(command_line.importlib, "import_module", lambda _: SimpleNamespace(main=main))
        monkeypatch.setattr(sys, "argv", ["benchmarks", "speed", *options])
        return command_line.main()

    return with_main


def fail(error):
    def main():
        raise error

    return main


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (KeyboardInterrupt(), 130, "python -m benchmarks speed: interrupted; nothing was recorded"),
        (
            ModuleNotFoundError("No module named 'gaoya'", name="gaoya"), 1,
            'python -m benchmarks speed needs gaoya: pip install -e ".[bench,test]"',
        ),
        (InputError("feed.xml", "no such file"), 1, "python -m benchmarks speed: feed.xml: no such file"),
    ],
)  # fmt: skip
def test_what_is_no_fault_of_the_benchmark_ends_in_one_line(run, capsys, error, code, line):
    assert run(fail(error)) == code
    assert capsys.readouterr().err == f"{line}\n"


def test_faults_of_the_benchmark_are_not_hidden(run):
    with pytest.raises(ModuleNotFoundError):
        run(fail(ModuleNotFoundError("No module named 'benchmarks.gone'", name="benchmarks.gone")))
    with pytest.raises(ZeroDivisionError):
        run(fail(ZeroDivisionError()))


def test_the_exit_code_is_that_of_the_command(run):
    assert run(lambda: None) == 0
    assert run(lambda: 2) == 2


def test_a_pipe_closed_early_is_no_error():
    script = f"{sys.executable} -m benchmarks judge --help | true"
    ran = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_every_piece_of_evidence_is_in_one_family():
    ablation = pytest.importorskip("benchmarks.training.ablation", reason="the bench extra has its libraries")
    families = [names for names in ablation.FAMILIES.values() if names]
    evidence = [name for family in families for name in family]
    assert sorted(evidence) == sorted(ablation.train.NAMES)


def test_the_tables_name_commands_and_options_that_exist(tmp_path):
    for table in TABLES:
        for short in (False, True):
            words = table.words(tmp_path, short=short)
            assert words[0] in command_line.COMMANDS
            path = ROOT.joinpath("benchmarks", *command_line.COMMANDS[words[0]][0].split("."))
            source = path.with_suffix(".py").read_text("utf-8") + SHARED
            assert [word for word in words if word.startswith("--") and f'"{word}"' not in source] == []


def test_each_table_has_its_part_of_a_document():
    text = "".join((ROOT / "docs" / name).read_text("utf-8") for name in ("benchmark.md", "benchmarks.md"))
    for table in TABLES:
        assert text.count(f"<!-- {table.name} -->") == text.count(f"<!-- /{table.name} -->") == 1, table.name
