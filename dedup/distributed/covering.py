"""PAIRS to stories and coverage, in tasks: the stories that begin in a slice, then the headlines of a slice.

Stories are made from whole components of matches. The slice in which a component begins makes its stories, with the
matches of all slices that it reaches into. Headlines without a match are not loaded for that: they are alone in their
story, and are added when the headlines of their slice are written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from dedup import frames
from dedup.coverage import EXCLUSIVE_COLUMNS, cover_stories, tallies
from dedup.coverage.roles import ROLE
from dedup.distributed.matching import load_rows, number_rows
from dedup.distributed.store import write_by_month
from dedup.matching.timeline import timeline_of
from dedup.stories.assemble import assemble, connect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedup.coverage.tallies import Counts
    from dedup.distributed.plan import Plan, Slice
    from dedup.distributed.store import Store
    from dedup.settings import Settings

ROLES = {
    "row": pl.Int64(),
    "story": pl.Int64(),
    "story_id": pl.String(),
    "role": pl.String(),
    "matched_id": pl.String(),
    "score": pl.Float32(),
    "is_covered": pl.Boolean(),
}
"""The headlines of a slice that have a match, by their numbers, with the number of the first headline of their story;
``is_covered`` if two outlets have their story."""

_SINGLES = {"published": frames.TIME, "outlet": pl.String(), "role": ROLE, "story": pl.Int64()}

_COUNTS = ("leads", "lags", "outlets")
"""Folders of the counts of each slice."""

HEADLINE_COLUMNS = (*frames.KEYS, "story_id", "role", "matched_id", "score")


def make_stories(
    store: Store, name: str, plan: Plan, part: Slice, settings: Settings, *, reached: Sequence[int]
) -> dict[str, Any]:
    """Assemble the stories of the components that begin in a slice, and their coverage.

    Args:
        store: has ``matches``, ``components`` and ``timeline``; receives the table ``stories``, ``roles`` and counts.
        name: of the task.
        plan: of the run.
        part: the slice.
        settings: of the run.
        reached: numbers of the other slices into which these components reach.
    """
    parts = [part, *(plan.slices[number] for number in reached)]
    matches = pl.concat([_own_matches(store, part, source) for source in parts]).sort("right", "left")
    rows, left, right = number_rows(matches["left"].to_numpy(), matches["right"].to_numpy())
    timeline = timeline_of(gather(store, plan, rows, [*frames.METADATA, "title"]))
    local = {"left": pl.Series(left, dtype=pl.UInt32), "right": pl.Series(right, dtype=pl.UInt32)}
    matches = matches.with_columns(**local).select(list(frames.MATCHES))
    stories = assemble(timeline.metadata, matches, settings)
    covered = cover_stories(timeline, matches, stories)
    write_by_month(covered.stories, store, "stories", f"slice-{name}", pl.col("first_published"))
    ids = timeline.metadata["headline_id"]
    story = covered.headlines["story"]
    roles = covered.headlines.select(
        "role", "score", row=pl.Series(rows), story=pl.Series(rows).gather(story), story_id=ids.gather(story),
        matched_id=ids.gather(covered.headlines["matched"]),
    )  # fmt: skip
    shared = covered.stories.filter(pl.col("n_outlets") >= 2)["story_id"]
    roles = roles.with_columns(is_covered=pl.col("story_id").is_in(shared.implode())).select(list(ROLES))
    in_slice = plan.slice_of(rows)
    for number in np.unique(in_slice).tolist():
        store.write(roles.filter(in_slice == number), "roles", plan.slices[number].name, f"{name}.parquet")
    _write_counts(store, covered.counts, f"stories-{name}")
    return {"counts": {"stories": len(covered.stories)}, "largest": _largest(left, right, ids)}


def write_headlines(store: Store, name: str, plan: Plan, part: Slice) -> dict[str, Any]:
    """Write the headlines of a slice with their stories and roles, and its exclusives.

    Args:
        store: has ``timeline`` and ``roles``; receives the tables ``headlines`` and ``exclusives``, and counts.
        name: of the task.
        plan: of the run.
        part: the slice.
    """
    keys = load_rows(store, plan, part.first, part.end, [*frames.KEYS, "standing"])
    roles = store.scan(f"roles/{name}", ROLES).collect()
    headlines = keys.with_columns(row=part.first + pl.int_range(pl.len(), dtype=pl.Int64)).join(
        roles.drop("story"), on="row", how="left", maintain_order="left"
    )
    is_single = pl.col("role").is_null()
    headlines = headlines.with_columns(
        pl.col("outlet").fill_null(""),
        pl.col("is_covered").fill_null(value=False),
        story_id=pl.coalesce("story_id", "headline_id"),
        role=pl.coalesce("role", pl.when("standing").then(pl.lit("standing")).otherwise(pl.lit("single"))),
        is_single=is_single,
    )
    exclusives = headlines.filter(~pl.col("is_covered") & (pl.col("role") != "standing"))
    exclusives = exclusives.sort("published", "headline_id", descending=[True, False], nulls_last=True)
    for table, frame, columns in (
        ("headlines", headlines, HEADLINE_COLUMNS),
        ("exclusives", exclusives, EXCLUSIVE_COLUMNS),
    ):
        write_by_month(frame.select(columns), store, table, f"slice-{name}", pl.col("published"))
    singles = headlines.filter("is_single").select("published", "outlet", pl.col("role").cast(ROLE), story="row")
    _write_counts(store, _count(singles), f"singles-{name}")
    return {"rows": len(headlines)}


def read_counts(store: Store) -> Counts:
    """Return the counts of all slices."""
    names = sorted(path.name for path in store.work(_COUNTS[-1]).glob("*.parquet"))
    if not names:
        return _count(pl.DataFrame(schema=_SINGLES))
    leads, lags, outlets = (pl.concat([store.read(folder, name) for name in names]) for folder in _COUNTS)
    return tallies.Counts(outlets, lags, leads)


def _count(headlines: pl.DataFrame) -> Counts:
    return tallies.count_outlets(headlines, tallies.entries(headlines))


def _write_counts(store: Store, counts: Counts, name: str) -> None:
    # Last the outlets: read_counts goes by their names.
    for folder, frame in zip(_COUNTS, (counts.leads, counts.lags, counts.outlets), strict=True):
        store.write(frame, folder, f"{name}.parquet")


def _largest(left: NDArray[np.int64], right: NDArray[np.int64], ids: pl.Series) -> dict[str, Any]:
    """Return the number of headlines of the largest component of matches, and the id of the first of them."""
    if not len(ids):
        return {"headlines": 0, "headline_id": None}
    first = np.arange(len(ids))
    connect.for_work(len(left))(left, right, first)
    sizes = np.bincount(first)
    return {"headlines": int(sizes.max()), "headline_id": ids[int(sizes.argmax())]}


def _own_matches(store: Store, part: Slice, source: Slice) -> pl.DataFrame:
    """Return the matches of a slice that belong to components that begin in another, or in itself."""
    components = store.read("components", f"{source.name}.parquet")
    matches = store.read("matches", f"{source.name}.parquet").join(components, on="root", how="left")
    begins_here = pl.coalesce("component", "root").is_between(part.first, part.end, closed="left")
    return matches.filter(begins_here).select("left", "right", "score", "relation")


def gather(store: Store, plan: Plan, rows: NDArray[np.int64], columns: Sequence[str]) -> pl.DataFrame:
    """Return columns of the given headlines, which are in order of time."""
    slices = plan.slice_of(rows)

    def of_slice(number: int) -> pl.DataFrame:
        own = rows[slices == number]
        return load_rows(store, plan, own[0], own[-1] + 1, columns).select(pl.all().gather(own - own[0]))

    return pl.concat([load_rows(store, plan, 0, 0, columns), *map(of_slice, np.unique(slices).tolist())])
