"""Detect times that cannot be times of publication."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup.core.hashing import true_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=2)
ENDED_AFTER = timedelta(days=30)
"""A corpus whose newest time is older than this has ended."""
FEWEST = 20
"""The fewest times from which the end of a corpus is estimated."""
_MICROSECOND = timedelta(microseconds=1)
_AHEAD = AHEAD // _MICROSECOND
_HOUR = timedelta(hours=1) // _MICROSECOND


def is_possible(times: pl.Series, now: datetime | None = None) -> NDArray[np.bool_]:
    """Return which times are known, not before 1990 and not more than two days ahead of now; shape (n,)."""
    now_us = microseconds(now or datetime.now(UTC))
    numbers = times.cast(pl.Int64).fill_null(np.iinfo(np.int64).min).to_numpy()
    possible: NDArray[np.bool_] = (numbers >= microseconds(OLDEST)) & (numbers <= now_us + _AHEAD)
    return possible


def is_implausible(times: pl.Series, now: datetime | None = None) -> NDArray[np.bool_]:
    """Return which times are before 1990, or more than two days after the latest plausible time; shape (n,).

    The latest plausible time is now or, for a corpus that ended more than a month ago, its own newest time. If the last
    times (at most 2 %) are separated by a gap ten times as long as any in the newer half, they are strays, and the
    newest time is the one before the gap.

    Args:
        times: in UTC, null where unknown.
        now: the present time; a parameter for tests.
    """
    now = now or datetime.now(UTC)
    now_us, numbers = microseconds(now), times.cast(pl.Int64)
    present, values = np.ones(len(numbers), bool), numbers.to_numpy()
    if numbers.null_count():
        present, values = numbers.is_not_null().to_numpy(), numbers.fill_null(0).to_numpy()
    oldest = microseconds(OLDEST)
    possible = present & (values >= oldest) & (values <= now_us + _AHEAD)
    if len(possible) < FEWEST and possible.all():  # too few to detect strays
        return ~possible
    latest = latest_plausible(_count_by_hour(values[possible]), now)
    implausible: NDArray[np.bool_] = present & ((values < oldest) | (values > latest))
    return implausible


def count_times(times: pl.Series) -> pl.DataFrame:
    """Count the times from 1990 on by hour: all that ``latest_plausible`` needs of them, for any number of times.

    Returns:
        ``hour`` (since 1970), ``count``, and the ``earliest`` and ``latest`` time of the hour in microseconds.
        Concatenate the frames of several parts of a corpus for the whole of it.
    """
    numbers = times.drop_nulls().cast(pl.Int64).to_numpy()
    return _count_by_hour(numbers[numbers >= microseconds(OLDEST)])


def latest_plausible(counts: pl.DataFrame, now: datetime) -> int:
    """Return the latest plausible time in microseconds since 1970; ``is_implausible`` says how it is estimated.

    Args:
        counts: the frames of ``count_times`` of all parts of the corpus.
        now: the present time.
    """
    now_us = microseconds(now)
    newest = _newest(counts.filter(pl.col("earliest") <= now_us + _AHEAD))
    return (newest if newest is not None and newest < now_us - ENDED_AFTER // _MICROSECOND else now_us) + _AHEAD


def _count_by_hour(times: NDArray[np.int64]) -> pl.DataFrame:
    times = np.sort(times)
    hours = times // _HOUR
    first = true_at(np.diff(hours, prepend=-1) != 0) if len(times) else np.empty(0, np.int64)
    end = np.append(first[1:], len(times)) if len(first) else first
    columns = {"hour": hours[first], "count": end - first, "earliest": times[first], "latest": times[end - 1]}
    return pl.DataFrame({name: pl.Series(column, dtype=pl.Int64) for name, column in columns.items()})


def microseconds(time: datetime) -> int:
    """Return microseconds since 1970."""
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // _MICROSECOND


def _newest(counts: pl.DataFrame) -> int | None:
    """Return the newest time that is not a stray, None if there are none.

    Gaps within an hour are too short to matter: ten of them are less than ``AHEAD``.
    """
    if counts.is_empty():
        return None
    by_hour = counts.group_by("hour").agg(pl.col("count").sum(), pl.col("earliest").min(), pl.col("latest").max())
    by_hour = by_hour.sort("hour")
    earliest, latest = by_hour["earliest"].to_numpy(), by_hour["latest"].to_numpy()
    rank = by_hour["count"].cum_sum().to_numpy()  # of the first time after each hour
    times, last = int(rank[-1]), len(by_hour) - 1
    if times >= FEWEST and last:
        gaps, rank = earliest[1:] - latest[:-1], rank[:-1] - 1
        first_stray = times - 1 - max(1, times // 50)
        usual = gaps[(rank >= times // 2) & (rank < first_stray)].max(initial=0)
        cut = true_at((rank >= first_stray) & (gaps > max(_AHEAD, 10 * usual)))
        last = int(cut[0]) if cut.size else last
    return int(latest[last])
