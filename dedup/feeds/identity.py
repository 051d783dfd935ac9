"""Which rows are one item seen again, and the id of each that stays.

An item comes again in another section, in a later fetch, in the RSS and the Atom form of one feed. Same outlet and
link, or same outlet, title and time, is the same item. A link is no identity where one file gives it to several titles
(a feed that links its front page), and a guid never is: some feeds write one for all. Rows with ids of their own and no
link are told apart by these: a corpus may hold one title twice in a second. Rows with neither link nor time stay as
they are.
"""

from __future__ import annotations

import hashlib

import polars as pl

from dedup.feeds.addresses import links

SLICE = 100_000
"""Rows whose texts are held as Python strings at once."""


def fold_repeats(rows: pl.DataFrame, counts: dict[str, int]) -> pl.DataFrame:
    """Each item once: the dated one before the undated, the earlier, the first read."""
    counts["repeated_items"], before = 0, rows.height
    if before < 2 and rows["own_id"].null_count() == 0:  # nothing to tell apart, and nothing to name
        return rows
    link = links(rows["url"])
    if before < 2:
        return rows.hstack([link.alias("identity")])
    rows = rows.with_columns(link=link, row=pl.int_range(pl.len()))
    several = rows.filter(pl.struct("file", "link").is_duplicated() & pl.col("link").is_not_null())
    several = several.filter(pl.col("title").n_unique().over("file", "link") > 1).select("row", several=True)
    rows = rows.join(several, on="row", how="left", maintain_order="left")
    titled = pl.concat_str("link", pl.lit(" "), "title")
    rows = rows.with_columns(identity=pl.when(pl.col("several")).then(titled).otherwise("link"))
    rows = rows.sort(pl.col("published"), "row", nulls_last=True)
    rows = _first(rows, pl.col("identity").is_not_null(), "outlet", "identity")
    told = (pl.col("outlet") != "") & pl.col("published").is_not_null()
    rows = _first(rows, told & pl.col("own_id").is_null(), "outlet", "title", "published")
    rows = _first(rows, pl.col("own_id").is_not_null(), "own_id", "outlet", "title", "published", "link")
    counts["repeated_items"] = before - rows.height
    return rows.sort("row")


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
    """Sixteen hex digits over what each row is: outlet, link or else title, and time."""
    hashed = pl.Series([], dtype=pl.String)
    for part in rows.iter_slices(SLICE):
        times = part["published"].cast(pl.Int64).cast(pl.String)
        told = zip(part["outlet"].to_list(), part["identity"].to_list(), part["title"].to_list(), times, strict=True)
        texts = (f"{outlet}\x1f{title if link is None else link}\x1f{time or ''}" for outlet, link, title, time in told)
        digests = [hashlib.blake2b(text.encode(), digest_size=8).hexdigest() for text in texts]
        hashed.append(pl.Series(digests, dtype=pl.String))
    return hashed
