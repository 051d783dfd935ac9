"""Evidence of isolated pairs of titles: no times, no outlets, no neighbours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup import frames
from dedup.arabic.keys import add_keys
from dedup.matching.blocking.candidates import Candidates
from dedup.matching.evidence.compute import compute_evidence
from dedup.matching.features import headline_features
from dedup.matching.timeline import with_recurrence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from dedup.matching.features import HeadlineFeatures
    from dedup.settings import Settings


STANCE = "headline-pairs/ans-stance.tsv"
"""The ANS pairs in a data folder."""


def title_keys(titles: Sequence[str] | NDArray[np.object_]) -> pl.DataFrame:
    """Return the KEYS of titles without times and outlets, in their order, which is that of the ids too."""
    columns = {
        "headline_id": [f"{row:09d}" for row in range(len(titles))],
        "outlet": "",
        "title": titles,
        "url": None,
        "published": None,
        "source": "",
    }
    return add_keys(pl.DataFrame(columns, schema=dict(frames.HEADLINES)))


def title_evidence(
    pairs: pl.DataFrame, settings: Settings, *, originals: HeadlineFeatures | None = None
) -> pl.DataFrame:
    """Compute the evidence of each pair of titles (the first two columns), one row each, independent of each other.

    Args:
        pairs: p pairs.
        settings: for the features.
        originals: features of the 2p headlines that the titles were made from, pair by pair: words that a title has in
            common with its original have the information that they have there.
    """
    count = len(pairs)
    titles = np.stack([pairs[:, 0].to_numpy(), pairs[:, 1].to_numpy()], axis=1).ravel()
    features = headline_features(with_recurrence(title_keys(titles)), settings)
    if originals is not None:
        features = replace(features, information=_information_as_in(features, originals))
    left = np.arange(0, 2 * count, 2, dtype=np.int32)
    candidates = Candidates(left, left + 1, np.ones(count, np.int32), 0)
    return pl.DataFrame(compute_evidence(features, candidates, min_overlap=0).columns)


def _information_as_in(features: HeadlineFeatures, originals: HeadlineFeatures) -> NDArray[np.float32]:
    """Return the information of words, that of the original headline where it has the stem, shape (n, MAX_WORDS)."""
    information = features.information.copy()
    for position in range(information.shape[1]):
        stem = originals.words.stem[:, position, None]
        is_same = (features.words.stem == stem) & (stem != 0)
        information = np.where(is_same, originals.information[:, position, None], information)
    return information


def stance_pairs(data: Path, splits: tuple[str, ...]) -> pl.DataFrame:
    """Return the ANS pairs of the given splits: ``s1``, ``s2``, ``agree``; empty if the folder has no ANS file."""
    path = data / STANCE
    if not path.exists():
        return pl.DataFrame(schema={"s1": pl.String, "s2": pl.String, "agree": pl.Boolean})
    rows = pl.read_csv(path, separator="\t", quote_char=None, schema_overrides={"s1": pl.String, "s2": pl.String})
    return rows.filter(pl.col("split").is_in(splits)).select("s1", "s2", agree=pl.col("stance") == "agree")
