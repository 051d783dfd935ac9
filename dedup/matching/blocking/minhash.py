"""MinHash signatures and their bands, over whole columns.

Signatures are datasketch's, bit for bit: the permutations are drawn by ``datasketch.MinHash(scheme="affine32")`` and
applied here shingle by shingle, all permutations at once: they and a signature stay in the processor's cache.

Sources: Broder, "On the resemblance and containment of documents" (1997); Leskovec, Rajaraman, Ullman, "Mining of
Massive Datasets", chapter 3, for banding.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from dedup.core.hashing import STEP, mix64
from dedup.core.kernels import Kernel
from dedup.core.parallel import map_in_threads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

EMPTY = np.uint32(0xFFFFFFFF)
"""The signature value of a headline without shingles, as in datasketch."""

_CHUNK = 1 << 12
_BLOCK = 1 << 9  # headlines banded at a time: they stay in the processor's cache


@lru_cache(maxsize=4)
def permutations(count: int, seed: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The factors and summands of datasketch's affine permutations h -> a·h + b mod 2**32, each of shape (count,)."""
    with _alone("datasketch"):
        from datasketch.minhash import MinHash  # noqa: PLC0415 - see _alone
    factors, summands = MinHash(num_perm=count, seed=seed, scheme="affine32").permutations
    return factors, summands


@contextmanager
def _alone(package: str) -> Iterator[None]:
    """Let a package's modules be imported without the package's own ``__init__``.

    That of datasketch loads SciPy's integration and optimization for the tuning of bands: 0.3 s, a third of all that a
    scan of a few feeds takes, for three lines of arithmetic. What is imported here is forgotten afterwards, so that
    whoever imports datasketch gets all of it.
    """
    spec = find_spec(package)
    if package in sys.modules or spec is None:
        yield
        return
    sys.modules[package] = stand_in = ModuleType(package)
    stand_in.__path__ = list(spec.submodule_search_locations or [])
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            del sys.modules[name]


def signatures(hashes: NDArray[np.uint32], offsets: NDArray[np.int64], *, count: int, seed: int) -> NDArray[np.uint32]:
    """MinHash signatures of n headlines.

    Args:
        hashes: the shingle hashes of all headlines, shape (s,).
        offsets: where each headline's hashes start, shape (n + 1,).
        count: permutations in a signature.
        seed: of the permutations.

    Returns:
        Shape (n, count), equal to ``datasketch.MinHash(count, seed, hashfunc=identity, scheme="affine32")`` updated
        with the same hashes.
    """
    result = np.full((len(offsets) - 1, count), EMPTY, np.uint32)
    mixed, (factors, summands) = _fmix32(hashes), permutations(count, seed)
    run = sign.for_work(5 * len(mixed))

    def fill(first: int) -> None:
        run(mixed, offsets[first : first + _CHUNK + 1], factors, summands, result[first : first + _CHUNK])

    map_in_threads(fill, range(0, len(result), _CHUNK))
    return result


@Kernel
def sign(
    mixed: NDArray[np.uint32], offsets: NDArray[np.int64], factors: NDArray[np.uint32], summands: NDArray[np.uint32],
    signature: NDArray[np.uint32],
) -> None:  # fmt: skip
    """Bring each headline's signature down to the least that its shingles are permuted to."""
    permuted = np.empty_like(factors)
    for headline in range(len(signature)):
        for shingle in range(offsets[headline], offsets[headline + 1]):
            np.multiply(factors, mixed[shingle], permuted)
            np.add(permuted, summands, permuted)
            np.fmin(signature[headline], permuted, signature[headline])  # of integers, the minimum


def band_keys(
    signature: NDArray[np.uint32], *, bands: int, rows: int, keys: NDArray[np.uint64] | None = None
) -> NDArray[np.uint64]:
    """One 64-bit key a band, shape (n, bands): equal where all rows of the band are equal, as in ``MinHashLSH``.

    Args:
        signature: of n headlines.
        bands: in a signature.
        rows: of a band.
        keys: filled and returned, if given.
    """
    keys = np.empty((len(signature), bands), np.uint64) if keys is None else keys
    for first in range(0, len(signature), _BLOCK):
        some = signature[first : first + _BLOCK, : bands * rows].reshape(-1, bands, rows)
        # From 0, a band of zeros would have the key 0: none.
        mixed = np.arange(1, bands + 1, dtype=np.uint64)
        for row in range(rows):
            mixed = mix64(mixed * np.uint64(STEP) + some[:, :, row])
        keys[first : first + _BLOCK] = mixed
    return keys


def _fmix32(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """MurmurHash3's 32-bit finalizer, which datasketch applies to every hash before permuting."""
    mixed = values ^ (values >> np.uint32(16))
    mixed *= np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    return mixed
