"""What the commands of ``dedup index`` do. Imported only when one of them runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
import polars as pl

from dedup.cli import asked
from dedup.cli.progress import Watch
from dedup.cli.screen import show
from dedup.cli.telling import DONE, SKIPPED, deliver, name_skipped, say
from dedup.errors import IncompatibleIndexError
from dedup.feeds import headlines_from
from dedup.index import HeadlineIndex
from dedup.matching.scoring.model import threshold as resolved
from dedup.report import index as told_of_index
from dedup.report import terminal
from dedup.report.files import as_lines
from dedup.report.machine import in_json
from dedup.report.wording import count
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from dedup.index import Verdicts

_AT_ONCE = 5_000
"""Headlines added in one transaction: many enough that its cost is small, few enough that others need not wait."""


def add(options: Mapping[str, Any]) -> int:
    """Read, remember what is new, say what came of it; the exit code."""
    settings = asked.settings_of_index(options)
    opened = HeadlineIndex.open(options["where"], settings=settings, retention=options["retention"])
    as_jsonl = options["verdict_format"] == "jsonl"
    counts: Counter[str] = Counter()
    with opened as index, Watch(wanted=not options["quiet"]) as watch:
        feeds = asked.feeds(options, watch)
        headlines = _kept(feeds.headlines, index.kept_since()).sort("published", "headline_id", nulls_last=False)
        for done, batch in _batches(headlines):
            told = _verdicts(batch, index.add_many(batch))
            fresh = told.filter(~pl.col("known"))
            counts += Counter(new=len(fresh), new_stories=int(fresh["is_new_story"].sum()))
            if as_jsonl:
                click.echo(as_lines(fresh.drop("known")), nl=False)
            watch("adding", done, len(headlines))
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
        say(options, ", ".join(f"{figure:,} {name}" for name, figure in summary.items()))
    elif not options["quiet"]:
        show(lambda _: told_of_index.facts(summary))
    name_skipped(feeds.skipped)
    return SKIPPED if feeds.skipped.height else DONE


def check(options: Mapping[str, Any]) -> int:
    """Say what adding would answer; the exit code."""
    titles = options["titles"]
    if "-" in titles and len(titles) > 1:
        raise click.UsageError("- reads headlines from stdin: give no others beside it.")
    with HeadlineIndex.open(options["where"], mode="r") as index:
        if titles == ("-",):
            with Watch() as watch:
                feeds = asked.feeds({**options, "paths": titles}, watch)
        else:
            fields = {"outlet": options["outlet"], "published": options["published"]}
            feeds = headlines_from([{"title": title} | fields for title in titles], timezone=options["timezone"])
        told = _verdicts(feeds.headlines, index.check_many(feeds.headlines))
        if options["verdict_format"] == "jsonl":
            click.echo(as_lines(told), nl=False)
        else:
            known = list(_with_matches(index, told))
            show(lambda _: told_of_index.verdicts(known))
    name_skipped(feeds.skipped)
    return SKIPPED if feeds.skipped.height else DONE


def similar(options: Mapping[str, Any]) -> int:
    """List the remembered headlines nearest to one; the exit code."""
    with HeadlineIndex.open(options["where"], mode="r") as index:
        found = index.similar(options["title"], outlet=options["outlet"], published=options["published"])
    found = found.head(options["top"])
    if options["as_json"]:
        click.echo(in_json({"headlines": found.to_dicts()}))
    else:
        show(lambda _: terminal.nearest(found))
    return DONE


def stats(options: Mapping[str, Any]) -> int:
    """Say what an index holds; the exit code."""
    with HeadlineIndex.open(options["where"], mode="r") as index:
        told = asdict(index.stats())
    if options["as_json"]:
        click.echo(in_json(told))
    else:
        show(lambda _: told_of_index.stats(options["where"], told))
    return DONE


def prune(options: Mapping[str, Any]) -> int:
    """Forget old headlines; the exit code."""
    given = [options[name] for name in ("before", "older_than") if options[name] is not None]
    if len(given) != 1:
        raise click.UsageError("say what to forget: either --before TIME or --older-than SPAN.")
    _require_there(options["where"])
    with HeadlineIndex.open(options["where"]) as index:
        forgotten = index.prune(before=given[0])
    click.echo(f"dedup: forgot {count(forgotten, 'headline')}", err=True)
    return DONE


def report(options: Mapping[str, Any]) -> int:
    """Report on all that is remembered; the exit code."""
    threshold = asked.threshold(options)
    lowest = None if threshold is None else resolved(Settings(threshold=threshold))
    floor = min((one for one in (options["pairs_floor"], lowest) if one is not None), default=None)
    with HeadlineIndex.open(options["where"], mode="r") as index, Watch(wanted=not options["quiet"]) as watch:
        result = index.result(pairs_floor=floor, progress=watch)
    if threshold is not None:
        result = result.at(threshold)
    return deliver(result, options, index=options["where"])


def rebuild(options: Mapping[str, Any]) -> int:
    """Make matches and stories anew; the exit code."""
    where, settings = options["where"], asked.settings_of_index(options)
    with Watch() as watch:
        try:
            _require_there(where)
            with HeadlineIndex.open(where, settings=settings) as index:
                index.rebuild(progress=watch)
                told = index.stats()
        except IncompatibleIndexError:
            with HeadlineIndex.open(where, settings=settings, mode="rebuild", progress=watch) as index:
                told = index.stats()
    held = f"{count(told.headlines, 'headline')} in {count(told.stories, 'story', 'stories')}"
    click.echo(f"dedup: rebuilt {held}", err=True)
    return DONE


def _require_there(where: str) -> None:
    """Refuse to make an index where one was to be changed."""
    with HeadlineIndex.open(where, mode="r"):
        pass


def _kept(headlines: pl.DataFrame, since: datetime | None) -> pl.DataFrame:
    """Without those that the index would forget at once, and a later run would take for new again."""
    return headlines if since is None else headlines.remove(pl.col("published") < since)


def _batches(headlines: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """Parts of a frame, and how many rows came up to the end of each."""
    for first in range(0, len(headlines), _AT_ONCE):
        yield min(first + _AT_ONCE, len(headlines)), headlines.slice(first, _AT_ONCE)


def _verdicts(headlines: pl.DataFrame, verdicts: Verdicts) -> pl.DataFrame:
    """HEADLINES with the verdict on each."""
    return headlines.join(verdicts.frame, on="headline_id", maintain_order="left")


def _with_matches(index: HeadlineIndex, told: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Verdicts, each with the headline that it matches, which is remembered or one of those asked about."""
    here = {one["headline_id"]: one for one in told.iter_rows(named=True)}
    for one in here.values():
        matched = one["matched_id"]
        if matched is not None and matched not in here:
            members = index.story(matched).headlines.iter_rows(named=True)
            other = next(member for member in members if member["headline_id"] == matched)
        else:
            other = here.get(matched, {})
        yield one | {f"matched_{name}": other.get(name) for name in ("title", "outlet", "published")}
