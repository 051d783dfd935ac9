"""Counts of the words of the cached headlines, hour by hour, for the information of words in new headlines.

A scan counts the words before a headline by sliding over its timeline (``matching.word_information``). A single new
headline cannot afford a pass over the window, so the counts of each hour are kept, and their sum over the span before
the current hour: a look-up is a binary search. Both give the same bits (a test). A late headline is counted from then
on; the information of headlines that are cached already stays what it was when they came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.core.hashing import distinct, true_at
from dedup.core.kernels import Kernel
from dedup.matching.word_information import MIN_HEADLINES, NO_HOUR, corrected, counted_hours, hours_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.matching.features import HeadlineFeatures

    Stems = NDArray[np.uint32]

_KEPT_TOTALS = 4
"""Hours whose sums are kept: those of the latest headlines; sums of other hours are computed anew."""

_PENDING = 256
"""Additions after which the counts of an hour are merged."""


class WordCounts:
    """The number of headlines that contain each stem, in some hours, and how many headlines there are."""

    def __init__(self) -> None:
        self.headlines = 0
        self._stems, self._counts = np.empty(0, np.uint32), np.empty(0, np.int64)
        self._pending: list[tuple[Stems, NDArray[np.int64]]] = []

    def add(self, stems: Stems, counts: NDArray[np.int64], headlines: int) -> None:
        """Add counts; stems may repeat."""
        self.headlines += headlines
        self._pending.append((stems, counts))
        if len(self._pending) >= _PENDING:
            self.merged()

    def merged(self) -> tuple[Stems, NDArray[np.int64]]:
        """Return the distinct stems, ascending, and their counts."""
        if self._pending:
            stems, counts = (np.concatenate(parts) for parts in zip(self._own, *self._pending, strict=True))
            distinct, inverse = np.unique(stems, return_inverse=True)
            sums = np.bincount(inverse, counts).astype(np.int64)
            self._stems, self._counts, self._pending = distinct[sums > 0], sums[sums > 0], []
        return self._own

    def of(self, stems: Stems) -> NDArray[np.int64]:
        """Return the count of each stem."""
        known, counts = self._own
        found = np.zeros(len(stems), np.int64)
        if len(known):
            row = known.searchsorted(stems)
            is_known = known.take(row, mode="clip") == stems
            found[is_known] = counts[row[is_known]]
        for pending, added in self._pending:
            found += (pending[None, :] == stems[:, None]) @ added
        return found

    @property
    def _own(self) -> tuple[Stems, NDArray[np.int64]]:
        return self._stems, self._counts


class RecentWords:
    """Word counts of the cached headlines by hour.

    Args:
        window: hours.
    """

    def __init__(self, window: float) -> None:
        self._span = counted_hours(window)
        self._hours: dict[int, WordCounts] = {}
        self._totals: dict[int, WordCounts] = {}
        self._last_hours: dict[int, int] = {}

    def are_new(self, features: HeadlineFeatures) -> NDArray[np.bool_]:
        """Return whether the words of each headline count: it has a time, and its key did not run in the span before.

        Args:
            features: in order of time, shape (n,).
        """
        hours, keys = hours_of(features.time).tolist(), features.key.tolist()
        is_new, last_hours = np.zeros(len(keys), bool), dict[int, int]()
        for row, (hour, key) in enumerate(zip(hours, keys, strict=True)):
            if hour != NO_HOUR:
                last = max(last_hours.get(key, NO_HOUR), self._last_hours.get(key, NO_HOUR))
                is_new[row] = last == NO_HOUR or not 0 <= hour - last <= self._span
                last_hours[key] = max(last, hour)
        return is_new

    def add(self, features: HeadlineFeatures) -> None:
        """Count the words of new headlines."""
        hours = hours_of(features.time)
        for hour, key in zip(hours.tolist(), features.key.tolist(), strict=True):
            self._last_hours[key] = max(self._last_hours.get(key, NO_HOUR), hour)
        hours = np.where(features.is_new, hours, NO_HOUR)
        for hour in sorted(set(hours.tolist()) - {NO_HOUR}):
            rows = true_at(hours == hour)
            stems = distinct_stems(features, rows)
            ones = np.ones(len(stems), np.int64)
            self._hours.setdefault(hour, WordCounts()).add(stems, ones, len(rows))
            for later, total in self._totals.items():
                if later - self._span <= hour < later:
                    total.add(stems, ones, len(rows))

    def forget_before(self, time: int) -> None:
        """Forget the hours that ended before a time, in microseconds."""
        earliest = int(hours_of(np.array([time]))[0])
        self._hours = {hour: counts for hour, counts in self._hours.items() if hour >= earliest}
        self._last_hours = {key: hour for key, hour in self._last_hours.items() if hour >= earliest}

    def weigh(self, features: HeadlineFeatures, new: HeadlineFeatures) -> NDArray[np.float32]:
        """Return the information of the words of headlines, shape (n, MAX_WORDS).

        Args:
            features: n headlines.
            new: headlines that are not counted yet and count too.
        """
        weighed, hours, counted = features.words.weight.copy(), hours_of(features.time), [self]
        if len(new) > 1 or new is not features:
            counted.append(RecentWords(self._span))
            counted[1].add(new)
        for hour in sorted(set(hours.tolist()) - {NO_HOUR}):
            rows = true_at(hours == hour)
            stems, totals = features.words.stem[rows], [words._total(hour) for words in counted]
            headlines = sum(total.headlines for total in totals)
            if headlines >= MIN_HEADLINES:
                seen = np.zeros(stems.size, np.int64)
                for total in totals:
                    seen += total.of(stems.ravel())
                information, lengths = weighed[rows], features.words.length[rows]
                correct = correct_all.for_work(20 * int(lengths.sum()))
                correct(information, seen.reshape(stems.shape), lengths, headlines)
                weighed[rows] = information
        return weighed

    def _total(self, hour: int) -> WordCounts:
        """Return the sum of the counts of the span before an hour."""
        if hour in self._totals:
            return self._totals[hour]
        total, previous = WordCounts(), self._totals.get(hour - 1)
        if previous is not None:
            total.add(*previous.merged(), previous.headlines)
            self._add_hour(total, hour - 1, 1)
            self._add_hour(total, hour - 1 - self._span, -1)
        else:
            for counted in self._hours.keys() & set(range(hour - self._span, hour)):
                self._add_hour(total, counted, 1)
        total.merged()
        for old in sorted(self._totals)[: len(self._totals) - _KEPT_TOTALS + 1]:
            del self._totals[old]
        self._totals[hour] = total
        return total

    def _add_hour(self, total: WordCounts, hour: int, sign: int) -> None:
        """Add the counts of an hour to a sum, or subtract them."""
        if hour in self._hours:
            stems, counts = self._hours[hour].merged()
            total.add(stems, sign * counts, sign * self._hours[hour].headlines)


def distinct_stems(features: HeadlineFeatures, rows: NDArray[np.int64]) -> Stems:
    """Return the distinct stems of each headline, concatenated."""
    stems, length = features.words.stem[rows], features.words.length[rows]
    written = np.arange(stems.shape[1]) < length[:, None]
    headline = np.broadcast_to(np.arange(len(rows), dtype=np.uint64)[:, None], stems.shape)[written]
    codes = distinct(headline << np.uint64(32) | stems[written])
    return (codes & np.uint64(0xFFFFFFFF)).astype(np.uint32)


@Kernel
def correct_all(
    information: NDArray[np.float32], seen: NDArray[np.int64], length: NDArray[np.int64], headlines: int
) -> None:
    """Correct the information of the words of some headlines, in place."""
    for row in range(len(length)):
        for position in range(length[row]):
            information[row, position] = corrected(information[row, position], seen[row, position], headlines)
