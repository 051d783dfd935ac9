"""How common Arabic headline words are: the background table that ships with the package.

``data/background.parquet`` holds the words and the stems of headlines of many outlets and years with the number of
headlines that contain each; ``python -m benchmarks background`` builds it, and its metadata name the corpora's digests.
With it a scan of fifty headlines knows that اليوم carries little information. Evidence corrects it by the news of the
window before a headline (``dedup.matching.word_information``).

The stemmer takes from the same table which words exist (``dedup.arabic.stems``).

Whoever has an archive can count a table of their own (``Settings(words=…)``): its counts and those of the shipped table
add up, so a small archive changes little and a large one decides.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup.core.hashing import HashIndex, hash32
from dedup.core.text_arrays import TextArray
from dedup.errors import WordTableError

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
    return _information(_stem_counts().of(stems), int(provenance()["headlines"]))


def _information(counts: Positions, headlines: int) -> NDArray[np.float32]:
    information: NDArray[np.float32] = np.log((headlines + 1) / (np.maximum(counts, 1) + 0.5)).astype(np.float32)
    return information


@dataclass(frozen=True, slots=True)
class ArchiveWords:
    """The information of words by the shipped table and one of one's own archive together.

    Attributes:
        stems: 32-bit hashes of the stems of both tables, ascending, shape (s,).
        information: of each in nats, shape (s,).
        unlisted: information of a stem that neither table has.
        headlines: number of headlines of the archive.
        digest: twelve hex digits over the file.
    """

    stems: NDArray[np.uint32]
    information: NDArray[np.float32]
    unlisted: np.float32
    headlines: int
    digest: str

    def of(self, stems: NDArray[np.uint32]) -> NDArray[np.float32]:
        """Return the information of each stem in nats, of the same shape; 0 stands for no word and has none."""
        slot = self.stems.searchsorted(stems).clip(max=len(self.stems) - 1)
        information = np.where(self.stems[slot] == stems, self.information[slot], self.unlisted)
        return np.where(stems == 0, np.float32(0), information)


def archive_words(path: str) -> ArchiveWords:
    """Return the information of words with a table of one's own.

    Args:
        path: a file that ``dedup words`` wrote.

    Raises:
        WordTableError: the file cannot be read or is no such table.
    """
    try:
        changed = Path(path).stat().st_mtime_ns
    except OSError:
        changed = 0  # reading it names the reason
    return _archive_words(path, changed)


@lru_cache(maxsize=8)
def _archive_words(path: str, _changed: int) -> ArchiveWords:
    """Read a table; the time of the file's last change is part of the cache's key."""
    try:
        data = Path(path).read_bytes()
        headlines = int(pl.read_parquet_metadata(io.BytesIO(data))["headlines"])
        counted = pl.read_parquet(io.BytesIO(data)).select(
            pl.col("text").cast(pl.String), pl.col("as_stem").cast(pl.Int64)
        )
    except OSError as error:
        raise WordTableError(path, f"cannot be read ({error.strerror or error})") from error
    except (pl.exceptions.PolarsError, KeyError, ValueError) as error:
        raise WordTableError(path, f"not a table of words ({error}); write one with dedup words") from error
    pooled = pl.concat([_table().select("text", pl.col("as_stem").cast(pl.Int64)), counted]).drop_nulls()
    pooled = pooled.group_by("text").agg(pl.col("as_stem").sum())
    stems = hash32(TextArray.of(pooled["text"].to_list()).hashes())
    total = headlines + int(provenance()["headlines"])
    information = _information(pooled["as_stem"].to_numpy(), total)
    order = stems.argsort(kind="stable")
    unlisted = _information(np.zeros(1, np.int64), total)[0]
    digest = hashlib.blake2b(data, digest_size=6).hexdigest()
    return ArchiveWords(stems[order], information[order], unlisted, headlines, digest)
