"""The board: all that pairs are compared on, as arrays with one row per headline, in order of time.

A board is made from KEYS a batch at a time and holds no more than the window reaches back: a scan slides it over its
headlines, an index keeps it between calls. What a row is does not depend on the batch that it came in.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.arabic.vocabulary import Words, tokenize
from dedup.core.hashed_names import HashedNames
from dedup.matching.blocking import candidates, minhash, shingles
from dedup.matching.blocking.word_pairs import MOST, word_pair_keys
from dedup.matching.evidence.alignment import PackedWords, pack_words

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from dedup.settings import Settings


@dataclass(frozen=True)
class HeadlineFeatures:
    """Arrays over n headlines in order of (time, id), those without a time first.

    Attributes:
        row: the headline's row in the KEYS that the board was made from, shape (n,).
        time: microseconds since 1970 UTC, ``time_windows.NO_TIME`` where unknown, shape (n,).
        outlet: a hash of the outlet's name, 0 where unknown, shape (n,).
        key: the fuzzy key, shape (n,) of str.
        words: its words.
        signature: MinHash signatures, shape (n, permutations).
        blocks: blocking keys, shape (n, k).
        recurs: on how many earlier days the same outlet ran the same title, shape (n,).
        standing: whether the title stands above something else every time, shape (n,).
        candidate_count: candidates of the headline so far, shape (n,); updated as pairs are compared.
        largest_overlap: largest overlap with any of them, shape (n,); updated as pairs are compared.
    """

    row: NDArray[np.int64]
    time: NDArray[np.int64]
    outlet: NDArray[np.uint32]
    key: NDArray[np.object_]
    words: Words
    signature: NDArray[np.uint32]
    blocks: NDArray[np.uint64]
    recurs: NDArray[np.float32]
    standing: NDArray[np.bool_]
    candidate_count: NDArray[np.int64]
    largest_overlap: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.row)

    @cached_property
    def packed_words(self) -> PackedWords:
        """The words as the kernels take them; made once, however many parts the candidates come in."""
        return pack_words(self.words)

    def take(self, rows: NDArray[np.int64]) -> HeadlineFeatures:
        """The board of some of the headlines, in the order asked for."""
        return HeadlineFeatures(*(part.take(rows, 0) for part in _PARTS(self)))

    def then(self, later: HeadlineFeatures) -> HeadlineFeatures:
        """This board followed by a later one."""
        return HeadlineFeatures(*map(_concatenated, _PARTS(self), _PARTS(later)))

    def copy_neighbour_stats(self, earlier: HeadlineFeatures, rows: NDArray[np.int64]) -> None:
        """Copy candidate counts and largest overlaps of the given rows of an earlier window into the first rows."""
        self.candidate_count[: len(rows)] = earlier.candidate_count[rows]
        self.largest_overlap[: len(rows)] = earlier.largest_overlap[rows]


_named = HashedNames()
_PARTS = attrgetter(*(field.name for field in fields(HeadlineFeatures)))


def headline_features(keys: pl.DataFrame, settings: Settings, *, first_row: int = 0) -> HeadlineFeatures:
    """The board of KEYS that are in order of time, with ``recurs`` and ``standing`` (``ordered.Ordered.slice``)."""
    fuzzy = keys["fuzzy_key"].to_list()
    points, offsets = shingles.code_points(fuzzy)
    words = tokenize(points, offsets)
    signature = minhash.signatures(
        *shingles.shingle_hashes(points, offsets), count=settings.permutations, seed=settings.seed
    )
    return HeadlineFeatures(
        row=np.arange(first_row, first_row + len(keys)),
        time=keys["published"].to_numpy().view(np.int64),  # NumPy's "not a time" is NO_TIME
        outlet=_named.of(keys["outlet"].to_list()),
        key=np.array(fuzzy, dtype=object),
        words=words,
        signature=signature,
        blocks=keys_of(words, signature, settings),
        recurs=keys["recurs"].to_numpy().astype(np.float32),
        standing=keys["standing"].to_numpy(),
        candidate_count=np.zeros(len(keys), np.int64),
        largest_overlap=np.zeros(len(keys), np.float32),
    )


def keys_of(words: Words, signature: NDArray[np.uint32], settings: Settings) -> NDArray[np.uint64]:
    """The blocking keys of headlines, shape (n, k): bands of their signatures, and pairs of their words."""
    keys = np.empty((len(signature), settings.bands + MOST), np.uint64)
    bands = minhash.band_keys(signature, bands=settings.bands, rows=settings.rows, keys=keys[:, : settings.bands])
    bands[words.length == 0] = candidates.NO_KEY
    word_pair_keys(words, keys[:, settings.bands :])
    return keys


def _concatenated(one: Any, other: Any) -> Any:  # noqa: ANN401 - an array, or Words
    return one.then(other) if isinstance(one, Words) else np.concatenate((one, other))
