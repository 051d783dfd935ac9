"""All that an index remembers, looked at as one scan would: ``result`` and ``rebuild``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dedup import frames
from dedup.arabic.keys import add_keys
from dedup.feeds import Feeds
from dedup.index.live import Live
from dedup.index.memory import recalled
from dedup.index.recurrence import recurrences, title_hash
from dedup.index.storage import Match, Recalled
from dedup.matching.pairs import compare, pair_up
from dedup.result import Clock, Result, conclude
from dedup.stories import assemble

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dedup.index.storage import Storage
    from dedup.result import Progress
    from dedup.settings import Settings


def result(keys: pl.DataFrame, settings: Settings, progress: Progress | None) -> Result:
    """The result of a scan of KEYS."""
    clock = Clock(progress)
    counts = {"items": keys.height, "headlines": keys.height, "undated": keys["published"].null_count()}
    feeds = Feeds(keys.select(list(frames.HEADLINES)), frames.empty(frames.SKIPPED), frames.empty(frames.FILES), counts)
    paired = pair_up(keys, settings, progress=lambda done, total: clock.tell("matching", done, total))
    clock.done("matching")
    return conclude(feeds, paired, settings, clock)


def rebuild(storage: Storage, settings: Settings, reach: int, progress: Progress | None = None) -> None:
    """Make keys, matches and stories anew from the titles of all that is remembered; inside a transaction."""
    clock = Clock(progress)
    remembered = storage.headlines()
    paired = pair_up(
        add_keys(remembered.select(list(frames.HEADLINES))),
        settings.with_(pairs_floor=None),
        progress=lambda done, total: clock.tell("matching", done, total),
    )
    stories = assemble(paired.keys, paired.pairs, settings)
    rows = remembered.select("headline_id", "row", before="story")
    keys = (
        paired.keys.join(rows, on="headline_id", how="left", maintain_order="left")
        .join(stories.select("headline_id", "story_id"), on="headline_id", how="left", maintain_order="left")
        .join(rows.select(story_id="headline_id", story="row"), on="story_id", how="left", maintain_order="left")
    )
    matches = (
        paired.pairs.filter("is_match")
        .join(rows.select(left_id="headline_id", left="row"), on="left_id")
        .join(rows.select(right_id="headline_id", right="row"), on="right_id")
        .select("right", "left", "score", "relation")
    )
    became = dict(keys.group_by("before", maintain_order=True).agg(pl.col("story").first()).iter_rows())
    titles = [title_hash(outlet, key) for outlet, key in keys.select("outlet", "fuzzy_key").iter_rows()]
    _, days = recurrences(titles, keys["published"].to_physical().to_list(), {})
    storage.replace(keys, (Match(*match) for match in matches.iter_rows()), days, became)
    storage.renew(_touches(keys, settings, reach))


def _touches(keys: pl.DataFrame, settings: Settings, reach: int) -> NDArray[np.void]:
    """What comparing the headlines within reach changed about them; keys are in order of time."""
    time = pl.col("published").to_physical()
    near = keys.filter(time.is_null() | (time >= time.max() - reach))
    told = near.select("row", time, "outlet", "fuzzy_key", "recurs").iter_rows()
    board = recalled([Recalled(*row) for row in told], settings)
    meeting = Live(settings, recalled([], settings)).meet(board)
    compare(meeting.board, meeting.candidates, settings)
    return meeting.touches()
