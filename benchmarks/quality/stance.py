"""Accuracy on ANS: headlines paired with a paraphrase (agree) or a contradiction (disagree), without dates or outlets.

Khouja, "Stance prediction and claim verification: an Arabic perspective", 2020. Contradictions share most words, so
similarity alone takes them for the same news. The main figure is the share of agreeing pairs among the matches. The
score is trained on the training split; judge by the development split.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.quality.title_pairs import title_evidence
from dedup.matching.scoring.model import load_model
from dedup.settings import Settings

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


def score_titles(pairs: pl.DataFrame) -> NDArray[np.float32]:
    """Return the score of each pair of titles (the first two columns), as ``dedup explain`` scores two titles."""
    columns = title_evidence(pairs, Settings())
    score = load_model().scores({name: columns[name].to_numpy() for name in columns.columns}).score
    return np.where(columns["words_min"].to_numpy() > 0, score, np.float32(0))


def judge_pairs(pairs: pl.DataFrame) -> dict[str, float]:
    """Return the share of agreeing pairs among the matches at the default threshold, and that of matches among them.

    Args:
        pairs: ``s1``, ``s2``, ``agree``.
    """
    agree, is_match = pairs["agree"].to_numpy(), score_titles(pairs) >= load_model().thresholds["default"]
    hits, matched, agreeing = (int(rows.sum()) for rows in (is_match & agree, is_match, agree))
    return {"share_agree": hits / matched if matched else 0.0, "recall": hits / agreeing if agreeing else 0.0}
