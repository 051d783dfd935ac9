"""Types of option values, validators of arguments, and helpers that define commands."""

from __future__ import annotations

import csv
import glob
import json
import os
import re
from datetime import UTC, datetime, timedelta, tzinfo
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from dedup.errors import SettingError
from dedup.report.zones import find_zone
from dedup.settings import hours

if TYPE_CHECKING:
    from collections.abc import Callable

_SIZE = re.compile(r"(\d+)\s*([kmg]?)(i?b)?", re.IGNORECASE)
BIDI_PACKAGES = ("arabic_reshaper", "bidi")
_FIELDS = ("title", "outlet", "published", "url", "id")


class Span(click.ParamType[float]):
    """A span of time such as ``72h``, ``3d`` or ``90m``, converted to hours."""

    name = "span"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Convert a span to hours."""
        if isinstance(value, int | float):
            return float(value)
        span = hours(value)
        if not span:
            self.fail(f"{value!r} is not a span of time; write it as 72h, 3d or 90m.", param, ctx)
        return span


class Size(click.ParamType[int]):
    """A number of bytes such as ``268435456``, ``256M`` or ``1G``."""

    name = "size"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Convert a size to bytes."""
        if isinstance(value, int):
            return value
        match = _SIZE.fullmatch(value.strip())
        if not match or int(match[1]) == 0:
            self.fail(f"{value!r} is not a size; write it as 500k, 256M or 1G.", param, ctx)
        return int(match[1]) << 10 * " kmg".index(match[2].lower() or " ")


class Moment(click.ParamType[datetime]):
    """A day or time in ISO 8601; a day means its start, or with ``ends`` the start of the next day.

    Times that name no zone are in UTC, or with ``local`` are left without one.
    """

    name = "time"

    def __init__(self, *, ends: bool = False, local: bool = False) -> None:
        self.ends, self.local = ends, local

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Convert a day or time to a time."""
        if isinstance(value, datetime):
            return value
        try:
            time = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a time; write it as 2026-03-04 or 2026-03-04T18:30.", param, ctx)
        whole_day = re.fullmatch(r"[\d-]+", value) is not None
        if time.tzinfo is None and not self.local:
            time = time.replace(tzinfo=UTC)
        return time + timedelta(days=1 if whole_day and self.ends else 0)


class Zone(click.ParamType[tzinfo]):
    """A time zone, by its name or its offset."""

    name = "zone"

    def convert(self, value: str | tzinfo, param: click.Parameter | None, ctx: click.Context | None) -> tzinfo:
        """Look up a time zone."""
        if isinstance(value, tzinfo):
            return value
        try:
            return find_zone(value)
        except SettingError as error:
            self.fail(f"{value!r} is not a time zone; write {error.expected}.", param, ctx)


class FieldColumn(click.ParamType[tuple[str, str]]):
    """A field and the column of a table that holds it, as ``title=COLUMN``."""

    name = "field=column"

    def convert(
        self, value: str | tuple[str, str], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Split an assignment into field and column."""
        if isinstance(value, tuple):
            return value
        field, equals, column = value.partition("=")
        if not equals or not column or field not in _FIELDS:
            self.fail(f"{value!r} is not FIELD=COLUMN with a FIELD of {', '.join(_FIELDS)}.", param, ctx)
        return field, column


class OutletTable(NamedTuple):
    """Names of outlets by host, feed title or other name, and time zones by name."""

    names: dict[str, str]
    timezones: dict[str, str]


class OutletNames(click.ParamType[OutletTable]):
    """A file that maps hosts, feed titles or names to names of outlets and, if wanted, their time zones.

    A TSV or CSV of two columns, or three with the zone, or with a header that names the columns ``outlet``, ``name``
    and perhaps ``timezone`` among others; or a JSON object of names.
    """

    name = "file"

    def convert(
        self, value: str | OutletTable, param: click.Parameter | None, ctx: click.Context | None
    ) -> OutletTable:
        """Read the names by host or title, and the zones by name."""
        if isinstance(value, OutletTable):
            return value
        try:
            text = Path(value).read_text(encoding="utf-8-sig")
            table = _from_json(text) if text.lstrip().startswith("{") else _from_table(text)
        except OSError as error:
            self.fail(f"{value!r} cannot be read ({error.strerror}).", param, ctx)
        except ValueError as error:
            self.fail(f"{value!r}: {error}.", param, ctx)
        return table


def _from_json(text: str) -> OutletTable:
    names = json.loads(text)
    if not all(isinstance(name, str) for name in names.values()):
        raise ValueError("the JSON object must map each host or feed title to a name")
    return OutletTable(dict(names), {})


def _from_table(text: str) -> OutletTable:
    lines = text.splitlines()
    rows = list(csv.reader(lines, delimiter="\t" if "\t" in text else ","))
    table, columns = OutletTable({}, {}), [0, 1, 2]
    for number, row in enumerate(rows, 1):
        cells = [cell.strip() for cell in row]
        if number == 1 and {"outlet", "name"} <= set(cells):
            columns = [cells.index(name) if name in cells else len(cells) for name in ("outlet", "name", "timezone")]
        elif cells:
            if len(cells) < 2 or (len(cells) > 3 and columns == [0, 1, 2]):
                needed = "two, host or feed title, and name, or three with the time zone"
                raise ValueError(f"line {number} has {len(cells)} columns; it needs {needed}")
            outlet, name, timezone = (cells[column] if column < len(cells) else "" for column in columns)
            table.names[outlet] = name
            if timezone:
                _add_timezone(table.timezones, name, timezone, number)
    return table


def _add_timezone(timezones: dict[str, str], name: str, timezone: str, line: int) -> None:
    """Add the zone of an outlet.

    Raises:
        ValueError: the zone is unknown, or the outlet has another one.
    """
    try:
        find_zone(timezone)
    except SettingError as error:
        raise ValueError(f"line {line}: {timezone!r} is not a time zone; write {error.expected}") from None
    if timezones.setdefault(name, timezone) != timezone:
        raise ValueError(f"line {line}: {name!r} has two time zones, {timezones[name]} and {timezone}")


def existing(_ctx: click.Context, _param: click.Parameter, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Return the paths if each exists, is a glob pattern or is ``-``.

    Raises:
        click.BadParameter: a path does not exist.
    """
    for path in paths:
        if path != "-" and not os.path.lexists(path) and not glob.has_magic(path):
            raise click.BadParameter(f"{click.format_filename(path)!r} does not exist.")
    return paths


def has_bidi_packages() -> bool:
    """Return whether the packages that put text into visual order are installed."""
    return all(find_spec(package) for package in BIDI_PACKAGES)


def drawable(_ctx: click.Context, _param: click.Parameter, bidi: str) -> str:
    """Return the value of ``--bidi`` if its packages are installed.

    Raises:
        click.UsageError: visual order needs packages that are not installed.
    """
    if bidi == "visual" and not has_bidi_packages():
        raise click.UsageError('--bidi visual needs two more packages: pip install "headline-dedup[bidi]".')
    return bidi


def examples(*lines: str) -> str:
    """Build the epilog of a command's help: one example per line, marked so that click does not rewrap them."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def share(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Combine several options into one decorator, keeping their order."""

    def decorate(command: Any) -> Any:  # noqa: ANN401 - click decorates functions of any signature
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


FRACTION = click.FloatRange(0, 1)
