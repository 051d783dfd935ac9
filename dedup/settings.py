"""Settings of a scan or an index, validated on construction (``dedup.fingerprint`` hashes those that shape results)."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeGuard, get_args

from dedup.errors import SettingError

Threshold = Literal["default", "precise", "wide"]
THRESHOLDS: tuple[str, ...] = get_args(Threshold)

LONGEST_WINDOW = 1_000_000
"""Maximum window in hours (114 years): a time plus or minus a window still fits into 64 bits of microseconds."""

NORMALIZER_VERSION = 2
"""Version of the key functions; increase it with every change that gives any headline another key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Parameters of matching, for scans and indexes.

    Attributes:
        window: maximum time between two headlines of one story, in hours, or as text: ``"72h"``, ``"3d"``, ``"90m"``.
            Headlines without a time are compared with all others.
        threshold: the score, 0..1, from which a pair is a match, or the name of a threshold of the model: ``default``
            (precision at least 0.88 on unseen days of each corpus with labels), ``precise`` (0.95) or ``wide`` (0.80);
            ``dedup --version --json`` prints the figures.
        pairs_floor: the related score, 0..1, down to which compared pairs are kept; None, or a floor that is not below
            the threshold, keeps matches only.
        permutations: length of the MinHash signatures, at least bands × rows.
        bands: number of LSH bands.
        rows: signature values per band.
        seed: seed of the MinHash permutations.
        bucket_limit: within a blocking bucket, a headline is compared with this many of its predecessors, the latest
            ones, and with those among ten times as many that share another bucket with it.
        exact: compare all pairs within the window, not candidates only.
        calibration: path of a file that ``dedup audit fit`` wrote: a monotone map of both scores for one's own outlets;
            None for the scores as trained.
        words: path of a table that ``dedup words`` counted on one's own archive; its counts are added to those of the
            shipped table of word frequencies. None for the shipped table alone.

    Examples:
        >>> Settings(window="3d") == Settings(window=72)
        True
        >>> Settings(window=0)
        Traceback (most recent call last):
            ...
        dedup.errors.SettingError: window is 0; it must be a number of hours above 0, ...
    """

    window: float = 72.0
    threshold: float | Threshold = "default"
    pairs_floor: float | None = None
    permutations: int = 128
    bands: int = 32
    rows: int = 4
    seed: int = 1
    bucket_limit: int = 100
    exact: bool = False
    calibration: str | None = None
    words: str | None = None

    def __post_init__(self) -> None:
        window = hours(self.window) if isinstance(self.window, str) else self.window
        bounded = _is_number(window) and 0 < window <= LONGEST_WINDOW
        accepted = f"a number of hours above 0, at most {LONGEST_WINDOW:,}, or text such as 72h, 3d or 90m"
        _require(bounded, "window", self.window, accepted)
        object.__setattr__(self, "window", float(window))
        for name in ("calibration", "words"):
            value = getattr(self, name)
            path = os.fspath(value) if isinstance(value, os.PathLike) else value
            names_file = path is None or (isinstance(path, str) and path != "")
            _require(names_file, name, path, "the path of a file, or None")
            object.__setattr__(self, name, path)
        threshold, floor = self.threshold, self.pairs_floor
        known = threshold in THRESHOLDS if isinstance(threshold, str) else _is_share(threshold)
        _require(known, "threshold", threshold, f"between 0 and 1, or one of {', '.join(THRESHOLDS)}")
        _require(floor is None or _is_share(floor), "pairs_floor", floor, "between 0 and 1")
        for name in ("permutations", "bands", "rows", "bucket_limit"):
            value = getattr(self, name)
            _require(isinstance(value, int) and value >= 1, name, value, "a whole number of at least 1")
        seed = self.seed
        _require(isinstance(seed, int) and 0 <= seed < 1 << 32, "seed", seed, "a whole number from 0 to 4,294,967,295")
        used = self.bands * self.rows
        _require(used <= self.permutations, "bands × rows", used, f"at most permutations ({self.permutations})")

    def with_(self, **changes: Any) -> Settings:  # noqa: ANN401 - the fields' own types are checked on construction
        """Return a copy with the given fields changed.

        Examples:
            >>> Settings().with_(window=48).window
            48.0
        """
        return replace(self, **changes)


_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([mhd])")
_HOURS = {"m": 1 / 60, "h": 1.0, "d": 24.0}


def hours(span: str) -> float | None:
    """Convert a span of time to hours; None if it is not one.

    Args:
        span: a number with the unit m, h or d.

    Examples:
        >>> hours("3d"), hours("90m"), hours("3 weeks")
        (72.0, 1.5, None)
    """
    match = _SPAN.fullmatch(span.strip())
    return float(match[1]) * _HOURS[match[2]] if match else None


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float))


def _is_share(value: object) -> bool:
    return _is_number(value) and 0 <= value <= 1


def _require(holds: bool, setting: str, value: object, expected: str) -> None:
    if not holds:
        raise SettingError(setting, value, expected)
