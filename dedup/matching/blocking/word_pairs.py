"""Blocking keys of word pairs: every two of a headline's stems that carry enough information together.

Two informative words within three days are what rewritten headlines of one event share when they share few shingles.
docs/decisions.md compares keys by information with keys by document counts, and with those of the k rarest words.
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
"""The number of a headline's most informative stems that pairs are drawn from."""

PAIR_INFORMATION = 8.5
"""Nats that two stems must carry together to be a blocking key: by chance, one headline in 5,000 has both."""

MAX_PAIRS = INFORMATIVE * (INFORMATIVE - 1) // 2
"""Maximum number of keys of a headline."""

_CHUNK = 1 << 13
_HALF, _STEP = np.uint64(32), np.uint64(STEP)


def word_pair_keys(words: Words, keys: NDArray[np.uint64] | None = None) -> NDArray[np.uint64]:
    """Return a key for every two informative distinct stems of each headline, shape (n, MAX_PAIRS).

    Args:
        words: of n headlines.
        keys: array to be filled and returned.
    """
    keys = np.empty((len(words.length), MAX_PAIRS), np.uint64) if keys is None else keys
    fill = fill_pair_keys.for_work(100 * len(keys))

    def fill_chunk(first: int) -> None:
        chunk = slice(first, first + _CHUNK)
        fill(words.stem[chunk], words.weight[chunk], words.length[chunk], INFORMATIVE, PAIR_INFORMATION, keys[chunk])

    map_in_threads(fill_chunk, range(0, len(keys), _CHUNK))
    return keys


@Kernel
def fill_pair_keys(
    stem: NDArray[np.uint32], weight: NDArray[np.float32], length: NDArray[np.int64], max_stems: int,
    min_information: float, keys: NDArray[np.uint64],
) -> None:  # fmt: skip
    """Write the keys of each headline from its most informative stems, of equal ones the earlier, then NO_KEY."""
    stems, weights = np.empty(max_stems, np.uint64), np.empty(max_stems, np.float32)
    for headline in range(len(length)):
        kept = 0
        for position in range(length[headline]):
            information, repeated = weight[headline, position], False
            for earlier in range(position):
                repeated |= stem[headline, earlier] == stem[headline, position]
            if repeated or information <= 0 or (kept == max_stems and information <= weights[kept - 1]):
                continue
            rank = min(kept, max_stems - 1)
            while rank > 0 and weights[rank - 1] < information:
                weights[rank], stems[rank] = weights[rank - 1], stems[rank - 1]
                rank -= 1
            weights[rank], stems[rank] = information, stem[headline, position]
            kept = min(kept + 1, max_stems)
        count = 0
        for first in range(kept):
            for second in range(first + 1, kept):
                if weights[first] + weights[second] < min_information:
                    break
                low, high = min(stems[first], stems[second]), max(stems[first], stems[second])
                keys[headline, count] = mix((high << _HALF | low) * _STEP)
                count += 1
        keys[headline, count:] = NO_KEY


@Kernel
def mix(value: np.uint64) -> np.uint64:
    """Return ``hashing.mix64`` of one value."""
    value = (value ^ value >> MIX_SHIFT) * MIX_FACTOR
    value = (value ^ value >> MIX_SHIFT) * MIX_LAST_FACTOR
    return value ^ value >> MIX_SHIFT
