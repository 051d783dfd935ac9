"""Count the background table of Arabic headline words: ``python -m benchmarks background --data DIR``.

Reads ``DIR/NAME.jsonl.gz`` (all corpora, or those given by ``--only``), computes fuzzy keys with the package itself and
writes ``dedup/arabic/data/background.parquet``: ``text``, ``as_word`` and ``as_stem``, the number of headlines whose
key contains the text as a word, and as the stem of a word. Texts counted fewer than ``--least`` times are dropped. The
file's metadata name the corpora and their digests; ``--only`` lets an evaluation hold out a corpus.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from benchmarks.data import corpora
from dedup.arabic.keys import add_keys
from dedup.arabic.word_counts import LEAST, word_table
from dedup.feeds import read_feeds

if TYPE_CHECKING:
    from collections.abc import Sequence

TARGET = Path(__file__).parents[2] / "dedup" / "arabic" / "data" / "background.parquet"


def write(paths: Sequence[Path], output: Path, least: int, command: str) -> str:
    """Count corpora, write the table to ``output`` and return a one-line summary."""
    keys = pl.concat([add_keys(read_feeds(path).headlines)["fuzzy_key"] for path in paths])
    date = datetime.now(UTC).date().isoformat()
    output.write_bytes(word_table(keys, least, corpora=corpora.sources(paths), date=date, command=command))
    texts, headlines = len(pl.read_parquet(output)), pl.read_parquet_metadata(output)["headlines"]
    return f"{texts} texts from {headlines} distinct keys, {output.stat().st_size} bytes"


def main() -> None:
    """Parse arguments, count and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with NAME.jsonl.gz")
    parser.add_argument("--only", action="append", help="count this corpus only (repeatable)")
    parser.add_argument("--least", type=int, default=LEAST, help=f"minimum number of headlines of a word ({LEAST})")
    parser.add_argument("--output", type=Path, default=TARGET)
    args = parser.parse_args()
    paths = [path for name, path in corpora.files(args.data).items() if not args.only or name in args.only]
    if not paths:
        parser.error(f"no corpus {' or '.join(args.only or ['NAME'])}.jsonl.gz in {args.data}")
    command = f"python -m benchmarks background --data DIR --least {args.least}"
    print(write(paths, args.output, args.least, command + "".join(f" --only {name}" for name in args.only or ())))


if __name__ == "__main__":
    main()
