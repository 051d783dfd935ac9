"""Files to KEYS, in tasks: read one file; then fold repeats, name headlines and compute keys, some outlets at a time.

Everything that these steps compare belongs to one outlet: repeated items, the furniture that is learned, the titles
that recur. So one shuffle by outlet serves all three. Ids are made distinct by another, over the ids alone. The order
of reading (file, then row) decides wherever one of several equal rows is kept, as in ``dedup.scan``.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from dedup import frames
from dedup.arabic.keys import add_keys
from dedup.arabic.learned_furniture import learn_furniture
from dedup.core.hashed_names import hash_strings
from dedup.core.hashing import true_at
from dedup.coverage import outlet_names
from dedup.feeds.collect import Collector, Source
from dedup.feeds.fields.identity import distinct_ids, field_hashes, fold_repeats, given_ids, mark_shared_links
from dedup.feeds.fields.implausible_dates import OLDEST, count_times, microseconds
from dedup.feeds.files.discover import Found
from dedup.feeds.files.limits import Limits
from dedup.feeds.headlines import clean_rows, drop_implausible, files_of, remarks_on, skipped_inputs
from dedup.feeds.workers import read_files
from dedup.matching.timeline import build_timeline

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from dedup.distributed.store import Store

ITEMS = {
    "document": pl.Int32(),
    "place": pl.Int64(),
    "file": pl.Int32(),
    "row": pl.UInt32(),
    "title": pl.String(),
    "url": pl.String(),
    "outlet": pl.String(),
    "published": frames.TIME,
    "own_id": pl.String(),
    "source": pl.String(),
    "link": pl.String(),
    "several": pl.Boolean(),
    "bucket": pl.UInt32(),
}
"""One row per item of a file: the number of the file and the row in it, the cleaned fields, a hash of the outlet."""

IDS = {
    "bucket": pl.UInt32(),
    "file": pl.Int32(),
    "row": pl.UInt32(),
    "id": pl.String(),
    "suffix": pl.String(),
}
"""One row per headline: its id before it is made distinct, a hash of the part of it before the first ``~``, and, if the
id may be repeated, the hash of its fields."""

RENAMED = {"file": pl.Int32(), "row": pl.UInt32(), "headline_id": pl.String()}
"""The headlines whose id another one had before."""

_MERGED = {"from": pl.String(), "outlet": pl.String(), "name": pl.String(), "to": pl.String()}

_DOCUMENTS = ("name", "unit", "date_name")


def read(
    store: Store,
    name: str,
    *,
    file: int,
    found: dict[str, Any],
    timezone: str,
    columns: Mapping[str, str],
    outlets: Mapping[str, str],
) -> dict[str, Any]:
    """Read a file to ITEMS, sorted by bucket.

    Args:
        store: receives ``items`` and ``times``.
        name: of the task.
        file: number of the file.
        found: the fields of ``Found``.
        timezone: as for ``read_feeds``.
        columns: as for ``read_feeds``.
        outlets: as for ``read_feeds``.
    """
    limits, listed = Limits(), [Found(**found)]
    collector = Collector(listed, timezone)
    for _, documents in read_files(listed, limits, columns, 1):
        for document in documents:
            collector.add(0, document)
    rows, counts = clean_rows(collector, limits, outlets)
    files = files_of(collector, rows["document"])
    rows = mark_shared_links(rows).with_row_index("row")
    bucket = pl.Series("bucket", hash_strings(rows["outlet"].fill_null("").to_list()))
    rows = rows.with_columns(bucket, file=pl.lit(file, pl.Int32)).select(list(ITEMS))
    rows = rows.sort("bucket", maintain_order=True)
    store.write(count_times(rows["published"]), "times", f"{name}.parquet")
    store.write(rows, "items", f"{name}.parquet")
    known = rows["published"].drop_nulls().cast(pl.Int64)
    return {
        "counts": counts,
        "files": files.rows(),
        "skipped": skipped_inputs([], collector.sources).rows(),
        "remarks": remarks_on(collector.sources).rows(),
        "documents": [[getattr(source, field) for field in _DOCUMENTS] for source in collector.sources],
        "first": known.min(),
        "last": known.max(),
    }


def note_implausible(store: Store, name: str, *, documents: list[list[str]], latest: int) -> dict[str, Any]:
    """Return SKIPPED of the implausible dates of a file."""
    rows = store.read("items", f"{name}.parquet", columns=["document", "place", "row", "published"]).sort("row")
    sources = [
        Source(0, source, "", unit, 0, None, None, None, date_name, damaged=False, reason="", notes=[])
        for source, unit, date_name in documents
    ]
    counts = dict[str, int]()
    drop_implausible(rows, _implausible(rows["published"], latest), sources, counts)
    return {"counts": counts, "skipped": skipped_inputs([], sources).rows()}


def fold(store: Store, name: str, *, low: int, high: int, latest: int, is_only: bool) -> dict[str, Any]:
    """Keep each item once, and give each an id that may not be distinct yet.

    Args:
        store: has ``items``, receives ``folded``, ``ids`` and statistics of the outlets' names.
        name: of the task.
        low: the smallest bucket.
        high: the smallest bucket that is too large.
        latest: the latest plausible time.
        is_only: whether there is no other range, so that an id which is not repeated here is repeated nowhere.
    """
    rows = _in_range(store.scan("items", ITEMS), low, high)
    dropped = true_at(_implausible(rows["published"], latest))
    rows, counts = rows.with_columns(rows["published"].scatter(dropped, None)), dict[str, int]()
    rows = fold_repeats(rows, counts)
    ids, own = given_ids(rows), rows["own_id"].is_not_null()
    hashed = (own & ids.is_duplicated() if is_only else own).arg_true()  # another id is the hash itself
    suffix = ids.clone().scatter(hashed, field_hashes(rows[hashed]))
    prefix = ids.str.splitn("~", 2).struct.field("field_0").to_list()
    named = rows.select("file", "row", id=ids, suffix=suffix, bucket=pl.Series(hash_strings(prefix), dtype=pl.UInt32))
    store.write(named.select(list(IDS)).sort("bucket", maintain_order=True), "ids", f"{name}.parquet")
    kept = rows.with_columns(headline_id=ids).select("file", "row", *frames.HEADLINES)
    store.write(kept, "folded", f"{name}.parquet")
    store.write(kept.group_by("outlet").agg(headlines=pl.len()), "outlet-sizes", f"{name}.parquet")
    on_hosts = outlet_names.links_of(kept).group_by("outlet", "host").len()
    store.write(on_hosts, "outlet-hosts", f"{name}.parquet")
    titles = kept.group_by("outlet", maintain_order=True).head(outlet_names.TITLES).select("outlet", "title")
    store.write(titles, "outlet-titles", f"{name}.parquet")
    counts |= {"headlines": len(rows), "undated": rows["published"].null_count()}
    return {"counts": counts}


def rename(store: Store, name: str, *, low: int, high: int) -> dict[str, Any]:
    """Make ids distinct: find the headlines whose id an earlier one has.

    Args:
        store: has ``ids``, receives ``renamed``.
        name: of the task.
        low: the smallest bucket.
        high: the smallest bucket that is too large.
    """
    rows = _in_range(store.scan("ids", IDS), low, high)
    ids = rows["id"]
    repeats = ids.is_first_distinct().not_().arg_true()
    changed = distinct_ids(ids, repeats, rows["suffix"].gather(repeats)) if len(repeats) else ids
    renamed = rows.select("file", "row", headline_id=changed).filter(changed != ids)
    store.write(renamed.select(list(RENAMED)), "renamed", f"{name}.parquet")
    return {"counts": {"shared_ids": len(rows) - ids.n_unique()}}


def list_links(store: Store, name: str, *, hosts: list[str]) -> dict[str, Any]:
    """Write one link of each outlet to each host, and all distinct ones to the given hosts.

    Args:
        store: has ``folded``, receives ``outlet-links``.
        name: of the task, and of the ``fold`` task before it.
        hosts: see ``outlet_names.shared_hosts``.
    """
    links = outlet_names.links_of(store.read("folded", f"{name}.parquet", columns=["outlet", "url"]))
    wanted = links.filter(pl.col("host").is_in(hosts)).unique()
    others = links.filter(~pl.col("host").is_in(hosts)).unique(("outlet", "host"))
    store.write(pl.concat([wanted, others]), "outlet-links", f"{name}.parquet")
    return {}


def make_keys(store: Store, name: str, *, merged: list[list[str]]) -> dict[str, Any]:
    """Compute the keys of some outlets' headlines, and mark recurring and standing titles.

    Args:
        store: has ``folded`` and ``renamed``; receives ``keys``, in order of time, and ``days``.
        name: of the task, and of the ``fold`` task before it.
        merged: outlets that are renamed: the ``fold`` task of the name, the name, the new name, its ``fold`` task.
    """
    headlines = store.read("folded", f"{name}.parquet")
    headlines = headlines.filter(~pl.col("outlet").is_in([old for _, old, _, to in merged if to != name]))
    moved = [(source, old) for source, old, _, to in merged if to == name != source]
    headlines = pl.concat([headlines, *(
        store.read("folded", f"{source}.parquet").filter(pl.col("outlet") == old) for source, old in moved
    )])  # fmt: skip
    merges = pl.DataFrame(merged, schema=_MERGED, orient="row")
    headlines = outlet_names.rename_outlets(headlines, merges)
    renamed = store.scan("renamed", RENAMED).join(headlines.lazy(), on=("file", "row"), how="semi").collect()
    headlines = headlines.join(renamed, on=("file", "row"), how="left", suffix="_new", maintain_order="left")
    headlines = headlines.with_columns(headline_id=pl.coalesce("headline_id_new", "headline_id"))
    headlines = headlines.select(list(frames.HEADLINES))
    timeline = build_timeline(headlines, partial(add_keys, furniture=learn_furniture(headlines)))
    keys = timeline.keys().collect().hstack(timeline.metadata.select("standing", "recurs"))
    store.write(keys, "keys", f"{name}.parquet")
    hashed = keys.select(pl.col("published").dt.date().alias("day"), hash=keys.hash_rows())
    days = (
        hashed.group_by("day").agg(headlines=pl.len(), hash=pl.col("hash").reinterpret(signed=True).sum()).sort("day")
    )
    store.write(days, "days", f"{name}.parquet")
    return {"counts": {"empty_keys": timeline.empty_keys, "standing": int(keys["standing"].sum())}}


def _in_range(rows: pl.LazyFrame, low: int, high: int) -> pl.DataFrame:
    """Return the rows of a range of buckets, in the order of reading."""
    return rows.filter(pl.col("bucket").is_between(low, high, closed="left")).collect().sort("file", "row")


def _implausible(times: pl.Series, latest: int) -> NDArray[np.bool_]:
    numbers = times.cast(pl.Int64)
    implausible = (numbers < microseconds(OLDEST)) | (numbers > latest)
    return implausible.fill_null(value=False).to_numpy()
