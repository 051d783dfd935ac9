"""Compare blocking rules: ``python -m benchmarks blocking --data DIR``.

For each rule: the share of the silver positives within the window that become candidates, and the number of candidates.
All rules use the package's own join, window and bucket limit; only the keys vary. Then the limits of buckets vary, with
the keys of dedup. In news that is k times as dense, k times as many headlines lie between two in a bucket, so a limit
loses there what a k-th of it loses here: these are floods of real news. Prints two Markdown tables for each corpus.

With ``--generated FOLDER``, a corpus of ``python -m benchmarks corpus``, prints the share of its planted copies and
rewrites that become candidates under each limit: of 20,000 headlines after nine tenths of the corpus.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np
import polars as pl
from datasketch import MinHashLSH

from benchmarks.data import corpora
from dedup.arabic.keys import add_keys
from dedup.arabic.vocabulary import MAX_WORDS
from dedup.core import time_windows
from dedup.core.hashed_names import hash_strings
from dedup.feeds import headlines_from
from dedup.matching.blocking import candidates, minhash, shingles, word_pairs
from dedup.matching.blocking.join import join
from dedup.matching.features import HeadlineFeatures, headline_features
from dedup.matching.timeline import with_recurrence
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Keys = NDArray[np.uint64]

GENERATED_HEADLINES = 20_000
"""Headlines of a generated corpus whose planted pairs are looked for."""

FREQUENT = 500
"""Maximum number of headlines of a stem, for the rule that counts headlines instead of information."""


def candidates_by_keys(
    features: HeadlineFeatures, settings: Settings, window: int
) -> Iterator[tuple[str, candidates.Candidates]]:
    """Yield the name and the candidates of every rule for keys."""
    for rule, keys in keys_by_rule(features, settings):
        yield rule, join(keys, features.time, window=window, limit=settings.bucket_limit)


def keys_by_rule(features: HeadlineFeatures, settings: Settings) -> Iterator[tuple[str, Keys]]:
    """Yield the name and the blocking keys of every rule."""
    signature = partial(minhash.signatures, count=settings.permutations, seed=settings.seed)
    of_letters = signature(*shingles.shingle_hashes(*shingles.code_points(features.key.tolist())))
    for bands, rows in ((settings.bands, settings.rows), (42, 3)):
        yield f"LSH, {bands} bands × {rows} rows", _bands(of_letters, features, bands, rows)
    lsh = MinHashLSH(threshold=0.7, num_perm=settings.permutations)
    of_words = signature(*_five_word_shingles(features))
    yield f"LSH of five-word shingles at 0.7 ({lsh.b} × {lsh.r})", _bands(of_words, features, lsh.b, lsh.r)
    _, number, count = np.unique(features.words.stem, return_inverse=True, return_counts=True)
    rare = (count[number].reshape(features.words.stem.shape) <= FREQUENT) & (features.words.weight > 0)
    words = replace(features.words, weight=rare.astype(np.float32))
    yield f"two stems of at most {FREQUENT} headlines each", _pairs(replace(features, words=words), 12, 2)
    yield "pairs of the 8 most informative stems", _pairs(features, 8, 0)
    for nats in (8, 8.5, 9, 10):
        yield f"pairs of stems with {nats} nats together", _pairs(features, 12, nats)
    yield "all keys of dedup", features.blocking_keys


LIMITS = ((400, 1, 0), (200, 1, 0), (100, 10, 4), (4, 1, 0), (2, 10, 4), (2, 1, 0), (1, 10, 4), (1, 10, 10), (1, 1, 0))
"""Limits of a bucket, and ``join.DEPTH`` and ``join.BEYOND``."""


def candidates_by_limit(
    features: HeadlineFeatures, window: int, *, since: int = 0
) -> Iterator[tuple[str, candidates.Candidates]]:
    """Yield the name and the candidates of every rule for full buckets."""
    for limit, depth, beyond in LIMITS:
        name = f"the latest {limit}"
        if beyond:
            name += f", and {beyond * limit} of the latest {depth * limit} that share two keys"
        with patch.multiple("dedup.matching.blocking.join", DEPTH=depth, BEYOND=beyond):
            yield name, join(features.blocking_keys, features.time, window=window, limit=limit, since=since)


def _bands(signature: NDArray[np.uint32], features: HeadlineFeatures, bands: int, rows: int) -> Keys:
    keys = minhash.band_keys(signature, bands=bands, rows=rows)
    keys[signature[:, 0] == minhash.EMPTY] = candidates.NO_KEY
    keys[features.words.length == 0] = candidates.NO_KEY
    return keys


def _pairs(features: HeadlineFeatures, informative: int, nats: float) -> Keys:
    with patch.multiple(word_pairs, INFORMATIVE=informative, PAIR_INFORMATION=nats):
        return word_pairs.word_pair_keys(features.words)


def _five_word_shingles(features: HeadlineFeatures) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Hash every run of five words; return the hashes and each headline's first index. Shorter headlines have none."""
    word = np.zeros((len(features), MAX_WORDS), np.uint64)
    listed = hash_strings(text for key in features.key for text in key.split()[:MAX_WORDS])
    word[np.arange(MAX_WORDS) < features.words.length[:, None]] = listed
    runs = np.lib.stride_tricks.sliding_window_view(word, 5, axis=1)
    full = runs.all(axis=2)
    hashed = (runs * np.uint64(0x9E3779B97F4A7C15) ** np.arange(5, dtype=np.uint64)).sum(axis=2) >> np.uint64(32)
    return hashed[full].astype(np.uint32), np.concatenate([[0], np.cumsum(full.sum(axis=1))])


def positives(data: Path, name: str, ordered: pl.DataFrame, settings: Settings) -> NDArray[np.int64]:
    """Return the rows (left, right) of the silver positives within the window, shape (p, 2)."""
    silver = corpora.on_rows(corpora.silver(data, name).filter("positive"), ordered)
    return silver.filter(silver["hours"] <= settings.window).select("left", "right").to_numpy()


def report_planted(folder: Path, settings: Settings, window: int) -> None:
    """Print the recall of planted pairs, and the candidates per headline, under each limit."""
    source = pl.read_parquet(folder / "feeds").sort("published", "id")
    since = len(source) * 9 // 10
    source = source.head(since + GENERATED_HEADLINES)
    headlines = headlines_from(source).headlines.sort("published", "headline_id")
    features = headline_features(with_recurrence(add_keys(headlines)), settings)
    rows = headlines.select(id="headline_id", row=pl.int_range(pl.len()))
    truth = pl.read_parquet(folder / "truth.parquet").join(rows, left_on="id_a", right_on="id")
    truth = truth.join(rows, left_on="id_b", right_on="id", suffix="_b")
    left, right = (pl.min_horizontal("row", "row_b"), pl.max_horizontal("row", "row_b"))
    truth = truth.select("kind", left=left, right=right).filter(pl.col("right") >= since)
    apart = features.time[truth["right"]] - features.time[truth["left"]]
    truth = truth.filter(pl.Series(apart) <= window)
    code = (truth["right"] * len(features) + truth["left"]).to_numpy()
    print(f"\n{len(features):,} headlines, {len(truth):,} planted pairs\n")
    print("| rule | copies | rewrites | candidates a headline |\n|---|---|---|---|")
    for rule, proposed in candidates_by_limit(features, window, since=since):
        hits = truth.select("kind", hit=pl.Series(np.isin(code, proposed.codes(len(features)))))
        copies, rewrites = (hits.filter(kind=kind)["hit"].mean() for kind in ("copy", "rewrite"))
        per_headline = len(proposed.left) / (len(features) - since)
        print(f"| {rule} | {copies:.4f} | {rewrites:.4f} | {per_headline:,.0f} |", flush=True)


def main() -> None:
    """Join with every rule and print tables for each corpus."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpora.add_data(parser, required=False)
    parser.add_argument("--generated", type=Path, help="a folder of `python -m benchmarks corpus`, instead of the data")
    args = parser.parse_args()
    settings = Settings()
    window = int(settings.window * time_windows.MICROSECONDS_AN_HOUR)
    if args.generated:
        report_planted(args.generated, settings, window)
        return
    if not args.data:
        parser.error("one of --data and --generated is needed")
    names = corpora.silver_names(args.data)
    if not names:
        parser.error(f"no silver/NAME.tsv.gz in {args.data}; recall of blocking is measured on silver pairs")
    for name in names:
        ordered = with_recurrence(add_keys(corpora.headlines(args.data, name)))
        features = headline_features(ordered, settings)
        positive_rows = positives(args.data, name, ordered, settings)
        short = float((features.words.length < 5).mean())
        counts = (
            f"{len(ordered):,} headlines, {short:.0%} of fewer than five words; {len(positive_rows):,} silver positives"
        )
        print(f"\n{name}: {counts} within {settings.window:g} h")
        for rules in (candidates_by_keys(features, settings, window), candidates_by_limit(features, window)):
            print("\n| rule | recall | candidates |\n|---|---|---|")
            for rule, proposed in rules:
                hit = np.isin(positive_rows @ [1, len(ordered)], proposed.codes(len(ordered)))
                print(f"| {rule} | {hit.mean():.3f} | {len(proposed.left):,} |", flush=True)


if __name__ == "__main__":
    main()
