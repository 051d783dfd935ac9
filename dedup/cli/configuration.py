"""Read defaults of options from ``dedup.toml`` or ``pyproject.toml`` in the working folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


def read_defaults(commands: click.Group) -> dict[str, Any]:
    """Read the defaults of all commands, in the form of click's ``default_map``.

    A table of the file belongs to the command of its name (``[scan]``, ``[index.add]``); its keys are long options
    without the dashes. ``dedup.toml`` is read if it exists, else ``pyproject.toml``.

    Raises:
        click.UsageError: the file is not TOML, or names a command or an option that does not exist.
    """
    file, table = Path("dedup.toml"), True
    if not file.is_file():
        file, table = Path("pyproject.toml"), False
    if not file.is_file():
        return {}
    import tomllib  # noqa: PLC0415 - most runs have no such file

    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        if not table:
            return {}  # a file of other tools, which they complain about
        raise click.UsageError(f"{file}: not a TOML file ({error}).") from error
    values = values if table else values.get("tool", {}).get("dedup", {})
    return _defaults_of(commands, values, str(file), "")


def _defaults_of(group: click.Group, values: dict[str, Any], file: str, path: str) -> dict[str, Any]:
    defaults: dict[str, Any] = {}
    for name, options in values.items():
        command = group.commands.get(name)
        if command is None or not isinstance(options, dict):
            known = ", ".join(f"[{path}{known}]" for known in group.commands)
            raise click.UsageError(f"{file}: [{path}{name}] is not a table of a command; there are {known}.")
        if isinstance(command, click.Group):
            defaults[name] = _defaults_of(command, options, file, f"{path}{name}.")
        else:
            defaults[name] = _options_of(command, options, f"{file}: [{path}{name}]")
    return defaults


def _options_of(command: click.Command, options: dict[str, Any], where: str) -> dict[str, Any]:
    names = {
        option.removeprefix("--"): parameter.name
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--") and parameter.name
    }
    unknown = [name for name in options if name not in names]
    if unknown:
        raise click.UsageError(f"{where} has no option {unknown[0]!r}; there are {', '.join(names)}.")
    return {names[name]: value for name, value in options.items()}
