"""Count the background table of Arabic headline words: ``python -m benchmarks background --data DIR``.

Reads ``DIR/NAME.jsonl.gz`` (all of them, or those given by ``--only``), makes fuzzy keys with the package itself, and
writes ``dedup/arabic/data/background.parquet``: ``text``, ``as_word`` and ``as_stem``, the number of headlines in which
it stands as a word of the key and as the stem of one. Only words and stems of at least ``--least`` headlines stay. The
file's metadata say what was counted, and ``--only`` lets an evaluation hold out a country.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from dedup import frames
from dedup.arabic.keys import add_keys
from dedup.arabic.stems import stem
from dedup.arabic.word_frequencies import Counts

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST = 3
TARGET = Path(__file__).parents[2] / "dedup" / "arabic" / "data" / "background.parquet"


def headlines(path: Path) -> pl.DataFrame:
    """A corpus in the documented layout as a HEADLINES frame."""
    rows = pl.read_ndjson(gzip.decompress(path.read_bytes()))
    return frames.empty(frames.HEADLINES).vstack(
        rows.select(
            headline_id=pl.col("id").cast(pl.String),
            outlet="outlet",
            title="title",
            url=pl.lit(None, pl.String),
            published=pl.col("published").str.to_datetime(time_unit="us").dt.replace_time_zone("UTC"),
            source=pl.lit(path.name),
        )
    )


def counted(keys: pl.Series, least: int) -> pl.DataFrame:
    """In how many keys each word and each stem stands; a title that is repeated counts once."""
    distinct = keys.unique(maintain_order=True).to_frame("key").with_row_index("row")
    words = distinct.select("row", pl.col("key").str.split(" ").alias("text")).explode("text")
    as_word = words.unique().group_by("text").agg(pl.len().alias("as_word")).filter(pl.col("as_word") >= least)
    every = words["text"].unique(maintain_order=True)
    stems = pl.DataFrame({"text": every, "stem": stem(every, Counts.from_frame(as_word, "as_word"))})
    of_stems = words.join(stems, on="text").select("row", pl.col("stem").alias("text")).unique()
    as_stem = of_stems.group_by("text").agg(pl.len().alias("as_stem")).filter(pl.col("as_stem") >= least)
    table = as_word.join(as_stem, on="text", how="full", coalesce=True).sort("text")
    return table.with_columns(pl.col("as_word", "as_stem").cast(pl.UInt32))


def write(paths: Sequence[Path], output: Path, least: int, command: str) -> str:
    """Count corpora and write the table; returns what it holds, in words."""
    keys = pl.concat([add_keys(headlines(path))["fuzzy_key"] for path in paths])
    keys = keys.filter(keys != "")
    table = counted(keys, least)
    metadata = {
        "headlines": str(keys.n_unique()),
        "corpora": " ".join(f"{path.name}:sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in paths),
        "date": datetime.now(UTC).date().isoformat(),
        "command": command,
    }
    table.write_parquet(output, compression="zstd", compression_level=22, metadata=metadata)
    return f"{len(table)} texts from {metadata['headlines']} distinct keys, {output.stat().st_size} bytes"


def main() -> None:
    """Count and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with NAME.jsonl.gz")
    parser.add_argument("--only", action="append", help="count this corpus only (repeatable)")
    parser.add_argument("--least", type=int, default=LEAST, help=f"fewest headlines of a word that stays ({LEAST})")
    parser.add_argument("--output", type=Path, default=TARGET)
    args = parser.parse_args()
    paths = sorted(args.data.glob("*.jsonl.gz"))
    if args.only:
        paths = [path for path in paths if path.name.removesuffix(".jsonl.gz") in args.only]
    if not paths:
        parser.error(f"no corpus {' or '.join(args.only or ['NAME'])}.jsonl.gz in {args.data}")
    command = f"python -m benchmarks background --data DIR --least {args.least}"
    print(write(paths, args.output, args.least, command + "".join(f" --only {name}" for name in args.only or ())))


if __name__ == "__main__":
    main()
