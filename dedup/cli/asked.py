"""Options as the library takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dedup.feeds import Limits, read_feeds
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.cli.progress import Watch
    from dedup.feeds import Feeds
    from dedup.settings import Threshold


def reading(options: Mapping[str, Any]) -> dict[str, Any]:
    """What the library's reading functions take."""
    asked = {"file_bytes": options["max_bytes"], "items": options["max_items"]}
    return {
        **{name: options[name] for name in ("timezone", "outlets", "strict", "workers")},
        "columns": dict(options["columns"]) or None,
        "limits": Limits(**{name: value for name, value in asked.items() if value is not None}),
    }


def feeds(options: Mapping[str, Any], watch: Watch) -> Feeds:
    """What stands under the paths."""
    return read_feeds(
        *options["paths"], progress=lambda done, total, _: watch("reading", done, total), **reading(options)
    )


def threshold(options: Mapping[str, Any]) -> float | Threshold | None:
    """The one threshold that was asked for, None where none was."""
    asked = [name for name in ("threshold", "precise", "wide") if options[name] not in (None, False)]
    if len(asked) > 1:
        raise click.UsageError(f"{' and '.join(f'--{name}' for name in asked)} exclude each other: choose one.")
    if options["threshold"] is not None:
        return float(options["threshold"])
    return "precise" if options["precise"] else "wide" if options["wide"] else None


def settings_of_index(options: Mapping[str, Any]) -> Settings | None:
    """The settings that an index is asked to have; None is what it was made with."""
    asked = {"threshold": threshold(options), "window": options["window"]}
    given = {name: value for name, value in asked.items() if value is not None}
    return Settings(**given) if given else None
