"""The files of a distributed scan: every file appears complete or not at all.

All workers must see one file system. A file is written under a name of its own and renamed, so a task that is run
twice, killed, or overtaken by a copy of itself never leaves half a file, and the last one to finish wins with the same
content.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import polars as pl

from dedup.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

WORK = "_work"
"""Folder of intermediate files in the output; engines do not read names that begin with an underscore."""

NO_MONTH = "__HIVE_DEFAULT_PARTITION__"
"""Value of the partition of headlines without a time, as Hive writes null."""

PARTITIONED = ("headlines", "pairs", "stories", "related", "exclusives")
"""The tables that are partitioned by month: a day of few headlines would be a file of some kilobytes."""

ROW_GROUP = 1 << 15
"""Rows that can be read without the others of their file."""

ZSTD_LEVEL = 1
"""Level of compression: the default of 3 takes a fifth more processor time to write a twelfth less."""


@dataclass(frozen=True, slots=True)
class Store:
    """The folder of one run.

    Attributes:
        output: a path that all workers see.
        written: digests of the files that were written, by their paths in the output; empty for those of the results,
            which no task reads.
    """

    output: str
    written: dict[str, str] = field(default_factory=dict)

    def path(self, *parts: str) -> Path:
        """Return the path of a file of the output."""
        return Path(self.output, *parts)

    def work(self, *parts: str) -> Path:
        """Return the path of an intermediate file."""
        return self.path(WORK, *parts)

    def partition(self, table: str, month: date | None, name: str) -> Path:
        """Return the path of a file of a result table: ``TABLE/month=YYYY-MM-01/NAME.parquet``."""
        return self.path(table, f"month={NO_MONTH if month is None else month.isoformat()}", f"{name}.parquet")

    def write(self, frame: pl.DataFrame, *parts: str) -> None:
        """Write an intermediate frame, and remember the digest of its file."""
        path = self.work(*parts)
        self.save(frame, path)
        with path.open("rb") as file:
            self.written[str(path.relative_to(self.output))] = hashlib.file_digest(file, "blake2b").hexdigest()[:32]

    def save(self, frame: pl.DataFrame, path: Path) -> None:
        """Write a frame to a path of the output."""
        write_parquet(frame, path)
        self.written[str(path.relative_to(self.output))] = ""

    def digests(self, folder: str) -> dict[str, str]:
        """Return the digests of the files that were written to a folder of intermediate files, by their names."""
        paths = {Path(path): digest for path, digest in self.written.items()}
        return {path.stem: digest for path, digest in paths.items() if path.parent == Path(WORK, folder)}

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files of the output, given their paths in it."""
        for path in paths:
            self.path(path).unlink(missing_ok=True)

    def remove_unfinished(self) -> None:
        """Remove the files that tasks of an earlier run were writing when they were killed."""
        for folder in (self.work(), *(self.path(table) for table in PARTITIONED)):
            for path in folder.rglob(f".*.{'[0-9a-f]' * 32}"):
                path.unlink(missing_ok=True)

    def read(
        self, *parts: str, columns: Sequence[str] | None = None, first: int = 0, count: int | None = None
    ) -> pl.DataFrame:
        """Read an intermediate frame.

        Args:
            parts: of its path.
            columns: to be read; None for all.
            first: row to begin with.
            count: number of rows; None for all that follow.

        Raises:
            OutputError: the file is missing or damaged.
        """
        path = self.work(*parts)
        try:
            rows = pl.scan_parquet(path, hive_partitioning=False).slice(first, count)
            return rows.select(pl.all() if columns is None else columns).collect()
        except (OSError, pl.exceptions.ComputeError) as error:
            reason = (
                f"cannot be read, though a task has written it ({error}); all workers must see one file system. "
                "Remove the output, and scan again"
            )
            raise OutputError(str(path), reason) from error

    def files(self, folder: str) -> list[Path]:
        """Return the paths of all frames of a folder of intermediate files, in order of their names."""
        return sorted(self.work(folder).glob("*.parquet"))

    def scan(self, folder: str, schema: dict[str, Any]) -> pl.LazyFrame:
        """Return all frames of a folder of intermediate files, in order of their names; empty if there are none."""
        paths = self.files(folder)
        return pl.scan_parquet(paths, hive_partitioning=False) if paths else pl.LazyFrame(schema=schema)

    def write_json(self, content: object, *parts: str) -> None:
        """Write an intermediate JSON file."""
        with replacing(self.work(*parts)) as path:
            path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    def read_json(self, *parts: str) -> dict[str, Any]:
        """Read an intermediate JSON file; nothing if it is missing or damaged."""
        return read_json(self.work(*parts))


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; an empty one if the file is missing, or holds something else."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_by_month(frame: pl.DataFrame, store: Store, table: str, name: str, time: pl.Expr | pl.Series) -> None:
    """Write a frame as files of a result table, one for each UTC month of ``time``; the order of rows stays."""
    months = frame.with_columns(_month=time.dt.date().dt.month_start())
    for month, part in months.group_by("_month", maintain_order=True):
        store.save(part.drop("_month"), store.partition(table, cast("date | None", month[0]), name))


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame; the file appears complete or not at all."""
    with replacing(path) as part:
        frame.write_parquet(part, row_group_size=ROW_GROUP, compression="zstd", compression_level=ZSTD_LEVEL)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a path to write to, which is renamed to ``path`` if the block succeeds.

    Raises:
        OutputError: the file cannot be written.
    """
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        os.replace(part, path)
    except OSError as error:
        reason = f"cannot be written ({error.strerror or error}); all workers need one file system with free space"
        raise OutputError(str(path), reason) from error
    finally:
        with suppress(OSError):
            part.unlink()
