"""Count the words of headlines: the shipped table is made so, and a table of one's own archive (``dedup words``).

The counts of a table of one's own (``Settings(words=…)``) and those of the shipped table add up, so a small archive
changes little and a large one decides.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup.arabic.stems import stem
from dedup.arabic.word_frequencies import Counts, information_of, provenance, stem_counts
from dedup.core.file_cache import cached_until_changed
from dedup.core.hashing import hash32
from dedup.core.text_arrays import TextArray
from dedup.errors import WordTableError

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST = 3
"""Headlines that contain a word or stem of the table; rarer ones count as in one, and would fill most of it."""


def count_words(keys: pl.Series, least: int = LEAST) -> pl.DataFrame:
    """Count the keys that contain each word and each stem; repeated keys count once.

    Args:
        keys: fuzzy keys.
        least: texts counted less often are dropped.

    Returns:
        ``text``, ``as_word`` and ``as_stem``: the number of keys that contain the text as a word, and as the stem of a
        word, null where it is below ``least``.

    Examples:
        >>> count_words(pl.Series(["سيول في الوادي", "سيول في المدينة"]), 2)["text"].to_list()
        ['سيول', 'في']
    """
    distinct = keys.unique(maintain_order=True).to_frame("key").with_row_index("row")
    words = distinct.select("row", pl.col("key").str.split(" ").alias("text")).explode("text")
    as_word = words.unique().group_by("text").agg(pl.len().alias("as_word")).filter(pl.col("as_word") >= least)
    vocabulary = words["text"].unique(maintain_order=True)
    stems = pl.DataFrame({"text": vocabulary, "stem": stem(vocabulary, Counts.from_frame(as_word, "as_word"))})
    stem_rows = words.join(stems, on="text").select("row", pl.col("stem").alias("text")).unique()
    as_stem = stem_rows.group_by("text").agg(pl.len().alias("as_stem")).filter(pl.col("as_stem") >= least)
    table = as_word.join(as_stem, on="text", how="full", coalesce=True).sort("text")
    return table.with_columns(pl.col("as_word", "as_stem").cast(pl.UInt32))


def word_table(keys: pl.Series, least: int = LEAST, **metadata: str) -> bytes:
    """Return the table of ``count_words`` as a Parquet file, with ``headlines``, the number of distinct keys.

    Args:
        keys: fuzzy keys; empty ones are left out.
        least: see ``count_words``.
        metadata: more metadata of the file.
    """
    keys = keys.filter(keys != "")
    file = io.BytesIO()
    metadata = {"headlines": str(keys.n_unique())} | metadata
    count_words(keys, least).write_parquet(file, compression="zstd", compression_level=22, metadata=metadata)
    return file.getvalue()


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


@cached_until_changed
def archive_words(path: str) -> ArchiveWords:
    """Return the information of words with a table of one's own.

    Args:
        path: a file that ``dedup words`` wrote.

    Raises:
        WordTableError: the file cannot be read or is no such table.
    """
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
    pooled = pl.concat([stem_counts().cast({"as_stem": pl.Int64}), counted]).drop_nulls()
    pooled = pooled.group_by("text").agg(pl.col("as_stem").sum())
    stems = hash32(TextArray.of(pooled["text"].to_list()).hashes())
    total = headlines + int(provenance()["headlines"])
    information = information_of(pooled["as_stem"].to_numpy(), total)
    order = stems.argsort(kind="stable")
    unlisted = information_of(np.zeros(1, np.int64), total)[0]
    digest = hashlib.blake2b(data, digest_size=6).hexdigest()
    return ArchiveWords(stems[order], information[order], unlisted, headlines, digest)
