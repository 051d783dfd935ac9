"""Draw pairs to label from all candidates of a scan, at every score.

Labels of the highest scores alone flatter: they say nothing about missed pairs, nor about the doubtful middle. So pairs
are drawn in equal numbers from bins over the whole range of scores, at random within a bin, and each pair's weight is
the number of candidates that it stands for: (candidates of its bin) / (pairs drawn from it). Weighted shares are then
estimates for all candidates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup import frames
from dedup.errors import AuditError, SettingError
from dedup.pipeline import scan
from dedup.settings import Settings

if TYPE_CHECKING:
    import os

    from numpy.typing import NDArray

    from dedup.result import Progress, Result

EDGES = (0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Edges between the bins of score. Nearly all candidates score below 0.02 and hardly any of them match."""

KINDS = {
    "standing title": (pl.col("standing") > 0) | (pl.col("recurrence_days") > 0),
    "numbers differ": (pl.col("number_clash") > 0) | (pl.col("ordinal_clash") > 0),
    "dates differ": (pl.col("weekday_clash") > 0) | (pl.col("month_clash") > 0),
    "places differ": pl.col("place_clash") > 0,
    "polarity differs": (pl.col("polarity_clash") > 0) | (pl.col("negation_clash") > 0),
    "denial or reaction": (pl.col("denial_one_sided") > 0) | (pl.col("reaction_one_sided") > 0),
    "hardly any shared words": pl.col("shared_words") <= 1,
}
"""Kinds of pairs by their evidence; the first that holds is the pair's kind, ``other`` if none does."""


def draw(
    *paths: str | os.PathLike[str],
    pairs: int = 200,
    seed: int = 1,
    cross_outlet: bool = False,
    settings: Settings = Settings(),  # noqa: B008 - frozen
    progress: Progress | None = None,
    **reading: object,
) -> pl.DataFrame:
    """Scan paths and draw pairs to label.

    Args:
        paths: files, folders, glob patterns, or ``-``, as for ``dedup.scan``.
        pairs: number of pairs to draw.
        seed: seed of the draw; the same seed and input draw the same pairs.
        cross_outlet: draw pairs of different outlets only.
        settings: parameters of matching; its pairs floor is ignored, since pairs of every score are drawn.
        progress: as for ``dedup.scan``.
        **reading: further arguments of ``dedup.scan``, such as ``timezone``.

    Returns:
        AUDIT_PAIRS in random order, labels empty.

    Raises:
        AuditError: the scan has no candidate pairs.
        SettingError: ``pairs`` is below 1.
    """
    if pairs < 1:
        raise SettingError("pairs", pairs, "at least 1")
    result = scan(*paths, settings=settings.with_(pairs_floor=0.0), progress=progress, **reading)  # type: ignore[arg-type]
    return draw_from(result, pairs=pairs, seed=seed, cross_outlet=cross_outlet)


def draw_from(result: Result, *, pairs: int = 200, seed: int = 1, cross_outlet: bool = False) -> pl.DataFrame:
    """Draw pairs to label from a result whose pairs were kept down to a low floor.

    Args:
        result: of a scan with ``Settings(pairs_floor=0)``; pairs below its floor are never drawn.
        pairs: number of pairs to draw.
        seed: seed of the draw.
        cross_outlet: draw pairs of different outlets only.

    Returns:
        AUDIT_PAIRS in random order, labels empty.

    Raises:
        AuditError: the result has no pairs.
    """
    candidates = result.pairs
    if cross_outlet:
        candidates = candidates.filter(pl.col("same_outlet") != 1)
    if candidates.is_empty():
        raise AuditError("no candidate pairs to draw from; give more headlines, or a longer --window")
    rows, weight = stratify(candidates["score"].to_numpy(), pairs, np.random.default_rng(seed))
    drawn = candidates[rows]
    related = pl.col("related_score") if "related_score" in drawn.columns else pl.lit(None)
    drawn = drawn.select(
        "left_id", "right_id", "score", related.cast(pl.Float32).alias("related_score"), "is_match", "relation",
        kind_of_pair(), weight=pl.Series(weight),
    )  # fmt: skip
    headlines = result.headlines.select("headline_id", "outlet", "published", "title")
    for side in ("left", "right"):
        named = headlines.rename({name: f"{side}_{name.removeprefix('headline_')}" for name in headlines.columns})
        drawn = drawn.join(named, on=f"{side}_id", how="left", maintain_order="left")
    numbered = drawn.with_columns(
        pair=pl.int_range(1, len(drawn) + 1, dtype=pl.UInt32),
        label=pl.lit(None, pl.String),
        note=pl.lit(None, pl.String),
    )
    return numbered.select([pl.col(name).cast(dtype) for name, dtype in frames.AUDIT_PAIRS.items()])


def stratify(
    scores: NDArray[np.float32], pairs: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Draw rows in equal numbers from the bins of score.

    A bin with fewer rows than its share gives all of them, and the other bins share what is left.

    Args:
        scores: scores, 0..1, shape (n,).
        pairs: number of rows to draw; all rows if there are fewer.
        rng: source of randomness.

    Returns:
        Row numbers in random order and the weight of each, both of shape (min(pairs, n),).
    """
    bins = np.searchsorted(np.array(EDGES, scores.dtype), scores, side="right")
    members = [np.flatnonzero(bins == number) for number in range(len(EDGES) + 1)]
    quotas = np.zeros(len(members), np.int64)
    sizes = np.array([len(rows) for rows in members])
    for _ in range(min(pairs, len(scores))):
        open_bins = np.flatnonzero(quotas < sizes)
        quotas[open_bins[np.argmin(quotas[open_bins])]] += 1
    rows = [rng.choice(rows, quota, replace=False) for rows, quota in zip(members, quotas, strict=True)]
    weights = [np.full(quota, size / max(quota, 1)) for size, quota in zip(sizes, quotas, strict=True)]
    order = rng.permutation(int(quotas.sum()))
    return np.concatenate(rows)[order].astype(np.int64), np.concatenate(weights)[order]


def kind_of_pair() -> pl.Expr:
    """Return the expression of a pair's kind, from its evidence."""
    kind = pl.lit("other")
    for name, condition in reversed(KINDS.items()):
        kind = pl.when(condition).then(pl.lit(name)).otherwise(kind)
    return kind.alias("kind")
