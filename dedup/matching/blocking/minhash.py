"""MinHash signatures and their bands, over whole columns.

Signatures are datasketch's, bit for bit, by the permutations of ``datasketch.MinHash(scheme="affine32")``. They are
applied here shingle by shingle, all permutations at once: they and a signature stay in the processor's cache.

Sources: Broder, "On the resemblance and containment of documents" (1997); Leskovec, Rajaraman, Ullman, "Mining of
Massive Datasets", chapter 3, for banding.
"""

from __future__ import annotations

import io
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from dedup.core.hashing import STEP, mix64
from dedup.core.kernels import Kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCHEME = "affine32"
"""datasketch's name for its family of permutations."""

EMPTY = np.uint32(0xFFFFFFFF)
"""The signature value of a headline without shingles, as in datasketch."""

_SHIPPED = (128, 1)  # count and seed
_BLOCK = 1 << 9  # headlines banded at a time: they stay in the processor's cache


@lru_cache(maxsize=4)
def permutations(count: int, seed: int) -> NDArray[np.uint32]:
    """Return the factors a and summands b of datasketch's permutations h -> a·h + b mod 2**32, shape (2, count).

    Those of the default settings are shipped: importing datasketch loads SciPy, which takes 0.3 s, a third of the time
    of a scan of a few feeds.
    """
    if (count, seed) == _SHIPPED:
        file = resources.files("dedup.matching.blocking").joinpath(f"permutations-{count}-{seed}.npy")
        shipped: NDArray[np.uint32] = np.load(io.BytesIO(file.read_bytes()))
        return shipped
    from datasketch import MinHash  # noqa: PLC0415 - see above

    drawn: NDArray[np.uint32] = np.asarray(MinHash(num_perm=count, seed=seed, scheme=SCHEME).permutations)
    return drawn


def signatures(hashes: NDArray[np.uint32], offsets: NDArray[np.int64], *, count: int, seed: int) -> NDArray[np.uint32]:
    """Compute the MinHash signatures of n headlines.

    Args:
        hashes: shingle hashes of all headlines, shape (s,).
        offsets: the first hash of each headline, shape (n + 1,).
        count: number of permutations.
        seed: of the permutations.

    Returns:
        Shape (n, count), equal to ``datasketch.MinHash(count, seed, hashfunc=identity, scheme="affine32")`` updated
        with the same hashes.
    """
    result = np.full((len(offsets) - 1, count), EMPTY, np.uint32)
    mixed, (factors, summands) = _fmix32(hashes), permutations(count, seed)
    sign.for_work(5 * len(mixed))(mixed, offsets, factors, summands, result)
    return result


@Kernel
def sign(
    mixed: NDArray[np.uint32], offsets: NDArray[np.int64], factors: NDArray[np.uint32], summands: NDArray[np.uint32],
    signature: NDArray[np.uint32],
) -> None:  # fmt: skip
    """Lower each headline's signature to the minima of its permuted shingles."""
    permuted = np.empty_like(factors)
    for headline in range(len(signature)):
        for shingle in range(offsets[headline], offsets[headline + 1]):
            np.multiply(factors, mixed[shingle], permuted)
            np.add(permuted, summands, permuted)
            np.fmin(signature[headline], permuted, signature[headline])  # of integers, the minimum


def band_keys(
    signature: NDArray[np.uint32], *, bands: int, rows: int, keys: NDArray[np.uint64] | None = None
) -> NDArray[np.uint64]:
    """Return one 64-bit key per band, shape (n, bands): equal where all rows of the band are, as in ``MinHashLSH``.

    Args:
        signature: of n headlines.
        bands: number of bands of a signature.
        rows: number of signature values of a band.
        keys: array to be filled and returned.
    """
    keys = np.empty((len(signature), bands), np.uint64) if keys is None else keys
    for first in range(0, len(signature), _BLOCK):
        block = signature[first : first + _BLOCK, : bands * rows].reshape(-1, bands, rows)
        # Not from 0: a band of zeros would have the key 0, which is NO_KEY.
        mixed = np.arange(1, bands + 1, dtype=np.uint64)
        for row in range(rows):
            mixed = mix64(mixed * np.uint64(STEP) + block[:, :, row])
        keys[first : first + _BLOCK] = mixed
    return keys


def _fmix32(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Apply MurmurHash3's 32-bit finalizer, as datasketch does before permuting."""
    mixed = values ^ (values >> np.uint32(16))
    mixed *= np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    return mixed
