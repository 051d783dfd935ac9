"""Ragged arrays: lists of different lengths in one array, such as the words of headlines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ids = NDArray[np.int64]


def spans(starts: Ids, lengths: Ids) -> Ids:
    """Return all positions of the spans, one span after the other."""
    return np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())


@dataclass(frozen=True, slots=True)
class Ragged:
    """n lists of ids.

    Attributes:
        ids: ids of all lists, one list after the other.
        lengths: length of each list, shape (n,).
    """

    ids: Ids
    lengths: Ids

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def starts(self) -> Ids:
        """Return the first index of each list in ``ids``, shape (n,)."""
        return np.cumsum(self.lengths) - self.lengths

    @property
    def rows(self) -> Ids:
        """Return the row of the list of each id."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @property
    def positions(self) -> Ids:
        """Return the position of each id in its list."""
        return np.arange(len(self.ids)) - np.repeat(self.starts, self.lengths)

    def take(self, rows: Ids) -> Ragged:
        """Return the lists of some rows, in the given order."""
        lengths = self.lengths[rows]
        return Ragged(self.ids[spans(self.starts[rows], lengths)], lengths)

    def keep(self, mask: NDArray[np.bool_]) -> Ragged:
        """Return all lists with only the marked ids."""
        return Ragged(self.ids[mask], np.bincount(self.rows[mask], minlength=len(self)))

    def parts(self, first: Ids, end: Ids) -> Ragged:
        """Return from each list the ids from position ``first`` to before position ``end``."""
        return Ragged(self.ids[spans(self.starts + first, end - first)], end - first)

    def then(self, other: Ragged) -> Ragged:
        """Return each list followed by that of the same row of ``other``."""
        return interleaved(self, other)


def interleaved(*parts: Ragged) -> Ragged:
    """Join the lists of each row of several ragged arrays."""
    lengths = sum((part.lengths for part in parts), np.zeros(len(parts[0]), np.int64))
    ids = np.empty(int(lengths.sum()), np.int64)
    begin = np.cumsum(lengths) - lengths
    for part in parts:
        ids[spans(begin, part.lengths)] = part.ids
        begin = begin + part.lengths
    return Ragged(ids, lengths)


def stacked(parts: list[Ragged]) -> Ragged:
    """Return all lists of several ragged arrays, one array after the other."""
    return Ragged(np.concatenate([part.ids for part in parts]), np.concatenate([part.lengths for part in parts]))
