"""ANS: headlines against a rewritten paraphrase (agree) or contradiction (disagree), without dates or outlets.

Khouja, "Stance prediction and claim verification: an Arabic perspective", 2020. Contradictions keep the words, so a
method that measures similarity takes them for the same news; the question asked here is how many of the pairs that a
method matches agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from benchmarks.recipes import Recipe, UnavailableError, folded
from dedup import frames
from dedup.arabic.keys import add_keys
from dedup.matching.blocking import Candidates
from dedup.matching.board import board, in_order
from dedup.matching.evidence import evidence, letters
from dedup.matching.score import load_model
from dedup.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

PATH = "headline-pairs/ans-stance.tsv"


def stances(data: Path, *, final: bool = False) -> pl.DataFrame | None:
    """``s1``, ``s2`` and ``stance`` of the train and dev splits (or, for a final run, of the test split alone).

    Returns:
        None where the folder has no such file, or the file no such split.
    """
    if not (data / PATH).exists():
        return None
    pairs = pl.read_csv(data / PATH, separator="\t", quote_char=None)
    pairs = pairs.filter((pl.col("split") == "test") == final)
    return pairs if len(pairs) else None


def isolated(titles: pl.Series, others: pl.Series) -> NDArray[np.float32]:
    """The score of each pair of titles, of which nothing else is known, as ``dedup explain`` scores it."""
    count = len(titles)
    width = len(str(2 * count))
    told = pl.DataFrame({"s1": titles, "s2": others}).select(pl.concat_list("s1", "s2").alias("title")).explode("title")
    told = told.with_row_index("place").select(
        headline_id=pl.col("place").cast(pl.String).str.zfill(width),
        outlet=pl.lit(""),
        title="title",
        url=pl.lit(None, pl.String),
        published=pl.lit(None, frames.TIME),
        source=pl.lit(""),
    )
    keys = in_order(add_keys(told))
    whole = board(keys, Settings())
    # Every headline stands in one pair, so the neighbourhood of each pair is that of a pair alone.
    left = np.arange(count) * 2
    pairs, columns = evidence(whole, Candidates(left, left + 1, np.ones(count, np.int64), 0), least=0)
    columns |= letters(whole, pairs)
    empty = (keys["fuzzy_key"] == "").to_numpy().reshape(-1, 2).any(axis=1)
    return np.where(empty, np.float32(0), load_model().score(columns))


def of_dedup(pairs: pl.DataFrame) -> dict[str, Any]:
    """What dedup matches, at its default threshold."""
    limit = load_model().thresholds["default"]
    return _told("dedup", limit, isolated(pairs["s1"], pairs["s2"]) >= limit, pairs)


def of_recipe(pairs: pl.DataFrame, recipe: Recipe) -> dict[str, Any]:
    """What a recipe matches, at its customary threshold."""
    titles = folded(pl.concat([pairs["s1"], pairs["s2"]]))
    left = np.arange(len(pairs))
    try:
        scores = recipe.scores(titles, left, left + len(pairs))
    except UnavailableError as error:
        return {"name": recipe.name, "threshold": recipe.threshold, "unavailable": str(error)}
    if scores is None:
        return {"name": recipe.name, "threshold": recipe.threshold, "unavailable": "too slow for so many titles"}
    return _told(recipe.name, recipe.threshold, scores >= recipe.threshold, pairs)


def _told(name: str, threshold: float, found: NDArray[np.bool_], pairs: pl.DataFrame) -> dict[str, Any]:
    matches = pairs.filter(pl.Series(found))
    counts = {stance: int((matches["stance"] == stance).sum()) for stance in ("agree", "disagree", "other")}
    shares = {
        "share_agree": counts["agree"] / len(matches) if len(matches) else 0.0,
        "recall": counts["agree"] / int((pairs["stance"] == "agree").sum()),
    }
    return {"name": name, "threshold": threshold, "matched": len(matches), **counts, **shares}
