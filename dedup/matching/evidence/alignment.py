"""The words of two headlines, aligned: for each word of the left headline, the equal words of the right one.

All evidence from words (``overlap``, ``facts``) is read off this small table. A kernel fills one reusable ``Alignment``
per thread, pair by pair.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.arabic.vocabulary import MAX_WORDS
from dedup.arabic.word_facts import KINDS, alternatives
from dedup.arabic.word_marks import MANY, PLACE, TWO
from dedup.core.kernels import Kernel
from dedup.matching.evidence.schema import FACTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.arabic.vocabulary import Words

_FACT_COUNT = len(FACTS)
_FACT_OF_KIND = np.array(
    [next((index for index, kinds in enumerate(FACTS.values()) if kind in kinds), -1) for kind in KINDS], np.int8
)
NO_INFORMATION, HALF = np.float32(0), np.float32(0.5)
NO_WORDS, FIRST_WORD = np.uint32(0), np.uint32(1)
NO_MARKS = np.uint8(0)
NO_ALTERNATIVE = np.uint16(0)
MEMBER, CLASS, ALONE, CONVERSE = (np.uint16(bits) for bits in (0x1F, 0x7E0, 0x800, 0x1000))
"""Bits of ``PackedWords.alternative``: the member of the class; the class, from 1; the rules of the class."""

SLOTS = 1024
"""Slots of the words of a headline that others are aligned with: few words are in one slot with another."""

SLOT_BITS = np.uint32(SLOTS - 1)


class PackedWords(NamedTuple):
    """The words of n headlines for the kernels, concatenated, so that those of a pair lie in few cache lines."""

    start: NDArray[np.int64]  # the first word of each headline, shape (n + 1,)
    stem: NDArray[np.uint32]  # hash of each word's stem, shape (words,)
    skeleton: NDArray[np.uint32]  # hash of each word's skeleton, shape (words,)
    weight: NDArray[np.float32]  # information of each word in nats, shape (words,)
    trend: NDArray[np.float32]  # nats that each word has lost to the latest news, 0 or more, shape (words,)
    fact: NDArray[np.int8]  # index into FACTS of the fact that each word states, -1 for none, shape (words,)
    total: NDArray[np.float32]  # information of each headline in nats, shape (n,)
    is_current: NDArray[np.bool_]  # whether its words are weighed by the latest news, shape (n,)
    rises: NDArray[np.uint64]  # bit a: a word takes the positive side of polarity axis a, shape (n,)
    falls: NDArray[np.uint64]  # bit a: a word takes the negative side, shape (n,)
    marks: NDArray[np.uint8]  # what each word does to its neighbours, bits of ``word_marks``, shape (words,)
    acts: NDArray[np.uint16]  # bit a: a word does act a of ``word_marks.ACTS``, shape (n,)
    deeds: NDArray[np.uint64]  # bit d: a word tells deed d of ``word_marks.deeds``, shape (n,)
    alternative: NDArray[np.uint16]  # class and member of the alternative that each word names or 0, shape (words,)
    alternatives: NDArray[np.uint32]  # set of the words that name an alternative, shape (n,)
    facts: NDArray[np.uint32]  # set of each headline's words that state a fact, duals among them, shape (n,)
    places: NDArray[np.uint32]  # set of the words that name a place, shape (n,)
    amounts: NDArray[np.uint32]  # set of the words that count one, two or many, shape (n,)


class Alignment(NamedTuple):
    """The alignment of one pair. A set of a headline's words is one integer: bit w is set for word w."""

    equal: NDArray[np.uint32]  # for each left word, the right words of the same stem, shape (MAX_WORDS,)
    shared: NDArray[np.uint32]  # for each side, the words whose stem the other has, shape (2,)
    related: NDArray[np.uint32]  # for each side, the other words whose skeleton the other has, shape (2,)
    shared_information: NDArray[np.float32]  # for each side, the nats of its shared words, shape (2,)
    facts_alone: NDArray[np.int64]  # for each side and fact, the words that are not shared, shape (2, facts)
    facts_shared: NDArray[np.int64]  # for each fact, the shared words of the left headline, shape (facts,)
    looked_up: NDArray[np.int64]  # the headline whose words are in the slots, -1 for none, shape (1,)
    stem_slots: NDArray[np.uint32]  # for each value of a stem's last bits, its words of that value, shape (SLOTS,)
    skeleton_slots: NDArray[np.uint32]  # the same for skeletons, shape (SLOTS,)


def pack_words(words: Words, information: NDArray[np.float32]) -> PackedWords:
    """Concatenate the words of n headlines for the kernels.

    Args:
        words: of the headlines, with the information of the table.
        information: of each word in nats at the time of its headline, shape (n, MAX_WORDS).
    """
    written = np.arange(words.stem.shape[1]) < words.length[:, None]
    # Word by word: NumPy's own sum adds in another order for one headline than for many. Contiguous: else the kernels
    # are compiled for one headline, of which a column is contiguous, and again for many.
    total = np.add.accumulate(information, axis=1)[:, -1].copy()
    fact, amount, alternative = _FACT_OF_KIND[words.kind], words.marks & MANY, _alternative_bits()[words.alternative]
    weight, is_current = information[written], (information != words.weight).any(axis=1)
    return PackedWords(
        np.concatenate([[0], words.length.cumsum()]), words.stem[written], words.skeleton[written], weight,
        (words.weight[written] - weight).clip(0), fact[written], total, is_current, words.rises, words.falls,
        words.marks[written], words.acts, words.deeds, alternative[written],
        _word_sets(written & (alternative != NO_ALTERNATIVE)),
        _word_sets(written & ((fact >= 0) | (amount == TWO))),
        _word_sets(written & (words.marks & PLACE != NO_MARKS)), _word_sets(written & (amount != NO_MARKS)),
    )  # fmt: skip


@cache
def _alternative_bits() -> NDArray[np.uint16]:
    """Return the bits of ``PackedWords.alternative`` of each value of ``Words.alternative``."""
    rules = {"each": 0, "alone": int(ALONE), "converse": int(CONVERSE)}
    bits, sizes = [NO_ALTERNATIVE], dict[str, int]()
    for name, rule, _ in alternatives().iter_rows():
        member = sizes.setdefault(name, 0)
        sizes[name] += 1
        bits.append(np.uint16((list(sizes).index(name) + 1) << 5 | member | rules[rule]))
    return np.array(bits)


def _word_sets(chosen: NDArray[np.bool_]) -> NDArray[np.uint32]:
    """Return the sets of chosen words, shape (n,), from an array of shape (n, MAX_WORDS)."""
    return np.packbits(chosen, axis=1, bitorder="little").view("<u4")[:, 0]


def new_alignment() -> Alignment:
    """Allocate an alignment, to be filled pair by pair."""
    return Alignment(
        np.zeros(MAX_WORDS, np.uint32), np.zeros(2, np.uint32), np.zeros(2, np.uint32), np.zeros(2, np.float32),
        np.zeros((2, _FACT_COUNT), np.int64), np.zeros(_FACT_COUNT, np.int64), np.full(1, -1),
        np.zeros(SLOTS, np.uint32), np.zeros(SLOTS, np.uint32),
    )  # fmt: skip


@Kernel
def align_words(words: PackedWords, left: int, right: int, pair: Alignment) -> np.float32:
    """Find the stems that two headlines share; return their overlap, shared information as a share of all.

    Candidates come in order of their right headline, whose words are found by their slots.
    """
    if pair.looked_up[0] != right:
        fill_slots(words, right, pair)
    begin, right_begin, stems = int(words.start[left]), int(words.start[right]), words.stem
    left_shared = right_shared = maybe_shared = NO_WORDS
    left_information = right_information = NO_INFORMATION
    for position in range(words.start[left + 1] - begin):  # without a branch that depends on a word
        equal = pair.stem_slots[stems[begin + position] & SLOT_BITS]
        pair.equal[position] = equal
        maybe_shared |= np.uint32(equal != NO_WORDS) << np.uint32(position)
    while maybe_shared:
        position = word_index(maybe_shared)
        maybe_shared &= maybe_shared - FIRST_WORD
        equal = equal_words(stems, right_begin, pair.equal[position], stems[begin + position])
        pair.equal[position] = equal
        if equal:
            left_shared |= FIRST_WORD << np.uint32(position)
            right_shared |= equal
            left_information += words.weight[begin + position]
    remaining = right_shared
    while remaining:
        right_information += words.weight[right_begin + word_index(remaining)]
        remaining &= remaining - FIRST_WORD
    pair.shared[0], pair.shared[1] = left_shared, right_shared
    pair.shared_information[0], pair.shared_information[1] = left_information, right_information
    shared = (left_information + right_information) * HALF
    either = words.total[left] + words.total[right] - shared
    return shared / either if either > NO_INFORMATION else NO_INFORMATION


@Kernel
def fill_slots(words: PackedWords, headline: int, pair: Alignment) -> None:
    """Put the words of a headline into slots by the last bits of their stems and skeletons, instead of another's."""
    known = int(pair.looked_up[0])
    if known >= 0:
        for index in range(int(words.start[known]), int(words.start[known + 1])):
            pair.stem_slots[words.stem[index] & SLOT_BITS] = NO_WORDS
            pair.skeleton_slots[words.skeleton[index] & SLOT_BITS] = NO_WORDS
    begin = int(words.start[headline])
    for index in range(begin, int(words.start[headline + 1])):
        word = FIRST_WORD << np.uint32(index - begin)
        pair.stem_slots[words.stem[index] & SLOT_BITS] |= word
        pair.skeleton_slots[words.skeleton[index] & SLOT_BITS] |= word
    pair.looked_up[0] = headline


@Kernel
def equal_words(codes: NDArray[np.uint32], begin: int, slot: np.uint32, code: np.uint32) -> np.uint32:
    """Return the words of a slot that have a code, of the headline whose words begin there."""
    equal, remaining = slot, slot
    while remaining:
        position = word_index(remaining)
        if codes[begin + position] != code:
            equal &= ~(FIRST_WORD << np.uint32(position))
        remaining &= remaining - FIRST_WORD
    return equal


@Kernel
def word_count(words: PackedWords, headline: int) -> int:
    """Return the number of a headline's words."""
    return int(words.start[headline + 1] - words.start[headline])


@Kernel
def word_index(words: np.uint32) -> int:
    """Return the index of the first word of a set that is not empty."""
    return int(bit_count(np.uint64((words & (~words + FIRST_WORD)) - FIRST_WORD)))


@Kernel
def bit_count(value: np.uint64) -> int:
    """Return the number of set bits; compiled to one instruction."""
    count = 0
    while value:
        value &= value - np.uint64(1)
        count += 1
    return count
