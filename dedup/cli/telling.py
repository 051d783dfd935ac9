"""What several commands tell: the report of a result, messages, and what was skipped."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from dedup.cli.screen import show
from dedup.report import terminal
from dedup.report.files import write_text
from dedup.report.machine import report as as_document
from dedup.report.page import page
from dedup.report.view import View, skipped_lines

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import polars as pl

    from dedup.result import Result

DONE, SKIPPED = 0, 3
_TOP, _TOP_OF_PAGE = 10, 200


def say(options: Mapping[str, Any], message: str) -> None:
    """A message for whoever did not ask for quiet."""
    if not options["quiet"]:
        click.echo(f"dedup: {message}", err=True)


def name_skipped(skipped: pl.DataFrame) -> None:
    """Each skipped input, with its reason."""
    for line in skipped_lines(skipped):
        click.echo(f"dedup: skipped {line}", err=True)


def deliver(result: Result, options: Mapping[str, Any], *, index: str | None = None) -> int:
    """Write and report a result as the options say; the exit code.

    Args:
        result: of a scan, or of all that an index remembers.
        options: of the command.
        index: where it is remembered; None for a scan.
    """
    if options["output"]:
        written = result.write(options["output"], format=options["file_format"])
        say(options, f"wrote {len(written)} files to {click.format_filename(options['output'])}")
    _report(result, options, index)
    return SKIPPED if result.skipped.height else DONE


def _report(result: Result, options: Mapping[str, Any], index: str | None) -> None:
    since, until, outlet = options["since"], options["until"], options["outlet"]
    _require_known(outlet, result.outlets)
    told = result.coverage.narrow(since=since, until=until, outlet=outlet)
    top = options["top"]
    view = View(
        top=_TOP if top is None else top,
        min_outlets=options["min_outlets"],
        outlet=outlet,
        filters=_in_words(outlet, since, until),
        index=index,
    )
    if options["html"]:
        wide = view if top is not None else replace(view, top=_TOP_OF_PAGE)
        write_text(page(told, result.files, result.skipped, wide), options["html"])
        say(options, f"wrote {click.format_filename(options['html'])}")
    if options["as_json"]:
        click.echo(as_document(told, result.files, result.skipped, result.summary, view))
    elif not options["quiet"]:
        show(lambda width: terminal.render(told, result.files, result.skipped, view, width=width))
    else:
        name_skipped(result.skipped)


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
