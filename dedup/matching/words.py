"""The words of fuzzy keys as integer matrices, so that pairs are compared without touching strings.

What language knows about a word (its stem, whether it is a number, an ordinal, a weekday, which side of a polarity axis
it takes, how much it tells) is looked up once for each distinct word of the column and spread to its places. A word's
identity is a 32-bit hash, not a position in a vocabulary: batches that were never seen together can be compared, which
is what lets an index be the same code as a scan. Two given headlines of twenty words confuse two words with
probability 1e-7.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from dedup.arabic.background import idf
from dedup.arabic.words import KINDS, axes, describe
from dedup.hashing import mix64
from dedup.matching.shingles import code_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

LIMIT = 32
"""Words of a headline that are compared; the rest (0.1 ‰ of real headlines have more) still counts in shingles."""

_POWERS = np.cumprod(np.full(256, 0x9E3779B97F4A7C15, np.uint64))


@dataclass(frozen=True, slots=True)
class Words:
    """The words of n headlines, each matrix of shape (n, LIMIT), filled from the left; 0 where there is none.

    Attributes:
        word: the word's hash.
        stem: its light stem's hash.
        skeleton: the hash of what is left of the stem when spelling and derivation are taken off.
        weight: the information of the stem in nats (IDF over the background of Arabic headlines); 0 for no word.
        kind: its kind, an index into ``dedup.arabic.words.KINDS``.
        length: how many words there are, shape (n,).
        rises: bit a is set where a word takes side +1 of axis a, shape (n,).
        falls: the same for side -1, shape (n,).
    """

    word: NDArray[np.uint32]
    stem: NDArray[np.uint32]
    skeleton: NDArray[np.uint32]
    weight: NDArray[np.float32]
    kind: NDArray[np.uint8]
    length: NDArray[np.int64]
    rises: NDArray[np.uint64]
    falls: NDArray[np.uint64]

    def take(self, rows: NDArray[np.int64]) -> Words:
        """The words of some of the headlines, in the order asked for."""
        return Words(*(getattr(self, field.name)[rows] for field in fields(self)))


def tokenize(fuzzy_keys: pl.Series) -> Words:
    """The words of a column of fuzzy keys (n strings, none null)."""
    count = len(fuzzy_keys)
    flat = pl.DataFrame({"row": pl.arange(count, eager=True), "word": fuzzy_keys.str.split(" ").list.head(LIMIT)})
    flat = flat.explode("word", keep_nulls=False, empty_as_null=False).filter(pl.col("word") != "")
    distinct = flat.select(pl.col("word").unique())
    described = describe(distinct["word"])
    looked_up = distinct.with_columns(
        word_hash=pl.Series(hashes(distinct["word"])),
        stem_hash=pl.Series(hashes(described["stem"])),
        skeleton_hash=pl.Series(hashes(described["skeleton"])),
        weight=idf(described["stem"]),
        kind=described["kind"].replace_strict({kind: place for place, kind in enumerate(KINDS)}, return_dtype=pl.UInt8),
        rises=pl.Series(_bits(described, side=1)),
        falls=pl.Series(_bits(described, side=-1)),
    )
    flat = flat.join(looked_up, on="word", how="left", maintain_order="left")
    row = flat["row"].to_numpy()
    length = np.bincount(row, minlength=count)
    starts = np.cumsum(length) - length
    place = np.arange(len(row)) - starts[row]

    def matrix(column: str) -> NDArray[Any]:
        values = flat[column].to_numpy()
        filled = np.zeros((count, LIMIT), values.dtype)
        filled[row, place] = values
        return filled

    def union(column: str) -> NDArray[np.uint64]:
        bits = np.zeros(count, np.uint64)
        np.bitwise_or.at(bits, row, flat[column].to_numpy())
        return bits

    return Words(
        word=matrix("word_hash"),
        stem=matrix("stem_hash"),
        skeleton=matrix("skeleton_hash"),
        weight=matrix("weight"),
        kind=matrix("kind"),
        length=length,
        rises=union("rises"),
        falls=union("falls"),
    )


def hashes(words: pl.Series) -> NDArray[np.uint32]:
    """A 32-bit hash a word, the same in every process and version; never 0, which stands for no word."""
    points, offsets = code_points(words)
    lengths = np.diff(offsets)
    power = _POWERS[np.minimum(np.arange(len(points)) - np.repeat(offsets[:-1], lengths), len(_POWERS) - 1)]
    terms = np.append(mix64(points.astype(np.uint64) + np.uint64(1)) * power, np.uint64(0))
    sums = np.where(lengths > 0, np.add.reduceat(terms, offsets[:-1]), np.uint64(0))
    hashed: NDArray[np.uint64] = np.maximum(mix64(sums) >> np.uint64(32), np.uint64(1))
    return hashed.astype(np.uint32)


def _bits(described: pl.DataFrame, *, side: int) -> NDArray[np.uint64]:
    """For each word, the bit of its axis where it takes that side."""
    places = {axis: place for place, axis in enumerate(axes())}
    number = described["axis"].replace_strict(places, default=None, return_dtype=pl.UInt8)
    taken = (described["side"] == side).fill_null(value=False).to_numpy()
    return np.where(taken, np.uint64(1) << number.fill_null(0).to_numpy().astype(np.uint64), np.uint64(0))
