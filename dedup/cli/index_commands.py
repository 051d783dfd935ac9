"""The commands of ``dedup index`` and their options; `dedup.cli.index_run` implements them and is imported late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dedup.cli.loading import load
from dedup.cli.option_groups import (
    as_json,
    bidi,
    deciding_of_index,
    floor,
    merging,
    narrowing,
    nearest,
    paths,
    quiet,
    reading,
    window_of_index,
    writing,
)
from dedup.cli.parameter_types import Moment, Span, examples

if TYPE_CHECKING:
    from collections.abc import Callable

where = click.argument("where", metavar="INDEX")


def verdict_format(text: str) -> Callable[[Any], Any]:
    """Build the option that chooses how verdicts are printed."""
    return click.option(
        "--format", "verdict_format", default="text", type=click.Choice(["text", "jsonl"]), show_default=True,
        help=text,
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
    """Keep headlines from run to run and tell new news from known stories.

    INDEX is the path of an SQLite file, created by the first `dedup index add`, or redis://HOST:PORT/DB?prefix=NAME.
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
@verdict_format("With jsonl, print the verdict of each new headline as a JSON line, and the summary on stderr.")
@quiet
@click.option("--retention", type=Span(), help="Delete headlines older than the latest by this span. [default: never]")
@window_of_index
@deciding_of_index
@reading
def add(**options: Any) -> int:  # noqa: ANN401 - click passes options by name
    """Read feeds and tables, and add their new items to the index.

    PATHs are as for `dedup scan`. Items already in the index are ignored, so this may run every minute on the same
    folder, and runs may overlap. Headlines are added in order of time in batches of 5,000: an interrupted run has
    added the earlier batches, and the next run adds the rest.

    --window, --threshold, --precise and --wide take effect when the index is created; later they may be omitted.

    Exit codes: 0 done, 1 failed, 2 usage error, 3 done but some inputs were skipped (each is listed).
    """
    return int(load("index_run").add(options))


@index.command(
    epilog=examples(
        'dedup index check news.db "مصرع 5 أشخاص في سيول وادي السرو"',
        'dedup index check news.db "وصول الطائرة الثالثة" --outlet الضحى --published 2026-03-04T18:30 --format jsonl',
        "cat new.jsonl | dedup index check news.db - --format jsonl",
    )
)
@where
@click.argument("titles", nargs=-1, required=True, metavar="HEADLINE...")
@verdict_format("Print verdicts as text or as JSON lines.")
@click.option("--outlet", metavar="NAME", help="Outlet of each HEADLINE.")
@click.option("--published", type=Moment(), help="Time of each HEADLINE; without it time is ignored.")
@bidi
@reading
def check(**options: Any) -> int:  # noqa: ANN401 - as add
    """Print the verdict that adding each HEADLINE would give, without adding it.

    A single - reads JSON lines on stdin, each with its own outlet and time.

    Exit codes: 0 done, 1 failed, 2 usage error, 3 done but some lines were skipped (each is listed).
    """
    return int(load("index_run").check(options))


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
    """List the headlines of the index that are nearest to HEADLINE, with scores.

    With --published only headlines within the window of the index are searched, which is faster.
    """
    return int(load("index_run").similar(options))


@index.command(epilog=examples("dedup index stats news.db", "dedup index stats news.db --json"))
@where
@as_json
def stats(**options: Any) -> int:  # noqa: ANN401 - as add
    """Print the size of the index, the period it covers, and its settings and versions."""
    return int(load("index_run").stats(options))


@index.command(epilog=examples("dedup index verify news.db", "dedup index verify news.db --json"))
@where
@as_json
def verify(**options: Any) -> int:  # noqa: ANN401 - as add
    """Read the whole index and list everything that is damaged or inconsistent.

    Compares the structure of the storage, the checksum of each record, references and counts; changes nothing.

    Exit codes: 0 intact, 1 damaged or failed, 2 usage.
    """
    return int(load("index_run").verify(options))


@index.command(
    epilog=examples("dedup index prune news.db --before 2026-01-01", "dedup index prune news.db --older-than 90d")
)
@where
@click.option("--before", type=Moment(), help="Delete headlines published before this time (UTC).")
@click.option("--older-than", type=Span(), help="Delete headlines older than the latest by this span: 90d, 72h.")
def prune(**options: Any) -> int:  # noqa: ANN401 - as add
    """Delete old headlines and free their disk space.

    A story keeps its id as long as any of its headlines remains.
    """
    return int(load("index_run").prune(options))


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
@merging
@narrowing
def report(**options: Any) -> int:  # noqa: ANN401 - as add
    """Report on all headlines of the index as `dedup scan` would.

    The options are those of `dedup scan`. --threshold, --precise and --wide apply to this report only.
    """
    return int(load("index_run").report(options))


@index.command(epilog=examples("dedup index rebuild news.db", "dedup index rebuild news.db --window 48h --precise"))
@where
@window_of_index
@deciding_of_index
def rebuild(**options: Any) -> int:  # noqa: ANN401 - as add
    """Recompute keys, matches and stories from the titles, as one scan would.

    Needed when another version of dedup refuses the index, or to change --window or the threshold: without these
    options the index keeps its settings; if any is given, the others take their defaults. The id of a story that
    disappears leads to the story that its headline joined.
    """
    return int(load("index_run").rebuild(options))
