"""Write pairs to label as a table or page, and read the labels back."""

from __future__ import annotations

import json
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from dedup import frames
from dedup.errors import AuditError
from dedup.report.files import write_csv, write_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LABELS = {"1": "copy", "2": "same-news", "3": "related", "4": "different", "0": "unsure"}
"""Labels by the key that sets them; tables may hold either."""

SUFFIXES = (".html", ".csv", ".xlsx")

_SHOWN = ("pair", "left_outlet", "left_published", "left_title", "right_outlet", "right_published", "right_title")
_REQUIRED = ("pair", "label", "score", "weight")
_INSTALL = "pip install xlsxwriter fastexcel, or use a .csv"


def write_pairs(pairs: pl.DataFrame, path: str | Path) -> Path:
    """Write pairs to label, in the format of the suffix: ``.html`` (a page to label in a browser), ``.csv``, ``.xlsx``.

    Args:
        pairs: AUDIT_PAIRS.
        path: file to write.

    Raises:
        AuditError: the suffix is unknown, or a library for it is missing.
        OutputError: the file cannot be written.
    """
    path = Path(path)
    if path.suffix == ".html":
        return write_file(label_page(pairs), path)
    if path.suffix == ".csv":
        write_csv(_ordered_for_labelling(pairs).lazy(), path)
        return path
    if path.suffix == ".xlsx":
        return _write_xlsx(_ordered_for_labelling(pairs), path)
    raise AuditError(f"{path} ends in {path.suffix or 'no suffix'}; write one of {', '.join(SUFFIXES)}")


def label_page(pairs: pl.DataFrame) -> str:
    """Return the page to label pairs in a browser: one file that loads nothing and sends nothing.

    The page shows neither scores nor the tool's decision, so that they do not sway the reader. Labels are kept in the
    browser's local storage until they are exported as a table.

    Args:
        pairs: AUDIT_PAIRS.
    """
    times = (pl.col(f"{side}_published").dt.strftime("%Y-%m-%d %H:%M") for side in ("left", "right"))
    shown = pairs.with_columns(*times).to_dicts()
    data = json.dumps({"key": _sample_key(pairs), "columns": pairs.columns, "pairs": shown}, ensure_ascii=False)
    template = resources("dedup.audit").joinpath("label_page.html").read_text("utf-8")
    # "<" ends no script and U+2028 no string when they are escaped.
    safe = data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return template.replace("/*PAIRS*/null", safe)


def read_labels(*paths: str | Path) -> dict[str, pl.DataFrame]:
    """Read labelled tables, one per labeller.

    Args:
        paths: ``.csv`` or ``.xlsx`` files, as exported by the page or filled in a spreadsheet.

    Returns:
        AUDIT_PAIRS by file name, labels as words (``LABELS``); null where a pair was not labelled.

    Raises:
        AuditError: a file cannot be read, lacks a column, or has an unknown label.
    """
    return {str(path): _read(Path(path)) for path in paths}


def _read(path: Path) -> pl.DataFrame:
    readers: Mapping[str, Callable[[Path], pl.DataFrame]] = {".csv": _read_csv, ".xlsx": _read_xlsx}
    if path.suffix not in readers:
        raise AuditError(f"{path} ends in {path.suffix or 'no suffix'}; labels are read from .csv and .xlsx")
    try:
        table = readers[path.suffix](path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise AuditError(f"{path} cannot be read: {error}") from error
    if missing := [name for name in _REQUIRED if name not in table.columns]:
        raise AuditError(f"{path} has no column {', '.join(missing)}; label the file that dedup audit draw wrote")
    absent = [pl.lit(None, pl.String).alias(name) for name in frames.AUDIT_PAIRS if name not in table.columns]
    table = table.with_columns(*absent)
    text = table["label"].cast(pl.String).str.strip_chars().str.to_lowercase().str.replace(r"\.0$", "").fill_null("")
    label = text.replace_strict(LABELS | {word: word for word in LABELS.values()} | {"": None}, default="?")
    if (unknown := table.filter(label == "?")).height:
        given, pair = unknown["label"][0], unknown["pair"][0]
        accepted = ", ".join(f"{key} {word}" for key, word in LABELS.items())
        raise AuditError(f"{path} has the label {given!r} at pair {pair}; labels are {accepted}, or empty")
    try:
        columns = [_typed(name, dtype) for name, dtype in frames.AUDIT_PAIRS.items()]
        typed = table.with_columns(label=label).select(columns)
    except pl.exceptions.PolarsError as error:
        raise AuditError(f"{path} has changed columns: {error}; label a copy of the drawn file") from error
    if bad := typed.filter(pl.any_horizontal(pl.col("pair", "score", "weight").is_null()))["pair"].to_list():
        raise AuditError(f"{path} lacks pair, score or weight in a row (pair {bad[0]}); label a copy of the drawn file")
    return typed


def _typed(name: str, dtype: pl.DataType) -> pl.Expr:
    """Convert a column as a spreadsheet gives it; times are for reading only and may be lost."""
    column = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        return column.cast(pl.String).str.to_datetime(time_unit="us", time_zone="UTC", strict=False).alias(name)
    if isinstance(dtype, pl.Boolean):
        return column.cast(pl.String).str.to_lowercase().is_in(["true", "1"]).alias(name)
    return column.cast(dtype)


def _read_csv(path: Path) -> pl.DataFrame:
    head = path.read_bytes()[:4096].decode("utf-8-sig", "replace").partition("\n")[0]
    separator = max((",", ";", "\t"), key=head.count)  # spreadsheets of some countries write semicolons
    return pl.read_csv(path, separator=separator, infer_schema=False)


def _read_xlsx(path: Path) -> pl.DataFrame:
    try:
        return pl.read_excel(path, infer_schema_length=None)
    except ImportError as error:
        raise AuditError(f"{path}: reading .xlsx needs the library fastexcel; {_INSTALL}") from error


def _write_xlsx(pairs: pl.DataFrame, path: Path) -> Path:
    try:
        pairs.with_columns(pl.col("left_published", "right_published").dt.replace_time_zone(None)).write_excel(
            path, autofit=True, freeze_panes=(1, 2)
        )
    except ImportError as error:
        raise AuditError(f"{path}: writing .xlsx needs the library xlsxwriter; {_INSTALL}") from error
    return path


def _ordered_for_labelling(pairs: pl.DataFrame) -> pl.DataFrame:
    """Put the columns that a reader needs first."""
    first = ["pair", "label", *(name for name in _SHOWN if name != "pair"), "note"]
    return pairs.select(*first, *(name for name in pairs.columns if name not in first))


def _sample_key(pairs: pl.DataFrame) -> str:
    """Return a name for the browser's storage that differs between samples."""
    return f"dedup-audit-{pairs.select(pl.concat_str('left_id', 'right_id').hash(1)).sum().item() % 10**12}"
