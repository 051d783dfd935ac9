"""Soft labels: the probability that a silver pair reports the same news, given the agreement of its articles.

Articles that agree report the same news, but articles that do not agree do not always report other news: outlets write
their own text on one event. Of the gold pairs with article agreement below 0.03, 75 % of those within six hours and
with much shared information are the same news, and none of those more than two days apart. A score trained on hard
silver labels therefore learns to distrust rewritten headlines. A logistic regression on gold (article agreement, time,
outlet, shared information and a first score) turns silver into probabilities, and the score is fitted to these. The
score itself never sees an article.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

UNLABELLED = 0.01
"""Soft label of candidates that silver does not list: their articles do not agree and their words hardly overlap."""


def fit(pairs: pl.DataFrame) -> Pipeline:
    """Fit the regression to pairs with both gold and silver labels; column ``first`` holds a first score's log-odds."""
    in_both = pl.col("label").is_not_null() & pl.col("body_jaccard").is_not_null()
    known = pairs.filter(in_both, ~pl.col("timeless"))
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000)).fit(_features(known), known["dup"])


def soften(pairs: pl.DataFrame, model: Pipeline) -> NDArray[np.float64]:
    """Return the soft label of each pair, 0..1, shape (n,); contrasts keep theirs (column ``soft``)."""
    listed = pairs["body_jaccard"].is_not_null().to_numpy()
    labels = pairs["soft"].fill_null(UNLABELLED).to_numpy().copy()
    labels[listed] = model.predict_proba(_features(pairs.filter(listed)))[:, 1]
    return labels


def _features(pairs: pl.DataFrame) -> NDArray[np.float64]:
    """Return the inputs of the regression, shape (n, 13)."""
    bodies, apart = (pl.col("body_jaccard") + 0.01).log(), pl.col("hours").log1p()
    return pairs.select(
        bodies,
        bodies.pow(2).alias("bodies²"),
        "body_containment",
        apart,
        apart.pow(2).alias("apart²"),
        pl.col("within").cast(pl.Float64),
        (pl.col("within") * apart).alias("within × apart"),
        "overlap",
        pl.col("shared_information") / 50,
        "first",
        *(pl.col(f"{fact}_clash").clip(0, 1) for fact in ("number", "ordinal", "side")),
    ).to_numpy()
