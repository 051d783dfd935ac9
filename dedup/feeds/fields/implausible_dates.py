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
    now_us = microseconds(now or datetime.now(UTC))
    numbers = times.cast(pl.Int64)
    present, values = np.ones(len(numbers), bool), numbers.to_numpy()
    if numbers.null_count():
        present, values = numbers.is_not_null().to_numpy(), numbers.fill_null(0).to_numpy()
    oldest = microseconds(OLDEST)
    possible = present & (values >= oldest) & (values <= now_us + _AHEAD)
    if len(possible) < FEWEST and possible.all():  # too few to detect strays
        return ~possible
    newest = _newest(np.sort(values[possible]))
    latest = (newest if newest is not None and newest < now_us - ENDED_AFTER // _MICROSECOND else now_us) + _AHEAD
    implausible: NDArray[np.bool_] = present & ((values < oldest) | (values > latest))
    return implausible


def microseconds(time: datetime) -> int:
    """Return microseconds since 1970."""
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // _MICROSECOND


def _newest(times: NDArray[np.int64]) -> int | None:
    """Return the newest of sorted times that is not a stray, None if there are none."""
    if not len(times):
        return None
    last = len(times) - 1
    if len(times) >= FEWEST:
        gaps = np.diff(times)
        strays = max(1, len(times) // 50)
        usual = gaps[len(times) // 2 : -strays].max()
        cut = true_at(gaps[-strays:] > max(_AHEAD, 10 * usual))
        last = last - strays + int(cut[0]) if cut.size else last
    return int(times[last])
