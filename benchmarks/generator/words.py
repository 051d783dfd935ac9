"""Ids to text: ways of writing a word, names that change with the years, and headlines.

A real corpus meets new names as long as it grows. So each turn through the source writes its rare words with other
letters: one permutation of firm consonants a turn, over all rare words, so that what was akin stays akin and particles
and endings stay what they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.generator.ragged import Ragged

RENAMED_UP_TO = 6
"""Headlines of the source up to which a word counts as a name that a later turn replaces."""

_FIRM = "ثجحخدذرزشصضطظعغق"
_DIGITS = "0123456789"
_OTHER_DIGITS = "٠١٢٣٤٥٦٧٨٩"


def written(words: pl.Series, way: int) -> pl.Series:
    """Words in one of the ways of writing: as they are, no hamzas, ى for final ي, ه for ة, tatweel and other digits."""
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
    """Rare words with the letters of a turn; the first turn leaves them as they are."""
    if turn == 0:
        return words
    order = np.random.default_rng([seed, turn]).permutation(len(_FIRM))
    return words.str.replace_many(list(_FIRM), [_FIRM[place] for place in order])


def texts(
    headlines: Ragged,
    turn: NDArray[np.int64],
    vocabulary: pl.Series,
    rare: NDArray[np.bool_],
    more: pl.Series,
    seed: int,
) -> pl.Series:
    """The headlines as strings.

    Args:
        headlines: ids of words; from v on other ways of writing them (see ``written``), below 0 furniture.
        turn: through the source, of each headline, shape (n,).
        vocabulary: v words.
        rare: which of them change with the turn, shape (v,).
        more: furniture; id -1 is the first, -2 the second.
        seed: of the turns' letters.
    """
    count = len(vocabulary)
    ways = int(headlines.ids.max(initial=0)) // count + 1
    code = headlines.ids + turn[headlines.rows] * (ways * count)
    code[headlines.ids < 0] = headlines.ids[headlines.ids < 0]
    distinct, place = np.unique(code, return_inverse=True)
    told = pl.DataFrame({"code": distinct}).with_columns(id=pl.col("code") % count, way=pl.col("code") // count % ways)
    told = told.with_columns(turn=pl.col("code") // (ways * count))
    plain = vocabulary.gather(told["id"])
    plain = more.gather((-1 - told["code"]).clip(lower_bound=0)).zip_with(told["code"] < 0, plain)
    own = ~pl.Series(rare).gather(told["id"]) | (told["code"] < 0)
    words = plain
    for one in told.filter(pl.col("code") >= 0)["turn"].unique().sort():
        words = renamed(plain, one, seed).zip_with((told["turn"] == one) & ~own, words)
    for way in range(1, ways):
        words = written(words, way).zip_with((told["way"] == way) & (told["code"] >= 0), words)
    joined = pl.DataFrame({"row": headlines.rows, "word": words.gather(place)})
    return joined.group_by("row", maintain_order=True).agg(pl.col("word").str.join(" "))["word"]
