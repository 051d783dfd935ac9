"""Evidence from facts: those that agree, clash or are in one headline only.

Numbers, ordinals, weekdays, months, places and negations are counted separately: two headlines may share all other
words and differ in one of these, and then they report two things. Sides of polarity (rise or fall, confirm or deny)
likewise. Speech acts separate statements about one event: a report and its denial, a report and a comment on it, a
threat and the act, the fixture and the result share nearly all words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.arabic.word_marks import ACTS, MANY, TWO
from dedup.core.hashing import hash32
from dedup.core.kernels import Kernel
from dedup.core.text_arrays import TextArray
from dedup.matching.evidence.alignment import FIRST_WORD, Alignment, PackedWords, bit_count, word_index
from dedup.matching.evidence.schema import FACTS, offsets

if TYPE_CHECKING:
    from numpy.typing import NDArray

FACT_COUNT = len(FACTS)
AGREE, CLASH, EXTRA = (offsets(*(f"{fact}_{how}" for fact in FACTS)) for how in ("agree", "clash", "extra"))
"""The positions of each fact's features in a row, in the order of FACTS."""

NUMBER = list(FACTS).index("number")
TWO_IN_DIGITS = hash32(TextArray.of(["2"]).hashes())[0]

POLARITY_CLASH, POLARITY_AGREE, POLARITY_ONE_SIDED, POLARITY_PARTIAL, NEGATIVE_SIDE_DIFFERS = offsets(
    "polarity_clash", "polarity_agree", "polarity_one_sided", "polarity_partial", "negative_side_differs"
)
DENIAL_ONE_SIDED, REACTION_ONE_SIDED, DOUBT_ONE_SIDED, INTENT_ONE_SIDED, PHASE_CLASH, SERVICE_SHARED = offsets(
    "denial_one_sided", "reaction_one_sided", "doubt_one_sided", "intent_one_sided", "phase_clash", "service_shared"
)

DENIAL, CHECK, VERIFY, QUESTION, INTENT, REACTION, OPENING, OUTCOME, FIXTURE, RESULT, SERVICE = (
    np.uint16(1 << ACTS.index(act))
    for act in (
        "denial", "check", "verify", "question", "intent", "reaction", "opening", "outcome", "fixture", "result",
        "service",
    )
)  # fmt: skip
DOUBT = CHECK | VERIFY | QUESTION


@Kernel
def fill_facts(words: PackedWords, left: int, right: int, pair: Alignment, row: NDArray[np.float32]) -> None:
    """Write the facts that agree, clash (each headline has its own) or are in one headline only.

    A dual states the number two: «شخصين» agrees with «شخصين» and with «2», and clashes with «3».
    """
    for fact in range(FACT_COUNT):
        pair.facts_alone[0, fact] = pair.facts_alone[1, fact] = pair.facts_shared[fact] = 0
    left_twos = right_twos = left_duals = right_duals = 0
    for side in range(2):
        headline, other = (right, left) if side else (left, right)
        begin, twos, duals = int(words.start[headline]), 0, 0
        stating = words.facts[headline]
        while stating:
            position = word_index(stating)
            fact, shared = words.fact[begin + position], pair.shared[side] >> np.uint32(position) & FIRST_WORD
            stating &= stating - FIRST_WORD
            if words.marks[begin + position] & MANY == TWO:
                if shared and has_dual(words, other, words.stem[begin + position]):
                    pair.facts_shared[NUMBER] += side == 0
                else:
                    duals += 1
            if fact >= 0:
                if not shared:
                    pair.facts_alone[side, fact] += 1
                    twos += words.stem[begin + position] == TWO_IN_DIGITS
                elif side == 0:
                    pair.facts_shared[fact] += 1
        left_twos, right_twos = right_twos, twos
        left_duals, right_duals = right_duals, duals
    left_pairs, right_pairs = min(left_twos, right_duals), min(right_twos, left_duals)
    pair.facts_shared[NUMBER] += left_pairs + right_pairs
    pair.facts_alone[0, NUMBER] += left_duals - right_pairs - left_pairs
    pair.facts_alone[1, NUMBER] += right_duals - left_pairs - right_pairs
    for fact in range(FACT_COUNT):
        clash = min(pair.facts_alone[0, fact], pair.facts_alone[1, fact])
        row[AGREE[fact]], row[CLASH[fact]] = pair.facts_shared[fact], clash
        row[EXTRA[fact]] = max(pair.facts_alone[0, fact], pair.facts_alone[1, fact]) - clash


@Kernel
def has_dual(words: PackedWords, headline: int, stem: np.uint32) -> bool:
    """Return whether a headline has a noun in the dual."""
    found = False
    for index in range(int(words.start[headline]), int(words.start[headline + 1])):
        found |= words.stem[index] == stem and words.marks[index] & MANY == TWO
    return found


@Kernel
def fill_polarity(words: PackedWords, left: int, right: int, row: NDArray[np.float32]) -> None:
    """Write the polarity axes (rise or fall, confirm or deny) on which the two agree or clash, or one has a side."""
    rises, falls = words.rises, words.falls
    left_up, left_down = rises[left] & ~falls[left], falls[left] & ~rises[left]
    right_up, right_down = rises[right] & ~falls[right], falls[right] & ~rises[right]
    row[POLARITY_CLASH] = bit_count((left_up & right_down) | (left_down & right_up))
    row[POLARITY_AGREE] = bit_count((left_up & right_up) | (left_down & right_down))
    row[POLARITY_ONE_SIDED] = bit_count((left_up | left_down) ^ (right_up | right_down))
    left_both, right_both = rises[left] & falls[left], rises[right] & falls[right]
    row[POLARITY_PARTIAL] = bit_count(((left_up | left_down) & right_both) | ((right_up | right_down) & left_both))
    row[NEGATIVE_SIDE_DIFFERS] = bit_count(left_down ^ right_down)


@Kernel
def fill_acts(words: PackedWords, left: int, right: int, row: NDArray[np.float32]) -> None:
    """Write the acts of only one headline, and whether one reports what comes before, the other what comes after."""
    left_acts, right_acts = words.acts[left], words.acts[right]
    differ = left_acts ^ right_acts
    row[DENIAL_ONE_SIDED], row[REACTION_ONE_SIDED] = differ & DENIAL != 0, differ & REACTION != 0
    doubt = (left_acts & DOUBT != 0) != (right_acts & DOUBT != 0)
    row[DOUBT_ONE_SIDED] = doubt and left_acts & right_acts & DENIAL == 0  # «ينفي صحة …» is «ينفي …»
    row[INTENT_ONE_SIDED] = differ & INTENT != 0
    row[SERVICE_SHARED] = left_acts & right_acts & SERVICE != 0
    phases = are_opposite(left_acts, right_acts, OPENING, OUTCOME)
    row[PHASE_CLASH] = phases or are_opposite(left_acts, right_acts, FIXTURE, RESULT)


@Kernel
def are_opposite(left_acts: np.uint16, right_acts: np.uint16, before: np.uint16, after: np.uint16) -> bool:
    """Return whether of two acts one headline does only the first, the other only the second."""
    left_acts, right_acts = left_acts & (before | after), right_acts & (before | after)
    return bool((left_acts == before and right_acts == after) or (left_acts == after and right_acts == before))
