"""Count the words of headlines, for the shipped table and for one of one's own archive (``dedup words``)."""

from __future__ import annotations

import io

import polars as pl

from dedup.arabic.stems import stem
from dedup.arabic.word_frequencies import Counts

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
