"""The headlines nearest to one headline: what an aggregator prints under an article."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dedup import frames
from dedup.arabic.keys import add_keys
from dedup.core.text_arrays import replace_surrogates
from dedup.core.time_windows import MICROSECONDS_AN_HOUR
from dedup.matching.blocking.join import join
from dedup.matching.evidence.compute import compute_evidence
from dedup.matching.features import headline_features
from dedup.matching.scoring.model import load_model
from dedup.matching.scoring.relation import decide
from dedup.matching.timeline import in_order
from dedup.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime


def similar(
    title: str,
    headlines: pl.DataFrame,
    *,
    outlet: str | None = None,
    published: datetime | None = None,
    settings: Settings = Settings(),  # noqa: B008 - frozen
) -> pl.DataFrame:
    """The headlines that share something with a headline, the nearest first.

    Args:
        title: a headline.
        headlines: HEADLINES to search.
        outlet: who ran the headline, None where unknown.
        published: when; headlines further from it than the window are left out. None searches all, without regard to
            time.
        settings: for the window and the threshold.

    Returns:
        ``score``, ``relation``, ``hours_apart`` (null without times) and the columns of HEADLINES.
    """
    asked = frames.empty(frames.HEADLINES).vstack(
        pl.DataFrame(
            {
                "headline_id": "",
                "outlet": replace_surrogates(outlet or ""),
                "title": replace_surrogates(title),
                "url": None,
                "published": published,
                "source": "",
            },
            schema=dict(frames.HEADLINES),
        )
    )
    # Headlines after the one asked for stand as far before it: it comes last, and everything looks back.
    moment = pl.lit(asked["published"].item(), frames.TIME)
    headlines = headlines.select(list(frames.HEADLINES))
    mirrored = headlines.with_row_index("place").with_columns(published=moment - (moment - pl.col("published")).abs())
    searched = in_order(add_keys(mirrored))
    last = in_order(add_keys(asked))
    whole = headline_features(searched, settings).concat(headline_features(last, settings))
    window = int(settings.window * MICROSECONDS_AN_HOUR)
    found = join(whole.blocking_keys, whole.time, window=window, limit=len(whole), since=len(searched))
    found, columns, _ = compute_evidence(whole, found)
    model = load_model()
    score = model.score(columns)
    told = pl.DataFrame(
        {
            "place": searched["place"].gather(found.left),
            "score": score,
            "relation": decide(columns, score, settings).relation,
            "hours_apart": columns["hours_apart"],
        }
    ).with_columns(hours_apart=pl.when(pl.col("hours_apart") >= 0).then("hours_apart"))
    joined = told.join(headlines.with_row_index("place"), on="place").drop("place")
    return joined.sort("score", "headline_id", descending=[True, False])
