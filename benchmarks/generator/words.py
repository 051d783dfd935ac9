"""Convert word ids to text: spellings of a word, names that change with each turn, headlines.

A real corpus has new names as long as it grows. So each turn through the source spells its rare words with other
letters: one permutation of strong consonants per turn, applied to all rare words, so that related words stay related
and particles and endings stay unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.generator.ragged import Ragged

RENAMED_UP_TO = 6
"""Maximum frequency in the source of a word that later turns replace like a name."""

_FIRM = "ثجحخدذرزشصضطظعغق"
_DIGITS = "0123456789"
_OTHER_DIGITS = "٠١٢٣٤٥٦٧٨٩"


def written(words: pl.Series, way: int) -> pl.Series:
    """Spell words in one way: 0 unchanged, 1 no hamzas, 2 ى for final ي, 3 ه for ة, 4 tatweel and Arabic digits."""
    match way:
        case 1:
            return words.str.replace_many(["أ", "إ", "آ"], ["ا", "ا", "ا"])
        case 2:
            return words.str.replace("ي$", "ى")
        case 3:
            return words.str.replace("ة$", "ه")
        case 4:
            return words.str.replace_many(list(_DIGITS), list(_OTHER_DIGITS)).str.replace("^(ال..)(.{3,})$", "$1ـ$2")
        case _:
            return words


def renamed(words: pl.Series, turn: int, seed: int) -> pl.Series:
    """Spell rare words with the letters of a turn; turn 0 leaves them unchanged."""
    if turn == 0:
        return words
    order = np.random.default_rng([seed, turn]).permutation(len(_FIRM))
    return words.str.replace_many(list(_FIRM), [_FIRM[index] for index in order])


def texts(
    headlines: Ragged,
    turn: NDArray[np.int64],
    vocabulary: pl.Series,
    rare: NDArray[np.bool_],
    more: pl.Series,
    seed: int,
) -> pl.Series:
    """Return the headlines as strings.

    Args:
        headlines: word ids; id + k × v is spelling k (see ``written``), ids below 0 are furniture.
        turn: turn through the source of each headline, shape (n,).
        vocabulary: v words.
        rare: whether each word changes with the turn, shape (v,).
        more: furniture; id -1 is its first entry, -2 the second.
        seed: seed of the letters of the turns.
    """
    count = len(vocabulary)
    ways = int(headlines.ids.max(initial=0)) // count + 1
    code = headlines.ids + turn[headlines.rows] * (ways * count)
    code[headlines.ids < 0] = headlines.ids[headlines.ids < 0]
    distinct, index = np.unique(code, return_inverse=True)
    codes = pl.DataFrame({"code": distinct}).with_columns(id=pl.col("code") % count, way=pl.col("code") // count % ways)
    codes = codes.with_columns(turn=pl.col("code") // (ways * count))
    plain = vocabulary.gather(codes["id"])
    plain = more.gather((-1 - codes["code"]).clip(lower_bound=0)).zip_with(codes["code"] < 0, plain)
    own = ~pl.Series(rare).gather(codes["id"]) | (codes["code"] < 0)
    words = plain
    for number in codes.filter(pl.col("code") >= 0)["turn"].unique().sort():
        words = renamed(plain, number, seed).zip_with((codes["turn"] == number) & ~own, words)
    for way in range(1, ways):
        words = written(words, way).zip_with((codes["way"] == way) & (codes["code"] >= 0), words)
    joined = pl.DataFrame({"row": headlines.rows, "word": words.gather(index)})
    return joined.group_by("row", maintain_order=True).agg(pl.col("word").str.join(" "))["word"]
