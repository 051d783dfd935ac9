"""The meaning of a headline as a short vector of integers: the sum of its words' vectors, of unit length.

Words that outlets exchange (قتلى and مصرع, يؤكد and يشدد) share no letters, so no other evidence finds them alike. The
vectors of ``data/word_vectors.parquet`` are distilled from a sentence encoder, multilingual-e5-small (Wang et al.,
"Multilingual E5 text embeddings", 2024; MIT licence): fitted so that the sum of a headline's word vectors points where
the encoder's vector of the headline does. The encoder itself is needed to build the table only
(``python -m benchmarks vectors --data DIR``).

A stem that the table lacks gets one of ``UNLISTED`` random vectors: nearly at right angles to all others, so that a
shared name counts, and headlines in another script are compared by their words.

All sums are of integers: a headline has the same vector, to the bit, alone and in a batch.
"""

from __future__ import annotations

import math
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from dedup.core.hashing import HashIndex, hash32, mix64
from dedup.core.kernels import Kernel
from dedup.core.text_arrays import TextArray

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.core.hashing import Hashes

SCALE = 127
"""The length of a headline's vector: cosines of two headlines are products of their vectors, divided by SCALE²."""

UNLISTED = 4096
"""Number of random vectors for the stems that the table lacks."""

_FILE = "word_vectors.parquet"


class WordVectors(NamedTuple):
    """The vectors of v stems, found by the stem's hash, and of the others."""

    rows: HashIndex
    vectors: NDArray[np.int8]  # row 0 is zero, for no word; those of the stems; random ones; dimensions columns


@cache
def _table() -> WordVectors:
    with resources.as_file(resources.files("dedup.arabic").joinpath("data", _FILE)) as path:
        table = pl.read_parquet(path)
    vectors = np.frombuffer(b"".join(table["vector"].to_list()), np.int8).reshape(len(table), -1)
    none = np.zeros((1, vectors.shape[1]), np.int8)
    # Values of ±1 and ±2 have the length that rare words have in the table.
    bits = np.unpackbits(mix64(np.arange(2 * UNLISTED * vectors.shape[1] // 64, dtype=np.uint64)).view(np.uint8))
    sign, size = bits.astype(np.int8).reshape(2, UNLISTED, -1)
    unlisted = (2 * sign - 1) * (1 + size)
    rows = HashIndex(TextArray.of(table["stem"].to_list()).hashes())
    return WordVectors(rows, np.concatenate([none, vectors, unlisted]))


def vector_rows(stems: Hashes) -> NDArray[np.int32]:
    """Return the row of each stem in the table of vectors, that of a random one for stems that it lacks."""
    known = _table().rows
    row = known.find(stems)
    return np.where(row >= 0, row, len(known) + hash32(stems) % UNLISTED).astype(np.int32) + np.int32(1)


def headline_vectors(rows: NDArray[np.int32], lengths: NDArray[np.int64]) -> NDArray[np.int8]:
    """Return the vector of each of n headlines, of length ``SCALE``; zero for no words.

    Args:
        rows: of the words of all headlines, one headline after the other (``vector_rows``).
        lengths: number of words of each headline, shape (n,).
    """
    table = _table().vectors
    headlines = np.zeros((len(lengths), table.shape[1]), np.int8)
    fill_vectors.for_work(10 * len(rows))(rows, lengths, table, headlines)
    return headlines


@Kernel
def fill_vectors(
    rows: NDArray[np.int32], lengths: NDArray[np.int64], vectors: NDArray[np.int8], headlines: NDArray[np.int8]
) -> None:
    """Write the sum of the words' vectors of each headline, at the length SCALE."""
    begin = 0
    for headline in range(len(lengths)):
        end = begin + lengths[headline]
        total = np.zeros(vectors.shape[1], np.int32)
        for word in range(begin, end):
            total += vectors[rows[word]]
        begin = end
        length = math.sqrt((total * total).sum())
        headlines[headline] = np.rint(total * (SCALE / max(length, 1.0))).astype(np.int8)
