"""Evidence from facts: what agrees, clashes or stands on one side only.

Numbers, ordinals, weekdays, months, places and negations are counted apart: two headlines may share all other words and
differ in one of these, and then they are about two things. Sides of polarity (rise or fall, confirm or deny) likewise.
Acts tell apart what is said of one event: a report and its denial, a report and what others say to it, the opening of a
thing and its outcome share nearly all words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.core.kernels import Kernel
from dedup.matching.evidence.alignment import ACTS, FACTS, FIRST, PackedWords, Scratch, bits, length
from dedup.matching.evidence.overlap import INFORMATION, ORDER

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDES = ("side_clash", "side_agree", "side_alone", "against")
SAID = ("denial_alone", "reaction_alone", "phase_clash")
NAMES = (
    *INFORMATION, *ORDER, *(f"{fact}_{how}" for fact in FACTS for how in ("agree", "clash", "extra")), *SIDES, *SAID,
)  # fmt: skip
"""All evidence from words, in its order in a row."""

_FACTS_AT = len(INFORMATION) + len(ORDER)
_FACTS = len(FACTS)
_SIDES_AT = _FACTS_AT + 3 * _FACTS
_SAID_AT = _SIDES_AT + len(SIDES)
_DENIAL, _REACTION, _OPENING, _OUTCOME = (np.uint8(1 << ACTS.index(act)) for act in ACTS)
_PHASES = _OPENING | _OUTCOME


@Kernel
def facts(words: PackedWords, one: int, other: int, pair: Scratch, row: NDArray[np.float32]) -> None:
    """Facts that agree, clash (each side has its own) or stand on one side only."""
    for fact in range(_FACTS):
        pair.alone[0, fact] = pair.alone[1, fact] = pair.agree[fact] = 0
    for side in range(2):
        headline = other if side else one
        begin = int(words.start[headline])
        for place in range(length(words, headline)):
            fact = words.fact[begin + place]
            if fact >= 0:
                if not pair.held[side] >> np.uint32(place) & FIRST:
                    pair.alone[side, fact] += 1
                elif side == 0:
                    pair.agree[fact] += 1
    for fact in range(_FACTS):
        first = _FACTS_AT + 3 * fact
        clash = min(pair.alone[0, fact], pair.alone[1, fact])
        row[first], row[first + 1] = pair.agree[fact], clash
        row[first + 2] = max(pair.alone[0, fact], pair.alone[1, fact]) - clash


@Kernel
def sides(words: PackedWords, one: int, other: int, row: NDArray[np.float32]) -> None:
    """Axes of polarity (rise or fall, confirm or deny) on which the two agree or clash, or one stands alone."""
    rises, falls = words.rises, words.falls
    up, down = rises[one] & ~falls[one], falls[one] & ~rises[one]
    other_up, other_down = rises[other] & ~falls[other], falls[other] & ~rises[other]
    row[_SIDES_AT] = bits((up & other_down) | (down & other_up))
    row[_SIDES_AT + 1] = bits((up & other_up) | (down & other_down))
    row[_SIDES_AT + 2] = bits((up | down) ^ (other_up | other_down))
    row[_SIDES_AT + 3] = bits(down ^ other_down)


@Kernel
def said(words: PackedWords, one: int, other: int, row: NDArray[np.float32]) -> None:
    """Whether one alone denies or comments, and whether the one tells only an opening and the other only an outcome."""
    differ, phases = words.acts[one] ^ words.acts[other], words.acts[one] & _PHASES
    row[_SAID_AT], row[_SAID_AT + 1] = differ & _DENIAL != 0, differ & _REACTION != 0
    row[_SAID_AT + 2] = differ & _PHASES == _PHASES and 0 < phases < _PHASES
