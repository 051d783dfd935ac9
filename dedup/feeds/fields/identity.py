"""Which rows are one item seen again, and the id of each that stays.

An item comes again in another section, in a later fetch, in the RSS and the Atom form of one feed. Same outlet and
link, or same outlet, title and time, is the same item. A link is no identity where one file gives it to several titles
(a feed that links its front page), and a guid never is: some feeds write one for all. Rows with ids of their own and no
link are told apart by these: a corpus may hold one title twice in a second. Rows with neither link nor time stay as
they are.
"""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl

from dedup.feeds.fields.urls import links

SLICE = 100_000
"""Rows whose texts are held as Python strings at once."""

_TEXTS = ("outlet", "title", "own_id")
"""What tells items apart beside link and time."""


def fold_repeats(rows: pl.DataFrame, counts: dict[str, int]) -> pl.DataFrame:
    """Each item once: the dated one before the undated, the earlier, the first read.

    TextArray are told apart by hashes of 64 bits, so that nothing long is sorted or copied.
    """
    counts["repeated_items"], nameless = 0, rows["own_id"].null_count()
    if len(rows) < 2 and not nameless:  # nothing to tell apart, and nothing to name
        return rows
    link = links(rows["url"])
    if len(rows) < 2:
        return rows.hstack([link.alias("link"), pl.Series("several", [False])])
    told = rows.select("file", "published", named=pl.col("outlet") != "", **{name: _hash(name) for name in _TEXTS})
    told = told.with_columns(link.to_frame("link").select(_hash("link")).to_series()).with_row_index("row")
    shared = told.filter(pl.struct("file", "link").is_duplicated() & pl.col("link").is_not_null())
    several = np.zeros(len(rows), bool)
    several[shared.filter(pl.col("title").n_unique().over("file", "link") > 1)["row"].to_numpy()] = True
    rows = rows.hstack([pl.Series("several", several), *([link.alias("link")] if nameless else [])])
    del link
    told = told.with_columns(identity=pl.col("link"))
    if several.any():
        titled = pl.when(rows["several"]).then(pl.struct("link", "title").hash())
        told = told.with_columns(identity=titled.otherwise("link"))
    told = told.sort("published", "row", nulls_last=True)
    told = _first(told, pl.col("identity").is_not_null(), "outlet", "identity")
    dated = pl.col("named") & pl.col("published").is_not_null()
    told = _first(told, dated & pl.col("own_id").is_null(), "outlet", "title", "published")
    told = _first(told, pl.col("own_id").is_not_null(), "own_id", "outlet", "title", "published", "link")
    counts["repeated_items"] = len(rows) - len(told)
    return rows[told["row"].sort()] if counts["repeated_items"] else rows


def _hash(name: str) -> pl.Expr:
    """The hash of a text, null where there is none."""
    return pl.when(pl.col(name).is_not_null()).then(pl.col(name).hash()).alias(name)


def _first(rows: pl.DataFrame, where: pl.Expr, *key: str) -> pl.DataFrame:
    """Of the rows to which this applies, the first of each key; the others untouched."""
    return rows.filter(~where | pl.struct(key).is_first_distinct())


def name_headlines(rows: pl.DataFrame, counts: dict[str, int]) -> pl.DataFrame:
    """Column headline_id: the input's own, else a hash of outlet, link or title, and time; distinct in any case.

    The hash is hashlib's, since an id must outlive versions and Polars promises no stable hash; it costs a microsecond.
    """
    ids, nameless = rows["own_id"], rows["own_id"].null_count()
    if nameless:
        hashes = _hashes(rows if nameless == rows.height else rows.filter(ids.is_null()))
        ids = hashes if nameless == rows.height else ids.clone().scatter(ids.is_null().arg_true(), hashes)
    counts["shared_ids"] = rows.height - ids.n_unique()
    while ids.n_unique() < rows.height:
        again = ids.is_first_distinct().not_().arg_true()
        marked = ids.gather(again) + "~" + _hashes(rows[again]).str.slice(0, 8)
        ids = ids.clone().scatter(again, marked)
    return rows.hstack([ids.alias("headline_id")])


def _hashes(rows: pl.DataFrame) -> pl.Series:
    """Sixteen hex digits over outlet, link or else title (both where the link alone is no identity), and time."""
    hashed = pl.Series([], dtype=pl.String)
    for part in rows.iter_slices(SLICE):
        link = part["link"] if "link" in part.columns else links(part["url"])
        times = part["published"].cast(pl.Int64).cast(pl.String)
        told = zip(
            part["outlet"].to_list(),
            link.to_list(),
            part["several"].to_list(),
            part["title"].to_list(),
            times,
            strict=True,
        )
        texts = (
            f"{outlet}\x1f{title if link is None else f'{link} {title}' if several else link}\x1f{time or ''}"
            for outlet, link, several, title, time in told
        )
        digests = [hashlib.blake2b(text.encode(), digest_size=8).hexdigest() for text in texts]
        hashed.append(pl.Series(digests, dtype=pl.String))
    return hashed
