"""Related pairs of headlines to related stories, in tasks: the stories of a slice's pairs, then those of a story.

The pairs of a story lie in all slices that it reaches into, so each slice sends the closest stories to the slices in
which they begin, and these list them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from dedup.distributed.covering import ROLES, gather
from dedup.distributed.matching import number_rows
from dedup.distributed.store import write_by_month
from dedup.stories.related import CLOSEST, closest_stories, list_related

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.distributed.plan import Plan, Slice
    from dedup.distributed.store import Store

FOLDER = "related-stories"


def pair_stories(store: Store, name: str, plan: Plan) -> dict[str, Any]:
    """Find the closest stories by the related pairs of a slice, and send them to the slices in which they begin.

    Args:
        store: has ``related`` and ``roles``, receives ``related-stories``.
        name: of the task.
        plan: of the run.
    """
    pairs = store.read("related", f"{name}.parquet")
    rows, left, right = number_rows(pairs["left"].to_numpy(), pairs["right"].to_numpy())
    story = _stories_of(store, plan, rows)
    closest = closest_stories(pairs.with_columns(left=pl.Series(story[left]), right=pl.Series(story[right])))
    begins = plan.slice_of(closest["left"].to_numpy())
    for number in np.unique(begins).tolist():
        store.write(closest.filter(begins == number), FOLDER, plan.slices[number].name, f"{name}.parquet")
    return {}


def write_related(store: Store, name: str, plan: Plan, part: Slice) -> dict[str, Any]:
    """Write RELATED of the stories that begin in a slice.

    Args:
        store: has ``related-stories``, receives the table ``related``.
        name: of the task.
        plan: of the run.
        part: the slice.
    """
    sent = store.scan(f"{FOLDER}/{name}", dict(CLOSEST))
    closest = sent.group_by("left", "right").agg(pl.col("related_score").max()).collect()
    rows, left, right = number_rows(closest["left"].to_numpy(), closest["right"].to_numpy())
    first = gather(store, plan, rows, ["headline_id", "published"])
    closest = closest.with_columns(left=pl.Series(left), right=pl.Series(right))
    related = list_related(closest, first["published"], first["headline_id"])
    began = related.select("story_id").join(first, left_on="story_id", right_on="headline_id", maintain_order="left")
    write_by_month(related, store, "related", f"slice-{part.name}", began["published"])
    return {"counts": {"related": len(related)}}


def _stories_of(store: Store, plan: Plan, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of the first headline of each headline's story; headlines without a role are their own."""
    story, slices = rows.copy(), plan.slice_of(rows)
    for number in np.unique(slices).tolist():
        roles = store.scan(f"roles/{plan.slices[number].name}", ROLES).select("row", "story").sort("row").collect()
        own, known = rows[slices == number], roles["row"].to_numpy()
        if not len(known):
            continue
        found = np.searchsorted(known, own).clip(max=len(known) - 1)
        story[slices == number] = np.where(known[found] == own, roles["story"].to_numpy()[found], own)
    return story
