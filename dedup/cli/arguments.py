"""Convert command-line options to arguments of the library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dedup.feeds import Limits, read_feeds
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.cli.progress import ProgressBars
    from dedup.feeds import Feeds
    from dedup.settings import Threshold


def reading_arguments(options: Mapping[str, Any]) -> dict[str, Any]:
    """Build the keyword arguments of ``read_feeds`` and ``scan`` that concern reading."""
    limits = {"file_bytes": options["max_bytes"], "items": options["max_items"], "seconds": options["max_seconds"]}
    return {
        **{name: options[name] for name in ("timezone", "strict", "workers")},
        "outlets": options["outlets"] and options["outlets"].names,
        "outlet_timezones": options["outlets"] and options["outlets"].timezones,
        "columns": dict(options["columns"]) or None,
        "limits": Limits(**{name: value for name, value in limits.items() if value is not None}),
    }


def read_paths(options: Mapping[str, Any], bars: ProgressBars) -> Feeds:
    """Read the feeds named on the command line."""
    return read_feeds(
        *options["paths"],
        progress=lambda done, total, _: bars("reading", done, total),
        **reading_arguments(options),
    )


def chosen_threshold(options: Mapping[str, Any]) -> float | Threshold | None:
    """Return the threshold given by --threshold, --precise or --wide, or None.

    Raises:
        click.UsageError: more than one of these options was given.
    """
    given = [name for name in ("threshold", "precise", "wide") if options[name] not in (None, False)]
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(f'--{name}' for name in given)} exclude each other: choose one.")
    if options["threshold"] is not None:
        return float(options["threshold"])
    return "precise" if options["precise"] else "wide" if options["wide"] else None


def index_settings(options: Mapping[str, Any]) -> Settings | None:
    """Build the settings of an index from the options; None keeps those that the index was made with."""
    options = {"threshold": chosen_threshold(options), "window": options["window"]}
    given = {name: value for name, value in options.items() if value is not None}
    return Settings(**given) if given else None
