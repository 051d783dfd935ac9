"""Labelled samples made of known scores, for the audit's tests."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from dedup import audit, frames

LABEL = {True: "same-news", False: "different"}


@pytest.fixture(scope="session")
def drawn():
    """A sample of the example feeds, not labelled."""
    return audit.draw("examples/feeds", pairs=60, seed=3)


@pytest.fixture
def sample():
    """Make AUDIT_PAIRS of scores, truths and weights; labels follow the truth."""

    def make(scores, truths, weights=None, *, related=None, labels=None):
        count = len(scores)
        columns = {
            "pair": range(1, count + 1),
            "label": labels or [LABEL[bool(truth)] for truth in truths],
            "score": scores,
            "related_score": related,
            "weight": [1.0] * count if weights is None else weights,
            "kind": ["numbers differ" if number % 2 else "other" for number in range(count)],
            "left_id": [f"a{number}" for number in range(count)],
            "right_id": [f"b{number}" for number in range(count)],
        }
        frame = pl.DataFrame({name: pl.Series(name, values) for name, values in columns.items() if values is not None})
        empty = [pl.lit(None).alias(name) for name in frames.AUDIT_PAIRS if name not in frame.columns]
        frame = frame.with_columns(*empty)
        return frame.select(pl.col(name).cast(dtype) for name, dtype in frames.AUDIT_PAIRS.items())

    return make


@pytest.fixture
def overconfident():
    """Scores whose log-odds are twice as large as they should be, with their truths."""
    rng = np.random.default_rng(5)
    logit = rng.normal(0, 2, 600)
    truth = rng.random(600) < 1 / (1 + np.exp(-logit))
    return 1 / (1 + np.exp(-2 * logit)), truth
