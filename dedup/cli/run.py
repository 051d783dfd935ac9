"""What the commands do: one library call, then the report. Imported only when a command runs."""

from __future__ import annotations

import difflib
import importlib.metadata
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import click

from dedup.cli.progress import Watch
from dedup.cli.screen import show
from dedup.coverage import Coverage
from dedup.feeds import Limits, read_feeds
from dedup.matching.explain import explain as explain_pair
from dedup.matching.score import load_model
from dedup.matching.similar import similar as nearest
from dedup.report import explain as pair
from dedup.report import terminal
from dedup.report.files import write_text
from dedup.report.machine import in_json, report
from dedup.report.page import page
from dedup.report.view import View, skipped_lines
from dedup.scanning import scan as scan_paths
from dedup.settings import Settings, Threshold

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import polars as pl

    from dedup.result import Result

DONE, SKIPPED = 0, 3
_TOP, _TOP_OF_PAGE = 10, 200


def scan(options: Mapping[str, Any]) -> int:
    """Read, find, write, report; the exit code."""
    names = ("window", "pairs_floor", "exact")
    settings = Settings(threshold=_threshold(options), **{name: options[name] for name in names})
    with Watch(wanted=not options["quiet"]) as watch:
        result = scan_paths(*options["paths"], settings=settings, progress=watch, **_reading(options))
    if options["output"]:
        written = result.write(options["output"], format=options["file_format"])
        _say(options, f"wrote {len(written)} files to {click.format_filename(options['output'])}")
    _report(result, options)
    return SKIPPED if result.skipped.height else DONE


def explain(options: Mapping[str, Any]) -> int:
    """Explain a pair; the exit code."""
    told = explain_pair(
        options["title_a"],
        options["title_b"],
        outlet_a=options["outlet_a"],
        outlet_b=options["outlet_b"],
        published_a=options["published_a"],
        published_b=options["published_b"],
    )
    if options["as_json"]:
        click.echo(in_json(asdict(told)))
    else:
        show(lambda _: pair.render(told))
    return DONE


def similar(options: Mapping[str, Any]) -> int:
    """List the headlines nearest to one; the exit code."""
    with Watch() as watch:
        feeds = read_feeds(
            *options["paths"], progress=lambda done, total, _: watch("reading", done, total), **_reading(options)
        )
    settings = Settings(window=options["window"])
    found = nearest(
        options["title"], feeds.headlines, outlet=options["outlet"], published=options["published"], settings=settings
    )
    found = found.head(options["top"])
    if options["as_json"]:
        click.echo(in_json({"headlines": found.to_dicts(), "skipped": feeds.skipped.to_dicts()}))
    else:
        show(lambda _: terminal.nearest(found))
        _name_skipped(feeds.skipped)
    return SKIPPED if feeds.skipped.height else DONE


def _name_skipped(skipped: pl.DataFrame) -> None:
    for line in skipped_lines(skipped):
        click.echo(f"dedup: skipped {line}", err=True)


def _threshold(options: Mapping[str, Any]) -> float | Threshold:
    """The one threshold that was asked for."""
    asked = [name for name in ("threshold", "precise", "wide") if options[name] not in (None, False)]
    if len(asked) > 1:
        raise click.UsageError(f"{' and '.join(f'--{name}' for name in asked)} exclude each other: choose one.")
    if options["threshold"] is not None:
        return float(options["threshold"])
    return "precise" if options["precise"] else "wide" if options["wide"] else "default"


def versions() -> str:
    """The version of the program, and the score model that decides."""
    model = load_model()
    return f"dedup {importlib.metadata.version('dedup')}, score model {model.digest} of {model.provenance['date']}"


def _reading(options: Mapping[str, Any]) -> dict[str, Any]:
    """What the library's reading functions take."""
    asked = {"file_bytes": options["max_bytes"], "items": options["max_items"]}
    return {
        **{name: options[name] for name in ("timezone", "outlets", "strict", "workers")},
        "columns": dict(options["columns"]) or None,
        "limits": Limits(**{name: value for name, value in asked.items() if value is not None}),
    }


def _say(options: Mapping[str, Any], message: str) -> None:
    if not options["quiet"]:
        click.echo(f"dedup: {message}", err=True)


def _report(result: Result, options: Mapping[str, Any]) -> None:
    since, until, outlet = options["since"], options["until"], options["outlet"]
    _require_known(outlet, result.outlets)
    told = Coverage(result.headlines, result.stories, result.outlets, result.overlap)
    told = told.narrow(since=since, until=until, outlet=outlet)
    top = options["top"]
    view = View(
        top=_TOP if top is None else top,
        min_outlets=options["min_outlets"],
        outlet=outlet,
        filters=_in_words(outlet, since, until),
    )
    if options["html"]:
        wide = view if top is not None else replace(view, top=_TOP_OF_PAGE)
        write_text(page(told, result.files, result.skipped, wide), options["html"])
        _say(options, f"wrote {click.format_filename(options['html'])}")
    if options["as_json"]:
        click.echo(report(told, result.files, result.skipped, result.summary, view))
    elif not options["quiet"]:
        show(lambda width: terminal.render(told, result.files, result.skipped, view, width=width))
    else:
        _name_skipped(result.skipped)


def _require_known(outlet: str | None, outlets: pl.DataFrame) -> None:
    """Refuse an outlet that ran nothing, and say which it may have been."""
    names = outlets["outlet"].to_list()
    if outlet is not None and outlet not in names:
        near = difflib.get_close_matches(outlet, names, cutoff=0.4) or names[:5]
        hint = f"; there is {', '.join(near)}" if near else ""
        raise click.BadParameter(f"no headline is of {outlet!r}{hint}.", param_hint="'--outlet'")


def _in_words(outlet: str | None, since: datetime | None, until: datetime | None) -> str:
    bounds = (("from", since), ("before", until))
    parts = [f"{word} {time:%Y-%m-%d %H:%M} UTC" for word, time in bounds if time]
    told = [f"stories first run {' and '.join(parts)}"] if parts else []
    return ", ".join([*told, *([f"stories that {outlet} ran"] if outlet else [])])
