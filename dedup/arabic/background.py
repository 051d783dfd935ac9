"""How common Arabic headline words are: the table that ships with the package.

``data/background.parquet`` holds the words and the stems of headlines of two countries with the number of headlines
that each stands in; ``python -m benchmarks.background`` counts it, and its metadata name the corpora's digests. A scan
of fifty headlines knows from it that اليوم says little; a large scan adds its own counts.

The same table tells the stemmer which words exist (``dedup.arabic.words``).
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import polars as pl

_FILE = "background.parquet"


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
def vocabulary() -> pl.DataFrame:
    """The words of fuzzy keys (``word``) and the number of headlines that each stands in (``headlines``)."""
    table = _table()
    return table.select(word="text", headlines="as_word").drop_nulls()


@cache
def _stems() -> pl.DataFrame:
    return _table().select(stem="text", headlines="as_stem").drop_nulls()


def idf(stems: pl.Series) -> pl.Series:
    """How much each stem tells: ln((N + 1) / (n + 0.5)) for n of N background headlines, as Float32.

    A stem that the table lacks counts as met once, half the rarest that it lists would allow; null stays null.
    """
    total = int(provenance()["headlines"])
    found = stems.alias("stem").to_frame().join(_stems(), on="stem", how="left", maintain_order="left")["headlines"]
    values = ((total + 1) / (found.fill_null(1).cast(pl.Float64) + 0.5)).log().cast(pl.Float32)
    return pl.select(pl.when(stems.is_not_null()).then(values)).to_series().alias("idf")
