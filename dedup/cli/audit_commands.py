"""The commands of ``dedup audit`` and their options; `dedup.cli.audit_run` implements them and is imported late."""

from __future__ import annotations

from typing import Any

import click

from dedup.cli.loading import load
from dedup.cli.option_groups import as_json, paths, quiet, reading, window
from dedup.cli.parameter_types import FRACTION, examples

labelled = click.argument(
    "files", nargs=-1, required=True, metavar="LABELLED...", type=click.Path(exists=True, dir_okay=False)
)


@click.group(
    epilog=examples(
        "dedup audit draw feeds/ --pairs 200 --out audit.html",
        "dedup audit report audit-first.csv audit-second.csv --precision 0.95",
        "dedup audit fit audit-first.csv --out calibration.json",
    )
)
def audit() -> None:
    """Measure the accuracy of dedup on one's own archive, and recalibrate its scores.

    Draw pairs, label them in a browser or a spreadsheet, then report. 200 pairs take about half an hour.
    """


@audit.command(
    epilog=examples(
        "dedup audit draw feeds/ --out audit.html",
        "dedup audit draw archive.jsonl.gz --pairs 300 --cross-outlet --seed 7 --out audit.html --out audit.csv",
    )
)
@paths
@click.option(
    "-o", "--out", "outputs", type=click.Path(dir_okay=False), multiple=True, required=True, metavar="FILE",
    help="Write the pairs to FILE.html (a page to label in a browser), FILE.csv or FILE.xlsx; may be repeated.",
)  # fmt: skip
@click.option("--pairs", type=click.IntRange(1), default=200, show_default=True, help="Number of pairs to draw.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of the draw.")
@click.option("--cross-outlet", is_flag=True, help="Draw pairs of different outlets only.")
@window
@quiet
@reading
def draw(**options: Any) -> int:  # noqa: ANN401 - click passes options by name
    """Scan PATHs and draw candidate pairs of every score to label.

    Pairs are drawn in equal numbers from bins of the score; each carries the number of candidates that it stands for,
    so that the report estimates figures of all candidates. The page hides scores, works without a network, and keeps
    labels in the browser until they are exported.
    """
    return int(load("audit_run").draw(options))


@audit.command(
    epilog=examples(
        "dedup audit report audit.csv --list 10",
        "dedup audit report audit-first.csv audit-second.csv --precision 0.97 --json",
    )
)
@labelled
@click.option(
    "--precision", type=FRACTION, default=0.95, show_default=True, help="Precision for which to find the threshold."
)
@click.option("--threshold", type=FRACTION, help="Report this threshold too, and its errors.")
@click.option(
    "--list", "listed", type=click.IntRange(1), metavar="N", help="List N wrong matches and N missed pairs too."
)
@as_json
def report(**options: Any) -> int:  # noqa: ANN401 - as draw
    """Print precision, recall, calibration and errors of the labelled pairs, with 95 % intervals.

    Labels are 1 copy, 2 same-news, 3 related, 4 different, 0 unsure, or empty. Several files are those of several
    labellers of one sample: the majority decides, and their agreement is reported.
    """
    return int(load("audit_run").report(options))


@audit.command(epilog=examples("dedup audit fit audit.csv --out calibration.json"))
@labelled
@click.option(
    "-o", "--out", "output", type=click.Path(dir_okay=False), required=True, metavar="FILE",
    help="Write the calibration to this file.",
)  # fmt: skip
@as_json
def fit(**options: Any) -> int:  # noqa: ANN401 - as draw
    """Fit the scores to 100 labels or more, and report by cross-validation whether that helps.

    The map keeps the order of pairs; it changes the meaning of thresholds. A score that no map helps stays as it is.
    """
    return int(load("audit_run").fit(options))
