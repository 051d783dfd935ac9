"""An ingestion loop: read a folder of feeds repeatedly and print a verdict on each new headline.

    python examples/ingest.py news.db examples/feeds             # read once
    python examples/ingest.py news.db examples/feeds --every 60  # read every minute, until Ctrl-C

The program that fetches the feeds should write each file under a hidden name first and then rename it, so that none is
read half. Known items change nothing, so files may stay in the folder.
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
    """Add the folder's headlines to the index; yield title and verdict of each new one."""
    feeds = dedup.read_feeds(folder)
    for file, place, reason in feeds.skipped.iter_rows():
        print(f"skipped {file} {place}: {reason}", file=sys.stderr)
    headlines = feeds.headlines.sort("published", nulls_last=False)  # verdicts on earlier headlines first
    for title, verdict in zip(headlines["title"], index.add_many(headlines), strict=True):
        if not verdict.known:
            yield title, verdict


def main() -> None:
    """Read the folder once, or repeatedly."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index")
    parser.add_argument("folder")
    parser.add_argument("--every", type=float, metavar="SECONDS", help="interval")
    args = parser.parse_args()
    with dedup.HeadlineIndex.open(args.index) as index:
        while True:
            try:
                for title, verdict in ingest(index, args.folder):
                    answer = "new" if verdict.is_new_story else f"{verdict.relation} ({verdict.n_outlets} outlets)"
                    print(f"{answer}: {title}")
            except dedup.DedupError as error:  # the disk is full, the server is away: nothing is lost, retry
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
