"""Times that cannot be when a headline was published."""

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
OVER = timedelta(days=30)
"""A corpus whose newest time lies so far back is clearly older than now."""
ENOUGH = 20
"""Times below which nothing can be told about a corpus."""
_MICROSECOND = timedelta(microseconds=1)
_AHEAD = AHEAD // _MICROSECOND


def is_absurd(times: pl.Series, now: datetime | None = None) -> NDArray[np.bool_]:
    """Whether a time is before 1990, or ahead of the newest that can be true by more than two days.

    That newest is now; in a corpus that ended more than a month ago, its own newest time. Where the last times (2 % at
    most) are cut off by a gap ten times as long as any in the newer half, they are strays, and the newest is before it.

    Args:
        times: in UTC, null where unknown.
        now: the present; only tests give another.
    """
    moment = microseconds(now or datetime.now(UTC))
    whole = times.cast(pl.Int64)
    known, values = np.ones(len(whole), bool), whole.to_numpy()
    if whole.null_count():
        known, values = whole.is_not_null().to_numpy(), whole.fill_null(0).to_numpy()
    oldest = microseconds(OLDEST)
    possible = known & (values >= oldest) & (values <= moment + _AHEAD)
    if len(possible) < ENOUGH and possible.all():  # of so few, the last one is the newest
        return ~possible
    newest = _newest(np.sort(values[possible]))
    latest = (newest if newest is not None and newest < moment - OVER // _MICROSECOND else moment) + _AHEAD
    absurd: NDArray[np.bool_] = known & ((values < oldest) | (values > latest))
    return absurd


def microseconds(time: datetime) -> int:
    """Microseconds since 1970."""
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // _MICROSECOND


def _newest(times: NDArray[np.int64]) -> int | None:
    """The newest of sorted times that is no stray."""
    if not len(times):
        return None
    last = len(times) - 1
    if len(times) >= ENOUGH:
        gaps = np.diff(times)
        strays = max(1, len(times) // 50)
        usual = gaps[len(times) // 2 : -strays].max()
        cut = true_at(gaps[-strays:] > max(_AHEAD, 10 * usual))
        last = last - strays + int(cut[0]) if cut.size else last
    return int(times[last])
