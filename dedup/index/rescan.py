"""All that an index remembers, looked at as one scan would: ``result`` and ``rebuild``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dedup import frames
from dedup.arabic.keys import add_keys
from dedup.index.recurrence import recurrences, title_hash
from dedup.index.session import recalled
from dedup.index.storage.protocol import Match, Recalled
from dedup.index.window import WindowCache
from dedup.matching.pairs import compare, pair_up
from dedup.matching.timeline import ordered
from dedup.result import Clock, ReadReport, Result, build_result
from dedup.stories.assemble import assemble

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dedup.index.storage.protocol import Storage
    from dedup.result import Progress
    from dedup.settings import Settings


def result(keys: pl.DataFrame, settings: Settings, progress: Progress | None) -> Result:
    """The result of a scan of KEYS."""
    clock = Clock(progress)
    counts = {"items": keys.height, "headlines": keys.height, "undated": keys["published"].null_count()}
    read = ReadReport(frames.empty(frames.SKIPPED), frames.empty(frames.FILES), counts)
    put = ordered(keys.select(list(frames.KEYS)), lambda part: part)
    paired = pair_up(put, settings, progress=lambda done, total: clock.report("matching", done, total))
    clock.finish("matching")
    return build_result(read, paired, settings, clock)


def rebuild(storage: Storage, settings: Settings, reach: int, progress: Progress | None = None) -> None:
    """Make keys, matches and stories anew from the titles of all that is remembered; inside a transaction."""
    clock = Clock(progress)
    remembered = storage.headlines()
    told = remembered.select("headline_id", "row", before="story")
    put = ordered(remembered.select(list(frames.HEADLINES)), add_keys)
    floor = settings.with_(pairs_floor=None)
    paired = pair_up(put, floor, progress=lambda done, total: clock.report("matching", done, total))
    found = paired.matches()
    keys = put.keys().collect().hstack(put.metadata.select("recurs"))
    keys = keys.join(told, on="headline_id", how="left", maintain_order="left")
    rows = keys["row"]
    keys = keys.with_columns(story=rows.gather(assemble(put.metadata, found, settings)["story"]))
    left, right = (rows.gather(found[side]).alias(side) for side in ("left", "right"))
    matches = found.select(right, left, "score", "relation")
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
    meeting = WindowCache(settings, recalled([], settings)).meet(board)
    compare(meeting.board, meeting.candidates, settings)
    return meeting.touches()
