"""The information of words in the news at hand: the shipped table, corrected by what was published lately.

The table of word frequencies is counted once and for all; a name that was rare in it may be in every second headline
this week, and then sharing it says little. So a word's probability is a mean of the table's (the prior, which counts as
k headlines) and its share of the headlines published in the window before: for c of n different headlines,

    information = -ln((k · p + c) / (k + n))    with k = PRIOR + PRIOR_SHARE · n

Counted are whole hours: those of the window that ended before the hour of the headline. So the information of a
headline's words depends on earlier headlines only, and neither on its batch nor on the slice of a scan. A headline
whose key ran in the window before it is not counted: three hundred outlets that run one title do not make its words
common. Headlines without a time are not counted, and keep the information of the table.

Figures, and the spans and priors that were compared, are in docs/decisions.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.core.columns import ColumnStruct
from dedup.core.kernels import Kernel
from dedup.core.time_windows import MICROSECONDS_AN_HOUR, NO_TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

    from dedup.arabic.vocabulary import Words

PRIOR, PRIOR_SHARE = 200.0, 0.05
"""Headlines that the shipped table counts as: so many, and this share of those counted, so that a word which none of
them has gains at most 3 nats, however many there are."""

MIN_HEADLINES = 10
"""Headlines before one whose words are counted; fewer change nothing."""

NO_HOUR = int(np.iinfo(np.int64).min)


@dataclass(frozen=True, slots=True)
class CountedWords(ColumnStruct):
    """What n headlines, in order of time, those without a time first, add to the counts of words.

    Attributes:
        key: hash of the fuzzy key, shape (n,).
        hour: since 1970, NO_HOUR where unknown, shape (n,).
        stem: hashes of the words' stems, shape (n, MAX_WORDS).
        length: the number of words, shape (n,).
    """

    key: NDArray[np.uint64]
    hour: NDArray[np.int64]
    stem: NDArray[np.uint32]
    length: NDArray[np.int64]

    @classmethod
    def of(cls, keys: pl.Series, time: NDArray[np.int64], words: Words) -> CountedWords:
        """Return what headlines with these fuzzy keys, times and words add."""
        return cls(keys.hash().to_numpy(), hours_of(time), words.stem, words.length)

    def __len__(self) -> int:
        return len(self.key)

    def arrays(self) -> tuple[NDArray[Any], ...]:
        """Return all columns."""
        return self.key, self.hour, self.stem, self.length

    @classmethod
    def from_arrays(cls, arrays: Sequence[NDArray[Any]]) -> CountedWords:
        """Return counted words of these columns, in the order of ``arrays``."""
        return cls(*arrays)


def hours_of(time: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the hour since 1970 of each time, NO_HOUR where unknown."""
    return np.where(time == NO_TIME, NO_HOUR, time // MICROSECONDS_AN_HOUR)


def counted_hours(window: float) -> int:
    """Return the number of hours before a headline in which words are counted, for a window in hours."""
    return max(1, math.ceil(window))


def are_new(words: CountedWords, *, span: int) -> NDArray[np.bool_]:
    """Return whether each headline has a time and its key did not run in the hours before it, shape (n,).

    Args:
        words: of n headlines.
        span: number of hours.
    """
    is_new: NDArray[np.bool_] = words.hour != NO_HOUR
    order = words.key.argsort(kind="stable")
    earlier, later = order[:-1], order[1:]
    ran_before = (words.key[earlier] == words.key[later]) & is_new[earlier]
    earlier, later = earlier[ran_before], later[ran_before]
    is_new[later[words.hour[later] - words.hour[earlier] <= span]] = False
    return is_new


def recent_information(
    words: CountedWords, is_new: NDArray[np.bool_], table: NDArray[np.float32], *, span: int
) -> NDArray[np.float32]:
    """Return the information of the words of the last m headlines, shape (m, MAX_WORDS).

    Args:
        words: of n headlines; they include all of the span before the last m.
        is_new: which headlines are counted, shape (n,); see ``are_new``.
        table: information of the words of the last m headlines in the table of word frequencies, shape (m, MAX_WORDS).
        span: number of hours in which words are counted.
    """
    information = table.copy()
    total = int(words.length.sum())
    stems = np.zeros(1 << max(4, (2 * total).bit_length()), np.uint32)
    counts = np.zeros(len(stems), np.int32)
    fill = weigh_words.for_work(20 * total)
    fill(words.stem, words.length, words.hour, is_new, len(words) - len(table), span, stems, counts, information)
    return information


@Kernel
def weigh_words(
    stem: NDArray[np.uint32], length: NDArray[np.int64], hour: NDArray[np.int64], is_new: NDArray[np.bool_], since: int,
    span: int, stems: NDArray[np.uint32], counts: NDArray[np.int32], information: NDArray[np.float32],
) -> None:  # fmt: skip
    """Correct the information of the words of rows ``since`` and after, in place.

    ``stems`` and ``counts`` are an empty hash table with open addressing: the number of headlines in the span that
    contain each stem. It slides over the rows.
    """
    first = int(np.searchsorted(hour, NO_HOUR + 1))
    first, added = max(since, first), first
    removed, headlines = added, 0
    for later in range(first, len(hour)):
        while hour[added] < hour[later]:
            if is_new[added]:
                headlines += count_words(stem, length, added, 1, stems, counts)
            added += 1
        while removed < added and hour[removed] < hour[later] - span:
            if is_new[removed]:
                headlines += count_words(stem, length, removed, -1, stems, counts)
            removed += 1
        if headlines >= MIN_HEADLINES:
            for position in range(length[later]):
                table = information[later - since, position]
                seen = counts[slot_of(stems, stem[later, position])]
                information[later - since, position] = corrected(table, seen, headlines)


@Kernel
def corrected(information: np.float32, seen: int, headlines: int) -> np.float32:
    """Return the information of a word that is in so many of the headlines, given that of the table."""
    prior = PRIOR + PRIOR_SHARE * headlines
    share = (prior * math.exp(-np.float64(information)) + seen) / (prior + headlines)
    return np.float32(-math.log(share))


@Kernel
def count_words(
    stem: NDArray[np.uint32], length: NDArray[np.int64], row: int, change: int, stems: NDArray[np.uint32],
    counts: NDArray[np.int32],
) -> int:  # fmt: skip
    """Add ``change`` to the counts of the distinct stems of a row; return it."""
    for position in range(length[row]):
        repeated = False
        for earlier in range(position):
            repeated |= stem[row, earlier] == stem[row, position]
        if not repeated:
            slot = slot_of(stems, stem[row, position])
            stems[slot] = stem[row, position]
            counts[slot] += change
    return change


@Kernel
def slot_of(stems: NDArray[np.uint32], stem: np.uint32) -> int:
    """Return the slot of a stem in the hash table, an empty one if it is not there."""
    last = len(stems) - 1
    slot = (int(stem) * 0x9E3779B1 >> 7) & last
    while stems[slot] != 0 and stems[slot] != stem:
        slot = (slot + 1) & last
    return slot
