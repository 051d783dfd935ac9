"""Provenance of a benchmark run, and where its figures are written."""

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
    """Return the version installed here, or for another interpreter; None if it is not installed."""
    if python is not None:
        name = DISTRIBUTION if library == "dedup" else library
        command = [python, "-c", f"import importlib.metadata as known; print(known.version({name!r}))"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or None
    version = library_version(DISTRIBUTION if library == "dedup" else library)
    return None if version == UNKNOWN else version


def commit() -> str | None:
    """Return the commit, with a plus if code differs from it; None outside a repository.

    Documents and recorded figures may differ: each benchmark writes them.
    """
    code = ["dedup", "benchmarks", ":(exclude)benchmarks/results"]
    try:
        name, changed = (
            subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
            for words in (["rev-parse", "--short=10", "HEAD"], ["status", "--porcelain", "--", *code])
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{name}+" if changed else name


def provenance(*, quick: bool, libraries: Sequence[str] = LIBRARIES) -> dict[str, Any]:
    """Return time, commit, versions, settings and kind of machine of a run."""
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


def heading(run: dict[str, Any]) -> str:
    """Return a sentence with the provenance of a run, to print above its tables."""
    versions = ", ".join(f"{name} {number or 'not installed'}" for name, number in run["versions"].items())
    machine = run["machine"]
    band = "" if run.get("noise") is None else f" The same command run twice differed by a factor of {run['noise']}."
    return (
        f"Run {run['time']} at commit {run['commit']}, settings {run['settings']}, on {machine['cores']} cores and "
        f"{machine['memory_gb']:.0f} GB, {machine['system']}; {versions}.{band}"
    )


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add the options of every benchmark: --quick and --output."""
    parser.add_argument("--quick", action="store_true", help="one small run within a minute, to show that it works")
    parser.add_argument("--output", type=Path, help="folder for table, chart and figures (default: the repository)")


def record(
    name: str, figures: dict[str, Any], text: str, draw: Callable[[Path], None] | None, *, output: Path | None
) -> None:
    """Print the tables, append the figures to NAME.jsonl, and rewrite table and chart of the document.

    Quick runs print only, unless an output folder is given: they never touch tracked files.

    Args:
        name: name of the benchmark, of its JSON lines, its chart, and its part of ``benchmarks.md``.
        figures: all figures of the run.
        text: the tables.
        draw: function that writes the chart; None for no chart.
        output: folder for all three; None for the folders of the repository.
    """
    print(text)
    if output is None and figures["quick"]:
        return
    results = output or ROOT / "benchmarks" / "results"
    results.mkdir(parents=True, exist_ok=True)
    with (results / f"{name}.jsonl").open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(figures, ensure_ascii=False) + "\n")
    docs = output or ROOT / "docs"
    rewrite(docs / "benchmarks.md", name, text)
    if draw is not None:
        draw(docs / f"{name}.svg")
