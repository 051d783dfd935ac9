"""Derive copies and rewrites from a headline, as other outlets would publish it.

A *copy* differs as typists and feeds make it differ: the outlet's spelling of hamza and ya, other digits, a stray
tatweel, furniture at either end, a cut end. A *rewrite* keeps numbers and most informative words, replaces common words
by others that the source uses after the same word, drops some, and may move the end to the front.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.generator.ragged import Ragged, interleaved

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.generator.source import Source

    Ids = NDArray[np.int64]

VARIANTS = 4
"""Number of spellings of a word beside the source's (see ``words.written``)."""

_STYLES = (0.50, 0.20, 0.15, 0.10, 0.05)
"""Share of the copies spelled as the original, and in each other spelling."""

_APPLIED = 0.8
"""Share of a copy's words to which its spelling is applied."""

_CUT, _MIN_WORDS = 0.12, 6
"""Share of copies without their last one or two words, and minimum number of words for that."""

_COMMON, _RARE = 1e-3, 1e-4
"""Minimum share of headlines of a common word, and maximum share of a rare word."""

_REPLACED = (0.10, 0.30, 0.45)
_DROPPED = (0.08, 0.16, 0.25)
"""Shares of rare, medium and common words that a rewrite replaces, and drops from its fourth word on."""

_TURNED = 0.25
"""Share of rewrites whose end moves to the front."""

_NEAR = 12
"""Number of earlier and later occurrences of a word from which its next word is drawn: those of the same days."""


@dataclass(frozen=True, slots=True)
class RewriteModel:
    """Statistics of the source for copies and rewrites.

    Attributes:
        kind: frequency class of each word: 0 rare, 1 medium, 2 common, shape (v,).
        number: whether each word contains a digit, shape (v,).
        next_word: the word after each word of the pool, -1 at an end; in order of (word, time), shape (p,).
        occurrence: word and headline of each of these as one number, ascending, shape (p,).
        headlines: number of headlines of the pool.
    """

    kind: Ids
    number: NDArray[np.bool_]
    next_word: Ids
    occurrence: Ids
    headlines: int

    @classmethod
    def of(cls, source: Source) -> RewriteModel:
        """Return the statistics of a source."""
        pool = source.pool
        share = source.frequency / len(pool)
        following = np.append(pool.ids[1:], -1)
        following[np.cumsum(pool.lengths) - 1] = -1
        return cls(
            kind=(share > _RARE).astype(np.int64) + (share > _COMMON),
            number=source.vocabulary.str.contains(r"\d").to_numpy(),
            next_word=following[np.argsort(pool.ids, kind="stable")],
            occurrence=np.sort(pool.ids * len(pool) + pool.rows),
            headlines=len(pool),
        )

    def retyped(self, headlines: Ragged, rng: np.random.Generator) -> Ragged:
        """Return copies; a word in spelling k has its id plus k × v, v being the number of words."""
        style = rng.choice(VARIANTS + 1, len(headlines), p=_STYLES)
        reached = rng.random(len(headlines.ids)) < _APPLIED
        typed = Ragged(headlines.ids + style[headlines.rows] * reached * len(self.kind), headlines.lengths)
        cut = (rng.random(len(headlines)) < _CUT) & (headlines.lengths >= _MIN_WORDS)
        return typed.parts(np.zeros_like(typed.lengths), typed.lengths - cut * rng.integers(1, 3, len(headlines)))

    def rewritten(self, headlines: Ragged, row: Ids, rng: np.random.Generator) -> Ragged:
        """Return rewrites, of two words or more where possible; ``row`` is the row in the pool, shape (n,)."""
        kind, number = self.kind[headlines.ids], self.number[headlines.ids]
        dice = rng.random(len(headlines.ids))
        replaced = (dice < np.array(_REPLACED)[kind]) & ~number & (headlines.positions > 0)
        dropped = (dice > 1 - np.array(_DROPPED)[kind]) & ~number & (headlines.positions >= _MIN_WORDS // 2)
        substitute = self._after(np.roll(headlines.ids, 1)[replaced], row[headlines.rows[replaced]], rng)
        ids = headlines.ids.copy()
        ids[replaced] = np.where(substitute < 0, ids[replaced], substitute)
        kept = Ragged(ids, headlines.lengths).keep(~dropped)
        begin = np.zeros_like(kept.lengths)
        turn = np.where(rng.random(len(kept)) < _TURNED, rng.integers(1, np.maximum(kept.lengths, 2)), 0)
        return interleaved(kept.parts(turn, kept.lengths), kept.parts(begin, turn))

    def _after(self, words: Ids, row: Ids, rng: np.random.Generator) -> Ids:
        """Draw a word that follows each word in the source near the headline's time; -1 if there is none."""
        index = np.searchsorted(self.occurrence, words * self.headlines + row) + rng.integers(
            -_NEAR, _NEAR + 1, len(words)
        )
        index = np.clip(index, 0, len(self.occurrence) - 1)
        return np.where(self.occurrence[index] // self.headlines == words, self.next_word[index], -1)
