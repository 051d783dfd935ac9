"""Splice new headlines from old ones: the start of one and the end of another that share a word.

Every headline of the source is cut once, before a word that another headline of its day contains too, and the ends are
exchanged among the headlines cut before the same word. Each start and each end is used once, so words, phrases and the
topics of a day are the source's, while no headline is. Rare words are preferred for the cut: both parts around a name
are about that name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.generator.ragged import Ragged, interleaved

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ids = NDArray[np.int64]

_MIDDLE = (0.6, 0.9)
"""Preferred range of the cut, as a share of the headline."""

_RARE = 0.5
"""Preference for rare words: priority is divided by the word's number of headlines to this power."""


def spliced(headlines: Ragged, day: Ids, rng: np.random.Generator) -> Ragged:
    """Return as many new headlines.

    Args:
        headlines: headlines of at least two words, shape (n,).
        day: day of each headline, shape (n,); ends are exchanged within a day.
        rng: source of randomness.
    """
    rows, positions = headlines.rows, headlines.positions
    words = int(headlines.ids.max()) + 1
    key = day[rows] * (words + 1) + headlines.ids  # the id that no word has stands for cuts before any word
    inside = positions > 0
    _, key, count = np.unique(np.where(inside, key, -1), return_inverse=True, return_counts=True)
    share = positions / headlines.lengths[rows]
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
    cut = positions[at]
    beginnings = headlines.parts(np.zeros_like(cut), cut)
    ends = headlines.parts(cut, headlines.lengths)
    return interleaved(beginnings, ends.take(partner))


def _best(priority: NDArray[np.float64], rows: Ids, count: int) -> Ids:
    """Return the position of the highest priority in each row, shape (count,)."""
    order = np.lexsort([priority, rows])
    last = np.searchsorted(rows, np.arange(count), side="right") - 1  # rows ascend, so the order keeps their bounds
    return order[last]


def _next(order: Ids, group: Ids) -> Ids:
    """Return the next member of each element's group; the first follows the last."""
    first = np.flatnonzero(np.diff(group, prepend=group[0] - 1))
    following = np.roll(order, -1)
    last = np.append(first[1:], len(group)) - 1
    following[last] = order[first]
    return following
