"""What an index is on a Redis server: sixteen keys, whatever it holds.

All names begin with the prefix in braces, so that a cluster keeps them together. Headlines are hash fields, not keys of
their own: a key costs the server some 90 bytes more than a field, and the keys of an index must come and go together.

============== ========= ==============================================================================================
key            type      holds
============== ========= ==============================================================================================
head           hash      token of the last transaction; batch, epoch, row, latest: the position; ``by``, the token
                         that wrote the batch; ``matches``, how many; ``passport``
lock           string    token of the transaction that is being written
rows           hash      row: a headline, as JSON (``packed``)
ids            hash      headline id: row
story          hash      row: story, for headlines that did not begin theirs
members        hash      story: the other rows of it, "7,12"
right, left    hash      row: its matches with earlier ones "5 0.91 copy;2 0.8 same-news", and the later ones "9,14"
former,        hash      row: a pruned headline whose story is still there; id: its row
former_ids
published,     sorted    rows by time of publication, or by the latest time when they came, microseconds
undated        set
days           sorted    titles (``title_hash``) by the last day on which they ran
               set
recent         hash      title: bits of its days (``Days.recent``), for titles that ran on more than one
batches        stream    one entry a batch: ``by`` and the touches
snapshots      hash      batch: what the touches up to it come to; the last two
============== ========= ==============================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from dedup.index.recurrence import Days
from dedup.index.storage.protocol import Match, Member, Recalled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dedup.index.storage.protocol import Remembered

NAMES = (
    "head", "lock", "rows", "ids", "story", "members", "right", "left", "former", "former_ids", "published", "undated",
    "days", "recent", "batches", "snapshots",
)  # fmt: skip
"""The keys, in the order in which the scripts take them."""

HEAD = ("token", "batch", "epoch", "row", "latest", "by")
"""Fields of the head, in the order in which the scripts tell them."""


def packed(headline: Remembered) -> bytes:
    """A headline as a value: a JSON array.

    It holds id, outlet, title, url, published, source, exact key and fuzzy key (null where the one before says the
    same), tag, recurs.
    """
    _, headline_id, outlet, title, url, published, source, exact, fuzzy, tag, recurs, *_ = headline
    return repacked([headline_id, outlet, title, url, published, source], exact, fuzzy, tag, recurs)


def repacked(item: list[object], exact: str, fuzzy: str, tag: str | None, recurs: int) -> bytes:
    """A headline as a value, with these keys; ``item`` is what stands before them."""
    title = item[2]
    keys = (None if exact == title else exact, None if fuzzy == exact else fuzzy, tag, recurs)
    return orjson.dumps((*item[:6], *keys))


def columns(row: int, story: int, value: bytes) -> tuple[object, ...]:
    """The KEYS of a headline, and row, story, recurs."""
    headline_id, outlet, title, url, published, source, exact, fuzzy, tag, recurs = orjson.loads(value)
    exact = title if exact is None else exact
    fuzzy = exact if fuzzy is None else fuzzy
    return headline_id, outlet, title, url, published, source, exact, fuzzy, tag, row, story, recurs


def recalled(row: int, value: bytes) -> Recalled:
    """A headline as the board needs it."""
    _, outlet, title, _, published, _, exact, fuzzy, _, recurs = orjson.loads(value)
    key = next((key for key in (fuzzy, exact) if key is not None), title)
    return Recalled(row, published, outlet, key, recurs)


def member(row: int, story: int, value: bytes) -> Member:
    """A headline of a story."""
    headline_id, outlet, _, _, published, *_ = orjson.loads(value)
    return Member(row, story, headline_id, outlet, published)


def match_text(match: Match) -> str:
    """A match as part of the value of its right side."""
    return f"{match.left} {match.score!r} {match.relation}"


def matches_of(right: int, text: bytes | None) -> Iterator[Match]:
    """The matches that stand in the value of a right side."""
    for one in text.decode().split(";") if text else ():
        left, score, relation = one.split(" ")
        yield Match(right, int(left), float(score), relation)


def days_of(last: float, text: bytes | None) -> Days:
    """The days of a title."""
    return Days(int(last)) if text is None else Days(int(last), int(text))


def listed(rows: Iterable[int]) -> str:
    """Rows as one value."""
    return ",".join(map(str, rows))
