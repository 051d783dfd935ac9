"""Constants of times, which are integers: microseconds since 1970 UTC."""

from __future__ import annotations

import numpy as np

NO_TIME = np.iinfo(np.int64).min
"""The time of an undated headline, which is within the window of every other headline."""

MICROSECONDS_AN_HOUR = 3_600_000_000
"""Converts hours, the unit of settings, to microseconds, the unit of times."""
