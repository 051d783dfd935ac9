"""Evidence from words: the information that two headlines share and miss, and its order.

How much is shared is measured in nats: the IDF mass of the stems on both sides, not their number. One rare word that
each side has for itself is a name swapped (``swapped``); three common ones are style. Kernels fill a row of evidence
from a pair laid out (``side_by_side``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.core.kernels import Kernel
from dedup.matching.evidence.alignment import FIRST, NO_WORDS, NONE, PackedWords, Scratch, bits, having, hinted, length

if TYPE_CHECKING:
    from numpy.typing import NDArray

Columns = dict[str, "NDArray[np.float32]"]
"""Evidence of p pairs by name, each of shape (p,)."""

INFORMATION = (
    "shared", "overlap", "contained", "contains", "akin", "missing_less", "missing_more", "swapped", "rarest_missing",
    "rarest_shared", "second_shared", "third_shared", "words_shared", "told_less", "told_more", "words_less",
    "words_more",
)  # fmt: skip
ORDER = ("in_order", "turned", "lead")
"""The evidence of this kind, in its order in a row."""

_ORDER_AT = len(INFORMATION)
_HALF = np.float32(0.5)


@Kernel
def information(words: PackedWords, one: int, other: int, pair: Scratch, row: NDArray[np.float32]) -> None:
    """What is shared and what is missing, in nats, of a pair laid out."""
    find_akin(words, one, other, pair)
    begin, lengths = int(words.start[one]), (length(words, one), length(words, other))
    shared, other_shared = pair.shared[0], pair.shared[1]
    total, other_total = words.total[one], words.total[other]
    mass = (shared + other_shared) * _HALF
    rest = total + other_total - mass
    part = shared / total if total > NONE else NONE
    other_part = other_shared / other_total if other_total > NONE else NONE
    missing, other_missing = total - shared, other_total - other_shared
    akin, rarest = apart(words, one, pair.held[0], pair.akin[0])
    other_akin, other_rarest = apart(words, other, pair.held[1], pair.akin[1])
    first = second = third = NONE
    for place in range(lengths[0]):  # no branch depends on a word: what cannot be foreseen costs more than a choice
        weight = words.weight[begin + place] if pair.met[place] else NONE
        first, weight = (weight, first) if weight > first else (first, weight)
        second, weight = (weight, second) if weight > second else (second, weight)
        third = weight if weight > third else third
    row[0], row[1] = mass, mass / rest if rest > NONE else NONE
    row[2], row[3] = max(part, other_part), min(part, other_part)
    row[4] = (akin + other_akin) * _HALF
    row[5], row[6] = min(missing, other_missing), max(missing, other_missing)
    row[7], row[8] = min(rarest, other_rarest), max(rarest, other_rarest)
    row[9], row[10], row[11] = first, second, third
    row[12] = min(bits(np.uint64(pair.held[0])), bits(np.uint64(pair.held[1])))
    row[13], row[14] = min(total, other_total), max(total, other_total)
    row[15], row[16] = min(lengths[0], lengths[1]), max(lengths[0], lengths[1])


@Kernel
def find_akin(words: PackedWords, one: int, other: int, pair: Scratch) -> None:
    """Find the words that are not shared but have a skeleton in common: spelled or derived in another way."""
    begin, other_begin, other_end = int(words.start[one]), int(words.start[other]), int(words.start[other + 1])
    akin = other_akin = NO_WORDS
    skeletons, hints = words.skeleton, words.skeletons[other]
    for place in range(words.start[one + 1] - begin):
        skeleton = skeletons[begin + place]
        if not pair.met[place] and hinted(hints, skeleton):
            same = having(skeletons, other_begin, other_end, skeleton) & ~pair.held[1]
            if same:
                akin |= FIRST << np.uint32(place)
                other_akin |= same
    pair.akin[0], pair.akin[1] = akin, other_akin


@Kernel
def apart(words: PackedWords, headline: int, held: np.uint32, akin: np.uint32) -> tuple[np.float32, np.float32]:
    """Of the words that are not held, the nats of those akin, and the rarest of the others."""
    mass = rarest = NONE
    begin, known, weights = int(words.start[headline]), held | akin, words.weight
    for place in range(words.start[headline + 1] - begin):
        word, weight = FIRST << np.uint32(place), weights[begin + place]
        mass += weight if akin & word else NONE
        other = NONE if known & word else weight
        rarest = other if other > rarest else rarest
    return mass, rarest


@Kernel
def order(words: PackedWords, one: int, other: int, pair: Scratch, row: NDArray[np.float32]) -> None:
    """Whether what is shared stands in the same order: editors keep it, a swap of agent and patient does not."""
    begin, count = int(words.start[one]), length(words, one)
    shared = follows = lead = 0
    furthest, turned = NO_WORDS, NONE
    for place in range(count):
        same = pair.met[place]
        if not same:
            continue
        shared += 1
        if same < furthest:  # all its places lie before the last of an earlier word
            turned += words.weight[begin + place]
        else:
            furthest = last_of(same)
        if place + 1 < count and same << FIRST & pair.met[place + 1]:
            follows += 1
    for place in range(min(2, count, length(words, other))):
        lead += pair.met[place] >> np.uint32(place) & FIRST
    row[_ORDER_AT] = follows / (shared - 1) if shared > 1 else 0
    row[_ORDER_AT + 1] = turned / pair.shared[0] if pair.shared[0] > NONE else NONE
    row[_ORDER_AT + 2] = lead


@Kernel
def last_of(among: np.uint32) -> np.uint32:
    """The last of a set of words alone."""
    while among & (among - FIRST):
        among &= among - FIRST
    return among
