"""Everything that pairs are compared on, as arrays with one row per headline, in order of time.

Features are made from KEYS a batch at a time and hold no more headlines than the window reaches back: a scan moves the
window over its headlines, an index keeps it between calls. The features of a headline do not depend on its batch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from dedup.arabic.vocabulary import Words, tokenize
from dedup.arabic.word_counts import archive_words
from dedup.core.columns import ColumnStruct
from dedup.core.hashed_names import HashedNames
from dedup.core.parallel import map_in_threads
from dedup.matching.blocking import candidates, minhash, shingles
from dedup.matching.blocking.word_pairs import MAX_PAIRS, word_pair_keys
from dedup.matching.evidence.alignment import PackedWords, pack_words
from dedup.matching.word_information import CountedWords, are_new, counted_hours, recent_information

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedup.core.hashing import Codes, Positions
    from dedup.settings import Settings


@dataclass(frozen=True)
class HeadlineFeatures(ColumnStruct):
    """Arrays over n headlines in order of (time, id), those without a time first.

    Attributes:
        row: the headline's row in the KEYS that the features were made from, shape (n,).
        time: microseconds since 1970 UTC, ``time_windows.NO_TIME`` where unknown, shape (n,).
        outlet: hash of the outlet's name, 0 where unknown, shape (n,).
        key: fuzzy key, shape (n,) of str.
        blocking_keys: shape (n, k).
        recurs: earlier days on which the same outlet ran the same title, shape (n,).
        standing: whether the title is a standing one, shape (n,).
        candidate_count: candidates of the headline so far, shape (n,); updated as pairs are compared.
        largest_overlap: largest overlap with any of them, shape (n,); updated as pairs are compared.
        is_new: whether the headline has a time and its key did not run in the window before, shape (n,); only then its
            words are counted (``word_information``).
        information: information of each word in nats at the time of the headline (``word_information``), 0 for no word,
            shape (n, MAX_WORDS).
        words: the words of the key.
    """

    row: NDArray[np.int64]
    time: NDArray[np.int64]
    outlet: NDArray[np.uint32]
    key: NDArray[np.object_]
    blocking_keys: NDArray[np.uint64]
    recurs: NDArray[np.float32]
    standing: NDArray[np.bool_]
    candidate_count: NDArray[np.int64]
    largest_overlap: NDArray[np.float32]
    is_new: NDArray[np.bool_]
    information: NDArray[np.float32]
    words: Words

    def __len__(self) -> int:
        return len(self.row)

    def arrays(self) -> tuple[NDArray[Any], ...]:
        """Return the arrays of the headlines, then those of their words."""
        return (
            self.row, self.time, self.outlet, self.key, self.blocking_keys, self.recurs, self.standing,
            self.candidate_count, self.largest_overlap, self.is_new, self.information, *self.words.arrays(),
        )  # fmt: skip

    @classmethod
    def from_arrays(cls, arrays: Sequence[NDArray[Any]]) -> HeadlineFeatures:
        """Return features of these arrays, in the order of ``arrays``."""
        own: dict[str, Any] = dict(zip(cls.__dataclass_fields__, arrays, strict=False))
        return cls(**own | {"words": Words.from_arrays(arrays[len(own) - 1 :])})

    @cached_property
    def packed_words(self) -> PackedWords:
        """The words in the form of the kernels; computed once, for any number of parts of the candidates."""
        return pack_words(self.words, self.information)

    def copy_neighbour_stats(self, earlier: HeadlineFeatures, rows: NDArray[np.int64]) -> None:
        """Copy candidate counts and largest overlaps of the given rows of an earlier window into the first rows."""
        self.candidate_count[: len(rows)] = earlier.candidate_count[rows]
        self.largest_overlap[: len(rows)] = earlier.largest_overlap[rows]

    def counted_words(self) -> CountedWords:
        """Return what the headlines add to the counts of words."""
        return CountedWords.of(pl.Series(self.key, dtype=pl.String), self.time, self.words)

    def with_recent_words(
        self, settings: Settings, *, since: int = 0, earlier: CountedWords | None = None
    ) -> HeadlineFeatures:
        """Return the features with the information of the words from row ``since`` on corrected by recent headlines.

        Args:
            settings: for the window.
            since: the first row; all headlines of the window before it are here, or in ``earlier``.
            earlier: words of headlines before the first; only if all have a time.
        """
        counted, span = self.counted_words(), counted_hours(settings.window)
        if earlier is not None:
            counted = earlier.concat(counted)
        first = len(counted) - len(self)
        is_new = are_new(counted, span=span)
        is_new[first : first + since] = self.is_new[:since]
        recent = recent_information(counted, is_new, self.words.weight[since:], span=span)
        return replace(self, is_new=is_new[first:], information=np.concatenate([self.information[:since], recent]))


_outlet_hashes = HashedNames()

_CHUNK = 1 << 11  # headlines whose signatures are made at a time: they stay in the processor's cache


def headline_features(keys: pl.DataFrame, settings: Settings, *, first_row: int = 0) -> HeadlineFeatures:
    """Compute the features of headlines; the information of their words is that of the table of word frequencies.

    Args:
        keys: TIMELINE, in order of time.
        settings: for signatures, blocking keys and the table of word frequencies.
        first_row: the number of the first headline.
    """
    fuzzy = keys["fuzzy_key"].to_list()
    points, offsets = shingles.code_points(fuzzy)
    words = tokenize(points, offsets)
    if settings.words is not None:
        words = replace(words, weight=archive_words(settings.words).of(words.stem))
    return HeadlineFeatures(
        row=np.arange(first_row, first_row + len(keys)),
        time=keys["published"].to_numpy().view(np.int64),  # NumPy's "not a time" is NO_TIME
        outlet=_outlet_hashes.of(keys["outlet"].to_list()),
        key=np.array(fuzzy, dtype=object),
        blocking_keys=blocking_keys(words, points, offsets, settings),
        recurs=keys["recurs"].to_numpy().astype(np.float32),
        standing=keys["standing"].to_numpy(),
        candidate_count=np.zeros(len(keys), np.int64),
        largest_overlap=np.zeros(len(keys), np.float32),
        is_new=np.zeros(len(keys), bool),
        information=words.weight,
        words=words,
    )


def words_to_count(keys: pl.DataFrame) -> CountedWords:
    """Return what headlines add to the counts of words, without their other features.

    Args:
        keys: TIMELINE, in order of time.
    """
    words = tokenize(*shingles.code_points(keys["fuzzy_key"].to_list()))
    return CountedWords.of(keys["fuzzy_key"], keys["published"].to_numpy().view(np.int64), words)


def blocking_keys(words: Words, points: Codes, offsets: Positions, settings: Settings) -> NDArray[np.uint64]:
    """Return the blocking keys of n headlines, shape (n, k): bands of their signatures, then pairs of their words.

    Args:
        words: of the fuzzy keys.
        points: the code points of all fuzzy keys, and where each begins (``shingles.code_points``).
        offsets: as in ``tokenize``.
        settings: for the signatures.
    """
    keys = np.empty((len(words.length), settings.bands + MAX_PAIRS), np.uint64)

    def fill_chunk(first: int) -> None:
        chunk, begins = slice(first, first + _CHUNK), offsets[first : first + _CHUNK + 1]
        hashes = shingles.shingle_hashes(points[begins[0] : begins[-1]], begins - begins[0])
        signature = minhash.signatures(*hashes, count=settings.permutations, seed=settings.seed)
        minhash.band_keys(signature, bands=settings.bands, rows=settings.rows, keys=keys[chunk, : settings.bands])

    map_in_threads(fill_chunk, range(0, len(keys), _CHUNK))
    keys[words.length == 0, : settings.bands] = candidates.NO_KEY
    word_pair_keys(words, keys[:, settings.bands :])
    return keys
