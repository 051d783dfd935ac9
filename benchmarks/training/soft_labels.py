"""Soft labels: how probable it is that a pair reports the same news, given what only the training data know.

Bodies that agree are the same news, but bodies that do not agree are not always other news: outlets write their own
text on one event. Of the gold pairs whose bodies hardly agree (< 0.03), 75 % of those within six hours and with much
shared information are the same news, and none of those more than two days apart. Trained on the bare silver labels, the
score learns to distrust rewritten headlines; so silver is read through the gold labels first: a logistic regression of
a dozen numbers (the agreement of the bodies, time, outlet, shared information, and a first score) says how probable it
is that a silver pair is the same news, and the score is fitted to that probability. The score itself never sees a body.
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
"""The soft label of a candidate that silver does not list: its bodies do not agree and its words hardly overlap."""


def fit(pairs: pl.DataFrame) -> Pipeline:
    """Learn from the gold pairs that silver knows too; the column ``first`` is a first score's log-odds."""
    labelled = pl.col("label").is_not_null() & pl.col("body_jaccard").is_not_null()
    known = pairs.filter(labelled, ~pl.col("timeless"))
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000)).fit(_features(known), known["dup"])


def soften(pairs: pl.DataFrame, model: Pipeline) -> NDArray[np.float64]:
    """The soft label of each pair, 0..1; contrasts come with theirs (``soft``)."""
    listed = pairs["body_jaccard"].is_not_null().to_numpy()
    labels = pairs["soft"].fill_null(UNLABELLED).to_numpy().copy()
    labels[listed] = model.predict_proba(_features(pairs.filter(listed)))[:, 1]
    return labels


def _features(pairs: pl.DataFrame) -> NDArray[np.float64]:
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
