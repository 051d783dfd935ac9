"""What the commands do: one library call, then the report. Imported only when a command runs."""

from __future__ import annotations

import importlib.metadata
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from dedup.cli import asked
from dedup.cli.progress import Watch
from dedup.cli.screen import show
from dedup.cli.telling import DONE, SKIPPED, deliver, name_skipped
from dedup.matching.explain import explain as explain_pair
from dedup.matching.scoring.model import load_model
from dedup.matching.similar import similar as nearest
from dedup.pipeline import scan as scan_paths
from dedup.report import explain as pair
from dedup.report import terminal
from dedup.report.machine import in_json
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping


def scan(options: Mapping[str, Any]) -> int:
    """Read, find, write, report; the exit code."""
    names = ("window", "pairs_floor", "exact")
    threshold = asked.threshold(options)
    settings = Settings(
        threshold="default" if threshold is None else threshold, **{name: options[name] for name in names}
    )
    with Watch(wanted=not options["quiet"]) as watch:
        result = scan_paths(
            *options["paths"], settings=settings, memory_limit=options["memory_limit"], progress=watch,
            **asked.reading(options),
        )  # fmt: skip
    return deliver(result, options)


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
        feeds = asked.feeds(options, watch)
    settings = Settings(window=options["window"])
    found = nearest(
        options["title"], feeds.headlines, outlet=options["outlet"], published=options["published"], settings=settings
    )
    found = found.head(options["top"])
    if options["as_json"]:
        click.echo(in_json({"headlines": found.to_dicts(), "skipped": feeds.skipped.to_dicts()}))
    else:
        show(lambda _: terminal.nearest(found))
        name_skipped(feeds.skipped)
    return SKIPPED if feeds.skipped.height else DONE


def versions() -> str:
    """The version of the program, and the score model that decides."""
    model = load_model()
    return f"dedup {importlib.metadata.version('dedup')}, score model {model.digest} of {model.provenance['date']}"
