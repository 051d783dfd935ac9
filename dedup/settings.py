"""Every knob, validated once, with a fingerprint of all that shapes keys, candidates and scores."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, TypeGuard, get_args

from dedup.errors import SettingError

Threshold = Literal["default", "precise", "wide"]
THRESHOLDS: tuple[str, ...] = get_args(Threshold)

LONGEST_WINDOW = 1_000_000
"""Hours, 114 years: a time plus or minus a window stays a time that 64 bits of microseconds hold."""

NORMALIZER_VERSION = 1
"""Raised whenever a key of any headline changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a scan or an index works with.

    Attributes:
        window: hours within which two headlines can report the same news. Headlines without a time meet all.
        threshold: the score, 0..1, from which a pair is a match, or the name of one that the model carries: ``default``
            (precision 0.90), ``precise`` (0.97) or ``wide`` (0.80).
        pairs_floor: pairs are kept down to this score, 0..1. None keeps those at the threshold.
        permutations: length of a MinHash signature; bands × rows must not exceed it.
        bands: LSH bands.
        rows: signature values in a band.
        seed: of the MinHash permutations.
        bucket_limit: in one blocking bucket a headline meets at most this many of the latest earlier headlines.
        exact: compare every pair within the window instead of candidates only.
    """

    window: float = 72.0
    threshold: float | Threshold = "default"
    pairs_floor: float | None = None
    permutations: int = 128
    bands: int = 32
    rows: int = 4
    seed: int = 1
    bucket_limit: int = 200
    exact: bool = False

    def __post_init__(self) -> None:
        bounded = _is_number(self.window) and 0 < self.window <= LONGEST_WINDOW
        _require(bounded, "window", self.window, f"a number of hours above 0, at most {LONGEST_WINDOW:,}")
        named, floor = self.threshold, self.pairs_floor
        known = named in THRESHOLDS if isinstance(named, str) else _is_share(named)
        _require(known, "threshold", named, f"between 0 and 1, or one of {', '.join(THRESHOLDS)}")
        _require(floor is None or _is_share(floor), "pairs_floor", floor, "between 0 and 1")
        for name in ("permutations", "bands", "rows", "bucket_limit"):
            value = getattr(self, name)
            _require(isinstance(value, int) and value >= 1, name, value, "a whole number of at least 1")
        seed = self.seed
        _require(isinstance(seed, int) and 0 <= seed < 1 << 32, "seed", seed, "a whole number from 0 to 4,294,967,295")
        used = self.bands * self.rows
        _require(used <= self.permutations, "bands × rows", used, f"at most permutations ({self.permutations})")

    def with_(self, **changes: Any) -> Settings:  # noqa: ANN401 - the fields' own types are checked on construction
        """These settings with some fields changed."""
        return replace(self, **changes)

    def fingerprint(self) -> str:
        """Twelve hex digits over all that shapes keys, candidates and scores, for equality only."""
        shaping = {name: value for name, value in asdict(self).items() if name not in ("threshold", "pairs_floor")}
        text = json.dumps({"normalizer": NORMALIZER_VERSION, **shaping}, sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float))


def _is_share(value: object) -> bool:
    return _is_number(value) and 0 <= value <= 1


def _require(holds: bool, setting: str, value: object, expected: str) -> None:
    if not holds:
        raise SettingError(setting, value, expected)
