"""KEYS to PAIRS and components, in tasks: sort a slice, count for headlines without a time, match a slice.

A slice is matched with its halo (``windows.halo_hours``): candidates are found for the window before it too, only to
be counted. Headlines without a time are in the halo of every slice, so what earlier slices add to their neighbour
statistics is counted in a pass of its own; the counts are summed, the largest overlaps maximized, in order of time.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from dedup import frames
from dedup.coverage.clocks import copy_times
from dedup.distributed.plan import start_of
from dedup.distributed.store import write_by_month
from dedup.feeds.fields.implausible_dates import microseconds
from dedup.matching.pairs import count_neighbours, match_headlines
from dedup.matching.timeline import timeline_of
from dedup.matching.windows import Span, find_span
from dedup.stories.assemble import connect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedup.distributed.plan import Plan, Slice
    from dedup.distributed.store import Store
    from dedup.matching.timeline import Timeline
    from dedup.settings import Settings

KEYS = frames.KEYS | {"standing": pl.Boolean(), "recurs": pl.Int32()}

MATCHES = {
    "left": pl.Int64(),
    "right": pl.Int64(),
    "score": pl.Float32(),
    "relation": pl.String(),
    "root": pl.Int64(),
}
"""The matched pairs of a slice by the numbers of their headlines, and the first headline of the component of matches
that they are connected by within the slice."""

_COPY = {"outlet": pl.String(), "time": pl.Int64(), "row": pl.Int64()}
COPIES = {f"{name}{side}": dtype for side in ("", "_b") for name, dtype in _COPY.items()}
"""The copies of a slice, see ``copy_times``, by the numbers of their headlines."""

LINKS = {"slice": pl.Int64(), "node": pl.Int64(), "root": pl.Int64(), "is_before": pl.Boolean()}
"""The headlines of a slice's matches that those of other slices may have too, the first headline of their component in
this slice, and whether they are before the slice."""


def sort_slice(store: Store, part: Slice) -> dict[str, Any]:
    """Gather the headlines of a slice, and write them in order of time.

    Args:
        store: has ``keys``, receives ``timeline``.
        part: the slice.
    """
    keys = store.scan("keys", KEYS)
    if part.days[0] is None:
        rows = keys.filter(pl.col("published").is_null())
    else:
        start = start_of(part)
        end = start + timedelta(days=((part.days[-1] or part.days[0]) - part.days[0]).days + 1)
        rows = keys.filter(pl.col("published") >= start, pl.col("published") < end)
    ordered = rows.collect().sort("published", "headline_id", nulls_last=False)
    store.write(ordered, "timeline", f"{part.name}.parquet")
    return {"rows": len(ordered)}


def load_rows(store: Store, plan: Plan, first: int, end: int, columns: Sequence[str]) -> pl.DataFrame:
    """Return columns of the headlines from number ``first`` to before ``end`` in order of time."""
    if plan.in_order:
        return store.read("keys", store.files("keys")[0].name, columns=columns, first=first, count=end - first)
    frames_of = [pl.DataFrame(schema=KEYS).select(columns)]
    for part in plan.slices:
        start, stop = max(first, part.first), min(end, part.end)
        if start < stop:
            rows = {"first": start - part.first, "count": stop - start}
            frames_of.append(store.read("timeline", f"{part.name}.parquet", columns=columns, **rows))
    return pl.concat(frames_of)


def count_undated(store: Store, name: str, plan: Plan, part: Slice, settings: Settings) -> dict[str, Any]:
    """Count what a slice adds to the neighbour statistics of headlines without a time.

    Args:
        store: receives ``undated``.
        name: of the task.
        plan: of the run.
        part: the slice.
        settings: of the run.
    """
    timeline, span, _ = _timeline(store, plan, part, settings, undated=plan.undated)
    count, overlap = count_neighbours(timeline, settings, span, plan.undated)
    store.write(pl.DataFrame({"count": count, "overlap": overlap}), "undated", f"{name}.parquet")
    return {}


def sum_undated(store: Store, plan: Plan) -> None:
    """Write, for each slice, the neighbour statistics of headlines without a time after all slices before it."""
    count, overlap = np.zeros(plan.undated, np.int64), np.zeros(plan.undated, np.float32)
    for part in plan.slices:
        store.write(pl.DataFrame({"count": count, "overlap": overlap}), "undated-before", f"{part.name}.parquet")
        added = store.read("undated", f"{part.name}.parquet")
        count, overlap = count + added["count"].to_numpy(), np.maximum(overlap, added["overlap"].to_numpy())


def match(store: Store, name: str, plan: Plan, part: Slice, settings: Settings, *, undated: int) -> dict[str, Any]:
    """Find the pairs whose later headline is in a slice, and the components of its matches.

    Args:
        store: receives PAIRS by month of the later headline, ``matches``, ``links``, ``copies`` and ``related``.
        name: of the task.
        plan: of the run.
        part: the slice.
        settings: of the run.
        undated: number of headlines without a time; 0 if they are set aside.
    """
    timeline, span, offset = _timeline(store, plan, part, settings, undated=undated)
    if undated:
        before = store.read("undated-before", f"{name}.parquet")
        statistics = before["count"].to_numpy().copy(), before["overlap"].to_numpy().copy()
        span = Span(span.counted_from, span.scored_from, statistics)
    result = match_headlines(timeline, settings, span=span)
    rows = result.rows.lazy().collect()
    write_by_month(
        rows.drop("left", "right"),
        store,
        "pairs",
        f"slice-{name}",
        timeline.metadata["published"].gather(rows["right"]),
    )
    matches = result.matches()
    copies = _numbered(copy_times(timeline.metadata, matches), ("row", "row_b"), undated, offset)
    store.write(copies, "copies", f"{name}.parquet")
    related = _numbered(result.related.lazy().collect(), ("left", "right"), undated, offset)
    store.write(related, "related", f"{name}.parquet")
    matches = _numbered(matches, ("left", "right"), undated, offset)
    left, right = (matches[side].to_numpy() for side in ("left", "right"))
    root = find_roots(left, right)
    store.write(matches.with_columns(root=root), "matches", f"{name}.parquet")
    store.write(_links(left, right, root, part, timeline, settings), "links", f"{name}.parquet")
    return {
        "counts": {
            "candidates": result.candidates,
            "compared": result.compared,
            "left_out_of_full_buckets": result.left_out,
            "matches": len(matches),
            "proposed": len(rows.filter("is_match", pl.col("log_bucket_size") > 0)),
        }
    }


def find_roots(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the smallest node of the connected component of each edge.

    Args:
        left: the smaller node of each edge, shape (e,).
        right: the larger node, shape (e,).

    Examples:
        >>> find_roots(np.array([3, 7, 9]), np.array([7, 8, 10])).tolist()
        [3, 3, 9]
    """
    nodes, *edges = number_rows(left, right)
    first = np.arange(len(nodes))
    connect.for_work(len(left))(*edges, first)
    return nodes[first[edges[0]]]


def number_rows(
    left: NDArray[np.int64], right: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the headlines of some pairs, each once and in order, and where those of each pair are among them.

    Examples:
        >>> [part.tolist() for part in number_rows(np.array([7, 3]), np.array([9, 7]))]
        [[3, 7, 9], [1, 0], [2, 1]]
    """
    rows, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    return rows, places[: len(left)], places[len(left) :]


def join_components(store: Store, plan: Plan) -> dict[int, list[int]]:
    """Join the components that slices share, by the headlines that their matches have in common.

    Writes ``components``: for each slice, the roots of its components that belong to a component with another first
    headline, and that headline.

    Args:
        store: has ``links``, receives ``components``.
        plan: of the run.

    Returns:
        For each slice in which components begin that reach into others, those others.
    """
    shared = store.scan("links", LINKS)
    before = shared.filter("is_before").collect()
    # Of the others only those that a later slice has too: one in fifteen, so the rest is never in memory together.
    others = shared.filter(~pl.col("is_before")).join(before.lazy().select("node").unique(), on="node", how="semi")
    links = pl.concat([before, others.collect(engine="streaming")])
    node, root = links["node"].to_numpy(), links["root"].to_numpy()
    component = find_roots(np.minimum(node, root), np.maximum(node, root))
    links = links.with_columns(component=pl.Series(component, dtype=pl.Int64))
    for part in plan.slices:
        own = links.filter(pl.col("slice") == part.number, pl.col("root") != pl.col("component"))
        store.write(own.select("root", "component").unique().sort("root"), "components", f"{part.name}.parquet")
    begins = plan.slice_of(component)
    reached = dict[int, set[int]]()
    for slices in (links["slice"].to_numpy(), plan.slice_of(node)):
        for begin, end in np.unique(np.stack([begins, slices]), axis=1).T.tolist():
            if begin != end:
                reached.setdefault(begin, set()).add(end)
    return {begin: sorted(ends) for begin, ends in reached.items()}


def _timeline(store: Store, plan: Plan, part: Slice, settings: Settings, *, undated: int) -> tuple[Timeline, Span, int]:
    """Return a slice after its halo, the span of the slice, and the number of dated headlines before the halo."""
    halo = plan.halo(part, settings)
    columns = [*frames.TIMELINE]
    without_time = load_rows(store, plan, 0, undated, columns)
    if part.days[0] is None:
        return timeline_of(without_time), Span(), 0
    offset = plan.start[plan.day.index(halo[0] if halo else part.days[0])]
    frame = pl.concat([without_time, load_rows(store, plan, offset, part.end, columns)])
    timeline = timeline_of(frame)
    times = frame["published"].to_numpy().view(np.int64)  # NumPy's "not a time" is NO_TIME
    return timeline, find_span(times, microseconds(start_of(part)), settings), offset


def _numbered(frame: pl.DataFrame, columns: Sequence[str], undated: int, offset: int) -> pl.DataFrame:
    """Replace rows of the timeline of a slice by the numbers of their headlines in order of time."""
    rows = pl.col(columns).cast(pl.Int64)
    return frame.with_columns(pl.when(rows < undated).then(rows).otherwise(rows - undated + offset))


def _links(
    left: NDArray[np.int64], right: NDArray[np.int64], root: NDArray[np.int64], part: Slice, timeline: Timeline,
    settings: Settings,
) -> pl.DataFrame:  # fmt: skip
    """Return LINKS: headlines before the slice, and those that later slices can still match."""
    nodes, index = np.unique(np.concatenate([left, right]), return_index=True)
    roots = np.concatenate([root, root])[index]
    tail = part.first
    if part.days[-1] is not None:
        published = timeline.metadata["published"].slice(len(timeline) - (part.end - part.first))
        tail += int((published < published.max() - timedelta(hours=settings.window)).sum())  # type: ignore[operator]  # a time
    shared = (nodes < part.first) | (nodes >= tail)
    columns = {
        "slice": np.full(int(shared.sum()), part.number),
        "node": nodes[shared],
        "root": roots[shared],
        "is_before": nodes[shared] < part.first,
    }
    return pl.DataFrame(columns, schema=LINKS)
