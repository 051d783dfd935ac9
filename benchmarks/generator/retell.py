"""How one outlet's headline becomes another's: re-typed, or told in other words.

A *copy* is what a typist or a feed makes of a headline: hamzas and ya as that outlet writes them, digits of the other
kind, a stray tatweel, furniture before or behind, a cut end. A *rewrite* keeps numbers and most informative words,
puts other words in the place of common ones (words that the source writes in that place: after the same word), leaves
some out, and may begin with what was the end.
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
"""Ways to write a word, beside the source's: see ``words.written``."""

_STYLES = (0.50, 0.20, 0.15, 0.10, 0.05)
"""How many copies are typed as the original, and in each of the other ways."""

_APPLIED = 0.8
"""Share of the words of a copy that its way of typing reaches."""

_CUT, _LEAST = 0.12, 6
"""Share of copies whose last one or two words are cut off, and the words that a headline must have for that."""

_COMMON, _RARE = 1e-3, 1e-4
"""Share of headlines from which a word is common, and up to which it is rare."""

_REPLACED = (0.10, 0.30, 0.45)
_DROPPED = (0.08, 0.16, 0.25)
"""Share of rare, middling and common words that a rewrite replaces, and drops from its fourth word on."""

_TURNED = 0.25
"""Share of rewrites that begin with the end."""


_NEAR = 12
"""Occurrences of a word, before and after, among which the word that follows it is sought: those of the same days."""


@dataclass(frozen=True, slots=True)
class Teller:
    """What retelling needs to know of the source.

    Attributes:
        kind: of each word: 0 rare, 1 middling, 2 common, shape (v,).
        number: whether it holds a digit, shape (v,).
        next_word: the word after each word of the pool, -1 at an end; in order of (word, time), shape (p,).
        place: word and headline of each of these as one number, ascending, shape (p,).
        headlines: of the pool.
    """

    kind: Ids
    number: NDArray[np.bool_]
    next_word: Ids
    place: Ids
    headlines: int

    @classmethod
    def of(cls, source: Source) -> Teller:
        """Count a source's words."""
        pool = source.pool
        share = source.frequency / len(pool)
        following = np.append(pool.ids[1:], -1)
        following[np.cumsum(pool.lengths) - 1] = -1
        return cls(
            kind=(share > _RARE).astype(np.int64) + (share > _COMMON),
            number=source.vocabulary.str.contains(r"\d").to_numpy(),
            next_word=following[np.argsort(pool.ids, kind="stable")],
            place=np.sort(pool.ids * len(pool) + pool.rows),
            headlines=len(pool),
        )

    def retyped(self, headlines: Ragged, rng: np.random.Generator) -> Ragged:
        """Copies; a word in the k-th way of writing has its id plus k times the number of words."""
        style = rng.choice(VARIANTS + 1, len(headlines), p=_STYLES)
        reached = rng.random(len(headlines.ids)) < _APPLIED
        typed = Ragged(headlines.ids + style[headlines.rows] * reached * len(self.kind), headlines.lengths)
        cut = (rng.random(len(headlines)) < _CUT) & (headlines.lengths >= _LEAST)
        return typed.parts(np.zeros_like(typed.lengths), typed.lengths - cut * rng.integers(1, 3, len(headlines)))

    def rewritten(self, headlines: Ragged, row: Ids, rng: np.random.Generator) -> Ragged:
        """Rewrites, of two words at least where the headline has them; ``row`` is its place in the pool, shape (n,)."""
        kind, number = self.kind[headlines.ids], self.number[headlines.ids]
        dice = rng.random(len(headlines.ids))
        replaced = (dice < np.array(_REPLACED)[kind]) & ~number & (headlines.places > 0)
        dropped = (dice > 1 - np.array(_DROPPED)[kind]) & ~number & (headlines.places >= _LEAST // 2)
        other = self._after(np.roll(headlines.ids, 1)[replaced], row[headlines.rows[replaced]], rng)
        ids = headlines.ids.copy()
        ids[replaced] = np.where(other < 0, ids[replaced], other)
        kept = Ragged(ids, headlines.lengths).keep(~dropped)
        begin = np.zeros_like(kept.lengths)
        turn = np.where(rng.random(len(kept)) < _TURNED, rng.integers(1, np.maximum(kept.lengths, 2)), 0)
        return interleaved(kept.parts(turn, kept.lengths), kept.parts(begin, turn))

    def _after(self, words: Ids, row: Ids, rng: np.random.Generator) -> Ids:
        """A word that the source writes after each of the words about the time of a headline, -1 for none."""
        asked = np.searchsorted(self.place, words * self.headlines + row) + rng.integers(-_NEAR, _NEAR + 1, len(words))
        asked = np.clip(asked, 0, len(self.place) - 1)
        return np.where(self.place[asked] // self.headlines == words, self.next_word[asked], -1)
