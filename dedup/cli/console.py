"""Print rich renderables to stdout."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

_UNWRAPPED = 10_000  # columns: wide enough that no line of a pipe or file is wrapped


def show(render: Callable[[int], RenderableType]) -> None:
    """Print the output of ``render``, which is called with the width in columns.

    On a terminal the output is coloured (unless ``NO_COLOR`` is set) and wrapped to its width. In a pipe or a file it
    is plain text, one table row per line, without trailing spaces; ``COLUMNS`` sets a width there too.
    """
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _UNWRAPPED
    console = Console(highlight=False, markup=False, emoji=False, width=width)
    if console.is_terminal:
        console.print(render(console.width))
        return
    with console.capture() as capture:
        console.print(render(console.width))
    sys.stdout.writelines(line.rstrip() + "\n" for line in capture.get().splitlines())
