"""Evidence from words: the information that two headlines share and miss, its order, the facts that agree or clash.

How much is shared is measured in nats: the IDF mass of the stems on both sides, not their number. One rare word that
each side has for itself is a name swapped (``swapped``); three common ones are style. Numbers, ordinals, weekdays,
months, places and negations are counted apart, as agreeing, clashing (each side has its own) or standing on one side
only; sides of polarity (rise or fall, confirm or deny) likewise.

All of it is read off one small table: for each word of the one side, where the other side has it. The table and the
words' weights are a pair's scratch; kernels fill a row of evidence, in the order of ``NAMES``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.arabic.words import KINDS
from dedup.matching.kernel import Kernel
from dedup.matching.words import LIMIT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.matching.words import Words

Columns = dict[str, "NDArray[np.float32]"]

FACTS = {
    "number": ("number", "percent"),
    "ordinal": ("ordinal",),
    "weekday": ("weekday",),
    "month": ("month",),
    "negation": ("negation",),
    "place": ("place",),
}
"""Kinds of words that state a fact which either agrees or clashes."""

INFORMATION = (
    "shared", "overlap", "contained", "contains", "akin", "missing_less", "missing_more", "swapped", "rarest_missing",
    "rarest_shared", "second_shared", "third_shared", "words_shared", "told_less", "told_more", "words_less",
    "words_more",
)  # fmt: skip
ORDER = ("in_order", "turned", "lead")
SIDES = ("side_clash", "side_agree", "side_alone", "against")
NAMES = (*INFORMATION, *ORDER, *(f"{fact}_{how}" for fact in FACTS for how in ("agree", "clash", "extra")), *SIDES)
"""The evidence from words, in its order in a row."""

_ORDER_AT = len(INFORMATION)
_FACTS_AT = _ORDER_AT + len(ORDER)
_FACTS = len(FACTS)
_SIDES_AT = _FACTS_AT + 3 * _FACTS
_FACT_OF_KIND = np.array(
    [next((place for place, kinds in enumerate(FACTS.values()) if kind in kinds), -1) for kind in KINDS], np.int8
)
_NONE, _HALF = np.float32(0), np.float32(0.5)
_NO_WORDS, _FIRST = np.uint32(0), np.uint32(1)


class Told(NamedTuple):
    """What the kernels need of the words of n headlines, one word after the other: a pair's lie in few cache lines."""

    start: NDArray[np.int64]  # where the words of each headline start, shape (n + 1,)
    stem: NDArray[np.uint32]
    skeleton: NDArray[np.uint32]
    weight: NDArray[np.float32]
    fact: NDArray[np.int8]  # the place of the fact that a word states, -1 for none
    total: NDArray[np.float32]  # the weights of a headline together, shape (n,)
    rises: NDArray[np.uint64]
    falls: NDArray[np.uint64]
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


def told(words: Words) -> Told:
    """The words as the kernels take them."""
    written = np.arange(words.stem.shape[1]) < words.length[:, None]
    # Word by word: NumPy's own sum takes another order for one headline than for many.
    total = np.add.accumulate(words.weight, axis=1)[:, -1]
    return Told(
        np.concatenate([[0], np.cumsum(words.length)]), words.stem[written], words.skeleton[written],
        words.weight[written], _FACT_OF_KIND[words.kind[written]], total, words.rises, words.falls,
        _hints(words.stem, written), _hints(words.skeleton, written),
    )  # fmt: skip


def _hints(codes: NDArray[np.uint32], written: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """The hints of each headline's codes together."""
    hints = np.uint64(1) << (codes & np.uint32(63)).astype(np.uint64)
    together: NDArray[np.uint64] = np.bitwise_or.reduce(np.where(written, hints, np.uint64(0)), axis=1)
    return together


def scratch() -> Scratch:
    """Room for one pair of headlines."""
    return Scratch(
        np.zeros(LIMIT, np.uint32), np.zeros(2, np.uint32), np.zeros(2, np.uint32), np.zeros(2, np.float32),
        np.zeros((2, _FACTS), np.int64), np.zeros(_FACTS, np.int64),
    )  # fmt: skip


@Kernel
def lay_out(words: Told, one: int, other: int, pair: Scratch) -> np.float32:
    """Find the words that two headlines share; returns their overlap, the share of their information that both tell."""
    begin, other_begin, other_end = int(words.start[one]), int(words.start[other]), int(words.start[other + 1])
    held = other_held = _NO_WORDS
    shared = other_shared = _NONE
    stems, hints = words.stem, words.stems[other]
    for place in range(words.start[one + 1] - begin):
        same, stem = _NO_WORDS, stems[begin + place]
        if hinted(hints, stem):
            same = having(stems, other_begin, other_end, stem)
        pair.met[place] = same
        if same:
            held |= _FIRST << np.uint32(place)
            other_held |= same
            shared += words.weight[begin + place]
    for place in range(other_end - other_begin):
        if other_held >> np.uint32(place) & _FIRST:
            other_shared += words.weight[other_begin + place]
    pair.held[0], pair.held[1] = held, other_held
    pair.shared[0], pair.shared[1] = shared, other_shared
    mass = (shared + other_shared) * _HALF
    rest = words.total[one] + words.total[other] - mass
    return mass / rest if rest > _NONE else _NONE


@Kernel
def hinted(hints: np.uint64, code: np.uint32) -> bool:
    """Whether a code can be among those of the hints: most that are not are ruled out by one bit of 64."""
    return bool(hints >> np.uint64(code & np.uint32(63)) & np.uint64(1))


@Kernel
def having(codes: NDArray[np.uint32], begin: int, end: int, code: np.uint32) -> np.uint32:
    """Which words of a headline have a code."""
    found = _NO_WORDS
    for place in range(begin, end):
        if codes[place] == code:  # compiled, a choice: no branch
            found |= _FIRST << np.uint32(place - begin)
    return found


@Kernel
def information(words: Told, one: int, other: int, pair: Scratch, row: NDArray[np.float32]) -> None:
    """What is shared and what is missing, in nats, of a pair laid out."""
    find_akin(words, one, other, pair)
    begin, lengths = int(words.start[one]), (length(words, one), length(words, other))
    shared, other_shared = pair.shared[0], pair.shared[1]
    total, other_total = words.total[one], words.total[other]
    mass = (shared + other_shared) * _HALF
    rest = total + other_total - mass
    part = shared / total if total > _NONE else _NONE
    other_part = other_shared / other_total if other_total > _NONE else _NONE
    missing, other_missing = total - shared, other_total - other_shared
    akin, rarest = apart(words, one, pair.held[0], pair.akin[0])
    other_akin, other_rarest = apart(words, other, pair.held[1], pair.akin[1])
    first = second = third = _NONE
    for place in range(lengths[0]):  # no branch depends on a word: what cannot be foreseen costs more than a choice
        weight = words.weight[begin + place] if pair.met[place] else _NONE
        first, weight = (weight, first) if weight > first else (first, weight)
        second, weight = (weight, second) if weight > second else (second, weight)
        third = weight if weight > third else third
    row[0], row[1] = mass, mass / rest if rest > _NONE else _NONE
    row[2], row[3] = max(part, other_part), min(part, other_part)
    row[4] = (akin + other_akin) * _HALF
    row[5], row[6] = min(missing, other_missing), max(missing, other_missing)
    row[7], row[8] = min(rarest, other_rarest), max(rarest, other_rarest)
    row[9], row[10], row[11] = first, second, third
    row[12] = min(bits(np.uint64(pair.held[0])), bits(np.uint64(pair.held[1])))
    row[13], row[14] = min(total, other_total), max(total, other_total)
    row[15], row[16] = min(lengths[0], lengths[1]), max(lengths[0], lengths[1])


@Kernel
def length(words: Told, headline: int) -> int:
    """How many words a headline has."""
    return int(words.start[headline + 1] - words.start[headline])


@Kernel
def find_akin(words: Told, one: int, other: int, pair: Scratch) -> None:
    """Find the words that are not shared but have a skeleton in common: spelled or derived in another way."""
    begin, other_begin, other_end = int(words.start[one]), int(words.start[other]), int(words.start[other + 1])
    akin = other_akin = _NO_WORDS
    skeletons, hints = words.skeleton, words.skeletons[other]
    for place in range(words.start[one + 1] - begin):
        skeleton = skeletons[begin + place]
        if not pair.met[place] and hinted(hints, skeleton):
            same = having(skeletons, other_begin, other_end, skeleton) & ~pair.held[1]
            if same:
                akin |= _FIRST << np.uint32(place)
                other_akin |= same
    pair.akin[0], pair.akin[1] = akin, other_akin


@Kernel
def apart(words: Told, headline: int, held: np.uint32, akin: np.uint32) -> tuple[np.float32, np.float32]:
    """Of the words that are not held, the nats of those akin, and the rarest of the others."""
    mass = rarest = _NONE
    begin, known, weights = int(words.start[headline]), held | akin, words.weight
    for place in range(words.start[headline + 1] - begin):
        word, weight = _FIRST << np.uint32(place), weights[begin + place]
        mass += weight if akin & word else _NONE
        other = _NONE if known & word else weight
        rarest = other if other > rarest else rarest
    return mass, rarest


@Kernel
def order(words: Told, one: int, other: int, pair: Scratch, row: NDArray[np.float32]) -> None:
    """Whether what is shared stands in the same order: editors keep it, a swap of agent and patient does not."""
    begin, count = int(words.start[one]), length(words, one)
    shared = follows = lead = 0
    furthest, turned = _NO_WORDS, _NONE
    for place in range(count):
        same = pair.met[place]
        if not same:
            continue
        shared += 1
        if same < furthest:  # all its places lie before the last of an earlier word
            turned += words.weight[begin + place]
        else:
            furthest = last_of(same)
        if place + 1 < count and same << _FIRST & pair.met[place + 1]:
            follows += 1
    for place in range(min(2, count, length(words, other))):
        lead += pair.met[place] >> np.uint32(place) & _FIRST
    row[_ORDER_AT] = follows / (shared - 1) if shared > 1 else 0
    row[_ORDER_AT + 1] = turned / pair.shared[0] if pair.shared[0] > _NONE else _NONE
    row[_ORDER_AT + 2] = lead


@Kernel
def last_of(among: np.uint32) -> np.uint32:
    """The last of a set of words alone."""
    while among & (among - _FIRST):
        among &= among - _FIRST
    return among


@Kernel
def facts(words: Told, one: int, other: int, pair: Scratch, row: NDArray[np.float32]) -> None:
    """Facts that agree, clash (each side has its own) or stand on one side only."""
    for fact in range(_FACTS):
        pair.alone[0, fact] = pair.alone[1, fact] = pair.agree[fact] = 0
    for side in range(2):
        headline = other if side else one
        begin = int(words.start[headline])
        for place in range(length(words, headline)):
            fact = words.fact[begin + place]
            if fact >= 0:
                if not pair.held[side] >> np.uint32(place) & _FIRST:
                    pair.alone[side, fact] += 1
                elif side == 0:
                    pair.agree[fact] += 1
    for fact in range(_FACTS):
        first = _FACTS_AT + 3 * fact
        clash = min(pair.alone[0, fact], pair.alone[1, fact])
        row[first], row[first + 1] = pair.agree[fact], clash
        row[first + 2] = max(pair.alone[0, fact], pair.alone[1, fact]) - clash


@Kernel
def sides(words: Told, one: int, other: int, row: NDArray[np.float32]) -> None:
    """Axes of polarity (rise or fall, confirm or deny) on which the two agree or clash, or one stands alone."""
    rises, falls = words.rises, words.falls
    up, down = rises[one] & ~falls[one], falls[one] & ~rises[one]
    other_up, other_down = rises[other] & ~falls[other], falls[other] & ~rises[other]
    row[_SIDES_AT] = bits((up & other_down) | (down & other_up))
    row[_SIDES_AT + 1] = bits((up & other_up) | (down & other_down))
    row[_SIDES_AT + 2] = bits((up | down) ^ (other_up | other_down))
    row[_SIDES_AT + 3] = bits(down ^ other_down)


@Kernel
def bits(value: np.uint64) -> int:
    """How many bits are set."""
    count = 0
    while value:
        value &= value - np.uint64(1)
        count += 1
    return count
