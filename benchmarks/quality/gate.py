"""The quality gate: ``python -m benchmarks gate --data DIR`` fails when accuracy falls below its pinned floors.

Floors stand in ``benchmarks/floors.json`` beside the digests of the corpora and labels that they were measured on: a
floor says nothing about other data, so the gate refuses to judge on them. ``--update`` raises floors to what is
measured, less a margin for noise, and never lowers one unless told so by ``--allow-lower``.

Exit codes: 0 all floors hold · 1 a figure fell · 2 the data are not those of the floors.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.data import corpora
from benchmarks.quality import figures, stance
from benchmarks.quality.scanned_corpus import scanned

if TYPE_CHECKING:
    from collections.abc import Mapping

FLOORS = Path(__file__).with_name("floors.json")

MARGIN = 0.01
"""How far below what was measured a new floor is set."""

RULES = {"least_density": 0.5}
"""Floors that are a rule of the design, whatever is measured."""

FIGURES = (
    "ap", "precision", "recall", "r_at_p90", "r_at_p95", "story_precision", "story_recall", "candidates", "matched",
    "b3_f1", "least_density",
)  # fmt: skip

STANCE = "ans-stance"

Digests = dict[str, str]
Figures = dict[str, float]
Pinned = dict[str, dict[str, dict[str, str] | dict[str, float]]]
"""By corpus: ``digests`` by file and ``figures`` by name."""


def digests(data: Path, only: list[str] | None) -> dict[str, Digests]:
    """The digests of the files of every labelled corpus of a folder, and of the ANS pairs."""
    found = {name: corpora.digests(data, name) for name in corpora.names(data)}
    if (data / stance.PATH).exists():
        found[STANCE] = {"pairs": corpora.digest(data / stance.PATH)}
    return {name: files for name, files in found.items() if not only or name in only}


def measured(data: Path, name: str) -> Figures:
    """The gate's figures of dedup on one corpus; for each more is better."""
    if name == STANCE:
        told = stance.judged(data, "dev", ())["rows"]
        return {figure: row[figure] for row in told for figure in ("share_agree", "recall")}
    row = figures.of_dedup(scanned(data, name), repeats=0)
    found = {figure: row[figure] for figure in FIGURES if figure in row}
    if "calibration_error" in row:
        found["calibration"] = 1 - row["calibration_error"]
    return found


def disagreements(pinned: Pinned, found: Mapping[str, Digests], only: list[str] | None) -> list[str]:
    """What of the data is not what the floors were measured on."""
    wanted = [name for name in pinned if not only or name in only]
    told = [f"{name}: pinned, and not in the data folder" for name in wanted if name not in found]
    for name, files in found.items():
        if name not in pinned:
            told.append(f"{name}: has no floors; set them with --update")
            continue
        was = pinned[name]["digests"]
        told += [
            f"{name}: {what} {files.get(what, 'missing')[:12]} is not the floors' {str(was.get(what, 'none'))[:12]}"
            for what in sorted({*was, *files})
            if was.get(what) != files.get(what)
        ]
    return told


def falls(floors: Mapping[str, float], found: Mapping[str, float]) -> list[str]:
    """The figures that are below their floor, and by how much."""
    return [
        f"{name} {found.get(name, 0.0):.3f} is {floor - found.get(name, 0.0):.3f} below its floor {floor:.3f}"
        for name, floor in floors.items()
        if found.get(name, 0.0) < floor
    ]


def raised(floors: Mapping[str, float], found: Mapping[str, float], *, allow_lower: bool) -> Figures:
    """New floors: rules, or a margin under what was measured, and not under the old ones unless that is allowed."""
    new = {name: RULES.get(name, max(0.0, round(value - MARGIN, 3))) for name, value in found.items()}
    return new if allow_lower else {name: max(new.get(name, 0.0), floors.get(name, 0.0)) for name in {**new, **floors}}


def main() -> int:
    """Measure, compare, and set floors if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a data folder in the documented layout")
    parser.add_argument("--only", action="append", metavar="NAME", help=f"a corpus, or {STANCE} (repeatable)")
    parser.add_argument("--floors", type=Path, default=FLOORS, help="the file of floors (default: the repository's)")
    parser.add_argument("--update", action="store_true", help="raise floors to what is measured, less a margin")
    parser.add_argument("--allow-lower", action="store_true", help="with --update: lower floors, accept other data")
    args = parser.parse_args()
    pinned: Pinned = json.loads(args.floors.read_text("utf-8")) if args.floors.exists() else {}
    found = digests(args.data, args.only)
    if not found:
        parser.error(f"no labelled corpus {' or '.join(args.only or ['NAME'])}.jsonl.gz in {args.data}")
    problems = disagreements(pinned, found, args.only)
    if args.update:
        problems = [] if args.allow_lower else [problem for problem in problems if "has no floors" not in problem]
    if problems:
        print("\n".join(["these are not the data of the floors:", *problems]), file=sys.stderr)
        return 2
    fallen = []
    for name, files in found.items():
        now, floors = measured(args.data, name), pinned.get(name, {}).get("figures", {})
        below = [f"{name}: {fall}" for fall in falls(floors, now)]
        print(f"{name}: " + "  ".join(f"{figure} {value:.3f}" for figure, value in now.items()), flush=True)
        if args.update:
            pinned[name] = {"digests": files, "figures": raised(floors, now, allow_lower=args.allow_lower)}
        fallen += [] if args.update and args.allow_lower else below
    if args.update:
        args.floors.write_text(json.dumps(pinned, indent=2, sort_keys=True) + "\n", "utf-8")
    print("\n".join(fallen) or "all floors hold", file=sys.stderr if fallen else sys.stdout)
    return 1 if fallen else 0
