"""The headlines closest to one headline: what an aggregator prints under an article.

A headline of the same running story may share a common name with the query, or no word at all, but much with a headline
that is related to the query. So a headline is as close to the query as their related score says, or as the weaker of
two related scores, by way of one of the closest headlines. That ranks related news better, but is no probability, and
makes no relation (docs/decisions.md).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from dedup import frames
from dedup.arabic.keys import add_keys
from dedup.core.arguments import require_settings, text_argument, time_argument
from dedup.core.hashing import true_at
from dedup.core.time_windows import NO_TIME
from dedup.errors import SettingError
from dedup.matching.blocking.candidates import NO_KEY, ROW_BITS, Candidates, concat_candidates, key_postings
from dedup.matching.evidence.compute import LITTLE_OVERLAP, compute_evidence
from dedup.matching.features import headline_features
from dedup.matching.scoring.model import Scores, load_model
from dedup.matching.scoring.relation import decide, exclusions
from dedup.matching.timeline import with_recurrence
from dedup.matching.word_information import NO_HOUR, are_new, recent_information
from dedup.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from dedup.matching.evidence.schema import Columns
    from dedup.matching.features import HeadlineFeatures
    from dedup.matching.scoring.model import Model

HUBS, HUB_SCORE = 10, 0.5
"""Others are close to the query by way of at most so many headlines, with at least this related score. Of those with
equal keys one counts: its copies lead nowhere else, and ten copies of the query would leave no room for others."""

CLOSE = 0.3
"""Closeness from which a headline is listed that shares less than LITTLE_OVERLAP with the query."""


class Closeness(NamedTuple):
    """How close each of n headlines is to the query, and by way of which it is, -1 for directly; shapes (n,)."""

    closeness: NDArray[np.float32]
    through: NDArray[np.int64]


def similar(
    title: str,
    headlines: pl.DataFrame,
    *,
    outlet: str | None = None,
    published: datetime | None = None,
    settings: Settings = Settings(),  # noqa: B008 - frozen
) -> pl.DataFrame:
    """Find the headlines that are close to a headline, the closest first.

    Args:
        title: a headline.
        headlines: HEADLINES to search.
        outlet: outlet of the headline, None where unknown.
        published: its time; headlines further from it than the window are left out. None searches all, without regard
            to time.
        settings: for the window and the threshold.

    Returns:
        ``closeness`` (0..1), ``through`` (the id of the headline by way of which it is so close; null for directly),
        ``score``, ``related_score``, ``relation``, ``hours_apart`` (null without times), ``ruled_out_by`` (in words, by
        which rules a score that would be enough makes no match; else null) and the columns of HEADLINES.

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
    query = _query(title, outlet, published)
    query_time = pl.lit(query["published"].item(), frames.TIME)
    distance = (query_time - pl.col("published")).abs()
    is_near = (distance <= timedelta(hours=settings.window)).fill_null(value=True)
    headlines = headlines.select(list(frames.HEADLINES)).with_row_index("row")
    # A weekly column is known by its earlier issues, which are not near.
    keyed = headlines.join(headlines.filter(is_near), on=["outlet", "title"], how="semi", nulls_equal=True)
    # Evidence looks back only: headlines after the query are mirrored to before it, so that the query comes last.
    searched = with_recurrence(add_keys(keyed.with_columns(published=query_time - distance))).filter(is_near)
    features = headline_features(searched, settings)
    features = features.concat(headline_features(with_recurrence(add_keys(query)), settings))
    features = replace(features, information=_information(features))
    pairs, evidence, scores, closeness = _search(features, load_model(settings.calibration))
    is_match, _, relation = decide(evidence, scores, settings)
    excluded = exclusions(evidence, scores, is_match, settings)
    rules = ("; ".join(excluded[row].values()) if row in excluded else None for row in range(len(relation)))
    through = closeness.through[pairs.left]
    matches = pl.DataFrame(
        {
            "row": searched["row"].gather(pairs.left),
            "closeness": closeness.closeness[pairs.left],
            "through": searched["headline_id"].gather(through.clip(0)),
            "score": scores.score,
            "related_score": scores.related_score,
            "relation": relation,
            "hours_apart": evidence["hours_apart"],
            "ruled_out_by": pl.Series(rules, dtype=pl.String),
        }
    ).with_columns(
        through=pl.when(pl.Series(through >= 0)).then("through"),
        hours_apart=pl.when(pl.col("hours_apart") >= 0).then("hours_apart"),
    )
    joined = matches.join(headlines, on="row").drop("row")
    order = ["closeness", "related_score", "score", "headline_id"]
    return joined.sort(order, descending=[True, True, True, False])


def _query(title: str, outlet: str | None, published: datetime | None) -> pl.DataFrame:
    """Return HEADLINES of the query alone."""
    row = {
        "headline_id": "",
        "outlet": text_argument("outlet", "" if outlet is None else outlet),
        "title": text_argument("title", title),
        "url": None,
        "published": time_argument("published", published),
        "source": "",
    }
    return frames.empty(frames.HEADLINES).vstack(pl.DataFrame(row, schema=frames.HEADLINES))


def _search(features: HeadlineFeatures, model: Model) -> tuple[Candidates, Columns, Scores, Closeness]:
    """Compare a query with the headlines that are close to it.

    Args:
        features: of n - 1 headlines within the window of the query, then of the query.
        model: scores the pairs.

    Returns:
        The pairs of the query, their evidence and scores, and the closeness of all headlines.
    """
    query = len(features) - 1
    postings = np.sort(key_postings(features.blocking_keys))

    def compare(pairs: Candidates, min_overlap: float) -> tuple[Candidates, Columns, Scores]:
        compared = compute_evidence(features, pairs, min_overlap=min_overlap)
        return compared.candidates, compared.columns, model.scores(compared.columns)

    near, evidence, scores = compare(_sharing_words(features, postings, np.array([query])), LITTLE_OVERLAP)
    direct = np.zeros(query, np.float32)
    direct[near.left] = scores.related_score
    hubs = np.argsort(-direct, kind="stable")
    hubs = hubs[direct[hubs] >= HUB_SCORE]
    _, first = np.unique(features.key[hubs], return_index=True)
    hubs = hubs[np.sort(first)[:HUBS]]
    between = _sharing_words(features, postings, hubs)
    between, _, steps = compare(between.take(true_at(between.right < query)), LITTLE_OVERLAP)
    closeness, through = _closeness(direct, hubs, between, steps.related_score)
    is_far = np.ones(query, bool)
    is_far[near.left] = False
    further = true_at(is_far & (closeness >= CLOSE))
    right, no_key = np.full(len(further), query, np.int32), np.zeros(len(further), np.int32)
    others, columns, far_scores = compare(Candidates(further.astype(np.int32), right, no_key, 0), 0)
    through[further[far_scores.related_score > closeness[further]]] = -1
    closeness[further] = np.maximum(closeness[further], far_scores.related_score)
    joined = {name: np.concatenate([values, columns[name]]) for name, values in evidence.items()}
    scores = Scores(*map(np.concatenate, zip(scores, far_scores, strict=True)))
    return concat_candidates([near, others]), joined, scores, Closeness(closeness, through)


def _closeness(
    direct: NDArray[np.float32], hubs: NDArray[np.int64], pairs: Candidates, related_score: NDArray[np.float32]
) -> Closeness:
    """Return the closeness of n headlines to the query: by the best path of one or two steps, its weaker one counts.

    Args:
        direct: related score of each with the query, shape (n,).
        hubs: rows of the headlines that paths may lead through.
        pairs: some of them with others.
        related_score: of the pairs.
    """
    rows = np.arange(len(direct))
    head, hub, value = [rows], [np.full(len(direct), -1)], [direct]
    for start, end in ((pairs.left, pairs.right), (pairs.right, pairs.left)):
        steps = np.isin(start, hubs)
        head.append(end[steps].astype(np.int64))
        hub.append(start[steps].astype(np.int64))
        value.append(np.minimum(direct[start[steps]], related_score[steps]))
    headline, through, closeness = (np.concatenate(parts) for parts in (head, hub, value))
    order = np.lexsort([through, -closeness, headline])  # of equal paths the direct one
    best = order[np.searchsorted(headline[order], rows)]
    return Closeness(closeness[best], through[best])


def _sharing_words(features: HeadlineFeatures, postings: NDArray[np.uint64], rows: NDArray[np.int64]) -> Candidates:
    """Return the pairs of some headlines with all that share a word or a blocking key with them.

    One headline can be compared with many, so that blocking, which finds the same news, need not hide related news.

    Args:
        features: of n headlines.
        postings: of all blocking keys, ascending.
        rows: of the headlines.
    """
    count, stem = len(features), features.words.stem
    codes, sizes = [np.empty(0, np.int64)], [np.empty(0, np.int32)]
    for row in rows.tolist():
        size = _smallest_buckets(features.blocking_keys[row], postings, count)
        shares = np.isin(stem, stem[row, : features.words.length[row]]).any(axis=1) | (size > 0)
        shares[row] = False
        others = true_at(shares)
        codes.append(np.maximum(others, row) * count + np.minimum(others, row))
        sizes.append(size[others])
    code, first = np.unique(np.concatenate(codes), return_index=True)
    right, left = np.divmod(code, count)
    return Candidates(left.astype(np.int32), right.astype(np.int32), np.concatenate(sizes)[first], 0)


def _smallest_buckets(keys: NDArray[np.uint64], postings: NDArray[np.uint64], count: int) -> NDArray[np.int32]:
    """Return how many others have the rarest of the keys that each of n headlines has, 0 for no key, shape (n,).

    Args:
        keys: blocking keys of one headline.
        postings: of the blocking keys of all, ascending.
        count: n.
    """
    size = np.zeros(count, np.int32)
    keys = keys[keys != NO_KEY] & ~ROW_BITS
    for first, last in zip(postings.searchsorted(keys), postings.searchsorted(keys | ROW_BITS, "right"), strict=True):
        bucket = (postings[first:last] & ROW_BITS).astype(np.int64)
        others = last - first - 1
        size[bucket] = np.where(size[bucket] > 0, np.minimum(size[bucket], others), others)
    return size


def _information(features: HeadlineFeatures) -> NDArray[np.float32]:
    """Return the information of the words of all headlines, corrected by those that have a time.

    A scan corrects the words of each headline by the headlines before it; a search has one time only.

    Args:
        features: of n - 1 headlines within the window of the query, then of the query.
    """
    is_undated, count = features.time == NO_TIME, len(features)
    if is_undated[-1]:
        return features.words.weight
    # Each headline comes twice: once to be counted, an hour later to be weighed.
    counted = replace(features.counted_words(), hour=np.where(is_undated, NO_HOUR, 0))
    weighed = replace(counted, hour=np.ones(count, np.int64))
    is_new = are_new(counted, span=1)
    is_new[-1] = False
    is_new = np.concatenate([is_new, np.zeros(count, bool)])
    information = recent_information(counted.concat(weighed), is_new, features.words.weight, span=1)
    information[is_undated] = features.words.weight[is_undated]
    return information
