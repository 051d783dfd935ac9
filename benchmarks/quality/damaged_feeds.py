"""Count the items lost from damaged feeds: ``python -m benchmarks damage``.

Damages invented feeds in every way of ``tests/feeds/damage.py`` and counts lost titles of undamaged items, as read by
dedup, by feedparser, and by expat with a fallback to feedparser on text decoded by dedup.
"""

from __future__ import annotations

import argparse
import random
import time
from typing import TYPE_CHECKING

import feedparser
import polars as pl

from dedup.core.titles import clean
from dedup.feeds import Limits
from dedup.feeds.document import Unusable
from dedup.feeds.files.encoding import decode
from dedup.feeds.files.limits import Watch
from dedup.feeds.formats.content import Content
from dedup.feeds.formats.markup import read_markup
from dedup.feeds.formats.xml import Refused, read_strict
from tests.feeds.damage import KINDS, make_feed, untouched

if TYPE_CHECKING:
    from collections.abc import Callable


def by_dedup(data: bytes) -> list[str | None]:
    """Return the titles as dedup reads them."""
    try:
        return list(read_markup(Content(data, "", Limits())).titles)
    except Unusable:
        return []


def by_feedparser(data: bytes | str) -> list[str | None]:
    """Return the titles as feedparser reads them."""
    return [entry.get("title") for entry in feedparser.parse(data).entries]


def by_both(data: bytes) -> list[str | None]:
    """Return the titles read by expat, or by feedparser from text decoded by dedup where expat fails."""
    try:
        return list(read_strict(data, Watch(Limits())).document().titles)
    except Refused:
        return by_feedparser(decode(data).text)


READERS: dict[str, Callable[[bytes], list[str | None]]] = {
    "dedup": by_dedup,
    "expat, then feedparser on decoded text": by_both,
    "feedparser": by_feedparser,
}


def main() -> None:
    """Damage, read and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=40, help="feeds of each kind of damage (default 40)")
    args = parser.parse_args()
    damaged, kept = [], []
    for kind, damage in KINDS.items():
        for seed in range(args.feeds):
            rng = random.Random(f"{kind}{seed}")  # noqa: S311 - damage needs no secrecy
            feed = make_feed(rng)
            damaged.append(damage(feed.data, rng))
            kept.append(set(untouched(feed, damaged[-1], kind)))
    print(f"{len(damaged):,} damaged feeds, {sum(map(len, kept)):,} titles of undamaged items\n")
    print("| reader | titles lost | in feeds | seconds |\n|---|---|---|---|")
    for name, read in READERS.items():
        start = time.perf_counter()
        results = [read(data) for data in damaged]
        seconds = time.perf_counter() - start
        lost = [
            len(titles - set(clean(pl.Series(read_titles, dtype=pl.String))))
            for titles, read_titles in zip(kept, results, strict=True)
        ]
        print(f"| {name} | {sum(lost):,} | {sum(map(bool, lost)):,} | {seconds:.1f} |")


if __name__ == "__main__":
    main()
