"""Times that cannot be when a headline was published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import polars as pl

OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=2)
OVER = timedelta(days=30)
"""A corpus whose newest time lies so far back is clearly older than now."""
ENOUGH = 20
"""Times below which nothing can be told about a corpus."""


def is_absurd(times: pl.Series, now: datetime | None = None) -> pl.Series:
    """Whether a time is before 1990, or ahead of the newest that can be true by more than two days.

    That newest is now; in a corpus that ended more than a month ago, its own newest time. Where the last times (2 % at
    most) are cut off by a gap ten times as long as any in the newer half, they are strays, and the newest is before it.
    """
    now = now or datetime.now(UTC)
    newest = _newest(times.filter((times >= OLDEST) & (times <= now + AHEAD)).drop_nulls().sort())
    latest = (newest if newest is not None and newest < now - OVER else now) + AHEAD
    return ((times < OLDEST) | (times > latest)).fill_null(value=False)


def _newest(times: pl.Series) -> datetime | None:
    """The newest of sorted times that is no stray."""
    if times.is_empty():
        return None
    last = times.len() - 1
    if times.len() >= ENOUGH:
        gaps = np.diff(times.to_physical().to_numpy())
        strays = max(1, times.len() // 50)
        usual = gaps[times.len() // 2 : -strays].max()
        cut = np.flatnonzero(gaps[-strays:] > max(AHEAD / timedelta(microseconds=1), 10 * usual))
        last = last - strays + int(cut[0]) if cut.size else last
    newest: datetime = times[last]
    return newest
