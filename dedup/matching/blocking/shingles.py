"""Character shingles of fuzzy keys, as integers over the whole column.

A shingle is three consecutive characters of the fuzzy key (spaces count). Three code points of 21 bits fit into one
integer, so a shingle is exact until it is hashed; a key shorter than three characters is one shingle. Characters rather
than words: 12 % of real headlines have fewer than five words, and the common five-word shingles find a quarter of the
copies that three characters find (docs/decisions.md).
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from dedup.core.hashing import mix64
from dedup.core.text_arrays import encode

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZE = 3
_BITS = np.uint64(21)
_CHUNK = 1 << 10  # keys hashed at a time: their code points stay in the processor's cache


def code_points(keys: list[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Concatenate the code points of all keys.

    Returns:
        Code points of all n keys in order, shape (c,), and offsets, shape (n + 1,): key i is
        ``points[offsets[i]:offsets[i + 1]]``.

    Examples:
        >>> points, offsets = code_points(["سيل", "نهر"])
        >>> points.shape, offsets.tolist()
        ((6,), [0, 3, 6])
    """
    offsets = np.fromiter(accumulate(map(len, keys), initial=0), np.int64, len(keys) + 1)
    return encode("".join(keys)), offsets


def shingle_hashes(
    points: NDArray[np.uint32], offsets: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Hash the shingles of each key to 32 bits.

    A key of c >= 3 characters has c - 2 shingles (repeated ones included: they do not change a MinHash), a shorter one
    has one, an empty one none.

    Args:
        points: the code points of all keys, see ``code_points``.
        offsets: where each key starts, shape (n + 1,).

    Returns:
        Hashes of all keys in order, shape (s,), and offsets, shape (n + 1,).
    """
    lengths = offsets[1:] - offsets[:-1]
    starts = np.zeros(len(offsets), np.int64)
    np.cumsum(np.where(lengths >= SIZE, lengths - (SIZE - 1), np.minimum(lengths, 1)), out=starts[1:])
    hashes = np.empty(starts[-1], np.uint32)
    for first in range(0, len(lengths), _CHUNK):
        chunk = offsets[first : first + _CHUNK + 1]
        chunk_starts = starts[first : first + _CHUNK + 1]
        hashes[chunk_starts[0] : chunk_starts[-1]] = _hashed(points[chunk[0] : chunk[-1]], chunk - chunk[0])
    return hashes, starts


def _hashed(points: NDArray[np.uint32], offsets: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Return the hashes of the shingles of a chunk of keys, in order."""
    lengths = offsets[1:] - offsets[:-1]
    padded = np.concatenate([points, np.zeros(SIZE - 1, np.uint32)]).astype(np.uint64)
    packed = np.zeros(len(points), np.uint64)
    for step in range(SIZE):
        packed = (packed << _BITS) | padded[step : step + len(points)]
    begins = np.ones(len(points), bool)
    for back in range(1, SIZE):
        begins[(offsets[1:] - back)[lengths >= back]] = False
    for length in range(1, SIZE) if (lengths < SIZE).any() else ():
        first = offsets[:-1][lengths == length]
        packed[first] = sum(padded[first + step] << np.uint64(21 * (length - 1 - step)) for step in range(length))
        begins[first] = True
    return (mix64(packed[begins]) >> np.uint64(32)).astype(np.uint32)
