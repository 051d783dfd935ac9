"""Read the corpora, labels and digests of a data folder.

A folder holds ``NAME.jsonl.gz`` (headlines), ``labels/NAME.tsv`` (labelled pairs, drawn from all candidates) and
``silver/NAME.tsv.gz`` (pairs with the agreement of their articles).
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from dedup.feeds import read_feeds

if TYPE_CHECKING:
    from collections.abc import Iterable

AGREE_JACCARD, AGREE_CONTAINMENT = 0.4, 0.75
"""Minimum agreement of two articles (word 4-grams) of a silver positive: either measure suffices."""

DISAGREE = 0.03
"""Jaccard similarity of the articles below which a pair is a silver negative."""


def silver_names(data: Path) -> list[str]:
    """Return the names of the corpora with silver pairs, sorted."""
    found = sorted(path.name.removesuffix(".tsv.gz") for path in (data / "silver").glob("*.tsv.gz"))
    return [name for name in found if (data / f"{name}.jsonl.gz").exists()]


def labelled_names(data: Path) -> list[str]:
    """Return the names of the corpora with labels drawn from all candidates, sorted."""
    found = sorted(path.stem for path in (data / "labels").glob("*.tsv"))
    return [name for name in found if (data / f"{name}.jsonl.gz").exists()]


@cache
def headlines(data: Path, name: str) -> pl.DataFrame:
    """Return the HEADLINES of a corpus, read as a scan reads them."""
    return read_feeds(data / f"{name}.jsonl.gz").headlines


def data_folder(text: str) -> Path:
    """Return the path of a data folder with labelled corpora; the ``type`` of an option ``--data``.

    Raises:
        argparse.ArgumentTypeError: the folder does not exist, or has no labelled corpus.
    """
    folder = Path(text)
    build = f"build it by: python -m benchmarks data --from CLONES --out {text} (--list names what to clone)"
    if not folder.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is not a folder; {build}")
    if not labelled_names(folder):
        raise argparse.ArgumentTypeError(f"{text} has no corpus NAME.jsonl.gz with labels/NAME.tsv; {build}")
    return folder


def add_data(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Add the option ``--data`` of all benchmarks that read labelled corpora."""
    parser.add_argument(
        "--data", type=data_folder, required=required, metavar="DIR",
        help="folder of labelled corpora, built by: python -m benchmarks data",
    )  # fmt: skip


def corpus_file(text: str) -> Path:
    """Return the path of a corpus of headlines; the ``type`` of an option ``--from``.

    Raises:
        argparse.ArgumentTypeError: there is no such file.
    """
    if not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"{text} is not a file; give NAME.jsonl.gz of a data folder, or your own")
    return Path(text)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def files(data: Path) -> dict[str, Path]:
    """Return the files of all corpora by name, labelled or not, sorted by file name."""
    paths = sorted(data.glob("*.jsonl.gz"), key=lambda path: path.name)
    return {path.name.removesuffix(".jsonl.gz"): path for path in paths}


def sources(paths: Iterable[Path]) -> str:
    """Return names and digests of files in one line, for the metadata of a table that was made from them."""
    return " ".join(f"{path.name}:sha256:{digest(path)}" for path in paths)


def labels(data: Path, name: str) -> pl.DataFrame:
    """Return the labels drawn from all candidates: ``id_a``, ``id_b``, ``label``, ``kind``, ``weight``.

    ``label`` is ``dup`` (same news), ``rel`` (related) or ``diff``; each pair stands for ``weight`` candidates. Empty
    if the corpus has none.
    """
    schema = {"id_a": pl.String, "id_b": pl.String, "label": pl.String, "kind": pl.String, "weight": pl.Float64}
    path = data / f"labels/{name}.tsv"
    if not path.exists():
        return pl.DataFrame(schema=schema)
    frame = pl.read_csv(path, separator="\t", quote_char=None, schema_overrides=schema)
    return frame.select(list(schema)).filter(pl.col("weight") > 0)


def silver(data: Path, name: str) -> pl.DataFrame:
    """Return the silver pairs: article agreement (two measures), ``positive``, ``negative`` (may be neither)."""
    schema = {"id_a": pl.String, "id_b": pl.String, "body_jaccard": pl.Float64, "body_containment": pl.Float64}
    path = data / f"silver/{name}.tsv.gz"
    if path.exists():
        frame = pl.read_csv(gzip.decompress(path.read_bytes()), separator="\t", schema=schema)
    else:
        frame = pl.DataFrame(schema=schema)
    agree = (pl.col("body_jaccard") >= AGREE_JACCARD) | (pl.col("body_containment") >= AGREE_CONTAINMENT)
    return frame.with_columns(positive=agree, negative=~agree & (pl.col("body_jaccard") < DISAGREE))


def on_rows(labels: pl.DataFrame, ordered: pl.DataFrame) -> pl.DataFrame:
    """Add the row of both headlines in ``ordered`` (``left`` < ``right``) and the ``hours`` between them to labels."""
    rows = ordered.select(id="headline_id", time=pl.col("published").dt.epoch("us")).with_row_index("row")
    rows = rows.with_columns(pl.col("row").cast(pl.Int64))
    joined = labels.join(rows, left_on="id_a", right_on="id").join(rows, left_on="id_b", right_on="id", suffix="_b")
    return joined.with_columns(
        left=pl.min_horizontal("row", "row_b"),
        right=pl.max_horizontal("row", "row_b"),
        hours=(pl.col("time") - pl.col("time_b")).abs() / 3.6e9,
    ).drop("row", "row_b", "time", "time_b")
