"""Read the data files beside this package: tab-separated, with a comment on every line."""

from __future__ import annotations

from functools import cache
from importlib import resources

import polars as pl

from dedup.arabic.exact import folded_words

_NOT_ARABIC = (
    "value",
    "kind",
    "number",
    "article",
    "axis",
    "side",
    "act",
    "mark",
    "deed",
    "class",
    "rule",
    "member",
)  # columns that are kept as they are


@cache
def read_table(name: str, *columns: str) -> pl.DataFrame:
    """Return the columns of ``data/NAME.tsv`` as text, without the last one, the comments.

    Examples:
        >>> read_table("units", "words", "result").columns
        ['words', 'result']
    """
    source = resources.files("dedup.arabic").joinpath("data", f"{name}.tsv").read_bytes()
    schema = dict.fromkeys((*columns, "comment"), pl.String)
    table = pl.read_csv(source, separator="\t", quote_char=None, comment_prefix="#", has_header=False, schema=schema)
    return table.drop("comment")


def folded_table(name: str, *columns: str, listed: str | None = None) -> pl.DataFrame:
    """Return a data file with its Arabic columns spelled as fuzzy keys spell them.

    Args:
        name: as of ``read_table``.
        columns: as of ``read_table``.
        listed: a column whose words are separated by commas; each word gets a row.

    Examples:
        >>> folded_table("numbers", "word", "value", "kind").columns
        ['word', 'value', 'kind']
    """
    table = read_table(name, *columns)
    if listed:
        table = table.with_columns(pl.col(listed).str.split(",")).explode(listed)
    arabic = [column for column in columns if column not in _NOT_ARABIC]
    folded = folded_words(pl.concat([table[column] for column in arabic]))
    return table.with_columns(
        folded.slice(index * len(table), len(table)).alias(column) for index, column in enumerate(arabic)
    )
