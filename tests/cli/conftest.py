"""The command line, run as its users run it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import pytest

from dedup import cli

ROOT = Path(__file__).parents[2]
DEDUP = [sys.executable, "-m", "dedup"]
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
ENVIRONMENT |= {"PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="session")
def examples() -> Path:
    return ROOT / "examples"


@pytest.fixture(scope="session")
def dedup():
    """Run dedup with some arguments in the repository; the completed process with text streams."""

    def run(*arguments, text="", env=None, cwd=ROOT):
        return subprocess.run(
            [*DEDUP, *map(str, arguments)],
            input=text,
            capture_output=True,
            encoding="utf-8",
            cwd=cwd,
            env=ENVIRONMENT | (env or {}),
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def start():
    """Start dedup with some arguments and pipes; the running process."""

    def run(*arguments, **options):
        return subprocess.Popen([*DEDUP, *map(str, arguments)], encoding="utf-8", env=ENVIRONMENT, **options)

    return run


@pytest.fixture(scope="session")
def inside():
    """The same within this process, where a test calls dedup many times and its libraries are loaded already."""

    def run(*arguments, text=""):
        out, err = io.StringIO(), io.StringIO()
        streams = {"argv": ["dedup", *map(str, arguments)], "stdin": io.TextIOWrapper(io.BytesIO(text.encode()))}
        with redirect_stdout(out), redirect_stderr(err), patch.multiple(sys, **streams):
            code = cli._run()
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())

    return run
