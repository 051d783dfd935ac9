"""Offsets of outlets' clocks, estimated from the copies that they share with others.

A wrong zone, a server set to another country's time or a converter that applied a zone twice moves all times of an
outlet by the same number of hours, so that it looks first (or last) in every story. Copies of agency texts reveal it:
two outlets with right clocks publish them at about the same time, so the lags of one outlet have a peak at zero. The
lags of an outlet with a wrong clock have their peak at the offset, against every outlet with which it shares copies.

Lags alone cannot say which of two clocks is wrong. The offsets of all outlets are therefore estimated together,
relative to the largest group of outlets that agree, and an offset is reported only where

* the peak holds ``MIN_SUPPORT`` headlines of the outlet, and significantly more than the same interval around zero;
* at least ``MIN_PARTNERS`` outlets, and most of those with enough copies, each show it; only steady outlets, which
  publish close to each other, are evidence (without this rule a third of slow outlets among nine hid 61 % of the
  offsets planted in generated weeks; with it 11 %);
* it lies near a whole or half hour, as clocks are wrong by zones. Whole hours are preferred (``HALF_BASIN``);
* it is narrow compared with its distance from zero. The lags of a slow outlet grow and spread together, those of a
  wrong clock do not;
* it has two sides if it is less than ``REACH`` from zero: corrected, the outlet is sometimes ahead of the others and
  sometimes behind. A slow outlet is never ahead;
* it does not consist of a few hours of the day. Two outlets that load their pages at fixed hours have lags with peaks,
  too.

Without this evidence the offset is null: unknown, not zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup.frames import CLOCKS, check, empty

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_OFFSET = 14.0
"""Largest offset that is looked for, in hours: the difference between distant zones. Beyond it the daily rhythm of
newsrooms makes peaks of its own."""

STEP = 0.5
"""Distance of the offsets that are tried, in hours: nearly all zones are whole or half hours apart."""

HALF_BASIN = 1 / 6
"""Hours around a half hour within which a peak is taken for that half hour, and not for the nearest whole hour."""

PEAK = 0.75
"""Half the width of a peak, in hours; narrower for offsets below 1.5 hours, so that it stays apart from zero."""

MIN_SUPPORT = 12
"""Headlines of the outlet that must lie in the peak."""

MIN_PARTNERS = 2
"""Outlets that must show the offset, each with ``MIN_SHARED`` of their common headlines at least."""

MIN_SHARED = 4
"""Headlines shared by two outlets from which on their lags are regarded."""

STEADY = 0.6
"""An outlet is steady, and its times are evidence for the clocks of others, if the share of its copies within ``PEAK``
of the others is at least this part of the largest such share."""

MIN_DEVIATIONS = 4.0
"""Standard deviations by which the peak must exceed the headlines around zero."""

MIN_CONCENTRATION = 0.5
"""Least share of the lags within |offset| (at most ``REACH``) of the peak that lie within a third of that; evenly
spread lags have 0.33."""

MIN_PROMINENCE = 1.5
"""Least number of lags within that third for each lag in the third at its left, and at its right."""

REACH = 3.0
"""Hours around a peak that are compared with it; offsets of this size and above are no matter of speed."""

MIN_SIDE = 0.2
"""Least share of the lags outside the peak that lie on its smaller side."""

MIN_HOURS = 3.0
"""Effective number of hours of the day (inverse Simpson index) over which the headlines of the peak are spread."""

_SWEEPS = 20
_MICROSECONDS = 3_600_000_000.0


@dataclass(frozen=True, slots=True)
class _Lags:
    """Lags of outlets behind others, by outlet; each copy pair counts for both of its outlets.

    Attributes:
        starts: first row of each outlet, and the number of rows, shape (outlets + 1,).
        partner: the other outlet, shape (n,).
        hours: time of the outlet's headline minus that of the partner's, shape (n,).
        weight: 1 / number of lags of the headline, so that each headline counts once, shape (n,).
        hour: hour of the day of the outlet's headline, shape (n,).
    """

    starts: NDArray[np.int64]
    partner: NDArray[np.int64]
    hours: NDArray[np.float64]
    weight: NDArray[np.float64]
    hour: NDArray[np.int64]

    def of(self, outlet: int, offsets: NDArray[np.float64], partners: NDArray[np.bool_] | None = None) -> _Lags:
        """Return the lags of one outlet behind the corrected times of all partners, or of the chosen ones."""
        rows: slice | NDArray[np.int64] = slice(self.starts[outlet], self.starts[outlet + 1])
        if partners is not None:
            rows = np.flatnonzero(partners[self.partner[rows]]) + self.starts[outlet]
        partner = self.partner[rows]
        hours = self.hours[rows] + offsets[partner]
        return _Lags(self.starts[:0], partner, hours, self.weight[rows], self.hour[rows])

    def within(self, center: float, reach: float) -> NDArray[np.bool_]:
        """Return which lags are at most ``reach`` hours from ``center``."""
        return np.abs(self.hours - center) <= reach

    def count(self, rows: NDArray[np.bool_]) -> float:
        """Return the number of headlines of some lags."""
        return float(self.weight[rows].sum())


@dataclass(frozen=True, slots=True)
class _Evidence:
    """The evidence for an offset: the refined peak with its interval, in hours, and counts."""

    center: float
    low: float
    high: float
    support: float
    partners: int


def estimate_clocks(metadata: pl.DataFrame, matches: pl.DataFrame) -> pl.DataFrame:
    """Estimate the offset of each outlet's clock from the copies that it shares with others.

    Args:
        metadata: METADATA of n headlines.
        matches: MATCHES by rows of the metadata; copies of two outlets with known times count.

    Returns:
        CLOCKS, one row per outlet whose clock is off, those with the most support first.
    """
    return clocks_of(copy_times(metadata, matches))


def clocks_of(copies: pl.DataFrame) -> pl.DataFrame:
    """Return CLOCKS, given the times of all copies.

    Args:
        copies: the rows of ``copy_times`` of all parts of a corpus, in any order.
    """
    names, lags = _lags(copies)
    if len(names) <= MIN_PARTNERS:
        return empty(CLOCKS)
    offsets = _relative_to_consensus(_align(lags), lags)
    evidence = dict[int, _Evidence]()
    while offsets is not None:
        steady = _steady(lags, offsets)
        judged = {
            outlet: _judge(lags.of(outlet, offsets, steady), offsets[outlet])
            for outlet in np.flatnonzero(offsets).tolist()
        }
        evidence = {outlet: found for outlet, found in judged.items() if found is not None}
        if len(evidence) == len(judged):
            break
        offsets[[outlet for outlet in judged if outlet not in evidence]] = 0.0
    rows = [
        (names[outlet], _rounded(found.center), found.low, found.high, round(found.support), found.partners, False)
        for outlet, found in evidence.items()
        if _rounded(found.center)
    ]
    frame = pl.DataFrame(rows, schema=CLOCKS, orient="row")
    return check(frame.sort("clock_support", "outlet", descending=[True, False]), CLOCKS, "CLOCKS")


def correct_times(headlines: pl.DataFrame, clocks: pl.DataFrame) -> pl.DataFrame:
    """Subtract the offset of its outlet's clock from the time of each headline.

    Args:
        headlines: with ``outlet`` and ``published``.
        clocks: CLOCKS.

    Examples:
        >>> from datetime import datetime
        >>> clocks = pl.DataFrame({"outlet": ["الضحى"], "clock_offset_hours": [3.0]})
        >>> headlines = pl.DataFrame({"outlet": ["الضحى", "واحة"], "published": [datetime(2026, 3, 4, 9)] * 2})
        >>> [str(time) for time in correct_times(headlines, clocks)["published"]]
        ['2026-03-04 06:00:00', '2026-03-04 09:00:00']
    """
    offset = pl.duration(seconds=pl.col("outlet").replace_strict(
        clocks["outlet"], (clocks["clock_offset_hours"] * 3600).cast(pl.Int64), default=0
    ))  # fmt: skip
    return headlines.with_columns(published=(pl.col("published") - offset).cast(headlines.schema["published"]))


def copy_times(metadata: pl.DataFrame, matches: pl.DataFrame) -> pl.DataFrame:
    """Return the copies of two outlets with known times.

    Args:
        metadata: METADATA of n headlines.
        matches: MATCHES by rows of the metadata.

    Returns:
        ``row``, ``outlet`` and ``time`` (microseconds) of the earlier headline, and with ``_b`` of the later one.
    """
    copies = matches.lazy().filter(pl.col("relation") == "copy").select("left", "right").collect()
    known = metadata.select(pl.col("outlet").fill_null(""), time=pl.col("published").to_physical())
    left, right = (known[copies[side]].with_columns(row=copies[side]) for side in ("left", "right"))
    times = left.hstack(right.select(pl.all().name.suffix("_b")))
    is_used = (pl.col("outlet") != pl.col("outlet_b")) & pl.col("time").is_not_null() & pl.col("time_b").is_not_null()
    return times.filter(is_used & (pl.col("outlet") != "") & (pl.col("outlet_b") != ""))


def _lags(copies: pl.DataFrame) -> tuple[list[str], _Lags]:
    """Return the outlets with enough copies, and their lags."""
    mirrored = copies.select(*(pl.col(f"{name}_b").alias(name) for name in ("outlet", "time", "row")),
                             *(pl.col(name).alias(f"{name}_b") for name in ("outlet", "time", "row")))  # fmt: skip
    both = pl.concat([copies.select(mirrored.columns), mirrored])
    enough = pl.col("row").n_unique().over("outlet") >= MIN_SUPPORT
    both = both.with_columns(pl.col("outlet", "outlet_b").cast(pl.String)).filter(enough)
    both = both.filter(pl.col("outlet_b").is_in(both["outlet"].unique().implode()))
    names = both["outlet"].unique().sort()
    codes = pl.Enum(names)
    both = both.with_columns(pl.col("outlet", "outlet_b").cast(codes).to_physical().cast(pl.Int64))
    both = both.sort("outlet", "row", "row_b")  # sums of floats depend on the order
    hours = (both["time"] - both["time_b"]).to_numpy() / _MICROSECONDS
    weight = both.select(1.0 / pl.len().over("row")).to_series().to_numpy()
    hour = (both["time"].to_numpy() // int(_MICROSECONDS)) % 24
    starts = np.searchsorted(both["outlet"].to_numpy(), np.arange(len(names) + 1))
    return names.to_list(), _Lags(starts, both["outlet_b"].to_numpy(), hours, weight, hour)


def _align(lags: _Lags) -> NDArray[np.float64]:
    """Return the offsets under which most lags are near zero, by coordinate ascent from zero.

    In each step the outlet that gains most takes the offset with the highest peak. The score of an offset is the number
    of headlines around it, weighted by a triangle of one hour to each side.
    """
    outlets = len(lags.starts) - 1
    offsets = np.zeros(outlets)
    for _ in range(_SWEEPS):
        gains = [_highest_peak(lags.of(outlet, offsets), offsets[outlet]) for outlet in range(outlets)]
        moved = False
        for outlet in sorted(range(outlets), key=lambda outlet: -gains[outlet][1]):
            peak, gain = _highest_peak(lags.of(outlet, offsets), offsets[outlet])
            if gain > 1e-9:
                offsets[outlet], moved = peak, True
        if not moved:
            break
    return offsets


def _highest_peak(lags: _Lags, current: float) -> tuple[float, float]:
    """Return the offset with the highest score, and its gain over the current one."""
    scale, size = 12, int(MAX_OFFSET * 12)  # bins of five minutes
    bins = np.rint(lags.hours * scale).astype(np.int64) + size + scale
    inside = (bins >= 0) & (bins < 2 * (size + scale) + 1)
    counts = np.bincount(bins[inside], weights=lags.weight[inside], minlength=2 * (size + scale) + 1)
    triangle = 1.0 - np.abs(np.arange(-scale, scale + 1)) / scale
    scores = np.convolve(counts, triangle, mode="valid")[:: int(scale * STEP)]
    best = int(scores.argmax())
    return best * STEP - MAX_OFFSET, float(scores[best] - scores[round((current + MAX_OFFSET) / STEP)])


def _relative_to_consensus(offsets: NDArray[np.float64], lags: _Lags) -> NDArray[np.float64] | None:
    """Return the offsets relative to the largest group of outlets that agree; None if two groups are equally large."""
    supported = [
        offset
        for outlet, offset in enumerate(offsets)
        if (own := lags.of(outlet, offsets)).count(own.within(offset, PEAK)) >= MIN_SUPPORT
    ]
    values, sizes = np.unique(supported, return_counts=True)
    largest = values[sizes == sizes.max()] if len(sizes) else values
    return offsets - largest[0] if len(largest) == 1 else None


def _steady(lags: _Lags, offsets: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which outlets publish most closely with others: the lags behind a slow outlet are spread and one-sided."""
    steady = np.ones(len(offsets), bool)
    for _ in range(3):
        shares = np.zeros(len(offsets))
        for outlet in range(len(offsets)):
            own = lags.of(outlet, offsets, steady)
            shares[outlet] = own.count(own.within(offsets[outlet], PEAK)) / max(own.count(own.partner >= 0), 1.0)
        steady = shares >= STEADY * shares.max()
    return steady


def _judge(lags: _Lags, offset: float) -> _Evidence | None:
    """Return the evidence for an offset other than zero; None if it does not suffice (see the module)."""
    half = min(PEAK, abs(offset) / 2)
    peak, zero = lags.within(offset, half), lags.within(0.0, half)
    support, around_zero = lags.count(peak), lags.count(zero)
    if support < MIN_SUPPORT or support - around_zero < MIN_DEVIATIONS * np.sqrt(support + around_zero):
        return None
    reach = min(REACH, abs(offset))
    core = lags.count(lags.within(offset, reach / 3))
    flanks = [lags.count(lags.within(offset + side * reach * 2 / 3, reach / 3)) for side in (-1, 1)]
    if core < MIN_CONCENTRATION * (core + sum(flanks)) or core < MIN_PROMINENCE * max(flanks):
        return None
    if reach < REACH and not (_has_two_sides(lags, offset, half) and _has_two_sides(lags, offset, reach)):
        return None
    by_hour = np.bincount(lags.hour[peak], weights=lags.weight[peak])
    if support**2 < MIN_HOURS * (by_hour**2).sum():
        return None
    shared, at_peak, at_zero = (np.bincount(lags.partner[rows]) for rows in (lags.partner >= 0, peak, zero))
    partners = np.flatnonzero(shared >= MIN_SHARED)
    at_peak, at_zero = (np.pad(counts, (0, len(shared) - len(counts)))[partners] for counts in (at_peak, at_zero))
    agreeing = int(((at_peak >= 2) & (at_peak > at_zero)).sum())
    if agreeing < MIN_PARTNERS or 2 * agreeing < len(partners):
        return None
    return _Evidence(*_refined(lags, offset), support, agreeing)


def _has_two_sides(lags: _Lags, offset: float, half: float) -> bool:
    """Return whether lags beyond ``half`` hours from the peak lie on both its sides; one headline more is forgiven."""
    left, right = lags.count(lags.hours < offset - half), lags.count(lags.hours > offset + half)
    return min(left, right) + 1 >= MIN_SIDE * (left + right)


def _refined(lags: _Lags, offset: float) -> tuple[float, float, float]:
    """Return the median of the peak, re-centered until it is stable, and its 95 % interval by order statistics."""
    center = offset
    for _ in range(_SWEEPS):
        inside = lags.within(center, PEAK)
        moved = float(np.median(lags.hours[inside]))
        if abs(moved - center) < 1 / 3600:
            break
        center = moved
    inside = lags.within(center, PEAK)
    ordered, headlines = np.sort(lags.hours[inside]), max(lags.count(inside), 1.0)
    half = 0.98 / np.sqrt(headlines)  # 1.96 standard deviations of the rank of the median, as a share
    low, high = np.quantile(ordered, [max(0.0, 0.5 - half), min(1.0, 0.5 + half)])
    return center, float(low), float(high)


def _rounded(hours: float) -> float:
    """Round to the nearest whole hour, or to a half hour where that is within ``HALF_BASIN``.

    Examples:
        >>> [_rounded(hours) for hours in (1.9, 9.7, -0.45, 3.6)]
        [2.0, 10.0, -0.5, 3.5]
    """
    half = np.floor(hours) + 0.5
    return float(half if abs(hours - half) <= HALF_BASIN else np.rint(hours))
