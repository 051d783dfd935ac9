"""Remove repeated items, and give each row an id.

An item is repeated in another section, in a later fetch, in the RSS and the Atom form of one feed. Rows of the same
outlet and link, or of the same outlet, title and time, are one item. A link identifies nothing if one file gives it to
several titles (a feed that links its front page), and a guid never does: some feeds repeat one for all items. Rows with
an id of their own and no link are identified by it: a corpus may have one title twice in a second. Rows with neither
link nor time are all kept.
"""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl

from dedup.feeds.fields.urls import canonical_urls

SMALL = 64
"""Ids up to which Python is faster than an expression of Polars."""
MAX_ID = 256
"""Characters of an id; longer ones are shortened."""
SLICE = 100_000
"""Rows whose texts are held as Python strings at a time."""

_IDENTIFYING = ("outlet", "title", "own_id")
"""Columns that identify an item, beside link and time."""

_NOT_SEVERAL = pl.Series("several", [False])


def fold_repeats(rows: pl.DataFrame, counts: dict[str, int]) -> pl.DataFrame:
    """Keep each item once: the dated row before an undated one, the earlier one, the one read first.

    Every repeat has the outlet of the item that it repeats, so the rows of some outlets can be folded without the
    others. Texts are compared by hashes of 64 bits, so that no long column is sorted or copied.

    Args:
        rows: in the order of reading, with the columns of ``mark_shared_links``.
        counts: receives ``repeated_items``.
    """
    counts["repeated_items"] = 0
    if len(rows) < 2:
        return rows
    keys = rows.select(
        "published",
        named=pl.col("outlet") != "",
        **{name: _hash(name) for name in (*_IDENTIFYING, "link")},
    ).with_row_index("row")
    keys = keys.with_columns(identity=pl.col("link"))
    if rows["several"].any():
        titled = pl.when(rows["several"]).then(pl.struct("link", "title").hash())
        keys = keys.with_columns(identity=titled.otherwise("link"))
    dated = pl.col("named") & pl.col("published").is_not_null()
    steps: list[tuple[pl.Expr, tuple[str, ...]]] = []
    if _has_repeats(keys["identity"]):
        steps.append((pl.col("identity").is_not_null(), ("outlet", "identity")))
    if keys["own_id"].null_count() and _has_repeats(keys["title"]):
        steps.append((dated & pl.col("own_id").is_null(), ("outlet", "title", "published")))
    if _has_repeats(keys["own_id"]):
        steps.append((pl.col("own_id").is_not_null(), ("own_id", "outlet", "title", "published", "link")))
    if not steps:
        return rows
    keys = keys.sort("published", "row", nulls_last=True)
    for where, key in steps:
        keys = keys.filter(~where | pl.struct(key).is_first_distinct())
    counts["repeated_items"] = len(rows) - len(keys)
    return rows[keys["row"].sort()] if counts["repeated_items"] else rows


def mark_shared_links(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the columns ``link``, the canonical URL, and ``several``: whether the file gives it to several titles."""
    link = canonical_urls(rows["url"])
    several = _NOT_SEVERAL.new_from_index(0, len(rows))
    hashes = link.to_frame("link").select(_hash("link")) if len(rows) > 1 else None
    if hashes is not None and _has_repeats(hashes["link"]):
        keys = rows.select("file", _hash("title")).hstack(hashes)
        is_shared = pl.struct("file", "link").is_duplicated() & pl.col("link").is_not_null()
        shared = keys.with_row_index("row").filter(is_shared)
        several = several.scatter(
            shared.filter(pl.col("title").n_unique().over("file", "link") > 1)["row"], values=True
        )
    return rows.hstack([link.alias("link"), several])


def _hash(name: str) -> pl.Expr:
    """Hash a column; null stays null."""
    return pl.when(pl.col(name).is_not_null()).then(pl.col(name).hash()).alias(name)


def _has_repeats(hashes: pl.Series) -> bool:
    """Return whether two rows have the same hash; null is none. Polars takes eight times as long to count them."""
    ordered = np.sort((hashes.drop_nulls() if hashes.null_count() else hashes).to_numpy())
    return bool((ordered[1:] == ordered[:-1]).any())


def name_headlines(rows: pl.DataFrame, counts: dict[str, int]) -> pl.DataFrame:
    """Add a distinct ``headline_id`` of bounded length: the input's own, else a hash of its fields.

    The hashed fields are outlet, link or title, and time. An id that several rows share gets a suffix in all rows but
    the first: eight digits of that hash, and a number where rows agree in all that. Both cost one pass, however many
    rows share an id. The hash is BLAKE2 of hashlib (1 µs each): ids must stay the same across versions, and Polars'
    hashes may change.
    """
    ids = given_ids(rows)
    counts["shared_ids"] = rows.height - ids.n_unique()
    if counts["shared_ids"]:
        repeats = ids.is_first_distinct().not_().arg_true()
        ids = distinct_ids(ids, repeats, field_hashes(rows[repeats]))
    return rows.hstack([ids.alias("headline_id")])


def given_ids(rows: pl.DataFrame) -> pl.Series:
    """Return the ids of rows before they are made distinct: the input's own, else a hash of their fields."""
    ids, nameless = bounded_ids(rows["own_id"]), rows["own_id"].null_count()
    if not nameless:
        return ids
    hashes = field_hashes(rows if nameless == rows.height else rows.filter(ids.is_null()))
    return hashes if nameless == rows.height else ids.clone().scatter(ids.is_null().arg_true(), hashes)


def distinct_ids(ids: pl.Series, repeats: pl.Series, hashes: pl.Series) -> pl.Series:
    """Return the ids with a suffix in rows that repeat the id of an earlier one.

    A suffix begins with ``~``, so ids that begin differently before their first ``~`` can be made distinct apart.

    Args:
        ids: of n rows, in the order of reading.
        repeats: the rows that repeat an id, shape (r,).
        hashes: ``field_hashes`` of these rows, shape (r,).
    """
    return _numbered(ids.clone().scatter(repeats, ids.gather(repeats) + "~" + hashes.str.slice(0, 8)))


def bounded_ids(ids: pl.Series) -> pl.Series:
    """Shorten ids over MAX_ID characters to their beginning and a hash, so that different ids stay different."""
    if len(ids) <= SMALL and all(len(text) <= MAX_ID for text in ids.to_list() if text):
        return ids  # an expression of Polars takes 20 µs
    if ids.null_count() == len(ids) or (longest := ids.str.len_chars().max()) is None or longest <= MAX_ID:  # type: ignore[operator]  # of an integer column
        return ids
    rows = (ids.str.len_chars() > MAX_ID).fill_null(value=False).arg_true()
    shortened = [
        f"{text[: MAX_ID - 17]}~{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}"
        for text in ids.gather(rows).to_list()
    ]
    return ids.clone().scatter(rows, shortened)


def _numbered(ids: pl.Series) -> pl.Series:
    """Append numbers to ids that still repeat. Each id remembers its last number: any input takes linear time."""
    rows = ids.is_first_distinct().not_().arg_true()
    if not len(rows):
        return ids
    taken, last = set(ids.to_list()), dict[str, int]()
    numbered = []
    for shared in ids.gather(rows).to_list():
        number = last.get(shared, 1) + 1
        while f"{shared}~{number}" in taken:
            number += 1
        last[shared] = number
        taken.add(f"{shared}~{number}")
        numbered.append(f"{shared}~{number}")
    return ids.clone().scatter(rows, numbered)


def field_hashes(rows: pl.DataFrame) -> pl.Series:
    """Return 16 hex digits of BLAKE2 over outlet, link or else title (both where the link is shared), and time."""
    hashed = pl.Series([], dtype=pl.String)
    for part in rows.iter_slices(SLICE):
        times = part["published"].cast(pl.Int64).cast(pl.String)
        keys = zip(
            part["outlet"].to_list(),
            part["link"].to_list(),
            part["several"].to_list(),
            part["title"].to_list(),
            times,
            strict=True,
        )
        texts = (
            f"{outlet}\x1f{title if link is None else f'{link} {title}' if several else link}\x1f{time or ''}"
            for outlet, link, several, title, time in keys
        )
        digests = [hashlib.blake2b(text.encode(), digest_size=8).hexdigest() for text in texts]
        hashed.append(pl.Series(digests, dtype=pl.String))
    return hashed
