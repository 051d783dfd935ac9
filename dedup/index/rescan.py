"""A rescan: all stored headlines processed as one scan would, for ``result`` and ``rebuild``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dedup import frames
from dedup.arabic.keys import add_keys
from dedup.coverage.outlet_names import merge_names
from dedup.index.recurrence import count_recurrences, title_hash
from dedup.index.session import load_features
from dedup.index.storage.protocol import Match, WindowHeadline
from dedup.index.window import WindowCache
from dedup.matching.pairs import match_headlines, score_candidates
from dedup.matching.timeline import build_timeline
from dedup.result import Clock, ReadReport, Result, build_result
from dedup.stories.assemble import assemble

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np
    from numpy.typing import NDArray

    from dedup.index.storage.protocol import Storage
    from dedup.result import Progress
    from dedup.settings import Settings


def scan_stored(
    keys: pl.DataFrame,
    settings: Settings,
    progress: Progress | None,
    *,
    merge_outlets: bool = True,
    kept: Collection[str] = (),
) -> Result:
    """Return the result of a scan of KEYS.

    Args:
        keys: KEYS of all stored headlines.
        settings: parameters of matching.
        progress: see ``scan``.
        merge_outlets: give one name to each outlet that provably occurs under several, as a scan does.
        kept: names that the caller gave, which are not merged with each other.
    """
    clock = Clock(progress)
    keys = keys.select(list(frames.KEYS))
    keys, merged = _with_merged_outlets(keys, kept) if merge_outlets else (keys, None)
    counts = {"items": keys.height, "headlines": keys.height, "undated": keys["published"].null_count()}
    report = ReadReport(
        frames.empty(frames.SKIPPED), frames.empty(frames.REMARKS), frames.empty(frames.FILES), counts, merged
    )
    timeline = build_timeline(keys, lambda part: part)
    paired = match_headlines(timeline, settings, progress=lambda done, total: clock.report("matching", done, total))
    clock.finish("matching")
    return build_result(report, paired, settings, clock)


def _with_merged_outlets(keys: pl.DataFrame, kept: Collection[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return KEYS with one name for each outlet that provably occurs under several, and PROPOSALS of the names."""
    headlines, merged = merge_names(keys.select(list(frames.HEADLINES)), kept)
    if merged.is_empty():
        return keys, merged
    # Keys depend on the name of the outlet, which is no part of a headline.
    renamed = keys["outlet"].is_in(merged["outlet"].implode())
    return pl.concat([keys.filter(~renamed), add_keys(headlines.filter(renamed))]), merged


def rebuild(storage: Storage, settings: Settings, reach: int, progress: Progress | None = None) -> None:
    """Recompute keys, matches and stories of all stored headlines, inside a write transaction.

    Args:
        storage: the storage.
        settings: the settings of the rebuilt index.
        reach: microseconds before the latest time that window caches reach back.
        progress: see ``scan``.
    """
    clock = Clock(progress)
    stored = storage.headlines()
    timeline = build_timeline(stored.select(list(frames.HEADLINES)), add_keys)
    match_settings = settings.with_(pairs_floor=None)
    paired = match_headlines(
        timeline, match_settings, progress=lambda done, total: clock.report("matching", done, total)
    )
    matched = paired.matches()
    rows_and_stories = stored.select("headline_id", "row", earlier_story="story")
    keys = timeline.keys().collect().hstack(timeline.metadata.select("recurs"))
    keys = keys.join(rows_and_stories, on="headline_id", how="left", maintain_order="left")
    rows = keys["row"]
    keys = keys.with_columns(story=rows.gather(assemble(timeline.metadata, matched, settings)["story"]))
    left, right = (rows.gather(matched[side]).alias(side) for side in ("left", "right"))
    matches = matched.select(right, left, "score", "relation")
    successors = keys.group_by("earlier_story", maintain_order=True).agg(pl.col("story").first())
    titles = [title_hash(outlet, key) for outlet, key in keys.select("outlet", "fuzzy_key").iter_rows()]
    _, days = count_recurrences(titles, keys["published"].to_physical().to_list(), {})
    storage.replace(keys, (Match(*match) for match in matches.iter_rows()), days, dict(successors.iter_rows()))
    storage.begin_epoch(_neighbour_statistics(keys, settings, reach))


def _neighbour_statistics(keys: pl.DataFrame, settings: Settings, reach: int) -> NDArray[np.void]:
    """Return the neighbour statistics of the headlines within reach; ``keys`` are in order of time."""
    time = pl.col("published").to_physical()
    within = keys.filter(time.is_null() | (time >= time.max() - reach))
    columns = within.select("row", time, "outlet", "fuzzy_key", "recurs")
    features = load_features([WindowHeadline(*values) for values in columns.iter_rows()], settings)
    cache = WindowCache(settings, load_features([], settings))
    candidate_set = cache.find_candidates(cache.with_recent_words(features))
    score_candidates(candidate_set.features, candidate_set.candidates, settings)
    return candidate_set.deltas()
