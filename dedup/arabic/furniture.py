"""What outlets put around a headline: tags, datelines, bylines, their own names.

A headline is cut at its separators and brackets into segments; a segment at an edge goes when the shipped list
(``data/furniture.tsv``), the outlet's own name, or furniture learned from the outlet says what it is, again and again
from both edges, as long as three words remain. Nothing goes without a separator or brackets: in «قرض عاجل» the word
is content. A place or a speaker before a colon is content, and so is an agency before a colon («رويترز»: …), which
speaks; the same agency between a place and the text is a dateline.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup.arabic import characters
from dedup.arabic.characters import BLANK, NEWLINE
from dedup.arabic.punctuation import CLOSE, COLON, OPEN, SLASH
from dedup.arabic.tables import folded_words, read_table

if TYPE_CHECKING:
    from dedup.arabic.characters import Codes, Mask, Positions

FEWEST_WORDS = 3
"""What must remain of a headline."""

_ROUNDS = 6  # at most so many pieces go from one edge; the longest seen is four: section, outlet, two spellings of it
_DATELINE_WORDS = 3  # a place: «أبو ظبي»، «الرياض»، «سان فرانسيسكو»
_SEGMENT_WORDS = 6  # no piece of furniture is longer

TAG, AGENCY, OUTLET, SECTION, CATEGORY, DATE, OWN_LEAD, OWN_TRAIL = (1 << bit for bit in range(8))
_KINDS = {"tag": TAG, "agency": AGENCY, "outlet": OUTLET, "section": SECTION, "category": CATEGORY}

# A kind of publication before or after a name: «صحيفة سبق الإلكترونية» is سبق.
_GENERIC = (
    "^(?:(?:صحيفه|جريده|قناه|موقع|بوابه|شبكه|مجله|وكاله|وكاله انباء) )+"
    "|(?: (?:الالكترونيه|الاخباريه|الاخباري|نت|اونلاين|نيوز|com|net|news|online))+$"
)


@dataclass(frozen=True, slots=True)
class Segments:
    """The pieces of a batch's headlines between separators and brackets, blank ones left out, in order.

    Headlines in one piece, without any mark, have none here.

    ``row`` is the headline, ``start`` and ``end`` the place in the code points, ``before`` and ``after`` the strongest
    mark on each side (0 where only a headline's edge is), ``bracketed`` whether brackets enclose it, ``words`` how many
    it has.
    """

    row: Positions
    start: Positions
    end: Positions
    before: Codes
    after: Codes
    bracketed: Mask
    words: Positions


def segments(codes: Codes) -> Segments:
    """Cut the headlines at the marks that ``punctuation.numbers_and_separators`` left."""
    marks = np.flatnonzero(codes <= NEWLINE)  # no other code point is as low
    mark = codes[marks]
    cut = np.flatnonzero((mark[:-1] != NEWLINE) | (mark[1:] != NEWLINE))  # the pieces of headlines with any mark
    row = np.cumsum(mark[:-1] == NEWLINE) - 1
    blanks = np.flatnonzero(codes == BLANK)
    start, end = marks[cut] + 1, marks[cut + 1]
    filled = end - start > np.searchsorted(blanks, end) - np.searchsorted(blanks, start)
    kept, start, end = cut[filled], start[filled], end[filled]
    gaps = blanks[codes[blanks - 1] != BLANK]
    edges = (codes[start] == BLANK).astype(np.int64) + (codes[end - 1] == BLANK)
    words = np.searchsorted(gaps, end) - np.searchsorted(gaps, start) - edges + 1
    # Separators and brackets may follow one another («(فيديو) - …»): what counts is the separator among them.
    separator = np.where((mark == OPEN) | (mark == CLOSE) | (mark == NEWLINE), np.uint32(0), mark)
    before = np.maximum.reduceat(separator, np.r_[0, kept + 1])[: len(kept)]
    before[np.diff(row[kept], prepend=-1) > 0] = 0
    after = np.r_[before[1:], np.uint32(0)][: len(before)]
    bracketed = (mark[kept] == OPEN) & (mark[kept + 1] == CLOSE)
    return Segments(row[kept], start, end, before, after, bracketed, words)


def texts(codes: Codes, pieces: Segments, which: Positions) -> pl.Series:
    """The fuzzily folded words of some segments."""
    if not len(which):
        return pl.Series([], dtype=pl.String)
    start, end = pieces.start[which], pieces.end[which] + 1
    cut = np.r_[np.uint32(NEWLINE), codes[spans(start, end)]]
    cut[np.cumsum(end - start)] = NEWLINE
    return characters.decode(characters.fuzzily_folded(cut)).str.replace_all(" {2,}", " ").str.strip_chars(" ")


def stripped(codes: Codes, outlets: pl.Series, own: pl.DataFrame) -> tuple[Codes, pl.Series]:
    """The headlines without their furniture (blanks in its place), and what went (null where nothing did).

    Args:
        codes: code points with separators marked, one headline for each row of ``outlets``.
        outlets: each headline's outlet; null where unknown.
        own: the furniture of these outlets, from ``of_outlets``.
    """
    pieces = segments(codes)
    # A headline in one piece has no furniture, and a long segment is none.
    edged = (pieces.before > 0) | (pieces.after > 0) | pieces.bracketed
    short = np.flatnonzero(edged & (pieces.words <= _SEGMENT_WORDS))
    if not len(short):
        return codes, pl.repeat(None, len(outlets), dtype=pl.String, eager=True)
    text = texts(codes, pieces, short)
    kinds = np.zeros(len(pieces.row), np.int64)
    kinds[short] = _kinds(text, outlets.gather(pieces.row[short]), own)
    first = np.flatnonzero(np.diff(pieces.row, prepend=-1) > 0)
    last = np.flatnonzero(np.diff(pieces.row, append=len(outlets)) > 0)
    busy = np.flatnonzero(np.maximum.reduceat(kinds, first) > 0)
    low, high = _kept_range(pieces, kinds, first[busy], last[busy])
    gone = np.concatenate([spans(first[busy], low), spans(high + 1, last[busy] + 1)])
    if not len(gone):
        return codes, pl.repeat(None, len(outlets), dtype=pl.String, eager=True)
    gone.sort()  # every one of them is short, for it has a kind, but for the places of datelines
    changed = codes.copy()
    changed[spans(pieces.start[gone], pieces.end[gone])] = BLANK
    return changed, _tags(pieces.row[gone], texts(codes, pieces, gone), len(outlets))


def _kept_range(pieces: Segments, kinds: Positions, low: Positions, high: Positions) -> tuple[Positions, Positions]:
    """The first and the last segment that stay, of each headline."""
    total = np.cumsum(np.r_[0, pieces.words])
    named = np.zeros(len(low), bool)
    for _ in range(_ROUNDS):
        step = _leading(pieces, kinds, low, high)
        step[total[high + 1] - total[np.minimum(low + step, high + 1)] < FEWEST_WORDS] = 0
        low = low + step
        back = _trailing(pieces, kinds, low, high, named)
        back[total[np.maximum(high + 1 - back, low)] - total[low] < FEWEST_WORDS] = 0
        named |= (back > 0) & (kinds[high] & (OUTLET | OWN_TRAIL | DATE) > 0)
        high = high - back
        if not (step.any() or back.any()):
            break
    return low, high


def _leading(pieces: Segments, kinds: Positions, low: Positions, high: Positions) -> Positions:
    """How many segments (0, 1 or 2) go from the beginning."""
    kind, after, bracketed = kinds[low], pieces.after[low], pieces.bracketed[low]
    apart = (after > 0) | bracketed
    byline = (kind & AGENCY > 0) & bracketed
    one = apart & ((kind & (TAG | OWN_LEAD) > 0) | byline | ((kind & CATEGORY > 0) & (after == SLASH)))
    second = np.minimum(low + 1, high)
    place = (pieces.words[low] <= _DATELINE_WORDS) & (second > low)
    ends = (pieces.after[second] > 0) & ((after > 0) | pieces.bracketed[second])
    dateline = place & ends & (kinds[second] & (AGENCY | OWN_LEAD) > 0)
    return np.where(dateline, 2, one.astype(np.int64))


def _trailing(pieces: Segments, kinds: Positions, low: Positions, high: Positions, named: Mask) -> Positions:
    """How many segments (0, 1 or 2) go from the end. ``named`` says where an outlet's name already went."""
    kind, before, bracketed = kinds[high], pieces.before[high], pieces.bracketed[high]
    apart = ((before > 0) & (before != COLON)) | bracketed
    listed = (kind & (_TRAIL_TAG | _TRAIL_AGENCY | OUTLET | OWN_TRAIL)) > 0
    one = apart & (listed | (named & (kind & SECTION > 0)))
    second = np.maximum(high - 1, low)
    dated = apart & (kind & DATE > 0) & (kinds[second] & OUTLET > 0) & (pieces.before[second] > 0)
    return np.where(dated & (second > low), 2, one.astype(np.int64))


def spans(start: Positions, end: Positions) -> Positions:
    """All positions from each start up to, not including, its end."""
    length = end - start
    return np.repeat(start - np.cumsum(length) + length, length) + np.arange(length.sum())


def _tags(row: Positions, text: pl.Series, rows: int) -> pl.Series:
    """What was taken from each headline, in order."""
    taken = pl.DataFrame({"row": row, "text": text}).join(_listed(), on="text", how="left", maintain_order="left")
    tags = taken.group_by("row", maintain_order=True).agg(pl.coalesce("shown", "text").str.join(" | "))
    none = pl.repeat(None, rows, dtype=pl.String, eager=True)
    return none if tags.is_empty() else none.scatter(tags["row"], tags["shown"])


@cache
def _listed() -> pl.DataFrame:
    """The shipped list: ``text`` (folded), ``shown`` (as it is written), ``kind`` (bits)."""
    table = read_table("furniture", "shown", "kind", "edge")
    lead, trail = pl.col("edge") != "trail", pl.col("edge") != "lead"
    bits = pl.col("kind").replace_strict(_KINDS, return_dtype=pl.Int64)
    tag, agency = pl.col("kind") == "tag", pl.col("kind") == "agency"
    kind = (
        pl.when(tag | agency)
        .then(pl.when(lead).then(bits).otherwise(0) + pl.when(trail).then(bits * _TRAILING).otherwise(0))
        .otherwise(bits)
    )
    return (
        table.with_columns(kind=kind, text=folded_words(table["shown"]))
        .group_by("text", maintain_order=True)
        .agg(pl.col("shown").first(), pl.col("kind").unique().sum())
    )


_TRAILING = 256
_TRAIL_TAG, _TRAIL_AGENCY = TAG * _TRAILING, AGENCY * _TRAILING


def _kinds(text: pl.Series, outlets: pl.Series, own: pl.DataFrame) -> Positions:
    """What each short segment of an outlet can be, as bits."""
    named = pl.DataFrame({"text": text, "outlet": outlets, "name": bare_name(text)})
    named = named.join(_listed(), on="text", how="left", maintain_order="left")
    named = named.join(own, on=["outlet", "name"], how="left", maintain_order="left")
    dated = pl.col("text").str.contains(r"^[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}$")
    kinds = named.select(
        pl.col("kind").fill_null(0) + pl.col("own").fill_null(0) + pl.when(dated).then(DATE).otherwise(0)
    )
    return kinds.to_series().to_numpy()


def of_outlets(outlets: pl.Series, learned: pl.DataFrame | None = None) -> pl.DataFrame:
    """The furniture of single outlets: their names, and what was learned.

    Args:
        outlets: names of outlets, null where unknown, repeated or not.
        learned: columns ``outlet``, ``edge`` (lead, trail) and ``text``.

    Returns:
        Columns ``outlet``, ``name`` (as ``bare_name`` writes it) and ``own`` (bits).
    """
    names = outlets.drop_nulls().unique(maintain_order=True)
    own = pl.DataFrame({"outlet": names, "name": bare_name(folded_words(names))}).with_columns(own=OWN_LEAD | OWN_TRAIL)
    parts = [own.filter(pl.col("name") != "").cast({"own": pl.Int64})]
    if learned is not None:
        bits = pl.when(pl.col("edge") == "lead").then(OWN_LEAD).otherwise(OWN_TRAIL).cast(pl.Int64)
        parts.append(learned.select("outlet", bare_name(learned["text"]).alias("name"), bits.alias("own")))
    # Two rows that say the same, or lead and trail of one text, become one.
    return pl.concat(parts).group_by("outlet", "name", maintain_order=True).agg(pl.col("own").bitwise_or())


def bare_name(folded: pl.Series) -> pl.Series:
    """An outlet's folded name without the article, blanks and words such as «صحيفة» and «الإلكترونية»."""
    return folded.str.replace_all(_GENERIC, "").str.strip_prefix("ال").str.replace_all(" ", "", literal=True)
