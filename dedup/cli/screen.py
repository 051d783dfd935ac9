"""Renderables -> stdout."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

_UNWRAPPED = 10_000  # columns where no reader's screen sets the width


def show(render: Callable[[int], RenderableType]) -> None:
    """Print what ``render`` makes for the width at hand.

    In a terminal: colours (unless ``NO_COLOR`` asks for none) and wrapped to its width. In a pipe or a file: plain
    text, a row a line, without the spaces that fill up a table; ``COLUMNS`` sets a width there too.
    """
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _UNWRAPPED
    console = Console(highlight=False, markup=False, emoji=False, width=width)
    if console.is_terminal:
        console.print(render(console.width))
        return
    with console.capture() as capture:
        console.print(render(console.width))
    sys.stdout.writelines(line.rstrip() + "\n" for line in capture.get().splitlines())
