"""Fail when accuracy falls below its floors: ``python -m benchmarks gate --data DIR``.

``benchmarks/quality/floors.json`` holds the floors and the digests of the corpora and labels on which they were
measured; the gate does not judge on other data. The figures are those of the judge on labels drawn from all candidates,
which the shipped model was fitted to: they guard against a step back, and promise nothing about unseen news.
``--update`` raises floors to the measured figures less a margin for noise; it lowers none without ``--allow-lower``.

Exit codes: 0 all floors hold · 1 a figure is below its floor · 2 the data differ from those of the floors.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.data import corpora
from benchmarks.quality import judge, stance, title_pairs
from dedup.pipeline import find_duplicates
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

FLOORS = Path(__file__).with_name("floors.json")

MARGIN = 0.01
"""Difference between a measured figure and its new floor."""

RULES = {"copy precision": 0.98}
"""Floors fixed by the design, whatever is measured."""

FIGURES = {
    "same_news": ("ap", "precision", "recall", "r_at_p90"),
    "copy": ("precision",),
    "related": ("ap", "precision", "of_matches"),
    "story": ("precision", "recall"),
}
"""Pinned figures of the judge, by part."""

PAIRS_FLOOR = 0.02
"""Related score down to which pairs are judged."""

STANCE = "ans-stance"

Digests = dict[str, str]
Figures = dict[str, float]
Pinned = dict[str, dict[str, dict[str, str] | dict[str, float]]]
"""By corpus: ``digests`` by file and ``figures`` by name."""


def digests(data: Path, only: list[str] | None) -> dict[str, Digests]:
    """Return the digests of the files of every labelled corpus of a folder, and of the ANS pairs."""
    by_corpus = {
        name: {
            "headlines": corpora.digest(data / f"{name}.jsonl.gz"),
            "labels": corpora.digest(data / f"labels/{name}.tsv"),
        }
        for name in corpora.labelled_names(data)
    }  # fmt: skip
    if (data / title_pairs.STANCE).exists():
        by_corpus[STANCE] = {"pairs": corpora.digest(data / title_pairs.STANCE)}
    return {name: files for name, files in by_corpus.items() if not only or name in only}


def measure(data: Path, name: str) -> Figures:
    """Return the figures of dedup on one corpus; higher is better for each."""
    if name == STANCE:
        return stance.judge_pairs(title_pairs.stance_pairs(data, ("dev",)))
    result = find_duplicates(corpora.headlines(data, name), settings=Settings(pairs_floor=PAIRS_FLOOR))
    labels = judge.read_labels(data / f"labels/{name}.tsv")
    judged = judge.judge(judge.join_scores(labels, result.pairs), result.headlines)
    measured = {f"{part} {figure}": judged[part][figure] for part, names in FIGURES.items() for figure in names}
    return measured | {"calibration": 1 - judged["same_news"]["ece"]}


def data_mismatches(pinned: Pinned, current: Mapping[str, Digests], only: list[str] | None) -> list[str]:
    """Return a line for each difference between the data and those on which the floors were measured."""
    wanted = [name for name in pinned if not only or name in only]
    lines = [f"{name}: has floors, but is not in the data folder" for name in wanted if name not in current]
    for name, files in current.items():
        if name not in pinned:
            lines.append(f"{name}: has no floors; set them with --update")
            continue
        expected = pinned[name]["digests"]
        lines += [
            f"{name}: {role} {files.get(role, 'missing')[:12]}, floors have {str(expected.get(role, 'none'))[:12]}"
            for role in sorted({*expected, *files})
            if expected.get(role) != files.get(role)
        ]
    return lines


def below_floors(floors: Mapping[str, float], measured: Mapping[str, float]) -> list[str]:
    """Return a line for each figure below its floor."""
    return [
        f"{name} {measured.get(name, 0.0):.3f} is {floor - measured.get(name, 0.0):.3f} below its floor {floor:.3f}"
        for name, floor in floors.items()
        if measured.get(name, 0.0) < floor
    ]


def new_floors(floors: Mapping[str, float], measured: Mapping[str, float], *, allow_lower: bool) -> Figures:
    """Return new floors: measured less the margin (or the rule), not below the old ones unless ``allow_lower``."""
    new = {name: RULES.get(name, max(0.0, round(value - MARGIN, 3))) for name, value in measured.items()}
    return new if allow_lower else {name: max(new.get(name, 0.0), floors.get(name, 0.0)) for name in {**new, **floors}}


def main() -> int:
    """Measure, compare, and set floors with ``--update``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpora.add_data(parser)
    parser.add_argument("--only", action="append", metavar="NAME", help=f"a corpus, or {STANCE} (repeatable)")
    parser.add_argument("--floors", type=Path, default=FLOORS, help="the file of floors (default: the repository's)")
    parser.add_argument("--update", action="store_true", help="raise floors to what is measured, less a margin")
    parser.add_argument("--allow-lower", action="store_true", help="with --update: lower floors, accept other data")
    args = parser.parse_args()
    pinned: Pinned = json.loads(args.floors.read_text("utf-8")) if args.floors.exists() else {}
    current = digests(args.data, args.only)
    if not current:
        parser.error(f"no labelled corpus {' or '.join(args.only or ['NAME'])}.jsonl.gz in {args.data}")
    problems = data_mismatches(pinned, current, args.only)
    if args.update:
        problems = [] if args.allow_lower else [problem for problem in problems if "has no floors" not in problem]
    if problems:
        print("\n".join(["the data differ from those of the floors:", *problems]), file=sys.stderr)
        return 2
    fallen = []
    for name, files in current.items():
        measured, floors = measure(args.data, name), pinned.get(name, {}).get("figures", {})
        below = [f"{name}: {line}" for line in below_floors(floors, measured)]
        print(f"{name}: " + "  ".join(f"{figure} {value:.3f}" for figure, value in measured.items()), flush=True)
        if args.update:
            raised = new_floors(floors, measured, allow_lower=args.allow_lower)
            pinned[name] = {"digests": files, "figures": raised}
        fallen += [] if args.update and args.allow_lower else below
    if args.update:
        args.floors.write_text(json.dumps(pinned, indent=2, sort_keys=True) + "\n", "utf-8")
    print("\n".join(fallen) or "all floors hold", file=sys.stderr if fallen else sys.stdout)
    return 1 if fallen else 0
