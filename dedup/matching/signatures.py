"""MinHash signatures and their bands, over whole columns.

Signatures are datasketch's, bit for bit: the permutations are drawn by ``datasketch.MinHash(scheme="affine32")`` and
applied here to all headlines at once. The minimum over a headline's shingles is taken shingle by shingle for a block of
headlines of about the same length, so that the block (permutations × headlines) stays in the processor's cache.

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

from dedup.hashing import mix64
from dedup.matching.threads import in_threads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

EMPTY = np.uint32(0xFFFFFFFF)
"""The signature value of a headline without shingles, as in datasketch."""

_BLOCK = 512


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
    lengths = np.diff(offsets)
    order = np.argsort(lengths, kind="stable")
    order = order[np.searchsorted(lengths[order], 1) :]
    result = np.full((len(lengths), count), EMPTY, np.uint32)
    mixed, permutation = _fmix32(hashes), permutations(count, seed)

    def sign(first: int) -> None:
        rows = order[first : first + _BLOCK]
        result[rows] = _sign_block(mixed, offsets[rows], offsets[rows + 1], permutation)

    in_threads(sign, range(0, len(order), _BLOCK))
    return result


def _sign_block(
    mixed: NDArray[np.uint32],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    permutation: tuple[NDArray[np.uint32], NDArray[np.uint32]],
) -> NDArray[np.uint32]:
    """Signatures of a block of headlines with at least one shingle each, sorted by their number of shingles."""
    steps = np.arange((ends - starts).max())
    # A headline that has run out of shingles repeats its last: a minimum does not change by it.
    shingles = mixed[np.minimum(starts + steps[:, None], ends - 1)]
    # Spread over the block first: NumPy adds two whole arrays in half the time of an array and a column.
    factors, summands = (np.repeat(part[:, None], len(starts), axis=1) for part in permutation)
    block = np.full_like(factors, EMPTY)
    work = np.empty_like(block)
    for shingle in shingles:
        np.multiply(factors, shingle, out=work)
        work += summands
        np.minimum(block, work, out=block)
    return block.T


def band_keys(signature: NDArray[np.uint32], *, bands: int, rows: int) -> NDArray[np.uint64]:
    """One 64-bit key a band, shape (n, bands): equal where all rows of the band are equal, as in ``MinHashLSH``."""
    banded = signature[:, : bands * rows].reshape(len(signature), bands, rows)
    # From 0, a band of zeros would have the key 0: none.
    keys = np.broadcast_to(np.arange(1, bands + 1, dtype=np.uint64), banded.shape[:2])
    for row in range(rows):
        keys = mix64(keys * np.uint64(0x9E3779B97F4A7C15) + banded[:, :, row])
    return keys


def _fmix32(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """MurmurHash3's 32-bit finalizer, which datasketch applies to every hash before permuting."""
    mixed = values ^ (values >> np.uint32(16))
    mixed *= np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    return mixed
