"""Run the commands of ``dedup audit``: call the library, then print."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import polars as pl

from dedup import audit
from dedup.audit.sheet import SUFFIXES
from dedup.cli import arguments
from dedup.cli.delivery import DONE, message
from dedup.cli.progress import ProgressBars
from dedup.matching.scoring.model import load_model
from dedup.report.files import write_file
from dedup.report.json_report import to_json
from dedup.report.wording import plain
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dedup.audit.fit import CrossValidation
    from dedup.audit.report import AtThreshold, Report


def draw(options: Mapping[str, Any]) -> int:
    """Draw pairs and write them to all files; return the exit code.

    Raises:
        click.BadParameter: a file's suffix names no format; said before the scan, which may take minutes.
    """
    for path in options["outputs"]:
        if Path(path).suffix not in SUFFIXES:
            raise click.BadParameter(f"{path!r} ends in none of {', '.join(SUFFIXES)}.", param_hint="'--out'")
    with ProgressBars(wanted=not options["quiet"]) as bars:
        pairs = audit.draw(
            *options["paths"], pairs=options["pairs"], seed=options["seed"], cross_outlet=options["cross_outlet"],
            settings=Settings(window=options["window"]), progress=bars, **arguments.reading_arguments(options),
        )  # fmt: skip
    for path in options["outputs"]:
        audit.write_pairs(pairs, path)
        stands_for = float(pairs["weight"].sum())
        message(options, f"wrote {len(pairs)} of {stands_for:,.0f} candidate pairs to {click.format_filename(path)}")
    return DONE


def report(options: Mapping[str, Any]) -> int:
    """Evaluate labelled pairs and print the figures; return the exit code."""
    names = ("default", "precise", "wide")
    thresholds = {name: load_model().thresholds[name] for name in names}
    if options["threshold"] is not None:
        thresholds = {"given": options["threshold"], **thresholds}
    labels = audit.read_labels(*options["files"])
    figures = audit.evaluate(labels, thresholds, precision=options["precision"])
    if options["as_json"]:
        click.echo(to_json(figures.to_dict()))
        return DONE
    click.echo("\n".join(_report_lines(figures)))
    if options["listed"]:
        click.echo("\n".join(_error_lines(audit.errors(labels, figures.thresholds[0].threshold), options["listed"])))
    return DONE


def fit(options: Mapping[str, Any]) -> int:
    """Fit a calibration, write it, and print whether it helps; return the exit code."""
    fitted = audit.fit(audit.read_labels(*options["files"]))
    write_file(fitted.calibration.to_json(), options["output"])
    if options["as_json"]:
        click.echo(to_json(asdict(fitted)))
        return DONE
    click.echo(f"{fitted.pairs} labelled pairs; five folds, ten divisions, losses on pairs left out of the fit")
    for name, validation in (("same news", fitted.same_news), ("related", fitted.related)):
        if validation is not None:
            click.echo(_validation_line(name, validation))
    path = click.format_filename(options["output"])
    if fitted.same_news.helps or (fitted.related and fitted.related.helps):
        click.echo(f"wrote {path}: use it by dedup scan --calibration {path}, in Python by Settings(calibration=…)")
    else:
        click.echo(f"wrote {path}, which changes no score; more labels may help")
    return DONE


def _report_lines(figures: Report) -> Iterator[str]:
    yield f"{figures.labelled} pairs labelled, {figures.unsure} unsure, {figures.unlabelled} without a label"
    average, edges = figures.average_precision, _interval(figures.average_precision_interval)
    yield (
        f"average precision {average:.3f} {edges}, calibration error {figures.calibration_error:.3f}"
        f" ({figures.calibration_by_chance:.3f} by chance alone)"
    )
    yield ""
    yield f"{'threshold':16} {'precision':24} {'recall':24} related or closer"
    for row in figures.thresholds:
        yield _threshold_line(row)
    yield ""
    if figures.wanted is None:
        yield f"no threshold has precision {figures.wanted_precision:g} on these labels"
    else:
        yield f"for precision {figures.wanted_precision:g}: --threshold {_rounded_down(figures.wanted.threshold):.3f}"
        yield _threshold_line(figures.wanted)
    yield ""
    yield f"{'score':12} {'pairs':>5}  {'mean score':>10}  same news"
    for part in figures.bins:
        share = f"{part.same_news:.3f} {_interval(part.same_news_interval)}"
        yield f"{part.low:.1f} to {part.high:.1f}   {part.pairs:5}  {part.mean_score:10.3f}  {share}"
    for title, kinds in (("wrong matches", figures.wrong_by_kind), ("missed pairs", figures.missed_by_kind)):
        yield ""
        yield f"{title} at {figures.thresholds[0].name}, by label and kind:" if kinds else f"no {title}"
        yield from (f"  {share:4.0%}  {kind}" for kind, share in kinds.items())
    for pair in figures.agreement:
        yield ""
        both = f"{pair.first} and {pair.second}"
        yield f"{both}: agree on {pair.agreement:.1%} of {pair.pairs} pairs, kappa {pair.kappa:.2f}"


def _error_lines(errors: pl.DataFrame, count: int) -> Iterator[str]:
    """Yield the first ``count`` pairs of each error: score, label, outlets, times and titles."""
    for error in ("wrong match", "missed"):
        rows = errors.filter(pl.col("error") == error)
        yield ""
        yield f"{error}: {len(rows)} of the labelled pairs" + (f", the first {count}" if len(rows) > count else "")
        for row in rows.head(count).iter_rows(named=True):
            yield f"  pair {row['pair']}, score {row['score']:.3f}, {row['label']}; {row['kind'] or 'other'}"
            for side in ("left", "right"):
                time = row[f"{side}_published"]
                known = [row[f"{side}_outlet"], time and f"{time:%Y-%m-%d %H:%M}", row[f"{side}_title"]]
                yield f"    {' · '.join(plain(str(part)) for part in known if part)}"


def _threshold_line(row: AtThreshold) -> str:
    precision = f"{row.precision:.3f} {_interval(row.precision_interval)}"
    recall = f"{row.recall:.3f} {_interval(row.recall_interval)}"
    return f"{row.name + f' {row.threshold:.3f}':16} {precision:24} {recall:24} {row.related_or_closer:.3f}"


def _validation_line(name: str, validation: CrossValidation) -> str:
    verdict = "helps" if validation.helps else "does not reliably help, and the score stays as it is"
    return (
        f"{name}: log loss {validation.log_loss:.4f} -> {validation.log_loss_fitted:.4f}, calibration error "
        f"{validation.calibration_error:.3f} -> {validation.calibration_error_fitted:.3f}; lower in "
        f"{validation.improved:.0%} of the divisions: it {verdict}"
    )


def _interval(edges: tuple[float, float]) -> str:
    return f"({edges[0]:.3f} to {edges[1]:.3f})"


def _rounded_down(threshold: float) -> float:
    """Round down to three places, so that the pair at the threshold still matches."""
    return int(threshold * 1000) / 1000
