"""Evidence from words: the information that two headlines share and lack, and the order of the shared words.

Shared information is measured in nats, the IDF of the stems on both sides, not in words. One rare word that each side
has alone is an exchanged name (``rarest_missing_min``); three common ones are style.

A word that was rare and is in every tenth headline today names a running story. Sharing it says little of the same
news, so it weighs little there; but it says that the two are related (``trending_information``; unknown where too few
headlines came before to count words, as in a small collection).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.core.kernels import Kernel
from dedup.matching.evidence.alignment import (
    FIRST_WORD,
    HALF,
    NO_INFORMATION,
    NO_WORDS,
    SLOT_BITS,
    Alignment,
    PackedWords,
    bit_count,
    equal_words,
    word_count,
    word_index,
)
from dedup.matching.evidence.schema import UNKNOWN, offsets

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHARED, OVERLAP, CONTAINMENT_MAX, CONTAINMENT_MIN = offsets(
    "shared_information", "overlap", "containment_max", "containment_min"
)
RELATED, MISSING_MIN, MISSING_MAX, RAREST_MISSING_MIN, RAREST_MISSING_MAX = offsets(
    "related_word_information", "missing_information_min", "missing_information_max", "rarest_missing_min",
    "rarest_missing_max",
)  # fmt: skip
RAREST_SHARED, SECOND_SHARED, THIRD_SHARED = offsets("rarest_shared", "second_rarest_shared", "third_rarest_shared")
(TRENDING,) = offsets("trending_information")
SHARED_WORDS, WORDS_MIN, WORDS_MAX, INFORMATION_MIN, INFORMATION_MAX = offsets(
    "shared_words", "words_min", "words_max", "information_min", "information_max"
)
CONSECUTIVE, REORDERED, LEADING_EQUAL = offsets("consecutive_share", "reordered_share", "leading_words_equal")

LEADING_WORDS = 2
"""First words that are compared position by position."""


@Kernel
def fill_information(
    words: PackedWords, left: int, right: int, pair: Alignment, row: NDArray[np.float32]
) -> None:  # fmt: skip
    """Write the shared and the missing information of an aligned pair, in nats."""
    find_related(words, left, right, pair)
    begin, left_words, right_words = int(words.start[left]), word_count(words, left), word_count(words, right)
    left_shared, right_shared = pair.shared_information[0], pair.shared_information[1]
    left_total, right_total = words.total[left], words.total[right]
    shared = (left_shared + right_shared) * HALF
    either = left_total + right_total - shared
    left_part = left_shared / left_total if left_total > NO_INFORMATION else NO_INFORMATION
    right_part = right_shared / right_total if right_total > NO_INFORMATION else NO_INFORMATION
    left_missing, right_missing = left_total - left_shared, right_total - right_shared
    left_related, left_rarest = unshared_information(words, left, pair.shared[0], pair.related[0])
    right_related, right_rarest = unshared_information(words, right, pair.shared[1], pair.related[1])
    first = second = third = NO_INFORMATION
    for position in range(left_words):  # no branch depends on a word: mispredicted branches cost more than both sides
        weight = words.weight[begin + position] if pair.equal[position] else NO_INFORMATION
        first, weight = (weight, first) if weight > first else (first, weight)
        second, weight = (weight, second) if weight > second else (second, weight)
        third = weight if weight > third else third
    trending, right_begin = NO_INFORMATION, int(words.start[right])
    for position in range(right_words):
        is_shared = pair.shared[1] >> np.uint32(position) & FIRST_WORD
        trending += words.trend[right_begin + position] if is_shared else NO_INFORMATION
    row[SHARED] = shared
    row[OVERLAP] = shared / either if either > NO_INFORMATION else NO_INFORMATION
    row[CONTAINMENT_MAX], row[CONTAINMENT_MIN] = max(left_part, right_part), min(left_part, right_part)
    row[RELATED] = (left_related + right_related) * HALF
    row[MISSING_MIN], row[MISSING_MAX] = min(left_missing, right_missing), max(left_missing, right_missing)
    row[RAREST_MISSING_MIN] = min(left_rarest, right_rarest)
    row[RAREST_MISSING_MAX] = max(left_rarest, right_rarest)
    row[RAREST_SHARED], row[SECOND_SHARED], row[THIRD_SHARED] = first, second, third
    row[TRENDING] = trending if words.is_current[right] else UNKNOWN
    row[SHARED_WORDS] = min(bit_count(np.uint64(pair.shared[0])), bit_count(np.uint64(pair.shared[1])))
    row[INFORMATION_MIN], row[INFORMATION_MAX] = min(left_total, right_total), max(left_total, right_total)
    row[WORDS_MIN], row[WORDS_MAX] = min(left_words, right_words), max(left_words, right_words)


@Kernel
def find_related(words: PackedWords, left: int, right: int, pair: Alignment) -> None:
    """Find the words that are not shared but have an equal skeleton: the same root, spelled or derived otherwise."""
    begin, right_begin, skeletons = int(words.start[left]), int(words.start[right]), words.skeleton
    left_related = right_related = maybe_related = NO_WORDS
    for position in range(words.start[left + 1] - begin):
        slot = pair.skeleton_slots[skeletons[begin + position] & SLOT_BITS]
        maybe_related |= np.uint32(slot != NO_WORDS) << np.uint32(position)
    maybe_related &= ~pair.shared[0]
    while maybe_related:
        position = word_index(maybe_related)
        maybe_related &= maybe_related - FIRST_WORD
        skeleton = skeletons[begin + position]
        slot = pair.skeleton_slots[skeleton & SLOT_BITS] & ~pair.shared[1]
        equal = equal_words(skeletons, right_begin, slot, skeleton)
        if equal:
            left_related |= FIRST_WORD << np.uint32(position)
            right_related |= equal
    pair.related[0], pair.related[1] = left_related, right_related


@Kernel
def unshared_information(
    words: PackedWords, headline: int, shared: np.uint32, related: np.uint32
) -> tuple[np.float32, np.float32]:
    """Return the information of a headline's related words, and the largest of a word neither shared nor related."""
    information = rarest = NO_INFORMATION
    begin, known, weights = int(words.start[headline]), shared | related, words.weight
    for position in range(words.start[headline + 1] - begin):
        word, weight = FIRST_WORD << np.uint32(position), weights[begin + position]
        information += weight if related & word else NO_INFORMATION
        unknown = NO_INFORMATION if known & word else weight
        rarest = unknown if unknown > rarest else rarest
    return information, rarest


@Kernel
def fill_order(words: PackedWords, left: int, right: int, pair: Alignment, row: NDArray[np.float32]) -> None:
    """Write how far the shared words have one order: editors keep it, an exchange of agent and patient does not."""
    begin, count = int(words.start[left]), word_count(words, left)
    consecutive = leading = 0
    furthest, reordered = NO_WORDS, NO_INFORMATION
    shared = pair.shared[0]
    while shared:
        position = word_index(shared)
        equal = pair.equal[position]
        shared &= shared - FIRST_WORD
        if equal < furthest:  # all its positions come before the last of an earlier word
            reordered += words.weight[begin + position]
        else:
            furthest = last_word(equal)
        if position + 1 < count and equal << FIRST_WORD & pair.equal[position + 1]:
            consecutive += 1
    for position in range(min(LEADING_WORDS, count, word_count(words, right))):
        leading += pair.equal[position] >> np.uint32(position) & FIRST_WORD
    gaps = bit_count(np.uint64(pair.shared[0])) - 1
    row[CONSECUTIVE] = consecutive / gaps if gaps > 0 else 0
    information = pair.shared_information[0]
    row[REORDERED] = reordered / information if information > NO_INFORMATION else NO_INFORMATION
    row[LEADING_EQUAL] = leading


@Kernel
def last_word(words: np.uint32) -> np.uint32:
    """Return the set of only the last of a set of words."""
    while words & (words - FIRST_WORD):
        words &= words - FIRST_WORD
    return words
