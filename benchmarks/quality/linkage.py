"""Ways to make stories of the same matches, compared: ``python -m benchmarks linkage --data DIR``.

One scan a corpus; then the matched pairs are linked as ``dedup.stories`` does, with other shares of a story that a
headline must match (1 is complete linkage) and other means that its scores against the story must reach, also means
that grow with the story. Beside them stand single linkage, and average linkage of all headlines at once, most alike
first: what one could have that need not place each headline when it comes and never move it. Pairwise figures are on
gold and on the silver pairs whose bodies agree or clearly do not; B³ is on silver components, alone and with as many
other headlines.

``--largest N`` prints the N largest stories of today's rule for reading instead: of each headline how many of the
others it matches, what its scores against them average, its time, outlet and title.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from benchmarks.data import corpora
from benchmarks.quality.clusters import b_cubed, components, densities
from benchmarks.quality.precision_recall import matched
from benchmarks.quality.scanned_corpus import Scanned, scanned
from benchmarks.reporting.markdown import markdown
from dedup.core.time_windows import MICROSECONDS_AN_HOUR
from dedup.matching.scoring.model import load_model
from dedup.stories.assemble import link
from dedup.stories.linkage import DEFAULT_RULE, LinkageRule, new_clustering

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from numpy.typing import NDArray

RULES = (
    (0.25, 0.0), (0.34, 0.0), (0.5, 0.0), (0.67, 0.0), (1.0, 0.0),
    (0.5, 0.35), (0.5, 0.4), (0.5, 0.45), (0.5, 0.5), (0.5, 0.6),
)  # fmt: skip
"""The share of a story that a headline must match, and what its scores against it must average."""

GROWING = (0.05, 0.1)
"""How much more the mean must be for each doubling of the pairs across."""

HEADER = (
    "linkage", "gold P", "gold R", "gold F1", "silver P", "silver R", "silver F1", "B³ P", "B³ R", "B³ F1",
    "with others", "stories", "largest", "longest (h)", "least density", "under half",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GrowingRule(LinkageRule):
    """A rule that asks for a higher mean the more pairs there are."""

    more: float = 0.0

    def allows(self, scores: Collection[float], pairs: int) -> bool:
        """Return whether matches with these scores, out of so many pairs, are enough."""
        # No more than the least score of a match: headlines that all match are one story.
        mean = min(self.mean + self.more * math.log2(pairs), load_model().thresholds["default"])
        return LinkageRule(self.share, mean).allows(scores, pairs)


def compared(corpus: Scanned) -> Iterator[list[str]]:
    """A row of the table for each linkage."""
    matches = corpus.pairs.filter("is_match").sort("right", "left")
    left, right, score = (matches[name].to_numpy() for name in ("left", "right", "score"))
    times, count = _times(corpus), len(corpus.headlines)
    connected = components(count, left, right)
    yield _row(corpus, "single", connected, left, right)
    share, mean = DEFAULT_RULE.share, DEFAULT_RULE.mean
    rules = {
        f"share {share:.2f}" + f", mean {mean:.2f}" * (mean > 0): LinkageRule(share, mean) for share, mean in RULES
    }
    rules |= {
        f"share {share:.2f}, mean {mean:.2f} + {more:.2f} log₂ pairs": GrowingRule(share, mean, more)
        for more in GROWING
    }
    for name, rule in rules.items():
        story = link(count, left, right, score, new_clustering(times.tolist(), corpus.settings, rule))
        yield _row(corpus, name, story, left, right)
    yield _row(
        corpus, f"average, at once, {DEFAULT_RULE.mean:.2f}", averaged(connected, left, right, score), left, right
    )


def averaged(
    connected: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64], score: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Average linkage of each connected component, cut where the mean falls under that of ``stories``."""
    story = np.arange(len(connected))
    order, edges = np.argsort(connected, kind="stable"), np.argsort(connected[left], kind="stable")
    rows_of = np.split(order, np.flatnonzero(np.diff(connected[order])) + 1)
    edges_of = np.split(edges, np.flatnonzero(np.diff(connected[left][edges])) + 1)
    for rows, inside in zip([rows for rows in rows_of if len(rows) > 1], edges_of, strict=True):
        apart = 1 - np.eye(len(rows))
        one, other = np.searchsorted(rows, left[inside]), np.searchsorted(rows, right[inside])
        apart[one, other] = apart[other, one] = 1 - score[inside]
        tree = hierarchy.linkage(squareform(apart), "average")
        cut = hierarchy.fcluster(tree, 1 - DEFAULT_RULE.mean, "distance")
        story[rows] = rows[0] * len(story) + cut
    return np.unique(story, return_inverse=True)[1]


def largest(corpus: Scanned, count: int) -> Iterator[str]:
    """The largest stories as text, with what one needs to judge them."""
    matches = corpus.pairs.filter("is_match")
    left, right, score = (matches[name].to_numpy() for name in ("left", "right", "score"))
    inside = corpus.story[left] == corpus.story[right]
    ends, weights = np.concatenate([left[inside], right[inside]]), np.tile(score[inside], 2)
    met, summed = (np.bincount(ends, weights=column, minlength=len(corpus.story)) for column in (None, weights))
    sizes = np.bincount(corpus.story)
    for began in np.argsort(-sizes, kind="stable")[:count].tolist():
        rows, others = np.flatnonzero(corpus.story == began), max(int(sizes[began]) - 1, 1)
        name = corpus.headlines["headline_id"][began]
        yield f"{name}: {len(rows)} headlines, density {met[rows].mean() / others:.2f}"
        faces = corpus.headlines[rows].select("published", "outlet", "title").iter_rows()
        for row, (published, outlet, title) in zip(rows, faces, strict=True):
            yield f"  {met[row]:3.0f}  {summed[row] / others:.2f}  {str(published)[5:16]}  {outlet}  {title}"


def _times(corpus: Scanned) -> NDArray[np.float64]:
    return corpus.headlines["published"].dt.epoch("us").to_numpy()


def _row(
    corpus: Scanned, name: str, story: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> list[str]:
    gold = corpus.gold.filter(pl.col("weight") > 0)
    silver = corpus.silver.filter(pl.col("positive") | pl.col("negative"))
    clusters = b_cubed(story[corpus.judged][corpus.partnered], corpus.truth[corpus.partnered])
    others = b_cubed(story[corpus.judged], corpus.truth)
    sizes, density = densities(story, left, right)
    placed = pl.DataFrame({"story": story, "time": _times(corpus)})
    spans = placed.group_by("story").agg(pl.col("time").max() - pl.col("time").min())
    shares = (
        *_pairwise(story, gold, gold["dup"], gold["weight"]),
        *_pairwise(story, silver, silver["positive"], pl.repeat(1.0, len(silver), eager=True)),
        *clusters.values(),
        others["b3_f1"],
    )
    return [
        name,
        *(f"{value:.3f}" for value in shares),
        f"{len(sizes):,}",
        str(sizes.max(initial=1)),
        f"{float(np.nanmax(spans['time'].to_numpy())) / MICROSECONDS_AN_HOUR:.0f}",
        f"{density.min(initial=1.0):.2f}",
        f"{int((density < 0.5).sum())}",
    ]


def _pairwise(
    story: NDArray[np.int64], pairs: pl.DataFrame, same: pl.Series, weights: pl.Series
) -> tuple[float, float, float]:
    """Precision, recall and F1 of which labelled pairs stand together."""
    together = story[pairs["left"].to_numpy()] == story[pairs["right"].to_numpy()]
    precision, recall = matched(together, same.to_numpy(), weights.to_numpy()).values()
    return precision, recall, 2 * precision * recall / (precision + recall)


def main() -> int:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a data folder in the documented layout")
    parser.add_argument("--only", action="append", metavar="NAME", help="a corpus (repeatable)")
    parser.add_argument("--largest", type=int, metavar="N", help="print the N largest stories instead")
    args = parser.parse_args()
    print(f"model {load_model().digest}\n")
    for name in corpora.names(args.data):
        if not args.only or name in args.only:
            corpus = scanned(args.data, name)
            lines = largest(corpus, args.largest) if args.largest else [markdown(HEADER, list(compared(corpus)))]
            print(f"### {name}\n", *lines, sep="\n", end="\n\n", flush=True)
    return 0
