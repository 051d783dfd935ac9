"""Structures of arrays: many arrays with one row per item, taken, joined and grown together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]


class ColumnStruct(ABC):
    """Base of structures of n rows. A subclass says which arrays it has; parts that are structures add theirs.

    Examples:
        >>> class Points(ColumnStruct):
        ...     def __init__(self, x, y):
        ...         self.x, self.y = x, y
        ...     def arrays(self):
        ...         return self.x, self.y
        ...     @classmethod
        ...     def from_arrays(cls, arrays):
        ...         return cls(*arrays)
        >>> points = Points(np.array([1, 2]), np.array([3, 4])).grow(3)
        >>> points.write(2, Points(np.array([9]), np.array([8])))
        >>> points.take(np.array([2, 0])).x.tolist()
        [9, 1]
    """

    __slots__ = ()

    @abstractmethod
    def arrays(self) -> tuple[Array, ...]:
        """Return all arrays, each of shape (n, …)."""

    @classmethod
    @abstractmethod
    def from_arrays(cls, arrays: Sequence[Array]) -> Self:
        """Return a structure of these arrays, in the order of ``arrays``."""

    def take(self, rows: NDArray[np.int64]) -> Self:
        """Return the given rows, in their order."""
        return self.from_arrays([array.take(rows, 0) for array in self.arrays()])

    def slice(self, first: int, last: int) -> Self:
        """Return the rows from ``first`` up to, not including, ``last``: views, which keep all rows in memory."""
        return self.from_arrays([array[first:last] for array in self.arrays()])

    def concat(self, *later: Self) -> Self:
        """Return these rows followed by those of other structures."""
        parts = zip(self.arrays(), *(part.arrays() for part in later), strict=True)
        return self.from_arrays([np.concatenate(arrays) for arrays in parts])

    def grow(self, length: int) -> Self:
        """Return a copy with room for ``length`` rows; the new ones are zero."""
        grown = []
        for array in self.arrays():
            longer = np.zeros((length, *array.shape[1:]), array.dtype)
            longer[: len(array)] = array
            grown.append(longer)
        return self.from_arrays(grown)

    def write(self, first: int, rows: Self) -> None:
        """Overwrite rows from ``first`` on with those of another structure."""
        for array, values in zip(self.arrays(), rows.arrays(), strict=True):
            array[first : first + len(values)] = values
