"""What a short piece of a headline is: on the shipped list, an outlet's own name or furniture, a date."""

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
_KINDS = {"tag": TAG, "agency": AGENCY, "outlet": OUTLET, "section": SECTION, "category": CATEGORY}
_TRAILING = 256
TRAIL_TAG, TRAIL_AGENCY = TAG * _TRAILING, AGENCY * _TRAILING

# A kind of publication before or after a name: «صحيفة سبق الإلكترونية» is سبق.
_BEFORE_NAMES = np.sort(TextArray.of(["صحيفه", "جريده", "قناه", "موقع", "بوابه", "شبكه", "مجله", "وكاله"]).hashes())
_BEHIND = ("الالكترونيه", "الاخباريه", "الاخباري", "نت", "اونلاين", "نيوز", "com", "net", "news", "online")
_BEHIND_NAMES = np.sort(TextArray.of(_BEHIND).hashes())
_DATES = np.sort(TextArray.of(["0/0/0000", "00/0/0000", "0/00/0000", "00/00/0000"]).hashes())
_OUTLETS = 4_096  # outlets whose names are kept, at least; beyond, all are forgotten and folded anew


@dataclass(frozen=True, slots=True)
class Listed:
    """The shipped list: each text once (folded), as it is shown, and what it can be, as bits."""

    places: HashIndex
    shown: TextArray
    kind: Positions


@dataclass(frozen=True, slots=True)
class Own:
    """The furniture of single outlets: (outlet, bare name) as keys, and what it can be, as bits."""

    keys: Hashes
    bits: Positions
    places: HashIndex


@cache
def listed() -> Listed:
    """The shipped list (``data/furniture.tsv``)."""
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
    """What each short piece of an outlet can be, as bits."""
    known = listed()
    at = known.places.find(texts.hashes())
    found = np.where(at >= 0, known.kind[at], 0)
    if len(own.places):
        at = own.places.find(_keys(outlets, bare_names(texts)))
        found += np.where(at >= 0, own.bits[at], 0)
    if not is_digit(texts.codes).any():
        return found
    dated = true_at(is_digit(texts.code(0)) & is_digit(texts.code(-1)))
    if len(dated):
        digits = texts.take(dated).packed()
        shape = np.where(is_digit(digits.codes), np.uint32(ord("0")), digits.codes)
        shape[(shape == ord(".")) | (shape == ord("-"))] = ord("/")
        found[dated[among(SubstringHashes(shape).of(digits.start, digits.end), _DATES)]] += DATE
    return found


def outlet_ids(outlets: Iterable[str | None]) -> Hashes:
    """A number for each outlet, good for this process; None has one of its own."""
    return np.array([hash(name) for name in outlets], np.int64).view(np.uint64)


def of_outlets(outlets: pl.Series, learned: pl.DataFrame | None = None) -> Own:
    """The furniture of single outlets: their names, and what was learned.

    Args:
        outlets: names of outlets, null where unknown, repeated or not.
        learned: columns ``outlet``, ``edge`` (lead, trail) and ``text``.
    """
    own = _names.of(set(outlets.to_list()) - {None, ""})
    if learned is None or learned.is_empty():
        return own
    bits = np.where((learned["edge"] == "lead").to_numpy(), OWN_LEAD, OWN_TRAIL)
    taught = _keys(outlet_ids(learned["outlet"]), bare_names(TextArray.of(learned["text"])))
    return _merged(np.concatenate([own.keys, taught]), np.concatenate([own.bits, bits]))


class _Names:
    """The names of the outlets that this process has met, each folded once.

    Those of others do no harm: an outlet's name is looked for under this outlet alone.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._met, self._own = _nobody()

    def of(self, names: set[str]) -> Own:
        """The names of these outlets and of others."""
        with self._lock:
            if not names <= self._met:
                if len(self._met) > _OUTLETS:
                    self._met, self._own = _nobody()
                keys = np.concatenate([self._own.keys, _keys_of_names(sorted(names - self._met))])
                self._own = _merged(keys, np.full(len(keys), OWN_LEAD | OWN_TRAIL))
                self._met |= names
            return self._own


def _nobody() -> tuple[set[str], Own]:
    return set(), _merged(np.zeros(0, np.uint64), np.zeros(0, np.int64))


def _keys_of_names(names: list[str]) -> Hashes:
    """The keys of outlets' own names; one of which nothing is left has none."""
    bare = bare_names(TextArray.of(folded_words(pl.Series(names, dtype=pl.String))))
    return _keys(outlet_ids(names), bare)[bare.end > bare.start]


def _merged(keys: Hashes, bits: Positions) -> Own:
    """Two rows that say the same, or lead and trail of one text, become one."""
    distinct, row = np.unique(keys, return_inverse=True)
    merged = np.zeros(len(distinct), np.int64)
    np.bitwise_or.at(merged, row, bits)
    return Own(distinct, merged, HashIndex(distinct))


def _keys(outlets: Hashes, names: TextArray) -> Hashes:
    return outlets * np.uint64(STEP) + names.hashes()


def bare_names(folded: TextArray) -> TextArray:
    """Outlets' folded names without the article, blanks and words such as «صحيفة» and «الإلكترونية»."""
    if not len(folded):
        return folded
    codes = np.concatenate([[np.uint32(NEWLINE)], folded.joined_codes("\n"), [np.uint32(NEWLINE)]])
    edges = true_at(codes <= BLANK)
    start, end = edges[:-1] + 1, edges[1:]
    first, last = codes[start - 1] == NEWLINE, codes[end] == NEWLINE
    row = first.cumsum() - 1
    words = SubstringHashes(codes).of(start, end)
    telling = ~among(words, _BEFORE_NAMES) | last  # a kind of publication alone is a name
    count = telling.cumsum()
    count -= (count - telling)[first][row]  # telling words of the name so far
    head = telling & (count == 1)
    firm = ~among(words, _BEHIND_NAMES) | head
    left = firm.cumsum()
    left = left[last][row] - left + firm  # firm words of the name from here on
    second = codes.take(start + 1, mode="clip")  # of the last word, if nothing is left of it, the text's end
    start = start + 2 * (head & (end - start > 1) & (codes[start] == ord("ا")) & (second == ord("ل")))
    kept = (count > 0) & (left > 0)
    ends = ((end - start) * kept).cumsum()[last]
    return TextArray(codes[spans(start[kept], end[kept])], np.concatenate([[0], ends[:-1]]), ends)


_names = _Names()
