"""Corpora, labels and their digests, in the layout of the documented data folder.

A folder holds ``NAME.jsonl.gz`` (headlines), ``gold/NAME.tsv`` (labelled pairs) and ``silver/NAME.tsv.gz`` (pairs with
the agreement of their article bodies).
"""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from dedup.feeds import read_feeds

if TYPE_CHECKING:
    from pathlib import Path

AGREE_JACCARD, AGREE_CONTAINMENT = 0.4, 0.75
"""Bodies that agree at least so much (word 4-grams) are a silver positive."""

DISAGREE = 0.03
"""Bodies that agree less than this are a silver negative."""


def names(data: Path) -> list[str]:
    """The corpora of a folder that have gold or silver labels."""
    found = sorted(path.name.removesuffix(".jsonl.gz") for path in data.glob("*.jsonl.gz"))
    return [name for name in found if (data / f"gold/{name}.tsv").exists() or (data / f"silver/{name}.tsv.gz").exists()]


@cache
def headlines(data: Path, name: str) -> pl.DataFrame:
    """The HEADLINES of a corpus, read as a scan reads them."""
    return read_feeds(data / f"{name}.jsonl.gz").headlines


def digest(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digests(data: Path, name: str) -> dict[str, str]:
    """The digests of a corpus's files: ``headlines``, and ``gold`` and ``silver`` where it has them."""
    files = {"headlines": f"{name}.jsonl.gz", "gold": f"gold/{name}.tsv", "silver": f"silver/{name}.tsv.gz"}
    return {what: digest(data / file) for what, file in files.items() if (data / file).exists()}


def gold(data: Path, name: str) -> pl.DataFrame:
    """Labelled pairs: ``id_a``, ``id_b``, ``label``, ``decidable``, ``weight``, ``dup``; empty where there are none."""
    schema = {"id_a": pl.String, "id_b": pl.String, "label": pl.String, "decidable": pl.String, "weight": pl.Float64}
    path = data / f"gold/{name}.tsv"
    frame = pl.read_csv(path, separator="\t", schema=schema) if path.exists() else pl.DataFrame(schema=schema)
    return frame.with_columns(dup=pl.col("label") == "dup")


def silver(data: Path, name: str) -> pl.DataFrame:
    """Pairs with their bodies' agreement, and whether that makes them ``positive`` or ``negative`` (or neither)."""
    schema = {"id_a": pl.String, "id_b": pl.String, "body_jaccard": pl.Float64, "body_containment": pl.Float64}
    path = data / f"silver/{name}.tsv.gz"
    if path.exists():
        frame = pl.read_csv(gzip.decompress(path.read_bytes()), separator="\t", schema=schema)
    else:
        frame = pl.DataFrame(schema=schema)
    agree = (pl.col("body_jaccard") >= AGREE_JACCARD) | (pl.col("body_containment") >= AGREE_CONTAINMENT)
    return frame.with_columns(positive=agree, negative=~agree & (pl.col("body_jaccard") < DISAGREE))


def on_rows(labels: pl.DataFrame, ordered: pl.DataFrame) -> pl.DataFrame:
    """Labels with the rows of both headlines in an ordered KEYS frame: ``left`` < ``right``, and ``hours`` between."""
    place = ordered.select(id="headline_id", time=pl.col("published").dt.epoch("us")).with_row_index("row")
    place = place.with_columns(pl.col("row").cast(pl.Int64))
    joined = labels.join(place, left_on="id_a", right_on="id").join(place, left_on="id_b", right_on="id", suffix="_b")
    return joined.with_columns(
        left=pl.min_horizontal("row", "row_b"),
        right=pl.max_horizontal("row", "row_b"),
        hours=(pl.col("time") - pl.col("time_b")).abs() / 3.6e9,
    ).drop("row", "row_b", "time", "time_b")
