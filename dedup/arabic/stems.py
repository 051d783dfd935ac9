"""Light stems of words, for matching evidence and blocking only, never for keys.

The stemmer was chosen on silver pairs: how well the IDF-weighted Jaccard of two headlines' stems separates pairs whose
articles agree (Jaccard of the bodies at least 0.4) from pairs whose articles do not (below 0.03). Average precision and
area under the ROC curve, egypt2013 / saudi2015:

    stems are                                              AP               AUC
    the words of the key                                   0.521 / 0.604    0.754 / 0.702
    without the article                                    0.526 / 0.617    0.753 / 0.708
    and و ف where four letters remain                      0.525 / 0.619    0.750 / 0.708
    and و ف ب ل ك where four letters remain                0.530 / 0.624    0.749 / 0.710
    and و ف ب ل ك س where the rest is a word               0.532 / 0.626    0.751 / 0.711
    that, and ت as ي before a verb, no future س            0.533 / 0.628    0.752 / 0.713
    that, and two suffixes where four letters remain       0.533 / 0.634    0.748 / 0.716
    (this one; as here, with words of three headlines)     0.532 / 0.634    0.747 / 0.717

So a particle is removed where the background vocabulary has the rest as a word, more often than the full word (وزير is
not «and زير»); removing suffixes costs nothing and helps blocking. Tried and dropped: suffixes
down to three letters (0.530 / 0.628), three suffixes, a suffix without ا (0.530 / 0.630).

All words are processed at once, as pieces of one array: removing a particle moves a piece's start, and the vocabulary
is queried by the hash of the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup.arabic.characters import is_digit
from dedup.core.hashing import STEP, SubstringHashes, among, true_at
from dedup.core.text_arrays import TextArray, spans

if TYPE_CHECKING:
    from dedup.arabic.characters import Mask
    from dedup.arabic.word_frequencies import Counts
    from dedup.core.hashing import Codes, Hashes, Positions


def _letters(letters: str) -> Codes:
    return np.sort(TextArray.of(letters).codes)


_CONJUNCTION, _PREPOSITION = _letters("وف"), _letters("بلكس")
_BEFORE_ARTICLE, _OF_VERBS = _letters("بكف"), _letters("يتن")
_ENDINGS = np.sort(TextArray.of(["ات", "ون", "ين", "ان", "يه", "ها", "هم", "وا"]).hashes())
_LAST_LETTERS = _letters("هيا")
_SHORTEST, _SHORTEST_BEFORE_ENDING = 3, 4  # letters that remain of a word without its particle, and without its ending
_ARTICLE = TextArray.of(["ال"]).hashes()


def stem(words: pl.Series, vocabulary: Counts) -> pl.Series:
    """Return the stems of a column of words (none null).

    Examples:
        >>> from dedup.arabic.word_frequencies import vocabulary
        >>> stem(pl.Series(["والمدرسين"]), vocabulary()).to_list()
        ['مدرس']
    """
    return pl.Series("stem", stems(TextArray.of(words), vocabulary).strings(), dtype=pl.String)


def stems(words: TextArray, vocabulary: Counts) -> TextArray:
    """Return the light stems of words; words with a digit stay as they are.

    Args:
        words: words of fuzzy keys.
        vocabulary: the words that exist, with their counts.
    """
    words = words.packed()
    if not len(words.codes):
        return words
    codes = words.codes.copy()
    bare = _without_article(words)
    short = np.where(bare > words.start, bare, _without_particles(words, vocabulary))
    _to_third_person(TextArray(codes, short, words.end), vocabulary)
    short = _without_future(TextArray(codes, short, words.end), vocabulary)
    end = words.end
    for _ in range(2):
        end = _without_ending(TextArray(codes, short, end))
    numeric = contain_digits(words)
    if not numeric.any():
        return TextArray(codes, short, end)
    codes = np.where(numeric.repeat(words.end - words.start), words.codes, codes)
    return TextArray(codes, np.where(numeric, words.start, short), np.where(numeric, words.end, end))


def contain_digits(texts: TextArray) -> Mask:
    """Return which texts contain a digit."""
    counts = np.concatenate([[0], is_digit(texts.codes).cumsum()])
    contains: Mask = counts[texts.end] > counts[texts.start]
    return contains


def _without_article(words: TextArray) -> Positions:
    """Return where each word begins without article and conjunction, if three letters remain."""
    start = words.start + among(words.code(0), _CONJUNCTION)
    rest = TextArray(words.codes, start, words.end)
    first, second, third = (rest.code(offset) for offset in range(3))
    alef, lam = ord("ا"), ord("ل")
    particle = among(first, _BEFORE_ARTICLE) & (second == alef) & (third == lam)  # بال كال فال
    article = (second == lam) & ((first == alef) | (first == lam))  # ال لل
    length = np.where(particle, 3, 2 * article)
    enough = (length > 0) & (words.end - start - length >= _SHORTEST)
    return np.where(enough, start + length, words.start)


def _without_particles(words: TextArray, vocabulary: Counts) -> Positions:
    """Return where each word begins without particles of one letter, where the vocabulary has the rest."""
    hashes, start = SubstringHashes(words.codes), words.start.copy()
    for letters in (_CONJUNCTION, _PREPOSITION):
        first = TextArray(words.codes, start, words.end).code(0)
        begins = true_at(among(first, letters) & (words.end - start > _SHORTEST))
        if not len(begins):
            continue
        first_letter, end = start[begins], words.end[begins]
        forms = np.concatenate([hashes.of(first_letter, end), hashes.of(first_letter + 1, end)])
        counts = vocabulary.of(np.concatenate([forms, _with_article(forms)]))
        full, rest, full_with_article, rest_with_article = counts.reshape(4, -1)
        rest_total = rest + rest_with_article
        start[begins] += (rest > 0) & (rest_total > full_with_article) & (rest_total >= full)
    return start


def _with_article(hashes: Hashes) -> Hashes:
    """Return the hashes of texts with the article before them, from their own hashes."""
    return _ARTICLE + np.uint64(STEP * STEP % (1 << 64)) * hashes


def _to_third_person(words: TextArray, vocabulary: Counts) -> None:
    """Replace a ت that begins a verb by ي, where the vocabulary has the word with ي."""
    begins = true_at((words.code(0) == ord("ت")) & (words.end - words.start > _SHORTEST))
    if len(begins):
        first_letter = words.start[begins]
        words.codes[first_letter] = ord("ي")
        unknown = first_letter[vocabulary.of(words.take(begins).hashes()) == 0]
        words.codes[unknown] = ord("ت")


def _without_future(words: TextArray, vocabulary: Counts) -> Positions:
    """Return where each word begins without the س of the future, where the vocabulary has the verb."""
    verb = (words.code(0) == ord("س")) & among(words.code(1), _OF_VERBS)
    begins = true_at(verb & (words.end - words.start > _SHORTEST + 1))
    if not len(begins):
        return words.start
    start = words.start.copy()
    start[begins] += vocabulary.of(TextArray(words.codes, start[begins] + 1, words.end[begins]).hashes()) > 0
    return start


def _without_ending(words: TextArray) -> Positions:
    """Return where each word ends without one suffix, if four letters remain."""
    length = words.end - words.start
    last, before = words.code(-1), words.code(-2)
    two = true_at(length >= _SHORTEST_BEFORE_ENDING + 2)
    ends = np.zeros(len(words), np.int64)
    ends[(length > _SHORTEST_BEFORE_ENDING) & among(last, _LAST_LETTERS)] = 1
    pair = np.stack([before[two], last[two]], axis=1).ravel()
    start = 2 * np.arange(len(two))
    ends[two[among(SubstringHashes(pair).of(start, start + 2), _ENDINGS)]] = 2
    return words.end - ends


_CONFUSED = {"جغقك": "ك", "ثس": "س", "زذظض": "ز", "تط": "ت", "حخ": "ح", "فڤ": "ف", "بپ": "ب"}
_SOUNDS = np.arange(0x700, dtype=np.uint32)
for _letters_of_sound, _sound in _CONFUSED.items():
    _SOUNDS[TextArray.of(_letters_of_sound).codes] = ord(_sound)
_WEAK, _DERIVING = _letters("اويهءى"), _letters("ميتنا")
_BEFORE_FIFTH = _letters("ميتن")
_FIRM, _FIRM_ROOT = 2, 3  # letters that must remain


def skeletons(stems: TextArray) -> TextArray:
    """Reduce stems to their skeletons: firm consonants by how they sound.

    Prefixes that derive verbs and participles, long vowels and hamza are removed, and letters that transliteration
    confuses become one. So بورجاس and بورغاس have one skeleton, and so have تكريم, يكرم and مكرم. It is far too coarse
    for a key: evidence uses it to see whether two different words are related. A stem of fewer than two firm consonants
    is left as it is.
    """
    stems = stems.packed()
    if not len(stems.codes):
        return stems
    first, second, third = (stems.code(offset) for offset in range(3))
    deriving = among(first, _DERIVING)
    tenth = deriving & (second == ord("س")) & (third == ord("ت"))
    firm = ~among(stems.codes, _WEAK)
    counts = np.concatenate([[0], firm.cumsum()])
    root = stems.start + np.where(tenth, 3, deriving)
    fifth = among(first, _BEFORE_FIFTH) & (second == ord("ت"))  # يتسبب and تسبب
    root = root + (fifth & (counts[stems.end] - counts[np.minimum(root + 1, stems.end)] >= _FIRM_ROOT))
    rooted = counts[stems.end] - counts[root] >= _FIRM_ROOT
    bare = rooted | (counts[stems.end] - counts[stems.start] >= _FIRM)
    numeric = contain_digits(stems)
    lengths = stems.end - stems.start
    kept = firm | (~bare | numeric).repeat(lengths)
    prefixed = rooted & ~numeric
    kept[spans(stems.start[prefixed], root[prefixed])] = False
    sounds = np.where(numeric.repeat(lengths) | (stems.codes >= len(_SOUNDS)), stems.codes, _sounding(stems.codes))
    ends = np.concatenate([[0], kept.cumsum()])
    return TextArray(sounds[kept], ends[stems.start], ends[stems.end])


def _sounding(codes: Codes) -> Codes:
    return _SOUNDS.take(codes.astype(np.intp), mode="clip")
