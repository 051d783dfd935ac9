"""Evidence from facts: those that agree, clash or are in one headline only.

Numbers, ordinals, weekdays, months, places and negations are counted separately: two headlines may share all other
words and differ in one of these, and then they report two things. Sides of polarity (rise or fall, confirm or deny)
likewise. Speech acts separate statements about one event: a report and its denial, a report and a comment on it, the
beginning of a thing and its outcome share nearly all words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.core.kernels import Kernel
from dedup.matching.evidence.alignment import ACTS, FIRST_WORD, Alignment, PackedWords, bit_count, word_count
from dedup.matching.evidence.schema import FACTS, offsets

if TYPE_CHECKING:
    from numpy.typing import NDArray

FACT_COUNT = len(FACTS)
AGREE, CLASH, EXTRA = (offsets(*(f"{fact}_{how}" for fact in FACTS)) for how in ("agree", "clash", "extra"))
"""The positions of each fact's features in a row, in the order of FACTS."""

POLARITY_CLASH, POLARITY_AGREE, POLARITY_ONE_SIDED, NEGATIVE_SIDE_DIFFERS = offsets(
    "polarity_clash", "polarity_agree", "polarity_one_sided", "negative_side_differs"
)
DENIAL_ONE_SIDED, REACTION_ONE_SIDED, PHASE_CLASH = offsets("denial_one_sided", "reaction_one_sided", "phase_clash")

DENIAL, REACTION, OPENING, OUTCOME = (np.uint8(1 << ACTS.index(act)) for act in ACTS)
PHASES = OPENING | OUTCOME


@Kernel
def fill_facts(words: PackedWords, left: int, right: int, pair: Alignment, row: NDArray[np.float32]) -> None:
    """Fill in the facts that agree, clash (each headline has its own) or are in one headline only."""
    for fact in range(FACT_COUNT):
        pair.facts_alone[0, fact] = pair.facts_alone[1, fact] = pair.facts_shared[fact] = 0
    for side in range(2):
        headline = right if side else left
        begin = int(words.start[headline])
        for position in range(word_count(words, headline)):
            fact = words.fact[begin + position]
            if fact >= 0:
                if not pair.shared[side] >> np.uint32(position) & FIRST_WORD:
                    pair.facts_alone[side, fact] += 1
                elif side == 0:
                    pair.facts_shared[fact] += 1
    for fact in range(FACT_COUNT):
        clash = min(pair.facts_alone[0, fact], pair.facts_alone[1, fact])
        row[AGREE[fact]], row[CLASH[fact]] = pair.facts_shared[fact], clash
        row[EXTRA[fact]] = max(pair.facts_alone[0, fact], pair.facts_alone[1, fact]) - clash


@Kernel
def fill_polarity(words: PackedWords, left: int, right: int, row: NDArray[np.float32]) -> None:
    """Fill in the polarity axes (rise or fall, confirm or deny) on which the two agree or clash, or one has a side."""
    rises, falls = words.rises, words.falls
    left_up, left_down = rises[left] & ~falls[left], falls[left] & ~rises[left]
    right_up, right_down = rises[right] & ~falls[right], falls[right] & ~rises[right]
    row[POLARITY_CLASH] = bit_count((left_up & right_down) | (left_down & right_up))
    row[POLARITY_AGREE] = bit_count((left_up & right_up) | (left_down & right_down))
    row[POLARITY_ONE_SIDED] = bit_count((left_up | left_down) ^ (right_up | right_down))
    row[NEGATIVE_SIDE_DIFFERS] = bit_count(left_down ^ right_down)


@Kernel
def fill_acts(words: PackedWords, left: int, right: int, row: NDArray[np.float32]) -> None:
    """Fill in whether only one headline denies or comments, and whether one reports a beginning, the other an end."""
    differ, phases = words.acts[left] ^ words.acts[right], words.acts[left] & PHASES
    row[DENIAL_ONE_SIDED], row[REACTION_ONE_SIDED] = differ & DENIAL != 0, differ & REACTION != 0
    row[PHASE_CLASH] = differ & PHASES == PHASES and 0 < phases < PHASES
