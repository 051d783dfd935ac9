"""Times as whole microseconds since 1970 UTC."""

from __future__ import annotations

import numpy as np

NO_TIME = np.iinfo(np.int64).min
"""The time of a headline without one; such a headline is within the window of every other."""

MICROSECONDS_AN_HOUR = 3_600_000_000
"""Factor from hours, the unit of settings, to microseconds, the unit of times."""
