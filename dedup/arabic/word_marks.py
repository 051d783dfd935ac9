"""What words do in a headline: the acts and deeds that they tell, and how they bear on the words around them.

A *deed* is a kind of event (death, strike, arrest, meeting): words that editors put for one another. An *act* is how
the headline speaks of it: it denies, asks, comments, intends. A *mark* says what a word does to its neighbours: the
word behind بلدة names a place, the word behind لا is negated, a noun counts one, two or many.

Marks of single words become marks in their headline (``marks_in_context``): only there is a word known to name a place
or to be negated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from dedup.arabic import word_frequencies
from dedup.arabic.characters import is_digit
from dedup.arabic.data_files import folded_table
from dedup.arabic.lexicon import PREFIXES, WITH_ARTICLE, with_particles
from dedup.arabic.stems import stem
from dedup.core.hashing import HashIndex, among, true_at
from dedup.core.text_arrays import TextArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedup.arabic.characters import Mask
    from dedup.core.hashing import Hashes

ACTS = (
    "denial", "check", "question", "intent", "reaction", "refusal", "opening", "outcome", "fixture", "result",
    "service", "verify",
)  # fmt: skip
"""What a headline can do besides reporting; bit a of ``acts`` stands for the a-th."""

SITE, IDIOM, EQUAL, JOINED, ONE, TWO, PLACE, NEGATED = (np.uint8(1 << bit) for bit in range(8))
"""Bits of marks: the next word names a place; behind لا it denies nothing; what stands on either side of it may change
places; written onto و; counts one; counts two (with ONE: many); names a place; is negated. A noun counts nothing behind
a number."""

MANY = ONE | TWO
_OF_ONE_WORD = SITE | IDIOM | EQUAL | JOINED | MANY
_MARKS = {"site": SITE, "idiom": IDIOM, "equal": EQUAL}
_CHECK, _VERIFY = (np.uint16(1 << ACTS.index(act)) for act in ("check", "verify"))
_INTENT = np.uint16(1 << ACTS.index("intent"))
_CHECKED_WORDS = 4  # «الوزارة تكشف حقيقة تأجيل …» checks a report, «الحلم يصبح حقيقة» does not
_SHORTEST_VERB = 4
_SHORTEST_NOUN = 4
_OF_VERBS, _BEFORE_NUN = (np.sort(TextArray.of(letters).codes) for letters in ("يت", "ياو"))
_FUTURE_VERBS = np.sort(TextArray.of("يتنا").codes)
_LONGEST_PARTICLE = max(map(len, PREFIXES))
_UNSURE_LETTERS = np.where(WITH_ARTICLE, 0, [len(prefix) for prefix in PREFIXES])
"""How many letters of each particle the stemmer must take off: an article is never part of a word."""


@dataclass(frozen=True, slots=True)
class WordMarks:
    """What n words do, wherever they stand: shapes (n,).

    Attributes:
        marks: bits SITE to TWO.
        acts: bit a for act a of ACTS.
        deed: index into ``deeds()``, -1 for most words.
        noun: index into ``counted_nouns()`` of the noun that the word is a form of, -1 for most words.
    """

    marks: NDArray[np.uint8]
    acts: NDArray[np.uint16]
    deed: NDArray[np.int8]
    noun: NDArray[np.int64]


def word_marks(words: TextArray, stems: TextArray, hashes: Hashes, stem_hashes: Hashes) -> WordMarks:
    """Look up what words do.

    Args:
        words: n words of fuzzy keys.
        stems: their light stems, pieces of an array of the same length in which the words stand at the same places.
        hashes: of the words.
        stem_hashes: of the stems.
    """
    taken_off = stems.start - words.start
    (with_deed, deed), nouns = _deeds(), _counted()
    acts = _acts().look_up(hashes, taken_off).astype(np.uint16)
    marks = _marks().look_up(hashes, taken_off).astype(np.uint8)
    at = nouns.forms.find(hashes, taken_off)
    marks |= np.where(at >= 0, nouns.count[at], 0).astype(np.uint8)
    cut = stems.start > words.start
    marks |= np.where(cut & (words.code(0) == ord("و")), JOINED, 0).astype(np.uint8)
    before = words.codes.take(stems.start - 1, mode="clip") if len(words.codes) else np.zeros(len(words), np.uint32)
    verb = words.codes.take(stems.start, mode="clip") if len(words.codes) else before
    acts |= np.where(cut & (before == ord("س")) & among(verb, _FUTURE_VERBS), _INTENT, 0).astype(np.uint16)
    marks |= np.where(at >= 0, 0, _amounts(words, stems)).astype(np.uint8)
    row = with_deed.find(stem_hashes)
    return WordMarks(marks, acts, np.where(row >= 0, deed[row], np.int8(-1)), np.where(at >= 0, nouns.noun[at], -1))


def _amounts(words: TextArray, stems: TextArray) -> NDArray[np.uint8]:
    """Return how many each word counts by its ending, where no noun is listed: شرطي is one, شرطيين are some.

    A verb before its subject is singular («يغلق المتظاهرون»), so no word that may be a verb counts; nor does one with a
    particle: «عقاران لعلاج» is «علاجان».
    """
    taken, removed = stems.start - words.start, words.end - stems.end
    last, before_last = words.code(-1), words.code(-2)
    first = words.code(0)
    noun = (taken == 0) & ~among(first, _OF_VERBS) & ~is_digit(first) & (stems.end - stems.start >= _SHORTEST_NOUN)
    some = (removed == len("ين")) & (last == ord("ن")) & among(before_last, _BEFORE_NUN)
    one = (removed == 0) | ((removed == 1) & (last == ord("ا")))
    return np.where(noun, np.where(some, MANY, np.where(one, ONE, 0)), 0).astype(np.uint8)


def marks_in_context(
    marks: NDArray[np.uint8], first: Mask, *, place: Mask, negation: Mask, number: Mask
) -> NDArray[np.uint8]:
    """Return the marks of words in their headlines.

    Args:
        marks: of the words of all headlines, one after the other, shape (n,).
        first: which words begin a headline.
        place: which are listed places.
        negation: which negate.
        number: which are numbers.
    """
    marks = marks & _OF_ONE_WORD

    def behind(mask: Mask) -> Mask:
        shifted: Mask = np.zeros(len(mask), bool)
        shifted[1:] = mask[:-1]
        return shifted & ~first

    site = marks & SITE > 0
    named = place | (behind(site) & ~site & ~number & ~negation)
    negated = behind(negation) & (marks & IDIOM == 0)
    result = np.where(behind(number), marks & ~MANY, marks)
    result = result | np.where(named, PLACE, 0) | np.where(negated, NEGATED, 0)
    contextual: NDArray[np.uint8] = result.astype(np.uint8)
    return contextual


def acts_in_context(
    acts: NDArray[np.uint16], place: NDArray[np.int64], length: NDArray[np.int64]
) -> NDArray[np.uint16]:
    """Return the acts of words at their places in headlines of so many words: one that checks stands in front."""
    checks = (place < _CHECKED_WORDS) & (place < length - 1)
    lost = np.where(checks, 0, _CHECK) | np.where(checks & (place > 0), 0, _VERIFY)
    contextual: NDArray[np.uint16] = acts & ~lost.astype(np.uint16)
    return contextual


@cache
def deeds() -> tuple[str, ...]:
    """Return the names of all deeds, at most 64, in the order of their bits."""
    return tuple(dict.fromkeys(folded_table("deeds", "deed", "words", listed="words")["deed"]))


@cache
def counted_nouns() -> TextArray:
    """Return the stems of the nouns that headlines count."""
    singular = folded_table("counted", "singular", "words", "kind", listed="words")["singular"]
    return TextArray.of(stem(singular.unique(maintain_order=True), word_frequencies.vocabulary()))


@dataclass(frozen=True, slots=True)
class _Forms:
    """Listed words with all particles, by hash, and how many letters each form's particle has.

    كبير is not «like a well»: a particle counts as one only where the stemmer, which asks the vocabulary, takes it off.
    """

    words: HashIndex
    particle: NDArray[np.int64]

    def find(self, hashes: Hashes, taken_off: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the index of each word's form, -1 where it is not listed; the stemmer took off so many letters."""
        at = self.words.find(hashes)
        found: NDArray[np.int32] = np.where((at >= 0) & (taken_off >= self.particle[at]), at, np.int32(-1))
        return found


@dataclass(frozen=True, slots=True)
class _Bits:
    """Listed words with all particles, and the bits of each form."""

    forms: _Forms
    bits: NDArray[np.uint64]

    def look_up(self, hashes: Hashes, taken_off: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Return the bits of each word, 0 where it is not listed."""
        at = self.forms.find(hashes, taken_off)
        found: NDArray[np.uint64] = np.where(at >= 0, self.bits[at], np.uint64(0))
        return found


@dataclass(frozen=True, slots=True)
class _Counted:
    """The forms of nouns that headlines count: which noun each is of, and how many it counts."""

    forms: _Forms
    noun: NDArray[np.int64]
    count: NDArray[np.uint8]


def _with_all_particles(words: TextArray, bits: NDArray[np.uint64], *, bare: int = 0) -> _Bits:
    """Return listed words with all particles; with the article they lose the ``bare`` bits."""
    texts, fits = with_particles(words, PREFIXES)
    bits = np.where(WITH_ARTICLE, bits[:, None] & ~np.uint64(bare), bits[:, None]).ravel()
    distinct, at = np.unique(texts.hashes()[fits], return_inverse=True)
    merged, shortest = np.zeros(len(distinct), np.uint64), np.full(len(distinct), _LONGEST_PARTICLE)
    np.bitwise_or.at(merged, at, bits[fits])
    np.minimum.at(shortest, at, np.tile(_UNSURE_LETTERS, len(words))[fits])
    return _Bits(_Forms(HashIndex(distinct), shortest), merged)


@cache
def _acts() -> _Bits:
    listed = folded_table("acts", "act", "words", listed="words")
    bits = np.array([1 << ACTS.index(act) for act in listed["act"]], np.uint64)
    verb = (listed["words"].str.starts_with("ي") & (listed["words"].str.len_chars() >= _SHORTEST_VERB)).to_numpy()
    plural = (listed["words"].str.strip_suffix("ي") + "ون").to_list()  # يتوقع and يتوقعون
    words = [*listed["words"], *(form for form, is_verb in zip(plural, verb, strict=True) if is_verb)]
    # «صحة خبر» checks a report, «الصحة» is the ministry of health
    bare = int(_CHECK | _VERIFY)
    return _with_all_particles(TextArray.of(words), np.concatenate([bits, bits[verb]]), bare=bare)


@cache
def _marks() -> _Bits:
    listed = folded_table("marks", "mark", "words", listed="words")
    return _with_all_particles(
        TextArray.of(listed["words"]), np.array([_MARKS[mark] for mark in listed["mark"]], np.uint64)
    )


@cache
def _deeds() -> tuple[HashIndex, NDArray[np.int8]]:
    """Return the stems that tell a deed, and the index of the deed of each."""
    listed, names = folded_table("deeds", "deed", "words", listed="words"), deeds()
    words = stem(listed["words"], word_frequencies.vocabulary()).to_list()
    deed_of = dict(zip(reversed(words), reversed(listed["deed"].to_list()), strict=True))  # the first listed counts
    index = HashIndex(TextArray.of(deed_of).hashes())
    return index, np.array([names.index(deed) for deed in deed_of.values()], np.int8)


@cache
def _counted() -> _Counted:
    listed = folded_table("counted", "singular", "words", "kind", listed="words")
    nouns = {noun: at for at, noun in enumerate(listed["singular"].unique(maintain_order=True))}
    forms: list[tuple[str, bool, int, int]] = []  # a form, whether it takes the article, its noun, how many it counts

    def add(words: Sequence[str], noun: int, count: int, *, article: bool = True) -> None:
        forms.extend((word, article, noun, count) for word in words)

    for singular, plural, kind in listed.iter_rows():
        noun, open_ = nouns[singular], singular.removesuffix("ه")
        some = kind != "two"
        base = f"{open_}ت" if open_ != singular else singular
        add([singular, f"{singular}ا"] if base == singular else [singular], noun, int(ONE) * some)
        dual = [f"{base}ان", f"{base}ين"] + ([f"{base}ا", f"{base}ي"] if base != singular else [])
        add(dual[:1] if kind == "sound" else dual, noun, int(TWO), article=False)
        if kind != "sound":
            add([f"{base}ان", f"{base}ين"], noun, 0)
        add([plural], noun, int(MANY) * some)
    words, takes_article, noun_of, count_of = zip(*forms, strict=True)
    texts, fits = with_particles(TextArray.of(words), PREFIXES)
    valid = true_at(fits & np.logical_or.outer(takes_article, ~WITH_ARTICLE).ravel())
    # Of two forms that are spelled alike, the first counts.
    distinct, first = np.unique(texts.hashes()[valid], return_index=True)
    form, prefix = np.divmod(valid[first], len(PREFIXES))
    return _Counted(
        _Forms(HashIndex(distinct), _UNSURE_LETTERS[prefix]),
        np.array(noun_of)[form],
        np.array(count_of, np.uint8)[form],
    )
