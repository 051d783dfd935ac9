"""The command line, run as its users run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
