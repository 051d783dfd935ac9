"""Judge the pairs of any tool by labels drawn from all candidates: ``python -m benchmarks judge``.

    python -m benchmarks judge --labels LABELS.tsv --pairs PAIRS.csv [--headlines HEADLINES] [--threshold 0.7] [--json]

LABELS: ``id_a id_b label decidable kind weight``. Each row stands for ``weight`` candidate pairs of its corpus, so the
figures are estimates for all candidates. Rows of weight 0 are ignored.

PAIRS (Parquet, CSV, TSV or JSON lines): ``left_id right_id score``, in any order of the two ids, and optionally
``is_match`` (else: score ≥ ``--threshold``), ``relation`` and ``related_score``. Pairs that are absent score 0, so
write all pairs down to a low score (``dedup scan --pairs-floor 0.02``), or average precision is cut off.

HEADLINES: ``headline_id story_id``, to judge stories by the same pairs.

Figures: *same news* is label ``dup`` against the rest, by ``score`` and ``is_match``; *copy* the share of ``dup`` among
pairs whose relation is ``copy``; *related* labels ``dup`` and ``rel`` against ``diff``, by ``related_score`` and by a
relation other than ``none``; *story* the pairs within one story. Intervals are bootstrapped over rows
(``dedup.audit.measures``).
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from dedup.audit.measures import (
    average_precision,
    calibration_error,
    interval,
    recall_at_precision,
    weighted_share,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

LABELS_SCHEMA = {
    "id_a": pl.String, "id_b": pl.String, "label": pl.String, "decidable": pl.String, "kind": pl.String,
    "weight": pl.Float64,
}  # fmt: skip
LABELS = ("dup", "rel", "diff")
"""Same news; related: other news of the same running story; different news."""

KINDS_SHOWN = 8
"""Number of the most frequent kinds of errors in the figures."""

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LabelledScores:
    """Labels of one corpus beside the scores of one tool; all arrays have shape (n,).

    Attributes:
        ids: ``id_a`` and ``id_b`` of each labelled pair.
        label: ``dup``, ``rel`` or ``diff``.
        kind: kind of relation, a finer label.
        weight: number of candidate pairs that the labelled pair stands for, above 0.
        score: score of *same news*, 0 where the tool has no such pair.
        is_match: whether the tool matches the pair.
        relation: relation of the pair; ``none`` where the tool has none.
        related_score: score of *related or closer*; None if the tool has no such score.
    """

    ids: pl.DataFrame
    label: NDArray[np.str_]
    kind: NDArray[np.str_]
    weight: NDArray[np.float64]
    score: NDArray[np.float64]
    is_match: NDArray[np.bool_]
    relation: NDArray[np.str_]
    related_score: NDArray[np.float64] | None

    @property
    def is_same_news(self) -> NDArray[np.bool_]:
        """Return whether each pair is labelled as the same news."""
        return np.equal(self.label, "dup")

    @property
    def is_related(self) -> NDArray[np.bool_]:
        """Return whether each pair is labelled as related or closer."""
        return np.not_equal(self.label, "diff")


def read_labels(path: Path) -> pl.DataFrame:
    """Read a file of labels; rows of weight 0 are dropped.

    Raises:
        ValueError: the file lacks a column, or has a label other than ``dup``, ``rel`` and ``diff``.
    """
    labels = pl.read_csv(path, separator="\t", quote_char=None, schema_overrides=LABELS_SCHEMA)
    if missing := [name for name in ("id_a", "id_b", "label", "weight") if name not in labels.columns]:
        raise ValueError(f"{path} has no column {', '.join(missing)}; its columns are {', '.join(labels.columns)}")
    if unknown := labels.filter(~pl.col("label").is_in(LABELS) | pl.col("label").is_null())["label"].to_list():
        raise ValueError(f"{path} has the label {unknown[0]!r}; labels are {', '.join(LABELS)}")
    if "kind" not in labels.columns:
        labels = labels.with_columns(kind=pl.lit(""))
    return labels.filter(pl.col("weight") > 0)


def read_table(path: Path, required: tuple[str, ...]) -> pl.DataFrame:
    """Read a Parquet, CSV, TSV or JSON-lines file; ids are read as text.

    Raises:
        ValueError: the suffix is unknown or a required column is missing.
    """
    ids = {name: pl.String for name in required if name.endswith("_id")}
    readers: dict[str, Callable[[Path], pl.DataFrame]] = {
        ".parquet": pl.read_parquet,
        ".csv": partial(pl.read_csv, schema_overrides=ids, infer_schema_length=None),
        ".tsv": partial(pl.read_csv, separator="\t", schema_overrides=ids, infer_schema_length=None),
        ".jsonl": partial(pl.read_ndjson, schema_overrides=ids, infer_schema_length=None),
    }
    if path.suffix not in readers:
        raise ValueError(f"{path} ends in {path.suffix or 'no suffix'}; known are {', '.join(readers)}")
    table = readers[path.suffix](path)
    if missing := [name for name in required if name not in table.columns]:
        raise ValueError(f"{path} has no column {', '.join(missing)}; its columns are {', '.join(table.columns)}")
    return table.with_columns(pl.col(name).cast(pl.String) for name in ids)


def join_scores(labels: pl.DataFrame, pairs: pl.DataFrame, *, threshold: float | None = None) -> LabelledScores:
    """Look up the score of each labelled pair.

    Args:
        labels: ``id_a``, ``id_b``, ``label``, ``weight``, ``kind``.
        pairs: ``left_id``, ``right_id``, ``score``, and optionally ``is_match``, ``relation``, ``related_score``. Of
            pairs that occur more than once, the highest score counts.
        threshold: match pairs with at least this score instead of by ``is_match``.

    Raises:
        ValueError: ``pairs`` has no ``is_match`` and no threshold is given.
    """
    if threshold is not None:
        pairs = pairs.with_columns(is_match=pl.col("score") >= threshold)
    if "is_match" not in pairs.columns:
        raise ValueError(f"no column is_match in pairs ({', '.join(pairs.columns)}); give a threshold")
    wanted = [name for name in ("score", "is_match", "relation", "related_score") if name in pairs.columns]
    first, second = pl.min_horizontal("left_id", "right_id"), pl.max_horizontal("left_id", "right_id")
    keyed = pairs.select(first.alias("first"), second.alias("second"), *wanted).sort("score", descending=True)
    keyed = keyed.unique(["first", "second"], keep="first", maintain_order=True)
    rows = labels.with_columns(first=pl.min_horizontal("id_a", "id_b"), second=pl.max_horizontal("id_a", "id_b")).join(
        keyed, on=["first", "second"], how="left", maintain_order="left"
    )
    related = rows["related_score"].fill_null(0).cast(pl.Float64).to_numpy() if "related_score" in wanted else None
    relation = rows["relation"] if "relation" in wanted else pl.Series([None] * len(rows), dtype=pl.String)
    return LabelledScores(
        ids=rows.select("id_a", "id_b"),
        label=rows["label"].to_numpy().astype(str),
        kind=rows["kind"].fill_null("").to_numpy().astype(str),
        weight=rows["weight"].to_numpy(),
        score=rows["score"].fill_null(0).cast(pl.Float64).to_numpy(),
        is_match=rows["is_match"].fill_null(value=False).to_numpy(),
        relation=relation.cast(pl.String).fill_null("none").to_numpy().astype(str),
        related_score=related,
    )


def judge(scores: LabelledScores, headlines: pl.DataFrame | None = None) -> Figures:
    """Compute all figures of one tool on one corpus.

    Args:
        scores: the labels with the tool's scores.
        headlines: ``headline_id``, ``story_id``, to judge stories too.

    Returns:
        ``pairs``, ``scored`` (labelled pairs with a score above 0), ``same_news``, ``copy``, ``related``, and ``story``
        if there are headlines. Each figure is an estimate for all candidates, 0..1, nan where undefined; intervals
        are ``[low, high]``.
    """
    figures: Figures = {
        "pairs": len(scores.label),
        "scored": int((scores.score > 0).sum()),
        "same_news": same_news_figures(scores),
        "copy": copy_figures(scores),
        "related": related_figures(scores),
    }
    return figures if headlines is None else figures | {"story": story_figures(scores, headlines)}


def same_news_figures(scores: LabelledScores) -> Figures:
    """Return average precision, precision, recall, calibration and kinds of errors of *same news*, with intervals."""
    truth, score, match, weight = scores.is_same_news, scores.score, scores.is_match, scores.weight
    return {
        "ap": average_precision(truth, score, weight),
        "ap_interval": list(interval(average_precision, truth, score, weight)),
        "precision": weighted_share(truth, match, weight),
        "precision_interval": list(interval(weighted_share, truth, match, weight)),
        "recall": weighted_share(match, truth, weight),
        "recall_interval": list(interval(weighted_share, match, truth, weight)),
        **{f"r_at_p{floor}": recall_at_precision(truth, score, weight, floor / 100) for floor in (80, 90, 95)},
        "ece": calibration_error(truth, score, weight),
        "wrong_by_kind": weight_by_kind(scores, match & ~truth),
        "missed_by_kind": weight_by_kind(scores, ~match & truth),
    }


def copy_figures(scores: LabelledScores) -> Figures:
    """Return the number of labelled pairs with relation ``copy`` and the share of the same news among them."""
    is_copy = scores.relation == "copy"
    return {
        "pairs": int(is_copy.sum()),
        "precision": weighted_share(scores.is_same_news, is_copy, scores.weight),
        "precision_interval": list(interval(weighted_share, scores.is_same_news, is_copy, scores.weight)),
    }


def related_figures(scores: LabelledScores) -> Figures:
    """Return the share of related pairs among matches, and the figures of ``related_score`` if there is one."""
    truth, weight = scores.is_related, scores.weight
    figures: Figures = {
        "of_matches": weighted_share(truth, scores.is_match, weight),
        "of_matches_interval": list(interval(weighted_share, truth, scores.is_match, weight)),
    }
    if scores.related_score is None:
        return figures
    reported = scores.relation != "none"
    return figures | {
        "ap": average_precision(truth, scores.related_score, weight),
        "ap_interval": list(interval(average_precision, truth, scores.related_score, weight)),
        "precision": weighted_share(truth, reported, weight),
        "precision_interval": list(interval(weighted_share, truth, reported, weight)),
        "recall": weighted_share(reported, truth, weight),
        "r_at_p90": recall_at_precision(truth, scores.related_score, weight, 0.9),
        "ece": calibration_error(truth, scores.related_score, weight),
    }


def story_figures(scores: LabelledScores, headlines: pl.DataFrame) -> Figures:
    """Return precision and recall of the pairs within one story, against the same news and against related news.

    ``ids_missing`` is the share of labelled pairs whose first headline is not in ``headlines``.
    """
    story = headlines.select(pl.col("headline_id").cast(pl.String), "story_id")
    left, right = (
        scores.ids.join(story, left_on=side, right_on="headline_id", how="left", maintain_order="left")["story_id"]
        for side in ("id_a", "id_b")
    )
    together = (left == right).fill_null(value=False).to_numpy()
    same, related, weight = scores.is_same_news, scores.is_related, scores.weight
    return {
        "precision": weighted_share(same, together, weight),
        "precision_interval": list(interval(weighted_share, same, together, weight)),
        "recall": weighted_share(together, same, weight),
        "recall_interval": list(interval(weighted_share, together, same, weight)),
        "related_precision": weighted_share(related, together, weight),
        "related_recall": weighted_share(together, related, weight),
        "ids_missing": left.is_null().mean(),
    }


def weight_by_kind(scores: LabelledScores, subset: NDArray[np.bool_]) -> dict[str, float]:
    """Return the share of each kind (``label/kind``) in the weight of a subset, the largest first, at most eight."""
    names = np.char.add(np.char.add(scores.label[subset], "/"), scores.kind[subset])
    frame = pl.DataFrame(
        {"kind": names, "weight": scores.weight[subset]}, schema={"kind": pl.String, "weight": pl.Float64}
    )
    sums = frame.group_by("kind").agg(pl.col("weight").sum()).sort("weight", "kind", descending=[True, False])
    total = float(frame["weight"].sum())
    return {kind: round(weight / total, 3) for kind, weight in sums.head(KINDS_SHOWN).iter_rows()}


def as_text(figures: Figures) -> str:
    """Return the figures as indented lines, three decimal places.

    Examples:
        >>> print(as_text({"pairs": 3, "copy": {"precision": 1.0, "precision_interval": [0.5, 1.0]}}))
        pairs                  3
        copy
          precision            1.000 (0.500 to 1.000)
    """
    lines = []
    for group, values in figures.items():
        if not isinstance(values, dict):
            lines.append(f"{group:22} {values}")
            continue
        lines.append(group)
        for name, value in values.items():
            if name.endswith("_interval"):
                continue
            text = f"{value:.3f}" if isinstance(value, float) else str(value)
            if edges := values.get(f"{name}_interval"):
                text += f" ({edges[0]:.3f} to {edges[1]:.3f})"
            lines.append(f"  {name:20} {text}")
    return "\n".join(lines)


def without_nan(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """Return a JSON value with None for every nan, which JSON has no number for."""
    if isinstance(value, dict):
        return {name: without_nan(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [without_nan(inner) for inner in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def main() -> int:
    """Read, judge and print; return 2 for input that cannot be judged."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--labels", type=Path, required=True, help="labels of one corpus: labels/NAME.tsv of a data folder"
    )
    parser.add_argument("--pairs", type=Path, required=True, help="pairs with scores: .parquet, .csv, .tsv or .jsonl")
    parser.add_argument("--headlines", type=Path, help="headlines with story_id, to judge stories")
    parser.add_argument("--threshold", type=float, help="match pairs with at least this score, instead of by is_match")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args()
    try:
        pairs = read_table(args.pairs, ("left_id", "right_id", "score"))
        headlines = read_table(args.headlines, ("headline_id", "story_id")) if args.headlines else None
        scores = join_scores(read_labels(args.labels), pairs, threshold=args.threshold)
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        parser.error(str(error))
    figures = judge(scores, headlines)
    print(json.dumps(without_nan(figures), ensure_ascii=False) if args.json else as_text(figures))
    return 0
