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

SCHEME = r"(?i)^(?:https?:)?//(?:www\.)?"
TRAILER = r"(?i)#.*$"
SLICE = 100_000
"""Rows whose texts are held as Python strings at once."""
TRACKING = r"(?i)[?&](?:utm_[a-z]+|fbclid|gclid|ocid|mc_cid|mc_eid|igshid)=[^&#]*"


def fold_repeats(rows: pl.DataFrame, counts: dict[str, int]) -> pl.DataFrame:
    """Each item once: the dated one before the undated, the earlier, the first read."""
    counts["repeated_items"], before = 0, rows.height
    if before < 2 and rows["own_id"].null_count() == 0:  # nothing to tell apart, and nothing to name
        return rows
    link = (
        pl.col("url")
        .str.replace(SCHEME, "")
        .str.replace(TRAILER, "")
        .str.replace_all(TRACKING, "")
        .str.strip_chars_end("/?&")
    )
    if before < 2:
        linked = rows["url"].null_count() < before
        return rows.with_columns(identity=link) if linked else rows.hstack([rows["url"].alias("identity")])
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
    own = rows["own_id"]
    if own.null_count():
        own = own.zip_with(own.is_not_null(), _hashes(rows, pl.col("own_id").is_null()))
    rows = rows.hstack([own.alias("headline_id")])
    counts["shared_ids"] = rows.height - own.n_unique()
    while rows["headline_id"].n_unique() < rows.height:
        again = ~pl.col("headline_id").is_first_distinct()
        marked = pl.concat_str("headline_id", pl.lit("~"), _hashes(rows, again).str.slice(0, 8))
        rows = rows.with_columns(headline_id=pl.when(again).then(marked).otherwise("headline_id"))
    return rows


def _hashes(rows: pl.DataFrame, where: pl.Expr) -> pl.Series:
    """Sixteen hex digits over what a row is, for the rows to which this applies."""
    time = pl.col("published").to_physical().cast(pl.String).fill_null("")
    text = pl.concat_str("outlet", pl.coalesce("identity", "title"), time, separator="\x1f")
    texts = rows.select(pl.when(where).then(text)).to_series()
    hashed = pl.Series([], dtype=pl.String)
    for part in texts.to_frame().iter_slices(SLICE):
        digests = [text and hashlib.blake2b(text.encode(), digest_size=8).hexdigest() for text in part.to_series()]
        hashed.append(pl.Series(digests, dtype=pl.String))
    return hashed
