"""Run the commands of ``dedup index``. Imported only when one of them runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
import polars as pl

from dedup.cli import arguments
from dedup.cli.console import show
from dedup.cli.delivery import DONE, FAILED, SKIPPED, deliver, list_remarks, list_skipped, message
from dedup.cli.progress import ProgressBars
from dedup.errors import IncompatibleIndexError
from dedup.feeds import headlines_from
from dedup.index import HeadlineIndex
from dedup.matching.scoring.model import threshold as resolved
from dedup.report import index_answers, terminal
from dedup.report.files import as_lines
from dedup.report.json_report import to_json
from dedup.report.wording import count
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from dedup.index import Verdicts

_BATCH = 5_000
"""Headlines per transaction: enough to make its fixed cost small, few enough that other writers wait briefly."""


def add(options: Mapping[str, Any]) -> int:
    """Read feeds, add the new headlines and print a summary; return the exit code."""
    settings = arguments.index_settings(options)
    opened = HeadlineIndex.open(options["where"], settings=settings, retention=options["retention"])
    as_jsonl = options["verdict_format"] == "jsonl"
    counts: Counter[str] = Counter()
    with opened as index, ProgressBars(wanted=not options["quiet"]) as bars:
        feeds = arguments.read_paths(options, bars)
        headlines = _within_retention(feeds.headlines, index.kept_since())
        headlines = headlines.sort("published", "headline_id", nulls_last=False)
        for done, batch in _batches(headlines):
            fresh = _with_verdicts(batch, index.add_many(batch)).filter(~pl.col("known"))
            counts += Counter(new=len(fresh), new_stories=int(fresh["is_new_story"].sum()))
            if as_jsonl:
                click.echo(as_lines(fresh.drop("known")), nl=False)
            bars("adding", done, len(headlines))
    new, new_stories = counts["new"], counts["new_stories"]
    summary = {
        "read": len(feeds.headlines),
        "new": new,
        "known": len(headlines) - new,
        "too old": len(feeds.headlines) - len(headlines),
        "new stories": new_stories,
        "joined stories": new - new_stories,
        "skipped": len(feeds.skipped),
    }
    if as_jsonl:
        message(options, ", ".join(f"{figure:,} {name}" for name, figure in summary.items()))
    elif not options["quiet"]:
        show(lambda _: index_answers.facts(summary))
    list_skipped(feeds.skipped)
    list_remarks(feeds.remarks)
    return SKIPPED if feeds.skipped.height else DONE


def check(options: Mapping[str, Any]) -> int:
    """Print the verdicts that adding would give; return the exit code."""
    titles = options["titles"]
    if "-" in titles and len(titles) > 1:
        raise click.UsageError("- reads all headlines from stdin; it cannot be combined with others.")
    with HeadlineIndex.open(options["where"], mode="r") as index:
        if titles == ("-",):
            with ProgressBars() as bars:
                feeds = arguments.read_paths({**options, "paths": titles}, bars)
        else:
            fields = {"outlet": options["outlet"], "published": options["published"]}
            feeds = headlines_from([{"title": title} | fields for title in titles], timezone=options["timezone"])
        verdicts = _with_verdicts(feeds.headlines, index.check_many(feeds.headlines))
        if options["verdict_format"] == "jsonl":
            click.echo(as_lines(verdicts), nl=False)
        else:
            rows = list(_with_matches(index, verdicts))
            show(lambda _: index_answers.verdicts(rows), bidi=options["bidi"])
    list_skipped(feeds.skipped)
    list_remarks(feeds.remarks)
    return SKIPPED if feeds.skipped.height else DONE


def similar(options: Mapping[str, Any]) -> int:
    """List the headlines of the index nearest to a headline; return the exit code."""
    with HeadlineIndex.open(options["where"], mode="r") as index:
        matches = index.similar(options["title"], outlet=options["outlet"], published=options["published"])
    matches = matches.head(options["top"])
    if options["as_json"]:
        click.echo(to_json({"headlines": matches.to_dicts()}))
    else:
        show(lambda _: terminal.nearest(matches), bidi=options["bidi"])
    return DONE


def stats(options: Mapping[str, Any]) -> int:
    """Print the statistics of an index; return the exit code."""
    with HeadlineIndex.open(options["where"], mode="r") as index:
        statistics, where = asdict(index.stats()), index.where
    if options["as_json"]:
        click.echo(to_json(statistics))
    else:
        show(lambda _: index_answers.stats(where, statistics))
    return DONE


def verify(options: Mapping[str, Any]) -> int:
    """Print the problems of an index; return the exit code."""
    with HeadlineIndex.open(options["where"], mode="r") as index:
        verification = index.verify()
        where = index.where
    if options["as_json"]:
        click.echo(to_json(asdict(verification)))
    elif verification.is_intact:
        counts = (
            f"{count(verification.headlines or 0, 'headline')}, {count(verification.matches or 0, 'match', 'matches')}"
        )
        click.echo(f"{where}: intact, {counts}")
    else:
        click.echo("\n".join(verification.problems))
    if not verification.is_intact:
        click.echo(f"dedup: {where}: damaged; restore a copy, or add its feeds to a new index", err=True)
    return DONE if verification.is_intact else FAILED


def prune(options: Mapping[str, Any]) -> int:
    """Delete old headlines; return the exit code."""
    given = [options[name] for name in ("before", "older_than") if options[name] is not None]
    if len(given) != 1:
        raise click.UsageError("give either --before TIME or --older-than SPAN.")
    _require_index(options["where"])
    with HeadlineIndex.open(options["where"]) as index:
        deleted = index.prune(before=given[0])
    click.echo(f"dedup: deleted {count(deleted, 'headline')}", err=True)
    return DONE


def report(options: Mapping[str, Any]) -> int:
    """Report on all headlines of an index; return the exit code."""
    threshold = arguments.chosen_threshold(options)
    lowest = None if threshold is None else resolved(Settings(threshold=threshold))
    floor = min((score for score in (options["pairs_floor"], lowest) if score is not None), default=None)
    with HeadlineIndex.open(options["where"], mode="r") as index, ProgressBars(wanted=not options["quiet"]) as bars:
        where = index.where
        result = index.result(pairs_floor=floor, merge_outlets=not options["no_merge_outlets"], progress=bars)
    if threshold is not None:
        result = result.at(threshold)
    return deliver(result, options, index=where)


def rebuild(options: Mapping[str, Any]) -> int:
    """Recompute matches and stories; return the exit code."""
    where, settings = options["where"], arguments.index_settings(options)
    with ProgressBars() as bars:
        try:
            _require_index(where)
            with HeadlineIndex.open(where, settings=settings) as index:
                index.rebuild(progress=bars)
                statistics = index.stats()
        except IncompatibleIndexError:
            with HeadlineIndex.open(where, settings=settings, mode="rebuild", progress=bars) as index:
                statistics = index.stats()
    sizes = f"{count(statistics.headlines, 'headline')} in {count(statistics.stories, 'story', 'stories')}"
    click.echo(f"dedup: rebuilt {sizes}", err=True)
    return DONE


def _require_index(where: str) -> None:
    """Raise an error if there is no index, so that opening it for writing cannot create one."""
    with HeadlineIndex.open(where, mode="r"):
        pass


def _within_retention(headlines: pl.DataFrame, since: datetime | None) -> pl.DataFrame:
    """Drop headlines older than the retention: the index would delete them at once and report them as new every run."""
    return headlines if since is None else headlines.remove(pl.col("published") < since)


def _batches(headlines: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yield slices of a frame, each with the number of rows up to its end."""
    for first in range(0, len(headlines), _BATCH):
        yield min(first + _BATCH, len(headlines)), headlines.slice(first, _BATCH)


def _with_verdicts(headlines: pl.DataFrame, verdicts: Verdicts) -> pl.DataFrame:
    """Join HEADLINES with their verdicts."""
    return headlines.join(verdicts.frame, on="headline_id", maintain_order="left")


def _with_matches(index: HeadlineIndex, verdicts: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield each verdict with the title, outlet and time of its match, which is in the index or in the same batch."""
    batch = {verdict["headline_id"]: verdict for verdict in verdicts.iter_rows(named=True)}
    for verdict in batch.values():
        matched_id = verdict["matched_id"]
        if matched_id is not None and matched_id not in batch:
            members = index.story(matched_id).headlines.iter_rows(named=True)
            match = next(member for member in members if member["headline_id"] == matched_id)
        else:
            match = batch.get(matched_id, {})
        yield verdict | {f"matched_{name}": match.get(name) for name in ("title", "outlet", "published")}
