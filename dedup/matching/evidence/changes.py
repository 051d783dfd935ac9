"""Evidence from what differs within one template: the place, the deed, the word in a slot, the roles, what is negated.

Two headlines of one form share nearly all words and report two things: strikes on two villages, visits of two
ministers, one attack each way, a report and its negation. So this evidence looks at *where* the words stand that are
not shared, at shared words that stand in each other's place, and at what is said of shared words.

All of it is the same for (left, right) and (right, left), unless a headline repeats a word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.arabic.word_marks import ACTS, EQUAL, JOINED, MANY, NEGATED
from dedup.core.kernels import Kernel
from dedup.matching.evidence.alignment import (
    ALONE,
    CLASS,
    CONVERSE,
    FIRST_WORD,
    HALF,
    NO_ALTERNATIVE,
    NO_INFORMATION,
    NO_MARKS,
    Alignment,
    PackedWords,
    bit_count,
    word_count,
    word_index,
)
from dedup.matching.evidence.schema import FACTS, offsets

if TYPE_CHECKING:
    from numpy.typing import NDArray

SITE_SHARED, SITE_MISSING_MIN, SITE_MISSING_MAX = offsets("site_shared", "site_missing_min", "site_missing_max")
DEED_AGREE, DEED_CLASH, DEED_EXTRA = offsets("deed_agree", "deed_clash", "deed_extra")
EXCHANGED, EXCHANGED_FIRST, ROLES_EXCHANGED = offsets("exchanged", "exchanged_first", "roles_exchanged")
REORDERED, MISSING_MIN = offsets("reordered_share", "missing_information_min")
NEGATED_WORDS, AMOUNT_CLASH, ALTERNATIVE_CLASH = offsets("negated", "amount_clash", "alternative_clash")

SLOT_WORDS = 2
"""Words that an exchange replaces at most: «بيت ياحون», «وزير الخارجية»."""

LITTLE_MISSING = 6.0
"""Nats of a common word or two: a headline that lacks no more of another means the usual thing where it names none."""

NEGATION = list(FACTS).index("negation")
REFUSALS = np.uint16(sum(1 << ACTS.index(act) for act in ("denial", "refusal")))


@Kernel
def fill_changes(words: PackedWords, left: int, right: int, pair: Alignment, row: NDArray[np.float32]) -> None:
    """Fill in all evidence of this module; ``overlap.fill_order`` and ``facts.fill_facts`` must have run."""
    fill_sites(words, left, right, pair, row)
    fill_deeds(words, left, right, row)
    fill_exchanges(words, left, right, pair, row)
    row[ROLES_EXCHANGED] = NO_INFORMATION
    if row[REORDERED] > NO_INFORMATION:
        fill_roles(words, left, right, pair, row)
    fill_negated(words, left, right, pair, row)
    fill_amounts(words, left, right, pair, row)
    row[ALTERNATIVE_CLASH] = NO_INFORMATION
    if words.alternatives[left] | words.alternatives[right]:
        fill_alternatives(words, left, right, row)


@Kernel
def fill_sites(words: PackedWords, left: int, right: int, pair: Alignment, row: NDArray[np.float32]) -> None:
    """Write the information in the places that both name, and in the rarest place that only one of them names."""
    both = left_rarest = right_rarest = NO_INFORMATION
    for side in range(2):
        headline, rarest = (right if side else left), NO_INFORMATION
        begin, places = int(words.start[headline]), words.places[headline]
        while places:
            position = word_index(places)
            word, weight = FIRST_WORD << np.uint32(position), words.weight[begin + position]
            if pair.shared[side] & word:
                both += weight
            elif not pair.related[side] & word:
                rarest = max(rarest, weight)
            places &= places - FIRST_WORD
        left_rarest, right_rarest = right_rarest, rarest
    row[SITE_SHARED] = both * HALF
    row[SITE_MISSING_MIN], row[SITE_MISSING_MAX] = min(left_rarest, right_rarest), max(left_rarest, right_rarest)


@Kernel
def fill_deeds(words: PackedWords, left: int, right: int, row: NDArray[np.float32]) -> None:
    """Write the kinds of deeds that both headlines, each or one of them tells."""
    left_deeds, right_deeds = words.deeds[left], words.deeds[right]
    left_only, right_only = bit_count(left_deeds & ~right_deeds), bit_count(right_deeds & ~left_deeds)
    row[DEED_AGREE] = bit_count(left_deeds & right_deeds)
    row[DEED_CLASH] = min(left_only, right_only)
    row[DEED_EXTRA] = max(left_only, right_only) - min(left_only, right_only)


@Kernel
def fill_exchanges(words: PackedWords, left: int, right: int, pair: Alignment, row: NDArray[np.float32]) -> None:
    """Write the information of the largest exchange of words in place, and of that at the beginning.

    An exchange lies between the same neighbours, or edges, in both headlines; none of its words is shared or related.
    It has the information of the side that has less.
    """
    begin, right_begin = int(words.start[left]), int(words.start[right])
    count, right_count = word_count(words, left), word_count(words, right)
    known, right_known = pair.shared[0] | pair.related[0], pair.shared[1] | pair.related[1]
    largest = first = NO_INFORMATION
    position = 0
    while position < count:
        if known >> np.uint32(position) & FIRST_WORD:
            position += 1
            continue
        end, information = position, NO_INFORMATION
        while end < count and not known >> np.uint32(end) & FIRST_WORD:
            information += words.weight[begin + end]
            end += 1
        start = 0
        if position > 0:
            start = word_index(pair.equal[position - 1]) + 1 if pair.equal[position - 1] else right_count
        stop, right_information = start, NO_INFORMATION
        while stop < right_count and not right_known >> np.uint32(stop) & FIRST_WORD:
            right_information += words.weight[right_begin + stop]
            stop += 1
        if stop > start:
            less = min(information, right_information)
            if position == 0:
                first = less
            both_end = end == count and stop == right_count
            meet = end < count and stop < right_count and pair.equal[end] >> np.uint32(stop) & FIRST_WORD
            if (both_end or meet) and end - position <= SLOT_WORDS and stop - start <= SLOT_WORDS:
                largest = max(largest, less)
        position = end
    row[EXCHANGED], row[EXCHANGED_FIRST] = largest, first


@Kernel
def fill_roles(words: PackedWords, left: int, right: int, pair: Alignment, row: NDArray[np.float32]) -> None:
    """Write the information of two shared words that stand in each other's place, as agent and patient do.

    Each has, in one headline, a neighbour that the other has in the other headline. Words that و joins, or that stand
    on either side of مع, بين or a match, may change places.
    """
    begin = int(words.start[left])
    last, right_last = word_count(words, left) - 1, word_count(words, right) - 1
    exchanged = NO_INFORMATION
    shared = pair.shared[0]
    while shared:
        first = word_index(shared)
        first_equal = pair.equal[first]
        shared &= shared - FIRST_WORD
        if first_equal & (first_equal - FIRST_WORD):
            continue  # shared with more than one word
        behind = shared
        while behind:
            second = word_index(behind)
            second_equal = pair.equal[second]
            behind &= behind - FIRST_WORD
            if second_equal & (second_equal - FIRST_WORD) or second_equal >= first_equal:
                continue
            less = min(words.weight[begin + first], words.weight[begin + second])
            if less <= exchanged:
                continue
            if (
                places_beside(pair, last, right_last, first) & second_equal
                and places_beside(pair, last, right_last, second) & first_equal
                and not are_equals(words, left, first, second, right, word_index(second_equal), word_index(first_equal))
            ):
                exchanged = less
    row[ROLES_EXCHANGED] = exchanged


@Kernel
def are_equals(
    words: PackedWords, left: int, first: int, second: int, right: int, right_first: int, right_second: int
) -> bool:
    """Return whether two words of both headlines may change places, by what stands before and between them."""
    begin, right_begin, marks = int(words.start[left]), int(words.start[right]), NO_MARKS
    for position in range(max(first - 1, 0), second):
        marks |= words.marks[begin + position]
    for position in range(max(right_first - 1, 0), right_second):
        marks |= words.marks[right_begin + position]
    joined = (words.marks[begin + second] | words.marks[right_begin + right_second]) & JOINED != NO_MARKS
    adjacent = second == first + 1 and right_second == right_first + 1
    return bool(marks & EQUAL != NO_MARKS or (adjacent and joined))


@Kernel
def places_beside(pair: Alignment, last: int, right_last: int, position: int) -> np.uint32:
    """Return the set of words of the right headline that stand next to a neighbour of a left word, or at its edge."""
    before = pair.equal[position - 1] << FIRST_WORD if position > 0 else FIRST_WORD
    behind = pair.equal[position + 1] >> FIRST_WORD if position < last else FIRST_WORD << np.uint32(right_last)
    return np.uint32(before | behind)


@Kernel
def fill_negated(words: PackedWords, left: int, right: int, pair: Alignment, row: NDArray[np.float32]) -> None:
    """Write how many common words only one headline negates, if the other denies or refuses nothing itself."""
    count = 0
    for side in range(2):
        headline, other = (right, left) if side else (left, right)
        if pair.facts_alone[side, NEGATION] == 0 or pair.facts_alone[1 - side, NEGATION] > 0:
            continue
        if words.acts[other] & ~words.acts[headline] & REFUSALS:
            continue
        begin, known = int(words.start[headline]), pair.shared[side] | pair.related[side]
        for position in range(word_count(words, headline)):
            word = FIRST_WORD << np.uint32(position)
            if words.marks[begin + position] & NEGATED and known & word:
                count += not is_negated(words, begin + position, other, bool(pair.shared[side] & word))
    row[NEGATED_WORDS] = count


@Kernel
def is_negated(words: PackedWords, index: int, other: int, shared: bool) -> bool:
    """Return whether a headline negates its word of the same stem (of a shared word) or skeleton (of a related one)."""
    found = False
    for at in range(int(words.start[other]), int(words.start[other + 1])):
        equal = words.stem[at] == words.stem[index] if shared else words.skeleton[at] == words.skeleton[index]
        found |= equal and words.marks[at] & NEGATED != NO_MARKS
    return found


@Kernel
def fill_amounts(words: PackedWords, left: int, right: int, pair: Alignment, row: NDArray[np.float32]) -> None:
    """Write how many shared nouns are one in one headline and two or many in the other."""
    begin, right_begin, clash = int(words.start[left]), int(words.start[right]), 0
    counting = words.amounts[left] & pair.shared[0]
    while counting:
        position = word_index(counting)
        amount, equal = words.marks[begin + position] & MANY, pair.equal[position] & words.amounts[right]
        counting &= counting - FIRST_WORD
        counted, agrees = equal != 0, False
        while equal:
            agrees |= words.marks[right_begin + word_index(equal)] & MANY == amount
            equal &= equal - FIRST_WORD
        clash += counted and not agrees
    row[AMOUNT_CLASH] = clash


@Kernel
def fill_alternatives(words: PackedWords, left: int, right: int, row: NDArray[np.float32]) -> None:
    """Write whether each headline names a member of a class that the other does not.

    Of some classes a headline names a member only where it is not the usual one (the women's team): there one that says
    the same without it differs too.

    Converses (to win and to lose) are one thing where the shared words stand in another order.
    """
    clash, usual = False, row[MISSING_MIN] < LITTLE_MISSING
    for side in range(2):
        headline, other = (right, left) if side else (left, right)
        begin, alone = int(words.start[headline]), words.alternatives[headline]
        others, other_begin = words.alternatives[other], int(words.start[other])
        while alone:
            member = words.alternative[begin + word_index(alone)]
            alone &= alone - FIRST_WORD
            if member & CONVERSE and row[REORDERED] > NO_INFORMATION:
                continue
            is_named = same_class = exclusive = False
            rest = others
            while rest:
                position = word_index(rest)
                rest &= rest - FIRST_WORD
                another = words.alternative[other_begin + position]
                if another & CLASS == member & CLASS:
                    same_class = True
                    is_named |= another == member
                    exclusive |= not names_alternative(words, headline, another)
            clash |= not is_named and (exclusive or (member & ALONE != NO_ALTERNATIVE and usual and not same_class))
    row[ALTERNATIVE_CLASH] = clash


@Kernel
def names_alternative(words: PackedWords, headline: int, member: np.uint16) -> bool:
    """Return whether a headline names a member of a class of alternatives."""
    found = False
    for index in range(int(words.start[headline]), int(words.start[headline + 1])):
        found |= words.alternative[index] == member
    return found
