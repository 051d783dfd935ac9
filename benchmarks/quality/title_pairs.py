"""Evidence of pairs of headlines that are all there is: no times, no outlets, no neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup import frames
from dedup.arabic.keys import add_keys
from dedup.matching.blocking.candidates import Candidates
from dedup.matching.evidence.compute import compute_evidence
from dedup.matching.features import headline_features
from dedup.matching.timeline import in_order

if TYPE_CHECKING:
    from pathlib import Path

    from dedup.settings import Settings


def alone(pairs: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """One row of evidence for each pair of titles (the first two columns), in order; no pair knows of another."""
    count = len(pairs)
    titles = np.stack([pairs[:, 0].to_numpy(), pairs[:, 1].to_numpy()], axis=1).ravel()
    headlines = frames.empty(frames.HEADLINES).vstack(
        pl.DataFrame(
            {
                "headline_id": [f"{place:09d}" for place in range(2 * count)],
                "outlet": "",
                "title": titles,
                "url": None,
                "published": None,
                "source": "",
            },
            schema=dict(frames.HEADLINES),
        )
    )
    whole = headline_features(in_order(add_keys(headlines)), settings)
    even = np.arange(0, 2 * count, 2, dtype=np.int32)
    candidates = Candidates(even, even + 1, np.ones(count, np.int32), 0)
    return pl.DataFrame(compute_evidence(whole, candidates, min_overlap=0).columns)


def stances(data: Path, splits: tuple[str, ...]) -> pl.DataFrame:
    """Pairs of the ANS set, a headline and its rewriting: ``s1``, ``s2``, ``agree``; empty where the set is absent."""
    path = data / "headline-pairs" / "ans-stance.tsv"
    if not path.exists():
        return pl.DataFrame(schema={"s1": pl.String, "s2": pl.String, "agree": pl.Boolean})
    rows = pl.read_csv(path, separator="\t", quote_char=None, schema_overrides={"s1": pl.String, "s2": pl.String})
    return rows.filter(pl.col("split").is_in(splits)).select("s1", "s2", agree=pl.col("stance") == "agree")
