"""How common Arabic headline words are: the table that ships with the package.

``data/background.parquet`` holds the words and the stems of headlines of two countries with the number of headlines
that each stands in; ``python -m benchmarks background`` counts it, and its metadata name the corpora's digests. A scan
of fifty headlines knows from it that اليوم says little. No scan adds counts of its own (docs/decisions.md).

The same table tells the stemmer which words exist (``dedup.arabic.word_facts``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup.core.hashing import HashIndex
from dedup.core.text_arrays import TextArray

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.core.hashing import Hashes, Positions

_FILE = "background.parquet"


@dataclass(frozen=True, slots=True)
class Counts:
    """In how many headlines each of some texts stands, by their sums (see ``dedup.core.hashing``)."""

    places: HashIndex
    counts: Positions

    @classmethod
    def from_frame(cls, table: pl.DataFrame, column: str) -> Counts:
        """The counts in a column of a table, of its texts in the column ``text``."""
        return cls(HashIndex(TextArray.of(table["text"].to_list()).hashes()), _whole(table[column]))

    def of(self, sums: Hashes) -> Positions:
        """The count of each text, 0 where it is not known."""
        at = self.places.find(sums)
        return np.where(at >= 0, self.counts[at], 0)


@cache
def provenance() -> dict[str, str]:
    """Where the table comes from: ``headlines`` (how many), ``corpora`` (their digests), ``date``, ``command``."""
    with resources.as_file(resources.files("dedup.arabic").joinpath("data", _FILE)) as path:
        metadata = pl.read_parquet_metadata(path)
    return {name: text for name, text in metadata.items() if not name.startswith("ARROW")}


@cache
def _table() -> pl.DataFrame:
    with resources.as_file(resources.files("dedup.arabic").joinpath("data", _FILE)) as path:
        return pl.read_parquet(path)


@cache
def vocabulary() -> Counts:
    """The words of fuzzy keys, and the number of headlines that each stands in."""
    return Counts.from_frame(_table(), "as_word")


def words() -> TextArray:
    """The words of fuzzy keys and stems that the table holds."""
    return TextArray.of(_table()["text"].to_list())


@cache
def _of_stems() -> Counts:
    return Counts(vocabulary().places, _whole(_table()["as_stem"]))


def _whole(counts: pl.Series) -> Positions:
    return counts.fill_null(0).cast(pl.Int64).to_numpy()


def idf(stems: Hashes) -> NDArray[np.float32]:
    """How much each stem tells: ln((N + 1) / (n + 0.5)) for n of N background headlines.

    A stem that the table lacks counts as met once, half the rarest that it lists would allow.
    """
    total = int(provenance()["headlines"])
    return np.log((total + 1) / (np.maximum(_of_stems().of(stems), 1) + 0.5)).astype(np.float32)
