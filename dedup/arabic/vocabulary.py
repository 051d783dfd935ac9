"""The words of fuzzy keys as integer matrices, so that pairs are compared without touching strings.

What language knows about a word (its stem, whether it is a number, an ordinal, a weekday, which side of a polarity axis
it takes, how much it tells) is looked up once for each distinct word and kept for the process's life: of a headline's
words, an index has met nearly all before. No string is split: words are found in the code points of all keys, and
asked for by their hashes. A word's identity is a 32-bit hash, not a position in a vocabulary: batches that were never
seen together can be compared, which is what lets an index be the same code as a scan. Two given headlines of twenty
words confuse two words with probability 1e-7.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import attrgetter
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.arabic.word_facts import word_facts
from dedup.arabic.word_frequencies import idf
from dedup.arabic.word_frequencies import words as background_words
from dedup.core.hashing import HashIndex, SubstringHashes, hash32, true_at
from dedup.core.text_arrays import BLANK, TextArray

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.core.hashing import Codes, Hashes, Positions

MAX_WORDS = 32
"""Words of a headline that are compared; the rest (0.1 ‰ of real headlines have more) still counts in shingles."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of n headlines, each matrix of shape (n, MAX_WORDS), filled from the left; 0 where there is none.

    Attributes:
        stem: the hash of the word's light stem.
        skeleton: the hash of what is left of the stem when spelling and derivation are taken off.
        weight: the information of the stem in nats (IDF over the background of Arabic headlines); 0 for no word.
        kind: its kind, an index into ``dedup.arabic.word_facts.KINDS``.
        length: how many words there are, shape (n,).
        rises: bit a is set where a word takes side +1 of axis a, shape (n,).
        falls: the same for side -1, shape (n,).
    """

    stem: NDArray[np.uint32]
    skeleton: NDArray[np.uint32]
    weight: NDArray[np.float32]
    kind: NDArray[np.uint8]
    length: NDArray[np.int64]
    rises: NDArray[np.uint64]
    falls: NDArray[np.uint64]

    def take(self, rows: NDArray[np.int64], axis: int = 0) -> Words:
        """The words of some of the headlines, in the order asked for: as arrays are asked, along their first axis."""
        return Words(*(column.take(rows, axis) for column in _COLUMNS(self)))

    def then(self, later: Words) -> Words:
        """These words followed by those of later headlines."""
        return Words(*map(np.concatenate, zip(_COLUMNS(self), _COLUMNS(later), strict=True)))


_COLUMNS = attrgetter(*(field.name for field in fields(Words)))


def tokenize(points: Codes, offsets: Positions) -> Words:
    """The words of n fuzzy keys, given by their code points and where each starts (``shingles.code_points``)."""
    count = len(offsets) - 1
    begins, ends = _bounds(points, offsets)
    first = begins.searchsorted(offsets)
    length = first[1:] - first[:-1]
    place = np.arange(len(begins)) - first[:-1].repeat(length)
    if len(place) and length.max() > MAX_WORDS:
        begins, ends, place = (part[place < MAX_WORDS] for part in (begins, ends, place))
        length = np.minimum(length, MAX_WORDS)
    row = np.arange(count).repeat(length)
    facts = _known.of(TextArray(points, begins, ends))
    cell = row * MAX_WORDS + place

    def matrix(column: str) -> NDArray[Any]:
        values = facts[column]
        filled = np.zeros(count * MAX_WORDS, values.dtype)
        filled[cell] = values
        return filled.reshape(count, MAX_WORDS)

    def union(column: str) -> NDArray[np.uint64]:
        bits, values = np.zeros(count, np.uint64), facts[column]
        some = true_at(values)
        np.bitwise_or.at(bits, row[some], values[some])
        return bits

    return Words(
        stem=matrix("stem"),
        skeleton=matrix("skeleton"),
        weight=matrix("weight"),
        kind=matrix("kind"),
        length=length,
        rises=union("rises"),
        falls=union("falls"),
    )


def _bounds(points: Codes, offsets: Positions) -> tuple[Positions, Positions]:
    """Where words begin and end: at blanks, and where headlines do."""
    edge = np.ones(len(points) + 2, bool)
    edge[1:-1] = points == BLANK
    border = np.zeros(len(points) + 1, bool)
    border[offsets] = True
    inside = ~edge[1:-1]
    return true_at(inside & (edge[:-2] | border[:-1])), true_at(inside & (edge[2:] | border[1:])) + 1


_FACTS = {
    "stem": np.uint32,
    "skeleton": np.uint32,
    "weight": np.float32,
    "kind": np.uint8,
    "rises": np.uint64,
    "falls": np.uint64,
}


SMALL_LOOKUP, WARMUP_AFTER = 64, 50
"""After 50 look-ups of fewer than 64 unknown words each, the caller is streaming headlines: all words of the background
table are described at once, which costs about as much as 50 single look-ups."""


class Vocabulary:
    """What is known of each word that this process has met; a word is described when it is met first.

    Args:
        most: words kept; beyond, all are forgotten and met anew. A million take 60 MB.
    """

    def __init__(self, most: int = 1 << 20) -> None:
        self._most = most
        self._lock = Lock()
        self._forget()

    def of(self, words: TextArray) -> dict[str, NDArray[Any]]:
        """The facts of each word, by name, each of shape (n,)."""
        sums = SubstringHashes(words.codes).of(words.start, words.end)
        with self._lock:
            places = self._met(sums, words)
            return {name: values.take(places) for name, values in self._facts.items()}

    def _met(self, sums: Hashes, words: TextArray) -> NDArray[np.int32]:
        """The places of words; those that are met first are described."""
        places = self._places.find(sums)
        unmet = true_at(places < 0)
        if not len(unmet):
            return places
        if len(self._places) > self._most:
            self._forget()
            unmet = np.arange(len(sums))
        new, first = np.unique(sums[unmet], return_index=True)
        self._add(new, words.take(unmet[first]))
        self._few += len(new) < SMALL_LOOKUP
        if self._few == WARMUP_AFTER:
            self._few += 1
            common = background_words()
            self._met(common.hashes(), common)
        return self._places.find(sums)

    def _add(self, sums: Hashes, words: TextArray) -> None:
        told, count = word_facts(words), len(self._places)
        stems = told.stem.hashes()
        bit = np.uint64(1) << np.maximum(told.axis, 0).astype(np.uint64)
        new = {
            "stem": hash32(stems),
            "skeleton": hash32(told.skeleton.hashes()),
            "weight": idf(stems),
            "kind": told.kind,
            "rises": np.where(told.side > 0, bit, np.uint64(0)),
            "falls": np.where(told.side < 0, bit, np.uint64(0)),
        }
        for name, values in new.items():
            if count + len(sums) > len(self._facts[name]):
                self._facts[name] = np.resize(self._facts[name], 2 * (count + len(sums)))
            self._facts[name][count : count + len(sums)] = values
        self._places.add(sums)

    def _forget(self) -> None:
        self._places, self._few = HashIndex(np.zeros(0, np.uint64)), 0
        self._facts: dict[str, NDArray[Any]] = {name: np.zeros(1 << 10, dtype) for name, dtype in _FACTS.items()}


_known = Vocabulary()
