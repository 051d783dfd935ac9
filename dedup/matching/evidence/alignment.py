"""Two headlines' words side by side: for each word of the one, where the other has it.

All evidence from words is read off this small table (``overlap``, ``facts``). It and the words' weights are a pair's
scratch, laid out pair by pair by a kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.arabic.vocabulary import MAX_WORDS
from dedup.arabic.word_facts import KINDS
from dedup.core.kernels import Kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.arabic.vocabulary import Words

FACTS = {
    "number": ("number", "percent"),
    "ordinal": ("ordinal",),
    "weekday": ("weekday",),
    "month": ("month",),
    "negation": ("negation",),
    "place": ("place",),
}
"""Kinds of words that state a fact which either agrees or clashes."""

ACTS = ("denial", "reaction", "opening", "outcome")
"""Kinds of words that say how a headline speaks of an event: that it denies, comments, tells an opening or an end."""

_FACTS = len(FACTS)
_FACT_OF_KIND = np.array(
    [next((place for place, kinds in enumerate(FACTS.values()) if kind in kinds), -1) for kind in KINDS], np.int8
)
_ACT_OF_KIND = np.array([1 << ACTS.index(kind) if kind in ACTS else 0 for kind in KINDS], np.uint8)
NONE, _HALF = np.float32(0), np.float32(0.5)
NO_WORDS, FIRST = np.uint32(0), np.uint32(1)


class PackedWords(NamedTuple):
    """What the kernels need of the words of n headlines, one word after the other: a pair's lie in few cache lines."""

    start: NDArray[np.int64]  # where the words of each headline start, shape (n + 1,)
    stem: NDArray[np.uint32]
    skeleton: NDArray[np.uint32]
    weight: NDArray[np.float32]
    fact: NDArray[np.int8]  # the place of the fact that a word states, -1 for none
    total: NDArray[np.float32]  # the weights of a headline together, shape (n,)
    rises: NDArray[np.uint64]
    falls: NDArray[np.uint64]
    acts: NDArray[np.uint8]  # bit a is set where a word of the headline is act a, shape (n,)
    stems: NDArray[np.uint64]  # the hints of a headline's stems together, shape (n,); see ``hint``
    skeletons: NDArray[np.uint64]


class Scratch(NamedTuple):
    """Where one pair is laid out. A set of a side's words is one integer: bit w is set where word w is in it."""

    met: NDArray[np.uint32]  # of each word of the one side, the words of the other that have its stem, shape (words,)
    held: NDArray[np.uint32]  # of each side, the words that the other has too, shape (2,)
    akin: NDArray[np.uint32]  # of each side, the words not held of whose skeleton the other has one, shape (2,)
    shared: NDArray[np.float32]  # of each side, the nats held, shape (2,)
    alone: NDArray[np.int64]  # facts of each kind that the other side lacks, shape (2, facts)
    agree: NDArray[np.int64]  # shape (facts,)


def pack_words(words: Words) -> PackedWords:
    """The words as the kernels take them."""
    written = np.arange(words.stem.shape[1]) < words.length[:, None]
    # Word by word: NumPy's own sum takes another order for one headline than for many.
    total = np.add.accumulate(words.weight, axis=1)[:, -1]
    return PackedWords(
        np.concatenate([[0], words.length.cumsum()]), words.stem[written], words.skeleton[written],
        words.weight[written], _FACT_OF_KIND[words.kind[written]], total, words.rises, words.falls,
        np.bitwise_or.reduce(_ACT_OF_KIND[words.kind], axis=1), _hints(words.stem, written),
        _hints(words.skeleton, written),
    )  # fmt: skip


def _hints(codes: NDArray[np.uint32], written: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """The hints of each headline's codes together."""
    hints = np.uint64(1) << (codes & np.uint32(63)).astype(np.uint64)
    together: NDArray[np.uint64] = np.bitwise_or.reduce(np.where(written, hints, np.uint64(0)), axis=1)
    return together


def scratch() -> Scratch:
    """Room for one pair of headlines."""
    return Scratch(
        np.zeros(MAX_WORDS, np.uint32), np.zeros(2, np.uint32), np.zeros(2, np.uint32), np.zeros(2, np.float32),
        np.zeros((2, _FACTS), np.int64), np.zeros(_FACTS, np.int64),
    )  # fmt: skip


@Kernel
def lay_out(words: PackedWords, one: int, other: int, pair: Scratch) -> np.float32:
    """Find the words that two headlines share; returns their overlap, the share of their information that both tell."""
    begin, other_begin, other_end = int(words.start[one]), int(words.start[other]), int(words.start[other + 1])
    held = other_held = NO_WORDS
    shared = other_shared = NONE
    stems, hints = words.stem, words.stems[other]
    for place in range(words.start[one + 1] - begin):
        same, stem = NO_WORDS, stems[begin + place]
        if hinted(hints, stem):
            same = having(stems, other_begin, other_end, stem)
        pair.met[place] = same
        if same:
            held |= FIRST << np.uint32(place)
            other_held |= same
            shared += words.weight[begin + place]
    for place in range(other_end - other_begin):
        if other_held >> np.uint32(place) & FIRST:
            other_shared += words.weight[other_begin + place]
    pair.held[0], pair.held[1] = held, other_held
    pair.shared[0], pair.shared[1] = shared, other_shared
    mass = (shared + other_shared) * _HALF
    rest = words.total[one] + words.total[other] - mass
    return mass / rest if rest > NONE else NONE


@Kernel
def hinted(hints: np.uint64, code: np.uint32) -> bool:
    """Whether a code can be among those of the hints: most that are not are ruled out by one bit of 64."""
    return bool(hints >> np.uint64(code & np.uint32(63)) & np.uint64(1))


@Kernel
def having(codes: NDArray[np.uint32], begin: int, end: int, code: np.uint32) -> np.uint32:
    """Which words of a headline have a code."""
    found = NO_WORDS
    for place in range(begin, end):
        if codes[place] == code:  # compiled, a choice: no branch
            found |= FIRST << np.uint32(place - begin)
    return found


@Kernel
def length(words: PackedWords, headline: int) -> int:
    """How many words a headline has."""
    return int(words.start[headline + 1] - words.start[headline])


@Kernel
def bits(value: np.uint64) -> int:
    """How many bits are set."""
    count = 0
    while value:
        value &= value - np.uint64(1)
        count += 1
    return count
