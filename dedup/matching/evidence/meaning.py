"""Evidence from the meaning of words: the cosine of two headlines' vectors (``dedup.arabic.word_vectors``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.arabic.word_vectors import SCALE
from dedup.core.kernels import Kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEW = 1 << 10
"""Pairs for which NumPy is fast enough: it takes 180 ns a pair, the kernel 13, and Python without either 20 µs."""


def meaning_similarities(
    vectors: NDArray[np.int8], left: NDArray[np.int32], right: NDArray[np.int32]
) -> NDArray[np.float32]:
    """Return the cosine of each pair's vectors, 0 where it is negative or a headline has none; shape (p,).

    Args:
        vectors: of the headlines, of length ``SCALE``, shape (n, dimensions).
        left: row of a headline of each pair, shape (p,).
        right: row of the other.
    """
    if len(left) < _FEW:
        products = np.einsum("ij,ij->i", vectors[left], vectors[right], dtype=np.int32)
    else:
        products = np.empty(len(left), np.int32)
        fill_products.for_work(vectors.shape[1] * len(left))(vectors, left, right, products)
    similarity: NDArray[np.float32] = np.maximum(products, 0).astype(np.float32) / np.float32(SCALE * SCALE)
    return similarity


@Kernel
def fill_products(
    vectors: NDArray[np.int8], left: NDArray[np.int32], right: NDArray[np.int32], products: NDArray[np.int32]
) -> None:
    """Write the scalar product of each pair's vectors."""
    for pair in range(len(left)):
        product, left_values, right_values = 0, vectors[left[pair]], vectors[right[pair]]
        for index in range(len(left_values)):
            product += int(left_values[index]) * int(right_values[index])  # vectorized: no branch
        products[pair] = product
