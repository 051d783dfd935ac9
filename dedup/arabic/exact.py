"""The steps from a headline's code points to those of its exact key, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup.arabic import characters, punctuation
from dedup.arabic.display import readable

if TYPE_CHECKING:
    import polars as pl

    from dedup.core.hashing import Codes


def exact_codes(codes: Codes) -> Codes:
    """Return the code points of the exact keys, separators marked, from those of ``display.readable``."""
    codes = characters.folded(codes)
    kinds = characters.classes(codes)
    for step in (
        punctuation.without_tatweel,
        punctuation.tags_marked,
        characters.hamza_and_final_letters,
        punctuation.joined,
    ):
        changed = step(codes, kinds)
        if changed is not codes:
            codes, kinds = changed, characters.classes(changed)
    return punctuation.bare_tags_marked(punctuation.numbers_and_separators(codes, kinds))


def folded_words(texts: pl.Series) -> pl.Series:
    """Return words or phrases as fuzzy keys spell them, before spelling variants and numbers are unified.

    Examples:
        >>> import polars as pl
        >>> folded_words(pl.Series(["إيــران", "القاهرة"])).to_list()
        ['ايران', 'القاهره']
    """
    if texts.is_empty():
        return texts
    return characters.decode(characters.fuzzily_folded(punctuation.without_marks(exact_codes(readable(texts)[1]))))
