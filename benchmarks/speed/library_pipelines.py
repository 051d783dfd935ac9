"""Near-duplicate pipelines of other libraries, each as its documentation recommends.

``python -m benchmarks.speed.library_pipelines NAME KEYS DIR`` reads ``KEYS`` (Parquet: ``id``, ``key``, ``time``
in microseconds, in order of time), finds pairs, and writes ``pairs.parquet`` (``left_id``, ``right_id``, ``score``) and
``clusters.parquet`` (``id``, ``cluster``) into ``DIR``.

All get the same input: dedup's fuzzy keys, computed beforehand and outside their time, so that none fails on a vowel
mark; three-letter shingles of these keys (a shorter key is one shingle); 128 hashes in 32 bands of 4 rows, if the
library offers the choice; and dedup's window of 72 hours on their candidates, which none of them has. Candidates are
scored by rapidfuzz ``ratio`` on both processors, the usual recipe, and match from 0.85. The clusters are connected
components of the matches.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from rapidfuzz import fuzz, process
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    Ids = NDArray[np.int64]
    Scores = NDArray[np.float32]

THRESHOLD = 0.85
PERMUTATIONS, BANDS, ROWS, SEED = 128, 32, 4, 1
WINDOW = 72 * 3_600_000_000
"""The time window in microseconds."""

_MIN_RATIO = 50
"""Minimum ratio (of 100) that brute force keeps."""

_CHUNK = 1000
"""Number of headlines that brute force compares with their windows at once."""

_MAX_CLUSTER_PAIRS = 30_000_000
"""Maximum number of pairs of a clustering to score."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Rows of the pairs that a library proposes, and its own score if it has one; arrays of shape (p,)."""

    left: Ids
    right: Ids
    score: Scores | None = None


def datasketch(keys: list[str], _: Ids, __: str) -> Pairs:
    """Run datasketch: ``MinHash.bulk``, ``MinHashLSH`` with an insertion session, one query per headline."""
    from datasketch import MinHashLSH  # noqa: PLC0415 - only this one pays for it

    sketches = minhashes(keys)
    lsh = MinHashLSH(num_perm=PERMUTATIONS, params=(BANDS, ROWS))
    with lsh.insertion_session() as session:
        for row, sketch in enumerate(sketches):
            session.insert(row, sketch, check_duplication=False)
    return _pairs_of_queries([lsh.query(sketch) for sketch in sketches])


def minhashes(keys: Iterable[str]) -> list[Any]:
    """Return datasketch's MinHash of the shingles of each key."""
    from datasketch import MinHash  # noqa: PLC0415 - as above

    shingles = ([shingle.encode() for shingle in of_key] for of_key in _shingles(keys))
    return list(MinHash.bulk(shingles, num_perm=PERMUTATIONS, seed=SEED))


def rensa(keys: list[str], _: Ids, __: str) -> Pairs:
    """Run rensa (Rust): ``RMinHash.from_token_sets``, ``RMinHashLSH.insert_many``, ``query_all``, its batch calls."""
    from rensa import RMinHash, RMinHashLSH  # noqa: PLC0415 - only this one pays for it

    sketches = RMinHash.from_token_sets(_shingles(keys), PERMUTATIONS, SEED)
    lsh = RMinHashLSH(0.5, PERMUTATIONS, BANDS)
    lsh.insert_many(sketches)
    return _pairs_of_queries(lsh.query_all(sketches))


def gaoya(keys: list[str], _: Ids, __: str) -> Pairs:
    """Run gaoya (Rust): ``MinHashStringIndex`` with its analyzer of three letters and its parallel bulk calls."""
    from gaoya.minhash import MinHashStringIndex  # noqa: PLC0415 - only this one pays for it

    index = MinHashStringIndex(
        hash_size=32, jaccard_threshold=0.0, num_bands=BANDS, band_size=ROWS, num_hashes=PERMUTATIONS,
        analyzer="char", ngram_range=(3, 3),
    )  # fmt: skip
    index.par_bulk_insert_docs(list(range(len(keys))), keys)
    return _pairs_of_queries(index.par_bulk_query(keys))


def text_dedup(keys: list[str], times: Ids, python: str) -> Pairs:
    """Run ``python -m text_dedup.minhash`` on keys written as shingles, one word each; pairs come from its clusters."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        spelled = [" ".join(shingle.replace(" ", "_") for shingle in of_key) for of_key in _shingles(keys)]
        pl.DataFrame({"text": spelled}).with_row_index("row").write_parquet(folder / "keys.parquet")
        options = {
            "path": "parquet", "data_files": folder / "keys.parquet", "split": "train", "cache_dir": folder / "cache",
            "output": folder / "out", "column": "text", "idx_column": "row", "ngram": 1, "min_length": 0,
            "num_perm": PERMUTATIONS, "b": BANDS, "r": ROWS, "seed": SEED,
        }  # fmt: skip
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        home = {"HF_HOME": str(folder / "home"), "HF_HUB_OFFLINE": "1", "PATH": "/usr/bin:/bin"}
        command = [python, "-m", "text_dedup.minhash", *words, "--debug"]
        ran = subprocess.run(command, check=False, env=home, stderr=subprocess.PIPE)
        if ran.returncode:
            figures = ran.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
            absent = "No module named 'text_dedup'" in figures
            raise SystemExit("not installed: --python text-dedup=PATH names where it is" if absent else figures)
        read = "import json, pickle, sys; found = pickle.load(open(sys.argv[1], 'rb'))\n"
        read += "json.dump({row: found.find(row) for row in list(found.parent)}, open(sys.argv[2], 'w'))"
        subprocess.run([python, "-c", read, folder / "out" / "uf.pkl", folder / "clusters.json"], check=True, env=home)
        found = pl.read_json(folder / "clusters.json").transpose(include_header=True, header_name="row")
    clusters = np.arange(len(keys))
    clusters[found["row"].cast(pl.Int64).to_numpy()] = found["column_0"].to_numpy()
    return _pairs_of_clusters(clusters, times)


def semhash(keys: list[str], _: Ids, __: str) -> Pairs:
    """Run semhash: ``from_records`` with its default model, ``self_deduplicate`` at its default threshold of 0.9."""
    from semhash import SemHash  # noqa: PLC0415 - only this one pays for it

    try:
        index = SemHash.from_records([{"row": str(row), "key": key} for row, key in enumerate(keys)], columns=["key"])
    except OSError as error:
        raise SystemExit("its default model could not be downloaded from its hub") from error
    kept = index.self_deduplicate(threshold=0.9).selected_with_duplicates
    rows = [(int(item.record["row"]), int(copy["row"]), score) for item in kept for copy, score in item.duplicates]
    left, right = (np.array([pair[side] for pair in rows], np.int64) for side in (0, 1))
    return Pairs(np.minimum(left, right), np.maximum(left, right), np.array([pair[2] for pair in rows], np.float32))


def brute_force(keys: list[str], times: Ids, _: str) -> Pairs:
    """Run rapidfuzz ``process.cdist`` of every headline with all earlier ones within the window."""
    texts = np.array(keys, dtype=object)
    first = np.searchsorted(times, times - WINDOW)
    found = []
    for begin in range(0, len(keys), _CHUNK):
        end = min(begin + _CHUNK, len(keys))
        near = int(first[begin])
        alike = process.cdist(
            texts[begin:end], texts[near:end], scorer=fuzz.ratio, score_cutoff=_MIN_RATIO, workers=-1, dtype=np.float32
        )
        right, left = np.nonzero(alike)
        score = alike[right, left] / np.float32(100)
        left, right = left + near, right + begin
        earlier = (left < right) & (left >= first[right])
        found.append((left[earlier], right[earlier], score[earlier]))
    left, right = (np.concatenate([part[side] for part in found]) for side in (0, 1))
    return Pairs(left, right, np.concatenate([part[2] for part in found]).astype(np.float32))


PIPELINES: dict[str, Callable[[list[str], Ids, str], Pairs]] = {
    "datasketch": datasketch,
    "rensa": rensa,
    "gaoya": gaoya,
    "text-dedup": text_dedup,
    "semhash": semhash,
    "rapidfuzz": brute_force,
}
"""Function of each library: from n keys, their times and its interpreter to pairs of rows, the earlier left."""


def _shingles(keys: Iterable[str]) -> list[list[str]]:
    """Return the three-letter shingles of each key."""
    return [[key[start : start + 3] for start in range(max(len(key) - 2, 1))] for key in keys]


def _pairs_of_queries(answers: Sequence[Sequence[int]]) -> Pairs:
    """Return each pair of a row and a row that its query returned, once."""
    right = np.repeat(np.arange(len(answers)), [len(rows) for rows in answers])
    left = np.fromiter((row for rows in answers for row in rows), np.int64, len(right))
    earlier = left < right
    return Pairs(left[earlier], right[earlier])


def _pairs_of_clusters(clusters: Ids, times: Ids) -> Pairs:
    """Return all pairs of the same cluster within the window.

    Raises:
        SystemExit: there are too many to score.
    """
    order = np.lexsort([times, clusters])
    span = int(times.max() - times.min()) + 2 * WINDOW
    position = clusters[order] * span + (times[order] - times.min())
    first = np.searchsorted(position, position - WINDOW)
    count = np.arange(len(order)) - np.maximum(first, np.searchsorted(clusters[order], clusters[order]))
    if count.sum() > _MAX_CLUSTER_PAIRS:
        raise SystemExit(f"its clusters, of up to {np.bincount(clusters).max():,}, make {count.sum():,} pairs")
    right = np.repeat(np.arange(len(order)), count)
    left = right - 1 - (np.arange(len(right)) - np.repeat(np.cumsum(count) - count, count))
    first_row, second_row = order[left], order[right]
    return Pairs(np.minimum(first_row, second_row), np.maximum(first_row, second_row))


def main() -> int:
    """Find pairs, score and cluster them, and write both."""
    name, source, target, python = [*sys.argv[1:], sys.executable][:4]
    frame = pl.read_parquet(source)
    times = frame["time"].to_numpy()
    proposed = PIPELINES[name](frame["key"].to_list(), times, python)
    near = times[proposed.right] - times[proposed.left] <= WINDOW
    left, right = proposed.left[near], proposed.right[near]
    score = _ratio(frame["key"], left, right) if proposed.score is None else proposed.score[near]
    ids = frame["id"]
    pairs = {"left_id": ids.gather(left), "right_id": ids.gather(right), "score": score}
    pl.DataFrame(pairs).write_parquet(Path(target) / "pairs.parquet")
    matched = score >= THRESHOLD
    edges: Any = (np.ones(int(matched.sum()), bool), (left[matched], right[matched]))
    _, cluster = connected_components(coo_array(edges, shape=(len(frame), len(frame))), directed=False)
    pl.DataFrame({"id": ids, "cluster": cluster}).write_parquet(Path(target) / "clusters.parquet")
    return 0


def _ratio(keys: pl.Series, left: Ids, right: Ids) -> Scores:
    """Return rapidfuzz's ratio of each pair, 0..1, shape (p,)."""
    texts = np.array(keys.to_list(), dtype=object)
    alike: Scores = process.cpdist(texts[left], texts[right], scorer=fuzz.ratio, workers=-1, dtype=np.float32)
    return alike / np.float32(100)


if __name__ == "__main__":
    sys.exit(main())
