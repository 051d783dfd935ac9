"""New headlines out of old ones: the beginning of one and the end of another that share a word.

Every headline of the source is cut once, before a word that another of its day holds too, and the ends change places
among the headlines that are cut before the same word. So each beginning and each end is used once: words, their
neighbours, what goes with what within a phrase and what a day talks about are the source's own, while no headline is.
Rarer words are preferred for the cut: what meets at a name is about that name on both sides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.generator.ragged import Ragged, interleaved

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ids = NDArray[np.int64]

_MIDDLE = (0.6, 0.9)
"""Cuts are made between these shares of a headline where that can be."""

_RARE = 0.5
"""How much rarer words are preferred: their priority is divided by their headlines to this power."""


def spliced(headlines: Ragged, day: Ids, rng: np.random.Generator) -> Ragged:
    """As many new headlines.

    Args:
        headlines: of two words at least, shape (n,).
        day: of each; ends change places within a day, shape (n,).
        rng: chooses cuts and partners.
    """
    rows, places = headlines.rows, headlines.places
    words = int(headlines.ids.max()) + 1
    key = day[rows] * (words + 1) + headlines.ids  # the id that no word has stands for cuts before any word
    inside = places > 0
    _, key, count = np.unique(np.where(inside, key, -1), return_inverse=True, return_counts=True)
    share = places / headlines.lengths[rows]
    luck = (rng.random(len(count)) / count**_RARE)[key]
    priority = ((share >= _MIDDLE[0]) & (share <= _MIDDLE[1])) + 2 * (count[key] > 1)
    priority = np.where(inside, luck + priority, -1)
    at = _best(priority, rows, len(headlines))
    topic = key[_best((rng.random(len(count)) / count)[key] * (count[key] > 1), rows, len(headlines))]
    meets = key[at]
    _, group, size = np.unique(meets, return_inverse=True, return_counts=True)
    meets = np.where(size[group] > 1, meets, -1 - day)
    order = np.lexsort([rng.random(len(meets)), topic, meets])
    partner = np.empty(len(meets), np.int64)
    partner[order] = _next(order, meets[order])
    cut = places[at]
    beginnings = headlines.parts(np.zeros_like(cut), cut)
    ends = headlines.parts(cut, headlines.lengths)
    return interleaved(beginnings, ends.take(partner))


def _best(priority: NDArray[np.float64], rows: Ids, count: int) -> Ids:
    """The position of the highest priority in each row."""
    order = np.lexsort([priority, rows])
    last = np.searchsorted(rows, np.arange(count), side="right") - 1  # rows ascend, so the order keeps their bounds
    return order[last]


def _next(order: Ids, group: Ids) -> Ids:
    """The next of each group, the first behind the last."""
    first = np.flatnonzero(np.diff(group, prepend=group[0] - 1))
    following = np.roll(order, -1)
    last = np.append(first[1:], len(group)) - 1
    following[last] = order[first]
    return following
