"""The commands and their options. What they do stands in `dedup.cli.run`, imported when one of them runs."""

from __future__ import annotations

from typing import Any

import click

from dedup.cli.options import FRACTION, FieldColumn, Moment, OutletNames, Size, Span, examples, existing, share

paths = click.argument("paths", nargs=-1, required=True, metavar="PATH...", callback=existing)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
window = click.option(
    "--window", type=Span(), default="72h", show_default=True, help="How far apart in time: 72h, 3d, 90m."
)


def version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Print the version and which score model decides."""
    if wanted and not context.resilient_parsing:
        from dedup.cli.run import versions  # noqa: PLC0415 - heavy

        click.echo(versions())
        context.exit()


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


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=examples(
        "dedup scan feeds/",
        "dedup scan feeds/ archive.jsonl.gz --output coverage --html report.html",
        'dedup explain "مصرع 5 أشخاص في سيول" "وفاة خمسة أشخاص جراء السيول"',
        'dedup similar "سيول تجتاح وادي السرو" feeds/',
    ),
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=version,
    help="Show the version and the score model, and exit.",
)  # fmt: skip
@click.option("--traceback", is_flag=True, expose_value=False, help="Show where an error in dedup itself came from.")
def commands() -> None:
    """Which Arabic headlines report the same news, who ran it first, and who followed."""


@commands.command(
    epilog=examples(
        "dedup scan feeds/",
        "dedup scan feeds/ --since 2026-03-01 --min-outlets 4 --top 20",
        'dedup scan feeds/ --outlet "المرفأ الجديد"',
        "dedup scan archive.csv --map title=headline_ar --timezone Asia/Riyadh --output coverage --format csv",
        "dedup scan feeds/ --html report.html --quiet",
        "dedup scan feeds/ --precise",
        "cat today.jsonl | dedup scan - --json",
        "dedup scan -- -oddly-named-file.xml",
    )
)
@paths
@click.option("-o", "--output", type=click.Path(), metavar="DIR", help="Write all results into this directory.")
@click.option(
    "--format", "file_format", default="parquet", type=click.Choice(["parquet", "csv", "jsonl"]), show_default=True,
    help="Of the files that --output writes.",
)  # fmt: skip
@click.option("--html", type=click.Path(), metavar="FILE", help="Write the report as one self-contained HTML page.")
@as_json
@click.option("-q", "--quiet", is_flag=True, help="Print no report; skipped inputs are named on stderr.")
@window
@click.option("--threshold", type=FRACTION, help="Score from which headlines match. [default: precision 0.90]")
@click.option("--precise", is_flag=True, help="Match from the model's score for precision 0.97.")
@click.option("--wide", is_flag=True, help="Match from the model's score for precision 0.80: finds more.")
@click.option("--pairs-floor", type=FRACTION, help="Keep compared pairs down to this score. [default: the threshold]")
@click.option("--exact", is_flag=True, help="Compare every pair within the window; slow, for checks.")
@click.option("--top", type=click.IntRange(0), metavar="N", help="Stories shown. [default: 10, in HTML 200]")
@click.option(
    "--min-outlets", type=click.IntRange(1), default=2, show_default=True, metavar="N", help="Stories at least so wide."
)
@click.option("--outlet", metavar="NAME", help="Only stories that this outlet ran, and with whom it shares them.")
@click.option("--since", type=Moment(), help="Only stories first run at this time (UTC) or later.")
@click.option(
    "--until", type=Moment(ends=True), help="Only stories first run up to this day, or before this time (UTC)."
)
@reading
def scan(**options: Any) -> int:  # noqa: ANN401 - click passes options by name
    """Read feeds and tables, and report who ran which news: first, after whom, and alone.

    PATHs are files, folders (searched through), patterns, or - for JSON lines on stdin. Read are RSS, Atom, RDF, JSON
    Feed, JSON lines, JSON, CSV, TSV, Parquet and text with a headline a line, also with gzip, zstd or in a zip.

    --top, --min-outlets, --outlet, --since and --until narrow the report, not the files that --output writes.

    Exit codes: 0 done, 1 failed, 2 usage, 3 done but some inputs were skipped (each is named).
    """
    from dedup.cli import run  # noqa: PLC0415 - heavy

    return run.scan(options)


@commands.command(
    epilog=examples(
        'dedup explain "مصرع 5 أشخاص في سيول وادي السرو" "وفاة خمسة أشخاص جراء سيول وادي السرو"',
        'dedup explain "وصول الطائرة الثالثة" "وصول الطائرة الرابعة" --outlet-a واحة --outlet-b الضحى',
        'dedup explain "الوزير يؤكد اللقاء" "الوزير ينفي اللقاء" --published-a 2026-03-04 --published-b 2026-03-05',
    )
)
@click.argument("title_a", metavar="A")
@click.argument("title_b", metavar="B")
@click.option("--outlet-a", metavar="NAME", help="The outlet of A.")
@click.option("--outlet-b", metavar="NAME", help="The outlet of B.")
@click.option("--published-a", type=Moment(), help="The time of A.")
@click.option("--published-b", type=Moment(), help="The time of B.")
@as_json
def explain(**options: Any) -> int:  # noqa: ANN401 - as scan
    """Say whether the headlines A and B report the same news, and why."""
    from dedup.cli import run  # noqa: PLC0415 - heavy

    return run.explain(options)


@commands.command(
    epilog=examples(
        'dedup similar "سيول تجتاح وادي السرو" feeds/',
        'dedup similar "سيول تجتاح وادي السرو" feeds/ --published 2026-03-03T06:00 --top 5 --json',
    )
)
@click.argument("title", metavar="HEADLINE")
@paths
@click.option("--top", type=click.IntRange(1), default=10, show_default=True, metavar="N", help="Headlines shown.")
@click.option("--outlet", metavar="NAME", help="The outlet of HEADLINE.")
@click.option("--published", type=Moment(), help="The time of HEADLINE; without it all times are searched.")
@as_json
@window
@reading
def similar(**options: Any) -> int:  # noqa: ANN401 - as scan
    """List the headlines under PATHs that are nearest to HEADLINE, with scores.

    This is what an aggregator prints under an article. PATHs are as for scan.
    """
    from dedup.cli import run  # noqa: PLC0415 - heavy

    return run.similar(options)
