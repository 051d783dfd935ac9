"""An ingestion loop: look at a folder of feeds again and again, and tell of each new headline what it is.

    python examples/ingest.py news.db examples/feeds             # look once
    python examples/ingest.py news.db examples/feeds --every 60  # look every minute, until Ctrl-C

Whatever fetches the feeds writes them into the folder, each file under a hidden name first and then renamed, so that
none is read half. Items that are known change nothing, so files may stay where they are.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

import dedup

if TYPE_CHECKING:
    from collections.abc import Iterator


def ingest(index: dedup.HeadlineIndex, folder: str) -> Iterator[tuple[str, dedup.Verdict]]:
    """Remember what is new in the folder; each new headline's title, and the verdict on it."""
    feeds = dedup.read_feeds(folder)
    for file, place, reason in feeds.skipped.iter_rows():
        print(f"skipped {file} {place}: {reason}", file=sys.stderr)
    headlines = feeds.headlines.sort("published", nulls_last=False)  # who was first shows in order of time
    for title, verdict in zip(headlines["title"], index.add_many(headlines), strict=True):
        if not verdict.known:
            yield title, verdict


def main() -> None:
    """Look at the folder as often as asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index")
    parser.add_argument("folder")
    parser.add_argument("--every", type=float, metavar="SECONDS", help="look again so often")
    args = parser.parse_args()
    with dedup.HeadlineIndex.open(args.index) as index:
        while True:
            try:
                for title, verdict in ingest(index, args.folder):
                    told = "new" if verdict.is_new_story else f"{verdict.relation} ({verdict.n_outlets} outlets)"
                    print(f"{told}: {title}")
            except dedup.DedupError as error:  # the disk is full, the server is away: nothing is lost, try again
                if args.every is None:
                    raise
                print(error, file=sys.stderr)
            if args.every is None:
                return
            time.sleep(args.every)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
