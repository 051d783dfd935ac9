"""Rewrite the tables of the documents: ``python -m benchmarks tables --data DIR``.

Runs the commands below one after the other, each in a process of its own; each rewrites its part of
``docs/benchmarks.md`` or ``docs/benchmark.md`` and appends its figures to ``benchmarks/results``. ``--short`` takes
fewer sizes and rounds, for the same tables. A command that fails is named at the end, and the others run all the same.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.data import corpora
from benchmarks.reporting import runs

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Table:
    """A command that rewrites a part of a document.

    Attributes:
        name: the command, which also names the part.
        options: options of a full run, after the data.
        short: options of a short run.
        minutes: minutes of a full and of a short run on two idle cores, about.
        source: whether the command takes one corpus (``--from``) instead of the folder (``--data``).
    """

    name: str
    options: str
    short: str
    minutes: tuple[float, float]
    source: bool = False

    def words(self, data: Path, *, short: bool) -> list[str]:
        """Return the command line, after ``python -m benchmarks``."""
        where = ["--from", str(data / "egypt2013.jsonl.gz")] if self.source else ["--data", str(data)]
        return [self.name, *where, *shlex.split(self.short if short else self.options)]


TABLES = (
    Table("labels", "", "", (0.2, 0.2)),
    Table("leaderboard", "", "", (5, 5)),
    Table("speed", "", "--rounds 3", (3, 2)),
    Table("libraries", "--timeout 120", "--sizes 50000 --rounds 1", (15, 2)),
    Table(
        "scale", "--sizes 100k,1m,5m,1m-rss,1m-dense --rounds 1", "--sizes 100k,1m,1m-dense --rounds 1", (12, 5),
        source=True,
    ),
    Table(
        "ingest", "--sizes 10k,100k,1m,1m-dense", "--sizes 10k,100k --only 'dedup, SQLite' --only 'dedup, Redis'",
        (20, 3), source=True,
    ),
    Table("writers", "", "", (1, 1), source=True),
    Table("page", "", "--rounds 1", (2, 1)),
    Table("ablation", "--workers 2", "--workers 2", (10, 10)),
)  # fmt: skip
"""All tables, in the order in which they are rewritten: those that readers look at first come first."""


def main() -> int:
    """Run the commands, or list them; return 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpora.add_data(parser)
    parser.add_argument(
        "--only", action="append", choices=[table.name for table in TABLES], help="this table only (repeatable)"
    )
    parser.add_argument("--short", action="store_true", help="fewer sizes and rounds")
    parser.add_argument("--list", action="store_true", help="print the commands and their minutes, and run nothing")
    args = parser.parse_args()
    failed = []
    for table in TABLES:
        if args.only and table.name not in args.only:
            continue
        words = ["-m", "benchmarks", *table.words(args.data, short=args.short)]
        print(f"python {shlex.join(words)}   # about {table.minutes[args.short]:g} min", flush=True)
        if args.list:
            continue
        began = time.monotonic()
        if subprocess.run([sys.executable, *words], cwd=runs.ROOT, check=False).returncode:
            failed.append(table.name)
        print(f"{table.name}: {time.monotonic() - began:.0f} s\n", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
