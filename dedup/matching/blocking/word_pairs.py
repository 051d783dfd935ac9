"""Blocking keys of word pairs: every two of a headline's stems that carry enough information together.

Sharing two informative words within three days is what rewritten headlines of one event have in common when they share
few shingles. What information is worth as a key, against counting headlines or taking the k rarest words, stands in
docs/decisions.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.core.hashing import MIX_FACTOR, MIX_LAST_FACTOR, MIX_SHIFT, STEP
from dedup.core.kernels import Kernel
from dedup.core.parallel import map_in_threads
from dedup.matching.blocking.candidates import NO_KEY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.arabic.vocabulary import Words

INFORMATIVE = 12
"""Word pairs are drawn from this many of a headline's most informative stems."""

PAIR_INFORMATION = 8.5
"""Nats that two stems must carry together to be a blocking key: they meet by chance in one headline of 5,000."""

_CHUNK = 1 << 13
_HALF, _STEP = np.uint64(32), np.uint64(STEP)


MAX_PAIRS = INFORMATIVE * (INFORMATIVE - 1) // 2
"""Keys of a headline."""


def word_pair_keys(words: Words, keys: NDArray[np.uint64] | None = None) -> NDArray[np.uint64]:
    """A key for every two of each headline's informative distinct stems, shape (n, MAX_PAIRS).

    Args:
        words: of n headlines.
        keys: filled and returned, if given.
    """
    keys = np.empty((len(words.length), MAX_PAIRS), np.uint64) if keys is None else keys
    run = pair_stems.for_work(100 * len(keys))

    def fill(first: int) -> None:
        part = slice(first, first + _CHUNK)
        run(words.stem[part], words.weight[part], words.length[part], INFORMATIVE, PAIR_INFORMATION, keys[part])

    map_in_threads(fill, range(0, len(keys), _CHUNK))
    return keys


@Kernel
def pair_stems(
    stem: NDArray[np.uint32], weight: NDArray[np.float32], length: NDArray[np.int64], most: int, enough: float,
    keys: NDArray[np.uint64],
) -> None:  # fmt: skip
    """Fill the keys of each headline from the left, from its most informative stems, the earlier first among equals.

    NO_KEY stands in the rest.
    """
    stems, weights = np.empty(most, np.uint64), np.empty(most, np.float32)
    for headline in range(len(length)):
        held = 0
        for place in range(length[headline]):
            told, known = weight[headline, place], False
            for earlier in range(place):
                known |= stem[headline, earlier] == stem[headline, place]
            if known or told <= 0 or (held == most and told <= weights[held - 1]):
                continue
            at = min(held, most - 1)
            while at > 0 and weights[at - 1] < told:
                weights[at], stems[at] = weights[at - 1], stems[at - 1]
                at -= 1
            weights[at], stems[at] = told, stem[headline, place]
            held = min(held + 1, most)
        count = 0
        for first in range(held):
            for second in range(first + 1, held):
                if weights[first] + weights[second] < enough:
                    break
                low, high = min(stems[first], stems[second]), max(stems[first], stems[second])
                keys[headline, count] = mix((high << _HALF | low) * _STEP)
                count += 1
        keys[headline, count:] = NO_KEY


@Kernel
def mix(value: np.uint64) -> np.uint64:
    """``hashing.mix64`` of one value."""
    value = (value ^ value >> MIX_SHIFT) * MIX_FACTOR
    value = (value ^ value >> MIX_SHIFT) * MIX_LAST_FACTOR
    return value ^ value >> MIX_SHIFT
