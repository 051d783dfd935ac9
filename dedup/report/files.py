"""Write frames to files, all of them or none.

Files are written to a temporary folder inside the destination, synced to disk, and then renamed into place: a run that
fails leaves the files of the previous run intact. Files of other names and formats are not touched; ``summary.json``
lists the files of its run.

Three decisions about text:

* **CSV starts with a byte order mark.** CSV is for spreadsheets, and without the mark Excel reads Arabic as
  windows-1256. Programs have Parquet and JSON lines.
* **A CSV cell that a spreadsheet would run as a formula** (it starts with ``= + - @``, a tab or a return) is prefixed
  with an apostrophe. Titles come from untrusted feeds: ``=HYPERLINK(…)`` must not become a link in a spreadsheet.
  Parquet and JSON lines keep the text unchanged.
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
    format: str = "parquet",  # noqa: A002 - the name of the command-line option
) -> list[Path]:
    """Write each table as ``NAME.FORMAT``, and ``summary.json``, into a directory.

    Args:
        tables: lazy frames by name; they are streamed to disk.
        summary: the content of ``summary.json``, JSON-ready; the names of the tables are added as ``files``.
        directory: the destination, created if it does not exist.
        format: parquet, csv or jsonl.

    Returns:
        The paths of the files, ``summary.json`` last.

    Raises:
        OutputError: the destination is a file or cannot be written to, or the disk is full.
        SettingError: the format is unknown.
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
    """Write a text file atomically.

    Raises:
        OutputError: the path is a directory or cannot be written to.
    """
    path = Path(path)
    if path.is_dir():
        raise OutputError(str(path), "is a directory; name a file in it")
    with _staged(path.parent) as folder:
        (folder / path.name).write_text(text, encoding="utf-8")
    return path


@contextmanager
def _staged(directory: Path) -> Iterator[Path]:
    """Create a temporary folder whose files are moved into ``directory`` if the block succeeds."""
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
        return "this path, or one of its parents, is a file; name another directory"
    reason = getattr(error, "strerror", None) or str(error).rpartition("IO error: ")[2]
    return f"cannot be written to ({reason}); no file was changed; free some disk space or name another directory"


def _parquet(table: pl.LazyFrame, path: Path) -> None:
    table.sink_parquet(path)


def as_lines(table: pl.DataFrame) -> str:
    """Serialize a frame to JSON lines."""
    return table.with_columns(_TIMES).write_ndjson()


def _jsonl(table: pl.LazyFrame, path: Path) -> None:
    table.with_columns(_TIMES).sink_ndjson(path)


def _csv(table: pl.LazyFrame, path: Path) -> None:
    guarded = cs.string().str.replace(_FORMULA, "'${1}")
    lists = [_as_json(name) for name, dtype in table.collect_schema().items() if isinstance(dtype, pl.List)]
    table.with_columns(guarded, _TIMES, *lists).sink_csv(path, include_bom=True)


def _as_json(column: str) -> pl.Expr:
    """Encode a column of lists as JSON text: wrap it into a struct, encode that, and cut off the wrapping."""
    wrapped = pl.struct(pl.col(column).alias("")).struct.json_encode()
    return wrapped.str.slice(len('{"":'), wrapped.str.len_chars() - len('{"":}')).alias(column)


_WRITERS: dict[str, Callable[[pl.LazyFrame, Path], None]] = {"parquet": _parquet, "csv": _csv, "jsonl": _jsonl}
FORMATS = tuple(_WRITERS)
