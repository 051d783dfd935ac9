"""Print rich renderables to stdout."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.segment import Segment, Segments

from dedup.cli.parameter_types import has_bidi_packages
from dedup.report import visual_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

_UNWRAPPED = 10_000  # columns: wide enough that no line of a pipe or file is wrapped


def show(render: Callable[[int], RenderableType], *, bidi: str = "auto", language: str = "en") -> None:
    """Print the output of ``render``, which is called with the width in columns.

    On a terminal the output is coloured (unless ``NO_COLOR`` is set) and wrapped to its width. In a pipe or a file it
    is plain text, one table row per line, without trailing spaces; ``COLUMNS`` sets a width there too.

    Args:
        render: renders the output for a width.
        bidi: ``terminal`` prints characters in the order of the text, ``visual`` in the order in which they are drawn,
            ``auto`` the latter on terminals that are known to need it, if the packages are installed.
        language: language of the output; in Arabic it runs from right to left.
    """
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _UNWRAPPED
    console = Console(highlight=False, markup=False, emoji=False, width=width)
    output = render(console.width)
    if _is_visual(bidi, is_terminal=console.is_terminal):
        lines = [_without_trailing_blanks(line) for line in console.render_lines(output, pad=False)]
        # Unwrapped lines end where the longest one does, not at the edge of a width that nobody sees.
        edge = console.width if width is None else max(map(Segment.get_line_length, lines), default=0)
        ordered = visual_order.reorder(lines, width=edge, rtl=language == "ar")
        output = Segments([part for line in ordered for part in (*line, Segment.line())])
    if console.is_terminal:
        console.print(output, end="")
        return
    with console.capture() as capture:
        console.print(output, end="")
    sys.stdout.writelines(line.rstrip() + "\n" for line in capture.get().splitlines())


def _without_trailing_blanks(line: list[Segment]) -> list[Segment]:
    """Return a line without the blanks at its end: from right to left they would stand at its beginning."""
    while line and not line[-1].text.strip():
        line = line[:-1]
    return line


def _is_visual(bidi: str, *, is_terminal: bool) -> bool:
    """Decide whether lines are printed in visual order."""
    if bidi != "auto":
        return bidi == "visual"
    return is_terminal and visual_order.draws_in_text_order(os.environ) and has_bidi_packages()
