"""Recurring titles: on how many earlier days an outlet ran the same title, counted as a scan counts it.

``matching.timeline`` counts the days over all headlines of a scan; an index stores them per title. A title is
identified by a 64-bit hash of outlet and fuzzy key (two of a million collide with probability 3e-8). Stored are its
last day and a bit mask of the 64 days up to that one, so that a headline that arrives up to a month late gets the count
that a scan would give it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from dedup.matching.timeline import RECURS_WITHIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DAY = 86_400_000_000
"""Microseconds."""

_MASK_DAYS = 64
_ALL_BITS = (1 << _MASK_DAYS) - 1


class RunDays(NamedTuple):
    """The days on which a title ran.

    Attributes:
        last: the last of them, in days since 1970.
        mask: bit k is set if the title ran k days before the last.
    """

    last: int
    mask: int = 1

    def count_before(self, day: int) -> int:
        """Return on how many of the ``RECURS_WITHIN`` days before ``day`` the title ran.

        Examples:
            >>> RunDays(last=20, mask=0b101).count_before(21)
            2
        """
        previous_bit = self.last - day + 1
        if previous_bit >= _MASK_DAYS or previous_bit + RECURS_WITHIN <= 0:
            return 0
        earlier = (1 << (previous_bit + RECURS_WITHIN)) - 1
        return (self.mask & earlier & ~((1 << max(previous_bit, 0)) - 1)).bit_count()

    def with_day(self, day: int) -> RunDays:
        """Return these days and another one."""
        ahead = day - self.last
        if ahead > 0:
            shifted = self.mask << ahead & _ALL_BITS if ahead < _MASK_DAYS else 0
            return RunDays(day, shifted | 1)
        if -ahead >= _MASK_DAYS or self.mask >> -ahead & 1:
            return self
        return RunDays(self.last, self.mask | 1 << -ahead)


def title_hash(outlet: str, fuzzy_key: str) -> int:
    """Return a signed 64-bit hash of a title of an outlet; 0 without an outlet or a key."""
    return text_hash(f"{outlet}\x1f{fuzzy_key}") if outlet and fuzzy_key else 0


def text_hash(text: str) -> int:
    """Return a signed 64-bit hash of a text (BLAKE2b)."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def count_recurrences(
    titles: Iterable[int], times: Iterable[int | None], earlier: Mapping[int, RunDays]
) -> tuple[list[int], dict[int, RunDays]]:
    """Count for each title, in order of time, on how many earlier days it ran.

    Args:
        titles: title hashes; 0 never recurs.
        times: microseconds; None where unknown: such a headline recurs on no day.
        earlier: the stored days of titles that ran before.

    Returns:
        A count per title, and the days of the titles that changed.
    """
    counts, current = [], dict[int, RunDays]()
    for title, time in zip(titles, times, strict=True):
        if time is None or not title:
            counts.append(0)
            continue
        day = time // DAY
        days = current.get(title) or earlier.get(title)
        counts.append(days.count_before(day) if days else 0)
        current[title] = days.with_day(day) if days else RunDays(day)
    return counts, {title: days for title, days in current.items() if days != earlier.get(title)}
