"""Ways to make stories of the same matches, compared: ``python -m benchmarks linkage --data DIR``.

One scan a corpus; then the matched pairs are linked as ``dedup.stories`` does at several shares of a story that a
headline must match (1 is complete linkage), and by single linkage. Pairwise figures are on gold, B³ on silver
components, alone and with as many other headlines.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import numpy as np
import polars as pl

from benchmarks import corpora
from benchmarks.clusters import b_cubed, components, densities
from benchmarks.curves import matched
from benchmarks.scanned import Scanned, scanned
from benchmarks.tables import markdown
from dedup import stories
from dedup.matching.blocking import MICROSECONDS_AN_HOUR
from dedup.matching.score import load_model

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHARES = (0.25, 0.34, 0.5, 0.67, 1.0)

HEADER = (
    "linkage", "gold precision", "gold recall", "B³ P", "B³ R", "B³ F1", "with others", "stories", "largest",
    "longest (h)", "least density", "under half",
)  # fmt: skip


def compared(corpus: Scanned) -> list[list[str]]:
    """A row of the table for each linkage."""
    matches = corpus.pairs.filter("is_match").sort("right", "left")
    left, right = matches["left"].to_numpy(), matches["right"].to_numpy()
    times = corpus.headlines["published"].dt.epoch("us").to_numpy()
    window = corpus.settings.window * MICROSECONDS_AN_HOUR
    rows = [_row(corpus, "single", components(len(times), left, right), left, right, times)]
    for share in SHARES:
        with mock.patch.object(stories, "SHARE", share):
            story = stories.link(len(times), left, right, times, window)
        rows.append(_row(corpus, f"share {share:.2f}", story, left, right, times))
    return rows


def _row(
    corpus: Scanned,
    name: str,
    story: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    times: NDArray[np.float64],
) -> list[str]:
    gold = corpus.gold.filter(pl.col("weight") > 0)
    together = story[gold["left"].to_numpy()] == story[gold["right"].to_numpy()]
    pairwise = matched(together, gold["dup"].to_numpy(), gold["weight"].to_numpy())
    own = corpus.partnered
    clusters = b_cubed(story[corpus.judged][own], corpus.truth[own])
    others = b_cubed(story[corpus.judged], corpus.truth)
    sizes, density = densities(story, left, right)
    placed = pl.DataFrame({"story": story, "time": times})
    spans = placed.group_by("story").agg(pl.col("time").max() - pl.col("time").min())
    shares = (*pairwise.values(), *clusters.values(), others["b3_f1"])
    return [
        name,
        *(f"{value:.3f}" for value in shares),
        f"{len(sizes):,}",
        str(sizes.max(initial=1)),
        f"{float(np.nanmax(spans['time'].to_numpy())) / MICROSECONDS_AN_HOUR:.0f}",
        f"{density.min(initial=1.0):.2f}",
        f"{int((density < 0.5).sum())}",
    ]


def main() -> int:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a data folder in the documented layout")
    parser.add_argument("--only", action="append", metavar="NAME", help="a corpus (repeatable)")
    args = parser.parse_args()
    print(f"model {load_model().digest}\n")
    for name in corpora.names(args.data):
        if not args.only or name in args.only:
            print(f"### {name}\n\n{markdown(HEADER, compared(scanned(args.data, name)))}\n", flush=True)
    return 0
