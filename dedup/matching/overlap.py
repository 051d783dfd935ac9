"""Evidence from words: the information that two headlines share and miss, its order, the facts that agree or clash.

How much is shared is measured in nats: the IDF mass of the stems on both sides, not their number. One rare word that
each side has for itself is a name swapped (``swapped``); three common ones are style. Numbers, ordinals, weekdays,
months and negations are counted apart, as agreeing, clashing (each side has its own) or standing on one side only.

Everything is computed on integer matrices with the pairs along the contiguous axis: comparing word x of all left
headlines with word y of all right ones is one vector operation. Pairs are sorted by length first, so that a block of
eight-word headlines costs 64 of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.arabic.words import KINDS
from dedup.matching.threads import in_threads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dedup.matching.words import Words

Columns = dict[str, "NDArray[np.float32]"]

_CELLS = 1 << 22
"""Pairs × words × words held at once by one thread: four megabytes of booleans."""


def word_evidence(words: Words, left: NDArray[np.int64], right: NDArray[np.int64]) -> Columns:
    """Evidence from the words of each pair.

    Args:
        words: of n headlines.
        left: row of each pair's earlier headline, shape (p,).
        right: row of the later.

    Returns:
        Float32 columns of shape (p,), by name.
    """
    columns: Columns = {}

    def fill(rows: NDArray[np.int64]) -> None:
        for name, values in _compare(words, left[rows], right[rows]).items():
            columns.setdefault(name, np.empty(len(left), np.float32))[rows] = values

    in_threads(fill, _blocks(np.maximum(words.length[left], words.length[right])))
    columns |= _sides(words, left, right)
    return columns


def _compare(words: Words, left: NDArray[np.int64], right: NDArray[np.int64]) -> Columns:
    """The evidence of one block of pairs of similar length."""
    one, other = (_Side(words, rows) for rows in (left, right))
    same = _equal(one.stem, other.stem)
    one.held, other.held = np.bitwise_or.reduce(same, axis=1), np.bitwise_or.reduce(same, axis=0)
    akin = _equal(np.where(one.held, 0, one.skeleton), np.where(other.held, 0, other.skeleton))
    one.akin, other.akin = np.bitwise_or.reduce(akin, axis=1), np.bitwise_or.reduce(akin, axis=0)
    return _information(one, other) | _order(one, same) | _facts(one, other)


def _equal(one: NDArray[np.uint32], other: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Word x of the one equals word y of the other, shape (x, y, pairs); no word (0) equals nothing."""
    absent = np.uint32(0xFFFFFFFF)
    return np.asarray(one[:, None] == np.where(other == 0, absent, other)[None, :])


class _Side:
    """One side of a block of pairs: words along the first axis, pairs along the second."""

    held: NDArray[np.bool_]  # the other side has the same stem
    akin: NDArray[np.bool_]  # it does not, but it has a word of the same skeleton

    def __init__(self, words: Words, rows: NDArray[np.int64]) -> None:
        longest = int(words.length[rows].max(initial=1))
        self.stem = np.ascontiguousarray(words.stem[rows, :longest].T)
        self.skeleton = np.ascontiguousarray(words.skeleton[rows, :longest].T)
        self.weight = np.ascontiguousarray(words.weight[rows, :longest].T)
        self.kind = np.ascontiguousarray(words.kind[rows, :longest].T)
        self.length = words.length[rows]


def _information(one: _Side, other: _Side) -> Columns:
    """What is shared and what is missing, in nats."""
    total = [_sum(side.weight) for side in (one, other)]
    kept = [side.weight * side.held for side in (one, other)]
    shared = [_sum(weights) for weights in kept]
    mass = (shared[0] + shared[1]) / 2
    part = [_share(mine, whole) for mine, whole in zip(shared, total, strict=True)]
    missing = [whole - mine for mine, whole in zip(shared, total, strict=True)]
    akin = [_sum(side.weight * side.akin) for side in (one, other)]
    rarest = [(side.weight * ~(side.held | side.akin)).max(axis=0) for side in (one, other)]
    top = np.sort(kept[0], axis=0)[-3:]
    counts = [side.held.sum(axis=0) for side in (one, other)]
    return {
        "shared": mass,
        "overlap": _share(mass, total[0] + total[1] - mass),
        "contained": np.maximum(*part),
        "contains": np.minimum(*part),
        "akin": (akin[0] + akin[1]) / 2,
        "missing_less": np.minimum(*missing),
        "missing_more": np.maximum(*missing),
        "swapped": np.minimum(*rarest),
        "rarest_missing": np.maximum(*rarest),
        "rarest_shared": top[-1],
        "second_shared": top[-2] if len(top) > 1 else np.zeros_like(mass),
        "third_shared": top[-3] if len(top) > 2 else np.zeros_like(mass),
        "words_shared": np.minimum(*counts),
        "told_less": np.minimum(*total),
        "told_more": np.maximum(*total),
        "words_less": np.minimum(one.length, other.length),
        "words_more": np.maximum(one.length, other.length),
    }


def _order(one: _Side, same: NDArray[np.bool_]) -> Columns:
    """Whether what is shared stands in the same order: editors keep it, a swap of agent and patient does not."""
    shared = one.held.sum(axis=0)
    follows = np.bitwise_or.reduce(same[:-1, :-1] & same[1:, 1:], axis=1).sum(axis=0)
    place = np.maximum.reduce(same * np.arange(1, same.shape[1] + 1, dtype=np.uint8)[None, :, None], axis=1)
    turned = one.held & (place < np.maximum.accumulate(place, axis=0))
    return {
        "in_order": _share(follows, shared - 1),
        "turned": _share(_sum(one.weight * turned), _sum(one.weight * one.held)),
        "lead": same[0, 0] * 1 + (same[1, 1] if min(same.shape[:2]) > 1 else 0),
    }


def _facts(one: _Side, other: _Side) -> Columns:
    """Numbers, ordinals, days and negations that agree, clash (each side has its own) or stand on one side only."""
    columns: Columns = {}
    for fact, kinds in FACTS.items():
        told = [np.isin(side.kind, kinds) for side in (one, other)]
        alone = [(mine & ~side.held).sum(axis=0) for mine, side in zip(told, (one, other), strict=True)]
        columns[f"{fact}_agree"] = (told[0] & one.held).sum(axis=0)
        columns[f"{fact}_clash"] = np.minimum(*alone)
        columns[f"{fact}_extra"] = np.maximum(*alone) - columns[f"{fact}_clash"]
    return columns


def _sides(words: Words, left: NDArray[np.int64], right: NDArray[np.int64]) -> Columns:
    """Axes of polarity (rise or fall, confirm or deny) on which the two agree or clash, or one stands alone."""
    up, down = words.rises & ~words.falls, words.falls & ~words.rises
    one_up, one_down, other_up, other_down = up[left], down[left], up[right], down[right]
    counts = {
        "side_clash": (one_up & other_down) | (one_down & other_up),
        "side_agree": (one_up & other_up) | (one_down & other_down),
        "side_alone": (one_up | one_down) ^ (other_up | other_down),
        "against": one_down ^ other_down,
    }
    return {name: np.bitwise_count(bits).astype(np.float32) for name, bits in counts.items()}


FACTS = {
    "number": tuple(KINDS.index(kind) for kind in ("number", "percent")),
    "ordinal": (KINDS.index("ordinal"),),
    "weekday": (KINDS.index("weekday"),),
    "month": (KINDS.index("month"),),
    "negation": (KINDS.index("negation"),),
    "place": (KINDS.index("place"),),
}
"""Kinds of words that state a fact which either agrees or clashes."""


def _sum(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """The weights of each pair, added word by word.

    NumPy's own sum takes another order for one pair than for many: the last bit would tell what a pair came with.
    """
    sums: NDArray[np.float32] = np.add.accumulate(weights, axis=0)[-1]
    return sums


def _share(part: NDArray[np.generic], whole: NDArray[np.generic]) -> NDArray[np.float32]:
    """The part over the whole, 0 where there is no whole."""
    share = np.zeros(len(whole), np.float32)
    np.divide(part, whole, out=share, where=np.asarray(whole) > 0)
    return share


def _blocks(length: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Pairs in blocks of similar length, as many to a block as fit the cache."""
    order = np.argsort(length, kind="stable")
    if not len(order):
        yield order  # no pairs still have columns
    first = 0
    while first < len(order):
        ahead = order[first : first + (_CELLS >> 2)]
        words = max(int(length[ahead[0]]) + 1, 4)
        block = ahead[: max(_CELLS // words**2, 256)]
        yield block
        first += len(block)
