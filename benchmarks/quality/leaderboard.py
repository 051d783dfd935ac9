"""Compare dedup with recipes and embeddings by the judge: ``python -m benchmarks leaderboard --data DIR``.

Every method scores the labelled pairs of each corpus and is judged as ``python -m benchmarks judge`` judges any tool.
A tool that is not listed gets rows by ``--entry NAME THRESHOLD FILE``: its scores in the form that the judge reads, one
file per corpus, ``{corpus}`` in the path. Recipes match at their customary threshold; average precision does not depend
on it.

dedup's own row is its shipped model, which may have been trained on labels of the same corpora. The rows below it are
those that its training recorded for pairs that the model had not seen (folds by day, corpus held out).

A full run rewrites the tables in ``docs/benchmark.md``, the chart of precision against recall beside it and the table
in the README; ``--quick`` takes the smallest corpus without embeddings and writes nothing. With ``--output`` all three
go to that folder.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from benchmarks.data import corpora
from benchmarks.quality.judge import LabelledScores, join_scores, judge, read_labels, read_table, weight_by_kind
from benchmarks.quality.recipes import EMBEDDINGS, RECIPES, Recipe, UnavailableError, folded
from benchmarks.reporting.markdown import markdown, rewrite
from benchmarks.reporting.runs import ROOT, commit
from dedup.audit.measures import average_precision
from dedup.matching.scoring.model import load_model, threshold
from dedup.pipeline import scan
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.quality.curve_chart import Panel

    Row = tuple[list[str], LabelledScores | None]

PAIRS_FLOOR = 0.02
"""Minimum score of dedup's pairs, low enough for average precision."""

SHIPPED = "dedup, shipped model"

HEADER = ("method", "threshold", "AP", "precision", "recall", "R@P90", "related of matches", "AP of related")


def rows(data: Path, name: str, recipes: Sequence[Recipe]) -> Iterator[Row]:
    """Yield for each method on one corpus its row of the table, and the scores that it was judged by, if any."""
    labels = read_labels(data / "labels" / f"{name}.tsv")
    settings = Settings(pairs_floor=PAIRS_FLOOR)
    pairs = scan(data / f"{name}.jsonl.gz", settings=settings).pairs
    yield row(SHIPPED, threshold(settings), join_scores(labels, pairs))
    yield from ((cells, None) for cells in held_out_rows(name))
    titles = corpora.headlines(data, name).select("headline_id", "title")
    for recipe in recipes:
        try:
            scored = score_labelled(labels, titles, recipe)
        except UnavailableError as error:
            yield [recipe.name, f"{recipe.threshold:.3g}", str(error), *[""] * 5], None
            continue
        if scored is None:
            yield [recipe.name, f"{recipe.threshold:.3g}", "too slow for so many titles", *[""] * 5], None
        else:
            yield row(recipe.name, recipe.threshold, join_scores(labels, scored, threshold=recipe.threshold))


def entry_rows(data: Path, name: str, entries: Sequence[tuple[str, str, str]]) -> Iterator[Row]:
    """Yield a row, as ``rows`` does, for each tool whose scores are in a file for this corpus.

    Args:
        data: the data folder.
        name: the corpus.
        entries: name, threshold and path of each tool; ``{corpus}`` in the path stands for the corpus.

    Raises:
        ValueError: a threshold is no number, or a file lacks a column.
    """
    labels = read_labels(data / "labels" / f"{name}.tsv")
    for method, limit, path in entries:
        file = Path(path.replace("{corpus}", name))
        if file.exists():
            scored = read_table(file, ("left_id", "right_id", "score"))
            yield row(method, float(limit), join_scores(labels, scored, threshold=float(limit)))


def score_labelled(labels: pl.DataFrame, titles: pl.DataFrame, recipe: Recipe) -> pl.DataFrame | None:
    """Score the labelled pairs with a recipe.

    Args:
        labels: ``id_a``, ``id_b``.
        titles: ``headline_id``, ``title``.
        recipe: the recipe.

    Returns:
        ``left_id``, ``right_id``, ``score``, as ``python -m benchmarks judge`` reads them; None beyond the recipe's
        limit.

    Raises:
        UnavailableError: the recipe cannot run here.
    """
    sides = [
        labels.join(titles, left_on=side, right_on="headline_id", how="left", maintain_order="left")["title"]
        for side in ("id_a", "id_b")
    ]
    texts = folded(pl.concat(sides).fill_null(""))
    left = np.arange(len(labels))
    scores = recipe.scores(texts, left, left + len(labels))
    return None if scores is None else labels.select(left_id="id_a", right_id="id_b", score=pl.Series(scores))


def held_out_rows(name: str) -> Iterator[list[str]]:
    """Yield the rows that the model's training recorded for pairs of a corpus that it had not seen."""
    for division, recorded in held_out_figures(name).items():
        cells = [number(recorded.get(figure)) for figure in ("ap", "precision", "recall", "r_at_p90")]
        related = held_out_figures(name, "related timed related").get(division, {})
        limit = number(recorded.get("threshold"), places=2)
        yield [f"dedup, {division}", limit, *cells, "", number(related.get("ap"))]


def held_out_figures(name: str, question: str = "same_news timed default") -> dict[str, Any]:
    """Return the figures that training recorded for a corpus at a threshold, by division of the labels."""
    figures = load_model().provenance.get("figures", {}).get(question, {})
    return {division: by_corpus[name] for division, by_corpus in figures.items() if by_corpus.get(name)}


def row(method: str, limit: float, scores: LabelledScores) -> Row:
    """Judge the scores; return the row of the table and the scores.

    A tool without a score of its own for related news is judged there by its only score.
    """
    figures = judge(scores)
    same = figures["same_news"]
    intervals = {name: same[f"{name}_interval"] for name in ("ap", "precision", "recall")}
    cells = [f"{same[name]:.3f} ({low:.2f} to {high:.2f})" for name, (low, high) in intervals.items()]
    ranked = scores.score if scores.related_score is None else scores.related_score
    related = average_precision(scores.is_related, ranked, scores.weight)
    cells += [number(same["r_at_p90"]), number(figures["related"]["of_matches"]), number(related)]
    return [method, f"{limit:.3g}", *cells], scores


def panel(name: str, judged: Sequence[Row]) -> Panel:
    """Return the curves and points of a corpus for the chart: scores are curves, held-out figures are points."""
    curves = {
        cells[0]: (scores.score, scores.is_same_news, scores.weight) for cells, scores in judged if scores is not None
    }
    points = {
        f"dedup, {division}": (recorded["recall"], recorded["precision"])
        for division, recorded in held_out_figures(name).items()
    }
    return curves, points


def summary(shipped: Mapping[str, LabelledScores]) -> str:
    """Return the table of the README: figures that training recorded for unseen pairs, and the precision of copies.

    Args:
        shipped: scores of the shipped model, by corpus.
    """
    divisions = {
        "precision / recall of matches, days that training did not see": "folds by day",
        "the same, a corpus that training did not see": "corpus held out",
    }
    table = []
    for title, division in divisions.items():
        recorded = [held_out_figures(name).get(division, {}) for name in shipped]
        figures = [[number(row.get(name), places=2) for name in ("precision", "recall")] for row in recorded]
        table.append([title, *(" / ".join(both) for both in figures)])
    copies = [judge(scores)["copy"]["precision"] for scores in shipped.values()]
    table.append(["precision of copies", *(number(precision, places=2) for precision in copies)])
    return markdown(["on labels drawn from all candidates", *shipped], table)


def errors(shipped: Mapping[str, LabelledScores]) -> str:
    """Return the table of errors by kind: how many labelled pairs are wrong or missed, and each kind's share by weight.

    Args:
        shipped: scores of the shipped model, by corpus.
    """
    table = []
    for name, scores in shipped.items():
        wrong, missed = scores.is_match & ~scores.is_same_news, ~scores.is_match & scores.is_same_news
        cells = []
        for rows in (wrong, missed):
            shares = [f"{kind} {share:.2f}" for kind, share in weight_by_kind(scores, rows).items() if share >= 0.05]
            cells += [f"{rows.sum():,}", ", ".join(shares)]
        table.append([name, *cells])
    header = ["corpus", "wrong matches", "kinds of wrong matches", "missed pairs", "kinds of missed pairs"]
    return f"Commit {commit()}, model {load_model().digest}.\n\n{markdown(header, table)}"


def number(value: Any, places: int = 3) -> str:  # noqa: ANN401 - a figure or None
    """Return a figure as text, empty if there is none."""
    return f"{value:.{places}f}" if isinstance(value, (int, float)) and np.isfinite(value) else ""


def main() -> int:
    """Judge all methods on all corpora, print and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpora.add_data(parser)
    parser.add_argument("--only", action="append", metavar="NAME", help="judge on this corpus only (repeatable)")
    parser.add_argument("--quick", action="store_true", help="smallest corpus, no embeddings; writes nothing")
    parser.add_argument(
        "--entry", nargs=3, action="append", default=[], metavar=("NAME", "THRESHOLD", "FILE"),
        help="add rows of a tool from its scores; {corpus} in FILE stands for the corpus (repeatable)",
    )  # fmt: skip
    parser.add_argument(
        "--output", type=Path, help="folder for the table and the chart (default: docs of the repository)"
    )
    args = parser.parse_args()
    names = [name for name in corpora.labelled_names(args.data) if not args.only or name in args.only]
    if not names:
        parser.error(f"no labels/{' or '.join(args.only or ['NAME'])}.tsv with headlines in {args.data}")
    if args.quick:
        names = [min(names, key=lambda name: (args.data / f"{name}.jsonl.gz").stat().st_size)]
    recipes = RECIPES if args.quick else (*RECIPES, *EMBEDDINGS)
    parts = [f"Commit {commit()}, model {load_model().digest}. Intervals: 95 %, 500 resamples of labelled pairs."]
    panels, shipped = {}, {}
    for name in names:
        judged = [*rows(args.data, name, recipes), *entry_rows(args.data, name, args.entry)]
        parts.append(f"### {name}\n\n{markdown(HEADER, [cells for cells, _ in judged])}")
        panels[name] = panel(name, judged)
        shipped[name] = next(scores for cells, scores in judged if cells[0] == SHIPPED and scores is not None)
        print(parts[-1], end="\n\n", flush=True)
    full = not (args.quick or args.only)
    if args.output or full:
        from benchmarks.quality import curve_chart  # noqa: PLC0415 - matplotlib is in the bench extra only

        folder = args.output or ROOT / "docs"
        rewrite(folder / "benchmark.md", "leaderboard", "\n\n".join(parts))
        rewrite(folder / "benchmark.md", "errors", errors(shipped))
        rewrite((args.output or ROOT) / "README.md", "accuracy", summary(shipped))
        curve_chart.precision_recall(panels, folder / "precision-recall.svg", emphasized=SHIPPED)
    return 0
