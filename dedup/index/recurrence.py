"""On how many earlier days an outlet ran the same title: what ``ordered.in_order`` counts in a scan, remembered.

A title is remembered by a 64-bit hash of outlet and fuzzy key (two of a million fall together with probability 3e-8),
with the last day on which it ran, and which of the 64 days up to that one it ran on: so that a headline that comes up
to a month late is told what a scan would tell it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from dedup.matching.timeline import RECURS_WITHIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DAY = 86_400_000_000
"""Microseconds."""

_SPAN = 64
_ALL = (1 << _SPAN) - 1


class Days(NamedTuple):
    """The days on which a title ran.

    Attributes:
        last: the last of them, in days since 1970.
        recent: bit k is set where it ran k days before the last.
    """

    last: int
    recent: int = 1

    def before(self, day: int) -> int:
        """On how many of the ``RECURS_WITHIN`` days before this one it ran."""
        since = self.last - day + 1  # the bit of the day before
        if since >= _SPAN or since + RECURS_WITHIN <= 0:
            return 0
        earlier = (1 << (since + RECURS_WITHIN)) - 1
        return (self.recent & earlier & ~((1 << max(since, 0)) - 1)).bit_count()

    def then(self, day: int) -> Days:
        """These days and another."""
        ahead = day - self.last
        if ahead > 0:
            moved = self.recent << ahead & _ALL if ahead < _SPAN else 0
            return Days(day, moved | 1)
        if -ahead >= _SPAN or self.recent >> -ahead & 1:
            return self
        return Days(self.last, self.recent | 1 << -ahead)


def title_hash(outlet: str, fuzzy_key: str) -> int:
    """A signed 64-bit name for a title of an outlet; 0 where there is no outlet or no key."""
    return text_hash(f"{outlet}\x1f{fuzzy_key}") if outlet and fuzzy_key else 0


def text_hash(text: str) -> int:
    """A signed 64-bit name for a text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def recurrences(
    titles: Iterable[int], times: Iterable[int | None], known: Mapping[int, Days]
) -> tuple[list[int], dict[int, Days]]:
    """On how many earlier days each title ran, in order of time.

    Args:
        titles: their hashes.
        times: in microseconds; None where unknown: such a headline recurs on no day.
        known: the days of titles that ran before.

    Returns:
        A count for each, and the days of the titles that ran.
    """
    counts, changed = [], dict[int, Days]()
    for title, time in zip(titles, times, strict=True):
        if time is None or not title:
            counts.append(0)
            continue
        day = time // DAY
        days = changed.get(title) or known.get(title)
        counts.append(days.before(day) if days else 0)
        changed[title] = days.then(day) if days else Days(day)
    return counts, {title: days for title, days in changed.items() if days != known.get(title)}
