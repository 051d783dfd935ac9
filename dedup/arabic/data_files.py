"""The data files beside this package: tab-separated, a comment on every line, read once."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import polars as pl

from dedup.arabic import characters, punctuation
from dedup.arabic.display import readable

if TYPE_CHECKING:
    from dedup.core.hashing import Codes

_PLAIN = ("value", "kind", "number", "article", "axis", "side")  # columns that are no Arabic text


@cache
def read_table(name: str, *columns: str) -> pl.DataFrame:
    """The columns of ``data/NAME.tsv`` (all text), without its last column, the comments."""
    source = resources.files("dedup.arabic").joinpath("data", f"{name}.tsv").read_bytes()
    schema = dict.fromkeys((*columns, "comment"), pl.String)
    table = pl.read_csv(source, separator="\t", quote_char=None, comment_prefix="#", has_header=False, schema=schema)
    return table.drop("comment")


def folded_table(name: str, *columns: str, listed: str | None = None) -> pl.DataFrame:
    """A data file with its Arabic columns as the fuzzy key spells them.

    Args:
        name: as of ``read_table``.
        columns: as of ``read_table``.
        listed: a column with a comma between several words; each gets a row.
    """
    table = read_table(name, *columns)
    if listed:
        table = table.with_columns(pl.col(listed).str.split(",")).explode(listed)
    arabic = [column for column in columns if column not in _PLAIN]
    folded = folded_words(pl.concat([table[column] for column in arabic]))
    return table.with_columns(
        folded.slice(at * len(table), len(table)).alias(column) for at, column in enumerate(arabic)
    )


def exact_codes(codes: Codes) -> Codes:
    """From the code points of ``display.readable`` to those of the exact keys, separators marked."""
    codes = characters.folded(codes)
    kinds = characters.classes(codes)
    for step in (punctuation.without_tatweel, characters.hamza_and_final_letters, punctuation.joined):
        changed = step(codes, kinds)
        if changed is not codes:
            codes, kinds = changed, characters.classes(changed)
    return punctuation.numbers_and_separators(codes, kinds)


def folded_words(texts: pl.Series) -> pl.Series:
    """Words or phrases as the fuzzy key spells them, before spelling variants and numbers are brought to one."""
    if texts.is_empty():
        return texts
    return characters.decode(characters.fuzzily_folded(punctuation.without_marks(exact_codes(readable(texts)[1]))))
