"""The documents say what is so: examples run, commands and options exist, and none is left out."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dedup
from benchmarks.__main__ import COMMANDS
from dedup.cli.audit_commands import audit
from dedup.cli.commands import commands
from dedup.cli.index_commands import index

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
LIBRARY, CLI = ROOT / "docs" / "library.md", ROOT / "docs" / "cli.md"
DOCUMENTS = sorted(
    [README, ROOT / "README.ar.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md"), ROOT / "examples/README.md"]
)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GROUPS = {"audit": audit, "index": index}
EVERY = commands.commands | {
    f"{group} {name}": command for group, of_group in GROUPS.items() for name, command in of_group.commands.items()
}
OWN_OPTIONS = {name: {o for p in command.params for o in p.opts} for name, command in EVERY.items()}
OTHERS_OPTIONS = {
    "--data",
    "--from",
    "--labels",
    "--list",
    "--pairs",
    "--largest",
    "--help",
    "--version",
    "--traceback",
}
"""Options of the benchmarks, and of dedup itself."""


def blocks(document, language):
    return [text for kind, text in BLOCK.findall(document.read_text(encoding="utf-8")) if kind == language]


def shell_lines(document):
    """The commands of a document: lines of its shell blocks and indented lines, split at && and pipes."""
    lines = [line for text in blocks(document, "sh") for line in text.splitlines()]
    lines += re.findall(r"^    (dedup .*)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return [part.strip() for line in lines for part in re.split(r"&&|\|", line.partition("  #")[0])]


def check_command(line):
    """The command and the options of a line that calls dedup exist."""
    command, *rest = shlex.split(line)[1:]
    if command in GROUPS and not rest[0].startswith("-"):
        command = f"{command} {rest.pop(0)}"
    assert command in EVERY, line
    assert {word for word in rest if word.startswith("--") and word != "--"} <= OWN_OPTIONS[command], line


def commands_of(block):
    """The lines of a shell block that call dedup."""
    return [line.strip() for line in block.splitlines() if line.strip().startswith("dedup ")]


RUN_IN_ORDER = [README, ROOT / "README.ar.md", LIBRARY, *sorted(ROOT.glob("docs/**/tutorial.md"))]
RUN_IN_ORDER += sorted(path for folder in ("howto", "ar") for path in ROOT.glob(f"docs/{folder}/*.md"))


@pytest.mark.parametrize("document", sorted(set(RUN_IN_ORDER)), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_blocks_of_a_document_run_in_order_in_one_folder(document, tmp_path):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    names, printed, expected = {}, [], []
    for language, text in BLOCK.findall(document.read_text(encoding="utf-8")):
        if language == "sh":
            for line in commands_of(text):
                command = [sys.executable, "-m", "dedup", *shlex.split(line)[1:]]
                environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
                done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
                assert done.returncode == 0, (line, done.stderr)
        elif language == "python":
            expected += [comment.strip() for comment in re.findall(r"^ *print\(.*\) +# (.*)$", text, re.MULTILINE)]
            output = io.StringIO()
            with contextlib.chdir(tmp_path), contextlib.redirect_stdout(output):
                exec(compile(text, document.name, "exec"), names)  # noqa: S102 - our own document
            printed += output.getvalue().splitlines()
    assert printed == expected


@pytest.mark.parametrize("document", sorted(ROOT.glob("docs/**/tutorial.md")), ids=lambda path: path.parent.name)
def test_the_pairs_that_a_tutorial_explains_are_what_it_says(document):
    calls = [shlex.split(line) for text in blocks(document, "sh") for line in commands_of(text) if " explain " in line]
    assert [dedup.explain(left, right).relation for _, _, left, right, *_ in calls] in (
        ["copy", "none"],
        ["copy", "related"],
    )


def test_the_documentation_of_the_library_shows_every_public_name():
    code = "\n".join(blocks(LIBRARY, "python"))
    assert [name for name in dedup.__all__ if not re.search(rf"\bdedup\.{name}\b", code)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documented_commands_exist(document):
    for line in shell_lines(document):
        if line.startswith("dedup "):
            check_command(line)
        if match := re.match(r"python -m benchmarks (\w+)", line):
            assert match[1] in COMMANDS, line


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_options_named_in_the_text_exist(document):
    spans = re.findall(r"`([^`\n]+)`", document.read_text(encoding="utf-8"))
    named = {option for span in spans for option in re.findall(r"(?<![\w-])--[a-z-]+", span)}
    assert named <= set().union(*OWN_OPTIONS.values()) | OTHERS_OPTIONS


def test_the_documentation_of_the_command_line_names_every_command_and_option():
    text = CLI.read_text(encoding="utf-8")
    assert [name for name in EVERY if f"`dedup {name} " not in text] == []
    long = {option for options in OWN_OPTIONS.values() for option in options if option.startswith("--")}
    assert {option for option in long if not re.search(rf"`{option}\b(?!-)", text)} == set()


@pytest.mark.parametrize("name", ["", *EVERY])
def test_the_examples_of_help_call_what_exists(name):
    command = EVERY[name] if name else commands
    lines = [line.strip() for line in command.epilog.splitlines() if "dedup " in line]
    assert lines
    for line in lines:
        call = line[line.index("dedup ") :]
        check_command(call)
        assert not name or call.startswith(f"dedup {name} ")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files(document):
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (document.parent / link).exists()] == []


def test_the_layout_names_every_module_and_room():
    layout = next(text for text in blocks(ROOT / "CONTRIBUTING.md", "text") if text.startswith("dedup/"))
    own = {path.name + "/" * path.is_dir() for path in (ROOT / "dedup").iterdir() if not path.name.startswith("__")}
    assert {name for name in own if f"  {name}" not in layout} == {"py.typed"}
