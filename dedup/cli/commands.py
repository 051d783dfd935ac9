"""The commands and their options; `dedup.cli.run` implements them and is imported when one of them runs."""

from __future__ import annotations

from typing import Any

import click

from dedup.cli.audit_commands import audit
from dedup.cli.index_commands import index
from dedup.cli.loading import load
from dedup.cli.option_groups import (
    as_json,
    bidi,
    deciding,
    floor,
    language,
    merging,
    narrowing,
    nearest,
    paths,
    reading,
    window,
    writing,
)
from dedup.cli.parameter_types import Moment, Size, examples


@click.group(
    invoke_without_command=True,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=examples(
        "dedup scan feeds/",
        "dedup scan feeds/ archive.jsonl.gz --output coverage --html report.html",
        'dedup explain "مصرع 5 أشخاص في سيول" "وفاة خمسة أشخاص جراء السيول"',
        'dedup similar "سيول تجتاح وادي السرو" feeds/',
        "dedup index add news.db feeds/",
    ),
)
@click.option("--version", is_flag=True, help="Show the version and the score model, and exit; with --json, more.")
@click.option("--json", "as_json", is_flag=True, help="With --version: print versions, model and system as JSON.")
@click.option("--traceback", is_flag=True, expose_value=False, help="Show the traceback of an internal error.")
@click.pass_context
def commands(context: click.Context, *, version: bool, as_json: bool) -> None:
    """Find Arabic headlines that cover the same news, who ran it first, and who followed."""
    if version:
        run = load("run")
        click.echo(run.version_json() if as_json else run.version_line())
        context.exit()
    if as_json:
        raise click.UsageError("--json before a command belongs to --version; give it after the command.")
    if context.invoked_subcommand is None:
        raise click.UsageError("Missing command.")


@commands.command(
    epilog=examples(
        "dedup scan feeds/",
        "dedup scan feeds/ --since 2026-03-01 --min-outlets 4 --top 20",
        'dedup scan feeds/ --outlet "المرفأ الجديد"',
        "dedup scan archive.csv --map title=headline_ar --timezone Asia/Riyadh --output coverage --format csv",
        "dedup scan feeds/ --html report.html --quiet",
        "dedup scan feeds/ --fix-clocks",
        "dedup scan feeds/ --precise",
        "cat today.jsonl | dedup scan - --json",
        "dedup scan -- -oddly-named-file.xml",
    )
)
@paths
@writing
@window
@deciding
@floor
@click.option(
    "--calibration",
    type=click.Path(exists=True, dir_okay=False),
    help="Map the scores by a file of dedup audit fit, made from labels of your own outlets.",
)
@click.option(
    "--words",
    type=click.Path(exists=True, dir_okay=False),
    help="Weigh words by a table of dedup words too, counted on your own archive.",
)
@click.option("--exact", is_flag=True, help="Compare all pairs within the window; slow, for verification.")
@click.option(
    "--memory-limit", type=Size(), help="Memory to stay within, at least 1G; the rest goes to disk. [default: half]"
)
@merging
@click.option(
    "--fix-clocks",
    is_flag=True,
    help="Correct the times of outlets whose clocks are found to be hours off, and match again.",
)
@narrowing
@reading
def scan(**options: Any) -> int:  # noqa: ANN401 - click passes options by name
    """Read feeds and tables, and report who ran which news first, who followed, and who alone.

    PATHs are files, folders (searched recursively), glob patterns, or - for JSON lines on stdin. Supported formats:
    RSS, Atom, RDF, JSON Feed, JSON lines, JSON, CSV, TSV, Parquet and text with one headline per line; also as gzip,
    zstd or in a zip.

    --top, --min-outlets, --outlet, --since and --until filter the report, not the files written by --output.

    Exit codes: 0 done, 1 failed, 2 usage error, 3 done but some inputs were skipped (each is listed).
    """
    return int(load("run").scan(options))


@commands.command(
    epilog=examples(
        'dedup explain "مصرع 5 أشخاص في سيول وادي السرو" "وفاة خمسة أشخاص جراء سيول وادي السرو"',
        'dedup explain "وصول الطائرة الثالثة" "وصول الطائرة الرابعة" --outlet-a واحة --outlet-b الضحى',
        'dedup explain "الوزير يؤكد اللقاء" "الوزير ينفي اللقاء" --published-a 2026-03-04 --published-b 2026-03-05',
        'dedup explain "الأمير يفتتح جسر الهضبة" "الأمير لم يفتتح جسر الهضبة" --language ar',
    )
)
@click.argument("title_a", metavar="A")
@click.argument("title_b", metavar="B")
@click.option("--outlet-a", metavar="NAME", help="Outlet of A.")
@click.option("--outlet-b", metavar="NAME", help="Outlet of B.")
@click.option("--published-a", type=Moment(), help="Time of A.")
@click.option("--published-b", type=Moment(), help="Time of B.")
@language
@bidi
@as_json
def explain(**options: Any) -> int:  # noqa: ANN401 - as scan
    """Explain whether the headlines A and B cover the same news, with all evidence.

    Headlines that contradict each other and standing titles are no match whatever their score; the rule is named.
    """
    return int(load("run").explain(options))


@commands.command(
    epilog=examples(
        'dedup similar "سيول تجتاح وادي السرو" feeds/',
        'dedup similar "سيول تجتاح وادي السرو" feeds/ --published 2026-03-03T06:00 --top 5 --json',
    )
)
@click.argument("title", metavar="HEADLINE")
@paths
@nearest
@window
@reading
def similar(**options: Any) -> int:  # noqa: ANN401 - as scan
    """List the headlines in PATHs that are nearest to HEADLINE, with scores.

    Aggregators print such a list under an article. PATHs are as for scan.
    """
    return int(load("run").similar(options))


@commands.command(
    epilog=examples(
        "dedup outlets feeds/",
        "dedup outlets feeds/ > outlets.tsv",
    )
)
@paths
@reading
def outlets(**options: Any) -> int:  # noqa: ANN401 - as scan
    """List which names are one outlet, as a table for --outlets.

    The table (TSV) has the columns outlet (a name in PATHs), name (another name of the same outlet), evidence, support
    and merged: yes where the names are provably one outlet, so that scan merges them, no where that is only likely. The
    evidence is spelling, host (both link to one site, or one name is the site), link (both names have articles with the
    same URLs), title (titles end with the other name), name (equal but for words such as «صحيفة», or the ending of a
    host) or letters (Latin and Arabic names with the same consonants). Check the table and delete the lines that are
    wrong before you use it.
    """
    return int(load("run").outlets(options))


@commands.command(
    epilog=examples(
        "dedup words archive/ --out words.parquet",
        "dedup words archive-2025.csv --map title=headline_ar --out words.parquet",
    )
)
@paths
@click.option(
    "--out", "output", type=click.Path(dir_okay=False), required=True, help="Write the table to this file (Parquet)."
)
@reading
def words(**options: Any) -> int:  # noqa: ANN401 - as scan
    """Count the words of your own archive, to weigh words by them.

    The table that ships with dedup was counted on some hundred thousand headlines of four corpora. With --words, or
    Settings(words=…), the counts of your archive are added to it: names and formulas that are common in your news carry
    less information, and rare words more. Some ten thousand headlines of months are a good archive; PATHs are as for
    scan.
    """
    return int(load("run").words(options))


commands.add_command(index)
commands.add_command(audit)
