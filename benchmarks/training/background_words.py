"""Count the background table of Arabic headline words: ``python -m benchmarks background --data DIR``.

Reads ``DIR/NAME.jsonl.gz`` (all corpora, or those given by ``--only``), computes fuzzy keys with the package itself and
writes ``dedup/arabic/data/background.parquet``: ``text``, ``as_word`` and ``as_stem``, the number of headlines whose
key contains the text as a word, and as the stem of a word. Texts counted fewer than ``--least`` times are dropped. The
file's metadata name the corpora and their digests; ``--only`` lets an evaluation hold out a corpus.
"""

from __future__ import annotations

import argparse
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from dedup.arabic.keys import add_keys
from dedup.arabic.stems import stem
from dedup.arabic.word_frequencies import Counts
from dedup.feeds import read_feeds

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST = 3
"""Default of ``--least``: the minimum count of a word or stem."""

TARGET = Path(__file__).parents[2] / "dedup" / "arabic" / "data" / "background.parquet"


def count_words(keys: pl.Series, least: int) -> pl.DataFrame:
    """Count the keys that contain each word and each stem; repeated keys count once."""
    distinct = keys.unique(maintain_order=True).to_frame("key").with_row_index("row")
    words = distinct.select("row", pl.col("key").str.split(" ").alias("text")).explode("text")
    as_word = words.unique().group_by("text").agg(pl.len().alias("as_word")).filter(pl.col("as_word") >= least)
    vocabulary = words["text"].unique(maintain_order=True)
    stems = pl.DataFrame({"text": vocabulary, "stem": stem(vocabulary, Counts.from_frame(as_word, "as_word"))})
    stem_rows = words.join(stems, on="text").select("row", pl.col("stem").alias("text")).unique()
    as_stem = stem_rows.group_by("text").agg(pl.len().alias("as_stem")).filter(pl.col("as_stem") >= least)
    table = as_word.join(as_stem, on="text", how="full", coalesce=True).sort("text")
    return table.with_columns(pl.col("as_word", "as_stem").cast(pl.UInt32))


def write(paths: Sequence[Path], output: Path, least: int, command: str) -> str:
    """Count corpora, write the table to ``output`` and return a one-line summary."""
    keys = pl.concat([add_keys(read_feeds(path).headlines)["fuzzy_key"] for path in paths])
    keys = keys.filter(keys != "")
    table = count_words(keys, least)
    metadata = {
        "headlines": str(keys.n_unique()),
        "corpora": " ".join(f"{path.name}:sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in paths),
        "date": datetime.now(UTC).date().isoformat(),
        "command": command,
    }
    table.write_parquet(output, compression="zstd", compression_level=22, metadata=metadata)
    return f"{len(table)} texts from {metadata['headlines']} distinct keys, {output.stat().st_size} bytes"


def main() -> None:
    """Parse arguments, count and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with NAME.jsonl.gz")
    parser.add_argument("--only", action="append", help="count this corpus only (repeatable)")
    parser.add_argument("--least", type=int, default=LEAST, help=f"minimum number of headlines of a word ({LEAST})")
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
