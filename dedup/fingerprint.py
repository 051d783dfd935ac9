"""The fingerprint: everything that shapes keys, candidates, scores, relations and stories, by name.

Results that were made with different fingerprints cannot be compared: an index with another one would not fail, it
would quietly match less. So an index stores the values of ``shaping`` and names those that differ when it is opened,
and every result carries their hash.

A new constant that shapes results belongs into ``SHAPING``; a test lists every constant of matching and stories that is
neither there nor exempt.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING

from dedup.arabic.word_counts import archive_words
from dedup.matching.scoring.model import load_model
from dedup.settings import NORMALIZER_VERSION
from dedup.stories.linkage import DEFAULT_RULE

if TYPE_CHECKING:
    from dedup.settings import Settings
    from dedup.stories.linkage import LinkageRule

SHAPING = {
    "arabic.vocabulary": ("MAX_WORDS",),
    "arabic.word_vectors": ("SCALE",),
    "matching.blocking.shingles": ("SIZE",),
    "matching.blocking.minhash": ("SCHEME",),
    "matching.blocking.join": ("BEYOND", "DEPTH"),
    "matching.blocking.word_pairs": ("INFORMATIVE", "PAIR_INFORMATION"),
    "matching.evidence.compute": ("MIN_OVERLAP", "LITTLE_OVERLAP", "ALIKE"),
    "matching.evidence.changes": ("SLOT_WORDS", "LITTLE_MISSING"),
    "matching.evidence.neighbours": ("NEIGHBOUR_OVERLAP",),
    "matching.evidence.overlap": ("LEADING_WORDS",),
    "matching.scoring.contradiction": (
        "MOST_SHARED",
        "HALF_SHARED",
        "THIRD_SHARED",
        "ACT_MISSING",
        "INTENT_MISSING",
        "EXCHANGED_ROLE",
    ),
    "matching.scoring.relation": ("COPY_SIMILARITY", "COPY_MISSING", "COPY_EXCHANGED"),
    "matching.timeline": ("RECURRENT", "RECURS_WITHIN"),
    "matching.word_information": ("PRIOR", "PRIOR_SHARE", "MIN_HEADLINES"),
}
"""The constants that shape results, by module."""

SELECTING = ("threshold", "pairs_floor")
"""Settings that select from the scored pairs and shape none of them."""

BY_CONTENT = ("calibration", "words")
"""Settings that name a file: its content shapes results, through a digest, and not its path."""


def shaping(settings: Settings, rule: LinkageRule = DEFAULT_RULE) -> dict[str, object]:
    """Return everything that shapes results, by name; JSON-ready.

    Args:
        settings: all but those that only select.
        rule: of linkage.
    """
    return {
        **{name: value for name, value in asdict(settings).items() if name not in (*SELECTING, *BY_CONTENT)},
        "window": float(settings.window),
        "normalizer": NORMALIZER_VERSION,
        "language data": _language_digest(),
        "model": load_model(settings.calibration).digest,
        "words": None if settings.words is None else archive_words(settings.words).digest,
        **{f"linkage {name}": value for name, value in asdict(rule).items()},
        **{
            f"{module}.{name}": getattr(import_module(f"dedup.{module}"), name)
            for module, names in SHAPING.items()
            for name in names
        },
    }


def fingerprint(settings: Settings, rule: LinkageRule = DEFAULT_RULE) -> str:
    """Return twelve hex digits over ``shaping``: equal where the results of two runs can be compared.

    Examples:
        >>> from dedup import Settings
        >>> fingerprint(Settings(threshold=0.9)) == fingerprint(Settings())
        True
        >>> fingerprint(Settings(window=24)) == fingerprint(Settings())
        False
    """
    text = json.dumps(shaping(settings, rule), sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


@cache
def _language_digest() -> str:
    """Return twelve hex digits over the shipped tables of Arabic words and word frequencies."""
    tables = sorted(files("dedup.arabic").joinpath("data").iterdir(), key=lambda table: table.name)
    digest = hashlib.blake2b(digest_size=6)
    for table in tables:
        if table.name.endswith((".tsv", ".parquet")):
            digest.update(table.read_bytes())
    return digest.hexdigest()
