"""Arguments and options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dedup.cli.parameter_types import (
    FRACTION,
    FieldColumn,
    Moment,
    OutletNames,
    Size,
    Span,
    Zone,
    drawable,
    existing,
    share,
)

if TYPE_CHECKING:
    from collections.abc import Callable

paths = click.argument("paths", nargs=-1, required=True, metavar="PATH...", callback=existing)

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

quiet = click.option("-q", "--quiet", is_flag=True, help="Print no report; skipped inputs are listed on stderr.")

_WINDOW = "Longest time between two headlines of one story: 72h, 3d, 90m."

window = click.option("--window", type=Span(), default="72h", show_default=True, help=_WINDOW)

window_of_index = click.option("--window", type=Span(), help=f"{_WINDOW} [default: that of the index, or 72h]")


def _deciding(default: str) -> Callable[[Any], Any]:
    text = f"Score, 0 to 1, from which headlines match. [default: {default}]"
    return share(
        click.option("--threshold", type=FRACTION, help=text),
        click.option("--precise", is_flag=True, help="Use the model's threshold for precision 0.95."),
        click.option("--wide", is_flag=True, help="Use the model's threshold for precision 0.80: finds more."),
    )


deciding = _deciding("the one for precision 0.88")

deciding_of_index = _deciding("that of the index, or the one for precision 0.88")

floor = click.option(
    "--pairs-floor",
    type=FRACTION,
    help="Write pairs down to this related score, matches or not. [default: matches only]",
)

merging = click.option(
    "--no-merge-outlets",
    is_flag=True,
    help="Keep all names of outlets, also where one outlet provably occurs under several.",
)

reading = share(
    click.option("--timezone", default="UTC", show_default=True, metavar="ZONE", help="Zone of times that name none."),
    click.option(
        "--outlets",
        type=OutletNames(),
        help="Names of outlets by host, feed title or name, and perhaps their time zones, as TSV, CSV or JSON.",
    ),
    click.option(
        "--map",
        "columns",
        type=FieldColumn(),
        multiple=True,
        help="Column of a table that holds a field, as title=COLUMN; may be repeated.",
    ),
    click.option("--strict", is_flag=True, help="Fail at the first input that cannot be read."),
    click.option(
        "--workers", type=click.IntRange(1), metavar="N", help="Number of reading processes. [default: one per core]"
    ),
    click.option("--max-bytes", type=Size(), help="Largest size of a file, decompressed. [default: 256M]"),
    click.option(
        "--max-items",
        type=click.IntRange(1),
        metavar="N",
        help="Largest number of items in a file. [default: 10,000,000]",
    ),
    click.option(
        "--max-seconds",
        type=click.IntRange(1),
        metavar="N",
        help="Longest processor time for a file. [default: 60]",
    ),
)

bidi = click.option(
    "--bidi",
    type=click.Choice(["auto", "terminal", "visual"]),
    default="auto",
    show_default=True,
    callback=drawable,
    help="Who puts Arabic in order on the terminal: the terminal itself, or dedup (visual), or as the terminal needs.",
)

language = click.option(
    "--language",
    type=click.Choice(["ar", "en"]),
    default="en",
    show_default=True,
    help="Language of the explanation; JSON is in English.",
)

writing = share(
    click.option("-o", "--output", type=click.Path(), metavar="DIR", help="Write all results into this directory."),
    click.option(
        "--format",
        "file_format",
        default="parquet",
        type=click.Choice(["parquet", "csv", "jsonl", "xlsx"]),
        show_default=True,
        help="Format of the files written by --output.",
    ),
    click.option(
        "--html",
        type=click.Path(),
        metavar="FILE",
        help="Write the report as one self-contained HTML page.",
    ),
    click.option(
        "--language",
        type=click.Choice(["ar", "en"]),
        help="Language of reports. [default: ar for the page and the workbook, en for the terminal]",
    ),
    bidi,
    as_json,
    quiet,
)

narrowing = share(
    click.option(
        "--top",
        type=click.IntRange(0),
        metavar="N",
        help="Stories and exclusives printed. [default: 10, with --json all]",
    ),
    click.option(
        "--min-outlets",
        type=click.IntRange(1),
        default=2,
        show_default=True,
        metavar="N",
        help="Show stories that at least N outlets ran.",
    ),
    click.option(
        "--outlet", metavar="NAME", help="Show only stories that this outlet ran, and the outlets that share them."
    ),
    click.option(
        "--since", type=Moment(local=True), help="Show only stories first published at this day or time, or later."
    ),
    click.option(
        "--until",
        type=Moment(ends=True, local=True),
        help="Show only stories first published up to this day, or before this time.",
    ),
    click.option(
        "--display-timezone",
        type=Zone(),
        metavar="ZONE",
        help="Zone of the times in reports and of --since and --until. [default: that of --timezone, or UTC]",
    ),
)

nearest = share(
    click.option(
        "--top", type=click.IntRange(1), default=10, show_default=True, metavar="N", help="Number of headlines shown."
    ),
    click.option("--outlet", metavar="NAME", help="Outlet of HEADLINE."),
    click.option(
        "--published", type=Moment(), help="Time of HEADLINE; without it headlines of all times are searched."
    ),
    bidi,
    as_json,
)
