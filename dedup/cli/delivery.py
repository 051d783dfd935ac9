"""Write and print results, messages and skipped inputs."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from dedup.cli.console import show
from dedup.report import terminal
from dedup.report.files import write_file
from dedup.report.json_report import report as json_report
from dedup.report.page import render as render_page
from dedup.report.view import View, skipped_lines
from dedup.report.zones import find_zone, in_zone, zone_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    import polars as pl

    from dedup.result import Result

DONE, FAILED, SKIPPED = 0, 1, 3
_TOP = 10
_PAGE_LANGUAGE, _TERMINAL_LANGUAGE = "ar", "en"
"""Languages of reports without --language: editors read the page and the workbook, engineers the terminal."""
_MAX_REMARKS = 25


def message(options: Mapping[str, Any], text: str) -> None:
    """Print a message on stderr, unless --quiet was given."""
    if not options["quiet"]:
        click.echo(f"dedup: {text}", err=True)


def list_skipped(skipped: pl.DataFrame) -> None:
    """Print each skipped input with its reason on stderr."""
    for line in skipped_lines(skipped):
        click.echo(f"dedup: skipped {line}", err=True)


def list_remarks(remarks: pl.DataFrame) -> None:
    """Print on stderr how inputs were read where that was not plain."""
    for file, remark in remarks.head(_MAX_REMARKS).iter_rows():
        click.echo(f"dedup: note on {file}: {remark}", err=True)
    if len(remarks) > _MAX_REMARKS:
        click.echo(f"dedup: and {len(remarks) - _MAX_REMARKS:,} more notes", err=True)


def _list_merged(merged: list[dict[str, Any]]) -> None:
    """Print on stderr which names of outlets were merged, with the evidence."""
    for row in merged[:_MAX_REMARKS]:
        evidence = f"{row['evidence']}, {row['support']:,}"
        click.echo(f"dedup: note: {row['outlet']} and {row['name']} are one outlet ({evidence})", err=True)
    if merged:
        more = f"{len(merged) - _MAX_REMARKS:,} more are; " if len(merged) > _MAX_REMARKS else ""
        click.echo(f"dedup: note: {more}--no-merge-outlets keeps the names apart", err=True)


def deliver(result: Result, options: Mapping[str, Any], *, index: str | None = None) -> int:
    """Write and print a result as the options demand; return the exit code.

    Args:
        result: the result of a scan, or of all headlines of an index.
        options: the options of the command.
        index: the index that the headlines come from; None for a scan.
    """
    zone = options["display_timezone"] or find_zone(options.get("timezone") or "UTC")
    if options["output"]:
        written = result.write(
            options["output"],
            format=options["file_format"],
            timezone=zone_name(zone),
            language=options["language"] or _PAGE_LANGUAGE,
        )
        message(options, f"wrote {len(written)} files to {click.format_filename(options['output'])}")
    list_remarks(result.remarks)
    _list_merged(result.summary["merged_outlets"])
    _report(result, options, index, zone)
    return SKIPPED if result.skipped.height else DONE


def _report(result: Result, options: Mapping[str, Any], index: str | None, zone: tzinfo) -> None:
    since, until = in_zone(options["since"], zone), in_zone(options["until"], zone)
    outlet = options["outlet"]
    _require_known_outlet(outlet, result.outlets)
    content = replace(result.content(), coverage=result.coverage.narrow(since=since, until=until, outlet=outlet))
    view = View(
        top=_TOP if options["top"] is None else options["top"],
        min_outlets=options["min_outlets"],
        outlet=outlet,
        since=since,
        until=until,
        index=index,
        zone=zone,
        language=options["language"] or _PAGE_LANGUAGE,
    )
    if options["html"]:
        write_file(render_page(content, view), options["html"])
        message(options, f"wrote {click.format_filename(options['html'])}")
    if options["as_json"]:
        click.echo(json_report(content, replace(view, top=options["top"])))
    elif not options["quiet"]:
        printed = replace(view, language=options["language"] or _TERMINAL_LANGUAGE)
        show(
            lambda width: terminal.render(content, printed, width=width),
            bidi=options["bidi"],
            language=printed.language,
        )
    else:
        list_skipped(result.skipped)


def _require_known_outlet(outlet: str | None, outlets: pl.DataFrame) -> None:
    """Raise a usage error with similar names if no headline has the outlet."""
    names = outlets["outlet"].to_list()
    if outlet is not None and outlet not in names:
        near = difflib.get_close_matches(outlet, names, cutoff=0.4) or names[:5]
        hint = f"; did you mean {', '.join(near)}?" if near else "."
        raise click.BadParameter(f"no headline has the outlet {outlet!r}{hint}", param_hint="'--outlet'")
