"""The commands of ``dedup index`` and their options. What they do stands in `dedup.cli.index_run`, imported late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dedup.cli.groups import (
    as_json,
    deciding_of_index,
    floor,
    narrowing,
    nearest,
    paths,
    quiet,
    reading,
    window_of_index,
    writing,
)
from dedup.cli.options import Moment, Span, examples

if TYPE_CHECKING:
    from collections.abc import Callable

where = click.argument("where", metavar="INDEX")


def verdicts_as(what: str) -> Callable[[Any], Any]:
    """How verdicts are printed."""
    return click.option(
        "--format", "verdict_format", default="text", type=click.Choice(["text", "jsonl"]), show_default=True,
        help=what,
    )  # fmt: skip


@click.group(
    epilog=examples(
        "dedup index add news.db feeds/",
        'dedup index check news.db "مصرع 5 أشخاص في سيول وادي السرو"',
        "dedup index report news.db --since 2026-03-01 --html report.html",
        "dedup index prune news.db --older-than 90d",
    )
)
def index() -> None:
    """Remember headlines from run to run: is this news new, which story is it?

    INDEX is the path of an SQLite file, made by the first `dedup index add`, or redis://HOST:PORT/DB?prefix=NAME.
    Several processes may use it at once.
    """


@index.command(
    epilog=examples(
        "dedup index add news.db feeds/",
        "dedup index add news.db feeds/ --quiet --retention 90d",
        "dedup index add news.db today.jsonl --format jsonl",
        "cat today.jsonl | dedup index add news.db -",
        "dedup index add news.db feeds/ --window 48h --precise",
    )
)
@where
@paths
@verdicts_as("With jsonl, print the verdict on each new headline as a line of JSON, and the summary on stderr.")
@quiet
@click.option("--retention", type=Span(), help="Forget headlines so much older than the latest. [default: none]")
@window_of_index
@deciding_of_index
@reading
def add(**options: Any) -> int:  # noqa: ANN401 - click passes options by name
    """Read feeds and tables, and remember their new items.

    PATHs are as for `dedup scan`. Items that the index knows change nothing, so this may run every minute on one
    folder, and several runs may overlap. Headlines are added in order of time, some thousands at once: a run that is
    stopped has added the earlier ones, and the next run adds the others.

    --window, --threshold, --precise and --wide count when the index is made; later they may be left out.

    Exit codes: 0 done, 1 failed, 2 usage, 3 done but some inputs were skipped (each is named).
    """
    from dedup.cli import index_run  # noqa: PLC0415 - heavy

    return index_run.add(options)


@index.command(
    epilog=examples(
        'dedup index check news.db "مصرع 5 أشخاص في سيول وادي السرو"',
        'dedup index check news.db "وصول الطائرة الثالثة" --outlet الضحى --published 2026-03-04T18:30 --format jsonl',
        "cat new.jsonl | dedup index check news.db - --format jsonl",
    )
)
@where
@click.argument("titles", nargs=-1, required=True, metavar="HEADLINE...")
@verdicts_as("Print verdicts as lines of JSON.")
@click.option("--outlet", metavar="NAME", help="The outlet of each HEADLINE.")
@click.option("--published", type=Moment(), help="The time of each HEADLINE; without it time is not regarded.")
@reading
def check(**options: Any) -> int:  # noqa: ANN401 - as add
    """Say what adding each HEADLINE would answer, without remembering it.

    A single - reads JSON lines on stdin, with outlets and times of their own.

    Exit codes: 0 done, 1 failed, 2 usage, 3 done but some lines were skipped (each is named).
    """
    from dedup.cli import index_run  # noqa: PLC0415 - heavy

    return index_run.check(options)


@index.command(
    epilog=examples(
        'dedup index similar news.db "سيول تجتاح وادي السرو"',
        'dedup index similar news.db "سيول تجتاح وادي السرو" --published 2026-03-03T06:00 --top 5 --json',
    )
)
@where
@click.argument("title", metavar="HEADLINE")
@nearest
def similar(**options: Any) -> int:  # noqa: ANN401 - as add
    """List the remembered headlines that are nearest to HEADLINE, with scores.

    With --published only those within the index's window are searched, which is quicker.
    """
    from dedup.cli import index_run  # noqa: PLC0415 - heavy

    return index_run.similar(options)


@index.command(epilog=examples("dedup index stats news.db", "dedup index stats news.db --json"))
@where
@as_json
def stats(**options: Any) -> int:  # noqa: ANN401 - as add
    """Say how much the index holds, from when to when, and what it was made with."""
    from dedup.cli import index_run  # noqa: PLC0415 - heavy

    return index_run.stats(options)


@index.command(
    epilog=examples("dedup index prune news.db --before 2026-01-01", "dedup index prune news.db --older-than 90d")
)
@where
@click.option("--before", type=Moment(), help="Forget headlines published before this time (UTC).")
@click.option("--older-than", type=Span(), help="Forget headlines so much older than the latest: 90d, 72h.")
def prune(**options: Any) -> int:  # noqa: ANN401 - as add
    """Forget old headlines, and give the space back.

    A story keeps its id while any headline of it is remembered.
    """
    from dedup.cli import index_run  # noqa: PLC0415 - heavy

    return index_run.prune(options)


@index.command(
    epilog=examples(
        "dedup index report news.db",
        "dedup index report news.db --since 2026-03-01 --min-outlets 4 --top 20",
        "dedup index report news.db --output coverage --format csv --html report.html",
        "dedup index report news.db --precise --json",
    )
)
@where
@writing
@deciding_of_index
@floor
@narrowing
def report(**options: Any) -> int:  # noqa: ANN401 - as add
    """Report on all that is remembered, as `dedup scan` would: who ran which news, first, after whom, and alone.

    Options are those of `dedup scan`. --threshold, --precise and --wide count for this report only.
    """
    from dedup.cli import index_run  # noqa: PLC0415 - heavy

    return index_run.report(options)


@index.command(epilog=examples("dedup index rebuild news.db", "dedup index rebuild news.db --window 48h --precise"))
@where
@window_of_index
@deciding_of_index
def rebuild(**options: Any) -> int:  # noqa: ANN401 - as add
    """Make matches and stories anew from all that is remembered, as one scan would.

    Needed when another version of dedup refuses the index, or to change --window or the threshold: with none of these
    options it keeps its settings, with any of them the others are the defaults. Ids of stories that are no more find
    the story where their headline went.
    """
    from dedup.cli import index_run  # noqa: PLC0415 - heavy

    return index_run.rebuild(options)
