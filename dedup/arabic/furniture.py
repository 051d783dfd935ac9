"""Remove the furniture around a headline: tags, datelines, bylines, the outlet's own name.

A headline is cut at its separators and brackets into segments. A segment at an edge is removed if the shipped list
(``data/furniture.tsv``), the outlet's own name or furniture learned from the outlet identifies it, repeatedly from both
edges, as long as three words remain. Nothing is removed without a separator, a hash, quotation marks or brackets, but
عاجل in front and بالفيديو at the end (``punctuation.tags_marked``): in «قرض عاجل» the word is content. A place or a
speaker before a colon is content, and so is an agency in quotation marks before a colon («رويترز»: …), which speaks;
without them (رويترز: …, واس / …) it only signs, and the same agency between a place and the text is a dateline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup.arabic import characters
from dedup.arabic.characters import BLANK, NEWLINE
from dedup.arabic.furniture_kinds import (
    AGENCY,
    BYLINE,
    CATEGORY,
    DATE,
    OUTLET,
    OWN_LEAD,
    OWN_TRAIL,
    SECTION,
    TAG,
    TRAIL_AGENCY,
    TRAIL_TAG,
    WIRE,
    kinds,
    listed,
    outlet_ids,
)
from dedup.arabic.punctuation import BAR, CLOSE, COLON, DASH, OPEN, SLASH
from dedup.core.hashing import distinct, true_at
from dedup.core.text_arrays import TextArray, spans

if TYPE_CHECKING:
    from dedup.arabic.characters import Mask
    from dedup.arabic.furniture_kinds import Own
    from dedup.core.hashing import Codes, Positions

MIN_WORDS = 3
"""Number of words that must remain of a headline."""

_NO_TAG = pl.Series("tag", [None], dtype=pl.String)
_ROUNDS = 6  # maximum number of pieces removed from one edge; the most seen is four: section, outlet, two spellings
_DATELINE_WORDS = 3  # words of a place: «أبو ظبي»، «الرياض»، «سان فرانسيسكو»
_NAME_WORDS = 3  # words of a name behind «كتب»
_SEGMENT_WORDS = 6  # words of the longest piece of furniture


@dataclass(frozen=True, slots=True)
class Segments:
    """The k pieces of a batch's headlines between separators and brackets, without blank ones, in order.

    Headlines without any mark have no piece here.

    Attributes:
        row: the headline of each piece, shape (k,).
        start: where the piece begins in the code points, shape (k,).
        end: where it ends, shape (k,).
        before: the strongest mark before it, 0 at the headline's edge, shape (k,).
        after: the strongest mark behind it, 0 at the headline's edge, shape (k,).
        bracketed: whether brackets enclose it, shape (k,).
        words: its number of words, shape (k,).
    """

    row: Positions
    start: Positions
    end: Positions
    before: Codes
    after: Codes
    bracketed: Mask
    words: Positions


def segments(codes: Codes) -> Segments:
    """Cut headlines at the marks from ``punctuation.numbers_and_separators``."""
    marks = true_at(codes <= NEWLINE)  # no other code point is as low
    mark = codes[marks]
    cut = true_at((mark[:-1] != NEWLINE) | (mark[1:] != NEWLINE))  # the pieces of headlines with any mark
    row = (mark[:-1] == NEWLINE).cumsum() - 1
    blanks = true_at(codes == BLANK)
    start, end = marks[cut] + 1, marks[cut + 1]
    filled = end - start > blanks.searchsorted(end) - blanks.searchsorted(start)
    kept, start, end = cut[filled], start[filled], end[filled]
    gaps = blanks[codes[blanks - 1] != BLANK]
    edges = (codes[start] == BLANK).astype(np.int64) + (codes[end - 1] == BLANK)
    words = gaps.searchsorted(end) - gaps.searchsorted(start) - edges + 1
    # Separators and brackets may follow one another («(فيديو) - …»): the separator counts.
    separator = np.where((mark == OPEN) | (mark == CLOSE) | (mark == NEWLINE), np.uint32(0), mark)
    before = np.maximum.reduceat(separator, np.concatenate([[0], kept + 1]))[: len(kept)]
    before[_begins(row[kept])] = 0
    after = np.zeros_like(before)
    after[:-1] = before[1:]
    bracketed = (mark[kept] == OPEN) & (mark[kept + 1] == CLOSE)
    return Segments(row[kept], start, end, before, after, bracketed, words)


def _begins(row: Positions) -> Mask:
    """Return which pieces are the first of their headline."""
    first = np.ones(len(row), bool)
    np.not_equal(row[1:], row[:-1], out=first[1:])
    return first


def texts(codes: Codes, pieces: Segments, selected: Positions) -> TextArray:
    """Return the fuzzily folded words of the selected segments."""
    start, end = pieces.start[selected], pieces.end[selected] + 1
    cut = np.concatenate([[np.uint32(NEWLINE)], codes[spans(start, end)]])
    cut[(end - start).cumsum()] = NEWLINE
    folded = characters.fuzzily_folded(cut)
    repeated = (folded[1:] == BLANK) & (folded[:-1] <= BLANK)
    folded = folded[np.concatenate([[True], ~repeated])]
    folded = folded[~((folded == BLANK) & np.concatenate([folded[1:] == NEWLINE, [False]]))]
    ends = true_at(folded == NEWLINE)
    return TextArray(folded, ends[:-1] + 1, ends[1:])


def stripped(codes: Codes, outlets: pl.Series, own: Own) -> tuple[Codes, pl.Series]:
    """Replace the furniture of headlines by blanks; return the code points, and what was removed (null for nothing).

    Args:
        codes: code points with separators marked, one headline for each row of ``outlets``.
        outlets: each headline's outlet; null where unknown.
        own: the furniture of these outlets, from ``of_outlets``.
    """
    none = _NO_TAG.new_from_index(0, len(outlets))
    if np.count_nonzero(codes <= NEWLINE) == len(outlets) + 1:  # no marks, no furniture
        return codes, none
    pieces = segments(codes)
    # A headline in one piece has no furniture, and a long segment is none.
    edged = (pieces.before > 0) | (pieces.after > 0) | pieces.bracketed
    short = true_at(edged & (pieces.words <= _SEGMENT_WORDS))
    if not len(short):
        return codes, none
    kind = np.zeros(len(pieces.row), np.int64)
    names = outlets.to_list()
    outlet = outlet_ids(names[row] for row in pieces.row[short].tolist())
    kind[short] = kinds(texts(codes, pieces, short), outlet, own)
    kind[_quoted(codes, pieces)] &= ~WIRE
    first = true_at(_begins(pieces.row))
    furnished = true_at(np.maximum.reduceat(kind, first) > 0)
    if not len(furnished):
        return codes, none
    last = np.concatenate([first[1:], [len(pieces.row)]]) - 1
    low, high = _kept_range(pieces, kind, first[furnished], last[furnished])
    removed = np.concatenate([spans(first[furnished], low), spans(high + 1, last[furnished] + 1)])
    if not len(removed):
        return codes, none
    removed.sort()
    changed = codes.copy()
    changed[spans(pieces.start[removed], pieces.end[removed])] = BLANK
    row = pieces.row[removed]
    return changed, none.scatter(distinct(row), _tags(row, texts(codes, pieces, removed)))


def _quoted(codes: Codes, pieces: Segments) -> Mask:
    """Return which pieces began with a quotation mark: where it stood there is one blank more than for a piece."""
    begins = codes[pieces.start - 1] == NEWLINE
    blank, second = codes[pieces.start] == BLANK, codes[pieces.start + 1] == BLANK
    quoted: Mask = blank & (begins | second)
    return quoted


def _kept_range(pieces: Segments, kinds: Positions, low: Positions, high: Positions) -> tuple[Positions, Positions]:
    """Return the first and the last segment to keep of each headline."""
    total = np.concatenate([[0], pieces.words.cumsum()])
    named = np.zeros(len(low), bool)
    for _ in range(_ROUNDS):
        step = _leading(pieces, kinds, low, high)
        step[total[high + 1] - total[np.minimum(low + step, high + 1)] < MIN_WORDS] = 0
        low = low + step
        back = _trailing(pieces, kinds, low, high, named)
        back[total[np.maximum(high + 1 - back, low)] - total[low] < MIN_WORDS] = 0
        named |= (back > 0) & (kinds[high] & (OUTLET | OWN_TRAIL | DATE) > 0)
        high = high - back
        if not (step.any() or back.any()):
            break
    return low, high


def _leading(pieces: Segments, kinds: Positions, low: Positions, high: Positions) -> Positions:
    """Return how many segments (0, 1 or 2) to remove from the beginning."""
    kind, after, bracketed = kinds[low], pieces.after[low], pieces.bracketed[low]
    apart = (after > 0) | bracketed
    byline = (kind & AGENCY > 0) & bracketed
    wire = (kind & WIRE > 0) & (after > 0)
    single = apart & ((kind & (TAG | OWN_LEAD) > 0) | byline | wire | ((kind & CATEGORY > 0) & (after == SLASH)))
    second = np.minimum(low + 1, high)
    place = (pieces.words[low] <= _DATELINE_WORDS) & (second > low)
    ends = (pieces.after[second] > 0) & ((after > 0) | pieces.bracketed[second])
    dateline = place & ends & (kinds[second] & (AGENCY | OWN_LEAD) > 0)
    # Before a colon an outlet speaks; and «الوطن» or «الغد» alone are words.
    single |= (kind & OUTLET > 0) & (pieces.words[low] > 1) & ((after == BAR) | (after == DASH))
    named = (kind & BYLINE > 0) & (after > 0) & (pieces.words[second] <= _NAME_WORDS) & (pieces.after[second] > 0)
    return np.where(dateline | named, 2, single.astype(np.int64))


def _trailing(pieces: Segments, kinds: Positions, low: Positions, high: Positions, named: Mask) -> Positions:
    """Return how many segments (0, 1 or 2) to remove from the end; ``named``: an outlet's name was removed already."""
    kind, before, bracketed = kinds[high], pieces.before[high], pieces.bracketed[high]
    apart = ((before > 0) & (before != COLON)) | bracketed
    listed = (kind & (TRAIL_TAG | TRAIL_AGENCY | OUTLET | OWN_TRAIL)) > 0
    single = apart & (listed | (named & (kind & SECTION > 0)))
    second = np.maximum(high - 1, low)
    dated = apart & (kind & DATE > 0) & (kinds[second] & OUTLET > 0) & (pieces.before[second] > 0)
    signs = (kinds[second] & BYLINE > 0) & (pieces.before[second] > 0) & (before > 0)
    signed = signs & (pieces.words[high] <= _NAME_WORDS)
    return np.where((dated | signed) & (second > low), 2, single.astype(np.int64))


def _tags(row: Positions, removed: TextArray) -> list[str]:
    """Return the removed pieces of each headline, in order, joined by bars."""
    known = listed()
    entry = known.rows.find(removed.hashes())
    codes = np.concatenate([removed.codes, known.shown.codes])
    start, end = (
        np.where(entry >= 0, shown[entry] + len(removed.codes), as_written)
        for shown, as_written in ((known.shown.start, removed.start), (known.shown.end, removed.end))
    )
    more_follow = np.concatenate([row[1:] == row[:-1], [False]])
    separators = TextArray.of([" | ", "\n"]).take(np.where(more_follow, 0, 1))
    text = TextArray(codes, start, end) + separators
    return text.codes[:-1].tobytes().decode("utf-32-le").split("\n")
