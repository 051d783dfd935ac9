"""The Dockerfile's steps name what exists: no container runtime is needed to notice a stale one."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from pathlib import Path

from dedup.core.kernel_cache import VARIABLE

ROOT = Path(__file__).parents[1]
STEPS = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def steps(name):
    return re.findall(rf"^{name} (.*)$", STEPS, re.MULTILINE)


def test_it_runs_the_command_as_a_user_without_rights():
    assert json.loads(steps("ENTRYPOINT")[0])[0] in PROJECT["scripts"]
    assert steps("USER")[-1] not in ("root", "0")
    assert STEPS.index("\nUSER ") < STEPS.index("\nENTRYPOINT ")


def test_kernels_are_compiled_before_rights_are_dropped():
    [module] = re.findall(r"python -m (dedup\.[\w.]+)", STEPS)
    assert importlib.util.find_spec(module)
    assert any(f"{VARIABLE}=" in line for line in steps("ENV"))
    assert STEPS.index(f"{VARIABLE}=") < STEPS.index(module) < STEPS.index("\nUSER ")


def test_its_extras_exist_and_its_python_is_supported():
    for extra in re.findall(r"/src\[([\w,]+)\]", STEPS)[0].split(","):
        assert extra in PROJECT["optional-dependencies"]
    minor = {
        version.split(":")[1].removeprefix("3.").partition("-")[0] for version in re.findall(r"python:3\.\S+", STEPS)
    }
    assert len(minor) == 1
    assert f"Programming Language :: Python :: 3.{minor.pop()}" in PROJECT["classifiers"]


def test_what_it_copies_is_not_ignored():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert not {"dedup", "pyproject.toml", "README.md", "LICENSE"} & set(ignored)
