"""Write frames to files, all of them or none.

A run that fails leaves the files of the run before intact (``staging``). ``summary.json`` lists the files of its run
and appears last; files that the summary of an earlier run lists and the new run does not write (tables in another
format) are removed. Other files are not touched.

Three decisions about text:

* **CSV starts with a byte order mark.** CSV is for spreadsheets, and without the mark Excel reads Arabic as
  windows-1256. Programs have Parquet and JSON lines.
* **A CSV cell that a spreadsheet would run as a formula** (it starts with ``= + - @``, one of their full-width forms, a
  tab or a return) is prefixed with an apostrophe, also behind ``;``, ``|`` and line ends, at which a spreadsheet with
  another separator begins a new cell. Titles come from untrusted feeds: ``=HYPERLINK(…)`` must not become a link in a
  spreadsheet. Parquet and JSON lines keep the text unchanged.
* **Times are ISO 8601 in UTC with a Z**, in CSV and JSON lines alike; lists are JSON text in CSV.
"""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import polars.selectors as cs

from dedup.errors import OutputError, SettingError
from dedup.report.staging import require_regular, staged
from dedup.report.workbook import write_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import tzinfo

_WORKBOOK = "dedup.xlsx"
_ISO = "%Y-%m-%dT%H:%M:%S%.fZ"
_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212"
_FORMULA = rf'^([\s"]*[{_SIGNS}]|[\t\r])'
_FORMULA_BEHIND_SEPARATOR = rf'([;|\t\r\n][\s"]*)([{_SIGNS}])'
_TABLE = re.compile(r"[a-z_]+\.[a-z]+")
_TIMES = cs.datetime().dt.strftime(_ISO)


def write(
    tables: Mapping[str, pl.LazyFrame],
    summary: Mapping[str, Any],
    directory: str | Path,
    *,
    format: str = "parquet",  # noqa: A002 - the name of the command-line option
    zone: tzinfo = UTC,
    language: str = "ar",
) -> list[Path]:
    """Write each table as ``NAME.FORMAT``, and ``summary.json``, into a directory.

    Args:
        tables: lazy frames by name; they are streamed to disk.
        summary: the content of ``summary.json``, JSON-ready; the names of the tables are added as ``files``.
        directory: the destination, created if it does not exist.
        format: parquet, csv, jsonl, or xlsx: one workbook, ``dedup.xlsx``, with a sheet per table but pairs.
        zone: time zone of the workbook; the other formats are in UTC.
        language: language of the workbook, ``ar`` or ``en``.

    Returns:
        The paths of the files, ``summary.json`` last.

    Raises:
        OutputError: the destination is a file or cannot be written to, or the disk is full.
        SettingError: the format is unknown.
    """
    if format not in FORMATS:
        raise SettingError("format", format, f"one of {', '.join(FORMATS)}")
    names = [_WORKBOOK] if format == "xlsx" else [f"{name}.{format}" for name in tables]
    obsolete = _files_of_earlier_run(Path(directory))
    with _replacing(Path(directory), obsolete=obsolete, last="summary.json") as folder:
        if format == "xlsx":
            write_workbook(tables, summary, folder / _WORKBOOK, zone=zone, language=language)
        else:
            for name, table in zip(names, tables.values(), strict=True):
                _WRITERS[format](table, folder / name)
        text = json.dumps({**summary, "files": names}, ensure_ascii=False, indent=2)
        (folder / "summary.json").write_text(text + "\n", encoding="utf-8")
    return [Path(directory) / name for name in (*names, "summary.json")]


def write_file(content: str | bytes, path: str | Path) -> Path:
    """Write a file atomically, text in UTF-8.

    Raises:
        OutputError: the path is no regular file (a folder, a FIFO, a device), or cannot be written to.
    """
    path = Path(path)
    require_regular(path)
    with _replacing(path.parent) as folder:
        (folder / path.name).write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@contextmanager
def _replacing(directory: Path, *, obsolete: Collection[str] = (), last: str = "") -> Iterator[Path]:
    """Stage files, and turn the system's errors into ``OutputError``."""
    try:
        with staged(directory, obsolete=obsolete, last=last) as folder:
            yield folder
    except (OSError, pl.exceptions.ComputeError) as error:
        raise OutputError(str(directory), _advice(error)) from error


def _files_of_earlier_run(directory: Path) -> list[str]:
    """Return the files that the summary of an earlier run lists: plain names of tables only, whatever it says."""
    try:
        listed = json.loads((directory / "summary.json").read_text(encoding="utf-8"))["files"]
        return [name for name in listed if _TABLE.fullmatch(name)]
    except (OSError, ValueError, KeyError, TypeError):
        return []


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


def write_csv(table: pl.LazyFrame, path: Path) -> None:
    """Write a table as CSV; cells that a spreadsheet would take for formulas are quoted."""
    guarded = cs.string().str.replace(_FORMULA, "'${1}").str.replace_all(_FORMULA_BEHIND_SEPARATOR, "${1}'${2}")
    lists = [_as_json(name) for name, dtype in table.collect_schema().items() if isinstance(dtype, pl.List)]
    table.with_columns(guarded, _TIMES, *lists).sink_csv(path, include_bom=True)


def _as_json(column: str) -> pl.Expr:
    """Encode a column of lists as JSON text: wrap it into a struct, encode that, and cut off the wrapping."""
    wrapped = pl.struct(pl.col(column).alias("")).struct.json_encode()
    return wrapped.str.slice(len('{"":'), wrapped.str.len_chars() - len('{"":}')).alias(column)


_WRITERS: dict[str, Callable[[pl.LazyFrame, Path], None]] = {"parquet": _parquet, "csv": write_csv, "jsonl": _jsonl}
FORMATS = (*_WRITERS, "xlsx")
