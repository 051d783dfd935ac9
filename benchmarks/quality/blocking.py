"""What blocking finds: ``python -m benchmarks blocking --data DIR``.

For each way to propose candidates: the share of the silver positives within the window that become candidates, and how
many candidates there are. All ways are met by the package's own join, with its window and its bucket limit; what is
varied are the keys. Prints a Markdown table for each corpus.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np
from datasketch import MinHashLSH

from benchmarks.data import corpora
from dedup.arabic.keys import add_keys
from dedup.arabic.vocabulary import MAX_WORDS
from dedup.core import time_windows
from dedup.core.hashed_names import hash_strings
from dedup.matching.blocking import candidates, minhash, word_pairs
from dedup.matching.blocking.join import join
from dedup.matching.features import HeadlineFeatures, headline_features
from dedup.matching.timeline import in_order
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl
    from numpy.typing import NDArray

    Keys = NDArray[np.uint64]

FREQUENT = 500
"""Headlines of a stem that is too common to block by, in the way that counts headlines instead of information."""


def ways(whole: HeadlineFeatures, settings: Settings) -> Iterator[tuple[str, Keys]]:
    """Blocking keys of every way, by its name."""
    for bands, rows in ((settings.bands, settings.rows), (42, 3)):
        yield f"LSH, {bands} bands × {rows} rows", _bands(whole.signature, whole, bands, rows)
    usual = MinHashLSH(threshold=0.7, num_perm=settings.permutations)
    signature = minhash.signatures(*_five_word_shingles(whole), count=settings.permutations, seed=settings.seed)
    yield f"LSH of five-word shingles at 0.7 ({usual.b} × {usual.r})", _bands(signature, whole, usual.b, usual.r)
    count = np.unique(whole.words.stem, return_inverse=True, return_counts=True)
    rare = (count[2][count[1]].reshape(whole.words.stem.shape) <= FREQUENT) & (whole.words.weight > 0)
    words = replace(whole.words, weight=rare.astype(np.float32))
    yield f"two stems of at most {FREQUENT} headlines each", _pairs(replace(whole, words=words), 12, 2)
    yield "pairs of the 8 most informative stems", _pairs(whole, 8, 0)
    for nats in (8, 8.5, 9, 10):
        yield f"pairs of stems with {nats} nats together", _pairs(whole, 12, nats)
    yield "all that dedup uses", whole.blocking_keys


def _bands(signature: NDArray[np.uint32], whole: HeadlineFeatures, bands: int, rows: int) -> Keys:
    keys = minhash.band_keys(signature, bands=bands, rows=rows)
    keys[signature[:, 0] == minhash.EMPTY] = candidates.NO_KEY
    keys[whole.words.length == 0] = candidates.NO_KEY
    return keys


def _pairs(whole: HeadlineFeatures, informative: int, nats: float) -> Keys:
    with patch.multiple(word_pairs, INFORMATIVE=informative, PAIR_INFORMATION=nats):
        return word_pairs.word_pair_keys(whole.words)


def _five_word_shingles(whole: HeadlineFeatures) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Hashes of every five words in a row, and where each headline's start; headlines of fewer words have none."""
    word = np.zeros((len(whole), MAX_WORDS), np.uint64)
    listed = hash_strings(one for key in whole.key for one in key.split()[:MAX_WORDS])
    word[np.arange(MAX_WORDS) < whole.words.length[:, None]] = listed
    runs = np.lib.stride_tricks.sliding_window_view(word, 5, axis=1)
    full = runs.all(axis=2)
    hashed = (runs * np.uint64(0x9E3779B97F4A7C15) ** np.arange(5, dtype=np.uint64)).sum(axis=2) >> np.uint64(32)
    return hashed[full].astype(np.uint32), np.concatenate([[0], np.cumsum(full.sum(axis=1))])


def positives(data: Path, name: str, ordered: pl.DataFrame, settings: Settings) -> NDArray[np.int64]:
    """Rows (left, right) of the silver positives within the window, shape (p, 2)."""
    silver = corpora.on_rows(corpora.silver(data, name).filter("positive"), ordered)
    return silver.filter(silver["hours"] <= settings.window).select("left", "right").to_numpy()


def main() -> None:
    """Print a table for each corpus."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a data folder in the documented layout")
    args = parser.parse_args()
    settings = Settings()
    window = int(settings.window * time_windows.MICROSECONDS_AN_HOUR)
    for name in corpora.names(args.data):
        ordered = in_order(add_keys(corpora.headlines(args.data, name)))
        whole = headline_features(ordered, settings)
        found = positives(args.data, name, ordered, settings)
        short = float((whole.words.length < 5).mean())
        told = f"{len(ordered):,} headlines, {short:.0%} of fewer than five words; {len(found):,} silver positives"
        print(f"\n{name}: {told} within {settings.window:g} h\n\n| keys | recall | candidates |\n|---|---|---|")
        for way, keys in ways(whole, settings):
            met = join(keys, whole.time, window=window, limit=settings.bucket_limit)
            hit = np.isin(found @ [1, len(ordered)], met.codes(len(ordered)))
            print(f"| {way} | {hit.mean():.3f} | {len(met.left):,} |", flush=True)


if __name__ == "__main__":
    main()
