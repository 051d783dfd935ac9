"""Every knob, validated once, with a fingerprint of all that shapes keys, candidates and scores."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

from dedup.errors import SettingError

Threshold = Literal["default", "precise", "wide"]
THRESHOLDS: tuple[str, ...] = get_args(Threshold)

NORMALIZER_VERSION = 1
"""Raised whenever a key of any headline changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a scan or an index works with.

    Attributes:
        window: hours within which two headlines can report the same news. Headlines without a time meet all.
        threshold: the score, 0..1, from which a pair is a match, or the name of one that the model carries: ``default``
            (precision 0.90), ``precise`` (0.97) or ``wide`` (0.80).
        pairs_floor: pairs are kept down to this score, 0..1. None keeps the matches only.
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
        _require(self.window > 0, "window", self.window, "a number of hours above 0")
        named, floor = self.threshold, self.pairs_floor
        known = named in THRESHOLDS if isinstance(named, str) else 0 <= named <= 1
        _require(known, "threshold", named, f"between 0 and 1, or one of {', '.join(THRESHOLDS)}")
        _require(floor is None or 0 <= floor <= 1, "pairs_floor", floor, "between 0 and 1")
        for name in ("permutations", "bands", "rows", "bucket_limit"):
            _require(getattr(self, name) >= 1, name, getattr(self, name), "a whole number of at least 1")
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


FIELDS = tuple(field.name for field in fields(Settings))


def _require(holds: bool, setting: str, value: object, expected: str) -> None:
    if not holds:
        raise SettingError(setting, value, expected)
