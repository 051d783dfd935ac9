"""Arguments and options that several commands share, each defined once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dedup.cli.options import FRACTION, FieldColumn, Moment, OutletNames, Size, Span, existing, share

if TYPE_CHECKING:
    from collections.abc import Callable

paths = click.argument("paths", nargs=-1, required=True, metavar="PATH...", callback=existing)

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

quiet = click.option("-q", "--quiet", is_flag=True, help="Print no report; skipped inputs are named on stderr.")

_WINDOW = "How far apart in time: 72h, 3d, 90m."

window = click.option("--window", type=Span(), default="72h", show_default=True, help=_WINDOW)

window_of_index = click.option(
    "--window", type=Span(), help=f"{_WINDOW} [default: what the index was made with, or 72h]"
)


def _deciding(default: str) -> Callable[[Any], Any]:
    told = f"Score from which headlines match. [default: {default}]"
    return share(
        click.option("--threshold", type=FRACTION, help=told),
        click.option("--precise", is_flag=True, help="Match from the model's score for precision 0.97."),
        click.option("--wide", is_flag=True, help="Match from the model's score for precision 0.80: finds more."),
    )


deciding = _deciding("precision 0.90")

deciding_of_index = _deciding("what the index was made with, or precision 0.90")

floor = click.option(
    "--pairs-floor", type=FRACTION, help="Keep compared pairs down to this score. [default: the threshold]"
)

reading = share(
    click.option("--timezone", default="UTC", show_default=True, metavar="ZONE", help="Zone of times that name none."),
    click.option("--outlets", type=OutletNames(), help="Outlets' names by host or feed title: TSV, CSV or JSON."),
    click.option(
        "--map", "columns", type=FieldColumn(), multiple=True, help="Where tables hold a field (title=COLUMN)."
    ),
    click.option("--strict", is_flag=True, help="Fail at the first input that cannot be read."),
    click.option("--workers", type=click.IntRange(1), metavar="N", help="Processes that read. [default: one per core]"),
    click.option("--max-bytes", type=Size(), help="Largest file, decompressed. [default: 256M]"),
    click.option(
        "--max-items", type=click.IntRange(1), metavar="N", help="Most items of one file. [default: 10,000,000]"
    ),
)

writing = share(
    click.option("-o", "--output", type=click.Path(), metavar="DIR", help="Write all results into this directory."),
    click.option(
        "--format", "file_format", default="parquet", type=click.Choice(["parquet", "csv", "jsonl"]), show_default=True,
        help="Of the files that --output writes.",
    ),
    click.option("--html", type=click.Path(), metavar="FILE", help="Write the report as one self-contained HTML page."),
    as_json,
    quiet,
)  # fmt: skip

narrowing = share(
    click.option("--top", type=click.IntRange(0), metavar="N", help="Stories shown. [default: 10, in HTML 200]"),
    click.option(
        "--min-outlets", type=click.IntRange(1), default=2, show_default=True, metavar="N",
        help="Stories at least so wide.",
    ),
    click.option("--outlet", metavar="NAME", help="Only stories that this outlet ran, and with whom it shares them."),
    click.option("--since", type=Moment(), help="Only stories first run at this time (UTC) or later."),
    click.option(
        "--until", type=Moment(ends=True), help="Only stories first run up to this day, or before this time (UTC)."
    ),
)  # fmt: skip

nearest = share(
    click.option("--top", type=click.IntRange(1), default=10, show_default=True, metavar="N", help="Headlines shown."),
    click.option("--outlet", metavar="NAME", help="The outlet of HEADLINE."),
    click.option("--published", type=Moment(), help="The time of HEADLINE; without it all times are searched."),
    as_json,
)
