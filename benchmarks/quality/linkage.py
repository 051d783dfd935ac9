"""Compare clusterings of the same matches into stories: ``python -m benchmarks linkage --data DIR``.

Scans each corpus once, then links the matched pairs as ``dedup.stories`` does with other required shares of matching
headlines (1 is complete linkage) and other required mean scores, including means that grow with the story. Compared
with them: single linkage, and average linkage of all headlines at once, which an incremental rule cannot reach since
it never moves a headline. Pairwise figures are on labels drawn from all candidates, and on silver pairs that agree or
clearly disagree; B³ is on silver components, with and without as many other headlines. A corpus without silver pairs
has the figures on labels only. "Copies alone" are headlines that copy an earlier one and match nothing in their story.

``--largest N`` instead prints the N largest stories of the current rule for reading: for each headline the number of
the others that it matches, its mean score against them, time, outlet and title.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from benchmarks.data import corpora
from benchmarks.quality.clusters import b_cubed, components, densities
from benchmarks.quality.precision_recall import matched
from benchmarks.quality.scanned_corpus import ScannedCorpus, scan_corpus
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
"""Required share of a story's headlines that a new one matches, and required mean score against the story."""

GROWING = (0.05, 0.1)
"""Increase of the required mean for each doubling of the number of pairs between two stories."""

HEADER = (
    "linkage", "P", "R", "F1", "silver P", "silver R", "silver F1", "B³ P", "B³ R", "B³ F1",
    "with others", "stories", "largest", "longest (h)", "least density", "under half",
    "copies alone",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GrowingRule(LinkageRule):
    """A rule whose required mean score grows with the number of pairs between two stories."""

    increase: float = 0.0

    def allows(self, scores: Collection[float], pairs: int) -> bool:
        """Return whether matches with these scores, out of ``pairs`` pairs, suffice."""
        # At most the match threshold: headlines that all match are one story.
        mean = min(self.mean + self.increase * math.log2(pairs), load_model().thresholds["default"])
        return LinkageRule(self.share, mean).allows(scores, pairs)


def compare(corpus: ScannedCorpus) -> Iterator[list[str]]:
    """Yield a row of the table for each linkage."""
    matches = corpus.pairs.filter("is_match").sort("right", "left")
    left, right, score = (matches[name].to_numpy() for name in ("left", "right", "score"))
    is_copy = (matches["relation"] == "copy").to_numpy()
    times, count = _times(corpus), len(corpus.headlines)
    component = components(count, left, right)

    def row(name: str, story: NDArray[np.int64]) -> list[str]:
        together = story[left] == story[right]
        alone = np.setdiff1d(right[is_copy], np.concatenate([left[together], right[together]]))
        return [*_row(corpus, name, story, left, right), f"{len(alone):,}"]

    yield row("single", component)
    share, mean = DEFAULT_RULE.share, DEFAULT_RULE.mean
    rules = {
        f"share {share:.2f}" + f", mean {mean:.2f}" * (mean > 0): LinkageRule(share, mean, copies=False)
        for share, mean in RULES
    }
    rules |= {
        f"share {share:.2f}, mean {mean:.2f} + {increase:.2f} log₂ pairs": GrowingRule(
            share, mean, copies=False, increase=increase
        )
        for increase in GROWING
    }
    rules[f"share {share:.2f}, mean {mean:.2f}, copies as their originals"] = DEFAULT_RULE
    for name, rule in rules.items():
        story = link(count, left, right, score, is_copy, new_clustering(times.tolist(), corpus.settings, rule))
        yield row(name, story)
    name, story = f"average, at once, {DEFAULT_RULE.mean:.2f}", average_linkage(component, left, right, score)
    yield row(name, story)


def average_linkage(
    component: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64], score: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Cluster each connected component by average linkage, cut where the mean score is below the default rule's."""
    story = np.arange(len(component))
    order, edges = np.argsort(component, kind="stable"), np.argsort(component[left], kind="stable")
    rows_of = np.split(order, np.flatnonzero(np.diff(component[order])) + 1)
    edges_of = np.split(edges, np.flatnonzero(np.diff(component[left][edges])) + 1)
    for rows, inside in zip([rows for rows in rows_of if len(rows) > 1], edges_of, strict=True):
        distance = 1 - np.eye(len(rows))
        first, second = np.searchsorted(rows, left[inside]), np.searchsorted(rows, right[inside])
        distance[first, second] = distance[second, first] = 1 - score[inside]
        tree = hierarchy.linkage(squareform(distance), "average")
        cut = hierarchy.fcluster(tree, 1 - DEFAULT_RULE.mean, "distance")
        story[rows] = rows[0] * len(story) + cut
    return np.unique(story, return_inverse=True)[1]


def largest(corpus: ScannedCorpus, count: int) -> Iterator[str]:
    """Yield the largest stories as lines of text."""
    matches = corpus.pairs.filter("is_match")
    left, right, score = (matches[name].to_numpy() for name in ("left", "right", "score"))
    inside = corpus.story[left] == corpus.story[right]
    ends, weights = np.concatenate([left[inside], right[inside]]), np.tile(score[inside], 2)
    count_of, score_sum = (np.bincount(ends, weights=column, minlength=len(corpus.story)) for column in (None, weights))
    sizes = np.bincount(corpus.story)
    for story in np.argsort(-sizes, kind="stable")[:count].tolist():
        rows, others = np.flatnonzero(corpus.story == story), max(int(sizes[story]) - 1, 1)
        name = corpus.headlines["headline_id"][story]
        yield f"{name}: {len(rows)} headlines, density {count_of[rows].mean() / others:.2f}"
        lines = corpus.headlines[rows].select("published", "outlet", "title").iter_rows()
        for row, (published, outlet, title) in zip(rows, lines, strict=True):
            yield f"  {count_of[row]:3.0f}  {score_sum[row] / others:.2f}  {str(published)[5:16]}  {outlet}  {title}"


def _times(corpus: ScannedCorpus) -> NDArray[np.float64]:
    """Return publication times in microseconds, NaN where unknown."""
    return corpus.headlines["published"].dt.epoch("us").to_numpy()


def _row(
    corpus: ScannedCorpus, name: str, story: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> list[str]:
    """Return the row of one linkage but for its last cell, given each headline's story and the matched pairs."""
    labels = corpus.labels
    sizes, density = densities(story, left, right)
    stories = pl.DataFrame({"story": story, "time": _times(corpus)})
    spans = stories.group_by("story").agg(pl.col("time").max() - pl.col("time").min())
    shares = (*_pairwise(story, labels, labels["is_same_news"], labels["weight"]), *_silver_shares(corpus, story))
    return [
        name,
        *("" if math.isnan(value) else f"{value:.3f}" for value in shares),
        f"{len(sizes):,}",
        str(sizes.max(initial=1)),
        f"{float(np.nanmax(spans['time'].to_numpy())) / MICROSECONDS_AN_HOUR:.0f}",
        f"{density.min(initial=1.0):.2f}",
        f"{int((density < 0.5).sum())}",
    ]


def _silver_shares(corpus: ScannedCorpus, story: NDArray[np.int64]) -> tuple[float, ...]:
    """Return precision, recall, F1 of silver pairs, B³ precision, recall, F1, and its F1 with other headlines."""
    silver = corpus.silver.filter(pl.col("positive") | pl.col("negative"))
    if not silver["positive"].any():
        return (math.nan,) * 7
    clusters = b_cubed(story[corpus.cluster_rows][corpus.has_partner], corpus.cluster_truth[corpus.has_partner])
    others = b_cubed(story[corpus.cluster_rows], corpus.cluster_truth)
    pairs = _pairwise(story, silver, silver["positive"], pl.repeat(1.0, len(silver), eager=True))
    return (*pairs, *clusters.values(), others["b3_f1"])


def _pairwise(
    story: NDArray[np.int64], pairs: pl.DataFrame, same: pl.Series, weights: pl.Series
) -> tuple[float, float, float]:
    """Return precision, recall and F1 of the labelled pairs within one story."""
    together = story[pairs["left"].to_numpy()] == story[pairs["right"].to_numpy()]
    precision, recall = matched(together, same.to_numpy(), weights.to_numpy()).values()
    return precision, recall, 2 * precision * recall / (precision + recall)


def main() -> int:
    """Compare linkages and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpora.add_data(parser)
    parser.add_argument("--only", action="append", metavar="NAME", help="a corpus (repeatable)")
    parser.add_argument("--largest", type=int, metavar="N", help="print the N largest stories instead")
    args = parser.parse_args()
    print(f"model {load_model().digest}\n")
    for name in corpora.labelled_names(args.data):
        if not args.only or name in args.only:
            corpus = scan_corpus(args.data, name)
            lines = largest(corpus, args.largest) if args.largest else [markdown(HEADER, list(compare(corpus)))]
            print(f"### {name}\n", *lines, sep="\n", end="\n\n", flush=True)
    return 0
