"""The headlines most similar to one headline: what an aggregator prints under an article."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dedup import frames
from dedup.arabic.keys import add_keys
from dedup.core.arguments import require_settings, text_argument, time_argument
from dedup.core.time_windows import MICROSECONDS_AN_HOUR
from dedup.errors import SettingError
from dedup.matching.blocking.join import join
from dedup.matching.evidence.compute import compute_evidence
from dedup.matching.features import headline_features
from dedup.matching.scoring.model import load_model
from dedup.matching.scoring.relation import decide
from dedup.matching.timeline import with_recurrence
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
    """Find the headlines that share a blocking key with a headline, the highest score first.

    Args:
        title: a headline.
        headlines: HEADLINES to search.
        outlet: outlet of the headline, None where unknown.
        published: its time; headlines further from it than the window are left out. None searches all, without regard
            to time.
        settings: for the window and the threshold.

    Returns:
        ``score``, ``relation``, ``hours_apart`` (null without times) and the columns of HEADLINES.

    Raises:
        SettingError: the title or outlet is no text, the time no datetime, or ``headlines`` no frame.
        FrameError: ``headlines`` lacks columns of HEADLINES.

    Examples:
        >>> from dedup import find_duplicates
        >>> headlines = find_duplicates(["إغلاق جسر النخيل أمام الشاحنات", "سيول جارفة في وادي السرو"]).headlines
        >>> similar("اغلاق جسر النخيل", headlines)["title"].to_list()
        ['إغلاق جسر النخيل أمام الشاحنات']
    """
    if not isinstance(headlines, pl.DataFrame):
        expected = "a frame of headlines, such as read_feeds(…).headlines"
        raise SettingError("headlines", type(headlines).__name__, expected)
    require_settings(settings)
    frames.check(headlines, frames.HEADLINES, "HEADLINES")
    query = frames.empty(frames.HEADLINES).vstack(
        pl.DataFrame(
            {
                "headline_id": "",
                "outlet": text_argument("outlet", "" if outlet is None else outlet),
                "title": text_argument("title", title),
                "url": None,
                "published": time_argument("published", published),
                "source": "",
            },
            schema=dict(frames.HEADLINES),
        )
    )
    # Evidence looks back only: headlines after the query are mirrored to before it, so that the query comes last.
    query_time = pl.lit(query["published"].item(), frames.TIME)
    headlines = headlines.select(list(frames.HEADLINES)).with_row_index("row")
    mirrored = headlines.with_columns(published=query_time - (query_time - pl.col("published")).abs())
    searched = with_recurrence(add_keys(mirrored))
    features = headline_features(searched, settings).concat(
        headline_features(with_recurrence(add_keys(query)), settings)
    )
    candidates = join(
        features.blocking_keys, features.time, window=int(settings.window * MICROSECONDS_AN_HOUR), limit=len(features),
        since=len(searched),
    )  # fmt: skip
    candidates, evidence, _ = compute_evidence(features, candidates)
    score = load_model().score(evidence)
    matches = pl.DataFrame(
        {
            "row": searched["row"].gather(candidates.left),
            "score": score,
            "relation": decide(evidence, score, settings).relation,
            "hours_apart": evidence["hours_apart"],
        }
    ).with_columns(hours_apart=pl.when(pl.col("hours_apart") >= 0).then("hours_apart"))
    joined = matches.join(headlines, on="row").drop("row")
    return joined.sort("score", "headline_id", descending=[True, False])
