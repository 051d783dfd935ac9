"""A column of words that normalization rewrites in place.

Words are replaced by pointing into a growing pool of code points, so that the column is written once, at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.core.hashing import true_at
from dedup.core.text_arrays import BLANK, TextArray

if TYPE_CHECKING:
    from dedup.core.hashing import Codes, Positions


class WordColumn:
    """The words of a text, split at blanks, each replaceable and removable.

    Attributes:
        pool: the code points that all words point into.
        start: where each word begins in the pool, shape (n,).
        end: where each word ends in the pool, shape (n,).
        kept: False for removed words, shape (n,).

    Examples:
        >>> from dedup.core.text_arrays import encode
        >>> words = WordColumn(encode("ثلاثة قوارب قديمة"))
        >>> words.replace(np.array([0]), TextArray.of(["3"]))
        >>> words.drop(np.array([2]))
        >>> words.remaining().joined(" ")
        '3 قوارب'
    """

    def __init__(self, codes: Codes) -> None:
        blanks = true_at(codes == BLANK)
        self.pool = codes
        self.start, self.end = np.concatenate([[0], blanks + 1]), np.concatenate([blanks, [len(codes)]])
        self.kept = np.ones(len(self.start), bool)

    def replace(self, rows: Positions, texts: TextArray) -> None:
        """Replace the words of these rows by these texts."""
        if len(rows):
            new = texts.packed()
            self.start[rows], self.end[rows] = new.start + len(self.pool), new.end + len(self.pool)
            self.pool = np.concatenate([self.pool, new.codes])

    def drop(self, rows: Positions) -> None:
        """Remove the words of these rows."""
        self.kept[rows] = False

    def take(self, rows: Positions) -> TextArray:
        """Return the words of these rows, removed or not; empty texts for rows outside the column."""
        inside = (rows >= 0) & (rows < len(self.start))
        row = np.where(inside, rows, 0)
        return TextArray(self.pool, self.start[row] * inside, self.end[row] * inside)

    def remaining(self) -> TextArray:
        """Return the words that were not removed."""
        return TextArray(self.pool, self.start[self.kept], self.end[self.kept])
