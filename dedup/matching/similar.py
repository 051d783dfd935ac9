"""The headlines most similar to one headline: what an aggregator prints under an article."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup import frames
from dedup.arabic.keys import add_keys
from dedup.core.arguments import require_settings, text_argument, time_argument
from dedup.core.time_windows import MICROSECONDS_AN_HOUR, NO_TIME
from dedup.errors import SettingError
from dedup.matching.blocking.candidates import Candidates
from dedup.matching.blocking.join import join
from dedup.matching.evidence.compute import LITTLE_OVERLAP, compute_evidence
from dedup.matching.features import headline_features
from dedup.matching.scoring.model import load_model
from dedup.matching.scoring.relation import decide, exclusions
from dedup.matching.timeline import with_recurrence
from dedup.matching.word_information import NO_HOUR, are_new, recent_information
from dedup.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from dedup.matching.features import HeadlineFeatures


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
        ``score``, ``related_score``, ``relation``, ``hours_apart`` (null without times), ``ruled_out_by`` (in words, by
        which rules a score that would be enough makes no match; else null) and the columns of HEADLINES, the highest
        ``related_score`` first.

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
    features = headline_features(searched, settings)
    features = features.concat(headline_features(with_recurrence(add_keys(query)), settings))
    window = int(settings.window * MICROSECONDS_AN_HOUR)
    features = replace(features, information=_information_around(features, window))
    candidates = _sharing_a_word(features, window)
    compared = compute_evidence(features, candidates, min_overlap=LITTLE_OVERLAP)
    candidates, evidence = compared.candidates, compared.columns
    scores = load_model(settings.calibration).scores(evidence)
    is_match, _, relation = decide(evidence, scores, settings)
    excluded = exclusions(evidence, scores, is_match, settings)
    rules = ("; ".join(excluded[row].values()) if row in excluded else None for row in range(len(relation)))
    matches = pl.DataFrame(
        {
            "row": searched["row"].gather(candidates.left),
            "score": scores.score,
            "related_score": scores.related_score,
            "relation": relation,
            "hours_apart": evidence["hours_apart"],
            "ruled_out_by": pl.Series(rules, dtype=pl.String),
        }
    ).with_columns(hours_apart=pl.when(pl.col("hours_apart") >= 0).then("hours_apart"))
    joined = matches.join(headlines, on="row").drop("row")
    return joined.sort("related_score", "score", "headline_id", descending=[True, True, False])


def _sharing_a_word(features: HeadlineFeatures, window: int) -> Candidates:
    """Return the pairs of the query with all headlines within its window that share a word with it.

    One headline can be compared with many, so that blocking, which finds the same news, need not hide related news.

    Args:
        features: of n - 1 headlines, then of the query.
        window: microseconds.
    """
    query = len(features) - 1
    blocked = join(features.blocking_keys, features.time, window=window, limit=len(features), since=query)
    time, stem = features.time[:query], features.words.stem
    shares = np.isin(stem[:query], stem[query, : features.words.length[query]]).any(axis=1)
    if features.time[query] != NO_TIME:
        shares &= (time == NO_TIME) | (features.time[query] - np.where(time == NO_TIME, 0, time) <= window)
    size = np.zeros(query, np.int32)
    size[blocked.left] = blocked.bucket_size
    left = np.flatnonzero(shares | (size > 0)).astype(np.int32)
    return Candidates(left, np.full(len(left), query, np.int32), size[left], 0)


def _information_around(features: HeadlineFeatures, window: int) -> NDArray[np.float32]:
    """Return the information of the words of all headlines, corrected by those within the window of the query.

    A scan corrects the words of each headline by the headlines before it; a search has one time only.

    Args:
        features: of n - 1 headlines in order of time, then of the query.
        window: microseconds.
    """
    is_undated, count = features.time == NO_TIME, len(features)
    if is_undated[-1]:
        return features.words.weight
    is_near = ~is_undated & (features.time >= features.time[-1] - window)
    # Each headline comes twice: once to be counted, an hour later to be weighed.
    counted = replace(features.counted_words(), hour=np.where(is_near, 0, NO_HOUR))
    weighed = replace(counted, hour=np.ones(count, np.int64))
    is_new = are_new(counted, span=1)
    is_new[-1] = False
    is_new = np.concatenate([is_new, np.zeros(count, bool)])
    information = recent_information(counted.concat(weighed), is_new, features.words.weight, span=1)
    information[is_undated] = features.words.weight[is_undated]
    return information
