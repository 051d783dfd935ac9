"""The stages from keys to stories and coverage: their tasks are slices of time.

The digests that each task is given are those of all that it reads, so that a run to which headlines are added repeats
the tasks that they change, and no others.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from dedup.distributed.engine import written
from dedup.distributed.matching import join_components, sum_undated
from dedup.distributed.plan import DAYS

if TYPE_CHECKING:
    from datetime import date

    from dedup.distributed.engine import Engine, Records
    from dedup.distributed.plan import Plan
    from dedup.distributed.store import Store
    from dedup.settings import Settings


def match_slices(
    engine: Engine, store: Store, plan: Plan, settings: Settings, *, slice_days: int | None, undated: int
) -> dict[str, Records]:
    """Run the stages from keys to stories, related stories and headlines, and return their records by stage.

    Args:
        engine: runs them.
        store: of the run.
        plan: of the run.
        settings: of the run.
        slice_days: that the plan was made with.
        undated: number of headlines without a time that are matched.
    """
    own = {"settings": asdict(settings), "slice_days": slice_days}
    sliced = {part.name: own | {"number": part.number} for part in plan.slices}
    days = _day_digests(store)
    in_slice = {part.name: [days[day] for day in part.days] for part in plan.slices}
    engine.run("sort", {} if plan.in_order else sliced, in_slice)
    parts = [part for part in plan.slices if part.days[0] is not None or undated]
    matchable = {part.name: sliced[part.name] for part in parts}
    first_of = dict(zip(plan.day, plan.start, strict=False))
    without_time = [days[None]] if undated else []
    around = {
        part.name: [*without_time, *([first_of[day], days[day]] for day in (*plan.halo(part, settings), *part.days))]
        for part in parts
    }
    if undated:
        engine.run("count", matchable, around)
        sum_undated(store, plan)
    before = store.digests("undated-before")
    matched = engine.run(
        "match",
        {name: arguments | {"undated": undated} for name, arguments in matchable.items()},
        {name: [inputs, before.get(name)] for name, inputs in around.items()},
    )
    reached = join_components(store, plan)
    joined = store.digests("components")
    reach = {part.name: [part, *(plan.slices[number] for number in reached.get(part.number, []))] for part in parts}
    stories = engine.run(
        "stories",
        {part.name: sliced[part.name] | {"reached": reached.get(part.number, [])} for part in parts},
        {
            name: [
                [own.first, own.end, in_slice[own.name], joined[own.name], written(matched[own.name])] for own in slices
            ]
            for name, slices in reach.items()
        },
    )
    roles = _sent_to(stories)
    engine.run(
        "headlines",
        sliced,
        {part.name: [part.first, in_slice[part.name], roles.get(part.name, [])] for part in plan.slices},
    )
    all_stories = [written(record) for record in stories.values()]
    closest = engine.run("pair stories", matchable, {name: [written(matched[name]), all_stories] for name in matchable})
    all_closest = [written(record) for record in closest.values()]
    related = engine.run("related", matchable, dict.fromkeys(matchable, all_closest))
    return {"match": matched, "stories": stories, "related": related}


def _day_digests(store: Store) -> dict[date | None, list[int]]:
    """Return a digest of the headlines of each day."""
    days = store.scan("days", DAYS).group_by("day").agg(pl.col("hash").sum(), pl.col("headlines").sum()).collect()
    return {day: [hashed, headlines] for day, hashed, headlines in days.iter_rows()}


def _sent_to(stories: Records) -> dict[str, list[str]]:
    """Return the digests of the roles that were sent to each slice, by its name."""
    digests = dict[str, list[str]]()
    for record in stories.values():
        for path, digest in record["written"].items():
            digests.setdefault(Path(path).parent.name, []).append(digest)
    return digests
