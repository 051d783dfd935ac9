"""Slices of time, and the numbers of headlines in order of time, which all tasks share."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup.errors import TooManyHeadlinesError
from dedup.matching.blocking.candidates import MAX_ROWS
from dedup.matching.windows import SLICE, halo_hours

if TYPE_CHECKING:
    from dedup.distributed.store import Store
    from dedup.settings import Settings

SLICE_HEADLINES = 250_000
"""Headlines from which a slice takes no further day, if its number of days is not chosen. The halo before a slice is
read again for it: of news of 3,000 headlines a day, it is a sixth of such a slice."""

MAX_SLICE = 1_000_000
"""Headlines from which a slice takes no further day, if its number of days is chosen: this bounds a task's memory."""

DAYS = {"day": pl.Date(), "headlines": pl.UInt32(), "hash": pl.Int64()}
"""Headlines by day, and the sum of the hashes of their keys, as some outlets have them."""
_FIRST_DAY = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Slice:
    """Consecutive days, or the headlines without a time.

    Attributes:
        number: position in the plan.
        name: of its files: the first day, or ``undated``.
        days: the days that have headlines; [None] for those without a time.
        first: number of its first headline in order of time.
        end: number of the first headline after it.
    """

    number: int
    name: str
    days: list[date | None]
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The days of a run and their slices.

    Attributes:
        day: days in order, null (headlines without a time) first.
        start: number of the first headline of each day, and of all headlines at the end, shape (days + 1,).
        slices: in order of time, the undated one first.
        undated: number of headlines without a time.
        in_order: whether the keys of all headlines are in one file, in order of time.
    """

    day: list[date | None]
    start: list[int]
    slices: list[Slice]
    undated: int
    in_order: bool

    def slice_of(self, rows: np.ndarray) -> np.ndarray:
        """Return the number of the slice of each headline."""
        return np.searchsorted([part.first for part in self.slices], rows, side="right") - 1

    def halo(self, part: Slice, settings: Settings) -> list[date | None]:
        """Return the dated days before a slice on which its pairs depend."""
        if part.days[0] is None:
            return []
        before = timedelta(hours=halo_hours(settings.window))
        try:
            first = (start_of(part) - before).date()
        except OverflowError:
            first = date.min
        return [day for day in self.day if day is not None and first <= day < part.days[0]]


def start_of(part: Slice) -> datetime:
    """Return the time at which a slice of days begins."""
    return datetime.combine(part.days[0] or _FIRST_DAY, datetime.min.time(), UTC)


def make_plan(days: pl.DataFrame, settings: Settings, *, slice_days: int | None, in_order: bool = False) -> Plan:
    """Cut days into slices.

    Args:
        days: ``day`` and ``headlines``, a day in any number of rows.
        settings: for the window.
        slice_days: maximum number of days of a slice; None for as many as hold ``SLICE_HEADLINES``.
        in_order: see ``Plan``.

    Raises:
        TooManyHeadlinesError: a window of time holds more headlines than one join can.
    """
    counted = days.group_by("day").agg(pl.col("headlines").sum().cast(pl.Int64)).sort("day", nulls_last=False)
    day, count = counted["day"].to_list(), counted["headlines"].to_list()
    start = [0, *np.cumsum(count).tolist()]
    undated = start[1] if day and day[0] is None else 0
    _refuse_dense(day, start, undated, settings)
    most_days, most = (slice_days, MAX_SLICE) if slice_days else (sys.maxsize, SLICE_HEADLINES)
    slices = list[Slice]()
    for index, own in enumerate(day):
        last = slices[-1] if slices else None
        if (
            last is None or own is None or last.days[0] is None
            or (own - last.days[0]).days >= most_days or start[index + 1] - last.first > most
        ):  # fmt: skip
            name = "undated" if own is None else own.isoformat()
            slices.append(Slice(len(slices), name, [own], start[index], start[index + 1]))
        else:
            slices[-1] = Slice(last.number, last.name, [*last.days, own], last.first, start[index + 1])
    return Plan(day, start, slices, undated, in_order)


def load_plan(store: Store, settings: Settings, *, slice_days: int | None) -> Plan:
    """Make the plan of the days that ``make_keys`` counted."""
    in_order = len(store.files("days")) == 1  # one range of outlets
    return make_plan(store.scan("days", DAYS).collect(), settings, slice_days=slice_days, in_order=in_order)


def _refuse_dense(day: list[date | None], start: list[int], undated: int, settings: Settings) -> None:
    """Raise an error where the headlines within a window are too many for one join."""
    dated = [(own, first, end) for own, first, end in zip(day, start, start[1:], strict=False) if own is not None]
    earliest = 0
    for own, _, end in dated:
        while (own - dated[earliest][0]).days * 24 > settings.window:
            earliest += 1
        within = end - dated[earliest][1] + undated
        if within > MAX_ROWS - SLICE:
            raise TooManyHeadlinesError(within, MAX_ROWS - SLICE)
