"""The results of a run: the tables that are one file each, the summary, and reading them all back."""

from __future__ import annotations

import json
import logging
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from dedup import frames
from dedup.core.arguments import require_type
from dedup.coverage import clocks, outlet_tables
from dedup.distributed.covering import read_counts
from dedup.distributed.matching import COPIES
from dedup.distributed.store import PARTITIONED, read_json, replacing, write_parquet
from dedup.errors import InputError
from dedup.feeds.collect import Collector
from dedup.feeds.headlines import files_of, skipped_inputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.distributed.store import Store
    from dedup.feeds.files.discover import Found

_LOG = logging.getLogger(__name__)

SUMMARY = "summary.json"

SMALL = 10_000_000
"""Headlines up to which one machine is faster: ``dedup.scan`` takes two to four hours for them."""

_WHOLE = ("outlets", "overlap", "skipped", "remarks", "files")
TABLES = {name: name for name in PARTITIONED} | {name: f"{name}.parquet" for name in _WHOLE}
"""The tables of a run, and the folder (partitioned by month) or file of each in the output. One without rows may have
none."""


def tables(output: str | PathLike[str]) -> dict[str, pl.LazyFrame]:
    """Return the tables of a finished run by name, lazily.

    Raises:
        InputError: the folder holds no finished run.
        SettingError: the folder is no path.
    """
    require_type("output", output, (str, PathLike), "the folder of a finished run")
    folder = Path(output)
    if not (folder / SUMMARY).is_file():
        raise InputError(str(folder), f"holds no finished scan: {SUMMARY} is missing; call dedup.distributed.scan")
    found = dict[str, pl.LazyFrame]()
    for name, path in TABLES.items():
        paths = sorted((folder / path).glob("month=*/*.parquet")) if name in PARTITIONED else [folder / path]
        if paths:
            found[name] = pl.scan_parquet(paths, hive_partitioning=False)
    return found


def write_whole_tables(
    store: Store, found: list[Found], read: Mapping[str, Any], dates: Mapping[str, Any]
) -> dict[str, pl.DataFrame]:
    """Write all tables that are not partitioned, and return them by name.

    Args:
        store: has ``copies`` and counts.
        found: all files, also those that cannot be read.
        read: records of the stage ``read``.
        dates: records of the stage ``dates``.
    """
    offsets = clocks.clocks_of(store.scan("copies", COPIES).collect())
    outlets, overlap = outlet_tables(read_counts(store), offsets)
    rows = files_of(Collector(found, "UTC"), pl.Series([], dtype=pl.Int32)).rows()
    skipped, remarks = skipped_inputs(found, []).rows(), []
    for name, own in read.items():
        rows[int(name)] = tuple(own["files"][0])
        noted = dates.get(name, {"skipped": []})["skipped"]
        if noted and rows[int(name)][2] == "read":
            rows[int(name)] = (*rows[int(name)][:2], "warned", *rows[int(name)][3:])
        skipped += [tuple(row) for row in (*own["skipped"], *noted)]
        remarks += [tuple(row) for row in own["remarks"]]
    whole = {
        "outlets": outlets,
        "overlap": overlap,
        "files": pl.DataFrame(rows, schema=frames.FILES, orient="row"),
        "skipped": pl.DataFrame(skipped, schema=frames.SKIPPED, orient="row"),
        "remarks": pl.DataFrame(remarks, schema=frames.REMARKS, orient="row"),
    }
    for name, frame in whole.items():
        write_parquet(frame, store.path(TABLES[name]))
    return whole


def hints(headlines: int, *, set_aside: int) -> list[str]:
    """Return advice for the summary, and log it.

    Args:
        headlines: number of all headlines.
        set_aside: number of headlines without a time that were not matched.
    """
    found = list[str]()
    if headlines < SMALL:
        found.append(f"{headlines:,} headlines: below {SMALL:,}, dedup.scan on one machine is faster")
    if set_aside:
        found.append(f"{set_aside:,} headlines without a time were not matched: more than max_undated allows")
    for hint in found:
        _LOG.warning("%s", hint)
    return found


def read_summary(store: Store) -> dict[str, Any]:
    """Return the summary of the run that a folder holds; empty if it holds none that is finished."""
    return read_json(store.path(SUMMARY))


def write_summary(store: Store, summary: Mapping[str, Any]) -> None:
    """Write the summary, which says that the run is finished."""
    with replacing(store.path(SUMMARY)) as path:
        path.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
