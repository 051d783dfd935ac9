"""Lists of different lengths in one array: the words of many headlines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ids = NDArray[np.int64]


def spans(starts: Ids, lengths: Ids) -> Ids:
    """All positions of the spans, one span after the other."""
    return np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())


@dataclass(frozen=True, slots=True)
class Ragged:
    """n lists of ids.

    Attributes:
        ids: of all lists, one list after the other.
        lengths: of each list, shape (n,).
    """

    ids: Ids
    lengths: Ids

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def starts(self) -> Ids:
        """Where each list begins in ``ids``."""
        return np.cumsum(self.lengths) - self.lengths

    @property
    def rows(self) -> Ids:
        """The list of each id."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @property
    def places(self) -> Ids:
        """The place of each id in its list."""
        return np.arange(len(self.ids)) - np.repeat(self.starts, self.lengths)

    def take(self, rows: Ids) -> Ragged:
        """Some of the lists, in the order asked for."""
        lengths = self.lengths[rows]
        return Ragged(self.ids[spans(self.starts[rows], lengths)], lengths)

    def keep(self, which: NDArray[np.bool_]) -> Ragged:
        """All lists, with only the ids marked."""
        return Ragged(self.ids[which], np.bincount(self.rows[which], minlength=len(self)))

    def parts(self, first: Ids, end: Ids) -> Ragged:
        """From each list the ids from place ``first`` up to, not including, place ``end``."""
        return Ragged(self.ids[spans(self.starts + first, end - first)], end - first)

    def then(self, other: Ragged) -> Ragged:
        """Each list followed by that of the same row of another."""
        return interleaved(self, other)


def interleaved(*parts: Ragged) -> Ragged:
    """The lists of each row of several, joined into one list."""
    lengths = sum((part.lengths for part in parts), np.zeros(len(parts[0]), np.int64))
    ids = np.empty(int(lengths.sum()), np.int64)
    begin = np.cumsum(lengths) - lengths
    for part in parts:
        ids[spans(begin, part.lengths)] = part.ids
        begin = begin + part.lengths
    return Ragged(ids, lengths)


def stacked(parts: list[Ragged]) -> Ragged:
    """All lists of several, one after the other."""
    return Ragged(np.concatenate([part.ids for part in parts]), np.concatenate([part.lengths for part in parts]))
