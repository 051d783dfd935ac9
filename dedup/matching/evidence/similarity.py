"""Similarity of fuzzy keys, letter by letter, by rapidfuzz: the only module that imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz import fuzz, process

from dedup.core import parallel
from dedup.matching.evidence.schema import EVIDENCE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.matching.evidence.schema import Columns

    Keys = NDArray[np.object_]

_SCORERS = {"character_ratio": fuzz.ratio, "token_sort_ratio": fuzz.token_sort_ratio}
_STRING_FEATURES = tuple(feature.name for feature in EVIDENCE if feature.cost == "string")

_THREADS_FROM = 1 << 11
"""Pairs from which threads are used: fewer are compared in less than a millisecond, less than threads take to start."""


def similarities(left: Keys, right: Keys) -> Columns:
    """Return the similarities of each pair of keys, 0..1, float32 columns of shape (p,).

    Examples:
        >>> import numpy as np
        >>> pair = np.array(["سيول في الوادي"], object), np.array(["في الوادي سيول"], object)
        >>> {name: round(float(values[0]), 2) for name, values in similarities(*pair).items()}
        {'character_ratio': 0.64, 'token_sort_ratio': 1.0}
    """
    if not len(left):
        return {name: np.empty(0, np.float32) for name in _STRING_FEATURES}
    workers = 1 if len(left) < _THREADS_FROM else parallel.PROCESSORS
    columns: Columns = {}
    for name in _STRING_FEATURES:
        percent: NDArray[np.float32] = process.cpdist(
            left, right, scorer=_SCORERS[name], workers=workers, dtype=np.float32
        )
        columns[name] = percent / np.float32(100)
    return columns


def similar_keys(keys: Keys, others: Keys, *, floor: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the indexes, in both arrays, of all pairs whose token-sort similarity is at least ``floor``, 0..1."""
    similarity = process.cdist(
        keys, others, scorer=fuzz.token_sort_ratio, score_cutoff=floor * 100, workers=parallel.PROCESSORS,
        dtype=np.uint8,
    )  # fmt: skip
    rows, columns = np.nonzero(similarity)
    return rows, columns
