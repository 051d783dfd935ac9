"""Import what a command runs, which takes tenths of a second, when it runs."""

from __future__ import annotations

import importlib
from typing import Any

from dedup.core import streams


def load(module: str) -> Any:  # noqa: ANN401 - the functions of a module
    """Import a module of this package; until then Ctrl-C ends the process at once, from then on it cleans up.

    An exception inside an import may be turned into another one, or into a panic of compiled code.
    """
    loaded = importlib.import_module(f"dedup.cli.{module}")
    streams.clean_up_on_signals()
    return loaded
