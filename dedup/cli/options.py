"""What may stand on the command line: the types of values, and options that several commands share."""

from __future__ import annotations

import csv
import glob
import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([mhd])")
_HOURS = {"m": 1 / 60, "h": 1.0, "d": 24.0}
_SIZE = re.compile(r"(\d+)\s*([kmg]?)(i?b)?", re.IGNORECASE)
_FIELDS = ("title", "outlet", "published", "url", "id")


class Span(click.ParamType[float]):
    """A length of time as hours: ``72h``, ``3d``, ``90m``."""

    name = "span"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Hours."""
        if isinstance(value, int | float):
            return float(value)
        match = _SPAN.fullmatch(value.strip())
        if not match or float(match[1]) == 0:
            self.fail(f"{value!r} is no length of time; write it as 72h, 3d or 90m.", param, ctx)
        return float(match[1]) * _HOURS[match[2]]


class Size(click.ParamType[int]):
    """A number of bytes: ``268435456``, ``256M``, ``1G``."""

    name = "size"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Bytes."""
        if isinstance(value, int):
            return value
        match = _SIZE.fullmatch(value.strip())
        if not match or int(match[1]) == 0:
            self.fail(f"{value!r} is no size; write it as 500k, 256M or 1G.", param, ctx)
        return int(match[1]) << 10 * " kmg".index(match[2].lower() or " ")


class Moment(click.ParamType[datetime]):
    """A day or a time of day in UTC, ISO 8601; a day means its start, or with ``ends`` the start of the next."""

    name = "time"

    def __init__(self, *, ends: bool = False) -> None:
        self.ends = ends

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The time, in UTC."""
        if isinstance(value, datetime):
            return value
        try:
            time = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time; write it as 2026-03-04 or 2026-03-04T18:30.", param, ctx)
        whole_day = re.fullmatch(r"[\d-]+", value) is not None
        time = time if time.tzinfo else time.replace(tzinfo=UTC)
        return time.astimezone(UTC) + timedelta(days=1 if whole_day and self.ends else 0)


class FieldColumn(click.ParamType[tuple[str, str]]):
    """``title=COLUMN``: where a table holds a field."""

    name = "field=column"

    def convert(
        self, value: str | tuple[str, str], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """The field and the column."""
        if isinstance(value, tuple):
            return value
        field, equals, column = value.partition("=")
        if not equals or not column or field not in _FIELDS:
            self.fail(f"{value!r} is not FIELD=COLUMN with a FIELD of {', '.join(_FIELDS)}.", param, ctx)
        return field, column


class OutletNames(click.ParamType[dict[str, str]]):
    """A file that maps a host or a feed's title to an outlet's name: two columns of TSV or CSV, or a JSON object."""

    name = "file"

    def convert(
        self, value: str | dict[str, str], param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, str]:
        """Names by host or title."""
        if isinstance(value, dict):
            return value
        try:
            text = Path(value).read_text(encoding="utf-8-sig")
            names = _from_json(text) if text.lstrip().startswith("{") else _from_table(text)
        except OSError as error:
            self.fail(f"{value!r} cannot be read ({error.strerror}).", param, ctx)
        except ValueError as error:
            self.fail(f"{value!r}: {error}.", param, ctx)
        return names


def _from_json(text: str) -> dict[str, str]:
    names = json.loads(text)
    if not all(isinstance(name, str) for name in names.values()):
        raise ValueError("the JSON object must map each host or feed title to a name")
    return dict(names)


def _from_table(text: str) -> dict[str, str]:
    lines = text.splitlines()
    rows = list(csv.reader(lines, delimiter="\t" if "\t" in text else ","))
    names: dict[str, str] = {}
    for number, row in enumerate(rows, 1):
        if row and len(row) != 2:
            raise ValueError(f"line {number} has {len(row)} columns; it needs two, host or feed title, and name")
        names |= {row[0].strip(): row[1].strip()} if row else {}
    return names


def existing(_ctx: click.Context, _param: click.Parameter, paths: tuple[str, ...]) -> tuple[str, ...]:
    """The paths, each of which must be there, be a pattern or be ``-``."""
    for path in paths:
        if path != "-" and not os.path.lexists(path) and not glob.has_magic(path):
            raise click.BadParameter(f"{click.format_filename(path)!r} does not exist.")
    return paths


def examples(*lines: str) -> str:
    """The end of a command's help, each example on a line of its own (what click's marker asks for)."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def share(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Several options as one decorator, in the order given."""

    def decorate(command: Any) -> Any:  # noqa: ANN401 - click decorates functions of any signature
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


FRACTION = click.FloatRange(0, 1)
