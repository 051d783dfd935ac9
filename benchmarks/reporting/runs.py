"""What a run of a benchmark rests on, and where its figures go."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from benchmarks.reporting.markdown import rewrite
from dedup.core.versions import DISTRIBUTION, UNKNOWN, library_version
from dedup.fingerprint import fingerprint
from dedup.settings import Settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parents[2]

LIBRARIES = ("dedup", "numpy", "polars", "rapidfuzz", "datasketch")


def version(library: str, python: str | None = None) -> str | None:
    """The version installed here, or for another interpreter; None where there is none."""
    if python is not None:
        name = DISTRIBUTION if library == "dedup" else library
        asked = [python, "-c", f"import importlib.metadata as known; print(known.version({name!r}))"]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() or None
    version = library_version(DISTRIBUTION if library == "dedup" else library)
    return None if version == UNKNOWN else version


def commit() -> str | None:
    """The commit, with a plus where package or benchmarks differ from it; None outside a repository."""
    try:
        asked = ["git", "describe", "--always", "--abbrev=10", "--dirty=+", "--exclude=*"]
        return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def provenance(*, quick: bool, libraries: Sequence[str] = LIBRARIES) -> dict[str, Any]:
    """Time, commit, versions, settings, and what kind of machine it was."""
    return {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "versions": {name: version(name) for name in libraries} | {"python": platform.python_version()},
        "settings": fingerprint(Settings()),
        "machine": {
            "cores": os.cpu_count(),
            "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
            "system": f"{platform.system()} {platform.machine()}",
        },
        "quick": quick,
    }


def heading(told: dict[str, Any]) -> str:
    """A sentence on what a run rests on, for above its tables."""
    versions = ", ".join(f"{name} {number or 'not installed'}" for name, number in told["versions"].items())
    machine = told["machine"]
    band = "" if told.get("noise") is None else f" The same command run twice differed by a factor of {told['noise']}."
    return (
        f"Run {told['time']} at commit {told['commit']}, settings {told['settings']}, on {machine['cores']} cores and "
        f"{machine['memory_gb']:.0f} GB, {machine['system']}; {versions}.{band}"
    )


def add_output(parser: argparse.ArgumentParser) -> None:
    """The options that every benchmark has."""
    parser.add_argument("--quick", action="store_true", help="small and once, under a minute: shows that it works")
    parser.add_argument("--output", type=Path, help="where table, picture and figures go (default: the repository)")


def record(
    name: str, told: dict[str, Any], text: str, draw: Callable[[Path], None] | None, *, output: Path | None
) -> None:
    """Print the tables, append the figures to NAME.jsonl, and rewrite table and picture of the document.

    Quick runs print only, unless an output folder is given: they never touch tracked files.

    Args:
        name: of the benchmark: of its JSON lines, its picture, and its part of ``benchmarks.md``.
        told: all figures.
        text: the tables.
        draw: writes the picture; None for none.
        output: a folder for all three; None for the repository's own places.
    """
    print(text)
    if output is None and told["quick"]:
        return
    results = output or ROOT / "benchmarks" / "results"
    results.mkdir(parents=True, exist_ok=True)
    with (results / f"{name}.jsonl").open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(told, ensure_ascii=False) + "\n")
    docs = output or ROOT / "docs"
    rewrite(docs / "benchmarks.md", name, text)
    if draw is not None:
        draw(docs / f"{name}.svg")
