"""Identify short pieces of headlines: pieces of the shipped list, an outlet's own name or furniture, dates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup.arabic.characters import NEWLINE, is_digit
from dedup.arabic.data_files import read_table
from dedup.arabic.exact import folded_words
from dedup.core.hashing import STEP, HashIndex, SubstringHashes, among, true_at
from dedup.core.text_arrays import BLANK, TextArray, spans

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dedup.core.hashing import Hashes, Positions

TAG, AGENCY, OUTLET, SECTION, CATEGORY, DATE, OWN_LEAD, OWN_TRAIL = (1 << bit for bit in range(8))
_KINDS = {
    "tag": TAG,
    "agency": AGENCY,
    "outlet": OUTLET,
    "section": SECTION,
    "category": CATEGORY,
    "wire": 1 << 16,
    "byline": 1 << 17,
}
_TRAILING = 256
TRAIL_TAG, TRAIL_AGENCY = TAG * _TRAILING, AGENCY * _TRAILING
WIRE, BYLINE = _KINDS["wire"], _KINDS["byline"]

# A kind of publication before or after a name: «صحيفة سبق الإلكترونية» is سبق.
_BEFORE_NAMES = np.sort(TextArray.of(["صحيفه", "جريده", "قناه", "موقع", "بوابه", "شبكه", "مجله", "وكاله"]).hashes())
_BEHIND = ("الالكترونيه", "الاخباريه", "الاخباري", "نت", "اونلاين", "نيوز", "com", "net", "news", "online")
_BEHIND_NAMES = np.sort(TextArray.of(_BEHIND).hashes())
_DATES = np.sort(TextArray.of(["0/0/0000", "00/0/0000", "0/00/0000", "00/00/0000"]).hashes())
_MAX_OUTLETS = 4_096  # outlets whose names are cached; when more come, the cache is emptied


@dataclass(frozen=True, slots=True)
class Listed:
    """The shipped list: the row of each folded text, its display form, and its kinds as bits."""

    rows: HashIndex
    shown: TextArray
    kind: Positions


@dataclass(frozen=True, slots=True)
class Own:
    """The furniture of single outlets: hashed (outlet, bare name) pairs, their kinds as bits, and the row of each."""

    keys: Hashes
    bits: Positions
    rows: HashIndex


@cache
def listed() -> Listed:
    """Read the shipped list (``data/furniture.tsv``)."""
    kinds: dict[str, tuple[str, set[int]]] = {}
    table = read_table("furniture", "shown", "kind", "edge")
    for text, (shown, kind, edge) in zip(folded_words(table["shown"]), table.iter_rows(), strict=True):
        bits = _KINDS[kind]
        if kind in {"tag", "agency"}:
            bits = bits * (edge != "trail") + bits * _TRAILING * (edge != "lead")
        kinds.setdefault(text, (shown, set()))[1].add(bits)
    shown = TextArray.of(shown for shown, _ in kinds.values())
    return Listed(HashIndex(TextArray.of(kinds).hashes()), shown, np.array([sum(bits) for _, bits in kinds.values()]))


def kinds(texts: TextArray, outlets: Hashes, own: Own) -> Positions:
    """Return the kinds of each short piece, given its outlet (``outlet_ids``), as bits."""
    known = listed()
    row = known.rows.find(texts.hashes())
    kind = np.where(row >= 0, known.kind[row], 0)
    if len(own.rows):
        row = own.rows.find(_keys(outlets, bare_names(texts)))
        kind += np.where(row >= 0, own.bits[row], 0)
    if not is_digit(texts.codes).any():
        return kind
    dated = true_at(is_digit(texts.code(0)) & is_digit(texts.code(-1)))
    if len(dated):
        digits = texts.take(dated).packed()
        shape = np.where(is_digit(digits.codes), np.uint32(ord("0")), digits.codes)
        shape[(shape == ord(".")) | (shape == ord("-"))] = ord("/")
        kind[dated[among(SubstringHashes(shape).of(digits.start, digits.end), _DATES)]] += DATE
    return kind


def outlet_ids(outlets: Iterable[str | None]) -> Hashes:
    """Return a number for each outlet, valid in this process; None has its own."""
    return np.array([hash(name) for name in outlets], np.int64).view(np.uint64)


def of_outlets(outlets: pl.Series, learned: pl.DataFrame | None = None) -> Own:
    """Return the furniture of single outlets: their names, and the learned pieces.

    Args:
        outlets: names of outlets, null where unknown; may repeat.
        learned: columns ``outlet``, ``edge`` (lead, trail) and ``text``.
    """
    own = _cached_names.of(set(outlets.to_list()) - {None, ""})
    if learned is None or learned.is_empty():
        return own
    bits = np.where((learned["edge"] == "lead").to_numpy(), OWN_LEAD, OWN_TRAIL)
    learned_keys = _keys(outlet_ids(learned["outlet"]), bare_names(TextArray.of(learned["text"])))
    return _merged(np.concatenate([own.keys, learned_keys]), np.concatenate([own.bits, bits]))


class _OutletNames:
    """A cache of the folded names of the outlets that this process has seen.

    It may hold more outlets than a batch has: names are looked up together with their outlet.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._known, self._own = _no_names()

    def of(self, names: set[str]) -> Own:
        """Return the names of these outlets, and perhaps of others."""
        with self._lock:
            if not names <= self._known:
                if len(self._known) > _MAX_OUTLETS:
                    self._known, self._own = _no_names()
                keys = np.concatenate([self._own.keys, _keys_of_names(sorted(names - self._known))])
                self._own = _merged(keys, np.full(len(keys), OWN_LEAD | OWN_TRAIL))
                self._known |= names
            return self._own


def _no_names() -> tuple[set[str], Own]:
    return set(), _merged(np.zeros(0, np.uint64), np.zeros(0, np.int64))


def _keys_of_names(names: list[str]) -> Hashes:
    """Return the keys of outlets' own names; a name without letters has none."""
    bare = bare_names(TextArray.of(folded_words(pl.Series(names, dtype=pl.String))))
    return _keys(outlet_ids(names), bare)[bare.end > bare.start]


def _merged(keys: Hashes, bits: Positions) -> Own:
    """Merge rows with one key, such as lead and trail of one text."""
    distinct, row = np.unique(keys, return_inverse=True)
    merged = np.zeros(len(distinct), np.int64)
    np.bitwise_or.at(merged, row, bits)
    return Own(distinct, merged, HashIndex(distinct))


def _keys(outlets: Hashes, names: TextArray) -> Hashes:
    return outlets * np.uint64(STEP) + names.hashes()


def bare_names(folded: TextArray) -> TextArray:
    """Reduce folded names of outlets to their distinctive words, without article, blanks and kinds of publication.

    «صحيفة» and «الإلكترونية» are such kinds.
    """
    if not len(folded):
        return folded
    codes = np.concatenate([[np.uint32(NEWLINE)], folded.joined_codes("\n"), [np.uint32(NEWLINE)]])
    edges = true_at(codes <= BLANK)
    start, end = edges[:-1] + 1, edges[1:]
    first, last = codes[start - 1] == NEWLINE, codes[end] == NEWLINE
    row = first.cumsum() - 1
    words = SubstringHashes(codes).of(start, end)
    distinctive = ~among(words, _BEFORE_NAMES) | last  # a kind of publication alone is a name
    count = distinctive.cumsum()
    count -= (count - distinctive)[first][row]  # distinctive words of the name so far
    head = distinctive & (count == 1)
    firm = ~among(words, _BEHIND_NAMES) | head
    remaining = firm.cumsum()
    remaining = remaining[last][row] - remaining + firm  # firm words of the name from here on
    second = codes.take(start + 1, mode="clip")  # an empty last word reads the end of the text
    start = start + 2 * (head & (end - start > 1) & (codes[start] == ord("ا")) & (second == ord("ل")))
    kept = (count > 0) & (remaining > 0)
    ends = ((end - start) * kept).cumsum()[last]
    return TextArray(codes[spans(start[kept], end[kept])], np.concatenate([[0], ends[:-1]]), ends)


_cached_names = _OutletNames()
