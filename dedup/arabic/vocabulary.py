"""The words of fuzzy keys as integer matrices, so that pairs are compared without touching strings.

The facts of a word (its stem, whether it is a number, an ordinal, a weekday, its side of a polarity axis, its
information) are computed once for each distinct word and kept for the life of the process: an index has seen nearly all
words of a new headline before. No string is split: words are found in the code points of all keys and looked up by
hash. A word is identified by a 32-bit hash, not by a position in a vocabulary, so batches that were never seen together
can be compared, and an index runs the same code as a scan. Two headlines of twenty words confuse two words with
probability 1e-7.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.arabic.word_facts import KINDS, word_facts
from dedup.arabic.word_frequencies import idf
from dedup.arabic.word_frequencies import words as background_words
from dedup.arabic.word_marks import acts_in_context, marks_in_context
from dedup.arabic.word_vectors import headline_vectors, vector_rows
from dedup.core.columns import ColumnStruct
from dedup.core.hashing import HashIndex, SubstringHashes, hash32, true_at
from dedup.core.text_arrays import BLANK, TextArray

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.core.hashing import Codes, Hashes, Positions

MAX_WORDS = 32
"""Maximum number of words of a headline that are compared; 0.1 ‰ of real headlines have more, whose last words count in
shingles only."""

SMALL_LOOKUP, WARMUP_AFTER = 64, 50
"""After 50 look-ups of fewer than 64 unknown words each, the caller is streaming headlines: all words of the background
table are described at once, which costs about as much as 50 single look-ups."""

_WARMUP_PIECE = 1_000
"""Words that are described at a time in the background; other look-ups wait for one piece."""

_COLUMN_TYPES = {
    "stem": np.uint32,
    "skeleton": np.uint32,
    "weight": np.float32,
    "kind": np.uint8,
    "alternative": np.uint16,
    "rises": np.uint64,
    "falls": np.uint64,
    "marks": np.uint8,
    "acts": np.uint16,
    "deeds": np.uint64,
    "vector_row": np.int32,
}
_NUMBER, _NEGATION, _PLACE = (KINDS.index(kind) for kind in ("number", "negation", "place"))


@dataclass(frozen=True, slots=True)
class Words(ColumnStruct):
    """The words of n headlines, each matrix of shape (n, MAX_WORDS), filled from the left; 0 where there is no word.

    Attributes:
        stem: the hash of the word's light stem.
        skeleton: the hash of the stem's skeleton (``stems.skeletons``).
        weight: the information of the stem in nats (IDF over the background of Arabic headlines); 0 for no word.
        kind: an index into ``dedup.arabic.word_facts.KINDS``.
        alternative: 1 and a row of ``dedup.arabic.word_facts.alternatives``; 0 for most words.
        length: the number of words, shape (n,).
        rises: bit a is set where a word takes side +1 of axis a, shape (n,).
        falls: the same for side -1, shape (n,).
        marks: what the word does to its neighbours, bits of ``dedup.arabic.word_marks``.
        acts: bit a is set where a word does act a of ``dedup.arabic.word_marks.ACTS``, shape (n,).
        deeds: bit d is set where a word tells deed d of ``dedup.arabic.word_marks.deeds``, shape (n,).
        meaning: the vector of the headline (``dedup.arabic.word_vectors``), shape (n, dimensions).
    """

    stem: NDArray[np.uint32]
    skeleton: NDArray[np.uint32]
    weight: NDArray[np.float32]
    kind: NDArray[np.uint8]
    alternative: NDArray[np.uint16]
    length: NDArray[np.int64]
    rises: NDArray[np.uint64]
    falls: NDArray[np.uint64]
    marks: NDArray[np.uint8]
    acts: NDArray[np.uint16]
    deeds: NDArray[np.uint64]
    meaning: NDArray[np.int8]

    def arrays(self) -> tuple[NDArray[Any], ...]:
        """Return all columns."""
        return (
            self.stem, self.skeleton, self.weight, self.kind, self.alternative, self.length, self.rises, self.falls,
            self.marks, self.acts, self.deeds, self.meaning,
        )  # fmt: skip

    @classmethod
    def from_arrays(cls, arrays: Sequence[NDArray[Any]]) -> Words:
        """Return words of these columns, in the order of ``arrays``."""
        return cls(*arrays)


def tokenize(points: Codes, offsets: Positions) -> Words:
    """Split n fuzzy keys into words and look up the facts of each word.

    Args:
        points: the code points of all keys (``shingles.code_points``).
        offsets: where each key begins in ``points``, and the end of the last, shape (n + 1,).

    Examples:
        >>> from dedup.core.text_arrays import encode
        >>> words = tokenize(encode("مصرع 5"), np.array([0, 6]))
        >>> words.length.tolist(), words.stem.shape
        ([2], (1, 32))
    """
    count = len(offsets) - 1
    begins, ends = _word_edges(points, offsets)
    first = begins.searchsorted(offsets)
    length = first[1:] - first[:-1]
    position = np.arange(len(begins)) - first[:-1].repeat(length)
    if len(position) and length.max() > MAX_WORDS:
        begins, ends, position = (part[position < MAX_WORDS] for part in (begins, ends, position))
        length = np.minimum(length, MAX_WORDS)
    row = np.arange(count).repeat(length)
    facts = shared_vocabulary.look_up(TextArray(points, begins, ends))
    cell = row * MAX_WORDS + position
    kind = facts["kind"]
    facts["marks"] = marks_in_context(
        facts["marks"], position == 0, place=kind == _PLACE, negation=kind == _NEGATION, number=kind == _NUMBER
    )
    facts["acts"] = acts_in_context(facts["acts"], position, length.repeat(length))

    def matrix(column: str) -> NDArray[Any]:
        values = facts[column]
        filled = np.zeros(count * MAX_WORDS, values.dtype)
        filled[cell] = values
        return filled.reshape(count, MAX_WORDS)

    def union(column: str) -> NDArray[Any]:
        values = facts[column]
        bits = np.zeros(count, values.dtype)
        sided = true_at(values)
        np.bitwise_or.at(bits, row[sided], values[sided])
        return bits

    return Words(
        stem=matrix("stem"),
        skeleton=matrix("skeleton"),
        weight=matrix("weight"),
        kind=matrix("kind"),
        alternative=matrix("alternative"),
        length=length,
        rises=union("rises"),
        falls=union("falls"),
        marks=matrix("marks"),
        acts=union("acts"),
        deeds=union("deeds"),
        meaning=headline_vectors(facts["vector_row"], length),
    )


def _word_edges(points: Codes, offsets: Positions) -> tuple[Positions, Positions]:
    """Return where words begin and end: at blanks, and at the borders of headlines."""
    edge = np.ones(len(points) + 2, bool)
    edge[1:-1] = points == BLANK
    border = np.zeros(len(points) + 1, bool)
    border[offsets] = True
    inside = ~edge[1:-1]
    return true_at(inside & (edge[:-2] | border[:-1])), true_at(inside & (edge[2:] | border[1:])) + 1


class Vocabulary:
    """A cache of the facts of every word that this process has seen.

    Args:
        max_words: number of words to keep; when more come, the cache is emptied and filled again. A million take 60 MB.
    """

    def __init__(self, max_words: int = 1 << 20) -> None:
        self._max_words = max_words
        self._lock = Lock()
        self._postponements, self._is_warm = 0, False
        self._clear()

    def __len__(self) -> int:
        return len(self._rows)

    def look_up(self, words: TextArray) -> dict[str, NDArray[Any]]:
        """Return the facts of n words by name (the matrices of ``Words``), each of shape (n,)."""
        hashes = SubstringHashes(words.codes).of(words.start, words.end)
        with self._lock:
            rows = self._rows_of(hashes, words)
            return {name: values.take(rows) for name, values in self._facts.items()}

    @contextmanager
    def postponed_warmup(self) -> Iterator[None]:
        """Leave the warm-up to a later look-up: it takes 0.3 s, too long while a lock is held."""
        self._postponements += 1
        try:
            yield
        finally:
            self._postponements -= 1

    def _rows_of(self, hashes: Hashes, words: TextArray) -> NDArray[np.int32]:
        """Return the row of each word, having added the unknown ones."""
        rows = self._rows.find(hashes)
        if not (rows < 0).any():
            return rows
        if len(self) > self._max_words:
            self._clear()
        self._small_lookups += self._add_unknown(hashes, words) < SMALL_LOOKUP
        if self.needs_warmup() and not self._postponements:
            self._is_warm = True
            common = background_words()
            self._add_unknown(common.hashes(), common)
        return self._rows.find(hashes)

    def needs_warmup(self) -> bool:
        """Return whether the caller is streaming and the background vocabulary is not loaded."""
        return self._small_lookups >= WARMUP_AFTER and not self._is_warm

    def warm_up(self) -> None:
        """Load the background vocabulary, in pieces between which other threads look words up."""
        common = background_words()
        for first in range(0, len(common), _WARMUP_PIECE):
            piece = common.take(np.arange(first, min(first + _WARMUP_PIECE, len(common))))
            with self._lock:
                self._add_unknown(piece.hashes(), piece)
        with self._lock:
            self._is_warm = True

    def _add_unknown(self, hashes: Hashes, words: TextArray) -> int:
        """Add the words that have no row yet; return their number."""
        unknown = true_at(self._rows.find(hashes) < 0)
        new, first = np.unique(hashes[unknown], return_index=True)
        self._add(new, words.take(unknown[first]))
        return len(new)

    def _add(self, hashes: Hashes, words: TextArray) -> None:
        facts, count = word_facts(words), len(self)
        stems = facts.stem.hashes()
        bit = np.uint64(1) << np.maximum(facts.axis, 0).astype(np.uint64)
        new = {
            "stem": hash32(stems),
            "skeleton": hash32(facts.skeleton.hashes()),
            "weight": idf(stems),
            "kind": facts.kind,
            "alternative": facts.alternative,
            "rises": np.where(facts.side > 0, bit, np.uint64(0)),
            "falls": np.where(facts.side < 0, bit, np.uint64(0)),
            "marks": facts.marks,
            "acts": facts.acts,
            "deeds": np.where(facts.deed >= 0, np.uint64(1) << facts.deed.clip(0).astype(np.uint64), np.uint64(0)),
            "vector_row": vector_rows(stems),
        }
        for name, values in new.items():
            if count + len(hashes) > len(self._facts[name]):
                self._facts[name] = np.resize(self._facts[name], 2 * (count + len(hashes)))
            self._facts[name][count : count + len(hashes)] = values
        self._rows.add(hashes)

    def _clear(self) -> None:
        self._rows, self._small_lookups, self._is_warm = HashIndex(np.zeros(0, np.uint64)), 0, False
        self._facts: dict[str, NDArray[Any]] = {name: np.zeros(1 << 10, dtype) for name, dtype in _COLUMN_TYPES.items()}


shared_vocabulary = Vocabulary()
