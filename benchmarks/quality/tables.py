"""The figures of the quality benchmark as Markdown tables."""

from __future__ import annotations

from typing import Any

from benchmarks.reporting.markdown import markdown

_PAIRS = (("AP", "ap"), ("precision", "precision"), ("recall", "recall"), ("R@P90", "r_at_p90"), ("R@P95", "r_at_p95"))
_REST = (
    ("candidates", "candidates"), ("matched", "matched"), ("B³ P", "b3_precision"), ("B³ R", "b3_recall"),
    ("B³ F1", "b3_f1"), ("best B³ F1", "b3_f1_best"), ("with others", "b3_f1_others"), ("ECE", "calibration_error"),
)  # fmt: skip


def report(run: dict[str, Any]) -> str:
    """Return all tables of one run as Markdown."""
    parts = [_run_line(run)]
    for corpus in run["corpora"]:
        parts += [f"### {corpus['name']}", _methods(corpus), _dedup_sentences(corpus["rows"][0])]
        if "classes" in corpus:
            parts.append(_classes(corpus["classes"]))
    for split in run.get("stance", []):
        parts += [f"### ANS, {split['split']} ({split['pairs']:,} pairs)", _stance(split["rows"])]
    if run["held_out"]:
        parts += ["### The model's own figures", _held_out(run["held_out"])]
    return "\n\n".join(part for part in parts if part)


def _run_line(run: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version or 'not installed'}" for name, version in run["versions"].items())
    return (
        f"Run {run['time']} at commit {run['commit']}, model {run['model']}, settings {run['settings']}, "
        f"{run['repeats']} resamples by day; {versions}."
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _methods(corpus: dict[str, Any]) -> str:
    rows = [*corpus["rows"], *([corpus["windowed"]] if "windowed" in corpus else [])]
    header = ["method", "threshold", *(head for head, _ in (*_PAIRS, *_REST))]
    return markdown(header, [_method(row, len(header)) for row in rows])


def _method(row: dict[str, Any], width: int) -> list[str]:
    cells = [row["name"], f"{row['threshold']:.3g}"]
    if "unavailable" in row:
        return [*cells, row["unavailable"], *[""] * (width - 3)]
    intervals = row.get("intervals", {})
    for _, name in _PAIRS:
        low, high = intervals.get(name, (None, None))
        shown = f" ({low:.2f}–{high:.2f})" if low is not None and name in ("ap", "precision", "recall") else ""
        cells.append(_number(row.get(name)) + shown)
    return cells + [_number(row.get(name)) for _, name in _REST]


def _dedup_sentences(row: dict[str, Any]) -> str:
    sentences = []
    if "story_precision" in row:
        sentences.append(
            "Gold pairs within one story: "
            f"precision {row['story_precision']:.3f}, recall {row['story_recall']:.3f}. "
            f"{row['lone_dup']:.0%} of the same news by gold has a headline without a silver partner; "
            f"of dedup's matches of such headlines, {row['lone_precision']:.0%} are the same news by gold."
        )
    sentences.append(
        f"Largest story {row['largest_story']} headlines; least density of a story {row['least_density']:.2f}."
    )
    return " ".join(sentences)


def _classes(classes: list[dict[str, Any]]) -> str:
    methods = [name for name in classes[0] if name not in ("class", "dup", "not_dup")]
    counts = [f"{method}: {error}" for method in methods for error in ("missed", "wrong")]
    header = ["class of gold pairs", "same news", "not", *counts]
    rows = [
        [row["class"], str(row["dup"]), str(row["not_dup"])]
        + [str(row[method][error]) for method in methods for error in ("missed", "wrong")]
        for row in classes
    ]
    return markdown(header, rows)


def _stance(rows: list[dict[str, Any]]) -> str:
    lines = [
        [row["name"], f"{row['threshold']:.3g}", row["unavailable"], "", "", ""]
        if "unavailable" in row
        else [
            row["name"], f"{row['threshold']:.3g}", f"{row['matched']:,}", f"{row['agree']:,}",
            _number(row["share_agree"]), _number(row["recall"]),
        ]
        for row in rows
    ]  # fmt: skip
    return markdown(["method", "threshold", "matched", "of them agree", "share agree", "agree matched"], lines)


def _held_out(figures: dict[str, dict[str, dict[str, float]]]) -> str:
    rows = [
        [f"{name}: {training}", *(_number(row.get(key)) for _, key in _PAIRS)]
        for training, by_corpus in figures.items()
        for name, row in by_corpus.items()
    ]
    return markdown(["judged on: training", *(head for head, _ in _PAIRS)], rows)
