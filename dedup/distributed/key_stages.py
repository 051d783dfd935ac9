"""The stages from files to keys: their tasks are files, then ranges of hashes of outlets."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from dedup.core.hashed_names import hash_strings
from dedup.coverage import outlet_names
from dedup.distributed.engine import written
from dedup.feeds.fields.implausible_dates import OLDEST, latest_plausible, microseconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.distributed.engine import Engine, Records
    from dedup.distributed.store import Store
    from dedup.feeds.files.discover import Found

ITEMS_OF_A_BUCKET = 1_000_000
"""Items of a range of outlets on average, if the caller does not choose the number of ranges."""

_MOST_BUCKETS = 4_096
_HASHES = 1 << 32
_TIMES = {name: pl.Int64() for name in ("hour", "count", "earliest", "latest")}
_OUTLETS = {"outlet": pl.String(), "host": pl.String(), "len": pl.UInt32(), "headlines": pl.UInt32()}


def make_keys(
    engine: Engine, store: Store, begun: dict[str, Any], found: list[Found], *, reading: dict[str, Any], merge: bool
) -> dict[str, Records]:
    """Run the stages from files to keys, and return their records by stage.

    Args:
        engine: runs them.
        store: of the run.
        begun: what the run keeps from one call to the next: ``now``, and ``buckets``, which is set if it is None.
        found: the files of the run.
        reading: arguments of the stage ``read``: timezone, columns, outlets.
        merge: whether outlets that occur under several names are merged.
    """
    readable = {f"{number:06}": file for number, file in enumerate(found) if not file.status}
    read = engine.run("read", {
        name: reading | {"file": int(name), "found": asdict(file)} for name, file in readable.items()
    })  # fmt: skip
    latest = latest_plausible(store.scan("times", _TIMES).collect(), datetime.fromisoformat(begun["now"]))
    dates = engine.run("dates", {
        name: {"documents": own["documents"], "latest": latest}
        for name, own in read.items()
        if own["first"] is not None and (own["first"] < microseconds(OLDEST) or own["last"] > latest)
    }, {name: written(own) for name, own in read.items()})  # fmt: skip
    items = sum(own["counts"]["items"] for own in read.values())
    begun["buckets"] = begun["buckets"] or max(1, min(items // ITEMS_OF_A_BUCKET, _MOST_BUCKETS))
    store.write_json(begun, "run.json")
    ranges = hash_ranges(begun["buckets"])
    everything = [written(own) for own in read.values()]
    folded = engine.run(
        "fold",
        {name: bounds | {"latest": latest, "is_only": len(ranges) == 1} for name, bounds in ranges.items()},
        dict.fromkeys(ranges, everything),
    )
    own_rows = {name: written(own) for name, own in folded.items()}
    renamed = engine.run("rename", ranges, dict.fromkeys(ranges, own_rows))
    kept = frozenset(reading["outlets"].values())
    merges = _merge_outlets(engine, store, ranges, own_rows, kept) if merge else []
    moved = {own_rows[source] for source, *_ in merges}
    all_names = [written(own) for own in renamed.values()]
    keyed = engine.run(
        "keys",
        {name: {"merged": merges} for name in ranges},
        {name: [own_rows[name], sorted(moved), all_names] for name in ranges},
    )
    return {"read": read, "dates": dates, "fold": folded, "rename": renamed, "keys": keyed}


def hash_ranges(count: int) -> dict[str, dict[str, int]]:
    """Divide 32-bit hashes into equal ranges, by the names of their tasks."""
    bounds = [index * _HASHES // count for index in range(count + 1)]
    return {f"{index:04}": {"low": bounds[index], "high": bounds[index + 1]} for index in range(count)}


def _merge_outlets(
    engine: Engine, store: Store, ranges: Mapping[str, dict[str, int]], own_rows: Mapping[str, str],
    kept: frozenset[str],
) -> list[list[str]]:  # fmt: skip
    """Return the outlets to be renamed: the range of the name, the name, the new name, its range."""
    on_hosts = store.scan("outlet-hosts", _OUTLETS).collect()
    engine.run("links", {name: {"hosts": outlet_names.shared_hosts(on_hosts)} for name in ranges}, own_rows)
    sizes, links, titles = (store.scan(f"outlet-{table}", _OUTLETS).collect() for table in ("sizes", "links", "titles"))
    names = outlet_names.names_of(sizes, on_hosts, links, kept)
    merges = outlet_names.find_merges(names, titles)
    store.write(merges, "merged-outlets.parquet")

    def range_of(outlet: str) -> str:
        hashed = int(hash_strings([outlet])[0])
        return next(name for name, bounds in ranges.items() if bounds["low"] <= hashed < bounds["high"])

    return [[range_of(old), old, new, range_of(new)] for old, new, *_ in merges.iter_rows()]
