"""The layout of an index on a Redis server: sixteen keys, whatever it holds.

All names begin with the prefix in braces, so that a cluster keeps them on one node. Headlines are hash fields, not keys
of their own: a key costs the server some 90 bytes more than a field, and the keys of an index must expire together.

============== ========= ==============================================================================================
key            type      content
============== ========= ==============================================================================================
head           hash      ``token`` of the last transaction; ``batch``, ``epoch``, ``row``, ``latest``: the position;
                         ``by``: token of the transaction that wrote the batch; ``matches``: their number;
                         ``sizes``: numbers of entries of the other keys; ``created``: identifies the index;
                         ``fingerprint``
lock           string    token of the transaction that is being written
rows           hash      row: a headline as JSON (``encode_headline``)
ids            hash      headline id: row
story          hash      row: story, for headlines that joined the story of another one
members        hash      story: its other rows, "7,12"
right, left    hash      row: its matches with earlier rows "5 0.91 copy;2 0.8 same-news", and the later rows "9,14"
pruned,        hash      row: a pruned headline whose story still exists; id: its row
pruned_ids
published,     sorted    rows by time of publication, or by the latest time known when they were added, microseconds
undated        set
days           sorted    title hashes by the last day on which they ran
               set
masks          hash      title hash: ``RunDays.mask``, for titles that ran on more than one day
batches        stream    one entry per batch: ``by`` and ``deltas``
snapshots      hash      batch: sum of the deltas up to it; the last two
============== ========= ==============================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from dedup.index.recurrence import RunDays
from dedup.index.storage.protocol import Match, Member, WindowHeadline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dedup.index.storage.protocol import StoredHeadline

NAMES = (
    "head", "lock", "rows", "ids", "story", "members", "right", "left", "pruned", "pruned_ids", "published", "undated",
    "days", "masks", "batches", "snapshots",
)  # fmt: skip
"""The keys, in the order in which the scripts take them."""


def encode_headline(headline: StoredHeadline) -> bytes:
    """Return a headline as a JSON array.

    It holds id, outlet, title, url, published, source, exact key and fuzzy key (null if equal to the field before),
    tag, recurs.
    """
    _, headline_id, outlet, title, url, published, source, exact, fuzzy, tag, recurs, *_ = headline
    return encode_item([headline_id, outlet, title, url, published, source], exact, fuzzy, tag, recurs)


def encode_item(item: list[object], exact: str, fuzzy: str, tag: str | None, recurs: int) -> bytes:
    """Return a headline as a JSON array; ``item`` holds the fields before the keys."""
    title = item[2]
    keys = (None if exact == title else exact, None if fuzzy == exact else fuzzy, tag, recurs)
    return orjson.dumps((*item[:6], *keys))


def decode_keys(row: int, story: int, value: bytes) -> tuple[object, ...]:
    """Return KEYS, row, story and recurs of a headline."""
    headline_id, outlet, title, url, published, source, exact, fuzzy, tag, recurs = orjson.loads(value)
    exact = title if exact is None else exact
    fuzzy = exact if fuzzy is None else fuzzy
    return headline_id, outlet, title, url, published, source, exact, fuzzy, tag, row, story, recurs


def decode_window_headline(row: int, value: bytes) -> WindowHeadline:
    """Return the columns that features are computed from."""
    _, outlet, title, _, published, _, exact, fuzzy, _, recurs = orjson.loads(value)
    key = next((key for key in (fuzzy, exact) if key is not None), title)
    return WindowHeadline(row, published, outlet, key, recurs)


def decode_member(row: int, story: int, value: bytes) -> Member:
    """Return a headline as a member of a story."""
    headline_id, outlet, _, _, published, *_ = orjson.loads(value)
    return Member(row, story, headline_id, outlet, published)


def encode_match(match: Match) -> str:
    """Return a match as an item of the value of its right headline.

    Examples:
        >>> encode_match(Match(right=9, left=5, score=0.91, relation="copy"))
        '5 0.91 copy'
    """
    return f"{match.left} {match.score!r} {match.relation}"


def decode_matches(right: int, text: bytes | None) -> Iterator[Match]:
    """Yield the matches in the value of a right headline."""
    for item in text.decode().split(";") if text else ():
        left, score, relation = item.split(" ")
        yield Match(right, int(left), float(score), relation)


def decode_days(last: float, mask: bytes | None) -> RunDays:
    """Return the days of a title."""
    return RunDays(int(last)) if mask is None else RunDays(int(last), int(mask))


def join_rows(rows: Iterable[int]) -> str:
    """Return rows as one value, separated by commas."""
    return ",".join(map(str, rows))
