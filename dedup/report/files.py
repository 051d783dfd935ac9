"""Frames -> files of design §4, all of them or none.

Everything is written into a temporary folder beside the results, synced to the disk, and only then renamed into place:
a run that dies leaves the files of the run before, never half of one. Files of other names and formats are left alone;
``summary.json`` lists those that belong to its run.

Three decisions about text, each with its reason:

* **CSV starts with a byte order mark.** Spreadsheets are what CSV is for, and Excel reads Arabic as windows-1256
  without it. Programs have Parquet and JSON lines.
* **A CSV cell that a spreadsheet would run as a formula** (it starts with ``= + - @``, a tab or a return) gets an
  apostrophe before it. Titles come from strangers: ``=HYPERLINK(…)`` in a feed must not become a link in a newsroom.
  Parquet and JSON lines hold the text unchanged.
* **Times are ISO 8601 in UTC with a Z**, in CSV and JSON lines alike; lists are JSON text in CSV.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import polars.selectors as cs

from dedup.errors import OutputError, SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_ISO = "%Y-%m-%dT%H:%M:%S%.fZ"
_FORMULA = r"^([=+\-@\t\r])"
_TIMES = cs.datetime().dt.strftime(_ISO)


def write(
    tables: Mapping[str, pl.LazyFrame],
    summary: Mapping[str, object],
    directory: str | Path,
    *,
    format: str = "parquet",  # noqa: A002 - the word that users know from the command line
) -> list[Path]:
    """Write each table as ``NAME.FORMAT`` and the summary as ``summary.json`` into the directory, made if need be.

    Args:
        tables: frames by name; what is large is written as it is read, a part at a time.
        summary: what ``summary.json`` holds, JSON-ready; ``files`` is added, the names written.
        directory: where to.
        format: parquet, csv or jsonl.

    Returns:
        The paths written, the summary last.

    Raises:
        OutputError: the directory is a file, cannot be written to, or the disk is full.
        SettingError: another format.
    """
    if format not in _WRITERS:
        raise SettingError("format", format, f"one of {', '.join(_WRITERS)}")
    names = [f"{name}.{format}" for name in tables]
    with _staged(Path(directory)) as folder:
        for name, table in zip(names, tables.values(), strict=True):
            _WRITERS[format](table, folder / name)
        text = json.dumps({**summary, "files": names}, ensure_ascii=False, indent=2)
        (folder / "summary.json").write_text(text + "\n", encoding="utf-8")
    return [Path(directory) / name for name in (*names, "summary.json")]


def write_text(text: str, path: str | Path) -> Path:
    """Write one text file as a whole or not at all.

    Raises:
        OutputError: as for `write`.
    """
    path = Path(path)
    if path.is_dir():
        raise OutputError(str(path), "is a directory; name a file in it")
    with _staged(path.parent) as folder:
        (folder / path.name).write_text(text, encoding="utf-8")
    return path


@contextmanager
def _staged(directory: Path) -> Iterator[Path]:
    """A folder beside the results whose files take their places together when the block ends without an error."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=directory, ignore_cleanup_errors=True) as name:
            folder = Path(name)
            yield folder
            files = sorted(folder.iterdir())
            for file in files:
                _sync(file)
            for file in files:
                file.replace(directory / file.name)
            _sync(directory)
    except (OSError, pl.exceptions.ComputeError) as error:
        raise OutputError(str(directory), _advice(error)) from error


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _advice(error: Exception) -> str:
    if isinstance(error, FileExistsError | NotADirectoryError):
        return "a file stands where a directory is needed; name another place"
    reason = getattr(error, "strerror", None) or str(error).rpartition("IO error: ")[2]
    return f"cannot be written to ({reason}); nothing was changed there; name another place or make room"


def _parquet(table: pl.LazyFrame, path: Path) -> None:
    table.sink_parquet(path)


def as_lines(table: pl.DataFrame) -> str:
    """A frame as JSON lines."""
    return table.with_columns(_TIMES).write_ndjson()


def _jsonl(table: pl.LazyFrame, path: Path) -> None:
    table.with_columns(_TIMES).sink_ndjson(path)


def _csv(table: pl.LazyFrame, path: Path) -> None:
    guarded = cs.string().str.replace(_FORMULA, "'${1}")
    lists = [_as_json(name) for name, dtype in table.collect_schema().items() if isinstance(dtype, pl.List)]
    table.with_columns(guarded, _TIMES, *lists).sink_csv(path, include_bom=True)


def _as_json(column: str) -> pl.Expr:
    """A list of strings or numbers as JSON text."""
    whole = pl.struct(pl.col(column).alias("")).struct.json_encode()
    return whole.str.slice(len('{"":'), whole.str.len_chars() - len('{"":}')).alias(column)


_WRITERS: dict[str, Callable[[pl.LazyFrame, Path], None]] = {"parquet": _parquet, "csv": _csv, "jsonl": _jsonl}
FORMATS = tuple(_WRITERS)
