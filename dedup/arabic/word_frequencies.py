"""How common Arabic headline words are: the background table that ships with the package.

``data/background.parquet`` holds the words and the stems of headlines of many outlets and years with the number of
headlines that contain each; ``python -m benchmarks background`` builds it, and its metadata name the corpora's digests.
With it a scan of fifty headlines knows that اليوم carries little information. Evidence corrects it by the news of the
window before a headline (``dedup.matching.word_information``).

The stemmer takes from the same table which words exist (``dedup.arabic.stems``).
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
    """The number of headlines that contain each text, looked up by the text's hash (``dedup.core.hashing``)."""

    rows: HashIndex
    counts: Positions

    @classmethod
    def from_frame(cls, table: pl.DataFrame, column: str) -> Counts:
        """Take the counts from a column of a table, the texts from its column ``text``."""
        return cls(HashIndex(TextArray.of(table["text"].to_list()).hashes()), _as_integers(table[column]))

    def of(self, hashes: Hashes) -> Positions:
        """Return the count of each text, 0 for texts that the table lacks."""
        row = self.rows.find(hashes)
        return np.where(row >= 0, self.counts[row], 0)


@cache
def provenance() -> dict[str, str]:
    """Return the table's metadata: ``headlines`` (how many), ``corpora`` (their digests), ``date``, ``command``."""
    with resources.as_file(resources.files("dedup.arabic").joinpath("data", _FILE)) as path:
        metadata = pl.read_parquet_metadata(path)
    return {name: text for name, text in metadata.items() if not name.startswith("ARROW")}


@cache
def _table() -> pl.DataFrame:
    with resources.as_file(resources.files("dedup.arabic").joinpath("data", _FILE)) as path:
        return pl.read_parquet(path)


@cache
def vocabulary() -> Counts:
    """Return the words of fuzzy keys with the number of background headlines that contain each."""
    return Counts.from_frame(_table(), "as_word")


def stem_counts() -> pl.DataFrame:
    """Return ``text`` and ``as_stem``, the number of background headlines that contain each stem."""
    return _table().select("text", "as_stem")


def words() -> TextArray:
    """Return all words of fuzzy keys and stems of the table."""
    return TextArray.of(_table()["text"].to_list())


@cache
def _stem_counts() -> Counts:
    return Counts(vocabulary().rows, _as_integers(_table()["as_stem"]))


def _as_integers(counts: pl.Series) -> Positions:
    return counts.fill_null(0).cast(pl.Int64).to_numpy()


def idf(stems: Hashes) -> NDArray[np.float32]:
    """Return the information of each stem in nats: ln((N + 1) / (n + 0.5)) for n of N background headlines.

    A stem that the table lacks counts as seen once, half of the rarest count that the table lists.
    """
    return information_of(_stem_counts().of(stems), int(provenance()["headlines"]))


def information_of(counts: Positions, headlines: int) -> NDArray[np.float32]:
    """Return the information in nats of stems that are in so many of the headlines, see ``idf``."""
    information: NDArray[np.float32] = np.log((headlines + 1) / (np.maximum(counts, 1) + 0.5)).astype(np.float32)
    return information
